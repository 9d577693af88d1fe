//! `incident logs --field NAME=VALUE`: lines of all components that carry a value, in the order of their times.

mod document;

use crate::args::SearchArgs;
use crate::report::gap;
use document::{Document, LineView};
use sre_core::check::Sight;
use sre_core::logs::{FieldQuery, found, logs_to_search};
use sre_core::report::{Block, GapView, Report, Span, Tone, Verdict};
use sre_core::slim::{Kind, Pod};
use sre_core::snapshot::{ReadState, Reads, Snapshot};
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use sre_runtime::ui::counted;

/// What finds the pods, and the components that they belong to.
const SIGHTS: [Sight; 3] = [Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)];

/// Looks for the lines.
///
/// # Errors
/// Fails when a field is none, the profile cannot be read, or there is nothing to look at.
pub async fn report(session: &mut Session, args: SearchArgs) -> Result<Report, Error> {
    let usage = |message| Error::Usage {
        message,
        hint: "type for example: kubectl sre incident logs --field trace_id=abc123".to_owned(),
    };
    let wanted = args.field.iter().map(|text| FieldQuery::parse(text)).collect::<Result<Vec<_>, _>>().map_err(usage)?;
    let (profile, labels) = (session.profile(&[])?, session.selector()?);
    let names = profile.log_fields.clone();
    let mut snapshot = session.observe(&Reads::of(SIGHTS, session.namespaces())).await?;
    let logs = {
        let view = View::new(&snapshot).with_profile(profile);
        let is_part = |pod: &Pod| {
            let owner = view.owner_of(pod);
            view.profile.components.is_empty() || view.profile.components.iter().any(|it| it.holds(&owner))
        };
        let carries = |pod: &Pod| labels.as_ref().is_none_or(|it| it.matches(&pod.metadata.labels));
        logs_to_search(&view, &|pod| is_part(pod) && carries(pod))
    };
    snapshot.coverage.record(Sight::Logs, ReadState::NotAsked);
    if !logs.logs.is_empty() {
        session.read_logs(&mut snapshot, &logs).await?;
    }
    session.conclude(&[]).await?;
    let lines = found(&snapshot, &wanted, &names).iter().map(LineView::of).collect();
    Ok(told(&snapshot, Document::new(&args.field, &snapshot, logs.logs.len() + logs.left, lines)))
}

fn told(snapshot: &Snapshot, document: Document) -> Report {
    let mut blocks = vec![Block::line(0, [Span::new(Tone::Strong, document.heading())])];
    blocks.extend(GapView::together(&document.coverage.reads).iter().map(gap));
    if document.searched < document.logs {
        let words = format!("only {} of {} were searched", document.searched, counted(document.logs, "log"));
        blocks.push(Block::line(0, [Span::new(Tone::Unknown, words)]));
    }
    if document.lines.is_empty() {
        blocks.push(Block::line(0, [Span::plain(document.nothing())]));
    }
    blocks.extend(document.lines.iter().map(LineView::block));
    let incomplete = snapshot.coverage.has_gaps() || document.searched < document.logs || document.logs == 0;
    Report {
        verdict: Verdict { failing: false, incomplete },
        blocks,
        document: serde_json::to_value(document).unwrap_or_default(),
        own: None,
        change: None,
    }
}
