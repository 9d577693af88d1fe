//! What is kept of one change: its plan, and the journal of the runs that carried it out.

use crate::error::Error;
use crate::state::State;
use serde_json::Value;
use sre_core::plan::{Entry, Plan, Replayed, replay};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The plan of a change, below its folder.
const PLAN: &str = "plan.json";
/// The journal of a change, below its folder.
const JOURNAL: &str = "journal.jsonl";

/// The changes of a person on a machine, a folder each.
#[derive(Clone, Debug)]
pub struct Changes {
    folder: PathBuf,
}

impl Changes {
    /// The changes in a folder, which is made when something is first written.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Those of this process's person.
    ///
    /// # Errors
    /// Fails when nothing says where they are.
    pub fn of_process() -> Result<Self, Error> {
        Ok(Self::at(State::of_process()?.folder("changes")))
    }

    /// The plan of a change that somebody names.
    ///
    /// # Errors
    /// Says that there is none, or that it was altered.
    pub fn plan_of(&self, id: &str) -> Result<Plan, Error> {
        if !self.has(id) {
            let hint = "see which there are: kubectl sre change list --local".to_owned();
            return Err(Error::Usage { message: format!("no change {id:?} is recorded on this machine"), hint });
        }
        self.plan(id)
    }

    /// The ids of all changes, the oldest first.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn ids(&self) -> Result<Vec<String>, Error> {
        let local = |source| Error::Local { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(local)?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(local)?.file_name().to_string_lossy().into_owned();
            if self.folder.join(&name).join(PLAN).exists() {
                ids.push(name);
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// Whether a change was to be taken back before now, by the clock of this machine.
    pub fn is_overdue(plan: &Plan) -> bool {
        plan.due_back.is_some_and(|due| due < jiff::Timestamp::now())
    }

    /// Whether there is a change of that id.
    pub fn has(&self, id: &str) -> bool {
        is_id(id) && self.folder.join(id).join(PLAN).exists()
    }

    /// The file of a change's plan.
    pub fn file_of(&self, id: &str) -> PathBuf {
        self.folder.join(id).join(PLAN)
    }

    /// The plan of a change.
    ///
    /// # Errors
    /// Says what cannot be read, or that it was altered.
    pub fn plan(&self, id: &str) -> Result<Plan, Error> {
        load(&self.folder.join(id).join(PLAN))
    }

    /// What the journal of a change tells.
    ///
    /// # Errors
    /// Says what cannot be read, or that it was altered.
    pub fn replayed(&self, plan: &Plan) -> Result<Replayed, Error> {
        let path = self.folder.join(&plan.id).join(JOURNAL);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            other => other.map_err(|source| Error::Local { path: path.clone(), source })?,
        };
        let replayed = replay(&bytes, plan.steps.len(), &plan.digest());
        replayed.map_err(|error| Error::Damaged { path, why: error.to_string() })
    }

    /// Keeps the plan of a change that is not begun yet, and says in which file.
    ///
    /// # Errors
    /// Says what cannot be written.
    pub fn keep(&self, plan: &Plan) -> Result<PathBuf, Error> {
        let folder = self.folder.join(&plan.id);
        let path = folder.join(PLAN);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| Error::Local { path: folder.clone(), source })?;
        if !path.exists() {
            match publish(&folder, PLAN, &document(plan)) {
                // Another run of the same change was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                other => other.map_err(|source| Error::Local { path: path.clone(), source })?,
            }
        }
        Ok(path)
    }

    /// Opens the journal of a change for one run, and keeps its plan if this is the first; no other run can go on with it
    /// meanwhile.
    ///
    /// # Errors
    /// Says what cannot be written, or that another run is at it.
    pub fn open(&self, plan: &Plan) -> Result<Journal, Error> {
        let folder = self.folder.join(&plan.id);
        let local = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Local { path, source }
        };
        self.keep(plan)?;
        let path = folder.join(JOURNAL);
        let options = &mut OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o600).open(&path).map_err(local(&path))?;
        if file.try_lock().is_err() {
            let why = format!("another run is carrying out {}", plan.id);
            return Err(Error::Refused { why, hint: "wait until it has ended".to_owned() });
        }
        let mut journal = Journal { file, path };
        journal.end_torn_line()?;
        Ok(journal)
    }
}

/// Letters that ids have: nothing that leads to another folder.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads a plan from a file.
///
/// # Errors
/// Says that it cannot be read, is no plan, or was altered.
pub fn load(path: &Path) -> Result<Plan, Error> {
    let bytes = fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::PermissionDenied => Error::Usage {
            message: format!("{}: {source}", path.display()),
            hint: "name a plan that --plan-out wrote".to_owned(),
        },
        _ => Error::Local { path: path.to_owned(), source },
    })?;
    let damaged = |why: String| Error::Damaged { path: path.to_owned(), why };
    let document: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is no JSON: {error}")))?;
    Plan::from_document(document).map_err(|error| damaged(error.to_string()))
}

/// Writes a plan to a file that must be new.
///
/// # Errors
/// Says what could not be written.
pub fn save(plan: &Plan, path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    publish(folder, &name, &document(plan)).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::Usage {
            message: format!("--plan-out {}: there is such a file already", path.display()),
            hint: "plans are never overwritten: choose another name".to_owned(),
        },
        _ => Error::Local { path: path.to_owned(), source },
    })
}

fn document(plan: &Plan) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(&plan.document()).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Writes a file that must be new, whole or not at all.
fn publish(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// The journal of a change, held by one run.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Writes an entry, and comes back when it is on the disk.
    ///
    /// # Errors
    /// Says that it could not be written: then nothing may be done.
    pub fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        let mut line = serde_json::to_vec(entry).unwrap_or_default();
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.map_err(|source| Error::Local { path: self.path.clone(), source })
    }

    /// What a killed run was writing is taken away: it was not promised.
    fn end_torn_line(&mut self) -> Result<(), Error> {
        let local = |source| Error::Local { path: self.path.clone(), source };
        let bytes = fs::read(&self.path).map_err(local)?;
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if end < bytes.len() {
            self.file.set_len(end as u64).map_err(local)?;
        }
        Ok(())
    }
}
