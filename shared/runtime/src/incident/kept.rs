//! A file that is fetched for an incident: it has no name until all of it is there.

use super::{FOLDER, Incidents};
use crate::archive::Hashing;
use crate::error::Error;
use crate::lines::sync_folder;
use sre_core::incident::{Incident, What};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What begins the name of a file that is on its way.
const COMING: &str = ".coming-";

/// Whose lock whoever makes or takes away such a file holds, in the folder of all incidents.
const LOCK: &str = ".coming";

/// A file while it comes; it is the owner's alone (0600).
pub struct Keeping {
    file: Hashing<NamedTempFile>,
    folder: PathBuf,
    bytes: u64,
    most: u64,
}

/// A file that is kept.
pub struct Kept {
    /// Where it is.
    pub file: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl Keeping {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// Says that there are too many of them, or what the disk says.
    pub fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.bytes > self.most {
            return Err(io::Error::new(ErrorKind::FileTooLarge, format!("there are more than {} bytes", self.most)));
        }
        self.file.write_all(bytes)
    }

    /// How many there are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Why it is not kept.
    pub fn fault(&self, source: io::Error) -> Error {
        Error::Local { path: self.folder.clone(), source }
    }

    fn place(self, name: &str) -> Result<Kept, Error> {
        let Self { file, folder, bytes, .. } = self;
        let (file, sha256) = file.end();
        let path = free(&folder, name);
        let written =
            file.as_file().sync_all().and_then(|()| file.persist_noclobber(&path).map_err(|error| error.error));
        written.map_err(|source| Error::Local { path: path.clone(), source })?;
        sync_folder(&folder)?;
        Ok(Kept { file: path.display().to_string(), sha256, bytes })
    }
}

/// A name that is free: the kind, a number, and what the file was called, which may be anything.
fn free(folder: &Path, name: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).take(100).collect();
    let all = (1..).map(|number: u32| folder.join(format!("heap-{number}-{name}")));
    let is_new = |path: &PathBuf| path.symlink_metadata().is_err();
    all.into_iter().find(is_new).unwrap_or_else(|| folder.join(format!("heap-{name}")))
}

impl Incidents {
    /// Begins to keep a file of so many bytes at the most, and takes away what killed runs left of others, of any incident.
    ///
    /// # Errors
    /// Says what could not be written.
    pub fn keeping(&self, id: &str, most: u64) -> Result<Keeping, Error> {
        let folder = self.state.folder(FOLDER).join(id);
        let made = || {
            // Between the making of a file and its lock nobody else takes it for one that was left.
            let all = File::options().create(true).append(true).open(self.state.folder(FOLDER).join(LOCK))?;
            all.lock()?;
            for one in fs::read_dir(self.state.folder(FOLDER))? {
                forget_left(&one?.path())?;
            }
            let file = tempfile::Builder::new().prefix(COMING).tempfile_in(&folder)?;
            file.as_file().try_lock().map_err(io::Error::from)?;
            Ok(file)
        };
        let file = made().map_err(|source| Error::Local { path: folder.clone(), source })?;
        Ok(Keeping { file: Hashing::new(file), folder, bytes: 0, most })
    }

    /// Gives a file that came its name, after that which it had, and writes down what a function makes of it.
    ///
    /// # Errors
    /// Says what could not be written.
    pub fn keep(
        &self,
        id: &str,
        keeping: Keeping,
        name: &str,
        what: impl FnOnce(Kept) -> What,
    ) -> Result<Incident, Error> {
        let kept = keeping.place(name)?;
        self.add(id, |_, _| Ok(Some(what(kept))))
    }
}

/// Whoever writes one holds its lock.
fn forget_left(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(COMING)
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            // Another run may have been first.
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;
    use std::os::unix::fs::PermissionsExt as _;

    const ID: &str = "inc-20261129-3f2a";

    fn incidents() -> (tempfile::TempDir, Incidents, PathBuf) {
        let home = tempfile::tempdir().expect("a directory");
        let state = State::at(home.path().to_owned());
        let folder = state.folder(FOLDER).join(ID);
        fs::create_dir_all(&folder).expect("a folder");
        (home, Incidents { state, by: "jane@host".to_owned(), run: "r".to_owned() }, folder)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_and_digest_when_all_of_it_is_there() {
        let (_home, incidents, folder) = incidents();
        for (number, content) in ["abc", "abd"].into_iter().enumerate() {
            let mut keeping = incidents.keeping(ID, 3).expect("a file");
            content.bytes().for_each(|byte| keeping.take(&[byte]).expect("it is taken"));
            let name = format!("heap-{}-_a_b.hprof", number + 1);
            assert!(!names(&folder).contains(&name));
            let kept = keeping.place("/a b.hprof").expect("it is kept");
            assert_eq!((kept.bytes, kept.sha256), (3, sre_core::plan::sha256(content.as_bytes())));
            assert_eq!(kept.file, folder.join(&name).display().to_string());
            let found = fs::metadata(folder.join(&name)).expect("a file");
            assert_eq!(found.permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(names(&folder), ["heap-1-_a_b.hprof", "heap-2-_a_b.hprof"]);
    }

    #[test]
    fn what_is_too_large_or_was_left_is_not_kept_and_what_still_comes_is_left_alone() {
        let (_home, incidents, folder) = incidents();
        let mut keeping = incidents.keeping(ID, 3).expect("a file");
        assert!(keeping.take(b"abcd").is_err());
        fs::write(folder.join(".coming-left"), "half").expect("a file");
        let other = incidents.keeping(ID, 3).expect("a file");
        assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
        drop((keeping, other));
        assert_eq!(names(&folder), Vec::<String>::new());
    }
}
