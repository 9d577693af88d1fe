//! A program of this machine that a step runs: a provider's own command line, or helm.
//!
//! The set of programs is closed, and so is what each may be told to do: a plan that was saved, or written by somebody
//! else, cannot have anything else run. No shell is asked.

use super::edit::FieldChange;
use super::target::Address;
use crate::finding::quoted;
use crate::helm::ObjectChange;
use crate::workload_status::Progress;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A program that can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Program {
    /// The command line of Amazon Web Services.
    Aws,
    /// The command line of Azure.
    Az,
    /// Makes and keeps clusters of Amazon EKS.
    Eksctl,
    /// The command line of Google Cloud.
    Gcloud,
    /// The package manager of Kubernetes.
    Helm,
}

impl Program {
    /// Its name, by which it is found.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Az => "az",
            Self::Eksctl => "eksctl",
            Self::Gcloud => "gcloud",
            Self::Helm => "helm",
        }
    }

    /// Whether it ends what it does by itself when it takes too long: ended from outside it would leave a lock.
    pub fn ends_by_itself(self) -> bool {
        self == Self::Helm
    }

    /// The commands that only look.
    fn looks(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Aws => &[&["eks", "describe-nodegroup"]],
            Self::Az => &[&["aks", "nodepool", "show"]],
            Self::Eksctl => &[&["get", "nodegroup"]],
            Self::Gcloud => {
                &[&["container", "node-pools", "describe"], &["compute", "instance-groups", "managed", "list"]]
            }
            Self::Helm => &[&["get", "metadata"], &["history"], &["status"], &["version"]],
        }
    }

    /// The commands that a step may run.
    fn changes(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Aws => &[&["eks", "update-nodegroup-config"]],
            Self::Az => &[&["aks", "nodepool", "scale"]],
            Self::Eksctl => &[&["scale", "nodegroup"]],
            Self::Gcloud => &[&["container", "clusters", "resize"]],
            Self::Helm => &[&["rollback"]],
        }
    }

    /// Whether a command line of it only looks.
    pub fn only_looks(self, arguments: &[String]) -> bool {
        begins(self.looks(), arguments)
    }

    /// How a command line of it is typed.
    pub fn typed(self, arguments: &[String]) -> String {
        std::iter::once(self.name().to_owned())
            .chain(arguments.iter().map(|it| quoted(it)))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Whether a command line begins with one of these; options never stand before the command.
fn begins(commands: &[&[&str]], arguments: &[String]) -> bool {
    commands.iter().any(|command| {
        arguments.len() >= command.len() && command.iter().zip(arguments).all(|(word, argument)| word == argument)
    })
}

/// A program that is run with fixed arguments, and what tells whether it did its work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Run {
    /// The program.
    pub program: Program,
    /// Its arguments, one by one.
    pub arguments: Vec<String>,
    /// Arguments with which the same program says, as JSON, how things stand, and changes nothing.
    pub probe: Vec<String>,
    /// What of that answer tells whether the work is done; what must stay the same has one value before and after.
    pub fields: Vec<FieldChange>,
    /// The nodes that must be ready afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<ReadyNodes>,
    /// The workloads whose rollouts must be complete afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<Address>,
    /// What becomes of objects of the cluster by it; confidential values are marks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ObjectChange>,
}

/// So many nodes with a label, all of them ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadyNodes {
    /// The label selector.
    pub selector: String,
    /// How many.
    pub count: usize,
}

impl ReadyNodes {
    /// How far they are, of those that have the label.
    pub fn progress(&self, nodes: &[Value]) -> Progress {
        let ready = nodes.iter().filter(|node| is_ready(node)).count();
        match (ready, nodes.len()) {
            (ready, all) if ready == self.count && all == self.count => Progress::Done,
            (_, all) if all > self.count => {
                Progress::Waiting(format!("{all} nodes are there, {} are wanted", self.count))
            }
            (ready, _) => Progress::Waiting(format!("{ready} of {} nodes are ready", self.count)),
        }
    }
}

fn is_ready(node: &Value) -> bool {
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

impl Run {
    /// How it is typed.
    pub fn typed(&self) -> String {
        self.program.typed(&self.arguments)
    }

    /// Why it must not be run, if it is none of the commands that a step may run.
    pub fn forbidden(&self) -> Option<String> {
        if !begins(self.program.changes(), &self.arguments) {
            return Some(format!("{} is no command that a step may run", self.typed()));
        }
        let probe = || self.program.typed(&self.probe);
        (!self.program.only_looks(&self.probe)).then(|| format!("{} is not known to only look", probe()))
    }

    /// The run that makes the change once more after `back` took it back: what counts on, as revisions do, counts on.
    pub fn again_after(&self, back: &Self) -> Self {
        let fields = self.fields.iter().zip(&back.fields).map(|(first, back)| FieldChange {
            before: back.after.clone(),
            after: counted_on(first, back),
            ..first.clone()
        });
        Self { fields: fields.collect(), ..self.clone() }
    }
}

fn counted_on(first: &FieldChange, back: &FieldChange) -> Option<Value> {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_i64);
    match (number(&first.before), number(&first.after), number(&back.after)) {
        (Some(before), Some(after), Some(now)) => Some(Value::from(now + (after - before))),
        _ => first.after.clone(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    fn words(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    pub(crate) fn change(pointer: &str, before: Value, after: Value) -> FieldChange {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        FieldChange { pointer: pointer.to_owned(), field, before: Some(before), after: Some(after) }
    }

    /// Sets the size of a node group.
    pub(crate) fn resize(before: i64, after: i64) -> Run {
        Run {
            program: Program::Eksctl,
            arguments: words(&format!("scale nodegroup --cluster shop --name main --nodes {after}")),
            probe: words("get nodegroup --cluster shop --name main --output json"),
            fields: vec![
                change("/0/DesiredCapacity", json!(before), json!(after)),
                change("/0/Status", json!("ACTIVE"), json!("ACTIVE")),
            ],
            nodes: None,
            workloads: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Goes back to a revision of a release.
    fn revision(to: i64, before: i64) -> Run {
        Run {
            program: Program::Helm,
            arguments: words(&format!("rollback web {to} -n shop")),
            probe: words("status web -n shop -o json"),
            fields: vec![
                change("/version", json!(before), json!(before + 1)),
                change("/info/status", json!("deployed"), json!("deployed")),
            ],
            nodes: None,
            workloads: Vec::new(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn only_known_commands_are_run_and_only_those_that_look_are_probes() {
        assert_eq!((resize(2, 3).forbidden(), revision(3, 5).forbidden()), (None, None));
        let deletes = Run { arguments: words("delete nodegroup --cluster shop --name main"), ..resize(2, 3) };
        let expected = "eksctl delete nodegroup --cluster shop --name main is no command that a step may run";
        assert_eq!(deletes.forbidden().as_deref(), Some(expected));
        let before = Run { arguments: words("--kubeconfig x rollback web 3"), ..revision(3, 5) };
        assert!(before.forbidden().is_some(), "an option before the command");
        let probe = Run { probe: words("rollback web 3"), ..revision(3, 5) };
        assert!(probe.forbidden().expect("a reason").ends_with("is not known to only look"));
    }

    #[test]
    fn what_is_typed_is_quoted_for_a_shell() {
        let run = Run { arguments: vec!["rollback".to_owned(), "a b;c".to_owned()], ..revision(3, 5) };
        assert_eq!(run.typed(), "helm rollback 'a b;c'");
    }

    #[test]
    fn what_was_taken_back_is_done_once_more() {
        let (first, back) = (resize(2, 3), resize(3, 2));
        assert_eq!(first.again_after(&back), first, "sizes go to and fro");
        let (first, back) = (revision(3, 5), revision(5, 6));
        let again = first.again_after(&back);
        assert_eq!((again.arguments, again.fields), (first.arguments, revision(3, 7).fields), "revisions count on");
    }

    #[test]
    fn nodes_are_waited_for_until_all_are_ready_and_no_more_are_there() {
        let node = |status: &str| json!({"status": {"conditions": [{"type": "Ready", "status": status}]}});
        let wanted = ReadyNodes { selector: "group=main".to_owned(), count: 2 };
        let progress = |all: &[&str]| wanted.progress(&all.iter().map(|it| node(it)).collect::<Vec<_>>());
        assert_eq!(progress(&["True", "True"]), Progress::Done);
        assert_eq!(progress(&["True", "Unknown"]), Progress::Waiting("1 of 2 nodes are ready".to_owned()));
        assert_eq!(progress(&["True"; 3]), Progress::Waiting("3 nodes are there, 2 are wanted".to_owned()));
    }

    #[test]
    fn a_run_is_read_strictly() {
        let text = serde_json::to_value(resize(2, 3)).expect("JSON");
        assert_eq!(serde_json::from_value::<Run>(text.clone()).expect("a run"), resize(2, 3));
        let mut other = text;
        other["program"] = json!("sh");
        assert!(serde_json::from_value::<Run>(other).is_err());
    }
}
