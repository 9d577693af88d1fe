//! The pod whose memory is meant, and the container in it.

use crate::pods;
use serde_json::Value;
use sre_core::finding::aimed;
use sre_core::profile::{Heap, Profile};
use sre_runtime::change::Acting;
use sre_runtime::error::Error;

pub(super) fn says_not_how(profile: &Profile, kind: &str, name: &str) -> Error {
    let with: Vec<&str> = profile.components.iter().filter(|it| it.heap.is_some()).map(|it| it.name.as_str()).collect();
    let known = match with.is_empty() {
        true => "no component of a profile says how a heap dump is made".to_owned(),
        false => format!("only these components say how a heap dump is made: {}", with.join(", ")),
    };
    Error::Usage {
        message: format!("how the memory of {kind} {name} is written to a file is not known: {known}"),
        hint: "write components[].heap into the profile (docs/profile.md), and name it with --profile".to_owned(),
    }
}

/// The pod that is meant, and its container.
pub(super) fn one_of<'p>(
    acting: &Acting,
    all: &'p [Value],
    heap: &Heap,
    (kind, namespace, name): (&str, &str, &str),
) -> Result<(&'p Value, String), Error> {
    let runs = |pod: &'p Value| Some((pod, pods::running_container(pod, heap.container.as_deref())?.to_owned()));
    let mut running: Vec<(&Value, String)> = all.iter().filter_map(runs).collect();
    match (running.pop(), running.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(Error::Refused {
            why: format!("{kind} {name} has no container that runs, of which there is memory to write"),
            hint: aimed(
                &format!("kubectl sre incident triage {}/{name} -n {namespace}", kind.to_lowercase()),
                acting.reach(),
            ),
        }),
        (Some(last), false) => {
            running.push(last);
            let mut names: Vec<&str> = running.iter().map(|(pod, _)| pods::text(pod, "/metadata/name")).collect();
            names.sort_unstable();
            Err(Error::Usage {
                message: format!("{} pods of {kind} {name} run; of which one?", names.len()),
                hint: format!("name one: --heap pod/NAME ({})", names.join(", ")),
            })
        }
    }
}
