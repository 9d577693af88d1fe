//! Where the items of a list go: decoded to a shelf, and raw to the archive when one is written.

use crate::archive::{ArchiveError, ArchiveWriter};
use crate::cluster::list::ItemSink;
use crate::cluster::stream::Encoding;
use crate::sealed::{self, Sealed};
use sre_core::check::Sight;
use sre_core::inquiry::Answers;
use sre_core::slim::{Kind, Object, Pool};
use sre_core::snapshot::{Encoded, Shelves, decode_into};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What the lists of one run share. They run on one thread, so nothing is ever borrowed twice.
pub(super) struct Store<'a> {
    pool: RefCell<Pool>,
    archive: Option<RefCell<&'a mut ArchiveWriter>>,
    archive_fault: RefCell<Option<ArchiveError>>,
}

impl<'a> Store<'a> {
    pub(super) fn new(archive: Option<&'a mut ArchiveWriter>) -> Self {
        Self { pool: RefCell::default(), archive: archive.map(RefCell::new), archive_fault: RefCell::default() }
    }

    /// Goes on with what the objects of an earlier one have in common.
    pub(super) fn with_pool(pool: Pool) -> Self {
        Self { pool: RefCell::new(pool), ..Self::new(None) }
    }

    /// What the objects have in common, or the first thing that went wrong with the archive.
    pub(super) fn finish(self) -> Result<Pool, ArchiveError> {
        self.archive_fault.into_inner().map_or(Ok(self.pool.into_inner()), Err)
    }

    /// Forgets what no object holds any more.
    pub(super) fn forget_unused(&self) {
        self.pool.borrow_mut().forget_unused();
    }

    /// Keeps what a health endpoint said.
    pub(super) fn keep_text(&self, endpoint: Sight, text: &str) {
        let name = format!("{}.txt", endpoint.word().trim_start_matches('/'));
        self.write(|archive| archive.file(&name, text.as_bytes()));
    }

    /// Keeps what others than the API server said.
    pub(super) fn keep_answers(&self, answers: &Answers) {
        for (number, asked) in answers.iter().enumerate() {
            self.write(|archive| archive.answer(number, asked));
        }
    }

    fn write(&self, entry: impl FnOnce(&mut ArchiveWriter) -> Result<(), ArchiveError>) {
        let Some(archive) = &self.archive else { return };
        let mut fault = self.archive_fault.borrow_mut();
        if fault.is_none() {
            *fault = entry(&mut archive.borrow_mut()).err();
        }
    }
}

/// Takes the items of one kind.
pub(super) struct KindSink<'s, 'a> {
    kind: Kind,
    store: &'s Store<'a>,
    objects: Shelves,
    /// Names that are in the archive already: after a restart they are not written again, and the first word counts.
    archived: BTreeSet<(String, String)>,
    /// Bytes that came over the wire.
    received: u64,
}

impl<'s, 'a> KindSink<'s, 'a> {
    pub(super) fn new(kind: Kind, store: &'s Store<'a>) -> Self {
        Self { kind, store, objects: Shelves::default(), archived: BTreeSet::new(), received: 0 }
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.received
    }

    pub(super) fn into_objects(self) -> Shelves {
        self.objects
    }

    fn shelve(&mut self, bytes: Encoded<'_>) -> Result<(), String> {
        let pool = &mut self.store.pool.borrow_mut();
        if self.kind != Kind::Secret {
            return decode_into(self.kind, bytes, &mut self.objects, pool).map_err(|error| error.to_string());
        }
        let sealed = match bytes {
            Encoded::Protobuf(bytes) => Sealed::from_protobuf(bytes)?,
            Encoded::Json(text) => Sealed::from_json(text)?,
        };
        let mut secret = sealed.secret();
        secret.share(pool);
        self.objects.secrets.push(secret);
        Ok(())
    }

    fn archive(&mut self, text: &[u8]) -> Result<(), String> {
        let Some(metadata) = self.objects.last(self.kind) else { return Ok(()) };
        let name = (metadata.namespace.clone(), metadata.name.clone());
        if !self.archived.insert(name.clone()) {
            self.objects.remove_last(self.kind);
            return Ok(());
        }
        let sealed = if self.kind == Kind::Secret { Some(sealed::archived_form(text)?.1) } else { None };
        let text = sealed.as_deref().unwrap_or(text);
        self.store.write(|archive| archive.object(self.kind, &name.0, &name.1, text));
        Ok(())
    }
}

impl ItemSink for KindSink<'_, '_> {
    fn item(&mut self, encoding: Encoding, bytes: &[u8]) -> Result<(), String> {
        match encoding {
            Encoding::Protobuf => self.shelve(Encoded::Protobuf(bytes)),
            Encoding::Json => {
                self.shelve(Encoded::Json(bytes))?;
                if self.store.archive.is_some() { self.archive(bytes) } else { Ok(()) }
            }
        }
    }

    /// What an archive holds cannot be taken back: then the objects stay, and what comes again is passed over.
    fn restart(&mut self) {
        if self.archived.is_empty() {
            self.objects = Shelves::default();
        }
    }

    fn received(&mut self, bytes: u64) {
        self.received += bytes;
    }
}
