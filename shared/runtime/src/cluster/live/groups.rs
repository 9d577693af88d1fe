//! Which groups of kinds the server serves: what nobody installed need not be asked for, and its absence is no gap
//! even to a caller who may list nothing of it.

use super::version::get;
use serde::Deserialize;
use sre_core::slim::{Kind, KindOrigin};
use std::collections::BTreeSet;
use std::time::Duration;

/// Longer than an answer takes that saves so few requests, and less than anybody minds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The API groups that a server serves.
pub(super) struct Groups(BTreeSet<String>);

#[derive(Deserialize)]
struct GroupList {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
}

impl Groups {
    /// Asks for them; without an answer every list is tried.
    ///
    /// The answer lists groups only and is the API server's own, so that no dead backend of one can hold it up.
    pub(super) async fn ask(client: &kube::Client, deadline: Duration) -> Option<Self> {
        let answer = get(client, "/apis", deadline.min(PATIENCE), |_| true).await.ok()?;
        let list = serde_json::from_slice::<GroupList>(&answer.body).ok().filter(|_| answer.status.is_success())?;
        Some(Self(list.groups.into_iter().map(|group| group.name).collect()))
    }

    /// Whether a kind is one that must be installed, and whose group is not served.
    pub(super) fn lack(&self, kind: Kind) -> bool {
        let info = kind.info();
        info.origin != KindOrigin::BuiltIn && !self.0.contains(info.group())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_installed_can_be_lacking() {
        let groups = Groups(BTreeSet::from(["apps".to_owned(), "cert-manager.io".to_owned()]));
        let kinds = [Kind::Gateway, Kind::Certificate, Kind::Pod, Kind::Lease];
        assert_eq!(kinds.map(|kind| groups.lack(kind)), [true, false, false, false]);
    }
}
