//! What is sent to the API server, or run on this machine, and what shows whether it was.

use super::edit::FieldChange;
use super::run::Run;
use super::target::{Address, Target};
use crate::container_command::ContainerCommand;
use crate::redaction::Redactor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "camelCase", deny_unknown_fields)]
pub enum Call {
    /// Fields of the object, or of a subresource of it, are changed.
    #[serde(rename_all = "camelCase")]
    Edit {
        /// `scale`, for example; absent for the object itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subresource: Option<String>,
        /// The fields.
        fields: Vec<FieldChange>,
    },
    /// Fields of the object get values of another object that keeps them; confidential ones are marks here, and are read
    /// when they are sent.
    #[serde(rename_all = "camelCase")]
    Restore {
        /// The fields, with marks.
        fields: Vec<FieldChange>,
        /// What the marks stand for, in the order in which it is learned.
        hidden_in: Vec<Source>,
    },
    /// The object is made.
    Create {
        /// All of it.
        body: Value,
    },
    /// The object is deleted.
    Delete {},
    /// The pod is asked to go, within disruption budgets.
    Evict {},
    /// A program of this machine is run; its probe stands for the object.
    Run(Run),
    /// A command runs in a container of the pod.
    Exec {
        /// The command, and how it is seen whether it was run.
        run: Box<Exec>,
        /// What takes it back, where something does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<Box<Exec>>,
    },
}

/// An object that holds confidential values, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// Where it is served.
    pub object: Address,
    /// What tells it from others of its name.
    pub uid: String,
    /// The part of it: a JSON pointer.
    pub pointer: String,
}

/// A command that changes something, and another one that only looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exec {
    /// What it does, without a full stop.
    pub does: String,
    /// The command; it is safe to run twice, unless it says otherwise.
    pub command: ContainerCommand,
    /// Whether it is not run again where nobody knows how it ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// How many seconds the command may take; absent for 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Looks whether it was run, and writes [`BEFORE`], [`AFTER`], or what it found instead.
    pub probe: ContainerCommand,
}

/// What a probe writes while all is as before.
pub const BEFORE: &str = "before";
/// What a probe writes when all is as it is to be.
pub const AFTER: &str = "after";
/// What plans call the part of a pod that commands are about.
const EXEC: &str = "exec";

/// How an object stands to a call, which tells after a crash whether it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As before the call.
    Before,
    /// As after it.
    After,
    /// Neither: somebody else changed it.
    Otherwise,
}

/// A request to the API server.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `PATCH`, `POST`, `DELETE`.
    pub method: &'static str,
    /// The path, without a query.
    pub path: String,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Value,
}

impl Call {
    /// The request that carries it out on the object as it was seen: the server refuses it (409) on any other version,
    /// and on another object of the same name (409 or 422). None where a program carries it out, and where marks stand
    /// for values, which are never sent: see [`Self::revealed`].
    pub fn request(&self, target: &Target) -> Option<Request> {
        const JSON: &str = "application/json";
        let (path, collection) = (target.address.path(), target.address.collection());
        Some(match self {
            Self::Run(_) | Self::Restore { .. } => return None,
            Self::Edit { subresource, fields } => Request {
                method: "PATCH",
                path: subresource.as_ref().map_or(path.clone(), |name| format!("{path}/{name}")),
                content_type: "application/json-patch+json",
                body: patch(target, fields),
            },
            Self::Create { body } => {
                Request { method: "POST", path: collection, content_type: JSON, body: body.clone() }
            }
            Self::Delete {} => Request {
                method: "DELETE",
                path,
                content_type: JSON,
                body: json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions(target)}),
            },
            Self::Evict {} => Request {
                method: "POST",
                path: format!("{path}/eviction"),
                content_type: JSON,
                body: json!({
                    "apiVersion": "policy/v1", "kind": "Eviction",
                    "metadata": {"name": target.address.name, "namespace": target.address.namespace},
                    "deleteOptions": {"preconditions": preconditions(target)},
                }),
            },
            Self::Exec { .. } => return None,
        })
    }

    /// How the object stands to it; `now` is the object, the subresource, or what the probe says, as it is, and `None`
    /// when it is not there.
    pub fn standing(&self, target: &Target, now: Option<&Value>) -> Standing {
        match (self, now) {
            (Self::Edit { .. } | Self::Restore { .. }, None) => Standing::Otherwise,
            (Self::Edit { fields, .. } | Self::Restore { fields, .. }, Some(now)) => edited(target, fields, now),
            (Self::Run(_), None) => Standing::Otherwise,
            (Self::Run(run), Some(now)) => changed(&run.fields, now),
            (Self::Create { .. }, None) => Standing::Before,
            (Self::Create { body }, Some(now)) if holds(now, body) => Standing::After,
            (Self::Create { .. }, Some(_)) => Standing::Otherwise,
            (Self::Delete {} | Self::Evict {}, None) => Standing::After,
            (Self::Delete {} | Self::Evict {}, Some(now)) => {
                // What the plan makes itself has no uid beforehand.
                let is_same = target.uid.is_none() || uid(now) == target.uid.as_deref();
                let is_going = now.pointer("/metadata/deletionTimestamp").is_some();
                if is_same && !is_going { Standing::Before } else { Standing::After }
            }
            (Self::Exec { .. }, now) => match now.and_then(Value::as_str).map(str::trim) {
                Some(BEFORE) => Standing::Before,
                Some(AFTER) => Standing::After,
                _ => Standing::Otherwise,
            },
        }
    }

    /// The program that it runs.
    pub fn run(&self) -> Option<&Run> {
        if let Self::Run(run) = self { Some(run) } else { None }
    }

    /// What it changes, field by field.
    pub fn fields(&self) -> &[FieldChange] {
        match self {
            Self::Edit { fields, .. } | Self::Restore { fields, .. } | Self::Run(Run { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// The same with values in place of marks, to be sent and kept nowhere; `None` where one of them was not learned.
    pub fn revealed(&self, redactor: &Redactor) -> Option<Self> {
        let Self::Restore { fields, .. } = self else { return Some(self.clone()) };
        let value = |value: &Option<Value>| value.as_ref().map_or(Some(None), |it| redactor.revealed(it).map(Some));
        let revealed = fields.iter().map(|field| {
            Some(FieldChange { before: value(&field.before)?, after: value(&field.after)?, ..field.clone() })
        });
        Some(Self::Edit { subresource: None, fields: revealed.collect::<Option<_>>()? })
    }

    /// The subresource that it is about.
    pub fn subresource(&self) -> Option<&str> {
        match self {
            Self::Edit { subresource, .. } => subresource.as_deref(),
            Self::Exec { .. } => Some(EXEC),
            _ => None,
        }
    }

    /// Whether it is not sent again where nobody knows what became of it.
    pub fn runs_once(&self) -> bool {
        matches!(self, Self::Exec { run, .. } if run.once)
    }

    /// Whether it, or what takes it back, is about this very pod and no other one of its name.
    pub fn is_of_one_pod(&self) -> bool {
        match self {
            Self::Exec { run, back } => run.once || back.as_ref().is_some_and(|back| back.once),
            _ => false,
        }
    }

    /// The command that looks whether it was carried out, where one does.
    pub fn probe(&self) -> Option<&ContainerCommand> {
        match self {
            Self::Exec { run, .. } => Some(&run.probe),
            _ => None,
        }
    }
}

fn uid(object: &Value) -> Option<&str> {
    object.pointer("/metadata/uid").and_then(Value::as_str)
}

fn edited(target: &Target, fields: &[FieldChange], now: &Value) -> Standing {
    if target.uid.is_some() && uid(now) != target.uid.as_deref() { Standing::Otherwise } else { changed(fields, now) }
}

fn changed(fields: &[FieldChange], now: &Value) -> Standing {
    if fields.iter().all(|field| field.is_after(now)) {
        Standing::After
    } else if fields.iter().all(|field| field.is_before(now)) {
        Standing::Before
    } else {
        Standing::Otherwise
    }
}

/// Whether an object holds all that another says; the server adds defaults.
fn holds(object: &Value, wanted: &Value) -> bool {
    match (object, wanted) {
        (Value::Object(has), Value::Object(wants)) => {
            wants.iter().all(|(key, value)| has.get(key).is_some_and(|it| holds(it, value)))
        }
        (Value::Array(has), Value::Array(wants)) => {
            has.len() == wants.len() && has.iter().zip(wants).all(|(it, value)| holds(it, value))
        }
        (has, wants) => has == wants,
    }
}

fn preconditions(target: &Target) -> Value {
    json!({"uid": target.uid, "resourceVersion": target.resource_version})
}

/// A patch that sets the version which was seen is refused on any other
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>).
fn patch(target: &Target, fields: &[FieldChange]) -> Value {
    let uid = target.uid.iter().map(|uid| json!({"op": "test", "path": "/metadata/uid", "value": uid}));
    let version = target.resource_version.iter();
    let version =
        version.map(|version| json!({"op": "replace", "path": "/metadata/resourceVersion", "value": version}));
    Value::Array(uid.chain(version).chain(fields.iter().map(FieldChange::operation)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::difference;
    use super::*;

    fn object(uid: &str, replicas: u8) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": replicas},
            "metadata": {"name": "web", "namespace": "shop", "uid": uid, "resourceVersion": "7"},
        })
    }

    fn target() -> Target {
        Target::of(&object("u", 2), "deployments").expect("an object")
    }

    fn edit() -> Call {
        let fields = difference(&object("u", 2), &object("u", 3), "/spec");
        Call::Edit { subresource: Some("scale".to_owned()), fields }
    }

    #[test]
    fn a_patch_names_the_object_and_the_version_that_were_seen() {
        let request = edit().request(&target()).expect("a request");
        assert_eq!(
            (request.method, request.path.as_str()),
            ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web/scale")
        );
        let expected = json!([
            {"op": "test", "path": "/metadata/uid", "value": "u"},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
            {"op": "replace", "path": "/spec/replicas", "value": 3},
        ]);
        assert_eq!(request.body, expected);
    }

    #[test]
    fn marks_are_never_sent_and_come_back_as_values() {
        let template = |password: &str| json!({"env": [{"name": "DB_PASSWORD", "value": password}]});
        let mut redactor = Redactor::default();
        ["hunter2", "correct-horse"].iter().for_each(|it| redactor.learn(&template(it)));
        let (before, after) = (redactor.redacted(&template("hunter2")), redactor.redacted(&template("correct-horse")));
        let call = Call::Restore { fields: difference(&before, &after, ""), hidden_in: Vec::new() };
        assert_eq!(call.request(&target()), None);
        let Some(Call::Edit { fields, .. }) = call.revealed(&redactor) else { panic!("an edit") };
        assert_eq!(
            (fields[0].before.clone(), fields[0].after.clone()),
            (Some(json!("hunter2")), Some(json!("correct-horse")))
        );
        assert_eq!(call.revealed(&Redactor::default()), None, "what is not known is not sent");
    }

    #[test]
    fn deletions_and_evictions_name_them_too() {
        let expected = json!({"uid": "u", "resourceVersion": "7"});
        let request = |call: Call| call.request(&target()).expect("a request");
        assert_eq!(request(Call::Delete {}).body["preconditions"], expected);
        let eviction = request(Call::Evict {});
        assert_eq!(eviction.body["deleteOptions"]["preconditions"], expected);
        assert!(eviction.path.ends_with("/web/eviction"));
    }

    #[test]
    fn an_object_tells_whether_a_call_was_carried_out() {
        let (same, changed, other, third) = (object("u", 2), object("u", 3), object("v", 3), object("u", 9));
        let standings = |call: &Call, all: [Option<&Value>; 5]| all.map(|now| call.standing(&target(), now));
        let all = [Some(&same), Some(&changed), Some(&other), Some(&third), None];
        use Standing::{After, Before, Otherwise};
        assert_eq!(standings(&edit(), all), [Before, After, Otherwise, Otherwise, Otherwise]);
        assert_eq!(standings(&Call::Delete {}, all), [Before, Before, After, Before, After]);
        let made = Call::Create { body: json!({"spec": {"replicas": 3}}) };
        assert_eq!(standings(&made, all), [Otherwise, After, After, Otherwise, Before]);
        let run = Call::Run(crate::plan::run::tests::resize(2, 3));
        let answer = |size: u8| json!([{"DesiredCapacity": size, "Status": "ACTIVE"}]);
        let answers = [answer(2), answer(3), answer(9), json!([]), json!(null)];
        assert_eq!(standings(&run, answers.each_ref().map(Some)), [Before, After, Otherwise, Otherwise, Otherwise]);
        assert_eq!((run.request(&target()), run.standing(&target(), None)), (None, Otherwise));
        let made = Target::to_be_made(target().address);
        assert_eq!(Call::Delete {}.standing(&made, Some(&same)), Before, "what a plan makes has no uid beforehand");
        let mut going = same.clone();
        going["metadata"]["deletionTimestamp"] = json!("2026-01-15T08:00:00Z");
        assert_eq!(Call::Evict {}.standing(&target(), Some(&going)), After);
    }

    #[test]
    fn of_a_command_its_probe_tells() {
        let command = |word: &str| ContainerCommand {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: None,
            words: vec![word.to_owned()],
            input: None,
        };
        let run = |word: &str| {
            Box::new(Exec {
                does: word.to_owned(),
                command: command(word),
                once: false,
                seconds: None,
                probe: command("look"),
            })
        };
        let call = Call::Exec { run: run("set"), back: Some(run("reset")) };
        let said = |word: &str| call.standing(&target(), Some(&json!(word)));
        let standings = ["before", "after\n", "200", ""].map(said);
        assert_eq!(standings, [Standing::Before, Standing::After, Standing::Otherwise, Standing::Otherwise]);
        assert_eq!((call.standing(&target(), None), call.request(&target())), (Standing::Otherwise, None));
        let written = serde_json::to_value(&call).expect("JSON");
        assert_eq!(written["verb"], "exec");
        assert_eq!(serde_json::from_value::<Call>(written).expect("a call"), call);
    }
}
