//! Who owns an object besides the people who change it by hand: whoever changes it in the cluster only is undone by
//! them.
//!
//! All of it is read from the object itself, but for the label of Argo CD, which others use too.

mod persisted;
mod said;

pub use persisted::{Persistence, Sources, persistence, together};
pub use said::{flux_applied, manifest_says};

use crate::object::ObjectRef;
use serde_json::Value;

/// Something that keeps an object as its own source says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// An Application of Argo CD.
    ArgoCd {
        /// Its name.
        application: String,
        /// Its namespace, where the object says it.
        namespace: Option<String>,
    },
    /// A Kustomization or HelmRelease of Flux.
    Flux {
        /// Which of them.
        object: ObjectRef,
    },
    /// A release of Helm.
    Helm {
        /// Its name.
        release: String,
        /// The namespace that it is kept in.
        namespace: String,
    },
    /// A controller with a kind of its own.
    Operator {
        /// The object that the controller makes it from.
        object: ObjectRef,
        /// Group and version of it.
        api_version: String,
    },
}

impl Owner {
    /// Whether it sets back what is changed in the cluster only, without anybody asking it to.
    ///
    /// Helm does not: it changes an object when somebody upgrades the release.
    pub fn sets_back(&self) -> bool {
        !matches!(self, Self::Helm { .. })
    }

    /// The command of its own tool that has it leave its objects alone, where it has one.
    pub fn pausing(&self) -> Option<String> {
        match self {
            Self::ArgoCd { application, .. } => Some(format!("argocd app set {application} --sync-policy none")),
            Self::Flux { object } => Some(format!(
                "flux suspend {} {} -n {}",
                object.kind.to_lowercase(),
                object.name,
                object.namespace.as_deref().unwrap_or("flux-system")
            )),
            Self::Helm { .. } | Self::Operator { .. } => None,
        }
    }

    /// Where a change has to be made that is to last, without a full stop.
    pub fn source(&self) -> String {
        match self {
            Self::ArgoCd { application, namespace } => {
                let place = namespace.as_ref().map_or_else(String::new, |name| format!(" in namespace {name}"));
                format!("the Git source of the Argo CD Application {application}{place}")
            }
            Self::Flux { object } => format!("the source of Flux's {object}"),
            Self::Helm { release, namespace } => format!("the values of the Helm release {release} in {namespace}"),
            Self::Operator { object, .. } => object.to_string(),
        }
    }
}

/// Whoever owns an object, the one with the most to say first; `applications` are the Applications of Argo CD that were
/// seen, if any.
///
/// What Flux's Helm controller installs is a release of Helm as well: both are named.
pub fn owners(object: &Value, applications: &[Value]) -> Vec<Owner> {
    let found = [operator(object), argo_cd(object, applications), flux(object), helm(object)];
    found.into_iter().flatten().collect()
}

/// What controllers of Kubernetes make other objects from; the owner of those is to be asked about, not of these.
const BUILT_IN: &[&str] = &["", "apps", "batch"];

fn operator(object: &Value) -> Option<Owner> {
    let owner = object.pointer("/metadata/ownerReferences")?.as_array()?.iter().find(|it| it["controller"] == true)?;
    let (api_version, kind, name) = (owner["apiVersion"].as_str()?, owner["kind"].as_str()?, owner["name"].as_str()?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if BUILT_IN.contains(&group) {
        return None;
    }
    let namespace = text(object, "/metadata/namespace").unwrap_or_default();
    Some(Owner::Operator { object: ObjectRef::scoped(kind, namespace, name), api_version: api_version.to_owned() })
}

fn argo_cd(object: &Value, applications: &[Value]) -> Option<Owner> {
    tracked(object).or_else(|| {
        let own = label(object, "argocd.argoproj.io/instance");
        let shared = label(object, "app.kubernetes.io/instance");
        let is_application = |name: &str| applications.iter().any(|it| text(it, "/metadata/name") == Some(name));
        let application = own.or_else(|| shared.filter(|name| is_application(name) || is_synced(object)))?;
        let seen = applications.iter().find(|it| text(it, "/metadata/name") == Some(application));
        let namespace = seen.and_then(|it| text(it, "/metadata/namespace")).map(str::to_owned);
        Some(Owner::ArgoCd { application: application.to_owned(), namespace })
    })
}

/// By the annotation `APPLICATION:GROUP/KIND:NAMESPACE/NAME`, where APPLICATION is `NAMESPACE_NAME` for one that is
/// not in Argo CD's own namespace.
///
/// Operators copy annotations to what they make: one that names another object is not about this one
/// (<https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/>).
fn tracked(object: &Value) -> Option<Owner> {
    let id = object.pointer("/metadata/annotations")?.get("argocd.argoproj.io/tracking-id")?.as_str()?;
    let (application, of) = id.split_once(':')?;
    let group = text(object, "/apiVersion")?.split_once('/').map_or("", |(group, _)| group);
    let (kind, name) = (text(object, "/kind")?, text(object, "/metadata/name")?);
    let namespace = text(object, "/metadata/namespace").unwrap_or_default();
    if of != format!("{group}/{kind}:{namespace}/{name}") {
        return None;
    }
    let (namespace, application) =
        application.split_once('_').map_or((None, application), |(place, name)| (Some(place.to_owned()), name));
    Some(Owner::ArgoCd { application: application.to_owned(), namespace })
}

/// Whether Argo CD wrote fields of it.
fn is_synced(object: &Value) -> bool {
    let managers = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    managers.is_some_and(|entries| {
        entries.iter().any(|it| it["manager"].as_str().is_some_and(|it| it.starts_with("argocd-")))
    })
}

fn flux(object: &Value) -> Option<Owner> {
    [("helm.toolkit.fluxcd.io", "HelmRelease"), ("kustomize.toolkit.fluxcd.io", "Kustomization")].into_iter().find_map(
        |(group, kind)| {
            let name = label(object, &format!("{group}/name"))?;
            let namespace = label(object, &format!("{group}/namespace")).or(text(object, "/metadata/namespace"))?;
            Some(Owner::Flux { object: ObjectRef::namespaced(kind, namespace, name) })
        },
    )
}

/// Helm takes over nothing without both annotations and the label.
fn helm(object: &Value) -> Option<Owner> {
    let annotations = object.pointer("/metadata/annotations")?;
    let release = annotations.get("meta.helm.sh/release-name")?.as_str()?;
    label(object, "app.kubernetes.io/managed-by").filter(|it| *it == "Helm")?;
    let own = text(object, "/metadata/namespace").unwrap_or_default();
    let namespace = annotations.get("meta.helm.sh/release-namespace").and_then(Value::as_str).unwrap_or(own);
    Some(Owner::Helm { release: release.to_owned(), namespace: namespace.to_owned() })
}

fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer)?.as_str()
}

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(labels: Value, annotations: Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "labels": labels, "annotations": annotations},
        })
    }

    fn argo_cd(application: &str, namespace: Option<&str>) -> Vec<Owner> {
        vec![Owner::ArgoCd { application: application.to_owned(), namespace: namespace.map(str::to_owned) }]
    }

    #[test]
    fn an_application_is_known_by_the_tracking_id_of_this_object_only() {
        let of = |id: &str| owners(&deployment(json!({}), json!({"argocd.argoproj.io/tracking-id": id})), &[]);
        assert_eq!(of("shop:apps/Deployment:shop/web"), argo_cd("shop", None));
        assert_eq!(of("team_shop:apps/Deployment:shop/web"), argo_cd("shop", Some("team")));
        assert_eq!(of("shop:apps/Deployment:shop/api"), [], "copied from another object");
        assert_eq!(of("shop:example.org/Shop:shop/web"), []);
    }

    #[test]
    fn the_label_that_others_use_too_needs_the_application_or_its_manager() {
        let labelled = deployment(json!({"app.kubernetes.io/instance": "shop"}), json!({}));
        assert_eq!(owners(&labelled, &[]), []);
        let application = json!({"metadata": {"name": "shop", "namespace": "argocd"}});
        assert_eq!(owners(&labelled, &[application]), argo_cd("shop", Some("argocd")));
        let mut synced = labelled.clone();
        synced["metadata"]["managedFields"] = json!([{"manager": "argocd-controller", "operation": "Apply"}]);
        assert_eq!(owners(&synced, &[]), argo_cd("shop", None));
        let own = deployment(json!({"argocd.argoproj.io/instance": "shop"}), json!({}));
        assert_eq!(owners(&own, &[]), argo_cd("shop", None));
    }

    #[test]
    fn what_flux_installs_by_helm_is_owned_by_both() {
        let labels = json!({
            "helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "flux-system",
            "app.kubernetes.io/managed-by": "Helm",
        });
        let annotations = json!({"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"});
        let release = Owner::Flux { object: ObjectRef::namespaced("HelmRelease", "flux-system", "web") };
        let helm = Owner::Helm { release: "web".to_owned(), namespace: "shop".to_owned() };
        let both = owners(&deployment(labels, annotations.clone()), &[]);
        assert_eq!(both, [release, helm]);
        assert_eq!(both.iter().map(Owner::sets_back).collect::<Vec<_>>(), [true, false]);
        assert_eq!(owners(&deployment(json!({}), annotations), &[]), [], "Helm does not take it for its own either");
        let kustomized = deployment(json!({"kustomize.toolkit.fluxcd.io/name": "apps"}), json!({}));
        let object = ObjectRef::namespaced("Kustomization", "shop", "apps");
        assert_eq!(owners(&kustomized, &[]), [Owner::Flux { object }]);
    }

    #[test]
    fn an_operator_is_a_controller_with_a_kind_of_its_own() {
        let owned = |api_version: &str, kind: &str, controller: bool| {
            let mut object = deployment(json!({}), json!({}));
            object["metadata"]["ownerReferences"] =
                json!([{"apiVersion": api_version, "kind": kind, "name": "main", "controller": controller}]);
            owners(&object, &[])
        };
        let object = ObjectRef::namespaced("Cluster", "shop", "main");
        let operator = Owner::Operator { object, api_version: "postgresql.cnpg.io/v1".to_owned() };
        assert_eq!(operator.source(), "Cluster/shop/main");
        assert_eq!(owned("postgresql.cnpg.io/v1", "Cluster", true), [operator]);
        assert_eq!(owned("postgresql.cnpg.io/v1", "Cluster", false), []);
        assert_eq!(owned("apps/v1", "Deployment", true), []);
        assert_eq!(owned("v1", "Node", true), []);
    }

    #[test]
    fn an_object_without_any_of_it_has_no_owner() {
        assert_eq!(owners(&json!({}), &[]), []);
        assert_eq!(owners(&deployment(json!({}), json!({})), &[json!({"metadata": {"name": "shop"}})]), []);
    }
}
