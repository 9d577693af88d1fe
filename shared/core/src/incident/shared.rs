//! What is kept of an incident in the cluster, so that several people write on one timeline: ConfigMaps, each a page, whose
//! keys are the ids of entries. Two lists together are their union, whichever is joined to which, and how often.
//!
//! Whoever may write there may write anything, so what is read there is data: an entry that cannot be read is told and left
//! where it is, nobody is told of anything at an address that stands there, and what is known here is never replaced.

use super::{Entry, SilenceCall, What};
use crate::plan::{Address, Request};
use crate::redaction::Text;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The label of a page; its value is the id of the incident.
pub const LABEL: &str = "kubectl-sre/incident";

/// What every id of an incident begins with.
pub const PREFIX: &str = "inc-";

/// The most bytes of a page. The API server takes 1 MiB of keys and values, and etcd little more with what stands around them.
const MOST: usize = 900 << 10;

/// No entry is longer (bytes): a text is of 16 KiB at the most, and JSON may need six letters for one.
const LONGEST: usize = 256 << 10;

/// A ConfigMap with entries of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The incident.
    pub incident: String,
    /// Where it is.
    pub namespace: String,
    /// When the server made it.
    pub made: Option<Timestamp>,
    /// Which of its incident, from 1.
    pub number: u32,
    /// What can be read in it, as [`safe`] leaves it.
    pub entries: Vec<Entry>,
    /// What cannot, and why.
    pub unread: Vec<String>,
    version: String,
    keys: BTreeSet<String>,
    size: usize,
}

/// Whether a word is meant to be the id of an incident.
pub fn is_id(word: &str) -> bool {
    word.starts_with(PREFIX) && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}

/// Where the pages of incidents are; without a namespace those of all.
pub fn collection(namespace: Option<&str>) -> String {
    address(namespace, String::new()).collection()
}

fn address(namespace: Option<&str>, name: String) -> Address {
    Address {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        resource: "configmaps".to_owned(),
        namespace: namespace.map(str::to_owned),
        name,
    }
}

/// The ConfigMap of a page.
pub fn page_name(incident: &str, number: u32) -> String {
    let behind = if number == 1 { String::new() } else { format!("-{number}") };
    format!("kubectl-sre-incident-{incident}{behind}")
}

impl Page {
    /// Reads a ConfigMap with the label of an incident. What is dated after `latest` is not read yet.
    ///
    /// # Errors
    /// Says why it is no page of an incident.
    pub fn read(object: &Value, latest: Timestamp) -> Result<Self, String> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
        let what = format!("ConfigMap {namespace}/{name}");
        let incident = object["metadata"]["labels"][LABEL].as_str().unwrap_or_default().to_owned();
        let number = number_of(&name, &incident).filter(|_| is_id(&incident));
        let number = number.ok_or_else(|| format!("{what} has the label {LABEL} and is no page of an incident"))?;
        let mut page = Self {
            incident,
            namespace,
            made: text("/metadata/creationTimestamp").parse().ok(),
            number,
            entries: Vec::new(),
            unread: Vec::new(),
            version: text("/metadata/resourceVersion"),
            keys: BTreeSet::new(),
            size: 0,
        };
        for (key, value) in object["data"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            page.size += key.len() + value.len();
            page.keys.insert(key.clone());
            match entry(key, value, latest) {
                Ok(entry) => page.entries.push(entry),
                Err(why) => page.unread.push(format!("{what}, key {key}: {why}")),
            }
        }
        Ok(page)
    }
}

fn number_of(name: &str, incident: &str) -> Option<u32> {
    match name.strip_prefix(&page_name(incident, 1))? {
        "" => Some(1),
        behind => behind.strip_prefix('-')?.parse().ok().filter(|number| page_name(incident, *number) == name),
    }
}

fn entry(key: &str, value: &str, latest: Timestamp) -> Result<Entry, String> {
    if value.len() > LONGEST {
        return Err(format!("{} bytes are more than any entry has", value.len()));
    }
    let entry: Entry =
        serde_json::from_str(value).map_err(|error| format!("it is no entry of an incident: {error}"))?;
    match entry.id == key {
        _ if entry.at > latest => Err(format!("it is dated {}, which is still to come", entry.at)),
        true => Ok(safe(&entry)),
        false => Err("it has another id".to_owned()),
    }
}

/// What of other entries is new to a record: what it has stays as it is, and how the incident began is told once.
pub fn news(known: &[Entry], other: &[Entry]) -> Vec<Entry> {
    let mut ids: BTreeSet<&str> = known.iter().map(|it| it.id.as_str()).collect();
    let begins = |entry: &Entry| matches!(entry.what, What::Declared(_));
    let mut has_begun = known.iter().any(begins);
    let mut new = Vec::new();
    for entry in other {
        if !(has_begun && begins(entry)) && ids.insert(&entry.id) {
            has_begun |= begins(entry);
            new.push(entry.clone());
        }
    }
    new
}

/// Where an incident is kept: in the namespace of the page that tells how it began. Where several do, whatever they say,
/// the one that the server made first; none where no page tells it.
pub fn home(pages: &[Page]) -> Option<&str> {
    let begins = |page: &&Page| page.entries.iter().any(|entry| matches!(entry.what, What::Declared(_)));
    let made = |page: &&Page| (page.made.is_none(), page.made, page.namespace.clone());
    pages.iter().filter(begins).min_by_key(made).map(|page| page.namespace.as_str())
}

/// The request that writes what pages of an incident lack of some entries, or the first part of it; none where they have
/// all. The server refuses it (409) where somebody else has written the page since.
pub fn next_write(incident: &str, namespace: &str, pages: &[Page], wanted: &[Entry]) -> Option<Request> {
    next_write_within(MOST, (incident, namespace), pages, wanted)
}

fn next_write_within(
    most: usize,
    (incident, namespace): (&str, &str),
    pages: &[Page],
    wanted: &[Entry],
) -> Option<Request> {
    let is_kept = |entry: &&Entry| pages.iter().any(|page| page.keys.contains(&entry.id));
    let lacking = wanted.iter().filter(|entry| !is_kept(entry)).map(safe);
    let lacking: Vec<(String, String)> =
        lacking.map(|it| (it.id.clone(), serde_json::to_string(&it).unwrap_or_default())).collect();
    let first = lacking.first()?;
    let last = pages.iter().filter(|page| page.namespace == namespace).max_by_key(|page| page.number);
    let page = last.filter(|page| page.size + first.0.len() + first.1.len() <= most);
    let number = page.map_or_else(|| last.map_or(0, |it| it.number) + 1, |page| page.number);
    let mut size = page.map_or(0, |page| page.size);
    let fits = |(key, value): &&(String, String)| {
        size += key.len() + value.len();
        size <= most
    };
    let data: Map<String, Value> =
        lacking.iter().take_while(fits).map(|(key, value)| (key.clone(), Value::String(value.clone()))).collect();
    let address = address(Some(namespace), page_name(incident, number));
    Some(match page {
        Some(page) => Request {
            method: "PATCH",
            path: address.path(),
            content_type: "application/merge-patch+json",
            body: json!({"metadata": {"resourceVersion": page.version}, "data": data}),
        },
        None => Request {
            method: "POST",
            path: address.collection(),
            content_type: "application/json",
            body: json!({
                "apiVersion": address.api_version, "kind": address.kind,
                "metadata": {
                    "name": address.name, "namespace": namespace,
                    "labels": {"app.kubernetes.io/managed-by": "kubectl-sre", LABEL: incident},
                },
                "data": data,
            }),
        },
    })
}

/// An entry as others may read it, and as it is read from others: without secrets, as far as a text tells them, and without
/// the ways to people, which are of the profile of whoever tells them.
pub fn safe(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    match &mut entry.what {
        What::Declared(declaration) => {
            hide(&mut declaration.title);
            declaration.notify.clear();
        }
        What::Severity { reason: text, .. }
        | What::Reopened { reason: text }
        | What::Role { person: text, .. }
        | What::Note { text, .. } => hide(text),
        // Whoever was to be reached, and by which way, stands in it.
        What::NotSent { why, .. } => THERE.clone_into(why),
        What::Done { text, .. } | What::NotDone { text, .. } => text.iter_mut().for_each(hide),
        What::Action { text, owner, .. } => owner.iter_mut().chain([text]).for_each(hide),
        What::Sending { target, text, silence, .. } => {
            hide(text);
            *target = target.without_way();
            match silence {
                Some(SilenceCall::Make { matchers, .. }) => matchers.clear(),
                Some(SilenceCall::Expire { id }) => id.clear(),
                None => {}
            }
        }
        What::Evidence { causes, .. } => causes.iter_mut().for_each(hide),
        // What it holds stays where it is; the path is no secret of the cluster's, as that of evidence is none.
        What::Dump { .. } | What::ActionDone { .. } | What::Sent { .. } | What::GivenUp { .. } | What::Resolved => {}
    }
    entry
}

/// Where it is known why something did not arrive.
const THERE: &str = "the machine that sent it knows why";

fn hide(text: &mut String) {
    *text = crate::logs::Redactor::default().text(text, Text::Log);
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, Declaration, Level, NotifyTarget, Procedure, SecretPlace, SilenceMatcher};
    use super::*;

    const ID: &str = "inc-20261129-3f2a";

    fn entry(id: &str, second: i64, what: What) -> Entry {
        let at = Timestamp::from_second(second).expect("a time");
        Entry { id: id.to_owned(), number: 1, at, clock: None, by: "jane@host".to_owned(), what }
    }

    fn note(id: &str, second: i64, text: &str) -> Entry {
        entry(id, second, What::Note { text: text.to_owned(), pinned: false, section: None })
    }

    fn target() -> NotifyTarget {
        NotifyTarget {
            name: "oncall".to_owned(),
            channel: Channel::Pagerduty { address: "https://pd.example".to_owned() },
            secret: Some(SecretPlace::Env("PD_KEY".to_owned())),
            severities: Vec::new(),
            items: vec!["page".to_owned()],
        }
    }

    fn declared(id: &str) -> Entry {
        entry(
            id,
            0,
            What::Declared(Declaration {
                title: "checkout is down, password=Planted-1".to_owned(),
                severity: Level::try_from(1).expect("a severity"),
                unsure: false,
                context: None,
                server: None,
                namespace: None,
                procedure: Procedure::default(),
                notify: vec![target()],
            }),
        )
    }

    /// A cluster that takes what is written as the API server does.
    struct Cluster {
        objects: Vec<Value>,
        version: u64,
        most: usize,
    }

    impl Default for Cluster {
        fn default() -> Self {
            Self { objects: Vec::new(), version: 0, most: MOST }
        }
    }

    impl Cluster {
        fn pages(&self) -> Vec<Page> {
            self.objects.iter().map(|it| Page::read(it, Timestamp::MAX).expect("a page")).collect()
        }

        /// Whether it was taken.
        fn takes(&mut self, request: &Request) -> bool {
            self.version += 1;
            let version = json!(self.version.to_string());
            let mut body = request.body.clone();
            if request.method == "POST" {
                let is_taken = self.objects.iter().any(|it| it["metadata"]["name"] == body["metadata"]["name"]);
                body["metadata"]["resourceVersion"] = version;
                self.objects.extend((!is_taken).then_some(body));
                return !is_taken;
            }
            let name = request.path.rsplit('/').next().unwrap_or_default();
            let page = self.objects.iter_mut().find(|it| it["metadata"]["name"] == name).expect("a page");
            if page["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"] {
                return false;
            }
            for (key, value) in body["data"].as_object().expect("data") {
                assert!(page["data"][key].is_null(), "nothing is written over");
                page["data"][key] = value.clone();
            }
            page["metadata"]["resourceVersion"] = version;
            true
        }

        /// Joins a record with it, both ways; `seen` are the pages as its writer saw them last.
        fn joined(&mut self, record: &mut Vec<Entry>, seen: Option<Vec<Page>>) {
            let mut pages = seen.unwrap_or_else(|| self.pages());
            loop {
                let there: Vec<Entry> = pages.iter().flat_map(|page| page.entries.clone()).collect();
                record.extend(news(record, &there));
                let Some(request) = next_write_within(self.most, (ID, "ops"), &pages, record) else { return };
                self.takes(&request);
                pages = self.pages();
            }
        }
    }

    fn ids(entries: &[Entry]) -> BTreeSet<&str> {
        entries.iter().map(|it| it.id.as_str()).collect()
    }

    /// Numbers that look like chance and are the same in each run.
    fn chance(state: &mut u64) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap_or_default()
    }

    #[test]
    fn whoever_joins_in_whichever_order_all_have_all_in_the_end_and_each_once() {
        for seed in 0..200_u64 {
            let (mut state, mut cluster) = (seed, Cluster::default());
            let mut records: Vec<Vec<Entry>> = vec![vec![declared("d")]; 3];
            let mut written = BTreeSet::from(["d".to_owned()]);
            // What was seen before others wrote is old.
            let mut old = vec![None; 3];
            for number in 0..20 {
                let who = chance(&mut state) % 3;
                match chance(&mut state) % 3 {
                    0 => old[who] = Some(cluster.pages()),
                    1 => cluster.joined(&mut records[who], old[who].take()),
                    _ => {
                        let id = format!("{who}-{number}");
                        records[who].push(note(&id, number, "x"));
                        written.insert(id);
                    }
                }
            }
            for who in [0, 1, 2, 0, 1, 2] {
                cluster.joined(&mut records[who], None);
            }
            let whole: BTreeSet<&str> = written.iter().map(String::as_str).collect();
            for record in &records {
                assert_eq!((ids(record), record.len()), (whole.clone(), whole.len()), "seed {seed}");
            }
            let (before, again) = (cluster.pages(), &mut records[0]);
            cluster.joined(again, None);
            assert_eq!((cluster.pages(), again.len()), (before, whole.len()), "once more changes nothing");
        }
    }

    #[test]
    fn a_full_page_is_followed_by_another_and_nothing_is_lost() {
        let mut cluster = Cluster { most: 20 << 10, ..Cluster::default() };
        let text = "lorem ipsum ".repeat(30);
        let mut record = vec![declared("d")];
        record.extend((0..100).map(|number| note(&format!("n{number}"), number, &text)));
        cluster.joined(&mut record, None);
        let names: Vec<&str> = cluster.objects.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
        assert_eq!(names, [1, 2, 3].map(|number| page_name(ID, number)));
        assert!(cluster.pages().iter().all(|page| page.size <= cluster.most));
        let mut other = Vec::new();
        cluster.joined(&mut other, None);
        assert_eq!(ids(&other), ids(&record));
    }

    #[test]
    fn no_secret_and_no_way_to_people_goes_there_or_comes_from_there() {
        let matcher = SilenceMatcher {
            name: "customer".to_owned(),
            value: "Planted-6".to_owned(),
            is_regex: false,
            is_equal: true,
        };
        let call = SilenceCall::Make { matchers: vec![matcher], until: Timestamp::MAX };
        let sending = What::Sending {
            silence: Some(call),
            delivery: "m-1-oncall".to_owned(),
            message: "m-1".to_owned(),
            item: "page".to_owned(),
            target: target(),
            text: "token: Planted-2".to_owned(),
        };
        let evidence = What::Evidence {
            file: "/home/jane/evidence-1.tar.zst".to_owned(),
            sha256: "ab".repeat(32),
            causes: vec!["crash: postgres://u:Planted-3@db".to_owned()],
            has_gaps: false,
        };
        let mut cluster = Cluster::default();
        let mut record = vec![declared("d"), entry("s", 1, sending), entry("e", 2, evidence)];
        let why = "the variable PD_KEY is not set; jane@Planted-7 is unknown".to_owned();
        record.push(entry("f", 2, What::NotSent { delivery: "m-1-oncall".to_owned(), why, unknown: false }));
        record.push(note("n", 3, "export DB_PASSWORD=Planted-4\nAuthorization: Bearer Planted-5"));
        cluster.joined(&mut record, None);
        let there = json!(cluster.objects).to_string();
        assert!(!there.contains("Planted") && !there.contains("PD_KEY") && !there.contains("pd.example"), "{there}");
        assert!(there.contains(&"ab".repeat(32)), "a digest is no secret");
        for (read, own) in cluster.pages()[0].entries.iter().map(|it| (it, record.iter().find(|own| own.id == it.id))) {
            assert_eq!(Some(safe(read)), own.map(safe), "once more hides nothing more");
        }
        // What somebody else wrote there is read so, too.
        let mut foreign = cluster.objects[0].clone();
        foreign["data"] = json!({"s": serde_json::to_string(&record[1]).expect("JSON")});
        let read = Page::read(&foreign, Timestamp::MAX).expect("a page").entries;
        assert!(matches!(&read[0].what, What::Sending { target, .. } if !target.has_way()), "{read:#?}");
    }

    #[test]
    fn what_is_no_entry_is_told_and_stays_and_nothing_of_it_counts() {
        let good = serde_json::to_string(&note("good", 5, "x")).expect("JSON");
        let late = serde_json::to_string(&note("late", 500, "x")).expect("JSON");
        let mut object = json!({
            "metadata": {
                "name": page_name(ID, 1), "namespace": "ops", "resourceVersion": "1", "labels": {LABEL: ID},
            },
            "data": {"good": good, "late": late, "other": good, "broken": "{", "long": "x".repeat(LONGEST + 1), "odd": 7},
        });
        let latest = Timestamp::from_second(100).expect("a time");
        let page = Page::read(&object, latest).expect("a page");
        assert_eq!((ids(&page.entries), page.unread.len()), (BTreeSet::from(["good"]), 5));
        assert!(page.unread.iter().any(|it| it.contains("key late: it is dated")), "{:#?}", page.unread);
        let wanted = [note("broken", 5, "x"), note("good", 5, "x")];
        assert_eq!(next_write(ID, "ops", &[page], &wanted), None, "nothing there is written over");
        object["metadata"]["name"] = json!("kubectl-sre-incident-inc-other");
        assert!(Page::read(&object, latest).is_err());
        object["metadata"]["labels"][LABEL] = json!("../x");
        assert!(Page::read(&object, latest).is_err());
    }

    #[test]
    fn who_writes_that_it_began_otherwise_changes_nothing() {
        let known = [declared("d"), note("n", 1, "x")];
        let earlier = entry("a", -100, declared("a").what);
        let written = [earlier, note("n", 1, "other"), note("m", 2, "new")];
        assert_eq!(news(&known, &written), [note("m", 2, "new")]);
        assert_eq!(news(&[], &written), written, "where nothing is known all is new");
    }
}
