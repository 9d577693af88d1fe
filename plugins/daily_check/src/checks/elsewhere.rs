//! Checks whose objects stand in namespaces that were not looked into, with `-n` or in files: that they find nothing
//! proves nothing, so that they have not passed.

use super::{control_plane, nodes, services};
use sre_core::check::{Check, Outcome, Sight};
use sre_core::slim::{APIService, ConditionFacts, CustomResourceDefinition, Kind, condition_of};
use sre_core::view::{Backing, View};

/// A check, and what it would have wanted to see, where that was not looked at.
type Elsewhere = (&'static Check, Sight, fn(&View<'_>) -> bool);

const ELSEWHERE: [Elsewhere; 12] = [
    (&control_plane::leader_is_gone::CHECK, Sight::Of(Kind::Lease), |view| !view.knows(Kind::Lease, "kube-system")),
    (&nodes::heartbeat_has_stopped::CHECK, Sight::Of(Kind::Lease), |view| {
        !view.knows(Kind::Lease, nodes::heartbeat_has_stopped::HEARTBEATS)
    }),
    (&services::cluster_dns_does_not_answer::CHECK, Sight::Of(Kind::Service), |view| {
        !view.knows(Kind::Service, "kube-system")
    }),
    (&control_plane::webhook_has_no_backend::CHECK, Sight::Of(Kind::Service), calls_out_of_sight),
    (&control_plane::api_has_no_backend::CHECK, Sight::Of(Kind::Service), is_served_out_of_sight),
    (&control_plane::webhook_hangs_on_one_pod::CHECK, Sight::Of(Kind::Service), calls_out_of_sight),
    (&control_plane::custom_objects_are_out_of_reach::CHECK, Sight::Of(Kind::Service), is_converted_out_of_sight),
    (&nodes::system_runs_out_of_memory::CHECK, Sight::Of(Kind::Event), has_no_events_about_nodes),
    (&nodes::kubelet_cannot_clear_away::CHECK, Sight::Of(Kind::Event), has_no_events_about_nodes),
    (&nodes::no_room_for_the_largest_node::CHECK, Sight::Of(Kind::Pod), |view| {
        !nodes::no_room_for_the_largest_node::is_in_sight(view)
    }),
    // Files do not hold what the server says of itself, neither its health nor its version.
    (&nodes::kubelet_is_out_of_step::CHECK, Sight::Readyz, has_no_version),
    (&control_plane::version_is_out_of_support::CHECK, Sight::Readyz, has_no_version),
];

/// Takes the checks that found nothing for want of looking from those that have passed.
pub fn set_apart(outcome: &mut Outcome, view: &View<'_>) {
    for (check, sight, is_elsewhere) in ELSEWHERE {
        let Some(place) = outcome.passed.iter().position(|id| *id == check.id) else { continue };
        if is_elsewhere(view) {
            outcome.passed.remove(place);
            outcome.skipped.push((check.id, sight));
        }
    }
}

fn is_converted_out_of_sight(view: &View<'_>) -> bool {
    let mut converting = view.all::<CustomResourceDefinition>().iter().filter_map(CustomResourceDefinition::converter);
    converting.any(|service| view.backing(&service.namespace, &service.name, service.port) == Backing::Unseen)
}

fn has_no_events_about_nodes(view: &View<'_>) -> bool {
    !view.knows(Kind::Event, nodes::EVENTS)
}

fn has_no_version(view: &View<'_>) -> bool {
    view.snapshot.origin.server_version.is_none()
}

fn calls_out_of_sight(view: &View<'_>) -> bool {
    let mut called = view.webhooks().filter_map(|hook| hook.client.service.as_ref());
    called.any(|to| view.backing(&to.namespace, &to.name, to.port) == Backing::Unseen)
}

/// Who serves an API that answers is no question.
fn is_served_out_of_sight(view: &View<'_>) -> bool {
    let is_down = |api: &&APIService| {
        condition_of(&api.status.conditions, "Available").is_some_and(|available| available.status() == "False")
    };
    let mut serving = view.all::<APIService>().iter().filter(is_down).filter_map(|api| api.spec.service.as_ref());
    serving.any(|service| view.backing(&service.namespace, &service.name, service.port) == Backing::Unseen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::check::judge;
    use sre_core::snapshot::NamespaceScope;
    use sre_testkit::Scenario;

    /// Which of passed and skipped a check is, when one namespace or all were looked into.
    fn fate(check: &Check, scenario: &Scenario, namespaces: NamespaceScope) -> (bool, bool) {
        let mut snapshot = scenario.snapshot();
        snapshot.namespaces = namespaces;
        let view = View::new(&snapshot);
        let mut outcome = judge(&[check], &view);
        set_apart(&mut outcome, &view);
        (outcome.passed.contains(&check.id), outcome.skipped.iter().any(|(id, _)| *id == check.id))
    }

    #[test]
    fn what_stands_in_a_system_namespace_has_not_passed_with_another_one() {
        for (check, ..) in &ELSEWHERE[..3] {
            let well = Scenario::captured("NET-33").without("EndpointSlice", "").without("Service", "");
            let well = well.with(serde_json::json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}
            }));
            let well = well.with(serde_json::json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": {"name": "web", "namespace": "shop"}
            }));
            let shop = NamespaceScope::One("shop".to_owned());
            assert_eq!(fate(check, &well, NamespaceScope::All), (true, false), "{}", check.id);
            assert_eq!(fate(check, &well, shop), (false, true), "{}", check.id);
        }
    }

    #[test]
    fn webhooks_and_apis_that_are_served_elsewhere_have_not_passed() {
        for (check, ..) in &ELSEWHERE[3..5] {
            let scenario = Scenario::captured(check.id).without("Service", "");
            let shop = NamespaceScope::One("shop".to_owned());
            assert_eq!(fate(check, &scenario, NamespaceScope::All), (false, false), "{} is found", check.id);
            assert_eq!(fate(check, &scenario, shop), (false, true), "{}", check.id);
        }
    }

    #[test]
    fn what_pods_of_another_namespace_serve_has_not_passed() {
        let hooks = Scenario::captured("GAP-16").without("EndpointSlice", "").without("Service", "");
        for ((check, ..), unseen) in ELSEWHERE[5..7].iter().zip([hooks, Scenario::captured("GAP-17")]) {
            let shop = NamespaceScope::One("shop".to_owned());
            assert_eq!(fate(check, &Scenario::captured(check.id), NamespaceScope::All), (false, false), "{}", check.id);
            assert_eq!(fate(check, &unseen, shop), (false, true), "{}", check.id);
        }
    }

    #[test]
    fn what_needs_all_namespaces_has_not_passed_with_one() {
        for (check, ..) in &ELSEWHERE[7..10] {
            let quiet = Scenario::captured("NOD-05").with(serde_json::json!({
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"},
                "involvedObject": {"kind": "Node", "name": "a"}, "reason": "Starting"
            }));
            let shop = NamespaceScope::One("shop".to_owned());
            assert_eq!(fate(check, &quiet, NamespaceScope::All), (true, false), "{}", check.id);
            assert_eq!(fate(check, &quiet, shop), (false, true), "{}", check.id);
        }
    }

    #[test]
    fn what_needs_the_version_of_a_server_has_not_passed_without() {
        for (check, ..) in &ELSEWHERE[10..] {
            let files = Scenario::captured("NOD-05");
            assert_eq!(fate(check, &files, NamespaceScope::All), (false, true), "{}", check.id);
            let served = files.served_by("v1.36.4");
            assert_eq!(fate(check, &served, NamespaceScope::All), (true, false), "{}", check.id);
        }
    }
}
