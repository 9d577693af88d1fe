//! The pod that asks where no pod of the client can: made for one question, and deleted after it.
//!
//! It has no label of the client, so that no Service and no controller takes it for one of theirs.

use crate::slim::{LimitRange, ResourceAmount, ResourceQuota, amount_of};
use crate::units::Amount;
use serde_json::{Map, Value, json};

/// What every such pod is called, before the id of its run.
const NAME: &str = "sre-probe-";

/// Its container.
const CONTAINER: &str = "probe";

/// Millicores and bytes that it gets where nothing else is said, and the least that it works with.
const CPU: (i64, i64) = (20, 5);
const MEMORY: (i64, i64) = (32 << 20, 12 << 20);

/// The name of the pod of a run.
pub fn throwaway_name(run: &str) -> String {
    format!("{NAME}{run}")
}

/// Whether a pod of this name was made for one question.
pub fn is_throwaway_name(name: &str) -> bool {
    name.starts_with(NAME)
}

/// What the namespace allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes<'a> {
    /// Its LimitRanges.
    pub ranges: &'a [LimitRange],
    /// Its ResourceQuotas.
    pub quotas: &'a [ResourceQuota],
}

impl Sizes<'_> {
    /// What the container gets: request and limit alike, within the bounds of the namespace. Where a quota has less left
    /// than it works with, it asks for that all the same, and the server tells what is missing.
    fn of(&self, name: &str, (usual, least): (Amount, Amount)) -> Amount {
        let quotas = self.quotas.iter().flat_map(|quota| {
            let hard = if quota.status.hard.is_empty() { &quota.spec.hard } else { &quota.status.hard };
            let counts = |entry: &&ResourceAmount| {
                entry.name == name || entry.name == format!("requests.{name}") || entry.name == format!("limits.{name}")
            };
            let left = |entry: &ResourceAmount| {
                Some(entry.quantity.amount()? - amount_of(&quota.status.used, &entry.name).unwrap_or_default())
            };
            hard.iter().filter(counts).filter_map(left)
        });
        let mut amount = quotas.fold(usual, Amount::min).max(least);
        let items = || self.ranges.iter().flat_map(|range| &range.spec.limits);
        for item in items().filter(|item| item.type_ == "Container" || item.type_ == "Pod") {
            amount = amount_of(&item.min, name).map_or(amount, |min| amount.max(min));
            amount = amount_of(&item.max, name).map_or(amount, |max| amount.min(max));
        }
        amount
    }

    fn resources(&self) -> Value {
        let milli = |it: i64| Amount::from_nanos(i128::from(it) * 1_000_000);
        let cpu = self.of("cpu", (milli(CPU.0), milli(CPU.1)));
        let memory = self.of("memory", (Amount::whole(MEMORY.0), Amount::whole(MEMORY.1)));
        let mut all = json!({"cpu": format!("{}m", cpu.milli_value()), "memory": memory.value().to_string()});
        let counts_disk = self.quotas.iter().any(|quota| {
            quota.spec.hard.iter().any(|entry| {
                entry.name.trim_start_matches("requests.").trim_start_matches("limits.") == "ephemeral-storage"
            })
        });
        if counts_disk {
            all["ephemeral-storage"] = json!("16Mi");
        }
        json!({"requests": all, "limits": all})
    }
}

/// What the pod is made from.
#[derive(Clone, Debug)]
pub struct ThrowawayPod<'a> {
    /// Its name.
    pub name: String,
    /// Its namespace: the client's.
    pub namespace: &'a str,
    /// Its image.
    pub image: &'a str,
    /// The spec of the client's pod, or of its template.
    pub client: &'a Value,
    /// After how many seconds it is ended by the kubelet, whatever happens to whoever made it.
    pub seconds: u64,
    /// What the namespace allows.
    pub sizes: Sizes<'a>,
}

impl ThrowawayPod<'_> {
    /// Its container.
    pub const CONTAINER: &'static str = CONTAINER;

    /// The object: it passes the restricted Pod Security Standard, has no token, and resolves names as the client does.
    pub fn object(&self) -> Value {
        let mut spec = json!({
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "activeDeadlineSeconds": self.seconds,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 65534, "runAsGroup": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": CONTAINER,
                "image": self.image,
                "imagePullPolicy": "IfNotPresent",
                "command": ["sleep", self.seconds.to_string()],
                "resources": self.sizes.resources(),
                "securityContext": {
                    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]},
                },
            }],
        });
        let alike = [
            "serviceAccountName",
            "imagePullSecrets",
            "dnsPolicy",
            "dnsConfig",
            "hostAliases",
            "nodeSelector",
            "runtimeClassName",
        ];
        for field in alike {
            if let Some(value) = self.client.get(field) {
                spec[field] = value.clone();
            }
        }
        // On the node's own network names are resolved otherwise.
        if spec["dnsPolicy"] == "ClusterFirstWithHostNet" {
            spec["dnsPolicy"] = json!("ClusterFirst");
        }
        if let Some(tolerations) = self.tolerations() {
            spec["tolerations"] = tolerations;
        }
        if let Some(node) = self.client.get("nodeName") {
            let term = json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]});
            let preferred = json!([{"weight": 100, "preference": term}]);
            spec["affinity"] = json!({"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}});
        }
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": self.name, "namespace": self.namespace,
                "labels": labels(),
                "annotations": {"linkerd.io/inject": "disabled"},
            },
            "spec": spec,
        })
    }

    /// Those of the client without what the server adds to every pod by itself.
    fn tolerations(&self) -> Option<Value> {
        let all = self.client["tolerations"].as_array()?;
        let is_own = |it: &&Value| {
            !it["key"].as_str().unwrap_or_default().starts_with("node.kubernetes.io/")
                || it["tolerationSeconds"].is_null()
        };
        Some(all.iter().filter(is_own).cloned().collect())
    }
}

fn labels() -> Map<String, Value> {
    let all = [
        ("app.kubernetes.io/managed-by", "kubectl-sre"),
        ("app.kubernetes.io/name", "sre-probe"),
        ("sidecar.istio.io/inject", "false"),
    ];
    all.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod_security::{Level, violations};
    use crate::slim::{Pod, from_json};

    fn made(client: &Value, sizes: Sizes<'_>) -> Value {
        let name = throwaway_name("r-1");
        ThrowawayPod { name, namespace: "shop", image: "example/curl:1", client, seconds: 300, sizes }.object()
    }

    #[test]
    fn it_passes_the_strictest_level_and_is_nobodys_pod() {
        let client = json!({
            "serviceAccountName": "api", "nodeName": "n1", "dnsPolicy": "ClusterFirstWithHostNet",
            "hostNetwork": true, "volumes": [{"name": "a", "hostPath": {"path": "/"}}],
            "tolerations": [{"key": "team", "operator": "Exists"}, {"key": "node.kubernetes.io/not-ready", "tolerationSeconds": 300}],
        });
        let object = made(&client, Sizes::default());
        let pod: Pod = from_json(object.to_string().as_bytes()).expect("a pod");
        assert_eq!(violations(&pod.spec, Level::Restricted), []);
        assert_eq!(
            (object["spec"]["serviceAccountName"].as_str(), object["spec"]["dnsPolicy"].as_str()),
            (Some("api"), Some("ClusterFirst"))
        );
        assert_eq!(object["spec"]["tolerations"].as_array().map(Vec::len), Some(1));
        assert!(object["metadata"]["labels"].get("app").is_none() && is_throwaway_name("sre-probe-r-1"));
    }

    #[test]
    fn it_is_as_large_as_the_namespace_allows() {
        let range: LimitRange = from_json(
            json!({"metadata": {"name": "r"}, "spec": {"limits": [
                {"type": "Container", "min": {"memory": "64Mi"}, "max": {"cpu": "10m"}},
            ]}})
            .to_string()
            .as_bytes(),
        )
        .expect("a range");
        let quota: ResourceQuota = from_json(
            json!({
                "metadata": {"name": "q"}, "spec": {"hard": {"limits.memory": "1Gi", "requests.ephemeral-storage": "1Gi"}},
                "status": {"hard": {"limits.memory": "1Gi"}, "used": {"limits.memory": "1000Mi"}},
            })
            .to_string()
            .as_bytes(),
        )
        .expect("a quota");
        let resources = |sizes| made(&json!({}), sizes)["spec"]["containers"][0]["resources"]["limits"].clone();
        assert_eq!(resources(Sizes::default()), json!({"cpu": "20m", "memory": "33554432"}));
        let ranges = [range];
        let bound = resources(Sizes { ranges: &ranges, quotas: &[] });
        assert_eq!((bound["cpu"].as_str(), bound["memory"].as_str()), (Some("10m"), Some("67108864")));
        let quotas = [quota];
        let left = resources(Sizes { ranges: &[], quotas: &quotas });
        assert_eq!((left["memory"].as_str(), left["ephemeral-storage"].as_str()), (Some("25165824"), Some("16Mi")));
    }
}
