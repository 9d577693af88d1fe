//! What a pod names and so needs to exist: configuration, claims, accounts, classes.

use crate::slim::Kind;
use crate::slim::container::Container;
use crate::slim::environment::{EnvFromSource, EnvVar};
use crate::slim::pod_spec::PodSpec;
use crate::slim::volume::{KeyToPath, Volume, VolumeProjection};

/// One thing that a pod names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Kind of the named object.
    pub kind: Kind,
    /// Its name.
    pub name: &'a str,
    /// The key of it that is meant, when one is.
    pub key: Option<&'a str>,
    /// Whether the pod does without it.
    pub need: Need,
    /// Where the pod names it, as `kubectl explain` spells it: `spec.containers[web].envFrom`.
    pub field: String,
}

/// Whether a pod does without what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It does not start without it.
    Required,
    /// It is marked optional.
    Optional,
}

/// Everything that a pod or a pod template names; the claims of generic ephemeral volumes, which are
/// named after the pod, are not among it.
pub fn references(spec: &PodSpec) -> Vec<Reference<'_>> {
    let whole =
        |kind, name, field: &str| Reference { kind, name, key: None, need: Need::Required, field: field.into() };
    let mut found: Vec<Reference<'_>> = Vec::new();
    for secret in &spec.image_pull_secrets {
        found.push(whole(Kind::Secret, &secret.name, "spec.imagePullSecrets"));
    }
    found.push(whole(Kind::ServiceAccount, &spec.service_account_name, "spec.serviceAccountName"));
    found.push(whole(Kind::PriorityClass, &spec.priority_class_name, "spec.priorityClassName"));
    let runtime_class = spec.runtime_class_name.as_deref().unwrap_or_default();
    found.push(whole(Kind::RuntimeClass, runtime_class, "spec.runtimeClassName"));
    found.extend(spec.volumes.iter().flat_map(of_volume));
    found.extend(spec.all_containers().flat_map(of_container));
    found.retain(|reference| !reference.name.is_empty());
    found
}

fn of_volume(volume: &Volume) -> Vec<Reference<'_>> {
    let source = &volume.source;
    let field = format!("spec.volumes[{}]", volume.name);
    if let Some(secret) = &source.secret {
        return keyed(Kind::Secret, &secret.secret_name, &secret.items, need(secret.optional), &field);
    }
    if let Some(map) = &source.config_map {
        return keyed(Kind::ConfigMap, &map.name, &map.items, need(map.optional), &field);
    }
    if let Some(claim) = &source.persistent_volume_claim {
        return keyed(Kind::PersistentVolumeClaim, &claim.claim_name, &[], Need::Required, &field);
    }
    if let Some(secret) = source.csi.as_ref().and_then(|csi| csi.node_publish_secret_ref.as_ref()) {
        return keyed(Kind::Secret, &secret.name, &[], Need::Required, &field);
    }
    let projected = source.projected.iter().flat_map(|projected| &projected.sources);
    projected.flat_map(|projection| of_projection(projection, &field)).collect()
}

fn of_projection<'a>(projection: &'a VolumeProjection, field: &str) -> Vec<Reference<'a>> {
    if let Some(secret) = &projection.secret {
        return keyed(Kind::Secret, &secret.name, &secret.items, need(secret.optional), field);
    }
    match &projection.config_map {
        Some(map) => keyed(Kind::ConfigMap, &map.name, &map.items, need(map.optional), field),
        None => Vec::new(),
    }
}

/// One reference for each key, or one for the whole object.
fn keyed<'a>(kind: Kind, name: &'a str, items: &'a [KeyToPath], need: Need, field: &str) -> Vec<Reference<'a>> {
    let one = |key| Reference { kind, name, key, need, field: field.to_owned() };
    if items.is_empty() {
        return vec![one(None)];
    }
    items.iter().map(|item| one(Some(item.key.as_str()))).collect()
}

fn of_container(container: &Container) -> Vec<Reference<'_>> {
    let from = container.env_from.iter().filter_map(|source| of_environment_source(source, &container.name));
    let single = container.env.iter().filter_map(|variable| of_variable(variable, &container.name));
    from.chain(single).collect()
}

fn of_environment_source<'a>(source: &'a EnvFromSource, container: &str) -> Option<Reference<'a>> {
    let field = format!("spec.containers[{container}].envFrom");
    if let Some(map) = &source.config_map_ref {
        return Some(Reference { kind: Kind::ConfigMap, name: &map.name, key: None, need: need(map.optional), field });
    }
    let secret = source.secret_ref.as_ref()?;
    Some(Reference { kind: Kind::Secret, name: &secret.name, key: None, need: need(secret.optional), field })
}

fn of_variable<'a>(variable: &'a EnvVar, container: &str) -> Option<Reference<'a>> {
    let source = variable.value_from.as_ref()?;
    let field = format!("spec.containers[{container}].env[{}]", variable.name);
    if let Some(map) = &source.config_map_key_ref {
        let key = Some(map.key.as_str());
        return Some(Reference { kind: Kind::ConfigMap, name: &map.name, key, need: need(map.optional), field });
    }
    let secret = source.secret_key_ref.as_ref()?;
    let key = Some(secret.key.as_str());
    Some(Reference { kind: Kind::Secret, name: &secret.name, key, need: need(secret.optional), field })
}

fn need(optional: Option<bool>) -> Need {
    if optional == Some(true) { Need::Optional } else { Need::Required }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Pod, from_json};

    #[test]
    fn volumes_environment_and_classes_are_found() {
        let text = br#"{"spec":{"serviceAccountName":"web","priorityClassName":"high",
            "imagePullSecrets":[{"name":"pull"}],
            "volumes":[{"name":"c","configMap":{"name":"conf","items":[{"key":"a","path":"a"}]}},
                {"name":"p","projected":{"sources":[{"secret":{"name":"token","optional":true}}]}},
                {"name":"d","persistentVolumeClaim":{"claimName":"data"}}],
            "containers":[{"name":"app","envFrom":[{"configMapRef":{"name":"env"}}],
                "env":[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]}]}}"#;
        let pod: Pod = from_json(text).unwrap();
        let all: Vec<(Kind, &str, Option<&str>, Need)> =
            references(&pod.spec).iter().map(|one| (one.kind, one.name, one.key, one.need)).collect();
        assert_eq!(
            all,
            [
                (Kind::Secret, "pull", None, Need::Required),
                (Kind::ServiceAccount, "web", None, Need::Required),
                (Kind::PriorityClass, "high", None, Need::Required),
                (Kind::ConfigMap, "conf", Some("a"), Need::Required),
                (Kind::Secret, "token", None, Need::Optional),
                (Kind::PersistentVolumeClaim, "data", None, Need::Required),
                (Kind::ConfigMap, "env", None, Need::Required),
                (Kind::Secret, "db", Some("password"), Need::Required),
            ]
        );
    }
}
