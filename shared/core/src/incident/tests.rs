//! What entries come to.

use super::*;
use crate::report::Block;

/// A record that is written, a minute of the clock after the other.
struct Record {
    entries: Vec<Entry>,
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + 60 * minute).expect("a time")
}

fn level(number: u8) -> Level {
    Level::try_from(number).expect("a severity")
}

impl Record {
    fn declared(severity: u8) -> Self {
        let declaration = Declaration {
            title: "checkout is down".to_owned(),
            severity: level(severity),
            unsure: false,
            context: Some("prod".to_owned()),
            server: None,
            namespace: Some("shop".to_owned()),
            procedure: Procedure::default(),
            notify: Vec::new(),
        };
        Self { entries: Vec::new() }.then(0, What::Declared(declaration))
    }

    fn then(mut self, minute: i64, what: What) -> Self {
        let number = self.entries.len() as u64 + 1;
        let by = "jane@host".to_owned();
        self.entries.push(Entry { id: format!("e{number}"), number, at: at(minute), clock: None, by, what });
        self
    }

    fn done(self, minute: i64, item: &str) -> Self {
        self.then(minute, What::Done { item: item.to_owned(), text: None })
    }

    fn becomes(self, minute: i64, severity: u8) -> Self {
        self.then(minute, What::Severity { severity: level(severity), reason: "it is worse".to_owned() })
    }

    fn incident(&self) -> Incident {
        Incident::of("inc-1", &self.entries).expect("an incident")
    }

    /// What is due at a minute: the word, how it stands, the minute.
    fn due(&self, minute: i64) -> Vec<(String, &'static str, Option<i64>)> {
        let minute_of = |time: Timestamp| (time.as_second() - 1_700_000_000) / 60;
        let due = self.incident().due(at(minute)).into_iter();
        due.map(|it| (it.item, it.state.word(), it.due_at.map(minute_of))).collect()
    }

    fn overdue(&self, minute: i64) -> Vec<String> {
        self.due(minute).into_iter().filter(|(_, state, _)| *state == "overdue").map(|(item, ..)| item).collect()
    }
}

fn reopened() -> What {
    What::Reopened { reason: "it is back".to_owned() }
}

#[test]
fn an_incident_is_about_the_cluster_that_it_was_declared_for() {
    let about = |declared: [Option<&str>; 2], asked: [Option<&str>; 2]| {
        let mut incident = Record::declared(1).incident();
        let [context, server] = declared.map(|it| it.map(str::to_owned));
        (incident.declaration.context, incident.declaration.server) = (context, server);
        incident.is_about(asked[0], asked[1])
    };
    let (prod, test) = (Some("prod"), Some("test"));
    let (here, there) = (Some("https://here"), Some("https://there"));
    assert!(about([prod, here], [test, here]), "the same server by another context");
    assert!(!about([prod, here], [prod, there]), "two kubeconfigs may call two clusters the same");
    assert!(about([prod, None], [prod, here]) && !about([prod, None], [test, here]));
    assert!(about([prod, here], [prod, None]) && !about([prod, here], [None, None]));
    assert!(!about([None, here], [prod, None]), "nothing tells");
    assert!(about([None, None], [prod, here]) && about([None, None], [None, None]), "about each");
}

fn texts(blocks: &[Block]) -> Vec<String> {
    let text = |block: &Block| match block {
        Block::Heading(spans) | Block::Line { spans, .. } => spans.iter().map(|span| span.text.as_str()).collect(),
        Block::Command { command, .. } => command.clone(),
        Block::Space => String::new(),
    };
    blocks.iter().map(text).collect()
}

#[test]
fn what_is_due_becomes_overdue_and_is_ticked() {
    let record = Record::declared(1);
    assert_eq!(record.overdue(0), ["page"], "at once is now");
    assert_eq!(record.overdue(5), ["page", "bridge"]);
    let record = record.done(6, "page").done(7, "bridge");
    assert_eq!(record.overdue(29), Vec::<String>::new());
    assert_eq!(record.overdue(30), ["executives"]);
    let due = record.due(10);
    let of = |word: &str| due.iter().find(|(item, ..)| item == word).map(|(_, state, at)| (*state, *at));
    assert_eq!((of("page"), of("executives")), (Some(("done", None)), Some(("pending", Some(30)))));
    assert_eq!(of("review"), Some(("later", None)));
    assert_eq!(record.incident().overdue(at(61)), 2, "executives and the update");
}

#[test]
fn what_was_ticked_by_mistake_is_due_as_before() {
    let not_done = What::NotDone { item: "page".to_owned(), text: None };
    let record = Record::declared(1).done(1, "page").then(2, not_done);
    assert_eq!(record.due(3)[0], ("page".to_owned(), "overdue", Some(0)));
    assert_eq!(record.done(4, "page").due(5)[0].1, "done");
}

#[test]
fn what_is_done_again_and_again_is_due_again() {
    let record = Record::declared(1).done(1, "page").done(2, "bridge").done(3, "executives");
    assert_eq!(record.overdue(60), ["update"]);
    let record = record.done(65, "update");
    assert_eq!((record.overdue(124), record.overdue(125)), (Vec::new(), vec!["update".to_owned()]));
    assert_eq!(
        record.due(70).into_iter().find(|it| it.0 == "update"),
        Some(("update".to_owned(), "pending", Some(125)))
    );
}

#[test]
fn a_severity_that_rises_demands_what_is_new_from_then_on_and_the_rest_since_it_did() {
    let record = Record::declared(2).done(3, "channel").becomes(100, 1);
    let due = record.due(101);
    let of = |word: &str| due.iter().find(|(item, ..)| item == word).map(|(_, state, at)| (*state, *at));
    assert_eq!(of("page"), Some(("overdue", Some(0))));
    assert_eq!((of("bridge"), of("executives")), (Some(("pending", Some(105))), Some(("pending", Some(130)))));
    assert_eq!(of("channel"), None);
    // Of what is not demanded any more nothing is overdue; what was done stays done when it is demanded again.
    let lowered = record.becomes(200, 5);
    assert_eq!(lowered.overdue(10_000), Vec::<String>::new());
    let again = lowered.becomes(300, 2);
    assert!(again.due(301).contains(&("channel".to_owned(), "done", None)));
}

#[test]
fn what_is_over_demands_only_what_comes_afterwards() {
    let day = 24 * 60;
    let record = Record::declared(1).done(1, "page").then(50, What::Resolved);
    let states: Vec<(String, &str)> = record.due(5_000).into_iter().map(|(item, state, _)| (item, state)).collect();
    let wanted =
        [("page", "done"), ("bridge", "lapsed"), ("executives", "lapsed"), ("update", "lapsed"), ("review", "overdue")];
    assert_eq!(states, wanted.map(|(item, state)| (item.to_owned(), state)));
    assert_eq!((record.overdue(50 + 3 * day - 1), record.overdue(50 + 3 * day).len()), (Vec::new(), 1));
    assert_eq!(record.done(60, "review").overdue(100 * day), Vec::<String>::new());
    // A review of before it was over is none of it.
    let early = Record::declared(1).done(1, "review").then(50, What::Resolved);
    assert_eq!(early.overdue(10 * day), ["review"]);
}

#[test]
fn what_is_open_again_is_counted_anew() {
    let record = Record::declared(1).done(1, "page").then(50, What::Resolved).then(1_000, reopened());
    assert!(record.incident().is_open());
    let due = record.due(1_001);
    let of = |word: &str| due.iter().find(|(item, ..)| item == word).map(|(_, state, at)| (*state, *at));
    assert_eq!((of("page"), of("bridge")), (Some(("done", None)), Some(("pending", Some(1_005)))));
    assert_eq!((of("update"), of("review")), (Some(("pending", Some(1_060))), Some(("later", None))));
    let periods = record.incident().periods;
    assert_eq!(
        periods.iter().map(|it| (it.from, it.to)).collect::<Vec<_>>(),
        [(at(0), Some(at(50))), (at(1_000), None)]
    );
}

#[test]
fn action_items_are_overdue_after_their_day() {
    let due: Date = "2023-11-15".parse().expect("a date");
    let text = "alert on it".to_owned();
    let action = What::Action { action: "a-1".to_owned(), text, owner: None, due: Some(due) };
    let record = Record::declared(5).then(1, action);
    let end = "2023-11-16T00:00:00Z".parse::<Timestamp>().expect("a time");
    let before = end.checked_sub(jiff::SignedDuration::from_secs(1)).expect("a time");
    assert_eq!((record.incident().overdue(before), record.incident().overdue(end)), (0, 1));
    let done = record.then(2, What::ActionDone { action: "a-1".to_owned() });
    assert_eq!(done.incident().overdue(end), 0);
}

#[test]
fn two_machines_come_to_the_same_whichever_list_is_first() {
    let shared = Record::declared(2);
    let mine = Record { entries: shared.entries.clone() }.done(5, "page").then(30, What::Resolved);
    let mut other = Record { entries: shared.entries.clone() }.done(6, "channel").then(31, What::Resolved);
    other.entries.iter_mut().skip(1).for_each(|it| it.id.push_str("-other"));
    let one = Incident::of("inc-1", &merged(&mine.entries, &other.entries)).expect("an incident");
    let two = Incident::of("inc-1", &merged(&other.entries, &mine.entries)).expect("an incident");
    assert_eq!(one, two);
    assert_eq!((one.entries.len(), one.resolved.map(|it| it.at)), (5, Some(at(30))));
    assert_eq!(Incident::of("inc-1", &mine.entries[1..]), None, "what nobody declared is none");
}

#[test]
fn the_page_says_where_nobody_has_written_yet() {
    let note = |section, text: &str| What::Note { text: text.to_owned(), pinned: false, section };
    let role = What::Role { role: Role::Commander, person: "jane".to_owned() };
    let action = |id: &str, owner: Option<&str>| What::Action {
        action: id.to_owned(),
        text: "alert on it".to_owned(),
        owner: owner.map(str::to_owned),
        due: None,
    };
    let record = Record::declared(1)
        .then(2, note(None, "the database is slow"))
        .then(3, role)
        .becomes(10, 2)
        .then(20, note(Some(Section::Impact), "nobody could pay"))
        .then(30, What::Resolved)
        .then(40, action("a-1", Some("joe")));
    let joined = Joined {
        id: "c-1".to_owned(),
        at: at(15),
        by: "jane".to_owned(),
        text: "roll back deployment/web".to_owned(),
        state: "done",
    };
    let page = texts(&postmortem(&record.incident(), &[joined], at(100)));
    let whole = page.join("\n");
    for said in [
        "Post-mortem: checkout is down",
        "context prod, namespace shop",
        "TODO: say in two sentences what happened",
        "nobody could pay",
        "SEV-1 for 10 min, SEV-2 for 20 min",
        "2023-11-14 22:28:20 UTC  change c-1 (done): roll back deployment/web  jane",
        "TODO: say what went well",
        "commander: jane",
        "TODO: say who was scribe",
        "page the engineer on call: was not done",
        "a-1 (open): alert on it; joe, TODO due date",
    ] {
        assert!(whole.contains(said), "{said}:\n{whole}");
    }
    let place = |said: &str| page.iter().position(|line| line.contains(said));
    assert!(place("the database is slow") < place("change c-1"), "joined by time");
    assert!(place("change c-1") < place("impact: nobody could pay"), "joined by time");
}

#[test]
fn an_alert_is_resolved_once_and_only_where_it_may_have_been_triggered() {
    let sending = |delivery: &str, item: &str| What::Sending {
        delivery: delivery.to_owned(),
        message: delivery.to_owned(),
        item: item.to_owned(),
        target: NotifyTarget {
            name: "oncall".to_owned(),
            channel: Channel::Pagerduty { address: String::new() },
            secret: Some(SecretPlace::Env("A".to_owned())),
            items: Vec::new(),
            severities: Vec::new(),
        },
        text: String::new(),
        silence: None,
    };
    let failed = What::NotSent { delivery: "m1".to_owned(), why: String::new(), unknown: false };
    let steps = [
        (sending("m1", "page"), 1, "it is on its way"),
        (failed, 0, "it was never triggered"),
        (sending("m1", "page"), 1, "once more"),
        (What::Sent { delivery: "m1".to_owned() }, 1, "it was"),
        (sending("m2", "page"), 1, "the same key is one alert"),
        (sending("m3", RESOLVE), 0, "it is asked for already"),
        (What::GivenUp { delivery: "m3".to_owned() }, 1, "it is not asked for any more"),
        (sending("m4", RESOLVE), 0, "it is asked for again"),
        (sending("m5", "page"), 1, "it was triggered again"),
    ];
    let mut record = Record::declared(1);
    for (minute, (what, count, why)) in (1..).zip(steps) {
        record = record.then(minute, what);
        assert_eq!(record.incident().alerting().len(), count, "{why}");
    }
}

#[test]
fn alerts_are_kept_quiet_as_long_as_was_asked() {
    let target = NotifyTarget::alertmanager(AlertmanagerPlace {
        target: crate::inquiry::Target::Url("http://127.0.0.1:9".to_owned()),
        context: None,
    });
    let made = |delivery: &str, until: i64| What::Sending {
        delivery: delivery.to_owned(),
        message: delivery.to_owned(),
        item: SILENCE.to_owned(),
        target: target.clone(),
        text: "known".to_owned(),
        silence: Some(SilenceCall::Make { matchers: Vec::new(), until: at(until) }),
    };
    let record = Record::declared(1).then(1, made("s1", 10));
    assert_eq!(record.incident().silencing(at(9)), [&target], "nobody knows whether it was made");
    assert!(record.incident().silencing(at(10)).is_empty(), "it is over");
    let failed = What::NotSent { delivery: "s1".to_owned(), why: String::new(), unknown: false };
    assert!(record.then(2, failed).incident().silencing(at(9)).is_empty(), "it was never made");
    let end = |delivery: &str| What::Sending {
        delivery: delivery.to_owned(),
        message: delivery.to_owned(),
        item: EXPIRE.to_owned(),
        target: target.clone(),
        text: "over".to_owned(),
        silence: Some(SilenceCall::Expire { id: "a".to_owned() }),
    };
    let sent = |delivery: &str| What::Sent { delivery: delivery.to_owned() };
    let two =
        Record::declared(1).then(1, made("s1", 10)).then(2, made("s2", 10)).then(3, end("e1")).then(4, sent("e1"));
    assert_eq!(two.incident().silencing(at(9)).len(), 1, "one of two was ended");
    assert!(two.then(5, end("e2")).then(6, sent("e2")).incident().silencing(at(9)).is_empty());
}

#[test]
fn alerts_that_others_triggered_are_told_apart_by_their_names() {
    let target = |name: &str| NotifyTarget {
        name: name.to_owned(),
        channel: Channel::Pagerduty { address: "https://pd.example".to_owned() },
        secret: Some(SecretPlace::Env(name.to_uppercase())),
        items: Vec::new(),
        severities: Vec::new(),
    };
    let sending = |delivery: &str, item: &str, target: NotifyTarget| What::Sending {
        delivery: delivery.to_owned(),
        message: delivery.to_owned(),
        item: item.to_owned(),
        target,
        text: "words".to_owned(),
        silence: None,
    };
    let paged = Record::declared(1)
        .then(1, sending("p1", "page", target("oncall").without_way()))
        .then(2, sending("p2", "page", target("dba").without_way()));
    let names = |record: &Record| -> Vec<String> {
        record.incident().alerting().into_iter().map(|it| it.name.clone()).collect()
    };
    assert_eq!(names(&paged), ["oncall", "dba"]);
    let one = paged.then(3, sending("r1", RESOLVE, target("oncall")));
    assert_eq!(names(&one), ["dba"], "resolved by somebody who has the way");
}
