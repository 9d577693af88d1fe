//! A custom kind is not served, or holds objects of a version that is not served any more.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{ConditionFacts, CustomResourceDefinition, Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-14",
    title: "a custom kind is not accepted, or was stored in a version that is not served any more",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::CustomResourceDefinition)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// The API server accepts and serves a new kind within seconds.
const SERVED_WITHIN_MINUTES: i64 = 1;

fn run(view: &View<'_>) -> Vec<Finding> {
    let staying = view.all::<CustomResourceDefinition>().iter().filter(|it| it.metadata.deletion_timestamp.is_none());
    staying.filter_map(|definition| refused(definition, view).or_else(|| outdated(definition))).collect()
}

fn refused(definition: &CustomResourceDefinition, view: &View<'_>) -> Option<Finding> {
    let bad = ["NamesAccepted", "Established"].iter().find_map(|kind| {
        condition_of(&definition.status.conditions, kind).filter(|condition| condition.status == "False")
    })?;
    let since = bad.since().or_else(|| definition.metadata.creation_timestamp.at());
    if !view.is_older_than_minutes(since, SERVED_WITHIN_MINUTES) {
        return None;
    }
    let (object, name) = (definition.reference(), &definition.metadata.name);
    let title = match bad.kind() {
        "NamesAccepted" => format!("the kind {name} is not served: its names are taken by another one"),
        _ => format!("the kind {name} is not served"),
    };
    let finding = Finding::new("CTL-14", Severity::Warning, object.clone(), title)
        .evidence(&object, format!("status.conditions[{}]", bad.kind()), format!("{}: {}", bad.reason(), bad.message()))
        .since(since);
    Some(finding.look(format!("kubectl get customresourcedefinition {name} -o yaml")))
}

/// Objects may still be stored in a version that nobody may ask for: the next version of the operator drops it, and
/// the API server refuses that while it is listed.
fn outdated(definition: &CustomResourceDefinition) -> Option<Finding> {
    let is_served = |name: &String| {
        definition.spec.versions.iter().any(|version| version.name == *name && (version.served || version.storage))
    };
    let unserved: Vec<&str> =
        definition.status.stored_versions.iter().filter(|name| !is_served(name)).map(String::as_str).collect();
    if unserved.is_empty() {
        return None;
    }
    let (object, name) = (definition.reference(), &definition.metadata.name);
    let title = format!(
        "objects of {name} may be stored in {}, which is not served any more: they were never migrated",
        unserved.join(", ")
    );
    let finding = Finding::new("CTL-14", Severity::Info, object.clone(), title).risk().evidence(
        &object,
        "status.storedVersions",
        definition.status.stored_versions.join(", "),
    );
    Some(finding.look(format!("kubectl get customresourcedefinition {name} -o yaml")))
}

const PAGE: &str = "\
A CustomResourceDefinition is there, and the API server does not serve its kind: another kind of the
group has taken one of its names, or its schema was refused. What uses the kind fails as if it were not
installed. Or objects may still be stored in a version that is not served any more (told as info): the
next upgrade of the operator, which drops that version, will be refused until they are migrated.

Looked at: the conditions NamesAccepted and Established after the first minute; status.storedVersions
against the versions that are served.

What to do: read the condition; to migrate, write every object once and then shorten storedVersions:
  kubectl get customresourcedefinition NAME -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "CustomResourceDefinition";
    const TAKEN: &str = "copies.fault-ctl-14.example.com";
    const FIRST: &str = "things.fault-ctl-14.example.com";

    fn settled() -> Scenario {
        Scenario::captured("CTL-14").later(2)
    }

    #[test]
    fn the_kind_whose_names_are_taken_is_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (TAKEN, Severity::Warning));
        assert!(findings[0].evidence[0].value.contains("is already in use"), "{:?}", findings[0].evidence);
    }

    #[test]
    fn a_new_kind_has_its_minute() {
        let now = Scenario::captured("CTL-14").snapshot().taken_at.to_string();
        let conditions = json!([{"type": "NamesAccepted", "status": "False", "lastTransitionTime": now}]);
        let fresh = Scenario::captured("CTL-14").set(KIND, TAKEN, "/status/conditions", conditions);
        assert_eq!(fresh.judge(&CHECK), []);
    }

    #[test]
    fn a_kind_that_is_accepted_is_not_meant() {
        assert_eq!(settled().without(KIND, TAKEN).judge(&CHECK), []);
    }

    #[test]
    fn a_version_that_was_never_migrated_is_told_as_info() {
        let stored =
            settled().without(KIND, TAKEN).set(KIND, FIRST, "/status/storedVersions", json!(["v1alpha1", "v1"]));
        let findings = stored.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Info));
        assert!(findings[0].title.contains("may be stored in v1alpha1"), "{}", findings[0].title);
    }

    #[test]
    fn kinds_that_could_not_be_listed_leave_it_undecided() {
        let gap = settled().gap(Sight::Of(Kind::CustomResourceDefinition), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
