//! How many nodes a group has: planned as the provider's own call, with what is in the way of nodes that go said first.

mod blockers;
mod cluster_api;
mod discovery;
mod group;
mod look;
#[cfg(test)]
mod tests;

pub(crate) use discovery::Typed;
pub(crate) use look::{Request, report};

use crate::refused::Refused;
use crate::replicas::Planned;
use group::{Place, Size, State};
use serde_json::Value;
use sre_core::node_group::Provider;
use sre_core::plan::{Note, Tier, scale_nodes};

/// What is asked of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) size: i64,
    /// Bounds that are to be moved in the same call.
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// What was seen of a group that a program resizes.
struct Seen<'a> {
    place: &'a Place,
    provider: Provider,
    /// What the probe says, and its arguments.
    answer: (&'a Value, &'a [String]),
    state: &'a State,
    around: &'a Around,
}

/// What was seen around it.
#[derive(Clone, Debug)]
struct Around {
    /// What is in the way of nodes that go, and what may be lost at most; none where none go.
    going: Option<(Vec<Note>, Tier)>,
    /// Pods that have to go elsewhere, and how many of them find no place; none where none go, or nobody knows.
    moving: Option<(usize, usize)>,
    /// Autoscalers of nodes that run in the cluster.
    autoscalers: Vec<String>,
    /// Whether the labels of its nodes tell that eksctl made it.
    is_of_eksctl: bool,
}

/// The step to a size, and what is to be known of it; no step where it has that size.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
fn plan(seen: &Seen<'_>, wanted: &Wanted) -> Result<Planned, Refused> {
    let Seen { place, provider, state, around, .. } = seen;
    let name = &place.group;
    if let Some(status) = &state.busy {
        return Err(Refused::new(
            format!("the group {name} says {status} of itself: another change is under way, or it is in trouble"),
            format!("see it: {}", typed(*provider, &place.asks(*provider))),
        ));
    }
    if state.is_autoscaled {
        return Err(autoscaled(seen, wanted));
    }
    let to = Size { size: wanted.size, bounds: bounds(seen, wanted)? };
    if to == (Size { size: state.size, bounds: state.bounds }) {
        return Ok((Vec::new(), Vec::new()));
    }
    let zones = i64::try_from(state.zones.len()).unwrap_or(1);
    if zones > 1 && wanted.size % zones != 0 {
        let less = wanted.size / zones * zones;
        return Err(Refused::new(
            format!(
                "the pool {name} spans {zones} zones, and has as many nodes in each: {} is no such number",
                wanted.size
            ),
            format!("ask for {less} or {}", less + zones),
        ));
    }
    let is_down = wanted.size < state.size;
    let mut notes = Vec::new();
    let mut tier = Tier::Reversible;
    if is_down {
        let (ways, lost) = around.going.clone().unwrap_or((Vec::new(), Tier::Disruptive));
        notes.extend(ways);
        notes.push(moving(around.moving));
        tier = lost;
    }
    notes.extend(keepers(seen));
    notes.extend(around.autoscalers.iter().map(|it| set_back(it)));
    let why = format!("asked for: {} nodes instead of {}", wanted.size, state.size);
    let runs = group::runs(place, *provider, seen.answer, state, to);
    let step = runs.map(|(run, back)| scale_nodes(name, run, back, tier, why));
    Ok((step.into_iter().collect(), notes))
}

/// A provider refuses a size beyond the bounds, and its program may reset what is not said: all three are said.
fn bounds(seen: &Seen<'_>, wanted: &Wanted) -> Result<Option<(i64, i64)>, Refused> {
    let Some((min, max)) = seen.state.bounds else {
        return match (wanted.min, wanted.max) {
            (None, None) => Ok(None),
            _ => Err(Refused::new(
                format!("the group {} has no bounds that --min and --max could move", seen.place.group),
                "leave them out",
            )),
        };
    };
    let (to_min, to_max) = (wanted.min.unwrap_or(min), wanted.max.unwrap_or(max));
    let retype = |flag: &str| format!("move the bound in the same call: {flag} {}", wanted.size);
    let name = &seen.place.group;
    if wanted.size < to_min {
        return Err(Refused::new(
            format!("the group {name} has at least {to_min} nodes, not {}", wanted.size),
            retype("--min"),
        ));
    }
    if wanted.size > to_max {
        return Err(Refused::new(
            format!("the group {name} has at most {to_max} nodes, not {}", wanted.size),
            retype("--max"),
        ));
    }
    Ok(Some((to_min, to_max)))
}

/// The provider's own autoscaler sets the size: its bounds are what can be moved.
fn autoscaled(seen: &Seen<'_>, wanted: &Wanted) -> Refused {
    let bounds = (wanted.min.unwrap_or(wanted.size), wanted.max.unwrap_or(wanted.size));
    let command = seen.place.moves_bounds(seen.provider, bounds).unwrap_or_default();
    let now = seen.state.bounds.map_or_else(String::new, |(min, max)| format!(" between {min} and {max}"));
    Refused::new(
        format!(
            "the provider's autoscaler sets the size of the group {}{now}: it would set {} back",
            seen.place.group, wanted.size
        ),
        format!("move its bounds instead: {command}"),
    )
}

fn typed(provider: Provider, arguments: &[String]) -> String {
    group::program(provider).map_or_else(String::new, |program| program.typed(arguments))
}

fn moving(moving: Option<(usize, usize)>) -> Note {
    match moving {
        None => {
            Note::warning("pods and nodes cannot be read: whether what runs there fits on the other nodes is not known")
        }
        Some((pods, 0)) => {
            Note::remark(format!("the {pods} pods of the fullest nodes that may go fit on the other nodes"))
        }
        Some((pods, homeless)) => Note::warning(format!(
            "of the {pods} pods of the fullest nodes that may go, {homeless} find no place on the other nodes"
        )),
    }
}

/// Whoever keeps the group as a source elsewhere says.
fn keepers(seen: &Seen<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
    let tags = &seen.state.tags;
    if let Some((key, value)) = tags.iter().find(|(key, value)| holds(key, "terraform") || holds(value, "terraform")) {
        notes.push(Note::warning(format!(
            "Terraform keeps the group, by its tag {key}={value}: its next apply sets the size back unless that is ignored there"
        )));
    } else if seen.provider == Provider::Eksctl {
        notes.push(Note::remark("eksctl shows no tags: whether Terraform keeps the group too is not known"));
    } else {
        notes.push(Note::remark("no tag tells that Terraform keeps the group, which need not mean that it does not"));
    }
    let made_by_eksctl = seen.around.is_of_eksctl || tags.iter().any(|(key, _)| holds(key, "eksctl"));
    if made_by_eksctl {
        let file = "eksctl made the group: its configuration file, where there is one, says another size then";
        notes.push(Note::remark(file));
    }
    notes
}

fn set_back(autoscaler: &str) -> Note {
    Note::warning(format!(
        "{autoscaler} runs here: nodes of groups that it knows come and go by its own reckoning, within the bounds of the group"
    ))
}
