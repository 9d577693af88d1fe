//! The objects of a custom kind cannot be converted, or the kind cannot go.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{ConditionFacts, CustomResourceDefinition, Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-17",
    title: "objects of a custom kind cannot be converted, or the kind cannot go",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::CustomResourceDefinition)],
    relies_on: &[Sight::Of(Kind::Service), Sight::Of(Kind::EndpointSlice)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    page: PAGE,
    run,
};

/// The API server deletes all objects of a kind before the kind itself.
const GONE_WITHIN_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let definitions = view.all::<CustomResourceDefinition>();
    let unconverted = definitions.iter().filter_map(|definition| unconverted(definition, view));
    let staying = definitions.iter().filter_map(|definition| staying(definition, view));
    unconverted.chain(staying).collect()
}

fn unconverted(definition: &CustomResourceDefinition, view: &View<'_>) -> Option<Finding> {
    let to = definition.converter().filter(|_| is_of_several(definition))?;
    let backing = view.backing(&to.namespace, &to.name, to.port);
    let trouble = backing.trouble()?;
    // Pods that may just be starting are given their time.
    view.absence_behind(&to.namespace, &to.name, backing)?;
    let (object, name) = (definition.reference(), &definition.metadata.name);
    let at = format!("{}/{}", to.namespace, to.name);
    let title = format!("objects of {name} cannot be converted between versions: Service {at} {trouble}");
    let finding = Finding::new("GAP-17", Severity::Warning, object.clone(), title)
        .part("conversion")
        .evidence(&object, "spec.conversion.webhook.clientConfig.service", &*at)
        .evidence(&ObjectRef::namespaced("Service", &to.namespace, &to.name), "endpoints", trouble)
        .look(format!("kubectl get customresourcedefinition {name} -o yaml"))
        .look(format!("kubectl get pods,endpointslices -n {}", to.namespace));
    Some(Finding { role: backing.role(), ..finding })
}

/// Where there is one version, nothing is ever converted.
fn is_of_several(definition: &CustomResourceDefinition) -> bool {
    let served = definition.spec.versions.iter().filter(|version| version.served || version.storage);
    let names: std::collections::BTreeSet<&str> = served
        .map(|version| version.name.as_str())
        .chain(definition.status.stored_versions.iter().map(String::as_str))
        .collect();
    names.len() > 1
}

fn staying(definition: &CustomResourceDefinition, view: &View<'_>) -> Option<Finding> {
    let deleted = definition.metadata.deletion_timestamp.as_ref().and_then(|time| time.at());
    if !view.is_older_than_minutes(deleted, GONE_WITHIN_MINUTES) {
        return None;
    }
    let (object, name) = (definition.reference(), &definition.metadata.name);
    let plural = format!("{}.{}", definition.spec.names.plural, definition.spec.group);
    let title = format!("the kind {name} is being deleted and cannot go: objects of it are left");
    let finding = Finding::new("GAP-17", Severity::Warning, object.clone(), title).part("deletion").evidence(
        &object,
        "metadata.deletionTimestamp",
        deleted.map(|time| time.to_string()).unwrap_or_default(),
    );
    let finding = match condition_of(&definition.status.conditions, "Terminating") {
        Some(condition) => {
            let said = format!("{}: {}", condition.reason(), condition.message());
            finding.evidence(&object, "status.conditions[Terminating]", said)
        }
        None => finding,
    };
    let finding = finding.since(deleted).look(format!("kubectl get {plural} -A"));
    Some(finding.look(format!("kubectl get customresourcedefinition {name} -o yaml")))
}

const PAGE: &str = "\
A CustomResourceDefinition has several versions and a webhook that converts between them, and nobody
answers at its Service: objects cannot be read or written in the versions in which they are not
stored; controllers, garbage collection and the deletion of namespaces stumble over that. Or a kind is
being deleted, and objects of it are held by finalizers whose controller may be gone already.

Looked at: spec.conversion, the Services and EndpointSlices; the deletion time, from the sixth minute
on, with the condition Terminating.

What to do: bring the operator back that serves the webhook, or that removes the finalizers:
  kubectl get customresourcedefinition NAME -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "CustomResourceDefinition";
    const CONVERTED: &str = "orders.fault-gap-17.example.com";
    const HELD: &str = "helds.fault-gap-17.example.com";

    #[test]
    fn the_kind_and_the_service_without_pods_are_named() {
        let findings = Scenario::captured("GAP-17").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (CONVERTED, Severity::Warning));
        assert!(findings[0].title.ends_with("Service fault-gap-17/orders does not exist"), "{}", findings[0].title);
    }

    #[test]
    fn a_kind_that_cannot_go_is_told_from_the_sixth_minute_on() {
        let findings = Scenario::captured("GAP-17").later(6).judge(&CHECK);
        let held = findings.iter().find(|it| it.part == "deletion").unwrap();
        assert_eq!(held.object.name, HELD);
        assert_eq!(held.remedies[0].command, format!("kubectl get {HELD} -A"));
        assert!(held.evidence[1].value.starts_with("InstanceDeletion"), "{:?}", held.evidence);
    }

    #[test]
    fn a_kind_of_one_version_is_never_converted() {
        let one = json!([{"name": "v1", "served": true, "storage": true}]);
        assert_eq!(Scenario::captured("GAP-17").set(KIND, CONVERTED, "/spec/versions", one).judge(&CHECK), []);
    }

    #[test]
    fn a_kind_without_a_webhook_is_not_meant() {
        let none = Scenario::captured("GAP-17").set(KIND, CONVERTED, "/spec/conversion/strategy", "None");
        assert_eq!(none.judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-17").gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
