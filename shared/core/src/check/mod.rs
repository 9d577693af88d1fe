//! What a check is: static words about it, and a pure function from a view to findings.

mod judge;

pub use judge::{Outcome, everything_of, judge};

use crate::finding::Finding;
use crate::slim::{KINDS, Kind};
use crate::view::View;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One check: one file, one row of a table.
pub struct Check {
    /// Row of the catalogue, for example `POD-02`.
    pub id: &'static str,
    /// What it finds, as a statement.
    pub title: &'static str,
    /// Where it stands in the report.
    pub section: Section,
    /// What it looks at. What was seen of these is judged even when the read was not complete.
    pub examines: &'static [Sight],
    /// What it concludes absence from. It is not judged at all when one of these was not read whole.
    pub relies_on: &'static [Sight],
    /// What makes its findings richer; nothing is concluded when it is missing.
    pub consults: &'static [Sight],
    /// The page that `kubectl sre explain ID` prints: meaning, evidence, what to do.
    pub page: &'static str,
    /// The decision.
    pub run: fn(&View<'_>) -> Vec<Finding>,
}

/// Something that a run looks at: the list of a kind, a health endpoint of the API server, or what others say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// The objects of a kind.
    Of(Kind),
    /// `/readyz?verbose` of the API server.
    Readyz,
    /// `/livez?verbose` of the API server.
    Livez,
    /// What a Prometheus measured.
    Prometheus,
    /// The alerts of an Alertmanager.
    Alertmanager,
    /// The health endpoints that a profile names.
    Endpoints,
    /// What kubelets measured of the volumes of their pods, where no Prometheus tells it.
    Kubelets,
    /// What PostgreSQL servers say of their sessions, each by the psql in its own container, where that is asked for.
    Databases,
    /// The last lines of containers that do not work, which a triage asks for when it knows them.
    Logs,
}

impl Sight {
    /// Whatever is not asked of the API server itself.
    pub const ASKED: [Self; 5] =
        [Self::Prometheus, Self::Alertmanager, Self::Endpoints, Self::Kubelets, Self::Databases];

    /// Whatever is no list of objects, and looked at without being asked for.
    pub const ELSEWHERE: [Self; 6] =
        [Self::Readyz, Self::Livez, Self::Prometheus, Self::Alertmanager, Self::Endpoints, Self::Kubelets];

    /// Those of which each tells what volumes hold.
    pub const OF_VOLUMES: [Self; 2] = [Self::Prometheus, Self::Kubelets];

    /// The word that coverage uses for it: the kind, or the path.
    pub fn word(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.info().name,
            Self::Readyz => "/readyz",
            Self::Livez => "/livez",
            Self::Prometheus => "Prometheus",
            Self::Alertmanager => "Alertmanager",
            Self::Endpoints => "health endpoints",
            Self::Kubelets => "kubelet summaries",
            Self::Databases => "PostgreSQL servers",
            Self::Logs => "container logs",
        }
    }

    /// Finds one by its word.
    pub fn of_word(word: &str) -> Option<Self> {
        let kinds = KINDS.iter().map(|row| Self::Of(row.kind));
        kinds.chain(Self::ELSEWHERE).chain([Self::Databases, Self::Logs]).find(|sight| sight.word() == word)
    }
}

/// Written as its word.
impl Serialize for Sight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Sight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::of_word(&word).ok_or_else(|| D::Error::custom(format!("nothing is called {word}")))
    }
}

/// A section of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words are the meaning")]
pub enum Section {
    Coverage,
    ControlPlane,
    Nodes,
    Workloads,
    Services,
    Storage,
    Scaling,
    Quotas,
    Certificates,
    Configuration,
    Warnings,
    Alerts,
    Slo,
    Endpoints,
    Opinions,
}

impl Section {
    /// Every section, in the order of the report.
    pub const ALL: [Self; 15] = [
        Self::Coverage,
        Self::ControlPlane,
        Self::Nodes,
        Self::Workloads,
        Self::Services,
        Self::Storage,
        Self::Scaling,
        Self::Quotas,
        Self::Certificates,
        Self::Configuration,
        Self::Warnings,
        Self::Alerts,
        Self::Slo,
        Self::Endpoints,
        Self::Opinions,
    ];

    /// The word that `--only` and `--skip` take.
    pub fn word(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::ControlPlane => "control-plane",
            Self::Nodes => "nodes",
            Self::Workloads => "workloads",
            Self::Services => "services",
            Self::Storage => "storage",
            Self::Scaling => "scaling",
            Self::Quotas => "quotas",
            Self::Certificates => "certificates",
            Self::Configuration => "configuration",
            Self::Warnings => "warnings",
            Self::Alerts => "alerts",
            Self::Slo => "slo",
            Self::Endpoints => "endpoints",
            Self::Opinions => "opinions",
        }
    }

    /// Whether it belongs to a run that names no section: matters of style and taste are looked at only when asked for.
    pub fn is_usual(self) -> bool {
        self != Self::Opinions
    }
}
