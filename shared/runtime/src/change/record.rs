//! Who does what, for the audit log.

use super::audit::AuditLog;
use crate::error::Error;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sre_core::plan::{Entry, Plan};

/// Writes what a run does to the audit log.
#[derive(Clone, Debug)]
pub struct Record {
    log: AuditLog,
    run: String,
    user: String,
    person: String,
    host: String,
}

impl Record {
    /// The record of a run.
    pub fn new(log: AuditLog, run: &str, user: &str) -> Self {
        Self { log, run: run.to_owned(), user: user.to_owned(), person: person(), host: host() }
    }

    /// What names the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Who the API server takes the run for.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Who holds the lock: the person, the machine and the run.
    pub fn holder(&self) -> String {
        format!("{}@{}/{}", self.person, self.host, self.run)
    }

    /// The person and the machine.
    pub fn actor(&self) -> String {
        format!("{}@{}", self.person, self.host)
    }

    /// The machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Writes what a run is about to do, or did; gives the hash of the head.
    ///
    /// # Errors
    /// Says that it could not be written.
    pub fn entry(&self, plan: &Plan, entry: &Entry, time: Timestamp) -> Result<String, Error> {
        let mut fields = self.fields(plan, time);
        let entry = serde_json::to_value(entry).unwrap_or_default();
        let step = entry.get("step").and_then(Value::as_u64).and_then(|it| plan.steps.get(usize::try_from(it).ok()?));
        if let Some(step) = step {
            fields.insert("action".to_owned(), json!(step.action.id()));
            fields.insert("object".to_owned(), json!(step.object));
        }
        fields.insert("event".to_owned(), entry);
        self.write(fields)
    }

    /// Writes a decision about a plan: refused, declined, approved by whom and how.
    ///
    /// # Errors
    /// Says that it could not be written.
    pub fn decision(&self, plan: &Plan, decision: &Value, time: Timestamp) -> Result<String, Error> {
        let mut fields = self.fields(plan, time);
        fields.insert("event".to_owned(), decision.clone());
        self.write(fields)
    }

    fn fields(&self, plan: &Plan, time: Timestamp) -> Map<String, Value> {
        let fields = json!({
            "time": time,
            "change": plan.id,
            "run": self.run,
            "title": plan.title,
            "plan": plan.digest(),
            "actor": {"person": self.person, "user": self.user, "host": self.host},
            "cluster": plan.cluster,
            "requester": plan.requester,
            "reason": plan.reason,
            "incident": plan.incident,
            "undoes": plan.undoes,
            "version": env!("CARGO_PKG_VERSION"),
        });
        match fields {
            Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            _ => Map::new(),
        }
    }

    fn write(&self, fields: Map<String, Value>) -> Result<String, Error> {
        let head = self.log.append(fields);
        head.map(|head| head.hash).map_err(|source| Error::Local { path: self.log.folder().to_owned(), source })
    }
}

/// Who this process works for, as its surroundings say.
fn person() -> String {
    let named = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
    named("USER").or_else(|| named("LOGNAME")).or_else(account).unwrap_or_else(|| "unknown".to_owned())
}

/// The account of this process, as this machine's own list calls it.
fn account() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    list.lines().find_map(|line| {
        let (name, rest) = line.split_once(':')?;
        (rest.split(':').nth(1) == Some(&id)).then(|| name.to_owned())
    })
}

/// The machine that it runs on.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The person and the machine of this process.
pub(crate) fn actor() -> String {
    format!("{}@{}", person(), host())
}
