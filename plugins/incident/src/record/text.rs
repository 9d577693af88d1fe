//! What people read of an incident.

use super::view::View;
use sre_core::incident::{
    ActionItem, Delivery, DeliveryState, DueItem, DueState, Incident, Level, Role, moment, timeline,
};
use sre_core::report::{Block, Span, Tone};
use sre_runtime::ui::age;

/// Letters of a title in a list.
const LONGEST: usize = 100;

/// What is to be known at once: how it stands, who does what, what is due.
pub(super) fn short(view: &View) -> Vec<Block> {
    let mut blocks = head(view);
    let due = view.incident.due(view.now);
    blocks.extend(due.iter().filter(|it| is_waited_for(it)).map(|it| due_line(view, it)));
    blocks.extend(view.incident.undelivered().map(delivery_line));
    blocks.extend(view.incident.actions.iter().filter(|it| it.done.is_none()).map(|it| action_line(view, it)));
    blocks
}

/// All that is known.
pub(super) fn whole(view: &View) -> Vec<Block> {
    let incident = &view.incident;
    let mut blocks = head(view);
    blocks.extend(unseen(view));
    let due: Vec<Block> = incident.due(view.now).iter().map(|it| due_line(view, it)).collect();
    blocks.extend(below("Due", due));
    blocks.extend(below("Not delivered", incident.undelivered().map(delivery_line).collect()));
    blocks.extend(below("Action items", incident.actions.iter().map(|it| action_line(view, it)).collect()));
    blocks.extend(below("Timeline (UTC)", timeline(incident, view.joined())));
    blocks
}

fn below(heading: &str, lines: Vec<Block>) -> Vec<Block> {
    let heading = (!lines.is_empty()).then(|| Block::heading(heading));
    heading.into_iter().chain(lines).collect()
}

/// What could not be looked at.
pub(super) fn unseen(view: &View) -> Option<Block> {
    let why = view.unseen.as_ref()?;
    Some(Block::line(0, [Span::new(Tone::Unknown, format!("not looked at: {why}"))]))
}

/// An incident in one line.
pub(super) fn line(view: &View) -> Block {
    let incident = &view.incident;
    let overdue = incident.overdue(view.now);
    let overdue = (overdue > 0).then(|| Span::new(Tone::Warning, format!("  {overdue} overdue")));
    let state = if incident.is_open() { "open    " } else { "resolved" };
    let spans = [
        Span::faint(format!("{}  ", moment(incident.declared_at))),
        Span::new(Tone::Strong, incident.id.as_str()),
        Span::plain("  "),
        Span::new(tone(incident.level, incident.is_open()), incident.level.to_string()),
        Span::plain(format!("  {state}  {}", shortened(&incident.declaration.title))),
    ];
    Block::line(0, spans.into_iter().chain(overdue))
}

/// A title that does not hide the next incident; `show` has the whole.
fn shortened(title: &str) -> String {
    match title.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

fn tone(level: Level, is_open: bool) -> Tone {
    match level.number() {
        _ if !is_open => Tone::Faint,
        1 => Tone::Critical,
        2 | 3 => Tone::Warning,
        _ => Tone::Plain,
    }
}

fn head(view: &View) -> Vec<Block> {
    let incident = &view.incident;
    let state =
        incident.resolved.as_ref().map_or("open".to_owned(), |it| format!("resolved {} by {}", moment(it.at), it.by));
    let first = [
        Span::new(Tone::Strong, incident.id.as_str()),
        Span::plain("  "),
        Span::new(tone(incident.level, incident.is_open()), incident.level.to_string()),
        Span::plain(format!("  {state}  ")),
        Span::new(Tone::Strong, incident.declaration.title.as_str()),
    ];
    let declared = &incident.declaration;
    let place = [("context", &declared.context), ("namespace", &declared.namespace)];
    let place = place.into_iter().filter_map(|(word, name)| Some(format!(", {word} {}", name.as_ref()?)));
    let declared_at = format!("declared {} by {}", moment(incident.declared_at), incident.declared_by);
    let second = format!("{declared_at}{}", place.collect::<String>());
    let mut blocks = vec![Block::line(0, first), Block::line(0, [Span::faint(second)])];
    let person = |role: Role| incident.roles.get(&role).map(|person| format!("{} {person}", role.word()));
    let roles: Vec<String> = Role::ALL.into_iter().filter_map(person).collect();
    if !roles.is_empty() {
        blocks.push(Block::line(0, [Span::plain(roles.join(", "))]));
    }
    if declared.unsure && incident.level == declared.severity && incident.is_open() {
        let words =
            format!("It was declared with doubt, so it counts as {}: {}", incident.level, incident.level.meaning());
        blocks.push(Block::line(0, [Span::plain(words)]));
    }
    blocks.extend(behind(view));
    blocks
}

/// Times are shown as the record has them; a clock that is behind it cannot tell what is due.
fn behind(view: &View) -> Option<Block> {
    (view.behind > 0).then(|| {
        let words = format!(
            "The clock of this machine is {} behind the newest entry, so what is due is judged by that",
            age(view.behind)
        );
        Block::line(0, [Span::new(Tone::Unknown, words)])
    })
}

fn is_waited_for(item: &DueItem) -> bool {
    matches!(item.state, DueState::Overdue | DueState::Pending)
}

fn due_line(view: &View, item: &DueItem) -> Block {
    let tone = match item.state {
        DueState::Overdue => Tone::Critical,
        DueState::Pending => Tone::Warning,
        DueState::Done => Tone::Good,
        DueState::Lapsed | DueState::Later => Tone::Faint,
    };
    let seconds = |at: jiff::Timestamp| age(view.now.duration_since(at).as_secs().abs());
    let when = match (item.state, item.due_at, &item.done) {
        (DueState::Overdue, Some(at), _) => format!("since {} ({})", moment(at), seconds(at)),
        (_, Some(at), _) => format!("{} (in {})", moment(at), seconds(at)),
        (DueState::Lapsed, ..) => "was not done before it was over".to_owned(),
        (DueState::Later, ..) => "when it is over".to_owned(),
        (_, None, Some(done)) => format!("{} by {}", moment(done.at), done.by),
        (_, None, None) => String::new(),
    };
    let spans = [
        Span::new(tone, format!("{:<8}", item.state.word())),
        Span::plain(format!("  {:<12}  {}  ", item.item, item.text)),
        Span::faint(when),
    ];
    Block::line(1, spans)
}

/// What did not arrive, as far as is known.
fn delivery_line(it: &Delivery) -> Block {
    let is_unknown = matches!(it.state, DeliveryState::Unknown { .. });
    let (tone, word) = if is_unknown { (Tone::Unknown, "unknown") } else { (Tone::Critical, "not sent") };
    let sure = if is_unknown { "may have arrived or not" } else { "did not arrive" };
    let spans = [
        Span::new(tone, format!("{word:<8}")),
        Span::plain(format!(
            "  {:<12}  {sure} at {}: {}  ",
            it.item,
            it.target.name,
            it.state.why().unwrap_or_default()
        )),
        Span::faint(format!("{} by {}", moment(it.first.at), it.first.by)),
    ];
    Block::line(1, spans)
}

fn action_line(view: &View, item: &ActionItem) -> Block {
    let (tone, word) = match &item.done {
        Some(_) => (Tone::Good, "done"),
        None if item.is_overdue(view.now) => (Tone::Critical, "overdue"),
        None => (Tone::Warning, "action"),
    };
    let owner = item.owner.as_deref().unwrap_or("nobody yet");
    let due = item.due.map_or(String::new(), |due| format!(", until {due}"));
    let spans = [
        Span::new(tone, format!("{word:<8}")),
        Span::plain(format!("  {:<12}  {}  ", item.id, item.text)),
        Span::faint(format!("{owner}{due}")),
    ];
    Block::line(1, spans)
}

/// What did not arrive and what is overdue come first: done is typed when it is done.
pub(super) fn next(view: &View, more: Vec<String>) -> Vec<Block> {
    let incident = &view.incident;
    let due = incident.due(view.now);
    let overdue = due.iter().filter(|it| it.state == DueState::Overdue);
    let ticks = overdue.map(|it| match tells(incident, &it.item) {
        Some(command) => (command, "asks first"),
        None => (format!("kubectl sre incident done {} {}", incident.id, it.item), "when it is done"),
    });
    let ticks = again(incident).into_iter().chain(left(view)).chain(ticks);
    let more = more.into_iter().map(|command| (command, ""));
    let commands: Vec<(String, &str)> = ticks.chain(more).collect();
    let heading = (!commands.is_empty()).then(|| Block::heading("Next"));
    let command = |(command, note): (String, &str)| Block::Command { indent: 1, command, note: note.to_owned() };
    heading.into_iter().chain(commands.into_iter().map(command)).collect()
}

/// What is over here, and may not be elsewhere.
fn left(view: &View) -> Option<(String, &'static str)> {
    let incident = &view.incident;
    let command = || format!("kubectl sre incident resolve {}", incident.id);
    match (incident.is_open(), incident.alerting().is_empty(), incident.silencing(view.now).is_empty()) {
        (false, false, _) => Some((command(), "PagerDuty was not told that it is over")),
        (false, true, false) => Some((command(), "alerts may still be silenced for it")),
        _ => None,
    }
}

/// What does something that is overdue, where it is that somebody is told.
fn tells(incident: &Incident, item: &str) -> Option<String> {
    let id = &incident.id;
    let targets = &incident.declaration.notify;
    let is_routed = targets.iter().any(|it| it.takes(item, incident.level));
    let command = match item {
        "page" => format!("kubectl sre incident page {id}"),
        "update" => format!("kubectl sre incident update {id} 'how it stands'"),
        _ => format!("kubectl sre incident update {id} --item {item} 'how it stands'"),
    };
    is_routed.then_some(command)
}

/// What sends again what did not arrive, target by target where it may be there twice.
fn again(incident: &Incident) -> Vec<(String, &'static str)> {
    let id = &incident.id;
    let mut commands = Vec::new();
    if incident.undelivered().any(Delivery::is_safe_again) {
        commands.push((format!("kubectl sre incident retry {id}"), "sends what did not arrive"));
    }
    let unsure = incident.undelivered().filter(|it| !it.is_safe_again());
    for name in unsure.map(|it| it.target.name.as_str()).collect::<std::collections::BTreeSet<_>>() {
        let retry = format!("kubectl sre incident retry {id} --to {name}");
        commands.push((format!("{retry} --unknown"), "when you looked there, and it is not there"));
        commands.push((format!("{retry} --give-up"), "when it is there"));
    }
    commands
}
