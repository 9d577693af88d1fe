//! What a pod template needs by name.

use crate::revisions::Fields;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a name is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
    ServiceAccount,
    Claim,
    PriorityClass,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::ServiceAccount => "ServiceAccount",
            Self::Claim => "PersistentVolumeClaim",
            Self::PriorityClass => "PriorityClass",
        }
    }
}

/// A name in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    /// Whether pods start without it.
    pub(super) is_optional: bool,
}

/// All names in a template.
pub(super) fn of(template: &Value) -> BTreeSet<Reference<'_>> {
    let fields = Fields(template);
    let mut found = BTreeSet::new();
    for volume in fields.list("/spec/volumes") {
        of_source(volume, &mut found);
        Fields(volume).list("/projected/sources").iter().for_each(|it| of_source(it, &mut found));
    }
    let containers = ["containers", "initContainers"];
    for container in containers.iter().flat_map(|list| fields.list(&format!("/spec/{list}"))) {
        of_environment(container, &mut found);
    }
    let pull_secrets = fields.list("/spec/imagePullSecrets").iter().map(|it| (Kind::Secret, Fields(it).text("/name")));
    let alone = [
        (Kind::ServiceAccount, fields.text("/spec/serviceAccountName")),
        (Kind::PriorityClass, fields.text("/spec/priorityClassName")),
    ];
    for (kind, name) in alone.into_iter().chain(pull_secrets) {
        // A pull secret that is missing matters to images that need it only.
        found.extend(name.map(|name| Reference { kind, name, is_optional: kind == Kind::Secret }));
    }
    found
}

fn of_source<'a>(source: &'a Value, found: &mut BTreeSet<Reference<'a>>) {
    let places = [
        (Kind::ConfigMap, "configMap", "name"),
        (Kind::Secret, "secret", "secretName"),
        (Kind::Secret, "secret", "name"),
        (Kind::Claim, "persistentVolumeClaim", "claimName"),
    ];
    found.extend(places.into_iter().filter_map(|(kind, field, name)| reference(kind, &source[field], name)));
}

fn of_environment<'a>(container: &'a Value, found: &mut BTreeSet<Reference<'a>>) {
    let fields = Fields(container);
    for source in fields.list("/envFrom") {
        found.extend(reference(Kind::ConfigMap, &source["configMapRef"], "name"));
        found.extend(reference(Kind::Secret, &source["secretRef"], "name"));
    }
    for variable in fields.list("/env") {
        found.extend(reference(Kind::ConfigMap, &variable["valueFrom"]["configMapKeyRef"], "name"));
        found.extend(reference(Kind::Secret, &variable["valueFrom"]["secretKeyRef"], "name"));
    }
}

fn reference<'a>(kind: Kind, place: &'a Value, field: &str) -> Option<Reference<'a>> {
    Some(Reference { kind, name: place[field].as_str()?, is_optional: place["optional"] == true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_place_that_names_something_is_looked_at() {
        let template = json!({"spec": {
            "serviceAccountName": "web", "priorityClassName": "high", "imagePullSecrets": [{"name": "pull"}],
            "volumes": [
                {"configMap": {"name": "mounted"}}, {"secret": {"secretName": "keys", "optional": true}},
                {"persistentVolumeClaim": {"claimName": "data"}}, {"emptyDir": {}},
                {"projected": {"sources": [{"configMap": {"name": "projected"}}, {"secret": {"name": "token"}}]}},
            ],
            "initContainers": [{"envFrom": [{"configMapRef": {"name": "from"}}, {"secretRef": {"name": "all"}}]}],
            "containers": [{"env": [
                {"name": "A", "value": "plain"}, {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "single"}}},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "password"}}},
            ]}],
        }});
        let found = of(&template);
        let named = |kind: Kind| found.iter().filter(|it| it.kind == kind).map(|it| it.name).collect::<Vec<_>>();
        assert_eq!(named(Kind::ConfigMap), ["from", "mounted", "projected", "single"]);
        assert_eq!(named(Kind::Secret), ["all", "keys", "password", "pull", "token"]);
        assert_eq!(named(Kind::ServiceAccount), ["web"]);
        assert_eq!(named(Kind::Claim), ["data"]);
        assert_eq!(named(Kind::PriorityClass), ["high"]);
        let optional: Vec<_> = found.iter().filter(|it| it.is_optional).map(|it| it.name).collect();
        assert_eq!(optional, ["keys", "pull"]);
        assert!(of(&json!({})).is_empty());
    }
}
