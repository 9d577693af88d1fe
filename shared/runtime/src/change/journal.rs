//! What is kept of one change: its plan, and the journal of the runs that carried it out.

use crate::error::Error;
use crate::lines::Lines;
use crate::state::{State, write_new};
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::plan::{Ended, Entry, Fared, Plan, Replayed, replay};
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
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

/// A change, and what became of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What was to be done.
    pub plan: Plan,
    /// What its journal tells.
    pub replayed: Replayed,
    /// Whether another change took it back.
    pub is_undone: bool,
}

impl Recorded {
    /// How it stands, in a word.
    pub fn standing(&self) -> &'static str {
        if self.is_undone { "undone" } else { Ended::standing(self.replayed.ended.as_ref()) }
    }
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

    /// Every change, with what its journal tells, the oldest first.
    ///
    /// # Errors
    /// Says what cannot be read, or that it was altered.
    pub fn recorded(&self) -> Result<Vec<Recorded>, Error> {
        let mut all = Vec::new();
        for id in self.ids()? {
            let plan = self.plan(&id)?;
            let replayed = self.replayed(&plan)?;
            all.push(Recorded { plan, replayed, is_undone: false });
        }
        let is_done = |it: &&Recorded| it.replayed.ended == Some(Ended::Done);
        let undone: Vec<String> = all.iter().filter(is_done).filter_map(|it| it.plan.undoes.clone()).collect();
        all.iter_mut().for_each(|it| it.is_undone = undone.contains(&it.plan.id));
        Ok(all)
    }

    /// How a workload of a cluster fared after changes of it, with the id of each; the oldest first. What cannot be read is
    /// left out: it tells nothing.
    pub fn fared(&self, cluster: &str, object: &ObjectRef) -> Vec<(String, Fared)> {
        let of_change = |id: String| {
            let plan = self.plan(&id).ok().filter(|plan| plan.cluster.uid == cluster)?;
            let fared = self.replayed(&plan).ok()?.fared.into_iter().filter(|it| it.object == *object);
            Some(fared.map(|it| (id.clone(), it)).collect::<Vec<_>>())
        };
        self.ids().unwrap_or_default().into_iter().filter_map(of_change).flatten().collect()
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
            match write_new(&path, &document(plan)) {
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
        self.keep(plan)?;
        let lines = Lines::open(self.folder.join(&plan.id).join(JOURNAL))?;
        if !lines.is_alone() {
            let why = format!("another run is carrying out {}", plan.id);
            return Err(Error::Refused { why, hint: "wait until it has ended".to_owned() });
        }
        lines.end_torn_line()?;
        Ok(Journal { lines })
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
    write_new(path, &document(plan)).map_err(|source| match source.kind() {
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

/// The journal of a change, held by one run.
#[derive(Debug)]
pub struct Journal {
    lines: Lines,
}

impl Journal {
    /// Writes an entry, and comes back when it is on the disk.
    ///
    /// # Errors
    /// Says that it could not be written: then nothing may be done.
    pub fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        self.lines.write(entry)
    }
}
