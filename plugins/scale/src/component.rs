//! What the profile says of the component that a workload belongs to.

use crate::hpa;
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::plan::Note;
use sre_core::profile::{Component, Profile, Scaler};

/// What is about to set the size of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The number of replicas, by hand.
    Replicas,
    /// What a container asks for, by hand.
    Resources,
    /// An autoscaler.
    Scaler(Scaler),
}

/// Says it when the profile names another scaler than the one that a command is about.
pub(crate) fn note(component: Option<&Component>, by: By) -> Option<Note> {
    let component = component?;
    let named = component.scaler?;
    let so = match (by, named) {
        (By::Replicas, Scaler::Vertical | Scaler::Manual)
        | (By::Resources, Scaler::Horizontal | Scaler::Manual | Scaler::Keda) => {
            return None;
        }
        (By::Scaler(scaler), named) if scaler == named => return None,
        (By::Replicas | By::Resources, _) => "what is set by hand lasts until that changes it",
        (By::Scaler(_), Scaler::Manual) => "people are to set its size",
        (By::Scaler(_), _) => "this one is another",
    };
    Some(Note::warning(format!("the profile names {} as the scaler of {}: {so}", named.name(), component.name)))
}

/// The part of a system that a workload belongs to, if the profile names it.
pub(crate) fn of<'p>(profile: &'p Profile, workload: &ObjectRef) -> Option<&'p Component> {
    profile.components.iter().find(|it| it.holds(workload))
}

/// What is asked of a horizontal autoscaler, a new one with the targets of the profile where none are asked for; and what
/// is to be known of the others. What is there already stays as it is.
pub(crate) fn with_targets(
    wanted: &hpa::Wanted,
    autoscaler: &Value,
    component: Option<&Component>,
) -> (hpa::Wanted, Vec<Note>) {
    let (mut wanted, mut notes) = (wanted.clone(), Vec::new());
    for (resource, percent) in component.into_iter().flat_map(|it| &it.targets) {
        if wanted.utilisation.iter().any(|(name, _)| name == resource) {
            continue;
        }
        match target_of(autoscaler, resource) {
            Some(set) if set == i64::from(*percent) => {}
            Some(set) => notes.push(Note::remark(format!(
                "the profile says {percent}% of {resource}, and it has {set}%: --{resource} {percent} sets that"
            ))),
            None if autoscaler.pointer("/metadata/uid").is_some() => notes.push(Note::remark(format!(
                "the profile says {percent}% of {resource}, and it has no target of it: --{resource} {percent} sets one"
            ))),
            None => {
                wanted.utilisation.push((resource, *percent));
                notes.push(Note::remark(format!("the target of {percent}% of {resource} is the profile's")));
            }
        }
    }
    (wanted, notes)
}

fn target_of(autoscaler: &Value, resource: &str) -> Option<i64> {
    let metrics = autoscaler.pointer("/spec/metrics")?.as_array()?;
    let own = metrics.iter().find(|it| it["type"] == "Resource" && it["resource"]["name"] == resource)?;
    Some(own["resource"]["target"]["averageUtilization"].as_i64().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn profile(scaler: &str) -> Profile {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: web\n  \
             workloads: [Deployment/shop/web*]\n  scaler: {scaler}\n  targets: {{cpu: 75, memory: 85}}\n"
        );
        Profile::parse(&text, &[]).expect("a profile")
    }

    #[test]
    fn another_scaler_than_the_one_that_the_profile_names_is_told_of() {
        let web = ObjectRef::namespaced("Deployment", "shop", "web-a");
        let said = |scaler: &str, by: By| note(of(&profile(scaler), &web), by).map(|it| it.text);
        for (scaler, by) in [
            ("hpa", By::Scaler(Scaler::Horizontal)),
            ("manual", By::Replicas),
            ("vpa", By::Replicas),
            ("hpa", By::Resources),
        ] {
            assert_eq!(said(scaler, by), None, "{scaler} {by:?}");
        }
        let by_hand = said("hpa", By::Replicas).expect("a note");
        assert!(by_hand.starts_with("the profile names hpa as the scaler of web: what is set by hand"), "{by_hand}");
        assert!(
            said("manual", By::Scaler(Scaler::Horizontal)).expect("a note").ends_with("people are to set its size")
        );
        assert!(said("vpa", By::Resources).is_some() && said("keda", By::Scaler(Scaler::Vertical)).is_some());
        let other = ObjectRef::namespaced("Deployment", "shop", "api");
        assert_eq!(note(of(&profile("hpa"), &other), By::Replicas), None);
    }

    #[test]
    fn targets_come_from_the_profile_where_there_are_none() {
        let web = ObjectRef::namespaced("Deployment", "shop", "web");
        let profile = profile("hpa");
        let target = |percent: u16| json!({"type": "Utilization", "averageUtilization": percent});
        let cpu = json!([{"type": "Resource", "resource": {"name": "cpu", "target": target(60)}}]);
        let there = json!({"metadata": {"uid": "u"}, "spec": {"metrics": cpu}});
        let (wanted, notes) = with_targets(&hpa::Wanted::default(), &there, of(&profile, &web));
        let said: Vec<&str> = notes.iter().map(|it| it.text.as_str()).collect();
        let expected = [
            "the profile says 75% of cpu, and it has 60%: --cpu 75 sets that",
            "the profile says 85% of memory, and it has no target of it: --memory 85 sets one",
        ];
        assert_eq!((wanted, said), (hpa::Wanted::default(), expected.to_vec()));
        let (wanted, _) = with_targets(&hpa::Wanted::default(), &json!({}), of(&profile, &web));
        assert_eq!(wanted.utilisation, [("cpu", 75), ("memory", 85)]);
        let asked = hpa::Wanted { utilisation: vec![("cpu", 90), ("memory", 90)], ..hpa::Wanted::default() };
        assert_eq!(with_targets(&asked, &json!({}), of(&profile, &web)), (asked.clone(), Vec::new()));
    }
}
