//! A route hangs on no Gateway, or sends to what does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::condition::Condition;
use sre_core::slim::custom::gateway::{Gateway, HTTPRoute, ParentReference};
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-23",
    title: "an HTTPRoute hangs on no Gateway, or sends to what does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::HTTPRoute)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Gateway)],
    page: PAGE,
    run: |view| view.all::<HTTPRoute>().iter().filter_map(|route| judge(route, view)).collect(),
};

/// How long a controller may take to follow a change.
const PATIENCE_MINUTES: i64 = 2;

fn judge(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    if !view.is_settled(&route.metadata) {
        return None;
    }
    unresolved(route, view).or_else(|| orphaned(route, view))
}

/// What a controller says of the route at one of its parents.
fn unresolved(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    let failing = |conditions: &[Condition]| {
        let found = ["Accepted", "ResolvedRefs"].into_iter().filter_map(|kind| condition_of(conditions, kind));
        let lasts = |it: &&Condition| view.is_older_than_minutes(it.last_transition_time.at(), PATIENCE_MINUTES);
        found.filter(|it| it.status == "False").find(lasts).cloned()
    };
    let parents = &route.status.parents;
    let broken: Vec<_> = parents.iter().filter_map(|it| Some((&it.parent_ref, failing(&it.conditions)?))).collect();
    let (parent, condition) = broken.first()?;
    let severity = if broken.len() == parents.len() { Severity::Critical } else { Severity::Warning };
    let what = if condition.type_ == "Accepted" { "is not accepted by" } else { "does not resolve for" };
    let title = format!("HTTPRoute {} {what} Gateway {}: {}", route.metadata.name, parent.name, condition.reason);
    let object = route.reference();
    let field = format!("status.parents[{}].conditions[{}]", parent.name, condition.type_);
    let finding =
        Finding::new("NET-23", severity, object.clone(), title).evidence(&object, field, condition.message.as_str());
    Some(done(finding.since(condition.last_transition_time.at()), route))
}

/// No controller speaks of a route whose Gateways do not exist.
fn orphaned(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    let is_gateway = |parent: &&ParentReference| parent.kind.as_deref().is_none_or(|kind| kind == "Gateway");
    let parents: Vec<&ParentReference> = route.spec.parent_refs.iter().filter(is_gateway).collect();
    let namespace =
        |parent: &ParentReference| parent.namespace.clone().unwrap_or_else(|| route.metadata.namespace.clone());
    let is_missing = |parent: &&ParentReference| {
        let namespace = namespace(parent);
        view.knows(Kind::Gateway, &namespace) && view.get::<Gateway>(&namespace, &parent.name).is_none()
    };
    let missing: Vec<&ParentReference> = parents.iter().copied().filter(is_missing).collect();
    let first = missing.first().filter(|_| missing.len() == route.spec.parent_refs.len())?;
    let object = route.reference();
    let gateway = ObjectRef::namespaced("Gateway", &namespace(first), &first.name);
    let title = format!("HTTPRoute {} hangs on Gateway {}, which does not exist", route.metadata.name, first.name);
    let finding = Finding::new("NET-23", Severity::Critical, object.clone(), title)
        .evidence(&object, "spec.parentRefs", first.name.as_str())
        .evidence(&gateway, "metadata.name", "not found")
        .since(route.metadata.creation_timestamp.at());
    Some(done(finding, route))
}

fn done(finding: Finding, route: &HTTPRoute) -> Finding {
    let (name, namespace) = (&route.metadata.name, &route.metadata.namespace);
    finding.look(format!("kubectl describe httproute {name} -n {namespace}")).look("kubectl get gateways -A")
}

const PAGE: &str = "\
An HTTPRoute takes effect through the Gateways that it names. This one names Gateways that do not
exist, is not accepted by one (no listener for its host, its namespace not allowed), or sends to what
that one cannot resolve (a Service or a port that is not there, no grant for another namespace): what
matches it is answered with an error. It is a warning while another Gateway serves it well.

Looked at: spec.parentRefs, and the conditions Accepted and ResolvedRefs of every parent; Gateways.

What to do: read the conditions; the reason names the trouble:
  kubectl describe httproute NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-23").later(3)
    }

    #[test]
    fn backends_and_gateways_that_are_not_there_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, &str)> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                ("lost", "HTTPRoute lost hangs on Gateway gone, which does not exist"),
                ("shop", "HTTPRoute shop does not resolve for Gateway edge: BackendNotFound"),
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        assert_eq!(findings[1].remedies[0].command, "kubectl describe httproute shop -n fault-net-23");
    }

    #[test]
    fn a_route_that_resolves_is_not_meant() {
        let resolved = settled().set("HTTPRoute", "shop", "/status/parents/0/conditions/1/status", "True");
        assert_eq!(resolved.judge(&CHECK).len(), 1);
    }

    #[test]
    fn another_gateway_that_serves_it_makes_it_a_warning() {
        let good =
            json!({ "parentRef": { "name": "other" }, "conditions": [{ "type": "Accepted", "status": "True" }] });
        let parents = json!([settled().field("HTTPRoute", "shop", "/status/parents/0").clone(), good]);
        let findings = settled().set("HTTPRoute", "shop", "/status/parents", parents).judge(&CHECK);
        assert_eq!(findings[1].severity, Severity::Warning);
    }

    #[test]
    fn gateways_that_could_not_be_listed_are_not_missing() {
        let findings = settled().gap(Sight::Of(Kind::Gateway), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "only what the controller says");
        let findings = settled().gap(Sight::Of(Kind::HTTPRoute), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
