//! `incident probe`: whether a client reaches what it needs, asked from its own pod.
//!
//! What its image has is called there; where that is nothing, a pod is made for the one question, through the one way of
//! changing things, and deleted after it.

mod args;
mod asking;
mod client;
mod document;
mod surroundings;
mod throwaway;

pub(crate) use args::{EXAMPLES, ProbeArgs};

use asking::{Told, ask};
use document::Document;
use sre_core::report::Report;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// Asks, and says what the answer means.
///
/// # Errors
/// Fails when what was typed is no target or no client, and when the cluster gives no answer.
pub(crate) async fn report(session: &Session, args: ProbeArgs) -> Result<Report, Error> {
    let request = args.validate(session)?;
    let acting = session.act().await?;
    let client = client::found(&acting, &request).await?;
    let told = match client.from.as_ref().filter(|_| !request.throwaway) {
        Some(from) => ask(acting.objects(), from, &request.asked).await,
        None => Told::of_nobody(client.why_nobody(&request)),
    };
    if told.answer.is_none() && told.fault.is_none() {
        return throwaway::report(&acting, &request, &client, told).await;
    }
    let surroundings = surroundings::seen(&acting, &request.asked, &told, &client).await?;
    Ok(Document::new(&request, &client, told, surroundings).report(&acting))
}

/// Where the pod that was asked from stands in the story.
fn place_of(acting: &Acting) -> (Option<&str>, &str) {
    (acting.place().context.as_deref(), &acting.place().server)
}
