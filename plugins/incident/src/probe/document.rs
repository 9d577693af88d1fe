//! What was asked and what came, for machines and for people; `docs/schema/probe.schema.json` describes it.

use super::args::Request;
use super::asking::{From, Told};
use super::client::Client;
use super::place_of;
use super::surroundings::Surroundings;
use super::throwaway::DIFFERS;
use serde_json::{Map, Value, json};
use sre_core::finding::{Severity, aimed};
use sre_core::object::ObjectRef;
use sre_core::plan::API_VERSION;
use sre_core::probe::{Answer, Asked, Came, Meaning, Place, meaning};
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::args::FailOn;
use sre_runtime::change::Acting;

/// Everything that is told.
pub(super) struct Document {
    asked: Asked,
    client: ObjectRef,
    from: Option<From>,
    told: Told,
    around: Surroundings,
    meaning: Option<Meaning>,
    throwaway: Option<Throwaway>,
    fail_on: FailOn,
}

/// The pod that was made for it.
pub(super) struct Throwaway {
    pub(super) image: String,
    pub(super) change: String,
    pub(super) is_removed: bool,
}

impl Document {
    pub(super) fn new(request: &Request, client: &Client, told: Told, around: Surroundings) -> Self {
        let meaning = told
            .answer
            .as_ref()
            .map(|answer| meaning(&request.asked, answer, &client.object, around.place.as_ref(), &around.policies));
        Self {
            asked: request.asked.clone(),
            client: client.object.clone(),
            from: client.from.clone(),
            told,
            around,
            meaning,
            throwaway: None,
            fail_on: request.fail_on,
        }
    }

    pub(super) fn with(self, throwaway: Throwaway) -> Self {
        Self { throwaway: Some(throwaway), ..self }
    }

    /// The report: no answer is a finding, and nobody who could ask is a gap.
    pub(super) fn report(&self, acting: &Acting) -> Report {
        let is_wrong = self.told.answer.as_ref().is_some_and(|it| it.came != Came::Answered);
        Report {
            verdict: Verdict {
                failing: is_wrong && self.fail_on.counts(Severity::Critical),
                incomplete: self.told.answer.is_none(),
            },
            document: self.document(acting),
            blocks: self.blocks(acting),
            own: None,
            change: None,
        }
    }

    fn next(&self, acting: &Acting) -> Option<String> {
        self.meaning.as_ref()?.next.as_ref().map(|command| aimed(command, acting.reach()))
    }

    fn notes(&self) -> Vec<String> {
        let facts = self.told.answer.as_ref().map(|it| &it.facts);
        let unchecked = facts.filter(|it| it.is_certificate_unchecked);
        let unchecked = unchecked.map(|_| "the certificate was not looked at: this wget cannot".to_owned());
        let other = self.throwaway.as_ref().map(|_| DIFFERS.to_owned());
        let unseen = self.around.unseen.iter().map(|it| format!("not seen: {it}"));
        unchecked.into_iter().chain(other).chain(unseen).collect()
    }

    fn document(&self, acting: &Acting) -> Value {
        let (context, server) = place_of(acting);
        let answer = self.told.answer.as_ref();
        let facts = answer.map(|it| &it.facts);
        filled(json!({
            "apiVersion": API_VERSION,
            "kind": "Probe",
            "source": filled(json!({"context": context, "server": server})),
            "takenAt": acting.now(),
            "protocol": self.asked.what.word(),
            "target": self.asked.target,
            "client": self.client,
            "from": self.from.as_ref().map(|from| json!({
                "pod": ObjectRef::namespaced("Pod", &from.namespace, &from.pod), "container": from.container,
            })),
            "throwaway": self.throwaway.as_ref().map(|it| json!({
                "image": it.image, "change": it.change, "removed": it.is_removed,
            })),
            "askedBy": self.told.by.as_ref().map(|(program, words)| json!({"program": program, "command": words})),
            "came": answer.map(|it| it.came.word()),
            "detail": answer.and_then(|it| it.detail.as_ref()),
            "addresses": facts.map(|it| &it.addresses).filter(|it| !it.is_empty()),
            "milliseconds": facts.and_then(|it| it.milliseconds).map(|it| (it * 10.0).round() / 10.0),
            "status": facts.and_then(|it| it.status),
            "version": facts.and_then(|it| it.version.as_ref()),
            "service": self.around.place.as_ref().map(place),
            "networkPolicies": self.policies(),
            "meaning": self.meaning.as_ref().map(|it| &it.words),
            "next": self.next(acting).into_iter().collect::<Vec<_>>(),
            "couldNotAsk": self.told.tried,
            "fault": self.told.fault,
            "notes": self.notes(),
        }))
    }

    fn policies(&self) -> Vec<&ObjectRef> {
        self.around.policies.of_client.iter().chain(&self.around.policies.of_target).collect()
    }

    fn blocks(&self, acting: &Acting) -> Vec<Block> {
        let (context, server) = place_of(acting);
        let faint = |words: String| Block::line(0, [Span::faint(words)]);
        let mut blocks =
            vec![faint(format!("{}  {server}  as {}", context.unwrap_or("no context"), acting.place().user))];
        blocks.push(Block::heading(format!("{} {}", self.asked.what.word(), self.asked.target)));
        blocks.push(Block::line(1, [Span::faint("asked from: "), Span::plain(self.place())]));
        match &self.told.answer {
            Some(answer) => blocks.push(Block::line(1, came(answer))),
            None => blocks.push(Block::line(1, [Span::new(Tone::Unknown, "not known: nothing could ask")])),
        }
        let said = |name: &str, words: &str| Block::line(2, [Span::faint(format!("{name}: ")), Span::plain(words)]);
        blocks.extend(self.meaning.iter().map(|it| Block::line(2, [Span::plain(&it.words)])));
        blocks.extend(self.around.place.as_ref().map(|it| said("Service", &words_of(it))));
        blocks.extend(self.told.by.iter().map(|(_, words)| said("asked by", words)));
        if self.told.answer.is_none() {
            blocks.extend(self.told.fault.iter().map(|why| said("why", why)));
            blocks.extend(self.told.tried.iter().map(|why| said("cannot ask", why)));
        }
        blocks.extend(self.throwaway.as_ref().map(|it| said("its pod", &it.words())));
        blocks.extend(self.notes().iter().map(|note| said("note", note)));
        if let Some(command) = self.next(acting) {
            blocks.push(Block::Space);
            blocks.push(Block::Command { indent: 1, command, note: "look further".to_owned() });
        }
        blocks
    }

    fn place(&self) -> String {
        match &self.from {
            Some(from) => {
                format!("Pod/{}/{} container {}, of {}", from.namespace, from.pod, from.container, self.client)
            }
            None => format!("nowhere, of {}", self.client),
        }
    }
}

impl Throwaway {
    fn words(&self) -> String {
        let gone = if self.is_removed { "made and deleted" } else { "made, and NOT deleted" };
        format!("{gone} by change {}, of image {}", self.change, self.image)
    }
}

fn came(answer: &Answer) -> Vec<Span> {
    let tone = if answer.came == Came::Answered { Tone::Good } else { Tone::Critical };
    let facts = &answer.facts;
    let parts = [
        answer.detail.clone().unwrap_or_default(),
        facts.status.map_or(String::new(), |status| format!("status {status}")),
        facts.addresses.join(" "),
        facts.milliseconds.map_or(String::new(), |it| format!("{it:.0} ms")),
        facts.version.as_ref().map_or(String::new(), |it| format!("version {it}")),
    ];
    let rest = parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ");
    let rest = if rest.is_empty() { rest } else { format!(": {rest}") };
    vec![Span::new(tone, answer.came.word()), Span::plain(rest)]
}

fn place(place: &Place) -> Value {
    filled(json!({
        "object": place.service, "exists": place.exists, "ports": place.ports,
        "readyEndpoints": place.endpoints.map(|(ready, _)| ready), "endpoints": place.endpoints.map(|(_, all)| all),
    }))
}

fn words_of(place: &Place) -> String {
    if !place.exists {
        return format!("{} is not there", place.service);
    }
    let ports: Vec<String> = place.ports.iter().map(u16::to_string).collect();
    let endpoints = place.endpoints.map_or_else(
        || "endpoints not seen".to_owned(),
        |(ready, all)| format!("{ready} of {all} endpoints are ready"),
    );
    format!("{}, ports {}, {endpoints}", place.service, ports.join(", "))
}

/// The fields that have a value.
fn filled(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}
