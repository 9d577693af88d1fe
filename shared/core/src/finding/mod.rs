//! Statements about objects, with the evidence for them.

mod command;
mod confidence;
mod identity;
mod rival;
mod severity;

pub(crate) use command::words;
pub use command::{aimed, quoted};
pub use confidence::Confidence;
pub use identity::{digest, identity};
pub use rival::Rival;
pub use severity::{Role, Severity};

use crate::object::ObjectRef;
use command::pasteable;
use jiff::Timestamp;
use serde_json::Value;

/// A statement about an object, with its evidence as facts.
///
/// The object is the accountable one: the Deployment and not its forty pods. Pods that show the
/// trouble stand in `shows_on`, so that the statement keeps its identity whatever their names are today.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Id of the check that speaks, for example `POD-02`.
    pub check: &'static str,
    /// Cause class (`image-not-found`), when the check recognises one.
    pub class: Option<&'static str>,
    /// How bad it is for users.
    pub severity: Severity,
    /// Whether it can be the consequence of something else.
    pub role: Role,
    /// How sure it is that this is what is wrong.
    pub confidence: Confidence,
    /// The accountable object.
    pub object: ObjectRef,
    /// What of the object is meant (a container, a key, a port); empty for the whole object.
    pub part: String,
    /// One sentence without a full stop.
    pub title: String,
    /// The facts that the statement rests on.
    pub evidence: Vec<Evidence>,
    /// The objects that show it, when they are not the accountable one.
    pub shows_on: Vec<ObjectRef>,
    /// Since when, as far as the objects tell.
    pub since: Option<Timestamp>,
    /// What to do, most harmless first.
    pub remedies: Vec<Remedy>,
    /// What else it could be; empty where nothing speaks for anything else.
    pub rivals: Vec<Rival>,
    /// What it lost against, where words tell of it and something else counted first.
    pub outranked: Option<&'static str>,
}

/// One fact: an object, a field of it and the value that was seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The object that was looked at.
    pub object: ObjectRef,
    /// Path of the field, as `kubectl explain` spells it.
    pub field: String,
    /// The value, as text.
    pub value: String,
    /// When it was so, where the value does not say it and that is known.
    pub at: Option<Timestamp>,
}

/// A command to paste, and whether it changes anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The command, complete.
    pub command: String,
    /// What running it does.
    pub effect: Effect,
}

/// What running a printed command does to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Looks,
    /// It changes something.
    Changes,
}

impl Finding {
    /// Starts a statement of a check about its accountable object.
    pub fn new(check: &'static str, severity: Severity, object: ObjectRef, title: impl Into<String>) -> Self {
        Self {
            check,
            class: None,
            severity,
            role: Role::Cause,
            confidence: Confidence::High,
            object,
            part: String::new(),
            title: title.into(),
            evidence: Vec::new(),
            shows_on: Vec::new(),
            since: None,
            remedies: Vec::new(),
            rivals: Vec::new(),
            outranked: None,
        }
    }

    /// Names the check that speaks.
    pub fn told_by(mut self, check: &'static str) -> Self {
        self.check = check;
        self
    }

    /// Marks it as what may be the consequence of a cause elsewhere.
    pub fn symptom(mut self) -> Self {
        self.role = Role::Symptom;
        self
    }

    /// Marks it as a weakness that nobody feels yet, so that it is never taken for the cause of anything.
    pub fn risk(mut self) -> Self {
        self.role = Role::Risk;
        self
    }

    /// Says that the evidence points there without proving it.
    pub fn probable(mut self) -> Self {
        self.confidence = Confidence::Medium;
        self
    }

    /// Says that the evidence does not decide.
    pub fn unsure(mut self) -> Self {
        self.confidence = Confidence::Low;
        self
    }

    /// Marks it as what words tell of, and what lost against something that counts first.
    pub fn outranked(mut self, against: &'static str) -> Self {
        self.outranked = Some(against);
        self.symptom()
    }

    /// Names the cause class that was recognised.
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// Names what of the object is meant: a container, a key, a port.
    pub fn part(mut self, part: impl Into<String>) -> Self {
        self.part = part.into();
        self
    }

    /// Adds a fact.
    pub fn evidence(mut self, object: &ObjectRef, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.evidence.push(Evidence { object: object.clone(), field: field.into(), value: value.into(), at: None });
        self
    }

    /// Adds a fact of a moment.
    pub fn evidence_at(
        self,
        object: &ObjectRef,
        field: impl Into<String>,
        value: impl Into<String>,
        at: Option<Timestamp>,
    ) -> Self {
        let mut finding = self.evidence(object, field, value);
        finding.evidence.last_mut().into_iter().for_each(|fact| fact.at = at);
        finding
    }

    /// Adds an object that shows it.
    pub fn shows_on(mut self, object: ObjectRef) -> Self {
        self.shows_on.push(object);
        self
    }

    /// Says since when it has been so.
    pub fn since(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }

    /// Adds a command that only looks.
    pub fn look(self, command: impl Into<String>) -> Self {
        let command = pasteable(&command.into(), self.names());
        self.remedy(command, Effect::Looks)
    }

    /// Adds a command that only looks, each word as it is.
    pub fn look_words(self, words: &[&str]) -> Self {
        let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        self.remedy(command, Effect::Looks)
    }

    /// Adds a command that changes something.
    pub fn change(self, command: impl Into<String>) -> Self {
        let command = pasteable(&command.into(), self.names());
        self.remedy(command, Effect::Changes)
    }

    /// Adds a patch of the object, `strategic`, `merge` or `json`, that the server tries and does not keep.
    pub fn patch(self, kind: &str, body: &Value) -> Self {
        let object = &self.object;
        let namespace = object.namespace.as_ref().map_or_else(String::new, |name| format!(" -n {name}"));
        let start = format!("kubectl patch {} {}{namespace}", object.kind.to_lowercase(), object.name);
        let body = quoted(&body.to_string());
        let command = format!("{} --type={kind} -p {body} --dry-run=server", pasteable(&start, self.names()));
        self.remedy(command, Effect::Changes)
    }

    fn remedy(mut self, command: String, effect: Effect) -> Self {
        self.remedies.push(Remedy { command, effect });
        self
    }

    /// What was named so far: a command speaks of it.
    fn names(&self) -> impl Iterator<Item = &str> {
        let seen = self.evidence.iter().map(|fact| &fact.object).chain(&self.shows_on).chain([&self.object]);
        let names = seen.flat_map(|object| object.namespace.iter().chain([&object.name]));
        names.map(String::as_str).chain([self.part.as_str()])
    }

    /// The identity that stays the same from run to run: check, accountable object, part.
    pub fn id(&self) -> String {
        identity(self.check, &self.object, &self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_is_one_word_of_every_command() {
        let pod = ObjectRef::namespaced("Pod", "a", "web --all");
        let finding = Finding::new("POD-01", Severity::Warning, ObjectRef::namespaced("Job", "a b", "c"), "it is")
            .part("x y")
            .shows_on(pod)
            .look("kubectl logs web --all -c x y -n a b")
            .change("kubectl delete pod web --all -n a b");
        let commands: Vec<&str> = finding.remedies.iter().map(|remedy| remedy.command.as_str()).collect();
        assert_eq!(commands, ["kubectl logs 'web --all' -c 'x y' -n 'a b'", "kubectl delete pod 'web --all' -n 'a b'"]);
    }
}
