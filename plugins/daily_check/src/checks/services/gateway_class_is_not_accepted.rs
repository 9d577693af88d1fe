//! A GatewayClass that Gateways name is not accepted, or does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::custom::gateway::{Gateway, GatewayClass};
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-21",
    title: "a GatewayClass is not accepted, or does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::GatewayClass), Sight::Of(Kind::Gateway)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// How long a controller may take to say something about its class.
const PATIENCE_MINUTES: i64 = 1;

fn run(view: &View<'_>) -> Vec<Finding> {
    let classes = view.all::<GatewayClass>().iter().filter_map(|class| refused(class, view));
    let gateways = view.all::<Gateway>().iter().filter_map(|gateway| unclassed(gateway, view));
    classes.chain(gateways).collect()
}

/// Whether the class of a Gateway is missing or not accepted, so that the Gateway is no trouble of its own.
pub fn lacks_class(gateway: &Gateway, view: &View<'_>) -> bool {
    match view.get::<GatewayClass>("", &gateway.spec.gateway_class_name) {
        Some(class) => !is_accepted(class),
        None => view.knows(Kind::GatewayClass, ""),
    }
}

fn is_accepted(class: &GatewayClass) -> bool {
    condition_of(&class.status.conditions, "Accepted").is_some_and(|it| it.status == "True")
}

fn refused(class: &GatewayClass, view: &View<'_>) -> Option<Finding> {
    let metadata = &class.metadata;
    let is_old = view.is_older_than_minutes(metadata.creation_timestamp.at(), PATIENCE_MINUTES);
    if is_accepted(class) || !is_old || view.is_going(metadata) {
        return None;
    }
    let name = &metadata.name;
    let users = view.all::<Gateway>().iter().filter(|gateway| gateway.spec.gateway_class_name == *name);
    let users: Vec<&Gateway> = users.collect();
    let severity = if users.is_empty() { Severity::Info } else { Severity::Critical };
    let accepted = condition_of(&class.status.conditions, "Accepted");
    let why = accepted.map_or("no controller has said anything about it", |it| it.message.as_str());
    let object = class.reference();
    let count = match users.len() {
        1 => "1 Gateway names it".to_owned(),
        count => format!("{count} Gateways name it"),
    };
    let title = format!("GatewayClass {name} is not accepted; {count}");
    let finding = Finding::new("NET-21", severity, object.clone(), title)
        .evidence(&object, "status.conditions[Accepted]", why)
        .evidence(&object, "spec.controllerName", class.spec.controller_name.as_str());
    let finding = users.iter().take(3).fold(finding, |finding, gateway| finding.shows_on(gateway.reference()));
    let since = accepted.and_then(|it| it.last_transition_time.at()).or_else(|| metadata.creation_timestamp.at());
    Some(finding.since(since).look(format!("kubectl describe gatewayclass {name}")))
}

fn unclassed(gateway: &Gateway, view: &View<'_>) -> Option<Finding> {
    let class = gateway.spec.gateway_class_name.as_str();
    let is_missing = view.get::<GatewayClass>("", class).is_none() && view.knows(Kind::GatewayClass, "");
    if !is_missing || !view.is_settled(&gateway.metadata) {
        return None;
    }
    let (name, namespace) = (&gateway.metadata.name, &gateway.metadata.namespace);
    let object = gateway.reference();
    let title = format!("Gateway {name} names GatewayClass {class}, which does not exist");
    let finding = Finding::new("NET-21", Severity::Critical, object.clone(), title)
        .evidence(&object, "spec.gatewayClassName", class)
        .evidence(&ObjectRef::cluster("GatewayClass", class), "metadata.name", "not found")
        .since(gateway.metadata.creation_timestamp.at())
        .look("kubectl get gatewayclasses");
    Some(finding.look(format!("kubectl describe gateway {name} -n {namespace}")))
}

const PAGE: &str = "\
A Gateway is served by the controller of its GatewayClass. The class is not accepted, or does not
exist: nothing answers for its Gateways and their routes. One that no Gateway names is only info.

Looked at: the condition Accepted of GatewayClasses, spec.gatewayClassName of Gateways (Gateway API,
version v1; a cluster without it is not judged).

What to do: see whether the controller of the class runs, and what it says:
  kubectl describe gatewayclass NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::{GapReason, ReadState};
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-21").later(3)
    }

    #[test]
    fn a_class_that_nobody_accepts_and_one_that_is_missing_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<String> = findings.iter().map(|finding| finding.object.to_string()).collect();
        assert_eq!(said, ["GatewayClass/fault-net-21", "Gateway/fault-net-21/lost"], "{findings:#?}");
        assert_eq!(findings[0].title, "GatewayClass fault-net-21 is not accepted; 1 Gateway names it");
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        assert_eq!(findings[1].title, "Gateway lost names GatewayClass gone, which does not exist");
        assert_eq!(findings[0].remedies[0].command, "kubectl describe gatewayclass fault-net-21");
    }

    #[test]
    fn one_that_is_accepted_is_not_meant() {
        let accepted = json!([{ "type": "Accepted", "status": "True" }]);
        let scenario = settled().set("GatewayClass", "fault-net-21", "/status/conditions", accepted);
        assert_eq!(scenario.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_cluster_without_the_api_is_not_judged() {
        let none = settled().without("Gateway", "").without("GatewayClass", "");
        let none = none.state(Sight::Of(Kind::Gateway), ReadState::NotInstalled);
        assert_eq!(none.state(Sight::Of(Kind::GatewayClass), ReadState::NotInstalled).judge(&CHECK), []);
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::GatewayClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
