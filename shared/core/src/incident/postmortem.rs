//! The page that remains of an incident: what was written down, and a visible gap where nobody has written yet.

use super::{ActionItem, DueState, Incident, Level, Role, Section};
use crate::report::{Block, Span, Tone};
use jiff::Timestamp;

/// What stands where nobody has written yet.
pub const TODO: &str = "TODO";

/// Something from elsewhere that belongs to the incident: a change that was made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What it is known by.
    pub id: String,
    /// When it was.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What it did.
    pub text: String,
    /// What became of it.
    pub state: &'static str,
}

/// A moment in UTC, to the second: `2026-11-25 07:00:03 UTC`.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// All that was written down and all that is joined, in the order of time.
pub fn timeline(incident: &Incident, joined: &[Joined]) -> Vec<Block> {
    let written = incident.entries.iter().map(|entry| {
        let clock = entry.clock.map_or(String::new(), |clock| format!(" (the clock said {})", moment(clock)));
        let tone = if entry.what.is_pinned() { Tone::Strong } else { Tone::Plain };
        (entry.at, entry.by.as_str(), tone, format!("{}{clock}", entry.what.text()))
    });
    let joined = joined.iter().map(|it| {
        let text = format!("change {} ({}): {}", it.id, it.state, it.text);
        (it.at, it.by.as_str(), Tone::Plain, text)
    });
    let mut all: Vec<(Timestamp, &str, Tone, String)> = written.chain(joined).collect();
    // What was written in one moment stays as it was written.
    all.sort_by_key(|(at, ..)| *at);
    let line = |(at, by, tone, text): (Timestamp, &str, Tone, String)| {
        Block::line(
            1,
            [Span::faint(format!("{}  ", moment(at))), Span::new(tone, text), Span::faint(format!("  {by}"))],
        )
    };
    all.into_iter().map(line).collect()
}

/// The whole page.
pub fn postmortem(incident: &Incident, joined: &[Joined], now: Timestamp) -> Vec<Block> {
    let mut blocks = head(incident);
    for section in [Section::Overview, Section::Impact] {
        blocks.extend(self::section(incident, section));
        if section == Section::Impact {
            blocks.extend(minutes(incident, now));
        }
    }
    blocks.push(Block::heading("Timeline (UTC)"));
    blocks.extend(timeline(incident, joined));
    for section in Section::ALL.into_iter().filter(|it| !matches!(it, Section::Overview | Section::Impact)) {
        blocks.extend(self::section(incident, section));
    }
    blocks.extend(responders(incident));
    blocks.extend(demanded(incident, now));
    blocks.extend(actions(incident, now));
    blocks
}

fn head(incident: &Incident) -> Vec<Block> {
    let declared = &incident.declaration;
    let place = [("context", &declared.context), ("namespace", &declared.namespace)];
    let place = place.into_iter().filter_map(|(word, name)| Some(format!("{word} {}", name.as_ref()?)));
    let state = incident
        .resolved
        .as_ref()
        .map_or("it is still open".to_owned(), |it| format!("resolved {} by {}", moment(it.at), it.by));
    let mut lines = vec![
        format!("{}, {}", incident.id, incident.level),
        format!("declared {} by {}", moment(incident.declared_at), incident.declared_by),
        state,
    ];
    let place: Vec<String> = place.collect();
    if !place.is_empty() {
        lines.push(place.join(", "));
    }
    let title = Block::heading(format!("Post-mortem: {}", declared.title));
    std::iter::once(title).chain(lines.into_iter().map(|line| Block::line(1, [Span::plain(line)]))).collect()
}

fn title(section: Section) -> &'static str {
    match section {
        Section::Overview => "Overview",
        Section::Impact => "Impact",
        Section::Causes => "What contributed to it",
        Section::Resolution => "What ended it",
        Section::Evidence => "Evidence",
        Section::Well => "What went well",
        Section::Badly => "What went badly",
    }
}

/// What nobody has written yet, and how it is written.
fn missing(what: &str) -> Block {
    Block::line(1, [Span::new(Tone::Warning, TODO), Span::plain(format!(": {what}"))])
}

fn section(incident: &Incident, section: Section) -> Vec<Block> {
    let asked = match section {
        Section::Overview => "say in two sentences what happened",
        Section::Impact => "say who could not do what, how many of them, for how long",
        Section::Causes => "say what contributed to it, without blame",
        Section::Resolution => "say what ended it",
        Section::Evidence => "name what shows it: graphs, logs, archives",
        Section::Well => "say what went well",
        Section::Badly => "say what went badly, without blame",
    };
    let heading = Block::heading(title(section));
    let told = incident.sections.get(&section).into_iter().flatten();
    let mut lines: Vec<Block> = told.map(|text| Block::line(1, [Span::plain(text.as_str())])).collect();
    if lines.is_empty() {
        lines.push(missing(asked));
    }
    std::iter::once(heading).chain(lines).collect()
}

/// How long it was how bad, the worst first.
fn minutes(incident: &Incident, now: Timestamp) -> Vec<Block> {
    let of = |level: Level| -> i64 {
        let periods = incident.periods.iter().filter(|it| it.level == level);
        periods.map(|it| it.to.unwrap_or(now).duration_since(it.from).as_secs().max(0)).sum::<i64>() / 60
    };
    let all = Level::ALL.map(|level| (level, incident.periods.iter().any(|it| it.level == level)));
    let known = all.into_iter().filter(|(_, was)| *was).map(|(level, _)| format!("{level} for {} min", of(level)));
    vec![Block::line(1, [Span::plain(known.collect::<Vec<_>>().join(", "))])]
}

fn responders(incident: &Incident) -> Vec<Block> {
    let line = |role: Role| match incident.roles.get(&role) {
        Some(person) => Block::line(1, [Span::plain(format!("{}: {person}", role.word()))]),
        None => missing(&format!("say who was {}", role.word())),
    };
    std::iter::once(Block::heading("Responders")).chain(Role::ALL.map(line)).collect()
}

/// What the severity demanded, and whether it was done.
fn demanded(incident: &Incident, now: Timestamp) -> Vec<Block> {
    let due = incident.due(now);
    if due.is_empty() {
        return Vec::new();
    }
    let line = |it: &super::DueItem| {
        let done = it.done.as_ref().map(|done| format!("done {} by {}", moment(done.at), done.by));
        let words = match (it.state, done) {
            (DueState::Lapsed, _) => "was not done".to_owned(),
            (DueState::Overdue, _) => it.due_at.map_or(String::new(), |at| format!("overdue since {}", moment(at))),
            (DueState::Pending, _) => it.due_at.map_or(String::new(), |at| format!("due {}", moment(at))),
            (_, Some(done)) => done,
            (_, None) => "is due afterwards".to_owned(),
        };
        Block::line(1, [Span::plain(format!("{}: {words}", it.text))])
    };
    std::iter::once(Block::heading("What was demanded")).chain(due.iter().map(line)).collect()
}

fn actions(incident: &Incident, now: Timestamp) -> Vec<Block> {
    let line = |it: &ActionItem| {
        let state = match &it.done {
            Some(done) => format!("done {} by {}", moment(done.at), done.by),
            None if it.is_overdue(now) => "overdue".to_owned(),
            None => "open".to_owned(),
        };
        let lacking = |what| Span::new(Tone::Warning, format!("{TODO} {what}"));
        let owner = it.owner.as_ref().map_or(lacking("owner"), |owner| Span::plain(owner.as_str()));
        let due = it.due.map_or(lacking("due date"), |due| Span::plain(format!("until {due}")));
        let head = Span::plain(format!("{} ({state}): {}; ", it.id, it.text));
        Block::line(1, [head, owner, Span::plain(", "), due])
    };
    let mut lines: Vec<Block> = incident.actions.iter().map(line).collect();
    if lines.is_empty() {
        lines.push(missing("what is to be done so that it does not happen again, by whom, until when"));
    }
    std::iter::once(Block::heading("Action items")).chain(lines).collect()
}
