//! `--watch`: the report, and then what changes, for as long as somebody listens.

mod standing;

pub use standing::{Changes, News, Over, Standing, Told};

use crate::args::Request;
use crate::judgement::Judgement;
use crate::report::Answer;
use crate::{history, incidents, reads, report};
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::convert::Infallible;

/// Tells the report of now, and whatever changes from then on.
///
/// # Errors
/// As a run without watching, and when standard output is gone.
pub async fn run(request: &Request, session: &mut Session) -> Result<Infallible, Error> {
    let mut following = session.follow(&reads::of_the_api_server(request)).await?;
    // What is in sight is held by nobody who waits.
    let origin = following.snapshot().origin.clone();
    let kept = incidents::of(request, session, &origin).await;
    let mut standing = {
        let snapshot = following.snapshot();
        let mut judgement = Judgement::of(request, session, &snapshot);
        judgement.incidents = kept;
        if let Some(run) = judgement.compare(request, session)? {
            history::keep(session, &run);
        }
        session.tell(&report::of_one(request, &Answer::new(request, &judgement)))?;
        Standing::new(&report::told(request, &judgement), &judgement.view)
    };
    session.hint("watching: what changes follows, Ctrl-C ends it");
    loop {
        following.changed().await;
        let snapshot = following.snapshot();
        let judgement = Judgement::of(request, session, &snapshot);
        let shown = report::told(request, &judgement);
        let changes = standing.advance(&request.checks, &judgement.view, &judgement.judged, &shown);
        if !changes.is_empty() {
            session.tell(&report::changes(request, &judgement, &changes))?;
        }
    }
}
