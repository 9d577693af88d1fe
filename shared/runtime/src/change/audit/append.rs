//! Writing to the log: the tail is read, the line made and written, and the head moved, all under one lock.
//!
//! A file that is full gets a number and another one is begun. The head counts the bytes of all files, so that it vouches
//! for the same whether a run was killed before the file got its number or after.

use super::verify::is_more_than_one_line;
use super::{GENESIS, HEAD, LOCK, LOG};
use crate::error::Error;
use crate::state::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sre_core::plan::sha256;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What is vouched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The number of the last line, from 1; 0 when there is none.
    pub seq: u64,
    /// SHA-256 of the last line without its end, in hexadecimal digits.
    pub hash: String,
    /// Where the last line ends, counted from the beginning of the first file.
    pub bytes: u64,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned(), bytes: 0 }
    }
}

/// The record of all changes of a person on a machine.
#[derive(Clone, Debug)]
pub struct AuditLog {
    folder: PathBuf,
    /// From how many bytes on a file is full.
    full: u64,
}

/// From how many bytes on a file of the log is full: some ten thousand changes.
const FULL: u64 = 16 << 20;

impl AuditLog {
    /// The log in a folder, which is made when something is first written.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, full: FULL }
    }

    /// The log of this process's person.
    ///
    /// # Errors
    /// Fails when nothing says where it is.
    pub fn of_process() -> Result<Self, Error> {
        Ok(Self::at(State::of_process()?.folder("audit")))
    }

    /// The folder that it stands in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a line, and comes back when it is on the disk; gives the new head.
    ///
    /// # Errors
    /// Says what could not be written, or that the log is not what its head vouches for: nothing is added to that.
    pub fn append(&self, mut fields: Map<String, Value>) -> io::Result<Head> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let _alone = self.locked(File::lock)?;
        let (head, closed) = (self.head()?, self.closed()?);
        let mut log = self.open(LOG)?;
        let length = cut_residue(&mut log, &closed, &head)?;
        if length >= self.full {
            log = self.another(closed.len() + 1)?;
        }
        fields.insert("seq".to_owned(), json!(head.seq + 1));
        fields.insert("prev".to_owned(), json!(head.hash));
        let mut line = Value::Object(fields).to_string();
        let hash = sha256(line.as_bytes());
        line.push('\n');
        log.write_all(line.as_bytes())?;
        log.sync_all()?;
        let head = Head { seq: head.seq + 1, hash, bytes: head.bytes + line.len() as u64 };
        self.keep(&head)?;
        Ok(head)
    }

    /// The head as it stands; that of an empty log where there is none.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn head(&self) -> io::Result<Head> {
        match fs::read(self.path(HEAD)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                io::Error::new(ErrorKind::InvalidData, format!("{HEAD} of the audit log is damaged: {error}"))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Head::default()),
            Err(error) => Err(error),
        }
    }

    /// The head, and the bytes of all files as one.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn read(&self) -> io::Result<(Head, Vec<u8>)> {
        // A copy that may not be written to is read all the same: nobody appends to it.
        let _still = self.locked(File::lock_shared).ok();
        Ok((self.head()?, self.bytes()?))
    }

    /// How many files it has.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn files(&self) -> io::Result<usize> {
        Ok(self.closed()?.len() + usize::from(self.path(LOG).exists()))
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for closed in self.closed()? {
            File::open(closed.path)?.read_to_end(&mut bytes)?;
        }
        match File::open(self.path(LOG)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            other => drop(other?.read_to_end(&mut bytes)?),
        }
        Ok(bytes)
    }

    /// The files that are full, the oldest first; those behind a gap are not theirs.
    fn closed(&self) -> io::Result<Vec<Closed>> {
        let mut all = Vec::new();
        loop {
            let path = self.path(&numbered(all.len() + 1));
            match fs::metadata(&path) {
                Ok(about) => all.push(Closed { path, bytes: about.len() }),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(all),
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the full file its number, and begins another one.
    fn another(&self, number: usize) -> io::Result<File> {
        fs::rename(self.path(LOG), self.path(&numbered(number)))?;
        let log = self.open(LOG)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(log)
    }

    /// Holds the lock of the log until it is dropped: not the log itself, which gets another name.
    fn locked(&self, lock: impl Fn(&File) -> io::Result<()>) -> io::Result<File> {
        let file = self.open(LOCK)?;
        lock(&file)?;
        Ok(file)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(self.path(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn keep(&self, head: &Head) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".").tempfile_in(&self.folder)?;
        file.write_all(&serde_json::to_vec(head).unwrap_or_default())?;
        file.as_file().sync_all()?;
        file.persist(self.path(HEAD)).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// A file of the log that is full.
struct Closed {
    path: PathBuf,
    bytes: u64,
}

fn numbered(number: usize) -> String {
    format!("log.{number}.jsonl")
}

/// Takes away what a killed run left behind the head, and says how long the newest file is then; a log that is shorter than
/// its head was cut by somebody.
fn cut_residue(log: &mut File, closed: &[Closed], head: &Head) -> io::Result<u64> {
    let words = "the audit log is not what its head vouches for; see: kubectl sre change verify";
    let altered = || io::Error::new(ErrorKind::InvalidData, words);
    let before: u64 = closed.iter().map(|file| file.bytes).sum();
    let (length, end) = (log.metadata()?.len(), head.bytes.checked_sub(before).ok_or_else(altered)?);
    let is_vouched = match closed.last() {
        // Its first line is still to come: the head vouches for the last line of the file before it.
        Some(last) if end == 0 => ends_as_vouched(&mut File::open(&last.path)?, last.bytes, head)?,
        _ => length >= end && ends_as_vouched(log, end, head)?,
    };
    if !is_vouched || is_more_than_one_line(&residue(log, end)?) {
        return Err(altered());
    }
    if length > end {
        log.set_len(end)?;
    }
    Ok(end)
}

/// What stands behind the head.
fn residue(log: &mut File, end: u64) -> io::Result<Vec<u8>> {
    log.seek(SeekFrom::Start(end))?;
    let mut residue = Vec::new();
    log.read_to_end(&mut residue)?;
    Ok(residue)
}

/// No line is longer: plans are not in the log, only what was done.
const LONGEST_LINE: u64 = 1 << 20;

/// Whether the line that ends there is the one that the head vouches for.
fn ends_as_vouched(log: &mut File, end: u64, head: &Head) -> io::Result<bool> {
    if end == 0 {
        return Ok(head.bytes == 0 && head.hash == GENESIS);
    }
    let tail = end.min(LONGEST_LINE);
    log.seek(SeekFrom::Start(end - tail))?;
    let mut vouched = Vec::new();
    Read::by_ref(log).take(tail).read_to_end(&mut vouched)?;
    let Some(lines) = vouched.strip_suffix(b"\n") else { return Ok(false) };
    let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(sha256(last) == head.hash)
}

#[cfg(test)]
mod tests {
    use super::super::{Fault, verify};
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn log() -> (tempfile::TempDir, AuditLog) {
        let folder = tempfile::tempdir().expect("a directory");
        let log = AuditLog::at(folder.path().join("audit"));
        (folder, log)
    }

    fn fields(step: usize) -> Map<String, Value> {
        json!({"event": "intent", "step": step}).as_object().cloned().expect("an object")
    }

    #[test]
    fn a_log_whose_head_was_lost_or_is_old_is_damaged_and_keeps_its_lines() {
        let (_folder, log) = log();
        log.append(fields(0)).expect("written");
        let old = fs::read(log.path(HEAD)).expect("a head");
        (1..4).for_each(|step| drop(log.append(fields(step)).expect("written")));
        let whole = log.bytes().expect("read");
        fs::write(log.path(HEAD), old).expect("an old head");
        assert_eq!(verify(&whole, &log.head().expect("a head")), Err(Fault::Beyond { line: 2 }));
        assert!(log.append(fields(9)).is_err());
        fs::remove_file(log.path(HEAD)).expect("lost");
        assert_eq!(verify(&whole, &log.head().expect("no head")), Err(Fault::Beyond { line: 1 }));
        assert!(log.append(fields(9)).is_err());
        assert_eq!(log.bytes().expect("read"), whole, "nothing was cut");
    }

    #[test]
    fn each_line_holds_the_hash_of_the_one_before() {
        let (_folder, log) = log();
        let heads: Vec<Head> = (0..3).map(|step| log.append(fields(step)).expect("written")).collect();
        let bytes = log.bytes().expect("read");
        let lines: Vec<Value> =
            bytes.split(|it| *it == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(lines[0]["prev"], GENESIS);
        assert_eq!((&lines[1]["prev"], &lines[2]["prev"]), (&json!(heads[0].hash), &json!(heads[1].hash)));
        assert_eq!(verify(&bytes, &log.head().expect("a head")).map(|it| it.lines), Ok(3));
        let mode = |name: &str| fs::metadata(log.path(name)).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(LOG), mode(HEAD)), (0o600, 0o600));
    }

    #[test]
    fn what_a_killed_run_left_behind_the_head_is_cut_before_the_next_line() {
        let (_folder, log) = log();
        log.append(fields(0)).expect("written");
        let whole = log.bytes().expect("read");
        for residue in [&b"{\"event\":\"int"[..], b"{}\n"] {
            fs::write(log.path(LOG), [&whole, residue].concat()).expect("written");
            let verified = verify(&log.bytes().expect("read"), &log.head().expect("a head")).expect("no damage");
            assert_eq!((verified.lines, verified.residue), (1, residue.len()));
        }
        let head = log.append(fields(1)).expect("written");
        assert_eq!(verify(&log.bytes().expect("read"), &head).map(|it| (it.lines, it.residue)), Ok((2, 0)));
    }

    #[test]
    fn nothing_is_added_to_a_log_that_was_altered() {
        let (_folder, log) = log();
        log.append(fields(0)).expect("written");
        let mut bytes = log.bytes().expect("read");
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        fs::write(log.path(LOG), &bytes).expect("written");
        assert_eq!(log.append(fields(1)).expect_err("altered").kind(), ErrorKind::InvalidData);
        fs::write(log.path(LOG), &bytes[..4]).expect("written");
        assert_eq!(log.append(fields(1)).expect_err("cut").kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn every_flipped_byte_of_twenty_kilobytes_is_found() {
        let (_folder, log) = log();
        while log.bytes().expect("read").len() < 20_000 {
            log.append(fields(7)).expect("written");
        }
        let (bytes, head) = (log.bytes().expect("read"), log.head().expect("a head"));
        let mut line = 1;
        for index in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[index] ^= 0b0100_0001;
            let fault = verify(&flipped, &head).expect_err("a flipped byte");
            assert!(fault.line() == line || fault.line() == line + 1, "byte {index} of line {line}: {fault}");
            line += u64::from(bytes[index] == b'\n');
        }
        assert!(matches!(verify(&bytes[..bytes.len() - 1], &head), Err(Fault::Cut { .. })));
    }

    #[test]
    fn two_writers_at_once_make_one_chain() {
        let (_folder, log) = log();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|step| drop(log.append(fields(step)).expect("written"))));
            }
        });
        let verified = verify(&log.bytes().expect("read"), &log.head().expect("a head"));
        assert_eq!(verified.map(|it| it.lines), Ok(100));
    }

    /// A log whose files are full after three lines or so.
    fn small() -> (tempfile::TempDir, AuditLog) {
        let (folder, log) = log();
        (folder, AuditLog { full: 400, ..log })
    }

    #[test]
    fn the_chain_goes_on_in_the_next_file() {
        let (_folder, log) = small();
        (0..12).for_each(|step| drop(log.append(fields(step)).expect("written")));
        let (head, bytes) = log.read().expect("read");
        assert_eq!(verify(&bytes, &head).map(|it| (it.lines, it.residue)), Ok((12, 0)));
        assert!(log.files().expect("read") >= 3);
        let sizes: Vec<u64> = log.closed().expect("read").iter().map(|file| file.bytes).collect();
        assert!(sizes.iter().all(|size| (400..800).contains(size)), "{sizes:?}");
        assert_eq!(fs::metadata(log.path(&numbered(1))).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn damage_in_an_old_file_is_found_and_so_is_its_loss() {
        let (_folder, log) = small();
        (0..12).for_each(|step| drop(log.append(fields(step)).expect("written")));
        let (old, whole) = (log.path(&numbered(1)), log.read().expect("read"));
        let bytes = fs::read(&old).expect("read");
        for index in 0..bytes.len() {
            let mut flipped = whole.1.clone();
            flipped[index] ^= 0b0100_0001;
            let line = 1 + bytes[..index].iter().filter(|byte| **byte == b'\n').count() as u64;
            let fault = verify(&flipped, &whole.0).expect_err("a flipped byte");
            assert!(fault.line() == line || fault.line() == line + 1, "byte {index} of record {line}: {fault}");
        }
        fs::remove_file(&old).expect("removed");
        let (head, rest) = log.read().expect("read");
        assert!(verify(&rest, &head).is_err());
        assert_eq!(log.append(fields(9)).expect_err("a file is missing").kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn a_run_that_was_killed_between_two_files_loses_nothing() {
        let (_folder, log) = small();
        while log.append(fields(1)).expect("written").bytes < log.full {}
        let (head, whole) = log.read().expect("read");
        // It gave the full file its number, and was killed: before it began another one, and after a part of a line.
        fs::rename(log.path(LOG), log.path(&numbered(1))).expect("renamed");
        for residue in [None, Some(&b""[..]), Some(&b"{\"event\":\"int"[..]), Some(&b"{}\n"[..])] {
            if let Some(residue) = residue {
                fs::write(log.path(LOG), residue).expect("written");
            }
            let (again, bytes) = log.read().expect("read");
            let verified = verify(&bytes, &again).expect("no damage");
            assert_eq!((&again, verified.residue), (&head, residue.map_or(0, <[u8]>::len)));
        }
        log.append(fields(2)).expect("written");
        let (head, bytes) = log.read().expect("read");
        assert!(bytes.starts_with(&whole));
        assert_eq!(verify(&bytes, &head).map(|it| it.residue), Ok(0));
        // A full file that was altered meanwhile is found before anything is added.
        fs::remove_file(log.path(LOG)).expect("removed");
        fs::write(log.path(HEAD), serde_json::to_vec(&again_head(&whole)).expect("JSON")).expect("written");
        let mut altered = whole.clone();
        altered[whole.len() - 3] ^= 1;
        fs::write(log.path(&numbered(1)), altered).expect("written");
        assert_eq!(log.append(fields(3)).expect_err("altered").kind(), ErrorKind::InvalidData);
    }

    /// The head of these lines.
    fn again_head(lines: &[u8]) -> Head {
        let all: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        Head { seq: all.len() as u64, hash: sha256(all.last().expect("a line")), bytes: lines.len() as u64 }
    }

    #[test]
    fn two_writers_at_once_make_one_chain_across_files() {
        let (_folder, log) = small();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|step| drop(log.append(fields(step)).expect("written"))));
            }
        });
        let (head, bytes) = log.read().expect("read");
        assert_eq!(verify(&bytes, &head).map(|it| it.lines), Ok(40));
    }
}
