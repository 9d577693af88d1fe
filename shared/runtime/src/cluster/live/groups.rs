//! Which groups of kinds the server serves, in which versions: what nobody installed need not be asked for, and its
//! absence is no gap even to a caller who may list nothing of it.

use super::version::get;
use serde::Deserialize;
use sre_core::slim::{Kind, KindOrigin};
use std::collections::BTreeSet;
use std::time::Duration;

/// Longer than an answer takes that saves so few requests, and less than anybody minds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The groups and versions that a server serves: `apps/v1`.
pub(super) struct Groups(BTreeSet<String>);

#[derive(Deserialize)]
struct GroupList {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    versions: Vec<GroupVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupVersion {
    group_version: String,
}

impl Groups {
    /// Asks for them; without an answer every list is tried.
    ///
    /// The answer lists groups only and is the API server's own, so that no dead backend of one can hold it up.
    pub(super) async fn ask(client: &kube::Client, deadline: Duration) -> Option<Self> {
        let answer = get(client, "/apis", deadline.min(PATIENCE), |_| true).await.ok()?;
        let list = serde_json::from_slice::<GroupList>(&answer.body).ok().filter(|_| answer.status.is_success())?;
        let versions = list.groups.into_iter().flat_map(|group| group.versions);
        Some(Self(versions.map(|version| version.group_version).collect()))
    }

    /// The versions in which a kind may be served, the usual one first; none of one that nobody installed. A group may
    /// serve another kind in a version than this one.
    pub(super) fn versions(&self, kind: Kind) -> Vec<&'static str> {
        let info = kind.info();
        let is_served = |version: &&str| info.origin == KindOrigin::BuiltIn || self.0.contains(*version);
        info.api_versions().filter(is_served).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_installed_can_be_lacking() {
        let groups = Groups(BTreeSet::from(["apps/v1".to_owned(), "cert-manager.io/v1".to_owned()]));
        let kinds = [Kind::Gateway, Kind::Certificate, Kind::Pod, Kind::Lease];
        let usual = kinds.map(|kind| kind.info().api_version);
        assert_eq!(kinds.map(|kind| groups.versions(kind)), [vec![], vec![usual[1]], vec![usual[2]], vec![usual[3]]]);
    }

    #[test]
    fn another_version_is_read_where_the_usual_one_is_not_served() {
        let (usual, other) = ("external-secrets.io/v1", "external-secrets.io/v1beta1");
        let served = |versions: &[&str]| {
            Groups(versions.iter().map(|version| (*version).to_owned()).collect()).versions(Kind::ExternalSecret)
        };
        assert_eq!(served(&[other]), [other]);
        assert_eq!(served(&[other, usual]), [usual, other]);
        assert_eq!(served(&["external-secrets.io/v1alpha1"]), Vec::<&str>::new());
    }
}
