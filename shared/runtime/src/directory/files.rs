//! Files that may hold objects, one after another, wherever they come from.

use super::{DirectoryFacts, ObjectSink, newest, problems_of, seekable, walk};
use std::fs::File;
use std::path::Path;

/// Hands over the objects of files, and keeps what was found besides.
pub struct Files<'s> {
    watching: newest::Watching<'s>,
    facts: DirectoryFacts,
}

impl<'s> Files<'s> {
    /// Begins without any.
    pub fn new(sink: &'s mut dyn ObjectSink) -> Self {
        Self { watching: newest::Watching::new(sink), facts: DirectoryFacts::default() }
    }

    /// Whether a file of that name, below a folder, is worth a look.
    pub fn may_hold_objects(name: &Path) -> bool {
        walk::may_hold_objects(name) && !name.ancestors().skip(1).any(walk::is_hidden)
    }

    /// Reads a file; one without an extension only if it speaks of Kubernetes.
    pub fn add(&mut self, name: &Path, place: &str, file: &File) {
        if !walk::has_no_extension(name) || seekable::speaks_of_kubernetes(file) {
            self.read(place, file);
        }
    }

    /// Reads a file whatever it is called.
    pub fn read(&mut self, place: &str, file: &File) {
        self.facts.files += 1;
        self.facts.problems.extend(problems_of(file, place, &mut self.watching));
    }

    /// What could not be read so far.
    pub fn problems(&mut self) -> &mut Vec<String> {
        &mut self.facts.problems
    }

    /// What was found.
    pub fn finish(self) -> DirectoryFacts {
        DirectoryFacts { newest_timestamp: self.watching.newest(), ..self.facts }
    }
}
