//! What the API server says of its own parts.

use super::version::{Answer, get};
use crate::cluster::connection::RequestFault;
use sre_core::check::Sight;
use sre_core::snapshot::HealthLine;
use std::time::Duration;

/// Asks a health endpoint for its verbose answer, which comes with status 500 when a part failed.
pub(super) async fn ask(client: &kube::Client, endpoint: Sight, deadline: Duration) -> Result<String, RequestFault> {
    let is_answer = |answer: &Answer| answer.status.is_success() || !lines(endpoint, &answer.text()).is_empty();
    let answer = get(client, &format!("{}?verbose", endpoint.word()), deadline, is_answer).await?;
    if is_answer(&answer) { Ok(answer.text().into_owned()) } else { Err(answer.fault()) }
}

/// The sub-checks in an answer.
pub(super) fn lines(endpoint: Sight, text: &str) -> Vec<HealthLine> {
    text.lines().filter_map(|line| HealthLine::parse(endpoint, line)).collect()
}
