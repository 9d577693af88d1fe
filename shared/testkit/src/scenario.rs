//! A captured cluster to judge: as it was, with one field changed, or with a gap in what was seen.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use sre_core::check::{Check, Sight, judge};
use sre_core::finding::Finding;
use sre_core::inquiry::{Answer, Answers, Asked, Question, Target};
use sre_core::slim::{KINDS, Kind, Pool};
use sre_core::snapshot::{Encoded, Gap, GapReason, HealthLine, ReadState, Snapshot, decode_into};
use sre_core::view::View;
use sre_runtime::sealed;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A captured cluster, to be changed in memory and judged.
#[derive(Clone, Debug)]
pub struct Scenario {
    taken_at: Timestamp,
    items: Vec<Value>,
    health: Vec<HealthLine>,
    server_version: Option<String>,
    states: Vec<(Sight, ReadState)>,
    answers: Vec<Asked>,
}

/// A fixture as `tests/cluster/capture.py` writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fixture {
    taken_at: Timestamp,
    items: Vec<Value>,
    #[serde(default)]
    readyz: String,
    #[serde(default)]
    livez: String,
    #[serde(default)]
    answers: Vec<Asked>,
}

impl Scenario {
    /// Opens `tests/fixtures/checks/NAME.json`; every kind counts as read whole.
    pub fn captured(name: &str) -> Self {
        let path = fixtures().join("checks").join(format!("{name}.json"));
        let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let fixture: Fixture =
            serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = |endpoint, text: &str| -> Vec<HealthLine> {
            text.lines().filter_map(|line| HealthLine::parse(endpoint, line)).collect()
        };
        let health = [lines(Sight::Readyz, &fixture.readyz), lines(Sight::Livez, &fixture.livez)].concat();
        let (taken_at, items, answers) = (fixture.taken_at, fixture.items, fixture.answers);
        Self { taken_at, items, health, server_version: None, states: Vec::new(), answers }
    }

    /// A cluster of these objects at a time; every kind counts as read whole.
    pub fn of(items: Vec<Value>, taken_at: Timestamp) -> Self {
        Self { taken_at, items, health: Vec::new(), server_version: None, states: Vec::new(), answers: Vec::new() }
    }

    /// Every fixture, by its name.
    pub fn all() -> Vec<(String, Self)> {
        let files = std::fs::read_dir(fixtures().join("checks")).expect("the fixtures").flatten();
        let names = files.filter_map(|file| Some(file.path().file_stem()?.to_string_lossy().into_owned()));
        names.collect::<BTreeSet<_>>().into_iter().map(|name| (name.clone(), Self::captured(&name))).collect()
    }

    /// Changes one field of an object, or adds it; the pointer is a JSON pointer below the object.
    pub fn set(mut self, kind: &str, name: &str, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer starts with a slash");
        let object = self.object(kind, name);
        let place = object.pointer_mut(parent).unwrap_or_else(|| panic!("{kind}/{name} has no {parent}"));
        match place {
            Value::Array(list) => list[field.parse::<usize>().expect("an index")] = value.into(),
            Value::Object(fields) => {
                fields.insert(field.replace("~1", "/").replace("~0", "~"), value.into());
            }
            _ => panic!("{kind}/{name} has no fields below {parent}"),
        }
        self
    }

    /// Takes one field of an object away.
    pub fn unset(mut self, kind: &str, name: &str, pointer: &str) -> Self {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer starts with a slash");
        let place = self.object(kind, name).pointer_mut(parent).and_then(Value::as_object_mut);
        let removed = place.and_then(|fields| fields.remove(&field.replace("~1", "/").replace("~0", "~")));
        assert!(removed.is_some(), "{kind}/{name} has no {pointer}");
        self
    }

    /// Takes every object of a kind away whose name starts so.
    pub fn without(mut self, kind: &str, name: &str) -> Self {
        let before = self.items.len();
        self.items.retain(|item| item["kind"] != kind || !name_of(item).starts_with(name));
        assert!(self.items.len() < before, "no {kind} starts with {name}");
        self
    }

    /// Adds an object, for what a cluster might hold besides.
    pub fn with(mut self, object: Value) -> Self {
        self.items.push(object);
        self
    }

    /// Lets a read have failed: nothing of the kind was seen.
    pub fn gap(mut self, sight: Sight, reason: GapReason) -> Self {
        let gap = Gap { reason, detail: "as the test says".to_owned(), seen: 0 };
        self.states.push((sight, ReadState::Gap(gap)));
        if let Sight::Of(kind) = sight {
            self.items.retain(|item| item["kind"] != kind.info().name);
        }
        self.answers.retain(|asked| asked.question.sight != sight);
        self
    }

    /// Lets what became of a read be another than read whole.
    pub fn state(mut self, sight: Sight, state: ReadState) -> Self {
        self.states.push((sight, state));
        self
    }

    /// Changes what others than the API server answered to every question whose path holds these words.
    pub fn edit_answer(mut self, words: &str, edit: impl Fn(&mut Value)) -> Self {
        let mut edited = 0;
        for asked in self.answers.iter_mut().filter(|asked| asked.question.path.contains(words)) {
            if let Ok(answer) = &mut asked.answer {
                let mut body: Value = serde_json::from_str(&answer.body).expect("an answer in JSON");
                edit(&mut body);
                answer.body = body.to_string();
                edited += 1;
            }
        }
        assert!(edited > 0, "nothing was asked with {words}");
        self
    }

    /// Lets the kubelet of a node have told what a real one did: `tests/fixtures/kubelet/summary.json`.
    pub fn told_by_kubelet(mut self, node: &str) -> Self {
        let body = std::fs::read_to_string(fixtures().join("kubelet/summary.json")).expect("a summary");
        let (sight, target) = (Sight::Kubelets, Target::Node(node.to_owned()));
        let question = Question { sight, target, path: "/stats/summary".to_owned() };
        self.answers.push(Asked { question, answer: Ok(Answer { status: 200, body, milliseconds: 12 }) });
        self
    }

    /// Lets a Prometheus have answered a question with a body.
    pub fn told_by_prometheus(mut self, path: &str, body: &str) -> Self {
        let target = Target::Url("http://prometheus.example".to_owned());
        let question = Question { sight: Sight::Prometheus, target, path: path.to_owned() };
        self.answers
            .push(Asked { question, answer: Ok(Answer { status: 200, body: body.to_owned(), milliseconds: 3 }) });
        self
    }

    /// Lets an API server of a version have answered; fixtures are of none.
    pub fn served_by(mut self, version: &str) -> Self {
        self.server_version = Some(version.to_owned());
        self
    }

    /// Looks later at the same cluster.
    pub fn later(mut self, minutes: i64) -> Self {
        self.taken_at += SignedDuration::from_mins(minutes);
        self
    }

    /// The name of the first object of a kind that starts so, for pods whose names were made up.
    pub fn name_of(&self, kind: &str, start: &str) -> String {
        let found = self.items.iter().find(|item| item["kind"] == kind && name_of(item).starts_with(start));
        name_of(found.unwrap_or_else(|| panic!("no {kind} starts with {start}"))).to_owned()
    }

    /// The names of all objects of a kind that start so.
    pub fn names_of(&self, kind: &str, start: &str) -> Vec<String> {
        let named = |item: &&Value| item["kind"] == kind && name_of(item).starts_with(start);
        self.items.iter().filter(named).map(|item| name_of(item).to_owned()).collect()
    }

    /// The value of one field of an object.
    pub fn field(&self, kind: &str, name: &str, pointer: &str) -> &Value {
        let found = self.items.iter().find(|item| item["kind"] == kind && name_of(item) == name);
        let object = found.unwrap_or_else(|| panic!("no {kind} is called {name}"));
        object.pointer(pointer).unwrap_or_else(|| panic!("{kind}/{name} has no {pointer}"))
    }

    /// The snapshot.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot { taken_at: self.taken_at, health: self.health.clone(), ..Snapshot::default() };
        snapshot.origin.server_version = self.server_version.clone();
        self.items.iter().for_each(|item| shelve(item, &mut snapshot));
        snapshot.objects.sort();
        for row in KINDS {
            let count = self.items.iter().filter(|item| item["kind"] == row.name).count();
            snapshot.coverage.record(Sight::Of(row.kind), ReadState::Read { count });
        }
        for endpoint in [Sight::Readyz, Sight::Livez] {
            snapshot.coverage.record(endpoint, ReadState::Read { count: 1 });
        }
        snapshot.answers = Answers::of(self.answers.clone());
        for sight in Sight::ASKED {
            let count = snapshot.answers.iter().filter(|asked| asked.question.sight == sight).count();
            if count == 0 && sight == Sight::Databases {
                continue;
            }
            let state = if count == 0 { ReadState::NotInstalled } else { ReadState::Read { count } };
            snapshot.coverage.record(sight, state);
        }
        for (sight, state) in &self.states {
            snapshot.coverage.record(*sight, state.clone());
        }
        snapshot
    }

    /// What a check says of it, `unknown` included.
    pub fn judge(&self, check: &Check) -> Vec<Finding> {
        let snapshot = self.snapshot();
        judge(&[check], &View::new(&snapshot)).findings
    }

    fn object(&mut self, kind: &str, name: &str) -> &mut Value {
        let found = self.items.iter_mut().find(|item| item["kind"] == kind && name_of(item) == name);
        found.unwrap_or_else(|| panic!("no {kind} is called {name}"))
    }
}

fn name_of(item: &Value) -> &str {
    item["metadata"]["name"].as_str().unwrap_or_default()
}

fn shelve(item: &Value, snapshot: &mut Snapshot) {
    let text = item.to_string();
    let of = |field: &str| item[field].as_str().unwrap_or_default();
    let Some(kind) = Kind::of(of("apiVersion"), of("kind")) else { return };
    if kind != Kind::Secret {
        let decoded = decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default());
        return decoded.unwrap_or_else(|error| panic!("{} {}: {error}", of("kind"), name_of(item)));
    }
    let (kind, encoded) = (of("type"), text.as_bytes());
    if kind == sealed::HELM_RELEASE {
        let decoded =
            decode_into(Kind::HelmRelease, Encoded::Json(encoded), &mut snapshot.objects, &mut Pool::default());
        return decoded.expect("metadata of a Helm release");
    }
    snapshot.objects.secrets.push(sealed::secret_from_json(encoded).expect("a Secret"));
}

/// The folder of fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}
