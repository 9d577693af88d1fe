//! A description of what to look at: values, not closures.

use crate::check::Sight;
use crate::inquiry::Inquiry;
use crate::slim::KINDS;
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
}

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
        Self { sights: sights.into_iter().collect(), namespaces, inquiry: Inquiry::default() }
    }

    /// The same, which also asks what is not the API server.
    pub fn with_inquiry(mut self, inquiry: Inquiry) -> Self {
        self.inquiry = inquiry;
        self
    }
}
