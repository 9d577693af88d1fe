//! StatefulSets whose pods are members of one cluster, as the profile says: well before the next comes or goes, and let
//! go before they go.

use super::{Planned, Seen, Span, stateful};
use crate::refused::Refused;
use sre_core::finding::{aimed, quoted};
use sre_core::plan::{Health, MemberCheck, Note, Step, Undo};
use sre_core::profile::{Component, Leaving, Members, Pods};

/// What is asked before anything is done: well must be what is there, and whoever goes let go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) health: Vec<MemberCheck>,
    pub(crate) leaving: Vec<Leaving>,
}

/// What was planned, with what the pods must say between its steps, and what they are asked first.
///
/// # Errors
/// Refuses fewer members than there must be.
pub(crate) fn guarded(
    seen: &Seen<'_>,
    wanted: i64,
    component: Option<&Component>,
    (mut steps, mut notes): Planned,
) -> Result<(Planned, Asked), Refused> {
    let named = component.and_then(|it| Some((it, it.members.as_ref()?)));
    let Some((component, members)) = named.filter(|_| !steps.is_empty()) else {
        return Ok(((steps, notes), Asked::default()));
    };
    let span = Span { now: seen.now(), wanted };
    if !stateful::is_stateful(seen) {
        notes.push(Note::warning(format!(
            "only members of a StatefulSet are asked how they are: those of {} are not",
            seen.named()
        )));
        return Ok(((steps, notes), Asked::default()));
    }
    refuse_too_few(seen, span, component, members)?;
    let pods = Pods { namespace: seen.namespace(), name: seen.name(), start: stateful::start(seen) };
    for step in &mut steps {
        guard(step, &pods, members, span.wanted);
    }
    if !stateful::is_ordered(seen) {
        notes.push(Note::warning("as they start or end at once, members are asked only before and after all of it"));
    }
    if !members.must_be_let_go() && span.more() < 0 {
        notes.push(Note::remark("the profile says nothing of what must be so before a member goes"));
    }
    let leaving = (span.wanted + 1..=span.now).rev().flat_map(|count| members.leaving(&pods, count)).collect();
    let remaining = if span.more() < 0 && members.must_be_let_go() { span.wanted } else { span.now };
    Ok(((steps, notes), Asked { health: members.health(&pods, remaining), leaving }))
}

fn refuse_too_few(seen: &Seen<'_>, span: Span, component: &Component, members: &Members) -> Result<(), Refused> {
    let minimum = i64::from(members.minimum);
    if span.more() > 0 || span.wanted >= minimum {
        return Ok(());
    }
    let hint = format!(
        "kubectl sre scale {}/{} --replicas {minimum} -n {} --dry-run",
        seen.kind().to_lowercase(),
        seen.name(),
        seen.namespace()
    );
    let hint =
        if span.now > minimum { format!("the fewest: {hint}") } else { "change the profile if it is wrong".to_owned() };
    Err(Refused::new(
        format!(
            "{} must never have fewer than {minimum} members, as the profile says of {}",
            seen.named(),
            component.name
        ),
        hint,
    ))
}

/// Adds to a step what must be said once it is done, and once it is taken back.
fn guard(step: &mut Step, pods: &Pods<'_>, members: &Members, wanted: i64) {
    let counts = step.call.fields().first().map(|it| (count(it.before.as_ref()), count(it.after.as_ref())));
    let Some((Some(before), Some(after))) = counts else { return };
    // Whoever is to go has been let go before the first step: those that stay are all that there is.
    let remaining = if after < before && members.must_be_let_go() { wanted } else { after };
    let mut next = members.health(pods, remaining);
    if after < before && after > wanted {
        // The one that goes next has to be let go, too.
        next.extend(members.leaving(pods, after).into_iter().map(|it| it.check));
    }
    let health = Health { after: next, back: members.health(pods, before) };
    if after > before && members.must_be_let_go() {
        step.undo = Undo::None {
            why: format!(
                "members that joined are let go first: kubectl sre scale statefulset/{} --replicas {before} -n {}",
                pods.name, pods.namespace
            ),
        };
    }
    step.health = (health != Health::default()).then(|| Box::new(health));
}

fn count(value: Option<&serde_json::Value>) -> Option<i64> {
    value?.as_i64()
}

/// What a refusal says of a pod that is not well, or could not be asked.
pub(crate) fn unwell(why: &str, check: &MemberCheck, reach: &[String]) -> Refused {
    Refused::new(
        format!("a member is not well, and none is added or taken away while that is so: {why}"),
        format!("look there: {}", aimed(&typed(check), reach)),
    )
}

/// What a refusal says of pods that are to go and are not let go yet; every one with why.
pub(crate) fn held(unmet: &[(String, &Leaving)], reach: &[String]) -> Refused {
    let why: Vec<&str> = unmet.iter().map(|(why, _)| why.as_str()).collect();
    let mut first: Vec<String> = Vec::new();
    for command in unmet.iter().filter_map(|(_, leaving)| leaving.first.as_ref()) {
        let command = if command.starts_with("kubectl ") { aimed(command, reach) } else { command.clone() };
        if !first.contains(&command) {
            first.push(command);
        }
    }
    let hint = match unmet.first() {
        Some((_, leaving)) if first.is_empty() => {
            format!("take it out of its cluster first; look there: {}", aimed(&typed(&leaving.check), reach))
        }
        _ => format!("type first: {}", first.join("; ")),
    };
    Refused::new(format!("a member must be let go before it goes: {}", why.join("; ")), hint)
}

/// The same with kubectl.
fn typed(check: &MemberCheck) -> String {
    let command = &check.command;
    let container = command.container.as_ref().map_or(String::new(), |name| format!(" -c {}", quoted(name)));
    format!("kubectl exec {} -n {}{container} -- {}", command.pod, command.namespace, command.shown())
}
