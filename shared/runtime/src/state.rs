//! What is kept from run to run, below `$XDG_STATE_HOME/kubectl-sre`: private, written whole or not at all, bounded.

use crate::error::Error;
use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

/// The directory of a person's runs.
pub struct State {
    root: PathBuf,
}

impl State {
    /// The directory of this process's person; it is made when something is first kept.
    ///
    /// # Errors
    /// Fails when neither `XDG_STATE_HOME` nor `HOME` says where that is.
    pub fn of_process() -> Result<Self, Error> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || absolute("HOME").map(|home| home.join(".local/state"));
        let Some(base) = absolute("XDG_STATE_HOME").or_else(home) else {
            let source = io::Error::new(ErrorKind::NotFound, "neither XDG_STATE_HOME nor HOME names a directory");
            return Err(Error::Local { path: "the directory of what is kept from run to run".into(), source });
        };
        Ok(Self { root: base.join("kubectl-sre") })
    }

    /// What is kept in a directory that a test brings.
    #[cfg(test)]
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where a folder of it is.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Keeps a file; its name must be new. Files are the owner's alone (0600), and so are folders (0700).
    ///
    /// # Errors
    /// Says which path could not be written.
    pub fn keep(&self, name: &Path, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path(name)?;
        write(&path, bytes).map_err(|source| Error::Local { path, source })
    }

    /// Puts a file into the place of another, whole or not at all.
    ///
    /// # Errors
    /// Says which path could not be written.
    pub fn replace(&self, name: &Path, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path(name)?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let written = written_beside(folder, bytes).and_then(|file| {
            file.persist(&path).map_err(|error| error.error)?;
            File::open(folder)?.sync_all()
        });
        written.map_err(|source| Error::Local { path, source })
    }

    /// The names of the files of a folder, sorted; a folder that is not there holds none.
    ///
    /// # Errors
    /// Says which folder could not be read.
    pub fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let path = self.path(folder)?;
        let names = match fs::read_dir(&path) {
            Ok(entries) => entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => Err(error),
        };
        let mut names: Vec<String> = names.map_err(|source| Error::Local { path, source })?;
        // What was being written when a run was killed has no name yet.
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        Ok(names)
    }

    /// What a file holds.
    ///
    /// # Errors
    /// Says which file could not be read.
    pub fn read(&self, name: &Path) -> Result<Vec<u8>, Error> {
        let path = self.path(name)?;
        fs::read(&path).map_err(|source| Error::Local { path, source })
    }

    /// Forgets all but the last files of a folder, by name.
    ///
    /// # Errors
    /// Says what could not be read or removed.
    pub fn bound(&self, folder: &Path, most: usize) -> Result<(), Error> {
        let names = self.names(folder)?;
        for name in &names[..names.len().saturating_sub(most)] {
            let path = self.path(&folder.join(name))?;
            match fs::remove_file(&path) {
                // Another run forgets the same.
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::Local { path, source: error }),
                _ => {}
            }
        }
        Ok(())
    }

    /// Where a file is. Parts of its name may come from what was looked at, and must not lead elsewhere.
    fn path(&self, name: &Path) -> Result<PathBuf, Error> {
        let path = self.root.join(name);
        if name.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(path);
        }
        let source = io::Error::new(ErrorKind::InvalidInput, "it leads out of the directory of what is kept");
        Err(Error::Local { path, source })
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    write_new(path, bytes)
}

/// Writes a file that must be new, whole or not at all, into a folder that is there; it is the owner's alone.
///
/// # Errors
/// Gives what the system says.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    written_beside(folder, bytes)?.persist_noclobber(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

fn written_beside(folder: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn state() -> (tempfile::TempDir, State) {
        let home = tempfile::tempdir().expect("a directory");
        let root = home.path().join("a/kubectl-sre");
        (home, State::at(root))
    }

    #[test]
    fn what_is_kept_is_private_and_comes_back() {
        let (_home, state) = state();
        state.keep(Path::new("runs/2"), b"two").expect("kept");
        state.keep(Path::new("runs/1"), b"one").expect("kept");
        assert_eq!(state.names(Path::new("runs")).expect("names"), ["1", "2"]);
        assert_eq!(state.read(Path::new("runs/1")).expect("read"), b"one");
        let mode = |name: &str| fs::metadata(state.root.join(name)).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode("runs"), mode("runs/1")), (0o700, 0o600));
        assert!(state.keep(Path::new("runs/1"), b"other").is_err(), "nothing is written over");
    }

    #[test]
    fn only_the_last_ones_stay() {
        let (_home, state) = state();
        for name in ["a", "b", "c"] {
            state.keep(&Path::new("runs").join(name), b"").expect("kept");
        }
        state.bound(Path::new("runs"), 2).expect("bound");
        assert_eq!(state.names(Path::new("runs")).expect("names"), ["b", "c"]);
        assert_eq!(state.names(Path::new("none")).expect("no folder"), Vec::<String>::new());
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        let (home, state) = state();
        let outside = home.path().join("outside");
        for name in [outside.as_path(), Path::new("../outside"), Path::new("runs/../../../outside"), Path::new("./a")] {
            assert!(state.keep(name, b"one").is_err(), "{}", name.display());
            assert!(state.read(name).is_err() && state.names(name).is_err(), "{}", name.display());
            assert!(state.bound(name, 0).is_err(), "{}", name.display());
        }
        assert!(!outside.exists() && !home.path().join("a/outside").exists());
    }

    #[test]
    fn what_cannot_be_written_is_named_and_leaves_nothing() {
        let (home, state) = state();
        fs::write(home.path().join("a"), "a file stands where the folder should be").expect("a file");
        let error = state.keep(Path::new("runs/1"), b"one").expect_err("no folder");
        assert!(error.to_string().ends_with("runs/1"), "{error}");
    }
}
