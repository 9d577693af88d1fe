//! Two Ingresses of one controller claim the same host and path.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::ingress::{HTTPIngressPath, IngressBackend};
use sre_core::slim::{Ingress, IngressClass, Kind, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-64",
    title: "two Ingresses claim the same host and path",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::IngressClass)],
    page: PAGE,
    run,
};

/// Controllers that serve all Ingresses of a class at one address, where of two equal routes one wins. Those of clouds
/// make a load balancer for each Ingress, and others have more conditions than host and path.
const MERGING: [&str; 4] = ["nginx", "traefik", "haproxy", "contour"];

const LEGACY: &str = "kubernetes.io/ingress.class";
const CANARY: &str = "nginx.ingress.kubernetes.io/canary";

/// What a request is matched by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Route<'a> {
    class: &'a str,
    host: &'a str,
    path: &'a str,
    path_type: &'a str,
}

/// Who claims a route.
type Claim<'a> = (&'a Ingress, &'a IngressBackend);

/// A route, who has claimed it first, and who has claimed it later.
type Collision<'a> = (Route<'a>, Claim<'a>, Claim<'a>);

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut claims: BTreeMap<Route<'_>, Vec<Claim<'_>>> = BTreeMap::new();
    for ingress in view.all::<Ingress>().iter().filter(|it| view.is_settled(&it.metadata)) {
        let is_canary = ingress.metadata.annotation(CANARY) == Some("true");
        let Some(class) = class_of(ingress, view).filter(|_| !is_canary) else { continue };
        for (host, path) in paths(ingress) {
            let path_type = path.path_type.as_deref().unwrap_or_default();
            let route = Route { class, host, path: &path.path, path_type };
            claims.entry(route).or_default().push((ingress, &path.backend));
        }
    }
    let mut later: BTreeMap<(&str, &str), Vec<Collision<'_>>> = BTreeMap::new();
    for (route, mut claims) in claims {
        claims.sort_by_key(|(it, _)| (it.metadata.creation_timestamp.at(), &it.metadata.namespace, &it.metadata.name));
        let Some((first, others)) = claims.split_first() else { continue };
        for other in others.iter().filter(|other| differs(first, other)) {
            let metadata = &other.0.metadata;
            later.entry((&metadata.namespace, &metadata.name)).or_default().push((route, *first, *other));
        }
    }
    later.into_values().map(|collisions| statement(&collisions)).collect()
}

/// The class of an Ingress, when its controller is one of those that merge.
fn class_of<'a>(ingress: &'a Ingress, view: &View<'a>) -> Option<&'a str> {
    let class = ingress.spec.ingress_class_name.as_deref().or_else(|| ingress.metadata.annotation(LEGACY))?;
    let controller = view.get::<IngressClass>("", class).map_or(class, |it| it.spec.controller.as_str());
    MERGING.iter().any(|name| controller.contains(name)).then_some(class)
}

fn paths(ingress: &Ingress) -> impl Iterator<Item = (&str, &HTTPIngressPath)> {
    let rules = ingress.spec.rules.iter().filter_map(|rule| Some((rule.host.as_str(), rule.value.http.as_ref()?)));
    rules.flat_map(|(host, http)| http.paths.iter().map(move |path| (host, path)))
}

/// Whether two claims lead to different places; one that says the same twice hurts nobody.
fn differs(one: &Claim<'_>, other: &Claim<'_>) -> bool {
    one.0.metadata.uid != other.0.metadata.uid
        && (one.0.metadata.namespace != other.0.metadata.namespace || one.1 != other.1)
}

fn statement(collisions: &[Collision<'_>]) -> Finding {
    let (route, (first, to_first), (later, to_later)) = collisions[0];
    let (object, holder) = (later.reference(), first.reference());
    let url = format!("{}{}", if route.host.is_empty() { "*" } else { route.host }, route.path);
    let more = match collisions.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let (namespace, name) = (&later.metadata.namespace, &later.metadata.name);
    let holds = format!("{}/{}", first.metadata.namespace, first.metadata.name);
    let title = format!("Ingress {namespace}/{name} claims {url}{more}, which the older Ingress {holds} has already");
    let field = format!("spec.rules[{}].http.paths[{}].backend", route.host, route.path);
    Finding::new("GAP-64", Severity::Warning, object.clone(), title)
        .evidence(&object, field.as_str(), words(to_later))
        .evidence(&holder, field.as_str(), words(to_first))
        .shows_on(object)
        .shows_on(holder)
        .since(later.metadata.creation_timestamp.at())
        .look(format!("kubectl get ingress {name} -n {namespace} -o yaml"))
        .look(format!("kubectl get ingress {} -n {} -o yaml", first.metadata.name, first.metadata.namespace))
}

fn words(backend: &IngressBackend) -> String {
    match (&backend.service, &backend.resource) {
        (Some(service), _) => format!("Service {}", service.name),
        (None, Some(resource)) => format!("{} {}", resource.kind, resource.name),
        (None, None) => "none".to_owned(),
    }
}

const PAGE: &str = "\
Two Ingresses of one class claim the same host, path and path type, and lead to different Services.
One of them wins, as a rule the older one; requests that are meant for the other go to the wrong
place, and which one wins may change when one is made again.

Looked at: rules of the Ingresses whose controller serves a whole class at one address (ingress-nginx,
NGINX, Traefik, HAProxy, Contour).

Harmless: canaries of ingress-nginx, and Ingresses of controllers that make a load balancer for each;
they are not reported.

What to do: give one of them another host or path, or delete what is left over.";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const BACKEND: &str = "/spec/rules/0/http/paths/0/backend/service/name";

    fn settled() -> Scenario {
        Scenario::captured("GAP-64").later(2)
    }

    #[test]
    fn the_later_claim_is_told_with_the_older_one() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.severity, finding.shows_on.len()), (Severity::Warning, 2));
        let claims = "claims shop.example.com/api, which the older Ingress fault-gap-64/";
        assert!(finding.title.contains(claims), "{}", finding.title);
        let mut values: Vec<&str> = finding.evidence.iter().map(|it| it.value.as_str()).collect();
        values.sort_unstable();
        assert_eq!(values, ["Service api", "Service api-v2"]);
        assert!(finding.remedies[0].command.starts_with("kubectl get ingress "));
    }

    #[test]
    fn another_path_or_the_same_backend_is_no_collision() {
        let path = settled().set("Ingress", "shop-v2", "/spec/rules/0/http/paths/0/path", "/v2");
        assert_eq!(path.judge(&CHECK), []);
        assert_eq!(settled().set("Ingress", "shop-v2", BACKEND, "api").judge(&CHECK), []);
    }

    #[test]
    fn canaries_and_controllers_with_an_address_for_each_are_not_meant() {
        let canary = settled().set("Ingress", "shop-v2", "/metadata/annotations", json!({ CANARY: "true" }));
        assert_eq!(canary.judge(&CHECK), []);
        let cloud = settled().set("IngressClass", "fault-gap-64", "/spec/controller", "ingress.k8s.aws/alb");
        assert_eq!(cloud.judge(&CHECK), []);
        assert_eq!(settled().set("Ingress", "shop-v2", "/spec/ingressClassName", "nginx-internal").judge(&CHECK), []);
    }

    #[test]
    fn ingresses_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Ingress), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
