//! `--watch`: the report, and then what changes, for as long as somebody listens.

mod standing;

pub use standing::{Changes, News, Over, Standing, Told};

use crate::args::Request;
use crate::report::Answer;
use crate::{history, judged, reads, report};
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::convert::Infallible;

/// Tells the report of now, and whatever changes from then on.
///
/// # Errors
/// As a run without watching, and when standard output is gone.
pub async fn run(request: &Request, session: &mut Session) -> Result<Infallible, Error> {
    let mut following = session.follow(&reads::of_the_api_server(request)).await?;
    let mut standing = {
        let snapshot = following.snapshot();
        let view = View::new(&snapshot).with_profile(request.profile.clone());
        let (outcome, judged) = session.timed("judged", || judged(request, &view));
        let comparison = history::compared(request, session, &view, &judged)?;
        if let Some(run) = history::to_keep(request, session, &view, &judged, comparison.as_ref()) {
            history::keep(session, &run);
        }
        let answer = Answer::new(request, &view, &outcome, &judged, comparison.as_ref());
        session.tell(&report::of_one(request, &answer))?;
        Standing::new(&report::told(request, &view, &judged), &view)
    };
    session.hint("watching: what changes follows, Ctrl-C ends it");
    loop {
        following.changed().await;
        let snapshot = following.snapshot();
        let view = View::new(&snapshot).with_profile(request.profile.clone());
        let (outcome, judged) = session.timed("judged", || judged(request, &view));
        let shown = report::told(request, &view, &judged);
        let changes = standing.advance(&request.checks, &view, &judged, &shown);
        if !changes.is_empty() {
            session.tell(&report::changes(request, &view, &outcome, &judged, &changes))?;
        }
    }
}
