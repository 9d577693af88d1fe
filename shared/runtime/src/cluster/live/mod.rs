//! A live cluster, read: each kind once, at most eight lists at a time, a gap for what fails.

mod access;
mod groups;
mod health;
mod inquiry;
pub(crate) mod logs;
mod shelf;
pub(crate) mod version;
pub mod watch;

pub use access::review;
pub(crate) use inquiry::asked;

use super::connection::{Connection, RequestFault};
use super::list::{Freshness, ListFault, ListOutcome, ListRequest, list};
use super::stream::Encoding;
use crate::archive::ArchiveWriter;
use crate::error::Error;
use crate::ui::Bars;
use futures::stream::{self, StreamExt};
use groups::Groups;
use shelf::{KindSink, Store};
use sre_core::check::Sight;
use sre_core::inquiry::{
    DatabaseInquiry, Inquiry, questions, questions_of_trends, questions_to_databases, questions_to_kubelets,
};
use sre_core::slim::{Kind, KindOrigin, Pool, Scope};
use sre_core::snapshot::{Gap, GapReason, NamespaceScope, Origin, ReadState, Reads, Shelves, Snapshot};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Lists under way at once: more than a handful only queue in the server's fairness.
const AT_ONCE: usize = 8;

/// How to read.
pub struct Reading<'a> {
    /// Where to.
    pub connection: &'a Connection,
    /// Bound of each list and of each answer of a health endpoint.
    pub deadline: Duration,
    /// How objects are asked for: protobuf where they are only looked at, JSON for an archive.
    pub encoding: Encoding,
    /// Where the objects go besides, as the server sent them.
    pub archive: Option<&'a mut ArchiveWriter>,
    /// Where it shows how far it is.
    pub bars: Bars,
}

/// What reading gave.
pub struct Observed {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Bytes of all lists as they came over the wire.
    pub received: u64,
    /// Where whoever goes on looking begins.
    pub after: Afterwards,
}

/// What a look leaves for those after it.
pub struct Afterwards {
    /// Where each list ended that came whole.
    ends: BTreeMap<Kind, ListEnd>,
    /// What the objects have in common.
    pool: Pool,
    /// What the server serves, as far as it was asked.
    groups: Option<Groups>,
    /// When the server told its time.
    told_at: Instant,
}

impl Reading<'_> {
    /// Reads what is wanted.
    ///
    /// # Errors
    /// Fails when the server cannot be reached, does not know the caller, or forbids everything. What fails
    /// for single kinds is a gap in the snapshot.
    pub async fn observe(self, reads: &Reads) -> Result<Observed, Error> {
        let deadline = self.deadline;
        let server = version::ask(&self.connection.client, deadline).await.map_err(|fault| self.no_answer(&fault))?;
        let told_at = Instant::now();
        let encoding = self.encoding;
        let freshness = if encoding == Encoding::Json { Freshness::Consistent } else { Freshness::Cached };
        let connection = self.connection;
        let groups = if wants_installed(reads) { Groups::ask(&connection.client, deadline).await } else { None };
        let job = |sight, part| Job { sight, part, connection, encoding, freshness, deadline, groups: groups.as_ref() };
        let reads = &narrowed(reads, &job, &connection.facts.default_namespace).await;
        let mut snapshot = Snapshot {
            taken_at: server.now,
            namespaces: reads.namespaces.clone(),
            origin: self.origin(&server.git_version),
            ..Snapshot::default()
        };
        let store = Store::new(self.archive);
        let sights = by_weight(reads);
        let progress = self.bars.start("reading", sights.len() as u64);
        let asked = Part { namespace: reads.namespaces.one(), name: None };
        let of_system = reads.of_system().map(|(kind, namespace)| {
            let part = Part { namespace: Some(namespace), name: None };
            (job(Sight::Of(kind), part), false)
        });
        let jobs = sights.into_iter().map(|sight| (job(sight, asked), true)).chain(of_system);
        let answers = stream::iter(jobs.map(|(job, is_asked_for)| {
            let (store, progress) = (&store, &progress);
            async move {
                let seen = job.run(store).await;
                progress.step();
                (job.sight, is_asked_for, seen)
            }
        }));
        let answers: Vec<(Sight, bool, Seen)> = answers.buffer_unordered(AT_ONCE).collect().await;
        // What is asked next has a bar of its own, in the same line.
        drop(progress);
        let (answers, besides): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, is_asked_for, _)| *is_asked_for);
        let answers: Vec<(Sight, Seen)> = answers.into_iter().map(|(sight, _, seen)| (sight, seen)).collect();
        refused_everything(&answers, connection)?;
        for (_, _, seen) in besides {
            snapshot.objects.append(seen.objects);
        }
        let mut received = 0;
        let mut ends = BTreeMap::new();
        for (sight, seen) in answers {
            received += seen.received;
            if let (Sight::Of(kind), Some(end)) = (sight, seen.end) {
                ends.insert(kind, end);
            }
            snapshot.coverage.record(sight, seen.state);
            snapshot.objects.append(seen.objects);
            snapshot.health.extend(seen.health);
        }
        snapshot.objects.sort();
        snapshot.health.sort_by(|a, b| (a.endpoint, &a.name).cmp(&(b.endpoint, &b.name)));
        let questions = [questions(reads, &snapshot), questions_of_trends(reads, &snapshot)].concat();
        let mut answers = inquiry::ask(connection, questions, (deadline, reads.inquiry.within), &self.bars).await;
        let questions = questions_to_kubelets(reads, &snapshot, &answers);
        answers.append(inquiry::ask_kubelets(connection, questions, &reads.namespaces, deadline, &self.bars).await);
        let questions = questions_to_databases(reads, &snapshot);
        answers.append(inquiry::ask_databases(connection, questions, deadline, &self.bars).await);
        store.keep_answers(&answers);
        snapshot.take_answers(reads, answers);
        let pool = store.finish()?;
        let after = Afterwards { ends, pool, groups, told_at };
        Ok(Observed { snapshot, received, after })
    }

    fn origin(&self, git_version: &str) -> Origin {
        let facts = &self.connection.facts;
        Origin {
            context: facts.context.clone(),
            server: Some(facts.server.clone()),
            server_version: Some(git_version.to_owned()),
            user: facts.user.clone(),
            reach: facts.reach.clone(),
            authority: facts.certificate_authority_digest.clone(),
            clock: None,
        }
    }

    fn no_answer(&self, fault: &RequestFault) -> Error {
        Error::no_answer(&self.connection.facts, fault)
    }
}

/// Events first, which do not last, then the big lists, so that none of them is the last to start.
fn by_weight(reads: &Reads) -> Vec<Sight> {
    const HEAVY: [Kind; 8] = [
        Kind::Event,
        Kind::Pod,
        Kind::Secret,
        Kind::ConfigMap,
        Kind::ReplicaSet,
        Kind::EndpointSlice,
        Kind::Service,
        Kind::Node,
    ];
    let weight = |sight: &Sight| HEAVY.iter().position(|kind| Sight::Of(*kind) == *sight).unwrap_or(HEAVY.len());
    let of_server = |sight: &Sight| !Sight::ASKED.contains(sight);
    let mut sights: Vec<Sight> = reads.sights.iter().copied().filter(of_server).collect();
    sights.sort_by_key(weight);
    sights
}

/// Whether any kind is wanted that not every cluster has.
fn wants_installed(reads: &Reads) -> bool {
    let is_installed = |sight: &Sight| matches!(sight, Sight::Of(kind) if kind.info().origin != KindOrigin::BuiltIn);
    reads.sights.iter().any(is_installed)
}

/// A cluster that forbids every list tells nothing: that is no report with gaps, but no access.
fn refused_everything(answers: &[(Sight, Seen)], connection: &Connection) -> Result<(), Error> {
    let lists = answers.iter().filter(|(sight, _)| matches!(sight, Sight::Of(_))).map(|(_, seen)| seen);
    let lists: Vec<&Seen> = lists.filter(|seen| seen.state != ReadState::NotInstalled).collect();
    let faults: Vec<&RequestFault> = lists.iter().filter_map(|seen| seen.fatal.as_ref()).collect();
    match faults.first() {
        Some(fault) if faults.len() == lists.len() => Err(Error::no_answer(&connection.facts, fault)),
        _ => Ok(()),
    }
}

/// What one read gave.
struct Seen {
    state: ReadState,
    objects: Shelves,
    health: Vec<sre_core::snapshot::HealthLine>,
    received: u64,
    /// Where a list ended that came whole.
    end: Option<ListEnd>,
    /// What would end the run, if every other read met it too.
    fatal: Option<RequestFault>,
}

/// Where a list ended: from there on it can be watched.
struct ListEnd {
    /// The group and version that it was listed in.
    api_version: &'static str,
    /// The version of the list.
    version: String,
}

/// The part of a collection that is read.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// Its namespace; all when there is none.
    namespace: Option<&'a str>,
    /// The one name that is looked for.
    name: Option<&'a str>,
}

/// Looks where the object stands that a read is about, and narrows the read to that namespace.
///
/// Where it stands nowhere, or in several namespaces, no more than it is read: then that is the answer. A caller who may
/// not look into all namespaces means their own, as with kubectl.
async fn narrowed<'a>(reads: &'a Reads, job: &impl Fn(Sight, Part<'a>) -> Job<'a>, default: &str) -> Reads {
    let only = |namespace: &str| Reads { namespaces: NamespaceScope::One(namespace.to_owned()), ..reads.clone() };
    // No command runs in what is only like that which is meant.
    let everywhere = || {
        let databases = reads.inquiry.databases.clone();
        let databases = databases.map(|it| DatabaseInquiry { with_recognised: false, ..it });
        Reads { inquiry: Inquiry { databases, ..reads.inquiry.clone() }, ..reads.clone() }
    };
    let (kind, name) = match &reads.around {
        Some((kind, name)) if reads.namespaces.one().is_none() => (kind, name),
        _ => return reads.clone(),
    };
    match kind {
        Kind::Namespace => return only(name),
        kind if kind.info().scope == Scope::Cluster => return reads.clone(),
        _ => {}
    }
    let seen = job(Sight::Of(*kind), Part { namespace: None, name: Some(name) }).list(*kind, &Store::new(None)).await;
    match (&seen.state, &seen.objects.namespaces_of(*kind, name)[..]) {
        (_, [one]) => only(one),
        (ReadState::Gap(gap), []) if gap.reason == GapReason::Forbidden => only(default),
        (ReadState::Read { .. }, _) => {
            Reads { sights: [Sight::Of(*kind)].into(), inquiry: Inquiry::default(), ..reads.clone() }
        }
        _ => everywhere(),
    }
}

struct Job<'a> {
    sight: Sight,
    part: Part<'a>,
    connection: &'a Connection,
    encoding: Encoding,
    freshness: Freshness,
    deadline: Duration,
    groups: Option<&'a Groups>,
}

impl Job<'_> {
    async fn run(&self, store: &Store<'_>) -> Seen {
        match self.sight {
            Sight::Of(kind) => self.list(kind, store).await,
            endpoint => self.health(endpoint, store).await,
        }
    }

    async fn health(&self, endpoint: Sight, store: &Store<'_>) -> Seen {
        let answer = health::ask(&self.connection.client, endpoint, self.deadline).await;
        let (state, health) = match answer {
            Ok(text) => {
                let lines = health::lines(endpoint, &text);
                store.keep_text(endpoint, &text);
                (ReadState::Read { count: lines.len() }, lines)
            }
            Err(fault) => {
                (ReadState::Gap(Gap { reason: reason_of(&fault), detail: fault.to_string(), seen: 0 }), Vec::new())
            }
        };
        Seen { state, objects: Shelves::default(), health, received: 0, end: None, fatal: None }
    }

    /// Lists a kind in the first of its versions that is served.
    async fn list(&self, kind: Kind, store: &Store<'_>) -> Seen {
        let all = || kind.info().api_versions().collect();
        let (state, objects) = (ReadState::NotInstalled, Shelves::default());
        let mut seen = Seen { state, objects, health: Vec::new(), received: 0, end: None, fatal: None };
        for version in self.groups.map_or_else(all, |groups| groups.versions(kind)) {
            seen = self.list_in(kind, version, store).await;
            if seen.state != ReadState::NotInstalled {
                break;
            }
        }
        seen
    }

    async fn list_in(&self, kind: Kind, api_version: &'static str, store: &Store<'_>) -> Seen {
        let path = kind.info().path_in(api_version, self.part.namespace);
        let named = self.part.name.map(|name| ("fieldSelector", format!("metadata.name={name}")));
        let request = ListRequest {
            path: &path,
            query: named.map_or_else(|| selection(kind), |named| vec![named]),
            encoding: self.encoding,
            freshness: self.freshness,
            metadata_only: is_metadata_only(kind),
            deadline: self.deadline,
        };
        let mut sink = KindSink::new(kind, store);
        let result = list(&self.connection.client, &request, &mut sink).await;
        let received = sink.bytes_received();
        let objects = sink.into_objects();
        let seen = objects.count(kind);
        let fatal = result.as_ref().err().and_then(fatal);
        let whole = result.as_ref().ok().filter(|outcome| outcome.undecodable_count == 0);
        let version = whole.map(|outcome| outcome.resource_version.clone()).filter(|version| !version.is_empty());
        let end = version.map(|version| ListEnd { api_version, version });
        Seen { state: state(result, seen), objects, health: Vec::new(), received, end, fatal }
    }
}

/// Of Helm's releases only the metadata is read.
fn is_metadata_only(kind: Kind) -> bool {
    kind == Kind::HelmRelease
}

/// Helm's releases are large and many; their Secrets are left out of one list, and only labels are asked of the other.
fn selection(kind: Kind) -> Vec<(&'static str, String)> {
    match kind {
        Kind::Secret => vec![("fieldSelector", format!("type!={}", crate::sealed::HELM_RELEASE))],
        Kind::HelmRelease => vec![("labelSelector", "owner=helm,status notin (superseded)".to_owned())],
        _ => Vec::new(),
    }
}

fn state(result: Result<ListOutcome, ListFault>, seen: usize) -> ReadState {
    match result {
        Ok(outcome) if outcome.undecodable_count == 0 => ReadState::Read { count: seen },
        Ok(outcome) => {
            let more = outcome.undecodable_count - outcome.undecodable.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let detail = format!("{}{more}", outcome.undecodable.join("; "));
            ReadState::Gap(Gap { reason: GapReason::Undecodable, detail, seen })
        }
        Err(ListFault::NotFound) => ReadState::NotInstalled,
        Err(ListFault::Forbidden { message }) => {
            ReadState::Gap(Gap { reason: GapReason::Forbidden, detail: message, seen })
        }
        Err(fault) => ReadState::Gap(Gap { reason: gap_reason(&fault), detail: fault.to_string(), seen }),
    }
}

fn gap_reason(fault: &ListFault) -> GapReason {
    match fault {
        ListFault::Forbidden { .. } | ListFault::Unauthenticated => GapReason::Forbidden,
        ListFault::TimedOut { .. } => GapReason::TimedOut,
        ListFault::CutShort { .. } | ListFault::Expired => GapReason::CutShort,
        _ => GapReason::Unavailable,
    }
}

fn reason_of(fault: &RequestFault) -> GapReason {
    match fault {
        RequestFault::Forbidden { .. } | RequestFault::Unauthenticated => GapReason::Forbidden,
        RequestFault::Timeout => GapReason::TimedOut,
        _ => GapReason::Unavailable,
    }
}

/// The faults that say something about the caller or the server, and not about one kind.
fn fatal(fault: &ListFault) -> Option<RequestFault> {
    match fault {
        ListFault::Forbidden { message } => Some(RequestFault::Forbidden { message: message.clone() }),
        ListFault::Unauthenticated => Some(RequestFault::Unauthenticated),
        ListFault::Unreachable { why } => Some(RequestFault::Unreachable { why: why.clone() }),
        ListFault::CertificateUntrusted { why } => Some(RequestFault::CertificateUntrusted { why: why.clone() }),
        _ => None,
    }
}
