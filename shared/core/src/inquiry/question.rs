//! What to ask.

use super::discovery;
use super::target::Target;
use crate::check::Sight;
use crate::profile::Endpoint;
use crate::snapshot::{Reads, Snapshot};
use form_urlencoded::Serializer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One question: a GET of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// What is looked at with it.
    pub sight: Sight,
    /// Whom it goes to.
    pub target: Target,
    /// Path and query, from the first slash on.
    pub path: String,
}

/// What Prometheus is asked, in PromQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// The value at the time of the snapshot.
    Now(Cow<'static, str>),
    /// Values every so many seconds over so many hours before the time of the snapshot.
    Since {
        /// The expression.
        expression: Cow<'static, str>,
        /// How far back.
        hours: i64,
        /// How far apart, in seconds.
        step: u32,
    },
}

impl Query {
    /// Asks for the value at the time of the snapshot.
    pub const fn now(expression: &'static str) -> Self {
        Self::Now(Cow::Borrowed(expression))
    }

    /// The path that asks it, at the time of a snapshot.
    pub fn path(&self, now: Timestamp) -> String {
        let now = now.as_second();
        let mut parameters = Serializer::new(String::new());
        match self {
            Self::Now(expression) => {
                let parameters = parameters.append_pair("query", expression).append_pair("time", &now.to_string());
                format!("/api/v1/query?{}", parameters.finish())
            }
            Self::Since { expression, hours, step } => {
                let start = now - hours * 3600;
                let parameters = parameters
                    .append_pair("query", expression)
                    .append_pair("start", &start.to_string())
                    .append_pair("end", &now.to_string())
                    .append_pair("step", &step.to_string());
                format!("/api/v1/query_range?{}", parameters.finish())
            }
        }
    }
}

/// What Alertmanager is asked: all alerts that it knows of, and who silenced what.
pub const ALERTS: &str = "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true";
/// See [`ALERTS`].
pub const SILENCES: &str = "/api/v2/silences";

/// What to ask whom, in a fixed order: whoever is named by the profile, else whoever is found in the cluster.
pub fn questions(reads: &Reads, snapshot: &Snapshot) -> Vec<Question> {
    let inquiry = &reads.inquiry;
    let wants = |sight: Sight| reads.sights.contains(&sight);
    let ask = |sight: Sight, target: &Target, paths: Vec<String>| {
        let question = |path| Question { sight, target: target.clone(), path };
        paths.into_iter().map(question).collect::<Vec<_>>()
    };
    let mut questions = Vec::new();
    if let Some(target) = prometheus(reads, snapshot) {
        let paths = inquiry.queries.iter().map(|query| query.path(snapshot.taken_at)).collect();
        questions.extend(ask(Sight::Prometheus, &target, paths));
    }
    let alertmanager = inquiry.alertmanager.clone().or_else(|| found(reads, snapshot, discovery::alertmanager));
    if let Some(target) = alertmanager.filter(|_| wants(Sight::Alertmanager)) {
        questions.extend(ask(Sight::Alertmanager, &target, vec![ALERTS.to_owned(), SILENCES.to_owned()]));
    }
    let endpoints = inquiry.endpoints.iter().filter(|_| wants(Sight::Endpoints));
    questions.extend(endpoints.map(Endpoint::question));
    questions.sort();
    questions.dedup();
    questions
}

/// What Prometheus is asked besides, which leaves nothing undecided.
pub fn questions_of_trends(reads: &Reads, snapshot: &Snapshot) -> Vec<Question> {
    let Some(target) = prometheus(reads, snapshot) else { return Vec::new() };
    let paths = reads.inquiry.trends.iter().map(|query| query.path(snapshot.taken_at));
    paths.map(|path| Question { sight: Sight::Prometheus, target: target.clone(), path }).collect()
}

/// The Prometheus that is asked, if any is.
fn prometheus(reads: &Reads, snapshot: &Snapshot) -> Option<Target> {
    let named = reads.inquiry.prometheus.clone();
    let target = named.or_else(|| found(reads, snapshot, discovery::prometheus));
    target.filter(|_| reads.sights.contains(&Sight::Prometheus))
}

/// In one namespace nobody is looked for: what stands there need not measure it.
fn found(reads: &Reads, snapshot: &Snapshot, find: fn(&Snapshot) -> Option<Target>) -> Option<Target> {
    if reads.namespaces.one().is_none() { find(snapshot) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_escaped_and_asked_at_the_time_of_the_snapshot() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a time");
        assert_eq!(
            Query::now("up{a=\"b\"} == 0").path(now),
            "/api/v1/query?query=up%7Ba%3D%22b%22%7D+%3D%3D+0&time=1767323045"
        );
        let range = Query::Since { expression: "up".into(), hours: 1, step: 60 };
        assert_eq!(range.path(now), "/api/v1/query_range?query=up&start=1767319445&end=1767323045&step=60");
    }
}
