//! Incidents as they are recorded: in the morning those that are open and what is due of all of them, in the evening those
//! of the day and their action items. They are facts of the record and no findings of the cluster: what is overdue makes
//! `incident status` fail, and not the look at the cluster.

use super::{Panel, Row};
use crate::incidents::Kept;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sre_core::incident::{ActionItem, Delivery, DueItem, DueState, Incident, Role, What, moment};
use sre_core::object::ObjectRef;

/// What is due within it is told in the morning.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A thing to be told and whether it is late, which comes first.
type Ranked = (bool, Row);

/// Those that are open, and what is due of all.
pub(super) fn morning(kept: &Kept, clock: Timestamp) -> Vec<Panel> {
    let open = kept.incidents.iter().filter(|it| it.is_open()).map(|it| standing(it, clock)).collect();
    let mut due: Vec<Ranked> = kept.incidents.iter().flat_map(|it| due(it, clock)).collect();
    due.sort_by(|(late, row), (other_late, other)| (!late, row).cmp(&(!other_late, other)));
    let due = due.into_iter().map(|(_, row)| row).collect();
    told([("incidents", "Open incidents", open), ("due", "Due of incidents", due)], kept)
}

/// Those of the day, and the action items that were written or done in it, or are due.
pub(super) fn evening(kept: &Kept, clock: Timestamp) -> Vec<Panel> {
    let of_day = kept.incidents.iter().filter(|it| it.is_open() || is_of_day(it, clock));
    let of_day = of_day.map(|it| standing(it, clock)).collect();
    let actions = kept.incidents.iter().flat_map(|it| actions(it, clock)).collect();
    told(
        [("incidents", "Incidents of the last 24 hours", of_day), ("actions", "Action items of incidents", actions)],
        kept,
    )
}

/// Where there is nothing to tell, nothing is told; what could not be read is no nothing.
fn told(panels: [(&'static str, &'static str, Vec<Row>); 2], kept: &Kept) -> Vec<Panel> {
    let panel = |(id, title, rows): (&'static str, &'static str, Vec<Row>)| {
        let unseen = if id == "incidents" { kept.unread.clone() } else { Vec::new() };
        Panel { id, title, rows, unseen }
    };
    panels.into_iter().map(panel).filter(|it| !it.rows.is_empty() || !it.unseen.is_empty()).collect()
}

/// The time that it is looked at: not before its newest entry, whatever the clock says.
fn now(incident: &Incident, clock: Timestamp) -> Timestamp {
    clock.max(incident.newest())
}

fn name(incident: &Incident) -> ObjectRef {
    let namespace = incident.declaration.namespace.as_deref().unwrap_or_default();
    ObjectRef::scoped("Incident", namespace, &incident.id)
}

fn standing(incident: &Incident, clock: Timestamp) -> Row {
    let over = incident.resolved.as_ref().map(|it| format!("resolved {}", moment(it.at)));
    let commander = match incident.roles.get(&Role::Commander) {
        Some(person) => format!("commander {person}"),
        None => "no commander".to_owned(),
    };
    let overdue = Some(incident.overdue(now(incident, clock))).filter(|count| *count > 0);
    let overdue = overdue.map(|count| format!("{count} overdue"));
    let commander = incident.is_open().then_some(commander);
    let more: Vec<String> = over.into_iter().chain(commander).chain(overdue).collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    let text = format!("{} {}{more}", incident.level, incident.declaration.title);
    Row::of(Some(incident.declared_at), name(incident), text)
}

/// What is late, and what is due within a day.
fn due(incident: &Incident, clock: Timestamp) -> Vec<Ranked> {
    let now = now(incident, clock);
    let until = now.checked_add(DAY).unwrap_or(Timestamp::MAX);
    let is_near = |it: &DueItem| match it.state {
        DueState::Overdue => true,
        DueState::Pending => it.due_at.is_some_and(|at| at <= until),
        DueState::Done | DueState::Lapsed | DueState::Later => false,
    };
    let demanded = incident.due(now).into_iter().filter(is_near).map(|it| {
        let is_late = it.state == DueState::Overdue;
        (is_late, Row::of(it.due_at, name(incident), format!("{}{}: {}", late(is_late), it.item, it.text)))
    });
    let message = |it: &Delivery| {
        let why = it.state.why().unwrap_or_default();
        let text = format!("{}{} to {} is not known to have arrived: {why}", late(true), it.item, it.target.name);
        (true, Row::of(Some(it.first.at), name(incident), text))
    };
    let today = day(now);
    let of_today = |it: &&ActionItem| it.done.is_none() && it.due.is_some_and(|due| due <= today);
    let item = |it: &ActionItem| (it.is_overdue(now), Row::of(None, name(incident), action(it, now)));
    let items = incident.actions.iter().filter(of_today).map(item);
    demanded.chain(incident.undelivered().map(message)).chain(items).collect()
}

fn late(is_late: bool) -> &'static str {
    if is_late { "overdue: " } else { "" }
}

fn action(item: &ActionItem, now: Timestamp) -> String {
    let owner = item.owner.as_deref().unwrap_or("nobody yet");
    let due = item.due.map_or(String::new(), |due| format!(", until {due}"));
    let standing = match &item.done {
        Some(done) => format!("done by {}: ", done.by),
        None => late(item.is_overdue(now)).to_owned(),
    };
    format!("{standing}{} {} ({owner}{due})", item.id, item.text)
}

/// Whether something became of it within the day.
fn is_of_day(incident: &Incident, clock: Timestamp) -> bool {
    let turns = |what: &What| matches!(what, What::Declared(_) | What::Resolved | What::Reopened { .. });
    incident.entries.iter().any(|entry| turns(&entry.what) && is_within_day(entry.at, now(incident, clock)))
}

fn actions(incident: &Incident, clock: Timestamp) -> Vec<Row> {
    let now = now(incident, clock);
    let tomorrow = day(now.checked_add(DAY).unwrap_or(now));
    let is_new = |item: &ActionItem| {
        let of_it = incident.entries.iter().filter(|entry| match &entry.what {
            What::Action { action, .. } | What::ActionDone { action } => *action == item.id,
            _ => false,
        });
        of_it.map(|entry| entry.at).any(|at| is_within_day(at, now))
    };
    let is_due = |item: &ActionItem| item.done.is_none() && item.due.is_some_and(|due| due <= tomorrow);
    let told = incident.actions.iter().filter(|item| is_new(item) || is_due(item));
    told.map(|item| Row::of(None, name(incident), action(item, now))).collect()
}

fn is_within_day(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= DAY
}

/// The day of a moment, in UTC.
fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::incident::{Declaration, Entry, Level, Procedure};

    fn at(hour: i64) -> Timestamp {
        let start: Timestamp = "2026-11-28T08:00:00Z".parse().expect("a time");
        start.checked_add(SignedDuration::from_hours(hour)).expect("a time")
    }

    fn action(id: &str, due: &str) -> What {
        let due = Some(due.parse().expect("a day"));
        What::Action { action: id.to_owned(), text: "alert on it".to_owned(), owner: None, due }
    }

    fn incident(id: &str, whats: impl IntoIterator<Item = (i64, What)>) -> Incident {
        let declaration = Declaration {
            title: "checkout is down".to_owned(),
            severity: Level::try_from(1).expect("a severity"),
            unsure: false,
            context: None,
            server: None,
            namespace: Some("shop".to_owned()),
            procedure: Procedure::default(),
            notify: Vec::new(),
        };
        let whats = [(0, What::Declared(declaration))].into_iter().chain(whats).zip(1..);
        let entry = |((hour, what), number): ((i64, What), u64)| Entry {
            id: format!("e{number}"),
            number,
            at: at(hour),
            clock: None,
            by: "jane@host".to_owned(),
            what,
        };
        Incident::of(id, &whats.map(entry).collect::<Vec<_>>()).expect("declared")
    }

    fn kept(incidents: Vec<Incident>) -> Kept {
        Kept { incidents, unread: Vec::new() }
    }

    fn texts<'p>(panels: &'p [Panel], id: &str) -> Vec<&'p str> {
        let panel = panels.iter().find(|it| it.id == id);
        panel.map_or(Vec::new(), |it| it.rows.iter().map(|row| row.text.as_str()).collect())
    }

    #[test]
    fn the_morning_tells_what_is_open_and_what_is_due_with_the_late_first() {
        let person = "jane".to_owned();
        let open =
            incident("inc-1", [(1, What::Role { role: Role::Commander, person }), (1, action("a-1", "2026-11-28"))]);
        let panels = morning(&kept(vec![open]), at(2));
        assert_eq!(texts(&panels, "incidents"), ["SEV-1 checkout is down (commander jane, 4 overdue)"]);
        let due = texts(&panels, "due");
        assert_eq!(due.len(), 5, "{due:?}");
        assert!(due[..4].iter().all(|it| it.starts_with("overdue: ")), "{due:?}");
        assert_eq!(due[4], "a-1 alert on it (nobody yet, until 2026-11-28)", "its day is not over");
        assert_eq!(panels[0].rows[0].object.as_ref().map(ToString::to_string).as_deref(), Some("Incident/shop/inc-1"));
    }

    #[test]
    fn a_review_and_an_action_item_are_due_when_it_is_over() {
        let over = incident("inc-1", [(1, What::Resolved), (2, action("a-1", "2026-11-29"))]);
        let due_at = |hour| morning(&kept(vec![over.clone()]), at(hour)).iter().map(|it| it.rows.len()).sum::<usize>();
        assert_eq!([due_at(3), due_at(24), due_at(60), due_at(100)], [0, 1, 2, 2]);
        let late = morning(&kept(vec![over]), at(100));
        assert!(texts(&late, "due").iter().all(|it| it.starts_with("overdue: ")), "{late:#?}");
        assert!(texts(&late, "incidents").is_empty(), "it is not open");
    }

    #[test]
    fn the_evening_tells_the_day() {
        let done = What::ActionDone { action: "a-1".to_owned() };
        let over = incident("inc-1", [(1, What::Resolved), (2, action("a-1", "2026-12-24")), (3, done)]);
        let panels = evening(&kept(vec![over.clone()]), at(10));
        assert_eq!(texts(&panels, "incidents"), ["SEV-1 checkout is down (resolved 2026-11-28 09:00:00 UTC)"]);
        let item = "done by jane@host: a-1 alert on it (nobody yet, until 2026-12-24)";
        assert_eq!(texts(&panels, "actions"), [item]);
        assert!(evening(&kept(vec![over]), at(40)).is_empty(), "nothing became of it today");
    }

    #[test]
    fn no_record_is_told_nowhere_and_an_unreadable_one_is_a_gap() {
        assert!(morning(&Kept::default(), at(0)).is_empty() && evening(&Kept::default(), at(0)).is_empty());
        let kept = Kept { incidents: Vec::new(), unread: vec!["why".to_owned()] };
        for panels in [morning(&kept, at(0)), evening(&kept, at(0))] {
            let all: Vec<_> = panels.iter().map(|it| (it.id, it.rows.len(), it.unseen.join(""))).collect();
            assert_eq!(all, [("incidents", 0, "why".to_owned())]);
        }
    }
}
