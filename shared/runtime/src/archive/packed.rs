//! The entries of a packed archive.

use super::error::ArchiveError;
use super::format::{ALWAYS_ALLOWED, LARGEST_RATIO, LARGEST_WHOLE, LONGEST_PATH, OBJECTS};
use super::gathered::{Admission, Entry, Form, Gathered, Opened, digest};
use crate::directory::ObjectSink;
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Component, Path};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

/// Our writer needs a window of 2 MiB (log 21); a decoder that grants more lets a small file take much memory.
const WINDOW: u32 = 23;

/// Hardly an object is larger.
const USUAL_ENTRY: usize = 1 << 16;

/// Bytes of objects that go to the one who reads them at once.
const AT_ONCE: usize = 1 << 20;

type Packed<'a, R> = tar::Entry<'a, io::Take<zstd::Decoder<'static, R>>>;

/// Entries one behind the other.
#[derive(Default)]
struct Batch {
    entries: Vec<Unpacked>,
    /// The objects of the entries, one behind the other.
    bytes: Vec<u8>,
}

struct Unpacked {
    name: String,
    bytes: Bytes,
    digest: [u8; 32],
}

/// Where the bytes of an entry are.
enum Bytes {
    /// Here: it is no object, and is kept.
    Own(Vec<u8>),
    /// There in the batch.
    At(Range<usize>),
}

impl Batch {
    fn into_entries(self, mut take: impl FnMut(Entry<'_>) -> Result<(), ArchiveError>) -> Result<(), ArchiveError> {
        let Self { entries, bytes: all } = self;
        entries.into_iter().try_for_each(|Unpacked { name, bytes, digest }| {
            let bytes = match bytes {
                Bytes::Own(bytes) => bytes.into(),
                Bytes::At(place) => all.get(place).unwrap_or_default().into(),
            };
            take(Entry { name, bytes, digest })
        })
    }
}

/// Reads packed bytes; `size` is how many there are. They are unpacked in one thread, and objects read in another.
pub(super) fn open<R: BufRead + Send>(
    path: &Path,
    packed: R,
    size: u64,
    sink: &mut dyn ObjectSink,
) -> Result<Opened, ArchiveError> {
    let mut gathered = Gathered::new(path, Form::File);
    // No more than one is on its way: an entry may be large.
    let (to, batches) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        let unpacking = scope.spawn(move || {
            let mut unpacking = Unpacking { path, to, batch: Batch::default(), admission: Admission::default() };
            // What came before the damage is looked at first.
            let unpacked = unpacking.unpack(packed, size);
            unpacking.send();
            unpacked
        });
        for batch in batches {
            batch.into_entries(|entry| gathered.add(entry, sink))?;
        }
        unpacking.join().unwrap_or_else(|panic| resume_unwind(panic))
    })?;
    gathered.finish()
}

/// The thread that unpacks.
struct Unpacking<'a> {
    path: &'a Path,
    to: SyncSender<Batch>,
    batch: Batch,
    admission: Admission,
}

impl Unpacking<'_> {
    fn unpack<R: BufRead>(&mut self, packed: R, size: u64) -> Result<(), ArchiveError> {
        let path = self.path;
        let unreadable = |error: io::Error| ArchiveError::damaged(path, error.to_string());
        let allowed = size.saturating_mul(LARGEST_RATIO).clamp(ALWAYS_ALLOWED, LARGEST_WHOLE);
        let mut plain = zstd::Decoder::with_buffer(packed).map_err(unreadable)?;
        plain.window_log_max(WINDOW).map_err(unreadable)?;
        let mut tar = tar::Archive::new(plain.take(allowed + 1));
        let mut long_name = None;
        // Raw: else the reader itself would swallow names and extensions of any size.
        for entry in tar.entries().map_err(unreadable)?.raw(true) {
            let mut entry = entry.map_err(unreadable)?;
            if entry.header().entry_type().is_gnu_longname() && long_name.is_none() {
                long_name = Some(name_of_next(path, &mut entry)?);
                continue;
            }
            let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
            let name = checked_name(path, name, &entry)?;
            self.admission.admit(path, &name, entry.size())?;
            self.take(name, &mut entry)?;
            if self.batch.bytes.len() >= AT_ONCE && !self.send() {
                return Ok(());
            }
        }
        read_to_the_end(path, tar.into_inner())
    }

    fn take<R: BufRead>(&mut self, name: String, entry: &mut Packed<'_, R>) -> Result<(), ArchiveError> {
        let (bytes, digest) = if name.starts_with(OBJECTS) {
            let start = self.batch.bytes.len();
            body(self.path, entry, &mut self.batch.bytes)?;
            let place = start..self.batch.bytes.len();
            let digest = digest(self.batch.bytes.get(place.clone()).unwrap_or_default());
            (Bytes::At(place), digest)
        } else {
            let mut own = Vec::new();
            body(self.path, entry, &mut own)?;
            let digest = digest(&own);
            (Bytes::Own(own), digest)
        };
        self.batch.entries.push(Unpacked { name, bytes, digest });
        Ok(())
    }

    /// Hands over what there is; tells whether anybody still wants it.
    fn send(&mut self) -> bool {
        self.to.send(std::mem::take(&mut self.batch)).is_ok()
    }
}

/// A name that does not fit into a header stands in an entry of its own before.
fn name_of_next<R: BufRead>(path: &Path, entry: &mut Packed<'_, R>) -> Result<Vec<u8>, ArchiveError> {
    if entry.size() > LONGEST_PATH {
        return Err(ArchiveError::damaged(path, "a name in it is longer than any"));
    }
    let mut name = Vec::new();
    body(path, entry, &mut name)?;
    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
    Ok(name)
}

fn body<R: BufRead>(path: &Path, entry: &mut Packed<'_, R>, bytes: &mut Vec<u8>) -> Result<(), ArchiveError> {
    // Most entries are small; what a header only claims is not believed.
    bytes.reserve(usize::try_from(entry.size()).unwrap_or_default().min(USUAL_ENTRY));
    let count = entry.read_to_end(bytes).map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
    if count as u64 == entry.size() { Ok(()) } else { Err(ArchiveError::damaged(path, "it ends too early")) }
}

fn checked_name<R: BufRead>(path: &Path, name: Vec<u8>, entry: &Packed<'_, R>) -> Result<String, ArchiveError> {
    let name = String::from_utf8(name).map_err(|_| ArchiveError::damaged(path, "a name in it is no text"))?;
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(ArchiveError::damaged(path, format!("{name} is no plain file")));
    }
    let inside = !name.is_empty() && Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    if inside { Ok(name) } else { Err(ArchiveError::damaged(path, format!("{name} leads out of the archive"))) }
}

/// Behind the entries there is nothing but the zeros that end a tar.
fn read_to_the_end<R: Read>(path: &Path, mut rest: io::Take<R>) -> Result<(), ArchiveError> {
    let mut block = vec![0; 1 << 16];
    loop {
        let count = rest.read(&mut block).map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
        if count == 0 && rest.limit() == 0 {
            return Err(ArchiveError::damaged(path, "it unpacks to far more than an archive of its size can hold"));
        }
        if count == 0 {
            return Ok(());
        }
        if block[..count].iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::damaged(path, "there is something behind its end"));
        }
    }
}
