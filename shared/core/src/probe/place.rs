//! What stands behind a host in the cluster: its Service and the endpoints of that, and rules about its traffic.

use crate::object::ObjectRef;
use crate::slim::{NetworkPolicy, Object, Pair, from_json};
use serde_json::Value;

/// The namespace and the name of the Service that a host may be, seen from a namespace, and whether it can be nothing
/// else: `db`, `db.shop`, `db.shop.svc.cluster.local`.
pub fn service_names(host: &str, namespace: &str) -> Option<(String, String, bool)> {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let is_last = |label: &&str| label.bytes().any(|byte| byte.is_ascii_alphabetic());
    labels.last().filter(|it| is_last(it))?;
    match labels[..] {
        [name] => Some((namespace.to_owned(), name.to_owned(), true)),
        [name, namespace] => Some((namespace.to_owned(), name.to_owned(), false)),
        [name, namespace, "svc", ..] => Some((namespace.to_owned(), name.to_owned(), true)),
        // A pod of a headless Service.
        [_, name, namespace, "svc", ..] => Some((namespace.to_owned(), name.to_owned(), true)),
        _ => None,
    }
}

/// A Service, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The Service.
    pub service: ObjectRef,
    /// Whether it is there.
    pub exists: bool,
    /// Its ports.
    pub ports: Vec<u16>,
    /// Ready endpoints and all of them; none where they were not seen, or others keep them.
    pub endpoints: Option<(usize, usize)>,
}

impl Place {
    /// A Service that is not there.
    pub fn missing(namespace: &str, name: &str) -> Self {
        Self {
            service: ObjectRef::namespaced("Service", namespace, name),
            exists: false,
            ports: Vec::new(),
            endpoints: None,
        }
    }

    /// A Service and its EndpointSlices; none where they were not seen.
    pub fn of(service: &Value, slices: Option<&[Value]>) -> Self {
        let text = |path: &str| service.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let ports = service.pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten();
        let ports = ports.filter(|port| port["protocol"].as_str().is_none_or(|it| it == "TCP"));
        let is_elsewhere = text("/spec/type") == "ExternalName";
        let endpoints = slices.filter(|_| !is_elsewhere).map(|slices| {
            let all = slices.iter().filter_map(|slice| slice["endpoints"].as_array()).flatten();
            let is_ready = |it: &&Value| it.pointer("/conditions/ready").and_then(Value::as_bool) != Some(false);
            (all.clone().filter(is_ready).count(), all.count())
        });
        Self {
            service: ObjectRef::namespaced("Service", text("/metadata/namespace"), text("/metadata/name")),
            exists: true,
            ports: ports.filter_map(|port| u16::try_from(port["port"].as_u64()?).ok()).collect(),
            endpoints,
        }
    }

    /// Whether nothing answers behind it.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_some_and(|(ready, _)| ready == 0)
    }

    /// Whether it has no such port.
    pub fn lacks(&self, port: u16) -> bool {
        self.exists && port != 0 && !self.ports.is_empty() && !self.ports.contains(&port)
    }
}

/// The NetworkPolicies that may drop what a client sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Those that hold for what the client sends.
    pub of_client: Vec<ObjectRef>,
    /// Those of the namespace of the Service that hold for what pods receive.
    pub of_target: Vec<ObjectRef>,
}

impl Policies {
    /// Those that are about a client with these labels, and about whatever receives in the other namespace.
    pub fn of(policies: &[Value], client: &Value, target: Option<&str>) -> Self {
        let labels = client.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
        let labels: Vec<Pair> = labels.map(|(key, value)| Pair::new(key, value.as_str().unwrap_or_default())).collect();
        let namespace = client.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let mut found = Self::default();
        for policy in policies.iter().filter_map(|it| from_json::<NetworkPolicy>(it.to_string().as_bytes()).ok()) {
            let has = |word: &str| policy.spec.policy_types.iter().any(|it| it == word);
            let place = policy.metadata.namespace.as_str();
            if place == namespace && has("Egress") && policy.spec.pod_selector.matches(&labels) {
                found.of_client.push(policy.reference());
            }
            if Some(place) == target && has("Ingress") {
                found.of_target.push(policy.reference());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hosts_of_services_are_known_by_their_names() {
        let of = |host: &str| service_names(host, "web").map(|(namespace, name, _)| format!("{namespace}/{name}"));
        assert_eq!(of("db").as_deref(), Some("web/db"));
        assert_eq!(of("db.shop").as_deref(), Some("shop/db"));
        assert_eq!(of("db.shop.svc.cluster.local.").as_deref(), Some("shop/db"));
        assert_eq!(of("db-0.db.shop.svc").as_deref(), Some("shop/db"));
        assert_eq!((of("api.example.com"), of("10.0.0.1")), (None, None));
    }

    #[test]
    fn a_service_tells_of_its_ports_and_its_ready_endpoints() {
        let service = json!({
            "metadata": {"name": "db", "namespace": "shop"},
            "spec": {"ports": [{"port": 5432, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]},
        });
        let slices = [json!({"endpoints": [{"conditions": {"ready": false}}, {"conditions": {}}]})];
        let place = Place::of(&service, Some(&slices));
        assert_eq!((place.endpoints, place.lacks(5432), place.lacks(53)), (Some((1, 2)), false, true));
        assert!(Place::of(&service, Some(&[])).is_empty() && !Place::of(&service, None).is_empty());
    }

    #[test]
    fn only_rules_about_the_client_and_the_target_are_named() {
        let policy = |namespace: &str, name: &str, kind: &str, app: &str| {
            json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"podSelector": {"matchLabels": {"app": app}}, "policyTypes": [kind]},
            })
        };
        let client = json!({"metadata": {"namespace": "web", "labels": {"app": "api"}}});
        let all = [
            policy("web", "ours", "Egress", "api"),
            policy("web", "others", "Egress", "job"),
            policy("shop", "theirs", "Ingress", "db"),
            policy("shop", "out", "Egress", "db"),
        ];
        let found = Policies::of(&all, &client, Some("shop"));
        let names = |all: &[ObjectRef]| all.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert_eq!((names(&found.of_client), names(&found.of_target)), (vec!["ours".into()], vec!["theirs".into()]));
    }
}
