//! A file of JSON lines that is only ever added to: a line is on the disk when its writing comes back, and what a killed run
//! left behind the last one is taken away before the next.

use crate::error::Error;
use serde::Serialize;
use sre_core::lines::end_of_lines;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file, open for one writer.
#[derive(Debug)]
pub(crate) struct Lines {
    file: File,
    path: PathBuf,
}

impl Lines {
    /// Opens a file, which is made where it is not there; it is the owner's alone.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Error> {
        Self::opened(path, OpenOptions::new().create(true))
    }

    /// Opens a file that is there.
    pub(crate) fn existing(path: PathBuf) -> Result<Self, Error> {
        Self::opened(path, &mut OpenOptions::new())
    }

    fn opened(path: PathBuf, options: &mut OpenOptions) -> Result<Self, Error> {
        match options.read(true).append(true).mode(0o600).open(&path) {
            Ok(file) => Ok(Self { file, path }),
            Err(source) => Err(Error::Local { path, source }),
        }
    }

    /// Whether nobody else has it; as long as this lives nobody else gets it.
    pub(crate) fn is_alone(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    /// Waits until nobody else has it; as long as this lives nobody else gets it.
    pub(crate) fn wait_alone(&self) -> Result<(), Error> {
        self.file.lock().map_err(|source| self.local(source))
    }

    /// What it holds: its lines, and what a killed run left behind them.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Error> {
        fs::read(&self.path).map_err(|source| self.local(source))
    }

    /// What a killed run was writing is taken away: it was not promised.
    pub(crate) fn end_torn_line(&self) -> Result<(), Error> {
        let bytes = self.bytes()?;
        let end = end_of_lines(&bytes);
        if end < bytes.len() {
            self.file.set_len(end as u64).map_err(|source| self.local(source))?;
        }
        Ok(())
    }

    /// Writes a line, and comes back when it is on the disk.
    pub(crate) fn write(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let written = self.file.write_all(&line(value)).and_then(|()| self.file.sync_data());
        written.map_err(|source| self.local(source))
    }

    /// Writes several lines, and comes back when they are on the disk.
    pub(crate) fn write_all<T: Serialize>(&mut self, values: &[T]) -> Result<(), Error> {
        let bytes: Vec<u8> = values.iter().flat_map(line).collect();
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.map_err(|source| self.local(source))
    }

    fn local(&self, source: std::io::Error) -> Error {
        Error::Local { path: self.path.clone(), source }
    }
}

/// A value as a line.
pub(crate) fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Waits until a folder is on the disk as it is.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| Error::Local { path: folder.to_owned(), source })
}
