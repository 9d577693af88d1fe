//! The one handle that a command gets on the world.

mod clusters;
mod endpoints;
mod gathering;
mod logs;
mod profiles;
mod record;
mod source;

pub use clusters::{Contexts, of_one_cluster};

use crate::args::ReportFlags;
use crate::change::{Acting, Interrupt};
use crate::cluster::connection::{Connection, Environment, Identity, current_context, server_at_hand};
use crate::cluster::live::review;
use crate::cluster::live::watch::Following;
use crate::error::{Error, explain};
use crate::flags::ClusterFlags;
use crate::incident::{Board, Notifier};
use crate::ui;
use clusters::Place;
use jiff::SignedDuration;
use logs::StoredLogs;
use record::Unfinished;
use rustix::time::{ClockId, clock_gettime};
use sre_core::access::{Access, ResourceAttributes};
use sre_core::finding::aimed;
use sre_core::logs::LogsWanted;
use sre_core::profile::Profile;
use sre_core::report::Report;
use sre_core::scheduling::nearest_word;
use sre_core::slim::{Kind, LabelSelector, Namespace};
use sre_core::snapshot::{NamespaceScope, Reads, Snapshot};
use std::path::PathBuf;
use std::time::Duration;

/// What was asked of this run, and the way to the world.
pub struct Session {
    command: &'static str,
    cluster: ClusterFlags,
    report: ReportFlags,
    run_id: String,
    failure: Option<Error>,
    interrupt: Interrupt,
    /// Absent where the run is about this cluster alone.
    place: Option<Place>,
    after: After,
}

/// What a look leaves to do.
#[derive(Default)]
enum After {
    /// Nothing: there was none, or all is done.
    #[default]
    Nothing,
    /// What was stored says what its caller might do, and holds logs.
    Stored(Access, StoredLogs),
    /// The cluster can say it, and an archive of it may lack its end.
    Live(Box<Live>),
}

/// A cluster that was looked at.
struct Live {
    connection: Connection,
    deadline: Duration,
    archive: Option<Unfinished>,
}

impl After {
    fn live(connection: Connection, deadline: Duration, archive: Option<Unfinished>) -> Self {
        Self::Live(Box::new(Live { connection, deadline, archive }))
    }
}

impl Session {
    /// Starts a run; nothing is read or dialled yet.
    pub fn new(command: &'static str, cluster: ClusterFlags, report: ReportFlags) -> Self {
        let interrupt = Interrupt::default();
        Self {
            command,
            cluster,
            report,
            run_id: run_id(),
            failure: None,
            interrupt,
            place: None,
            after: After::Nothing,
        }
    }

    /// The flags of input and output.
    pub fn report_flags(&self) -> &ReportFlags {
        &self.report
    }

    /// Whether a live cluster is looked at, and not what was stored of one.
    pub fn is_live(&self) -> bool {
        self.report.from.is_none()
    }

    /// What names this run in the audit log of the API server.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// What a person who interrupts and this run tell each other.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Sets out to change the cluster.
    ///
    /// # Errors
    /// Fails when what is asked about is no live cluster, or gives no answer.
    pub async fn act(&self) -> Result<Acting, Error> {
        if let Some(from) = &self.report.from {
            return Err(Error::Refused {
                why: format!("--from {from} is what was seen of a cluster, and cannot be changed"),
                hint: "leave --from out to plan on the cluster itself".to_owned(),
            });
        }
        let profile = self.profile(&[])?;
        source::acting(self, &profile).await
    }

    /// The way to services that people are told by.
    pub fn notifier(&self) -> Notifier {
        Notifier::new(&self.cluster, self.identity())
    }

    /// The way to what is kept of incidents in the cluster; nothing is asked yet.
    ///
    /// # Errors
    /// Says why there is no way.
    pub async fn board(&self) -> Result<Board, Error> {
        source::board(self).await
    }

    /// The way to what is kept of incidents in the live cluster that is being looked at, as the look has it.
    pub fn board_at_hand(&self) -> Option<Board> {
        match &self.after {
            After::Live(live) => Some(Board::new(live.connection.client.clone(), live.connection.facts.clone())),
            After::Nothing | After::Stored(..) => None,
        }
    }

    /// Whether a person is there to be asked.
    pub fn can_ask(&self) -> bool {
        ui::Question::of_process().is_some()
    }

    /// Keeps a failure that does not spoil the report: it is told after it, and decides the exit code.
    pub fn fails_with(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }

    /// Tells of what could not be done and spoils nothing: the exit code stays the report's.
    pub fn warn(&self, error: &Error) {
        let place = self.place().map_or(String::new(), |name| format!("{name}: "));
        ui::warn(&format!("{place}{}", explain(error).message));
    }

    /// The failure that was kept.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// The namespaces that a reading command looks into: all, unless `-n` narrows and `-A` does not widen again.
    pub fn namespaces(&self) -> NamespaceScope {
        match &self.cluster.namespace {
            Some(name) if !self.cluster.all_namespaces && !name.is_empty() => NamespaceScope::One(name.clone()),
            _ => NamespaceScope::All,
        }
    }

    /// The context, or the list of contexts, as it was typed.
    pub fn context(&self) -> Option<&str> {
        self.cluster.context.as_deref()
    }

    /// The context that would be asked: the one of `--context`, else the current one, if there is any. Nothing is dialled,
    /// and a kubeconfig that cannot be read names none.
    pub fn context_at_hand(&self) -> Option<String> {
        let current = || current_context(self.cluster.kubeconfig.as_deref(), &Environment::from_process());
        self.cluster.context.clone().or_else(current)
    }

    /// The address of the API server that would be asked, if any is known. Nothing is dialled.
    pub fn server_at_hand(&self) -> Option<String> {
        server_at_hand(&Environment::from_process(), &self.cluster)
    }

    /// Has what is looked at next kept as an archive, as `--save` would.
    pub fn save_to(&mut self, path: PathBuf) {
        self.report.save = Some(path);
    }

    /// Tells on standard error what was done so far, and what is gone on with.
    pub fn mention(&self, text: &str) {
        ui::tell(text);
    }

    /// The selector of `-l` as it was typed.
    pub fn labels(&self) -> Option<&str> {
        self.cluster.selector.as_deref()
    }

    /// The selector of `-l`.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    pub fn selector(&self) -> Result<Option<LabelSelector>, Error> {
        let Some(text) = &self.cluster.selector else { return Ok(None) };
        let parsed = LabelSelector::parse(text).map_err(|error| Error::Usage {
            message: format!("--selector {text:?}: {error}"),
            hint: "type for example -l app=web,tier!=cache or -l 'env in (prod,stage)'".to_owned(),
        })?;
        Ok(Some(parsed))
    }

    /// The profile of `--profile`; without one nothing is said of the system. `checks` are the ids that it may name.
    ///
    /// # Errors
    /// Fails for a name that no profile has, when the file cannot be read, and with every problem in it.
    pub fn profile(&self, checks: &[&str]) -> Result<Profile, Error> {
        let Some(path) = self.profile_file()? else { return Ok(Profile::default()) };
        let text = std::fs::read_to_string(&path).map_err(|error| Error::Usage {
            message: format!("--profile {}: {error}", path.display()),
            hint: "name a file that is there and can be read".to_owned(),
        })?;
        Profile::parse(&text, checks).map_err(|problems| Error::Profile { path, problems })
    }

    /// The file that `--profile` means, if it is given.
    fn profile_file(&self) -> Result<Option<PathBuf>, Error> {
        self.report.profile.as_deref().map(profiles::find).transpose()
    }

    /// Looks; [`Self::conclude`] ends the look.
    ///
    /// # Errors
    /// Fails when there is nothing to look at: no cluster, no such file, a damaged archive.
    pub async fn observe(&mut self, reads: &Reads) -> Result<Snapshot, Error> {
        if let Some(error) = reads.namespaces.one().and_then(impossible_namespace) {
            return Err(error);
        }
        let (snapshot, after) = match &self.report.from {
            Some(from) => source::stored(from, reads)?,
            None => source::live(self, reads).await?,
        };
        has_namespace(&snapshot)?;
        self.after = after;
        Ok(snapshot)
    }

    /// Reads the ends of logs that a look has shown to be wanted, and puts them into the snapshot and the archive of
    /// `--save`.
    ///
    /// # Errors
    /// Fails when the archive cannot be written; a log that cannot be read is a gap.
    pub async fn read_logs(&mut self, snapshot: &mut Snapshot, wanted: &LogsWanted) -> Result<(), Error> {
        let bars = self.place.as_ref().map_or_else(ui::Bars::default, |place| place.bars.clone());
        logs::read(&mut self.after, snapshot, wanted, &bars).await
    }

    /// Ends a look: finds out whether the caller may do what is wanted, and completes the archive of `--save` with that.
    ///
    /// # Errors
    /// Fails when the archive cannot be written whole; then nothing of it stays.
    pub async fn conclude(&mut self, wanted: &[ResourceAttributes]) -> Result<Access, Error> {
        match std::mem::take(&mut self.after) {
            After::Nothing => Ok(Access::default()),
            After::Stored(access, _) => Ok(access),
            After::Live(live) => {
                let access = review(&live.connection.client, wanted, live.deadline).await;
                live.archive.map_or(Ok(()), |archive| archive.finish(&access))?;
                Ok(access)
            }
        }
    }

    /// Looks at a live cluster, and goes on looking.
    ///
    /// # Errors
    /// As [`Self::observe`].
    pub async fn follow(&mut self, reads: &Reads) -> Result<Following, Error> {
        if let Some(error) = reads.namespaces.one().and_then(impossible_namespace) {
            return Err(error);
        }
        let following = source::followed(self, reads).await?;
        has_namespace(&following.snapshot())?;
        Ok(following)
    }

    /// Prints one of several reports that follow each other, JSON on one line; and tells what failed meanwhile.
    ///
    /// # Errors
    /// Says what standard output says.
    pub fn tell(&mut self, report: &Report) -> Result<(), Error> {
        let flags = &self.report;
        let text = ui::compose_next(report, flags.output.into(), &ui::Layout::of_process(flags.color));
        let printed = ui::print_text(&text.unwrap_or_default());
        printed.map_err(|source| Error::Local { path: "standard output".into(), source })?;
        if let Some(error) = self.failure.take() {
            let explained = explain(&error);
            ui::complain(&explained.message, &explained.details, explained.hint.as_deref());
        }
        Ok(())
    }

    /// Tells on standard error what the person may want to know, where a person is there to read it.
    pub fn hint(&self, text: &str) {
        ui::hint(text);
    }

    /// Does work that needs no world, and tells what it cost of the processor's time where that was asked for.
    pub fn timed<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        let spent = || {
            let spent = clock_gettime(ClockId::ThreadCPUTime);
            SignedDuration::new(spent.tv_sec, i32::try_from(spent.tv_nsec).unwrap_or_default())
        };
        let start = spent();
        let result = work();
        self.trace(&format!("{what} in {} ms of CPU", (spent() - start).as_millis()));
        result
    }

    /// Tells what the run does, where that was asked for.
    fn trace(&self, text: &str) {
        let place = self.place().map_or(String::new(), |name| format!("{name}: "));
        ui::trace(self.cluster.verbosity, &format!("{place}{text}"));
    }

    fn identity(&self) -> Identity {
        Identity {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: self.command.to_owned(),
            run_id: self.run_id.clone(),
        }
    }
}

/// What no namespace can be called must not become a part of a path.
fn impossible_namespace(name: &str) -> Option<Error> {
    let inner = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let ends = name.as_bytes().first().into_iter().chain(name.as_bytes().last());
    let is_possible =
        name.len() <= 63 && name.bytes().all(|letter| inner(letter) || letter == b'-') && ends.copied().all(inner);
    (!is_possible).then(|| Error::Usage {
        message: format!("no namespace can be called {name:?}"),
        hint: "see which there are: kubectl get namespaces".to_owned(),
    })
}

/// A mistyped namespace has nothing wrong in it.
fn has_namespace(snapshot: &Snapshot) -> Result<(), Error> {
    let Some(name) = snapshot.namespaces.one() else { return Ok(()) };
    let known = snapshot.all::<Namespace>();
    let is_there = snapshot.get::<Namespace>("", name).is_some();
    if is_there || known.is_empty() || !snapshot.knows(Kind::Namespace, "") || !snapshot.is_empty() {
        return Ok(());
    }
    let near = nearest_word(name, known.iter().map(|namespace| namespace.metadata.name.as_str()));
    let see = || aimed("see which there are: kubectl get namespaces", &snapshot.origin.reach);
    let hint = near.map_or_else(see, |near| format!("did you mean {near}?"));
    Err(Error::Usage { message: format!("there is no namespace {name:?}"), hint })
}

/// Names this run: the second that it started in and the process, which together are unique on a machine.
fn run_id() -> String {
    format!("{:x}-{:x}", jiff::Timestamp::now().as_second(), std::process::id())
}
