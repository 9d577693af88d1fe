//! What was seen, when, and what could not be seen.
//!
//! A snapshot comes from a live cluster, an archive, a directory or a fixture; nothing after it can
//! tell the difference. Its `taken_at` is the only clock of everything that decides.

mod coverage;
mod names;
mod other;
mod reads;
mod shelves;

pub use coverage::{Coverage, Gap, GapReason, ReadState};
pub use other::Other;
pub use reads::{NamespaceScope, Reads};
pub use shelves::{Encoded, Shelved, Shelves, decode_into};

use crate::check::Sight;
use crate::finding::digest;
use crate::inquiry::{Answers, questions, state_of_databases, state_of_kubelets};
use crate::logs::LogRead;
use crate::slim::{KINDS, Kind, Namespace, Scope};
use jiff::Timestamp;

/// What was seen of one cluster.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When it was seen: the server's clock when live, the archive's `taken_at`, a directory's newest timestamp.
    pub taken_at: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// The namespaces that were asked for.
    pub namespaces: NamespaceScope,
    /// What was looked at, and what could not be seen.
    pub coverage: Coverage,
    /// The objects.
    pub objects: Shelves,
    /// Objects of kinds that have no shelf, as far as files hold them.
    pub others: Vec<Other>,
    /// What the API server says of its own parts, `[+]ping ok` by line; empty when not asked.
    pub health: Vec<HealthLine>,
    /// What others than the API server say.
    pub answers: Answers,
    /// The ends of logs, as far as they were asked for.
    pub logs: Vec<LogRead>,
}

/// Where a snapshot came from, for the header of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Context of the kubeconfig, when live.
    pub context: Option<String>,
    /// Address of the API server, when known.
    pub server: Option<String>,
    /// `gitVersion` of the API server, when known.
    pub server_version: Option<String>,
    /// The user of the kubeconfig, when known.
    pub user: Option<String>,
    /// The flags that led to it, each a word, which a command needs that is to go there too: `--context`, `staging`.
    pub reach: Vec<String>,
    /// Digest of the authority's certificates, when live, which tells clusters behind one address apart.
    pub authority: Option<String>,
    /// How `taken_at` came about, when no clock was read: `the newest timestamp in it`.
    pub clock: Option<String>,
}

/// One sub-check of `/readyz` or `/livez`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthLine {
    /// Which endpoint said it.
    pub endpoint: Sight,
    /// Name of the sub-check: `etcd`, `poststarthook/...`.
    pub name: String,
    /// What it said after its name, for example `ok` or `failed: reason withheld`.
    pub verdict: String,
    /// Whether it passed.
    pub state: HealthState,
}

/// Whether a sub-check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// `[+]`
    Passed,
    /// `[-]`
    Failed,
}

impl HealthLine {
    /// Reads one line of a verbose health answer: `[+]etcd ok`, `[-]etcd failed: reason withheld`.
    pub fn parse(endpoint: Sight, line: &str) -> Option<Self> {
        let (state, rest) = match line.trim().split_at_checked(3)? {
            ("[+]", rest) => (HealthState::Passed, rest),
            ("[-]", rest) => (HealthState::Failed, rest),
            _ => return None,
        };
        let (name, verdict) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(Self { endpoint, name: name.to_owned(), verdict: verdict.to_owned(), state })
    }
}

impl Snapshot {
    /// What the cluster is known by: the uid of `kube-system`, else a digest of the server's address and authority.
    pub fn cluster(&self) -> Option<String> {
        let system = self.get::<Namespace>("", "kube-system").map(|system| system.metadata.uid.as_str());
        if let Some(uid) = system.filter(|uid| !uid.is_empty()) {
            // Whoever wrote an archive wrote its uid too, and this names a folder.
            return Some(if is_plain(uid) { uid.to_owned() } else { digest(uid) });
        }
        let authority = self.origin.authority.as_deref().unwrap_or_default();
        self.origin.server.as_ref().map(|server| digest(&format!("{server} {authority}")))
    }

    /// Takes what others than the API server said, and records what could be asked.
    pub fn take_answers(&mut self, reads: &Reads, answers: Answers) {
        let asked = questions(reads, self);
        let others = Sight::ASKED.into_iter().filter(|sight| ![Sight::Kubelets, Sight::Databases].contains(sight));
        for sight in others.filter(|sight| reads.sights.contains(sight)) {
            let state = match answers.state(sight, &asked) {
                // Where only a part was looked at, it may stand in another.
                ReadState::NotInstalled if self.namespaces.one().is_some() => ReadState::NotAsked,
                ReadState::NotInstalled if reads.inquiry.is_looked_for(sight) => self.not_found(),
                state => state,
            };
            self.coverage.record(sight, state);
        }
        if let Some(state) = state_of_kubelets(reads, self, &answers) {
            self.coverage.record(Sight::Kubelets, state);
        }
        if let Some(state) = state_of_databases(reads, self, &answers) {
            self.coverage.record(Sight::Databases, state);
        }
        self.answers = answers;
    }

    /// What is known of somebody who is looked for among the Services and is not there: nothing, where they were not
    /// seen whole.
    fn not_found(&self) -> ReadState {
        match self.coverage.state(Sight::Of(Kind::Service)) {
            ReadState::Gap(gap) => {
                let detail = format!("it is looked for among the Services: {}", gap.detail);
                ReadState::Gap(Gap { reason: gap.reason, detail, seen: 0 })
            }
            ReadState::NotCollected => ReadState::NotCollected,
            _ => ReadState::NotInstalled,
        }
    }

    /// The same with no more in it than was asked for, so that more reading does not mean more saying.
    pub fn restricted(mut self, reads: &Reads) -> Self {
        self.coverage.keep_only(&reads.sights);
        self.health.retain(|line| reads.sights.contains(&line.endpoint));
        self.answers.keep_only(&reads.sights);
        let unwanted = KINDS.iter().map(|row| row.kind).filter(|kind| !reads.sights.contains(&Sight::Of(*kind)));
        unwanted.for_each(|kind| self.objects.clear(kind));
        self
    }

    /// Whether it is of mere files, which may have been written minutes apart, and whose time is the newest in them.
    pub fn is_of_files(&self) -> bool {
        self.origin.clock.is_some()
    }

    /// The objects of a kind that were seen.
    pub fn all<T: Shelved>(&self) -> &[T] {
        T::shelf(&self.objects)
    }

    /// One object by its name; the namespace is empty for cluster-scoped kinds.
    pub fn get<T: Shelved>(&self, namespace: &str, name: &str) -> Option<&T> {
        shelves::find::<T>(&self.objects, namespace, name)
    }

    /// Whether nothing was seen of what was asked for: no object at all, or none in the one namespace.
    pub fn is_empty(&self) -> bool {
        let mut in_namespaces = KINDS.iter().filter(|row| row.scope == Scope::Namespaced);
        let one = self.namespaces.one();
        let lacks_one = one.is_some_and(|one| in_namespaces.all(|row| !self.objects.holds(row.kind, one)));
        lacks_one || self.coverage.objects_seen() == 0
    }

    /// Whether every object of a kind in a namespace was seen, so that absence there proves something.
    ///
    /// An empty namespace means all of them, or a cluster-scoped kind.
    pub fn knows(&self, kind: Kind, namespace: &str) -> bool {
        let is_namespaced = kind.info().scope == Scope::Namespaced;
        let in_scope = !is_namespaced || self.namespaces.includes(namespace);
        let is_collected =
            !self.is_of_files() || !is_namespaced || namespace.is_empty() || self.holds_any(kind, namespace);
        in_scope && is_collected && self.coverage.is_whole(Sight::Of(kind))
    }

    /// Whether files hold the kind for a namespace, as far as can be told: pods of all namespaces may lie beside the
    /// ConfigMaps of one. Controllers of pods are asked for together, and few namespaces have each kind of them.
    fn holds_any(&self, kind: Kind, namespace: &str) -> bool {
        const CONTROLLERS: [Kind; 4] = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet];
        let one = [kind];
        let together = if CONTROLLERS.contains(&kind) { &CONTROLLERS[..] } else { &one };
        together.iter().any(|kind| self.objects.holds(*kind, namespace))
    }
}

/// Whether a uid is of the letters that API servers make them of.
fn is_plain(uid: &str) -> bool {
    uid.len() <= 64 && uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::Pool;

    /// A snapshot that holds one object of each of these kinds and namespaces.
    fn holding(objects: &[(Kind, &str)], clock: Option<&str>) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.origin.clock = clock.map(str::to_owned);
        for (kind, namespace) in objects {
            let text = format!(r#"{{"metadata":{{"name":"a","namespace":"{namespace}"}}}}"#);
            let pool = &mut Pool::default();
            decode_into(*kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, pool).unwrap();
            snapshot.coverage.record(Sight::Of(*kind), ReadState::Read { count: 1 });
        }
        snapshot.objects.sort();
        snapshot
    }

    fn of_uid(uid: &str) -> Option<String> {
        let mut snapshot = Snapshot::default();
        let text = serde_json::json!({"metadata": {"name": "kube-system", "uid": uid}}).to_string();
        let pool = &mut Pool::default();
        decode_into(Kind::Namespace, Encoded::Json(text.as_bytes()), &mut snapshot.objects, pool).unwrap();
        snapshot.cluster()
    }

    #[test]
    fn a_cluster_is_known_by_what_can_name_a_folder() {
        let uid = "5bb8e9d3-8ff5-4a66-9d5e-1f4c3c3b9f00";
        assert_eq!(of_uid(uid).as_deref(), Some(uid));
        let long = "a".repeat(65);
        for uid in ["../../../x", "/etc/cron.d", "..", "a/b", "a\0b", long.as_str()] {
            let known = of_uid(uid).expect("a digest");
            assert!(is_plain(&known) && known != uid, "{uid:?}: {known}");
        }
        assert_eq!(of_uid(""), None, "files may lack it");
    }

    const OBJECTS: [(Kind, &str); 4] =
        [(Kind::ConfigMap, "a"), (Kind::ConfigMap, "c"), (Kind::Deployment, "b"), (Kind::StatefulSet, "c")];

    #[test]
    fn a_whole_list_tells_what_no_namespace_has() {
        let snapshot = holding(&OBJECTS, None);
        assert!(snapshot.knows(Kind::ConfigMap, "a") && snapshot.knows(Kind::ConfigMap, "b"));
    }

    #[test]
    fn files_tell_of_the_namespaces_that_they_hold() {
        let snapshot = holding(&OBJECTS, Some("the newest timestamp in it"));
        let known = ["", "a", "b", "c", "d"].map(|namespace| snapshot.knows(Kind::ConfigMap, namespace));
        assert_eq!(known, [true, true, false, true, false]);
    }

    /// What becomes of a Prometheus that nobody names, where this became of the Services.
    fn looked_for(services: ReadState) -> ReadState {
        let mut snapshot = Snapshot::default();
        snapshot.coverage.record(Sight::Of(Kind::Service), services);
        let sights = [Sight::Prometheus, Sight::Of(Kind::Service)];
        snapshot.take_answers(&Reads::of(sights, NamespaceScope::All), Answers::default());
        snapshot.coverage.state(Sight::Prometheus).clone()
    }

    #[test]
    fn who_is_looked_for_among_what_was_not_seen_is_not_known_to_be_absent() {
        assert_eq!(looked_for(ReadState::Read { count: 3 }), ReadState::NotInstalled);
        assert_eq!(looked_for(ReadState::NotCollected), ReadState::NotCollected);
        let gap = Gap { reason: GapReason::Forbidden, detail: "services is forbidden".to_owned(), seen: 0 };
        let ReadState::Gap(told) = looked_for(ReadState::Gap(gap)) else { panic!("a gap") };
        assert_eq!(told.reason, GapReason::Forbidden);
        assert_eq!(told.detail, "it is looked for among the Services: services is forbidden");
    }

    #[test]
    fn files_hold_all_kinds_of_controllers_or_none() {
        let snapshot = holding(&OBJECTS, Some("the newest timestamp in it"));
        let known = ["a", "b", "c"].map(|namespace| snapshot.knows(Kind::StatefulSet, namespace));
        assert_eq!(known, [false, true, true]);
    }
}
