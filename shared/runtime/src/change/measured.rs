//! What Prometheus tells while something is changed.

use crate::cluster::connection::Connection;
use crate::cluster::live::asked;
use jiff::Timestamp;
use sre_core::check::Sight;
use sre_core::inquiry::{Answers, Query, Question, Sample, Target};
use sre_core::snapshot::ReadState;

/// The values of a query now.
///
/// # Errors
/// Says in words why there is no answer.
pub(crate) async fn samples(
    connection: &Connection,
    prometheus: &Target,
    query: &Query,
    now: Timestamp,
) -> Result<Vec<Sample>, String> {
    let question = Question { sight: Sight::Prometheus, target: prometheus.clone(), path: query.path(now) };
    let answers = Answers::of(vec![asked(connection, question.clone()).await]);
    match answers.state(Sight::Prometheus, &[question]) {
        ReadState::Gap(gap) => Err(gap.detail),
        _ => Ok(answers.samples(query, now).unwrap_or_default()),
    }
}
