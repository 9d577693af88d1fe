//! What a command wants to do, as a value: it prints, is saved and loaded again, and leaves execution no choices.
//!
//! A [`Plan`] is bound to the objects that it was made from. Nothing here changes anything: only an approved plan is
//! carried out, and only the runtime can approve one.

mod action;
mod approval;
mod call;
mod digest;
mod edit;
mod expectation;
mod health;
mod journal;
mod outcome;
mod run;
mod show;
mod target;
mod undo;
mod watch;

pub use action::*;
pub use approval::{Approval, Unacceptable};
pub use call::{AFTER, BEFORE, Call, Exec, Request, Source, Standing};
pub use digest::{canonical, sha256};
pub use edit::{FieldChange, difference, with_changes};
pub use expectation::Expectation;
pub use health::{Health, MemberCheck};
pub use journal::{Entry, Fared, Printed, Reached, Replayed, Unreadable, replay};
pub use outcome::{Ended, Happened, Outcome};
pub use run::{Program, ReadyNodes, Run};
pub use show::{announced, changes_of, outcome_blocks, printed_blocks};
pub use target::{Address, Target, content_of};
pub use undo::{Undo, Undoing, undoing};
pub use watch::{Kept, Promise, Starts, Watch, Watched, standing, started_anew, starts};

use crate::helm::Becomes;
use crate::object::ObjectRef;
use crate::resource::Resource;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the first lines of a plan's document say.
pub const API_VERSION: &str = "kubectl-sre/v1alpha1";
/// The kind of a plan's document.
pub const KIND: &str = "Plan";

/// The ordered whole of what is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// What the change is known by, from now on and in every record.
    pub id: String,
    /// What it does, one sentence without a full stop.
    pub title: String,
    /// When what it was made from was seen.
    pub made_at: Timestamp,
    /// The cluster that it is for.
    pub cluster: Place,
    /// Who asked for it: the person and the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// Why, as whoever asked for it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The incident that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// The change that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// Whether what it takes back took something back itself: then it makes the change once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redoes: bool,
    /// When it is to be taken back, which nobody does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_back: Option<Timestamp>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// What must hold when all is done, beside what each step expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub afterwards: Option<Afterwards>,
    /// What is watched for a time when all that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// What whoever decides should know besides.
    pub notes: Vec<Note>,
}

/// What must hold of an object when all steps of a plan are done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Afterwards {
    /// The object.
    pub object: Address,
    /// What must hold of it.
    pub expects: Expectation,
}

/// The cluster that a plan is for, and the way there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// The uid of its namespace `kube-system`.
    pub uid: String,
    /// Context of the kubeconfig, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Address of the API server.
    pub server: String,
    /// Who the API server takes the caller for.
    pub user: String,
}

/// One thing that is done to one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Which of the things that can be done.
    pub action: Action,
    /// The object, as it was seen.
    pub object: Target,
    /// Why this step.
    pub why: String,
    /// What may be lost.
    pub tier: Tier,
    /// What is sent.
    pub call: Call,
    /// What must hold afterwards.
    pub expects: Expectation,
    /// What pods must say of themselves besides, before the next step begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Box<Health>>,
    /// What takes it back.
    pub undo: Undo,
    /// What the server says of it beforehand.
    #[serde(default)]
    pub checked: Checked,
}

/// A step that makes an object what it is to be, field by field, as its action usually is; `None` when it is already so,
/// or is of no resource that is known by name.
pub fn edited(action: Action, object: &Value, after: &Value, why: String) -> Option<Step> {
    let fields = difference(object, after, "");
    let resource = Resource::of(object)?;
    (!fields.is_empty()).then_some(())?;
    Some(Step {
        action,
        object: Target::of(object, &resource.plural)?,
        why,
        tier: action.info().tier,
        call: Call::Edit { subresource: None, fields },
        expects: Expectation::Fields,
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
    })
}

/// What may be lost by a step, which decides what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Tier {
    /// One object, reversible, nothing becomes unavailable.
    Reversible,
    /// Several objects, or availability may suffer.
    Disruptive,
    /// Data or access may be lost for good.
    Destructive,
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Reversible => 1,
            Tier::Disruptive => 2,
            Tier::Destructive => 3,
        }
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::Reversible),
            2 => Ok(Self::Disruptive),
            3 => Ok(Self::Destructive),
            other => Err(format!("{other} is no tier: 1, 2 or 3")),
        }
    }
}

/// What the server says of a step beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "camelCase", deny_unknown_fields)]
pub enum Checked {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It would take it.
    Accepted,
    /// It cannot tell before the step is done.
    Unknown {
        /// Why not.
        why: String,
    },
    /// It would refuse it.
    Refused {
        /// In its words.
        why: String,
    },
}

/// Something that whoever decides should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Note {
    /// Whether it is a warning.
    pub warns: bool,
    /// One sentence without a full stop.
    pub text: String,
}

impl Note {
    /// Something good to know.
    pub fn remark(text: impl Into<String>) -> Self {
        Self { warns: false, text: text.into() }
    }

    /// Something that may go wrong.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { warns: true, text: text.into() }
    }
}

impl Step {
    /// What it changes: its object, and those that a program changes by it.
    pub fn touched(&self) -> impl Iterator<Item = ObjectRef> {
        let changes = self.call.run().map_or(&[][..], |run| &run.changes);
        let changed = changes.iter().filter(|it| it.becomes != Becomes::Kept).map(|it| it.object.clone());
        std::iter::once(self.object.address.object_ref()).chain(changed)
    }
}

impl Plan {
    /// Whether it takes back a change, and does not make one once more.
    pub fn takes_back(&self) -> bool {
        self.undoes.is_some() && !self.redoes
    }

    /// Whether a step deletes what a step before it makes: it is done however that went, and upon an interrupt.
    pub fn clears_up(&self, index: usize) -> bool {
        let Some(step) = self.steps.get(index) else { return false };
        let makes =
            |before: &Step| matches!(before.call, Call::Create { .. }) && before.object.address == step.object.address;
        let deletes = matches!(step.call, Call::Delete {}) && step.object.uid.is_none();
        deletes && self.steps[..index].iter().any(makes)
    }

    /// The highest tier of its steps; several objects are never the lowest.
    pub fn tier(&self) -> Tier {
        let highest = self.steps.iter().map(|step| step.tier).max().unwrap_or(Tier::Reversible);
        if self.objects() > 1 { highest.max(Tier::Disruptive) } else { highest }
    }

    /// How many objects it changes.
    pub fn objects(&self) -> usize {
        let all: std::collections::BTreeSet<&Address> = self.steps.iter().map(|step| &step.object.address).collect();
        all.len()
    }

    /// What it changes, the objects among them that programs change.
    pub fn touched(&self) -> std::collections::BTreeSet<ObjectRef> {
        self.steps.iter().flat_map(Step::touched).collect()
    }

    /// What must be typed to confirm it: the name of the object if there is one, that of the namespace if all objects
    /// share it, else the context's.
    pub fn confirm(&self) -> &str {
        let Some(first) = self.steps.first().map(|step| &step.object.address) else { return self.context() };
        if self.objects() == 1 {
            return &first.name;
        }
        let is_shared = self.steps.iter().all(|step| step.object.address.namespace == first.namespace);
        first.namespace.as_deref().filter(|_| is_shared).unwrap_or(self.context())
    }

    fn context(&self) -> &str {
        self.cluster.context.as_deref().unwrap_or(&self.cluster.server)
    }

    /// SHA-256 over what is to be done, in hexadecimal digits; what the server said beforehand is no part of it.
    pub fn digest(&self) -> String {
        let mut bare = self.clone();
        bare.steps.iter_mut().for_each(|step| step.checked = Checked::NotAsked);
        sha256(canonical(&bare).as_bytes())
    }

    /// The document that is printed, saved, and loaded again.
    pub fn document(&self) -> Value {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = document.as_object_mut() {
            let said = [
                ("apiVersion", json!(API_VERSION)),
                ("kind", json!(KIND)),
                ("digest", json!(self.digest())),
                ("tier", json!(self.tier())),
                ("confirm", json!(self.confirm())),
            ];
            fields.extend(said.map(|(name, value)| (name.to_owned(), value)));
        }
        document
    }

    /// Reads a document that [`Self::document`] gave.
    ///
    /// # Errors
    /// Says what keeps it from being one, or that it was altered.
    pub fn from_document(mut document: Value) -> Result<Self, Unloadable> {
        let Some(fields) = document.as_object_mut() else { return Err(Unloadable::no_plan("it is no JSON object")) };
        let mut taken = |name: &str| fields.remove(name).unwrap_or_default();
        let (version, kind, digest) = (taken("apiVersion"), taken("kind"), taken("digest"));
        taken("tier");
        taken("confirm");
        // What was said of it when it was printed is said anew.
        taken("policy");
        taken("outcome");
        if version != API_VERSION || kind != KIND {
            return Err(Unloadable::no_plan(format!("apiVersion {version} and kind {kind} are those of no plan")));
        }
        let plan: Self = serde_json::from_value(document).map_err(Unloadable::no_plan)?;
        if digest != plan.digest().as_str() {
            return Err(Unloadable::Altered);
        }
        Ok(plan)
    }
}

/// Why a document cannot be used as a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unloadable {
    /// It is none.
    #[error("{0}")]
    NoPlan(String),
    /// It is one, and not as it was written.
    #[error("its digest is not the one of what it holds: it was altered after it was written")]
    Altered,
}

impl Unloadable {
    fn no_plan(why: impl ToString) -> Self {
        Self::NoPlan(why.to_string())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A step that sets the replicas of a Deployment of the namespace `shop` from 2 to 3.
    pub(crate) fn step(name: &str) -> Step {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}"), "resourceVersion": "7"},
            "spec": {"replicas": 2},
        });
        let fields = difference(&object, &json!({"spec": {"replicas": 3}}), "/spec/replicas");
        Step {
            action: Action::Scale,
            object: Target::of(&object, "deployments").expect("an object"),
            why: "asked for".to_owned(),
            tier: Tier::Reversible,
            call: Call::Edit { subresource: None, fields },
            expects: Expectation::Fields,
            undo: Undo::Reverse,
            health: None,
            checked: Checked::NotAsked,
        }
    }

    pub(crate) fn plan(steps: Vec<Step>) -> Plan {
        Plan {
            id: "c-1".to_owned(),
            title: "scale".to_owned(),
            made_at: "2026-01-15T08:00:00Z".parse().expect("a time"),
            cluster: Place {
                uid: "u".to_owned(),
                context: Some("staging".to_owned()),
                server: "https://a".to_owned(),
                user: "jane".to_owned(),
            },
            requester: Some("jane@laptop".to_owned()),
            reason: None,
            incident: None,
            undoes: None,
            redoes: false,
            due_back: None,
            steps,
            afterwards: None,
            watch: None,
            notes: vec![Note::warning("an autoscaler sets it back")],
        }
    }

    #[test]
    fn a_plan_is_saved_and_loaded_as_it_was() {
        let plan = plan(vec![step("web"), step("api")]);
        assert_eq!(Plan::from_document(plan.document()), Ok(plan));
    }

    #[test]
    fn an_altered_plan_is_known_whichever_field_was_altered() {
        let document = plan(vec![step("web")]).document();
        let changes: [(&str, Value); 4] = [
            ("/steps/0/object/name", json!("api")),
            ("/steps/0/call/fields/0/after", json!(300)),
            ("/notes/0/text", json!("all is well")),
            ("/digest", json!("0")),
        ];
        for (place, value) in changes {
            let mut altered = document.clone();
            *altered.pointer_mut(place).expect(place) = value;
            assert_eq!(Plan::from_document(altered), Err(Unloadable::Altered), "{place}");
        }
        let mut more = document.clone();
        more["steps"][0]["force"] = json!(true);
        assert!(matches!(Plan::from_document(more), Err(Unloadable::NoPlan(_))), "an unknown field");
        assert!(matches!(Plan::from_document(json!({"kind": "List"})), Err(Unloadable::NoPlan(_))));
    }

    #[test]
    fn what_the_server_said_beforehand_is_not_what_is_approved() {
        let mut plan = plan(vec![step("web")]);
        let before = plan.digest();
        plan.steps[0].checked = Checked::Accepted;
        assert_eq!(plan.digest(), before);
    }

    #[test]
    fn several_objects_are_asked_about_by_what_they_share() {
        let one = plan(vec![step("web"), step("web")]);
        assert_eq!((one.tier(), one.confirm()), (Tier::Reversible, "web"));
        let two = plan(vec![step("web"), step("api")]);
        assert_eq!((two.tier(), two.confirm()), (Tier::Disruptive, "shop"));
        let mut far = step("api");
        far.object.address.namespace = Some("pay".to_owned());
        assert_eq!(plan(vec![step("web"), far]).confirm(), "staging");
    }
}
