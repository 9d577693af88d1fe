//! One person at one machine, who changes things in a namespace and is not at a terminal.

use super::rig::{AuditEvent, Rig};
use crate::cli::{BINARY, Ran, Sandbox, schema_of_changes};
use serde_json::Value;

/// Who runs the binary, and where.
pub struct Person<'a> {
    pub rig: &'a Rig,
    pub sandbox: Sandbox,
    pub namespace: String,
}

impl<'a> Person<'a> {
    pub fn new(rig: &'a Rig, namespace: &str) -> Self {
        Self { rig, sandbox: Sandbox::new(), namespace: namespace.to_owned() }
    }

    /// Runs the binary as the administrator.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let config = self.rig.kubeconfig("admin");
        let arguments = [arguments, &["-n", &self.namespace, "--kubeconfig", &config]].concat();
        Ran::of(self.sandbox.prepared(self.rig.command(BINARY), &arguments).output().expect("the binary runs"))
    }

    /// The document of a run, which is as its schema says.
    pub fn document(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run(&[arguments, &["-o", "json"]].concat());
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        let (schemas, index) = schema_of_changes(document["kind"].as_str().unwrap_or_default());
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}: {document:#}"));
        (ran.code, document)
    }

    /// What the audit log shows of the writes of a run, but for renewals of the lock that it took.
    pub fn writes(&self, run: &str) -> Vec<String> {
        let reads = |event: &AuditEvent| {
            ["get", "list", "watch"].contains(&event.verb.as_str()) || event.resource.starts_with("selfsubject")
        };
        let written = |event: AuditEvent| {
            let dry = if event.uri.contains("dryRun=All") { " (tried)" } else { "" };
            let part = if event.subresource.is_empty() { String::new() } else { format!("/{}", event.subresource) };
            (!reads(&event)).then(|| format!("{} {}{part}{dry}", event.verb, event.resource))
        };
        let mut writes: Vec<String> = self.rig.audit(run).into_iter().filter_map(written).collect();
        let takes_lock = writes.iter().any(|write| write == "create leases");
        writes.retain(|write| !(takes_lock && write == "update leases"));
        writes
    }
}

/// What names the run of a plan, in the User-Agent too.
pub fn id(document: &Value) -> String {
    document["id"].as_str().expect("an id").to_owned()
}
