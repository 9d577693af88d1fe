//! The changes of this machine, and those of colleagues.

use crate::unpersisted::{Looked, Unpersisted};
use jiff::Timestamp;
use serde_json::{Value, json};
use sre_core::plan::{API_VERSION, Ended, Happened};
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::change::{Changes, Recorded, Told};
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::collections::BTreeSet;

/// A change in one line.
struct Row {
    id: String,
    at: Timestamp,
    title: String,
    by: String,
    state: &'static str,
    where_: String,
    is_ours: bool,
    due: Option<Due>,
    /// What its sources do not say yet, where that was asked.
    unpersisted: Vec<Unpersisted>,
}

/// When a change is to be taken back.
struct Due {
    at: Timestamp,
    is_over: bool,
}

pub(crate) async fn report(session: &Session, changes: &Changes, local: bool) -> Result<Report, Error> {
    let mut rows = ours(changes)?;
    let known: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut unseen = None;
    if !local {
        match told(session).await {
            Ok(told) => {
                let (of_ours, others): (Vec<Told>, Vec<Told>) =
                    told.into_iter().partition(|it| known.contains(&it.change));
                carried_out_elsewhere(&mut rows, &of_ours);
                rows.extend(others.into_iter().map(of_colleague));
            }
            Err(error) => {
                unseen = Some(format!("Events of colleagues: {}", sre_runtime::error::explain(&error).message))
            }
        }
    }
    rows.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    Ok(Report {
        document: document(&rows, unseen.as_deref()),
        blocks: blocks(&rows, unseen.as_deref(), "No change is recorded"),
        own: None,
        verdict: Verdict { failing: false, incomplete: unseen.is_some() },
        change: None,
    })
}

/// The changes of this machine that the sources of their objects do not say yet.
pub(crate) async fn unpersisted(session: &Session, changes: &Changes) -> Result<Report, Error> {
    let acting = session.act().await?;
    let mut looked = Looked::start(&acting).await?;
    let mut rows = Vec::new();
    for mut row in ours(changes)? {
        let plan = changes.plan(&row.id)?;
        let is_applied = changes.replayed(&plan)?.happened().iter().any(Happened::is_applied);
        if is_applied && row.state != "undone" && !plan.takes_back() {
            row.unpersisted = looked.of(&plan).await?;
            rows.push(row);
        }
    }
    rows.retain(|row| !row.unpersisted.is_empty());
    rows.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    let unseen = looked.unseen();
    let none = "Nothing that was changed in this cluster from this machine is known to differ from its source";
    let blocks = blocks(&rows, unseen, none);
    let verdict = Verdict { failing: false, incomplete: unseen.is_some() };
    Ok(Report { document: document(&rows, unseen), blocks, own: None, verdict, change: None })
}

async fn told(session: &Session) -> Result<Vec<Told>, Error> {
    session.act().await?.told().await
}

fn ours(changes: &Changes) -> Result<Vec<Row>, Error> {
    Ok(changes.recorded()?.iter().map(row).collect())
}

fn row(recorded: &Recorded) -> Row {
    let Recorded { plan, replayed, is_undone } = recorded;
    // What was not done, or was taken back, is not waited for.
    let stands = replayed.ended == Some(Ended::Done) && !is_undone;
    let due = plan.due_back.filter(|_| stands).map(|at| Due { at, is_over: Changes::is_overdue(plan) });
    Row {
        id: plan.id.clone(),
        at: plan.made_at,
        title: plan.title.clone(),
        by: plan.cluster.user.clone(),
        state: recorded.standing(),
        where_: plan.cluster.context.clone().unwrap_or_else(|| plan.cluster.server.clone()),
        is_ours: true,
        due,
        unpersisted: Vec::new(),
    }
}

/// What waited for a second person here may have been carried out on another machine since.
fn carried_out_elsewhere(rows: &mut [Row], told: &[Told]) {
    for row in rows.iter_mut().filter(|row| row.state == "waiting") {
        if let Some(event) = told.iter().find(|event| event.change == row.id) {
            row.state = state_told(event);
        }
    }
}

fn state_told(told: &Told) -> &'static str {
    if told.reason.ends_with("Done") { "done" } else { "failed" }
}

fn of_colleague(told: Told) -> Row {
    let state = state_told(&told);
    Row {
        id: told.change,
        at: told.at,
        title: told.message,
        by: told.host,
        state,
        where_: String::new(),
        is_ours: false,
        due: None,
        unpersisted: Vec::new(),
    }
}

fn document(rows: &[Row], unseen: Option<&str>) -> Value {
    let change = |row: &Row| {
        let mut change = json!({
            "id": row.id, "time": row.at, "title": row.title, "by": row.by, "state": row.state,
            "cluster": row.where_, "recordedHere": row.is_ours,
        });
        if let Some(due) = &row.due {
            change["dueBack"] = json!(due.at);
            change["overdue"] = json!(due.is_over);
        }
        if !row.unpersisted.is_empty() {
            change["unpersisted"] = row.unpersisted.iter().map(Unpersisted::document).collect();
        }
        change
    };
    let changes: Vec<Value> = rows.iter().map(change).collect();
    let mut document = json!({"apiVersion": API_VERSION, "kind": "ChangeList", "changes": changes});
    if let Some(why) = unseen {
        document["notLookedAt"] = json!([why]);
    }
    document
}

/// The rows, or `none` where there are no rows.
fn blocks(rows: &[Row], unseen: Option<&str>, none: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(why) = unseen {
        let words = format!("not looked at: {why}");
        blocks.push(Block::Line { indent: 0, spans: vec![Span::new(Tone::Unknown, words)] });
    }
    if rows.is_empty() {
        blocks.push(Block::Line { indent: 0, spans: vec![Span::plain(none)] });
    }
    for row in rows {
        blocks.push(line(row));
        blocks.extend(due_line(row));
        let sources = row.unpersisted.iter();
        blocks.extend(sources.map(|it| Block::Line { indent: 1, spans: vec![Span::plain(it.words())] }));
    }
    blocks
}

/// When it is to be taken back, and by which command.
fn due_line(row: &Row) -> Option<Block> {
    let due = row.due.as_ref()?;
    let (tone, word) = if due.is_over { (Tone::Warning, "overdue since") } else { (Tone::Faint, "due back at") };
    let command = format!(": kubectl sre change undo {} --dry-run", row.id);
    let spans = vec![Span::new(tone, format!("{word} {:.0}", due.at)), Span::plain(command)];
    Some(Block::Line { indent: 11, spans })
}

fn line(row: &Row) -> Block {
    let tone = match row.state {
        "done" => Tone::Good,
        "undone" | "refused" => Tone::Faint,
        _ => Tone::Warning,
    };
    let spans = vec![
        Span::faint(format!("{:.0}  ", row.at)),
        Span::new(Tone::Strong, format!("{:<16}  ", row.id)),
        Span::new(tone, format!("{:<11}  ", row.state)),
        Span::plain(format!("{}  ", row.title)),
        Span::faint(format!("{} {}", row.by, row.where_)),
    ];
    Block::Line { indent: 0, spans }
}
