//! A description of what to look at: values, not closures.

use crate::check::Sight;
use crate::inquiry::{Inquiry, Query, Target};
use crate::slim::{KINDS, Kind, Scope};
use std::collections::BTreeSet;

/// What a command must see to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The kinds and endpoints, each read once.
    pub sights: BTreeSet<Sight>,
    /// The namespaces to look into.
    pub namespaces: NamespaceScope,
    /// What to ask besides the API server.
    pub inquiry: Inquiry,
    /// An object of a live cluster, by its kind and name: where it stands in one namespace only, that alone is looked
    /// into.
    pub around: Option<(Kind, String)>,
    /// Whether the system's own workloads are looked at besides the one namespace, as far as the caller may see them:
    /// they are behind much of what breaks elsewhere, and that they are not seen is no gap.
    pub with_system: bool,
}

/// Where the system's own workloads are.
const SYSTEM: &str = "kube-system";

/// What is looked at of them.
const OF_SYSTEM: [Kind; 7] =
    [Kind::Pod, Kind::Event, Kind::Deployment, Kind::ReplicaSet, Kind::DaemonSet, Kind::Service, Kind::EndpointSlice];

/// The namespaces that a run looks into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NamespaceScope {
    /// All of them.
    #[default]
    All,
    /// One; cluster-scoped kinds are read all the same.
    One(String),
}

impl NamespaceScope {
    /// Whether objects of a namespace were asked for; the empty name means all namespaces.
    pub fn includes(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == namespace,
        }
    }

    /// The one namespace, for a path.
    pub fn one(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::One(one) => Some(one),
        }
    }
}

impl Reads {
    /// All that there is to see, for an archive that any later command can answer from.
    pub fn everything(namespaces: NamespaceScope) -> Self {
        let kinds = KINDS.iter().map(|row| Sight::Of(row.kind));
        Self::of(kinds.chain(Sight::ELSEWHERE), namespaces)
    }

    /// Everything in these sights, over these namespaces.
    pub fn of(sights: impl IntoIterator<Item = Sight>, namespaces: NamespaceScope) -> Self {
        Self { sights: sights.into_iter().collect(), namespaces, ..Self::default() }
    }

    /// What Prometheus measured; where nobody says where that is, the Services too, among which it is looked for.
    pub fn measured(prometheus: Option<Target>, queries: Vec<Query>) -> Self {
        let services = prometheus.is_none().then_some(Sight::Of(Kind::Service));
        let sights = std::iter::once(Sight::Prometheus).chain(services);
        Self::of(sights, NamespaceScope::All).with_inquiry(Inquiry { prometheus, queries, ..Inquiry::default() })
    }

    /// The same, of the system's own workloads too.
    pub fn with_system(self) -> Self {
        Self { with_system: true, ..self }
    }

    /// The kinds that are looked at in the namespace of the system, besides the one that was asked for.
    pub fn of_system(&self) -> impl Iterator<Item = (Kind, &'static str)> + use<'_> {
        let is_besides = self.with_system && self.namespaces.one().is_some_and(|one| one != SYSTEM);
        let kinds = OF_SYSTEM.into_iter().filter(move |kind| is_besides && self.sights.contains(&Sight::Of(*kind)));
        kinds.map(|kind| (kind, SYSTEM))
    }

    /// Whether an object of a kind in a namespace is looked at; the namespace is empty for cluster-scoped kinds.
    pub fn wants(&self, kind: Kind, namespace: &str) -> bool {
        let is_cluster_scoped = kind.info().scope == Scope::Cluster;
        let is_in_scope = is_cluster_scoped || self.namespaces.includes(namespace);
        let is_wanted = self.sights.contains(&Sight::Of(kind));
        is_wanted && (is_in_scope || self.of_system().any(|of_system| of_system == (kind, namespace)))
    }

    /// The same, which also asks what is not the API server.
    pub fn with_inquiry(mut self, inquiry: Inquiry) -> Self {
        self.inquiry = inquiry;
        self
    }
}
