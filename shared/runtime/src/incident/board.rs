//! What is kept of incidents in the cluster, where several people see it: read, joined with the record of this machine, and
//! written with the version that was read, so that whoever was faster is never written over.
//!
//! The record of this machine comes first: what the cluster does not take now it takes when it is joined the next time.

use super::{ENTRIES, FOLDER, Incidents, now, parsed};
use crate::change::{Objects, encoded};
use crate::cluster::connection::{ConnectionFacts, RequestFault};
use crate::error::Error;
use crate::lines::{Lines, line, sync_folder};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sre_core::finding::quoted;
use sre_core::incident::shared::{LABEL, Page, collection, home, news, next_write, page_name};
use sre_core::incident::{Entry, Incident};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// Where an incident is shared, as this machine knows it; below the folder of the incident.
const SHARED: &str = "shared.json";

/// How often somebody else may be faster.
const MOST_TRIES: u32 = 40;

/// Clocks of several machines differ by less.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// Where an incident is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SharedPlace {
    /// The address of the API server.
    pub server: String,
    /// The context by which it was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The namespace of the ConfigMaps.
    pub namespace: String,
}

/// The way to what is kept in a cluster.
pub struct Board {
    objects: Objects,
    facts: ConnectionFacts,
}

/// What is kept there of one incident.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Its pages, in no order.
    pub pages: Vec<Page>,
}

/// What is kept there of several.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// By the id of the incident.
    pub held: BTreeMap<String, Held>,
    /// What cannot be read, and why.
    pub unread: Vec<String>,
    /// What was left out: pages of an incident where it is not kept.
    pub strays: Vec<String>,
    /// Where alone it was looked for, and why, if that is not everywhere.
    pub partly: Option<String>,
}

impl Held {
    /// What can be read of it.
    pub fn entries(&self) -> Vec<Entry> {
        let all: Vec<Entry> = self.pages.iter().flat_map(|page| page.entries.iter().cloned()).collect();
        news(&[], &all)
    }

    fn namespace(&self) -> Option<&str> {
        self.pages.iter().min_by_key(|page| page.number).map(|page| page.namespace.as_str())
    }

    /// Leaves the pages of the namespace in which it is kept, and gives the others: whoever may write in some namespace
    /// shall not write on what is kept in another.
    fn settle(&mut self) -> Vec<Page> {
        let Some(home) = home(&self.pages).map(str::to_owned) else { return Vec::new() };
        self.pages.extract_if(.., |page| page.namespace != home).collect()
    }
}

impl Board {
    pub(crate) fn new(client: kube::Client, facts: ConnectionFacts) -> Self {
        Self { objects: Objects::new(client), facts }
    }

    /// The namespace for what names none.
    pub fn default_namespace(&self) -> &str {
        &self.facts.default_namespace
    }

    /// This cluster as a place; `namespace` is where the ConfigMaps are.
    pub fn place(&self, namespace: &str) -> SharedPlace {
        let ConnectionFacts { server, context, .. } = &self.facts;
        SharedPlace { server: server.clone(), context: context.clone(), namespace: namespace.to_owned() }
    }

    /// Whether a place is in this cluster.
    pub fn is_of(&self, place: &SharedPlace) -> bool {
        place.server == self.facts.server
    }

    /// What is kept of one incident, or of all, in a namespace or in all.
    ///
    /// # Errors
    /// Says why there is no whole answer.
    pub async fn seen(&self, namespace: Option<&str>, incident: Option<&str>) -> Result<Seen, RequestFault> {
        let label = incident.map_or_else(|| LABEL.to_owned(), |id| format!("{LABEL}={id}"));
        let selector = format!("labelSelector={}", encoded(&label));
        let objects = self.objects.list(&collection(namespace), &selector).await?;
        let mut seen = Seen::default();
        let has_label = |it: &&Value| it["metadata"]["labels"][LABEL].is_string();
        for object in objects.iter().filter(has_label) {
            match Page::read(object, latest()) {
                Ok(page) => {
                    seen.unread.extend(page.unread.iter().cloned());
                    let held = seen.held.entry(page.incident.clone()).or_default();
                    held.pages.push(page);
                }
                Err(why) => seen.unread.push(why),
            }
        }
        Ok(seen)
    }

    /// The same wherever the caller may look: in all namespaces, else in that of the connection and in those that are
    /// known. Of an incident only what is kept in one namespace counts.
    ///
    /// # Errors
    /// Says why there is no answer at all.
    pub async fn seen_anywhere(&self, known: BTreeSet<String>, incident: Option<&str>) -> Result<Seen, RequestFault> {
        let mut seen = match self.seen(None, incident).await {
            Err(fault @ RequestFault::Forbidden { .. }) => self.seen_in(known, incident, fault).await?,
            answer => answer?,
        };
        for (id, held) in &mut seen.held {
            let strays = held.settle();
            seen.unread.retain(|why| strays.iter().all(|page| !page.unread.contains(why)));
            let home = held.namespace().unwrap_or_default();
            let word = |page: &Page| {
                format!(
                    "ConfigMap {}/{} is left out: {id} is kept in namespace {home}",
                    page.namespace,
                    page_name(id, page.number)
                )
            };
            seen.strays.extend(strays.iter().map(word));
        }
        Ok(seen)
    }

    async fn seen_in(
        &self,
        mut namespaces: BTreeSet<String>,
        incident: Option<&str>,
        everywhere: RequestFault,
    ) -> Result<Seen, RequestFault> {
        namespaces.insert(self.default_namespace().to_owned());
        let (mut all, mut looked) = (Seen::default(), Vec::new());
        for namespace in namespaces {
            match self.seen(Some(&namespace), incident).await {
                Ok(seen) => {
                    for (id, held) in seen.held {
                        all.held.entry(id).or_default().pages.extend(held.pages);
                    }
                    all.unread.extend(seen.unread);
                    looked.push(namespace);
                }
                Err(RequestFault::Forbidden { .. } | RequestFault::NotFound) => {}
                Err(fault) => return Err(fault),
            }
        }
        if looked.is_empty() {
            return Err(everywhere);
        }
        let plural = if looked.len() == 1 { "" } else { "s" };
        let why = self.why("list", None, &everywhere);
        all.partly = Some(format!("in namespace{plural} {} only: {why}", looked.join(", ")));
        Ok(all)
    }

    /// Writes what is not there yet of an incident's entries; what somebody else writes meanwhile stays.
    ///
    /// # Errors
    /// Says why it could not be written, and what was to be done.
    async fn write(&self, id: &str, namespace: &str, held: &mut Held, entries: &[Entry]) -> Result<(), Unheld> {
        for tries in 0..MOST_TRIES {
            let Some(request) = next_write(id, namespace, &held.pages, entries) else { return Ok(()) };
            let verb = if request.method == "POST" { "create" } else { "patch" };
            let fault = match self.objects.send(&request, false).await {
                Ok(object) => {
                    let page = Page::read(&object, latest())
                        .map_err(|message| Unheld { verb, fault: RequestFault::Other { message } })?;
                    held.pages.retain(|it| (&it.namespace, it.number) != (&page.namespace, page.number));
                    held.pages.push(page);
                    continue;
                }
                Err(fault) => fault,
            };
            let is_gone = verb == "patch" && fault == RequestFault::NotFound;
            if !is_gone && !matches!(fault, RequestFault::Conflict { .. }) {
                return Err(Unheld { verb, fault });
            }
            // Those who wait for each other must not come back at the same moment.
            let pause = 5 + u64::from(now_nanoseconds() % 40) + u64::from(5 * tries.min(20));
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let seen = self.seen(Some(namespace), Some(id)).await.map_err(|fault| Unheld { verb: "list", fault })?;
            *held = seen.held.into_values().next().unwrap_or_default();
        }
        let message = "others write all the time".to_owned();
        Err(Unheld { verb: "patch", fault: RequestFault::Conflict { message } })
    }

    /// Why something is not to be had, with the right that is missing where that is it.
    pub fn why(&self, verb: &str, namespace: Option<&str>, fault: &RequestFault) -> String {
        let server = &self.facts.server;
        let (place, flag) = match namespace {
            Some(name) => (format!("in namespace {name}"), format!("-n {}", quoted(name))),
            None => ("in all namespaces".to_owned(), "-A".to_owned()),
        };
        match fault {
            RequestFault::Forbidden { .. } => {
                format!(
                    "{server} does not let you {verb} configmaps {place} (kubectl auth can-i {verb} configmaps {flag})"
                )
            }
            RequestFault::NotFound => format!("{server}: there is nothing {place}: no such namespace"),
            other => format!("{server}: {other}"),
        }
    }
}

/// What could not be done, and why.
struct Unheld {
    verb: &'static str,
    fault: RequestFault,
}

/// What joining came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joint {
    /// Entries that were new to this machine.
    pub taken: usize,
    /// Entries that were new to the cluster.
    pub given: usize,
}

impl Incidents {
    /// Where an incident is shared, if it is.
    ///
    /// # Errors
    /// Says that nobody can read it.
    pub fn shared_place(&self, id: &str) -> Result<Option<SharedPlace>, Error> {
        let path = self.state.folder(FOLDER).join(id).join(SHARED);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| Error::IncidentDamaged { path, why: error.to_string() }),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(Error::Local { path, source }),
        }
    }

    /// Writes down where an incident is shared; from then on what is recorded of it is written there too.
    ///
    /// # Errors
    /// Says what could not be written, or that it is shared elsewhere.
    pub fn is_shared_at(&self, id: &str, place: &SharedPlace) -> Result<(), Error> {
        match self.state.keep(&Path::new(FOLDER).join(id).join(SHARED), &line(place)) {
            Err(Error::Local { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
            other => return other,
        }
        match self.shared_place(id)? {
            Some(there) if there != *place => Err(Error::Usage {
                message: format!("{id} is shared already, in namespace {} of {}", there.namespace, there.server),
                hint: format!("see what is there: kubectl sre incident show {id}"),
            }),
            _ => Ok(()),
        }
    }

    /// Writes down that an incident is shared elsewhere from now on.
    ///
    /// # Errors
    /// Says what could not be written.
    pub fn moves_to(&self, id: &str, place: &SharedPlace) -> Result<(), Error> {
        self.state.replace(&Path::new(FOLDER).join(id).join(SHARED), &line(place))
    }

    /// Joins the record of an incident with what is kept of it in the cluster, both ways: first what is new here is written
    /// here, then what is new there is written there.
    ///
    /// # Errors
    /// Says what could not be written here; or, with the inner error, why the cluster did not take it.
    pub async fn join(
        &self,
        board: &Board,
        id: &str,
        place: &SharedPlace,
        held: &mut Held,
    ) -> Result<Result<Joint, String>, Error> {
        let taken = self.take(id, &held.entries())?;
        let entries = self.meant(Some(id))?.entries;
        let before = held.entries().len();
        let written = board.write(id, &place.namespace, held, &entries).await;
        let given = held.entries().len().saturating_sub(before);
        Ok(written.map(|()| Joint { taken, given }).map_err(|it| board.why(it.verb, Some(&place.namespace), &it.fault)))
    }

    /// Takes what others wrote, and writes nothing to the cluster.
    ///
    /// # Errors
    /// Says what could not be written here.
    pub fn take_only(&self, id: &str, held: &Held) -> Result<Joint, Error> {
        Ok(Joint { taken: self.take(id, &held.entries())?, given: 0 })
    }

    /// Begins a record of an incident that others share.
    ///
    /// # Errors
    /// Says what could not be written.
    pub fn adopt(&self, board: &Board, id: &str, held: &Held) -> Result<(), Error> {
        let entries = held.entries();
        let (Some(namespace), Some(_)) = (held.namespace(), Incident::of(id, &entries)) else { return Ok(()) };
        // Without a record it is nothing, so it comes first.
        self.is_shared_at(id, &board.place(namespace))?;
        let bytes: Vec<u8> = entries.iter().flat_map(line).collect();
        match self.state.keep(&Path::new(FOLDER).join(id).join(ENTRIES), &bytes) {
            Ok(()) => sync_folder(&self.state.folder(FOLDER)),
            // Another run began it.
            Err(Error::Local { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                self.take(id, &entries).map(drop)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes down what is new of others' entries; says how many there are.
    fn take(&self, id: &str, entries: &[Entry]) -> Result<usize, Error> {
        let path = self.path(id);
        let mut lines = Lines::existing(path.clone())?;
        lines.wait_alone()?;
        let incident = parsed(id, &path, &lines.bytes()?)?;
        let new = news(&incident.entries, entries);
        if !new.is_empty() {
            lines.end_torn_line()?;
            lines.write_all(&new)?;
        }
        Ok(new.len())
    }
}

/// What is dated after it was not written yet.
fn latest() -> Timestamp {
    now().checked_add(SKEW).unwrap_or(Timestamp::MAX)
}

fn now_nanoseconds() -> u32 {
    Timestamp::now().subsec_nanosecond().unsigned_abs()
}
