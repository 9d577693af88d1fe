//! Writing to the log: the tail is read, the line made and written, and the head moved, all under one lock.

use super::verify::is_more_than_one_line;
use super::{GENESIS, HEAD, LOG};
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
    /// Where the last line ends.
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
}

impl AuditLog {
    /// The log in a folder, which is made when something is first written.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
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
        let mut log = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(self.path(LOG))?;
        log.lock()?;
        let head = self.head()?;
        cut_residue(&mut log, &head)?;
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

    /// The bytes of the log.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match fs::read(self.path(LOG)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            other => other,
        }
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

/// Takes away what a killed run left behind the head; a log that is shorter than its head was cut by somebody.
fn cut_residue(log: &mut File, head: &Head) -> io::Result<()> {
    let length = log.metadata()?.len();
    if length < head.bytes || !ends_as_vouched(log, head)? || is_more_than_one_line(&residue(log, head)?) {
        let words = "the audit log is not what its head vouches for; see: kubectl sre change verify";
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    if length > head.bytes { log.set_len(head.bytes) } else { Ok(()) }
}

/// What stands behind the head.
fn residue(log: &mut File, head: &Head) -> io::Result<Vec<u8>> {
    log.seek(SeekFrom::Start(head.bytes))?;
    let mut residue = Vec::new();
    log.read_to_end(&mut residue)?;
    Ok(residue)
}

/// No line is longer: plans are not in the log, only what was done.
const LONGEST_LINE: u64 = 1 << 20;

/// Whether the last line is the one that the head vouches for.
fn ends_as_vouched(log: &mut File, head: &Head) -> io::Result<bool> {
    if head.bytes == 0 {
        return Ok(head.hash == GENESIS);
    }
    let tail = head.bytes.min(LONGEST_LINE);
    log.seek(SeekFrom::Start(head.bytes - tail))?;
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
}
