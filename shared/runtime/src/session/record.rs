//! Coverage as an archive keeps it, and a snapshot made of an archive again.

use super::gathering::Gathering;
use crate::archive::{ArchiveError, ArchiveWriter, FORMAT, Manifest, Opened};
use serde_json::{Value, json};
use sre_core::access::Access;
use sre_core::check::Sight;
use sre_core::inquiry::Answers;
use sre_core::logs::{LogRead, Redactor};
use sre_core::slim::{KINDS, Kind, Namespace};
use sre_core::snapshot::{Gap, GapReason, HealthLine, NamespaceScope, Origin, ReadState, Reads, Snapshot};
use std::collections::BTreeMap;

/// An archive that lacks its end.
pub(super) struct Unfinished {
    writer: ArchiveWriter,
    manifest: Manifest,
    coverage: Value,
}

impl Unfinished {
    /// Holds what the snapshot knows, for the end of the archive.
    pub(super) fn new(writer: ArchiveWriter, snapshot: &Snapshot) -> Self {
        let rows = snapshot.coverage.iter().map(|(sight, state)| written(sight, state));
        Self { writer, manifest: manifest(snapshot), coverage: rows.collect() }
    }

    /// What took the secrets out of its objects.
    pub(super) fn redactor(&mut self) -> &mut Redactor {
        self.writer.redactor()
    }

    /// Adds the ends of logs, and what became of reading them.
    pub(super) fn logs(&mut self, reads: &[LogRead], state: &ReadState) -> Result<(), ArchiveError> {
        if let Value::Array(rows) = &mut self.coverage {
            rows.push(written(Sight::Logs, state));
        }
        reads.iter().enumerate().try_for_each(|(number, read)| self.writer.log(number, read))
    }

    /// Ends it.
    pub(super) fn finish(mut self, access: &Access) -> Result<(), ArchiveError> {
        self.writer.access(access)?;
        self.writer.finish(self.manifest, &self.coverage)
    }
}

fn manifest(snapshot: &Snapshot) -> Manifest {
    let origin = &snapshot.origin;
    Manifest {
        format: FORMAT,
        tool: "kubectl-sre".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        context: origin.context.clone(),
        server: origin.server.clone(),
        server_version: origin.server_version.clone(),
        user: origin.user.clone(),
        reach: origin.reach.clone(),
        authority: origin.authority.clone(),
        cluster_uid: snapshot.get::<Namespace>("", "kube-system").map(|namespace| namespace.metadata.uid.clone()),
        namespace: snapshot.namespaces.one().map(str::to_owned),
        taken_at: snapshot.taken_at,
        warnings: snapshot
            .coverage
            .gaps()
            .map(|(sight, gap)| format!("{}: {}", sight.word(), gap.reason.word()))
            .collect(),
        ..Manifest::default()
    }
}

fn written(sight: Sight, state: &ReadState) -> Value {
    let (word, seen, detail) = match state {
        ReadState::Read { count } => ("read", *count, ""),
        ReadState::NotAsked => ("not asked for", 0, ""),
        ReadState::NotInstalled => ("not installed", 0, ""),
        ReadState::NotCollected => ("not collected", 0, ""),
        ReadState::Gap(gap) => (gap.reason.word(), gap.seen, gap.detail.as_str()),
    };
    json!({"what": sight.word(), "state": word, "objects": seen, "detail": detail})
}

/// The snapshot that an archive was made from, as far as it is asked for.
pub(super) fn snapshot(opened: &Opened, gathered: Gathering<'_>, reads: &Reads) -> Snapshot {
    let manifest = &opened.manifest;
    let told = told(&opened.coverage);
    let mut snapshot = Snapshot {
        taken_at: manifest.taken_at,
        origin: Origin {
            context: manifest.context.clone(),
            server: manifest.server.clone(),
            server_version: manifest.server_version.clone(),
            user: manifest.user.clone(),
            reach: manifest.reach.clone(),
            authority: manifest.authority.clone(),
            clock: None,
        },
        namespaces: scope(manifest, &reads.namespaces),
        ..Snapshot::default()
    };
    for &sight in reads.sights.iter().filter(|sight| !Sight::ASKED.contains(sight)) {
        let state = told.get(sight.word()).cloned().unwrap_or(ReadState::NotCollected);
        snapshot.coverage.record(sight, recounted(sight, state, &gathered));
        if !matches!(sight, Sight::Of(_)) {
            snapshot.health.extend(health(sight, opened));
        }
    }
    snapshot.health.sort_by(|a, b| (a.endpoint, &a.name).cmp(&(b.endpoint, &b.name)));
    snapshot.objects = gathered.objects;
    snapshot.objects.sort();
    let mut answers = Answers::of(opened.answers.clone());
    answers.keep_only(&reads.sights);
    snapshot.take_answers(reads, answers);
    snapshot
}

/// An archive of one namespace stays that, whatever is asked for.
fn scope(manifest: &Manifest, asked: &NamespaceScope) -> NamespaceScope {
    match &manifest.namespace {
        Some(namespace) => NamespaceScope::One(namespace.clone()),
        None => asked.clone(),
    }
}

/// What is in scope of a whole read may be less than the whole.
fn recounted(sight: Sight, state: ReadState, gathered: &Gathering<'_>) -> ReadState {
    let Sight::Of(kind) = sight else { return state };
    match (state, gathered.state(kind)) {
        (ReadState::Read { .. }, ReadState::Gap(gap)) => ReadState::Gap(gap),
        (ReadState::Read { .. }, _) => ReadState::Read { count: gathered.objects.count(kind) },
        (state, _) => state,
    }
}

fn told(coverage: &Value) -> BTreeMap<&str, ReadState> {
    let rows = coverage.as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().filter_map(|row| Some((row["what"].as_str()?, read(row)?))).collect()
}

fn read(row: &Value) -> Option<ReadState> {
    let seen = usize::try_from(row["objects"].as_u64()?).ok()?;
    let detail = row["detail"].as_str().unwrap_or_default().to_owned();
    let word = row["state"].as_str()?;
    Some(match word {
        "read" => ReadState::Read { count: seen },
        "not asked for" => ReadState::NotAsked,
        "not installed" => ReadState::NotInstalled,
        "not collected" => ReadState::NotCollected,
        _ => ReadState::Gap(Gap { reason: GapReason::of_word(word)?, detail, seen }),
    })
}

fn health(sight: Sight, opened: &Opened) -> Vec<HealthLine> {
    let name = format!("{}.txt", sight.word().trim_start_matches('/'));
    let text = opened.files.get(&name).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    text.lines().filter_map(|line| HealthLine::parse(sight, line)).collect()
}

/// Every kind that a directory may hold and that is asked for.
pub(super) fn kinds(reads: &Reads) -> impl Iterator<Item = Kind> {
    KINDS.iter().map(|row| row.kind).filter(|kind| reads.sights.contains(&Sight::Of(*kind)))
}
