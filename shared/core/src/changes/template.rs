//! What is different between two templates of pods, field by field; confidential values are not shown.

use crate::logs::Redactor;
use crate::redaction::{PLACEHOLDER, is_confidential};
use crate::slim::container::Container;
use crate::slim::environment::{EnvFromSource, EnvVar};
use crate::slim::pod_spec::PodSpec;
use crate::slim::{ResourceAmount, Shared, written_of};
use std::collections::{BTreeMap, BTreeSet};

/// A field that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its path in the template, for example `containers[app].env[DB_HOST]`.
    pub field: String,
    /// What it was; absent where it was not there, or is too large to be shown.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

/// Letters of a value that are shown.
const LONGEST: usize = 120;

/// The fields in which two templates differ, those that are changed on purpose most often first.
pub fn differences(old: &PodSpec, new: &PodSpec) -> Vec<FieldChange> {
    let mut found = Differences::default();
    found.containers("containers", &old.containers, &new.containers);
    found.containers("initContainers", &old.init_containers, &new.init_containers);
    found.text("serviceAccountName", &old.service_account_name, &new.service_account_name);
    found.text("priorityClassName", &old.priority_class_name, &new.priority_class_name);
    let pairs = |spec: &PodSpec| spec.node_selector.iter().map(|it| (it.key.clone(), it.value.clone())).collect();
    found.maps("nodeSelector", &pairs(old), &pairs(new));
    let names = |spec: &PodSpec| -> BTreeSet<String> { spec.volumes.iter().map(|it| it.name.clone()).collect() };
    for name in names(old).union(&names(new)) {
        let of = |spec: &PodSpec| spec.volumes.iter().find(|it| it.name == *name).cloned();
        found.opaque(&format!("volumes[{name}]"), &of(old), &of(new));
    }
    found.opaque("affinity", &old.affinity, &new.affinity);
    found.opaque("tolerations", &old.tolerations, &new.tolerations);
    found.opaque("topologySpreadConstraints", &old.topology_spread_constraints, &new.topology_spread_constraints);
    found.opaque("securityContext", &old.security_context, &new.security_context);
    found.opaque("imagePullSecrets", &old.image_pull_secrets, &new.image_pull_secrets);
    found.opaque("hostNetwork", &old.host_network, &new.host_network);
    found.fields
}

#[derive(Default)]
struct Differences {
    fields: Vec<FieldChange>,
}

impl Differences {
    fn containers(&mut self, list: &str, old: &[Shared<Container>], new: &[Shared<Container>]) {
        for container in new {
            let path = format!("{list}[{}]", container.name);
            match old.iter().find(|it| it.name == container.name) {
                Some(before) => self.container(&path, before, container),
                None => self.push(&path, None, Some(container.image.clone())),
            }
        }
        for gone in old.iter().filter(|it| new.iter().all(|other| other.name != it.name)) {
            self.push(&format!("{list}[{}]", gone.name), Some(gone.image.clone()), None);
        }
    }

    fn container(&mut self, path: &str, old: &Container, new: &Container) {
        self.text(&format!("{path}.image"), &old.image, &new.image);
        self.maps(&format!("{path}.env"), &variables(&old.env), &variables(&new.env));
        self.text(&format!("{path}.envFrom"), &sources(&old.env_from), &sources(&new.env_from));
        self.text(&format!("{path}.command"), &line(&old.command), &line(&new.command));
        self.text(&format!("{path}.args"), &line(&old.args), &line(&new.args));
        let resources = |it: &Container| (amounts(&it.resources.requests), amounts(&it.resources.limits));
        let ((old_requests, old_limits), (new_requests, new_limits)) = (resources(old), resources(new));
        self.maps(&format!("{path}.resources.limits"), &old_limits, &new_limits);
        self.maps(&format!("{path}.resources.requests"), &old_requests, &new_requests);
        self.opaque(&format!("{path}.livenessProbe"), &old.liveness_probe, &new.liveness_probe);
        self.opaque(&format!("{path}.readinessProbe"), &old.readiness_probe, &new.readiness_probe);
        self.opaque(&format!("{path}.startupProbe"), &old.startup_probe, &new.startup_probe);
        self.opaque(&format!("{path}.ports"), &old.ports, &new.ports);
        self.opaque(&format!("{path}.volumeMounts"), &old.volume_mounts, &new.volume_mounts);
        self.opaque(&format!("{path}.securityContext"), &old.security_context, &new.security_context);
        self.opaque(&format!("{path}.lifecycle"), &old.lifecycle, &new.lifecycle);
        self.text(&format!("{path}.imagePullPolicy"), &old.image_pull_policy, &new.image_pull_policy);
    }

    fn maps(&mut self, path: &str, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys.into_iter().filter(|key| old.get(*key) != new.get(*key)) {
            let shown = |map: &BTreeMap<String, String>| map.get(key).map(|value| shown(key, value));
            self.push(&format!("{path}[{key}]"), shown(old), shown(new));
        }
    }

    fn text(&mut self, path: &str, old: &str, new: &str) {
        if old != new {
            let said = |text: &str| (!text.is_empty()).then(|| shown("", text));
            self.push(path, said(old), said(new));
        }
    }

    /// What is too large to be shown: that it is another is all that is said.
    fn opaque<T: PartialEq>(&mut self, path: &str, old: &T, new: &T) {
        if old != new {
            self.push(path, None, None);
        }
    }

    fn push(&mut self, path: &str, old: Option<String>, new: Option<String>) {
        self.fields.push(FieldChange { field: path.to_owned(), old, new });
    }
}

/// A value as it may be seen.
fn shown(name: &str, value: &str) -> String {
    // What an archive hides stands there as a placeholder.
    if is_confidential(name, Some(value)) || value.starts_with(PLACEHOLDER) {
        return "(hidden)".to_owned();
    }
    let redacted = Redactor::default().redacted(value, &mut false);
    match redacted.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &redacted[..end]),
        None => redacted,
    }
}

fn variables(env: &[EnvVar]) -> BTreeMap<String, String> {
    env.iter().map(|variable| (variable.name.clone(), value_of(variable))).collect()
}

fn value_of(variable: &EnvVar) -> String {
    let Some(source) = &variable.value_from else { return variable.value.clone() };
    if let Some(key) = &source.config_map_key_ref {
        return format!("{} of ConfigMap {}", key.key, &*key.name);
    }
    if let Some(key) = &source.secret_key_ref {
        return format!("{} of Secret {}", key.key, &*key.name);
    }
    source.field_ref.as_ref().map_or_else(String::new, |field| format!("field {}", field.field_path))
}

fn sources(all: &[EnvFromSource]) -> String {
    let name = |source: &EnvFromSource| {
        let of_map = source.config_map_ref.as_ref().map(|it| format!("ConfigMap {}", &*it.name));
        of_map.or_else(|| source.secret_ref.as_ref().map(|it| format!("Secret {}", &*it.name)))
    };
    all.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn line(words: &[String]) -> String {
    words.join(" ").replace('\n', " ")
}

fn amounts(list: &[ResourceAmount]) -> BTreeMap<String, String> {
    list.iter().filter_map(|it| Some((it.name.clone(), written_of(list, &it.name)?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(container: serde_json::Value) -> PodSpec {
        serde_json::from_value(serde_json::json!({"containers": [container]})).expect("a spec")
    }

    fn said(old: serde_json::Value, new: serde_json::Value) -> Vec<String> {
        let word = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let line = |it: FieldChange| format!("{}: {} -> {}", it.field, word(it.old), word(it.new));
        differences(&spec(old), &spec(new)).into_iter().map(line).collect()
    }

    #[test]
    fn what_is_different_is_named_with_both_values() {
        let old = serde_json::json!({"name": "app", "image": "web:1", "env": [{"name": "DB_HOST", "value": "db"},
            {"name": "GONE", "value": "1"}], "resources": {"limits": {"memory": "1Gi"}}});
        let new = serde_json::json!({"name": "app", "image": "web:2", "env": [{"name": "DB_HOST", "value": "db2"}],
            "resources": {"limits": {"memory": "64Mi"}}, "livenessProbe": {"httpGet": {"path": "/", "port": 80}}});
        assert_eq!(
            said(old.clone(), new),
            [
                "containers[app].image: web:1 -> web:2",
                "containers[app].env[DB_HOST]: db -> db2",
                "containers[app].env[GONE]: 1 -> -",
                "containers[app].resources.limits[memory]: 1Gi -> 64Mi",
                "containers[app].livenessProbe: - -> -",
            ]
        );
        assert_eq!(said(old.clone(), old), [""; 0]);
    }

    #[test]
    fn confidential_values_are_not_shown() {
        let with = |value: &str| {
            serde_json::json!({"name": "app", "image": "a", "env": [{"name": "DB_PASSWORD", "value": value},
                {"name": "URL", "value": format!("postgres://shop:{value}@db/shop")}]})
        };
        let said = said(with("hunter2-old"), with("hunter2-new"));
        assert_eq!(said.len(), 2, "that they differ is told: {said:?}");
        assert!(said.iter().all(|line| !line.contains("hunter2")), "{said:?}");
    }
}
