//! Questions to what is not the API server: a Prometheus, an Alertmanager, the health endpoints of a system, kubelets.
//!
//! What to ask whom is decided here, from what a profile says and from what was seen of the cluster; the runtime only
//! carries questions and brings answers back, which are a part of the snapshot like everything else that was seen.

mod alerts;
mod answer;
mod databases;
mod discovery;
mod health;
mod kubelets;
mod measurements;
mod question;
mod subject;
mod target;

pub use alerts::{Alert, Matcher, Silence};
pub use answer::{Answer, Answers, Asked, Failure};
pub(crate) use databases::may_be_asked;
pub use databases::{
    DatabaseInquiry, Told, answer_of_psql, asked_databases, questions_to_databases, state_of_databases,
};
pub use discovery::{KNOWN_ALERTMANAGERS, KNOWN_PROMETHEUSES};
pub use health::{Health, Part};
pub use kubelets::{
    KubeletInquiry, VolumeUsage, has_no_kubelet, kept_of_summary, questions_to_kubelets, state_of_kubelets,
};
pub use measurements::{Sample, Series, only_share};
pub use question::{ALERTS, Query, Question, SILENCES, questions, questions_of_trends};
pub use subject::{named_by, subject_among};
pub use target::{Scheme, ServicePort, Target, path_to_kubelet};

use crate::check::Sight;
use crate::profile::Endpoint;
use std::collections::BTreeMap;
use std::time::Duration;

/// Whom to ask, and what, besides the API server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inquiry {
    /// The Prometheus that a profile names; without one it is looked for in the cluster.
    pub prometheus: Option<Target>,
    /// The Alertmanager that a profile names; without one it is looked for in the cluster.
    pub alertmanager: Option<Target>,
    /// What Prometheus is asked.
    pub queries: Vec<Query>,
    /// What it is asked besides: without an answer to these nothing is undecided.
    pub trends: Vec<Query>,
    /// After this nobody is asked any more; absent where all may be waited for.
    pub within: Option<Duration>,
    /// The health endpoints of the system.
    pub endpoints: Vec<Endpoint>,
    /// How kubelets are asked for what volumes hold; absent where nobody wants to know.
    pub kubelets: Option<KubeletInquiry>,
    /// Which PostgreSQL servers are asked; absent where none is.
    pub databases: Option<DatabaseInquiry>,
}

impl Inquiry {
    /// Whether nobody says where it is, so that it is looked for in the cluster.
    pub fn is_looked_for(&self, sight: Sight) -> bool {
        match sight {
            Sight::Prometheus => self.prometheus.is_none(),
            Sight::Alertmanager => self.alertmanager.is_none(),
            _ => false,
        }
    }
}

/// The value of a label; empty if there is none, as in PromQL.
pub fn label_of<'a>(labels: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    labels.get(name).map_or("", String::as_str)
}
