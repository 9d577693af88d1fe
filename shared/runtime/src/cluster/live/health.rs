//! What the API server says of its own parts.

use super::version::get;
use crate::cluster::connection::RequestFault;
use sre_core::check::Sight;
use sre_core::snapshot::HealthLine;
use std::time::Duration;

/// Asks a health endpoint for its verbose answer, which comes with status 500 when a part failed.
pub(super) async fn ask(client: &kube::Client, endpoint: Sight, deadline: Duration) -> Result<String, RequestFault> {
    let answer = get(client, &format!("{}?verbose", endpoint.word()), deadline).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status.is_success() || !lines(endpoint, &text).is_empty() {
        return Ok(text);
    }
    Err(answer.fault())
}

/// The sub-checks in an answer.
pub(super) fn lines(endpoint: Sight, text: &str) -> Vec<HealthLine> {
    text.lines().filter_map(|line| HealthLine::parse(endpoint, line)).collect()
}
