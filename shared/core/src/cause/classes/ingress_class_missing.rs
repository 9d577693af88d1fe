//! No controller claims an Ingress.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Ingress, IngressClass, Kind, Object};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "ingress-class-missing",
    page: PAGE,
    recognise: |view| view.all::<Ingress>().iter().filter_map(|ingress| judge(ingress, view)).collect(),
    ..Class::SILENT
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
    Finding::new("", Severity::Warning, object.clone(), title)
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
