//! The incidents of a person on a machine: a folder each, with a file of entries that is only ever added to.
//!
//! An entry is decided on, numbered and written under one lock, so that what two runs do at once happens one after the
//! other. A kill at any byte loses nothing whose writing came back, and the next writer takes away what it left.

mod alertmanager;
mod board;
mod kept;
mod mail;
mod notifier;
mod sending;

pub use alertmanager::Alertmanager;
pub use board::{Board, Held, Joint, SharedPlace};
pub use kept::{Keeping, Kept};
pub use notifier::Notifier;
pub use sending::{ApprovedSending, Assent, Outgoing, approve};

use crate::archive::beside;
use crate::change::record::actor;
use crate::error::Error;
use crate::lines::{Lines, line, sync_folder};
use crate::state::State;
use jiff::Timestamp;
use sre_core::incident::shared::{PREFIX, is_id};
use sre_core::incident::{Declaration, Entry, Incident, What, entries};
use sre_core::plan::sha256;
use sre_core::scheduling::nearest_word;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// The folder of all incidents, below the directory of what is kept.
const FOLDER: &str = "incidents";
/// The entries of an incident, below its folder.
const ENTRIES: &str = "entries.jsonl";
/// A service or a cluster that says nothing for this long is not waited for, unless `--request-timeout` says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The incidents that are recorded on this machine.
pub struct Incidents {
    state: State,
    by: String,
    run: String,
}

/// What evidence shows.
pub struct Seen {
    /// Causes, each its class and a sentence.
    pub causes: Vec<String>,
    /// Whether something could not be looked at.
    pub has_gaps: bool,
}

/// What there is to read.
pub struct Recorded {
    /// The incidents that can be read, the newest first.
    pub incidents: Vec<Incident>,
    /// Why others cannot.
    pub damaged: Vec<Error>,
}

impl Incidents {
    /// Those of this process's person, for a run.
    ///
    /// # Errors
    /// Fails when nothing says where they are.
    pub fn of_process(run: &str) -> Result<Self, Error> {
        Ok(Self { state: State::of_process()?, by: actor(), run: run.to_owned() })
    }

    /// Whether a word is meant to be an id.
    pub fn is_id(word: &str) -> bool {
        is_id(word)
    }

    /// Every incident.
    ///
    /// # Errors
    /// Says that the folder of them cannot be read; one that is damaged spoils no other.
    pub fn all(&self) -> Result<Recorded, Error> {
        let mut all = Recorded { incidents: Vec::new(), damaged: Vec::new() };
        for id in self.state.names(Path::new(FOLDER))?.into_iter().filter(|name| Self::is_id(name)) {
            match self.read(&id) {
                Ok(incident) => all.incidents.extend(incident),
                Err(error) => all.damaged.push(error),
            }
        }
        all.incidents.sort_by(Incident::newest_first);
        Ok(all)
    }

    /// The incident that is meant: the one of an id, else the only one that is open.
    ///
    /// # Errors
    /// Says which there are, or that the record is damaged.
    pub fn meant(&self, id: Option<&str>) -> Result<Incident, Error> {
        if let Some(id) = id {
            let known = if Self::is_id(id) { self.read(id)? } else { None };
            return known.map_or_else(|| Err(self.unknown(id)), Ok);
        }
        let all = self.all()?;
        // Without its record nobody knows whether it is open.
        if let Some(damaged) = all.damaged.into_iter().next() {
            return Err(damaged);
        }
        let newest = all.incidents.first().map(|it| format!("; the newest one is {}", it.id)).unwrap_or_default();
        let mut open: Vec<Incident> = all.incidents.into_iter().filter(Incident::is_open).collect();
        match open.len() {
            1 => Ok(open.remove(0)),
            0 => Err(Error::Usage {
                message: format!("no incident is open on this machine, and none is named{newest}"),
                hint: "see which there were: kubectl sre incident list".to_owned(),
            }),
            count => {
                let ids: Vec<String> = open.iter().map(|it| format!("{} ({})", it.id, it.declaration.title)).collect();
                let hint = format!("name one of them: {}", ids.join(", "));
                Err(Error::Usage { message: format!("{count} incidents are open, and none is named"), hint })
            }
        }
    }

    fn unknown(&self, id: &str) -> Error {
        let known = self.state.names(Path::new(FOLDER)).unwrap_or_default();
        let near = nearest_word(id, known.iter().map(String::as_str));
        let list = || "see which there are: kubectl sre incident list".to_owned();
        let hint = near.map_or_else(list, |near| format!("did you mean {near}?"));
        Error::Usage { message: format!("no incident {id:?} is recorded on this machine"), hint }
    }

    /// Declares an incident.
    ///
    /// # Errors
    /// Says what could not be written.
    pub fn declare(&self, declaration: Declaration) -> Result<Incident, Error> {
        let at = now();
        let digest = sha256(format!("{}/{}/{at}", self.by, self.run).as_bytes());
        // The more digits the less likely that somebody has the same, here or on another machine.
        for digits in [4, 8, 16, 32] {
            let id = format!("{PREFIX}{}-{}", at.strftime("%Y%m%d"), &digest[..digits]);
            let entry = self.entry(&[], at, What::Declared(declaration.clone()));
            let folder = Path::new(FOLDER).join(&id);
            match self.state.keep(&folder.join(ENTRIES), &line(&entry)) {
                Err(Error::Local { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    sync_folder(&self.state.folder(FOLDER))?;
                    return self.meant(Some(&id));
                }
            }
        }
        let source = std::io::Error::new(ErrorKind::AlreadyExists, "every id is taken");
        Err(Error::Local { path: self.state.folder(FOLDER), source })
    }

    /// Adds what a function makes of the incident as it stands; nothing, where it makes nothing.
    ///
    /// # Errors
    /// Says what the function says, or what could not be written.
    pub fn add(
        &self,
        id: &str,
        decide: impl FnOnce(&Incident, Timestamp) -> Result<Option<What>, Error>,
    ) -> Result<Incident, Error> {
        self.add_at(id, now(), decide)
    }

    fn add_at(
        &self,
        id: &str,
        clock: Timestamp,
        decide: impl FnOnce(&Incident, Timestamp) -> Result<Option<What>, Error>,
    ) -> Result<Incident, Error> {
        let path = self.path(id);
        let mut lines = Lines::existing(path.clone())?;
        lines.wait_alone()?;
        let incident = parsed(id, &path, &lines.bytes()?)?;
        let Some(what) = decide(&incident, clock.max(incident.newest()))? else { return Ok(incident) };
        lines.end_torn_line()?;
        let entry = self.entry(&incident.entries, clock, what);
        lines.write(&entry)?;
        let all: Vec<Entry> = incident.entries.iter().cloned().chain([entry]).collect();
        Ok(Incident::of(id, &all).unwrap_or(incident))
    }

    /// An entry behind others: its time is never before theirs, whatever the clock says.
    fn entry(&self, before: &[Entry], clock: Timestamp, what: What) -> Entry {
        let number = before.iter().map(|entry| entry.number).max().unwrap_or(0).saturating_add(1);
        let newest = before.iter().map(|entry| entry.at).max().unwrap_or(clock);
        let digest = sha256(format!("{}/{}/{number}/{clock}", self.by, self.run).as_bytes());
        Entry {
            id: digest[..16].to_owned(),
            number,
            at: clock.max(newest),
            clock: (clock < newest).then_some(clock),
            by: self.by.clone(),
            what,
        }
    }

    /// A file that is not there yet, for what was seen of the cluster.
    fn new_evidence(&self, id: &str) -> PathBuf {
        let folder = self.state.folder(FOLDER).join(id);
        let all = (1..).map(|number: u32| folder.join(format!("evidence-{number}.tar.zst")));
        let is_new = |path: &PathBuf| path.symlink_metadata().is_err();
        all.into_iter().find(is_new).unwrap_or_else(|| folder.join("evidence.tar.zst"))
    }

    /// Keeps evidence, and writes down where it is: `look` makes the archive at the path that it is given, and says what it
    /// shows. What takes longer than `patience` is left out.
    ///
    /// # Errors
    /// Says why nothing could be looked at in time, or what could not be written.
    pub async fn keep_evidence<L>(
        &self,
        id: &str,
        patience: Duration,
        look: impl FnOnce(PathBuf) -> L,
    ) -> Result<Incident, Error>
    where
        L: Future<Output = Result<Seen, Error>>,
    {
        let path = self.new_evidence(id);
        let local = |source| Error::Local { path: path.clone(), source };
        let late = format!("the cluster had not told everything after {} s", patience.as_secs());
        let seen = tokio::time::timeout(patience, look(path.clone())).await;
        let seen = seen.map_err(|_| local(std::io::Error::new(ErrorKind::TimedOut, late)))??;
        let digest = std::fs::read_to_string(beside(&path)).map_err(local)?;
        let sha256 = digest.split_whitespace().next().unwrap_or_default().to_owned();
        let file = path.display().to_string();
        let Seen { causes, has_gaps } = seen;
        self.add(id, |_, _| Ok(Some(What::Evidence { file, sha256, causes, has_gaps })))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.state.folder(FOLDER).join(id).join(ENTRIES)
    }

    /// Whether there is a record of an incident, whatever is in it.
    pub fn has(&self, id: &str) -> bool {
        Self::is_id(id) && self.path(id).symlink_metadata().is_ok()
    }

    /// What is recorded of an incident; nothing where it was never declared to the end.
    fn read(&self, id: &str) -> Result<Option<Incident>, Error> {
        let path = self.path(id);
        match std::fs::read(&path) {
            Ok(bytes) => parsed(id, &path, &bytes).map(Some),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(Error::Local { path, source }),
        }
    }
}

/// The time of this machine, as exact as people need it.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A record comes into being with its first entry on the disk, so that one without any has lost it.
fn parsed(id: &str, path: &Path, bytes: &[u8]) -> Result<Incident, Error> {
    let damaged = |why: String| Error::IncidentDamaged { path: path.to_owned(), why };
    let entries = entries(bytes).map_err(|error| damaged(error.to_string()))?;
    Incident::of(id, &entries).ok_or_else(|| damaged("none of its entries declares an incident".to_owned()))
}
