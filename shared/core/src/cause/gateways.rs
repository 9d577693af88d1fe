//! Gateways and their classes that do not work.

use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::condition::Condition;
use crate::slim::custom::gateway::{Gateway, GatewayClass};
use crate::slim::{Kind, Object, condition_of};
use crate::view::View;

/// The Gateways that their controller refuses, or could not bring about.
pub fn in_trouble(view: &View<'_>) -> Vec<Finding> {
    view.all::<Gateway>().iter().filter_map(|it| gateway(it, view)).collect()
}

/// How long a load balancer may take.
const GATEWAY_MINUTES: i64 = 5;

fn gateway(gateway: &Gateway, view: &View<'_>) -> Option<Finding> {
    if lacks_class(gateway, view) || view.is_going(&gateway.metadata) {
        return None;
    }
    let conditions = &gateway.status.conditions;
    let lasts = |it: &&Condition| view.is_older_than_minutes(it.last_transition_time.at(), GATEWAY_MINUTES);
    let failing = ["Accepted", "Programmed"].iter().filter_map(|kind| condition_of(conditions, kind));
    let condition = failing.into_iter().find(|it| it.status == "False" && lasts(it))?;
    let object = gateway.reference();
    let (name, namespace) = (&gateway.metadata.name, &gateway.metadata.namespace);
    let title = format!("Gateway {name} is not {}: {}", condition.type_.to_lowercase(), condition.reason);
    let finding = Finding::new("", Severity::Critical, object.clone(), title);
    let field = format!("status.conditions[{}]", condition.type_);
    let finding = finding.evidence(&object, field, condition.message.as_str());
    let finding = gateway.status.listeners.iter().fold(finding, |finding, listener| {
        let broken = listener.conditions.iter().find(|it| it.status == "False" && it.type_ != "Conflicted");
        match broken {
            Some(it) => {
                let field = format!("status.listeners[{}].conditions[{}]", listener.name, it.type_);
                finding.evidence(&object, field, format!("{}: {}", it.reason, it.message))
            }
            None => finding,
        }
    });
    let finding = finding.since(condition.last_transition_time.at());
    Some(finding.look(format!("kubectl describe gateway {name} -n {namespace}")))
}

/// How long a controller may take to say something about its class.
const CLASS_MINUTES: i64 = 1;

/// The classes that are not accepted, and the Gateways whose class does not exist.
pub fn classes_in_trouble(view: &View<'_>) -> Vec<Finding> {
    let classes = view.all::<GatewayClass>().iter().filter_map(|class| refused(class, view));
    let gateways = view.all::<Gateway>().iter().filter_map(|gateway| unclassed(gateway, view));
    classes.chain(gateways).collect()
}

/// Whether the class of a Gateway is missing or not accepted, so that the Gateway is no trouble of its own.
fn lacks_class(gateway: &Gateway, view: &View<'_>) -> bool {
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
    let is_old = view.is_older_than_minutes(metadata.creation_timestamp.at(), CLASS_MINUTES);
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
    let finding = Finding::new("", severity, object.clone(), title)
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
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .evidence(&object, "spec.gatewayClassName", class)
        .evidence(&ObjectRef::cluster("GatewayClass", class), "metadata.name", "not found")
        .since(gateway.metadata.creation_timestamp.at())
        .look("kubectl get gatewayclasses");
    Some(finding.look(format!("kubectl describe gateway {name} -n {namespace}")))
}
