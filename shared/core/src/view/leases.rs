//! Leases: how long nobody has renewed them.

use super::View;
use crate::finding::Finding;
use crate::slim::{Lease, Object};
use crate::snapshot::Snapshot;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// The last renewal of a Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When it was.
    pub at: Timestamp,
    /// The time that it is compared with.
    pub compared_with: Timestamp,
}

impl Renewal {
    /// How long nobody has renewed the Lease; never negative.
    pub fn silence(self) -> SignedDuration {
        self.compared_with.duration_since(self.at).max(SignedDuration::ZERO)
    }
}

impl View<'_> {
    /// The last renewal of a Lease, if there was one.
    ///
    /// Files are minutes apart, and all that runs renews its Lease within seconds: there the newest renewal in the
    /// namespace, which one list holds, tells when the Lease was seen.
    pub fn renewal(&self, lease: &Lease) -> Option<Renewal> {
        let at = renewed(lease)?;
        let compared_with = if self.snapshot.is_of_files() {
            *self.newest_renewals.get(lease.metadata.namespace.as_str())?
        } else {
            self.now()
        };
        Some(Renewal { at, compared_with })
    }

    /// Adds to a statement about a Lease what it was compared with, where that is not the time of the report.
    pub fn with_comparison(&self, finding: Finding, lease: &Lease, renewal: Renewal) -> Finding {
        if !self.snapshot.is_of_files() {
            return finding;
        }
        let newest = format!("{} is the newest in the namespace", renewal.compared_with);
        finding.evidence(&lease.reference(), "compared with", newest)
    }
}

/// The newest renewal in each namespace.
pub(super) fn newest_renewals(snapshot: &Snapshot) -> HashMap<&str, Timestamp> {
    let mut newest: HashMap<&str, Timestamp> = HashMap::new();
    for (lease, at) in snapshot.all::<Lease>().iter().filter_map(|lease| Some((lease, renewed(lease)?))) {
        newest.entry(&lease.metadata.namespace).and_modify(|it| *it = at.max(*it)).or_insert(at);
    }
    newest
}

fn renewed(lease: &Lease) -> Option<Timestamp> {
    lease.spec.renew_time.and_then(|time| time.at())
}
