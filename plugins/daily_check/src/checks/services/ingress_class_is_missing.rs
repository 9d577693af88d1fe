//! No controller takes an Ingress: it has no class, or one that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Ingress, IngressClass, Kind, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-13",
    title: "an Ingress has no class, or one that does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::IngressClass)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Ingress>().iter().filter_map(|ingress| judge(ingress, view)).collect(),
};

/// How long a controller may take to write its address into an Ingress.
const PATIENCE_MINUTES: i64 = 1;

const LEGACY: &str = "kubernetes.io/ingress.class";
const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";

fn judge(ingress: &Ingress, view: &View<'_>) -> Option<Finding> {
    let metadata = &ingress.metadata;
    let is_served = !ingress.status.load_balancer.ingress.is_empty();
    let is_new = !view.is_older_than_minutes(metadata.creation_timestamp.at(), PATIENCE_MINUTES);
    if is_served || is_new || view.is_going(metadata) || !view.knows(Kind::IngressClass, "") {
        return None;
    }
    match ingress.spec.ingress_class_name.as_deref() {
        Some(class) => view.get::<IngressClass>("", class).is_none().then(|| missing(ingress, class)),
        None => metadata.annotation(LEGACY).is_none().then(|| unclassed(ingress, view)),
    }
}

fn missing(ingress: &Ingress, class: &str) -> Finding {
    let object = ingress.reference();
    let title = format!("Ingress {} names the class {class}, which does not exist", ingress.metadata.name);
    let finding = statement(ingress, title).part(class).evidence(&object, "spec.ingressClassName", class);
    finding.evidence(&ObjectRef::cluster("IngressClass", class), "metadata.name", "not found")
}

fn unclassed(ingress: &Ingress, view: &View<'_>) -> Finding {
    let object = ingress.reference();
    let default = view.all::<IngressClass>().iter().find(|it| it.metadata.annotation(DEFAULT) == Some("true"));
    let why = match default {
        Some(class) => format!("it was made before {} became the default", class.metadata.name),
        None => "and no class is the default".to_owned(),
    };
    let title = format!("Ingress {} names no class, {why}", ingress.metadata.name);
    statement(ingress, title).evidence(&object, "spec.ingressClassName", "not set")
}

fn statement(ingress: &Ingress, title: String) -> Finding {
    let (name, namespace) = (&ingress.metadata.name, &ingress.metadata.namespace);
    let object = ingress.reference();
    Finding::new("NET-13", Severity::Warning, object.clone(), title)
        .evidence(&object, "status.loadBalancer.ingress", "empty")
        .since(ingress.metadata.creation_timestamp.at())
        .look("kubectl get ingressclasses")
        .look(format!("kubectl get ingress {name} -n {namespace} -o yaml"))
}

const PAGE: &str = "\
An Ingress is served by the controller of its class. This one names a class that does not exist, or
none while no default took it, and no controller has written an address into its status: it most
likely does nothing at all.

Looked at: spec.ingressClassName, the annotation kubernetes.io/ingress.class and the status of
Ingresses; IngressClasses.

Harmless: controllers that take Ingresses without a class and write no status (ingress-nginx with
--watch-ingress-without-class and without a published Service). An Ingress with an address, or with
the old annotation, is not reported.

What to do: name a class that exists:
  kubectl get ingressclasses";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-13").later(2)
    }

    #[test]
    fn a_class_that_does_not_exist_and_none_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, &str)> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                ("admin", "Ingress admin names no class, and no class is the default"),
                ("shop", "Ingress shop names the class edge-v2, which does not exist"),
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(findings[1].evidence[1].value, "edge-v2");
        assert_eq!(findings[1].remedies[0].command, "kubectl get ingressclasses");
    }

    #[test]
    fn a_class_that_exists_or_the_old_annotation_is_enough() {
        let named = settled().set("Ingress", "shop", "/spec/ingressClassName", "fault-net-13");
        assert_eq!(named.judge(&CHECK).len(), 1, "the other one has none still");
        let old = settled().set("Ingress", "admin", "/metadata/annotations", json!({ LEGACY: "nginx" }));
        assert_eq!(old.judge(&CHECK).len(), 1);
    }

    #[test]
    fn an_address_says_that_somebody_serves_it() {
        let served = settled().set("Ingress", "shop", "/status/loadBalancer/ingress", json!([{ "ip": "192.0.2.10" }]));
        let served =
            served.set("Ingress", "admin", "/status/loadBalancer/ingress", json!([{ "hostname": "a.example" }]));
        assert_eq!(served.judge(&CHECK), []);
    }

    #[test]
    fn a_new_ingress_is_given_time() {
        assert_eq!(Scenario::captured("NET-13").judge(&CHECK), []);
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::IngressClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
