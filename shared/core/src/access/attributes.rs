//! What a printed command asks of the API server, as an authorizer is asked about it.

use crate::finding::words;
use crate::slim::{KINDS, KindInfo, Scope};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A request for objects, with all that an authorizer decides by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceAttributes {
    /// What is done, as the API says it: `patch`.
    pub verb: String,
    /// The API group, empty for the core one.
    pub group: String,
    /// Plural of the kind: `deployments`.
    pub resource: String,
    /// The part of an object: `scale`; empty for the whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subresource: String,
    /// Absent for what belongs to the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Absent where several are meant, or one that is not there yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl fmt::Display for ResourceAttributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.verb, self.combined_resource())?;
        self.namespace.iter().try_for_each(|namespace| write!(formatter, " in {namespace}"))
    }
}

impl ResourceAttributes {
    /// The resource as rules name it: `deployments/scale`.
    pub fn combined_resource(&self) -> String {
        if self.subresource.is_empty() {
            return self.resource.clone();
        }
        format!("{}/{}", self.resource, self.subresource)
    }

    /// What kubectl asks of the API server for a command that changes something; `None` for a command of another shape.
    pub fn of_command(command: &str) -> Option<Vec<Self>> {
        let words = words(command, &[]);
        let line = Line::parse(&words)?;
        match line.arguments[..] {
            ["sre", ref arguments @ ..] => line.of_suite(arguments),
            ["cordon" | "uncordon", name] => line.edit(&["node", name]),
            ["patch" | "label" | "annotate", ref target @ ..] | ["set", "resources", ref target @ ..] => {
                line.edit(target)
            }
            ["scale", ref target @ ..] => line.scale(target),
            ["rollout", "undo", ref target @ ..] => line.undo(target),
            ["delete", ref target @ ..] => {
                let delete = line.asks("delete", target)?;
                let list = delete.name.is_none().then(|| line.asks("list", target)).flatten();
                Some(list.into_iter().chain([delete]).collect())
            }
            ["create", "job", _] => Some(vec![line.asks("get", &[line.from?])?, line.asks("create", &["job"])?]),
            ["create", "serviceaccount", _] => Some(vec![line.asks("create", &["serviceaccount"])?]),
            _ => None,
        }
    }
}

/// The words of a kubectl command that say what it is about.
#[derive(Default)]
struct Line<'w> {
    arguments: Vec<&'w str>,
    namespace: Option<&'w str>,
    /// What something is made from: `cronjob/backup`.
    from: Option<&'w str>,
}

impl<'w> Line<'w> {
    /// Flags whose value is a word of its own.
    const WITH_VALUE: [&'static str; 11] = [
        "-p",
        "-c",
        "--field-selector",
        "--container",
        "--limits",
        "--requests",
        "--replicas",
        "--min",
        "--max",
        "--size",
        "--partition",
    ];

    fn parse(words: &'w [String]) -> Option<Self> {
        let (program, mut words) = (words.first()?, words[1..].iter());
        let mut line = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-n" => line.namespace = Some(words.next()?),
                flag if Self::WITH_VALUE.contains(&flag) => {
                    words.next()?;
                }
                flag if flag.starts_with('-') => line.from = line.from.or_else(|| flag.strip_prefix("--from=")),
                argument => line.arguments.push(argument),
            }
        }
        (program == "kubectl").then_some(line)
    }

    /// kubectl reads an object before it changes it.
    fn edit(&self, target: &[&str]) -> Option<Vec<ResourceAttributes>> {
        Some(vec![self.asks("get", target)?, self.asks("patch", target)?])
    }

    fn scale(&self, target: &[&str]) -> Option<Vec<ResourceAttributes>> {
        let scale = ResourceAttributes { subresource: "scale".to_owned(), ..self.asks("patch", target)? };
        Some(vec![self.asks("get", target)?, scale])
    }

    fn undo(&self, target: &[&str]) -> Option<Vec<ResourceAttributes>> {
        let [get, patch] = [self.asks("get", target)?, self.asks("patch", target)?];
        let revisions = if get.resource == "deployments" { "replicaset" } else { "controllerrevision" };
        Some(vec![get, self.asks("list", &[revisions])?, patch])
    }

    /// What a command of this suite asks for at the least; what a look at the surroundings asks for is not among it.
    fn of_suite(&self, arguments: &[&str]) -> Option<Vec<ResourceAttributes>> {
        match *arguments {
            ["rollback", target] => self.undo(&[target]),
            ["scale", "resources", target] => self.edit(&[target]),
            ["scale", "hpa", name] => self.edit(&["hpa", name]),
            ["scale", "volume", name] => self.edit(&["persistentvolumeclaim", name]),
            ["scale", target] => self.scale(&[target]),
            ["change", "cordon" | "uncordon", name] => self.edit(&["node", name]),
            ["change", "label" | "set-image" | "set-env", target, ..]
            | ["change", "restart" | "update-strategy", target] => self.edit(&[target]),
            ["change", "delete-pod", name] => Some(vec![self.asks("delete", &["pod", name])?]),
            _ => None,
        }
    }

    /// A request for what kubectl calls `web` of kind `deployment`: `deployment web`, `deployment/web`, or no name at all.
    fn asks(&self, verb: &str, target: &[&str]) -> Option<ResourceAttributes> {
        let (kind, name) = match *target {
            [pair, ..] if pair.contains('/') => pair.split_once('/').map(|(kind, name)| (kind, Some(name)))?,
            [kind, name, ..] => (kind, Some(name)),
            [kind] => (kind, None),
            [] => return None,
        };
        let (group, resource, scope) = served(kind)?;
        let namespace = if scope == Scope::Namespaced { Some(self.namespace?.to_owned()) } else { None };
        Some(ResourceAttributes {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: String::new(),
            namespace,
            name: name.map(str::to_owned),
        })
    }
}

/// Where a kind is served, by its name, its plural, or the short name that commands use.
fn served(word: &str) -> Option<(&'static str, &'static str, Scope)> {
    let word = match word {
        "hpa" => "horizontalpodautoscaler",
        "pdb" => "poddisruptionbudget",
        word => word,
    };
    let is_meant = |info: &&KindInfo| info.name.eq_ignore_ascii_case(word) || info.plural == word;
    KINDS.iter().find(is_meant).map(|info| (info.group(), info.plural, info.scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(command: &str) -> String {
        let requests = ResourceAttributes::of_command(command).unwrap_or_default();
        let named = |it: &ResourceAttributes| match &it.name {
            Some(name) => format!("{it} {name}"),
            None => it.to_string(),
        };
        requests.iter().map(named).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn an_edit_reads_and_patches() {
        let expected = "get deployments in shop web, patch deployments in shop web";
        for command in [
            r#"kubectl patch deployment web -n shop --type=merge -p '{"spec":{"paused":false}}' --dry-run=server"#,
            "kubectl set resources deployment/web -n shop -c app --limits=memory=1Gi --dry-run=server",
            "kubectl set resources deployment web -n shop -c app --requests=cpu=1 --dry-run=server",
        ] {
            assert_eq!(asked(command), expected, "{command}");
        }
        assert_eq!(asked("kubectl cordon n1 --dry-run=server"), "get nodes n1, patch nodes n1");
        let label = "kubectl label namespace shop pod-security.kubernetes.io/enforce=baseline --overwrite";
        assert_eq!(asked(label), "get namespaces shop, patch namespaces shop");
    }

    #[test]
    fn other_changes_ask_for_what_they_touch() {
        let scale = "kubectl scale statefulset/db -n shop --replicas=1 --dry-run=server";
        assert_eq!(asked(scale), "get statefulsets in shop db, patch statefulsets/scale in shop db");
        let undo = |kind: &str| asked(&format!("kubectl rollout undo {kind}/web -n shop --dry-run=server"));
        assert_eq!(
            undo("deployment"),
            "get deployments in shop web, list replicasets in shop, patch deployments in shop web"
        );
        assert!(undo("daemonset").contains(", list controllerrevisions in shop, "), "{}", undo("daemonset"));
        assert_eq!(asked("kubectl delete hpa web -n shop"), "delete horizontalpodautoscalers in shop web");
        let finished = "kubectl delete pods -n shop --field-selector status.phase=Succeeded --dry-run=server";
        assert_eq!(asked(finished), "list pods in shop, delete pods in shop");
        let again = "kubectl create job backup-again --from=cronjob/backup -n shop --dry-run=server";
        assert_eq!(asked(again), "get cronjobs in shop backup, create jobs in shop");
        assert_eq!(asked("kubectl create serviceaccount app -n shop"), "create serviceaccounts in shop");
    }

    #[test]
    fn commands_of_this_suite_ask_for_what_they_change() {
        let edit = "get deployments in shop web, patch deployments in shop web";
        for command in [
            "scale resources deployment/web --container app --limits memory=1Gi",
            "change set-env deployment/web A=b",
            "change restart deployment/web",
        ] {
            assert_eq!(asked(&format!("kubectl sre {command} -n shop --dry-run")), edit, "{command}");
        }
        let rollback = "get deployments in shop web, list replicasets in shop, patch deployments in shop web";
        assert_eq!(asked("kubectl sre rollback deployment/web -n shop --dry-run"), rollback);
        let scale = "get statefulsets in shop db, patch statefulsets/scale in shop db";
        assert_eq!(asked("kubectl sre scale statefulset/db --replicas 1 -n shop --dry-run"), scale);
        assert_eq!(asked("kubectl sre change cordon n1 --dry-run"), "get nodes n1, patch nodes n1");
        assert_eq!(asked("kubectl sre change delete-pod web-0 -n shop --dry-run"), "delete pods in shop web-0");
        let volume = "get persistentvolumeclaims in shop data, patch persistentvolumeclaims in shop data";
        assert_eq!(asked("kubectl sre scale volume data --size 2Gi -n shop --dry-run"), volume);
        assert_eq!(asked("kubectl sre incident triage deployment/web -n shop"), "");
    }

    #[test]
    fn the_group_is_that_of_the_kind() {
        let group = |command: &str| ResourceAttributes::of_command(command).expect("understood")[0].group.clone();
        assert_eq!(group("kubectl delete pod web -n shop"), "");
        assert_eq!(group("kubectl delete clusterrolebinding oops"), "rbac.authorization.k8s.io");
        assert_eq!(group("kubectl patch pdb web -n shop --type=merge -p '{}'"), "policy");
    }

    #[test]
    fn what_has_another_shape_is_not_understood() {
        for command in [
            "kubectl apply -f web.yaml",
            "kubectl patch wombat web -n shop --type=merge -p '{}'",
            "kubectl patch deployment web --type=merge -p '{}'",
            "helm rollback web",
            "kubectl create job again -n shop",
            "kubectl delete",
            "kubectl patch deployment web -n",
            "",
        ] {
            assert_eq!(ResourceAttributes::of_command(command), None, "{command}");
        }
    }
}
