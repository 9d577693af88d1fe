//! What a cause class is.

use crate::finding::Finding;
use crate::view::View;

/// A class of root causes, with an id of the triage vocabulary.
pub struct Class {
    /// Id, for example `image-not-found`.
    pub id: &'static str,
    /// The page that `kubectl sre explain ID` prints.
    pub page: &'static str,
    /// Finds every case of it. The findings name no check; each names the accountable object.
    pub recognise: fn(&View<'_>) -> Vec<Finding>,
}

impl Class {
    /// The cases of this class, marked as such.
    pub fn recognised(&self, view: &View<'_>) -> Vec<Finding> {
        (self.recognise)(view).into_iter().map(|cause| cause.class(self.id)).collect()
    }
}
