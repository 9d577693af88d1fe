//! The resources that people name by hand, by all the names that kubectl knows them by.
//!
//! What stands here is needed without asking a server; names of other resources are looked up there.

use serde_json::Value;

/// A resource of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Group and version, as in `apiVersion`.
    pub api_version: String,
    /// Kind as the API spells it.
    pub kind: String,
    /// Plural, lower case, as in paths.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
    /// Whether it has the subresource `scale`.
    pub has_scale: bool,
}

/// A row of the table: apiVersion, kind, plural, short names (<https://kubernetes.io/docs/reference/kubectl/#resource-types>).
struct Row {
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    is_namespaced: bool,
    has_scale: bool,
}

const fn row(
    (api_version, kind, plural): (&'static str, &'static str, &'static str),
    short: &'static [&'static str],
) -> Row {
    Row { api_version, kind, plural, short, is_namespaced: true, has_scale: false }
}

const fn scaled(names: (&'static str, &'static str, &'static str), short: &'static [&'static str]) -> Row {
    Row { has_scale: true, ..row(names, short) }
}

const ROWS: &[Row] = &[
    scaled(("apps/v1", "Deployment", "deployments"), &["deploy"]),
    scaled(("apps/v1", "StatefulSet", "statefulsets"), &["sts"]),
    row(("apps/v1", "DaemonSet", "daemonsets"), &["ds"]),
    scaled(("apps/v1", "ReplicaSet", "replicasets"), &["rs"]),
    scaled(("v1", "ReplicationController", "replicationcontrollers"), &["rc"]),
    row(("v1", "Pod", "pods"), &["po"]),
    Row { is_namespaced: false, ..row(("v1", "Node", "nodes"), &["no"]) },
    Row { is_namespaced: false, ..row(("v1", "Namespace", "namespaces"), &["ns"]) },
    row(("v1", "ConfigMap", "configmaps"), &["cm"]),
    row(("v1", "Secret", "secrets"), &[]),
    row(("v1", "Service", "services"), &["svc"]),
    row(("v1", "PersistentVolumeClaim", "persistentvolumeclaims"), &["pvc"]),
    row(("batch/v1", "Job", "jobs"), &[]),
    row(("batch/v1", "CronJob", "cronjobs"), &["cj"]),
    row(("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"), &["hpa"]),
    row(("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "verticalpodautoscalers"), &["vpa"]),
    row(("keda.sh/v1alpha1", "ScaledObject", "scaledobjects"), &["so"]),
    row(("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"), &["pdb"]),
    row(("networking.istio.io/v1", "VirtualService", "virtualservices"), &["vs"]),
    row(("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"), &[]),
    row(("gateway.networking.k8s.io/v1", "Gateway", "gateways"), &["gtw"]),
    row(("networking.k8s.io/v1", "Ingress", "ingresses"), &["ing"]),
    row(("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"), &["netpol"]),
    row(("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"), &[]),
    row(("v1", "ServiceAccount", "serviceaccounts"), &["sa"]),
    row(("v1", "ResourceQuota", "resourcequotas"), &["quota"]),
    row(("v1", "LimitRange", "limitranges"), &["limits"]),
    row(("cert-manager.io/v1", "Certificate", "certificates"), &["cert"]),
    row(("external-secrets.io/v1", "ExternalSecret", "externalsecrets"), &["es"]),
    row(("argoproj.io/v1alpha1", "Application", "applications"), &["app"]),
    row(("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "volumesnapshots"), &["vsnap"]),
    Row { is_namespaced: false, ..row(("v1", "PersistentVolume", "persistentvolumes"), &["pv"]) },
    Row { is_namespaced: false, ..row(("storage.k8s.io/v1", "StorageClass", "storageclasses"), &["sc"]) },
    Row { is_namespaced: false, ..row(("apiregistration.k8s.io/v1", "APIService", "apiservices"), &[]) },
];

impl Row {
    fn resource(&self) -> Resource {
        Resource {
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            plural: self.plural.to_owned(),
            is_namespaced: self.is_namespaced,
            has_scale: self.has_scale,
        }
    }

    fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    fn is_named(&self, word: &str) -> bool {
        let (name, rest) = word.split_once('.').unwrap_or((word, ""));
        let is_name = name == self.plural || name == self.kind.to_lowercase() || self.short.contains(&name);
        let version = self.api_version.rsplit('/').next().unwrap_or_default();
        let group = rest.strip_prefix(version).map_or(rest, |group| group.trim_start_matches('.'));
        is_name && (rest.is_empty() || group == self.group())
    }
}

impl Resource {
    /// By one of the names that kubectl knows: `deploy`, `Deployment`, `deployments.apps`, `deployment.v1.apps`.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        ROWS.iter().find(|row| row.is_named(&word)).map(Row::resource)
    }

    /// That of an object, if it stands in the table.
    pub fn of(object: &Value) -> Option<Self> {
        let is_of = |row: &&Row| object["kind"] == row.kind && object["apiVersion"] == row.api_version;
        ROWS.iter().find(is_of).map(Row::resource)
    }

    /// The path of all its objects; `namespace` is heeded only where they are in namespaces.
    pub fn collection(&self, namespace: &str) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        let place = if self.is_namespaced { format!("/namespaces/{namespace}") } else { String::new() };
        format!("/{root}/{}{place}/{}", self.api_version, self.plural)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn resources_are_named_as_for_kubectl() {
        let kind = |word: &str| Resource::named(word).map(|it| it.kind);
        for word in ["deploy", "Deployment", "deployments", "deployments.apps", "deployment.v1.apps"] {
            assert_eq!(kind(word).as_deref(), Some("Deployment"), "{word}");
        }
        assert_eq!(kind("sts").as_deref(), Some("StatefulSet"));
        assert_eq!(kind("pods.v1").as_deref(), Some("Pod"));
        for word in ["", "deployments.extensions", "deployment.v1beta1.apps", "web"] {
            assert_eq!(kind(word), None, "{word}");
        }
    }

    #[test]
    fn every_name_is_that_of_one_resource() {
        let words: Vec<String> = ROWS
            .iter()
            .flat_map(|row| {
                row.short.iter().map(|it| (*it).to_owned()).chain([row.kind.to_lowercase(), row.plural.to_owned()])
            })
            .collect();
        for word in words {
            assert_eq!(ROWS.iter().filter(|row| row.is_named(&word)).count(), 1, "{word}");
        }
    }

    #[test]
    fn collections_are_those_of_the_api() {
        let path = |word: &str| Resource::named(word).map(|it| it.collection("shop")).unwrap_or_default();
        assert_eq!(path("deploy"), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!((path("no"), path("po")), ("/api/v1/nodes".to_owned(), "/api/v1/namespaces/shop/pods".to_owned()));
        assert_eq!(Resource::of(&json!({"apiVersion": "v1", "kind": "Node"})), Resource::named("node"));
        assert_eq!(Resource::of(&json!({"apiVersion": "v2", "kind": "Node"})), None);
    }
}
