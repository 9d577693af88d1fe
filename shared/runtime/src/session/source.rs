//! Where a run looks: a live cluster, an archive, a directory, the built-in demo. All give the same snapshot.

use super::gathering::Gathering;
use super::logs::StoredLogs;
use super::record::Unfinished;
use super::{After, Session, record};
use crate::archive::{self, ArchiveWriter};
use crate::change::{Acting, Rules};
use crate::cluster::connection;
use crate::cluster::live::watch::Following;
use crate::cluster::live::{Reading, version};
use crate::cluster::stream::Encoding;
use crate::directory;
use crate::error::Error;
use crate::flags::RequestTimeout;
use crate::incident::{Board, PATIENCE};
use crate::ui::{Bars, Layout};
use sre_core::access::Access;
use sre_core::check::Sight;
use sre_core::profile::Profile;
use sre_core::snapshot::{NamespaceScope, Origin, ReadState, Reads, Snapshot};
use std::path::Path;
use std::time::Duration;

/// The archive of the demo, made by `tests/cluster/demo/make.sh`.
const DEMO: &[u8] = include_bytes!("../../demo/demo.tar.zst");

/// The most time for one list, unless `--request-timeout` says otherwise: a stall costs one gap, not the run.
const DEADLINE: Duration = Duration::from_secs(60);

/// Looks at a live cluster, and begins an archive of what is seen where that was asked for.
pub(super) async fn live(session: &Session, reads: &Reads) -> Result<(Snapshot, After), Error> {
    let writer = session.report.save.as_deref().map(ArchiveWriter::create).transpose()?;
    let sink = session.place().map_or_else(connection::stderr_sink, connection::stderr_sink_of);
    let connection = connection::connect(&session.cluster, &session.identity(), sink).await?;
    let deadline = deadline(session.cluster.request_timeout);
    let bars = session.place.as_ref().map_or_else(Bars::default, |place| place.bars.clone());
    let reading = |encoding, archive| Reading { connection: &connection, deadline, encoding, archive, bars };
    let Some(mut writer) = writer else {
        let observed = reading(Encoding::Protobuf, None).observe(reads).await?;
        session.trace(&format!("received {} bytes of lists", observed.received));
        return Ok((observed.snapshot, After::live(connection, deadline, None)));
    };
    let everything = Reads::everything(reads.namespaces.clone()).with_inquiry(reads.inquiry.clone());
    let snapshot = reading(Encoding::Json, Some(&mut writer)).observe(&everything).await?.snapshot;
    let archive = Unfinished::new(writer, &snapshot);
    Ok((snapshot.restricted(reads), After::live(connection, deadline, Some(archive))))
}

/// Looks at a live cluster, and follows it from there on.
pub(super) async fn followed(session: &Session, reads: &Reads) -> Result<Following, Error> {
    let cluster = &session.cluster;
    let connection = connection::connect(cluster, &session.identity(), connection::stderr_sink()).await?;
    let deadline = deadline(cluster.request_timeout);
    let bars = Bars::default();
    let reading = Reading { connection: &connection, deadline, encoding: Encoding::Protobuf, archive: None, bars };
    let observed = reading.observe(reads).await?;
    session.trace(&format!("received {} bytes of lists", observed.received));
    let limit = cluster.request_timeout.and_then(|RequestTimeout(limit)| limit);
    Ok(Following::start(connection, reads, deadline, limit, observed))
}

/// Connects to a live cluster that is to be changed.
pub(super) async fn acting(session: &Session, profile: &Profile) -> Result<Acting, Error> {
    let connection = connection::connect(&session.cluster, &session.identity(), connection::stderr_sink()).await?;
    let told = version::ask(&connection.client, deadline(session.cluster.request_timeout)).await;
    let server = told.map_err(|fault| Error::no_answer(&connection.facts, &fault))?;
    let mut rules = Rules::of(profile, session.profile_file()?);
    if let Some(reads) = rules.questions(profile) {
        let deadline = deadline(session.cluster.request_timeout);
        let bars = Bars::default();
        let reading = Reading { connection: &connection, deadline, encoding: Encoding::Protobuf, archive: None, bars };
        rules.hear(profile, &reading.observe(&reads).await?.snapshot);
    }
    let layout = Layout::of_process(session.report.color);
    Acting::start(connection, server.now, &session.run_id, session.interrupt(), layout, rules).await
}

/// Connects to where incidents are shared; no request is sent yet.
pub(super) async fn board(session: &Session) -> Result<Board, Error> {
    let mut flags = session.cluster.clone();
    flags.request_timeout.get_or_insert(RequestTimeout(Some(PATIENCE)));
    let connection = connection::connect(&flags, &session.identity(), connection::stderr_sink()).await?;
    Ok(Board::new(connection.client, connection.facts))
}

/// Bound of one list: `0` waits for ever, as in kubectl.
fn deadline(typed: Option<RequestTimeout>) -> Duration {
    typed.map_or(DEADLINE, |RequestTimeout(limit)| limit.unwrap_or(Duration::MAX))
}

/// Looks at what `--from` names.
pub(super) fn stored(from: &str, reads: &Reads) -> Result<(Snapshot, After), Error> {
    let path = Path::new(from);
    let mut gathering = Gathering::new(reads);
    if from == "demo" {
        let opened = archive::open_bytes(Path::new("demo"), DEMO, &mut gathering)?;
        let mut snapshot = record::snapshot(&opened, gathering, reads);
        // It stood on the machine that the demo was made on, and says nothing to anybody else.
        snapshot.origin.server = None;
        return Ok((snapshot, After::Stored(opened.access, StoredLogs::Archive(opened.logs))));
    }
    if archive::looks_like_archive(path)? {
        let opened = archive::open(path, &mut gathering)?;
        is_of_namespace(opened.manifest.namespace.as_deref(), &reads.namespaces)?;
        let snapshot = record::snapshot(&opened, gathering, reads);
        return Ok((snapshot, After::Stored(opened.access, StoredLogs::Archive(opened.logs))));
    }
    if archive::is_bundle(path)? {
        let bundle = archive::open_bundle(path, &mut gathering)?;
        let snapshot = of_directory(&bundle.facts, gathering, reads);
        return Ok((snapshot, After::Stored(Access::default(), StoredLogs::Bundle(bundle.logs))));
    }
    let facts = directory::read_directory(path, &mut gathering)?;
    let logs = StoredLogs::Directory(path.to_owned());
    Ok((of_directory(&facts, gathering, reads), After::Stored(Access::default(), logs)))
}

/// An archive of one namespace says nothing about another.
fn is_of_namespace(held: Option<&str>, asked: &NamespaceScope) -> Result<(), Error> {
    match (held, asked.one()) {
        (Some(held), Some(asked)) if held != asked => Err(Error::Usage {
            message: format!("the archive holds namespace {held} only, not {asked}"),
            hint: format!("type -n {held}, or leave -n out"),
        }),
        _ => Ok(()),
    }
}

fn of_directory(facts: &directory::DirectoryFacts, mut gathered: Gathering<'_>, reads: &Reads) -> Snapshot {
    gathered.complete();
    let clock = if facts.newest_timestamp.is_some() { "the newest timestamp in it" } else { "no time stands in it" };
    let mut snapshot = Snapshot {
        taken_at: facts.newest_timestamp.unwrap_or_default(),
        namespaces: reads.namespaces.clone(),
        origin: Origin { clock: Some(clock.to_owned()), ..Origin::default() },
        ..Snapshot::default()
    };
    for kind in record::kinds(reads) {
        snapshot.coverage.record(Sight::Of(kind), gathered.state(kind));
    }
    for sight in Sight::ELSEWHERE.into_iter().filter(|sight| reads.sights.contains(sight)) {
        snapshot.coverage.record(sight, ReadState::NotCollected);
    }
    snapshot.coverage.problems.clone_from(&facts.problems);
    snapshot.objects = gathered.objects;
    snapshot.others = gathered.others;
    snapshot.objects.sort();
    snapshot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_the_usual_one_and_zero_is_none() {
        assert_eq!(deadline(None), DEADLINE);
        assert_eq!(deadline(Some(RequestTimeout(Some(Duration::from_secs(2))))), Duration::from_secs(2));
        assert_eq!(deadline(Some(RequestTimeout(None))), Duration::MAX);
    }

    #[tokio::test]
    async fn a_wait_for_ever_is_none_that_ends_at_once() {
        let later = tokio::time::sleep(Duration::from_millis(20));
        assert!(tokio::time::timeout(deadline(Some(RequestTimeout(None))), later).await.is_ok());
    }
}
