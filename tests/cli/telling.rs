//! People are told of an incident: servers on this machine check what they are documented to take, and fail in each way.

use super::formats::schema_of_changes;
use super::sandbox::{Ran, Sandbox};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PATH: &str = "/services/T0/B0/s3cretpath";

/// What a service answers.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// What it is documented to answer, where it takes the message.
    Documented,
    /// This, whatever it was sent.
    Says(&'static str),
    /// This, after so many seconds.
    Late(u64, &'static str),
    /// Nothing, ever.
    Silence,
}

/// A request that came in.
pub(super) struct Got {
    path: String,
    key: String,
    pub(super) body: Value,
}

/// A service that gives its answers in turn, the last one again and again.
pub(super) struct Service {
    pub(super) address: String,
    got: Receiver<Got>,
}

impl Service {
    pub(super) fn new(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (send, got) = channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.expect("a connection");
                let Some(got) = request(&mut stream) else { continue };
                let answer = answers[number.min(answers.len() - 1)];
                let text = match answer {
                    Answer::Documented => documented(&got),
                    Answer::Says(text) => text.to_owned(),
                    Answer::Late(_, text) => text.to_owned(),
                    Answer::Silence => String::new(),
                };
                let is_wanted = send.send(got).is_ok();
                if let Answer::Late(seconds, _) = answer {
                    std::thread::sleep(Duration::from_secs(seconds));
                }
                if text.is_empty() {
                    held.push(stream);
                } else {
                    // Who asked may not be there any more.
                    drop(stream.write_all(text.as_bytes()));
                }
                if !is_wanted {
                    return;
                }
            }
        });
        Self { address, got }
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.got.try_iter().collect()
    }
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// What was asked; nothing where whoever asked was gone before it was said.
fn request(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let line = head.lines().find(|it| it.to_lowercase().starts_with(&format!("{name}:")));
                line.and_then(|it| it.split_once(':')).map(|(_, value)| value.trim().to_owned())
            };
            let length: usize = header("content-length").and_then(|it| it.parse().ok()).expect("a length");
            if body.len() >= length {
                assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
                let path = head.split(' ').nth(1).expect("a path").to_owned();
                let key = header("idempotency-key").expect("what it is known by");
                return Some(Got { path, key, body: serde_json::from_str(body).expect("JSON") });
            }
        }
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

/// Takes what the documentation of each service lets it take.
fn documented(got: &Got) -> String {
    if got.path != "/v2/enqueue" {
        let blocks = got.body["blocks"].as_array().map_or(&[][..], Vec::as_slice);
        let texts = blocks.iter().filter(|it| it["type"] == "section").filter_map(|it| it["text"]["text"].as_str());
        let fits = texts.into_iter().all(|it| (1..=3000).contains(&it.chars().count()));
        let is_right = fits && (1..=50).contains(&blocks.len()) && got.body["text"].is_string();
        return if is_right { answer("200 OK", "ok") } else { answer("400 Bad Request", "invalid_payload") };
    }
    let is_known = got.body["routing_key"] == KEY
        && got.body["dedup_key"].as_str().is_some_and(|it| !it.is_empty() && it.len() <= 255);
    if got.body["event_action"] == "resolve" && is_known {
        return answer("202 Accepted", r#"{"status":"success","message":"Event processed","dedup_key":"k"}"#);
    }
    let payload = &got.body["payload"];
    let summary = payload["summary"].as_str().unwrap_or_default().chars().count();
    let is_right = is_known
        && got.body["event_action"] == "trigger"
        && (1..=1024).contains(&summary)
        && payload["source"].is_string()
        && ["critical", "error", "warning", "info"].iter().any(|it| payload["severity"] == *it)
        && got.body.to_string().len() < 512_000;
    match is_right {
        true => answer("202 Accepted", r#"{"status":"success","message":"Event processed","dedup_key":"k"}"#),
        false => answer("400 Bad Request", r#"{"status":"invalid event","errors":["no"]}"#),
    }
}

/// A home with an incident that tells one service by Slack and one by PagerDuty.
pub(super) fn home(slack: &str, pagerduty: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let url = sandbox.write("slack-url", format!("{slack}{PATH}\n"));
    sandbox.write(
        "profile.yaml",
        format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nincident:\n  notify:\n  \
             - {{name: oncall, kind: pagerduty, address: '{pagerduty}', key: {{env: PD_KEY}}, items: [page]}}\n  \
             - {{name: chat, kind: slack, url: {{file: '{}'}}, items: [update]}}\n",
            url.display()
        ),
    );
    let words = ["declare", "--sev", "1", "--title", "<!channel> checkout & cart", "--profile", "./profile.yaml"];
    run(&sandbox, &words).succeeds();
    sandbox
}

fn run(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let mut command = sandbox.command(&[&["incident"], words].concat());
    Ran::of(command.env("PD_KEY", KEY).output().expect("the binary runs"))
}

/// The document of a command, held against its schema; no secret stands in anything that is printed or kept.
fn document(sandbox: &Sandbox, words: &[&str], code: i32) -> Value {
    let ran = run(sandbox, &[words, &["-o", "json"]].concat());
    assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    let (schemas, index) = schema_of_changes(document["kind"].as_str().expect("a kind"));
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
    let kept = std::fs::read_to_string(entries(sandbox, &document)).expect("the record");
    for text in [&ran.stdout, &ran.stderr, &kept] {
        assert!(!text.contains(KEY) && !text.contains("s3cretpath"), "{text}");
    }
    document
}

fn entries(sandbox: &Sandbox, document: &Value) -> std::path::PathBuf {
    let id = document["id"].as_str().expect("an id");
    sandbox.path(&format!(".local/state/kubectl-sre/incidents/{id}/entries.jsonl"))
}

fn states(document: &Value) -> Vec<&str> {
    document["deliveries"].as_array().expect("deliveries").iter().filter_map(|it| it["state"].as_str()).collect()
}

fn due<'d>(document: &'d Value, item: &str) -> &'d str {
    let all = document["due"].as_array().expect("what is due");
    all.iter().find(|it| it["item"] == item).and_then(|it| it["state"].as_str()).expect("the item")
}

#[test]
fn a_page_and_an_update_arrive_as_documented_and_tick_what_they_do() {
    let (slack, pagerduty) = (Service::new(&[Answer::Documented]), Service::new(&[Answer::Documented]));
    let sandbox = home(&slack.address, &pagerduty.address);
    let dry = document(&sandbox, &["page", "--dry-run"], 0);
    let payload: Value = serde_json::from_str(dry["wouldSend"][0]["payload"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&payload["routing_key"], states(&dry).len()), (&"<hidden>".into(), 0));
    run(&sandbox, &["page"]).fails(3, &["refused: sending must be confirmed", "nothing was sent", "--yes"]);
    assert!(pagerduty.got().is_empty() && slack.got().is_empty(), "nothing is sent without a yes");
    let paged = document(&sandbox, &["page", "--yes"], 0);
    assert_eq!((states(&paged), due(&paged, "page")), (vec!["sent"], "done"));
    let got = pagerduty.got();
    assert_eq!((got.len(), &got[0].body["dedup_key"]), (1, &paged["id"]));
    let told = document(&sandbox, &["update", "<@U1> ".repeat(2500).trim(), "--yes"], 0);
    assert_eq!((states(&told), due(&told, "update")), (vec!["sent", "sent"], "pending"));
    let got = slack.got();
    assert_eq!((got.len(), got[0].path.as_str()), (1, PATH));
    assert!(!got[0].body.to_string().contains("<!channel>") && !got[0].body.to_string().contains("<@U1>"));
    run(&sandbox, &["page", "--to", "chta", "--yes"])
        .fails(2, &["no target is called \"chta\"; there are oncall, chat"]);
}

#[test]
fn what_fails_for_certain_is_due_and_sent_again_once() {
    const FAILING: &[Answer] = &[
        Answer::Says("HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\nconnection: close\r\n\r\nno_service"),
        Answer::Documented,
    ];
    let slack = Service::new(FAILING);
    let sandbox = home(&slack.address, "http://127.0.0.1:1");
    let failed = document(&sandbox, &["update", "half of it works", "--yes"], 4);
    assert_eq!(
        (states(&failed), &failed["deliveries"][0]["why"]),
        (vec!["failed"], &"it answers 404: no_service".into())
    );
    assert_ne!(due(&failed, "update"), "done");
    let status = run(&sandbox, &["status"]);
    assert!(status.code == 1 && status.stdout.contains("did not arrive at chat: it answers 404"), "{}", status.stdout);
    assert!(status.stdout.contains("kubectl sre incident retry inc-"), "{}", status.stdout);
    assert_eq!(states(&document(&sandbox, &["retry", "--yes"], 0)), ["sent"]);
    assert_eq!(slack.got().len(), 2);
    run(&sandbox, &["retry", "--yes"]).fails(2, &["waits to be sent again"]);
    // Nobody listens there: that is certain, and tried a few times.
    let page = document(&sandbox, &["page", "--yes"], 4);
    assert_eq!((states(&page)[1], &page["deliveries"][1]["why"]), ("failed", &"no connection could be made".into()));
    assert_eq!(due(&page, "page"), "overdue");
    assert_eq!(states(&document(&sandbox, &["retry", "--give-up"], 0)), ["sent", "givenUp"]);
}

#[test]
fn who_asks_to_wait_is_waited_for() {
    const BUSY: &[Answer] = &[
        Answer::Says(
            "HTTP/1.1 429 Too Many Requests\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Answer::Documented,
    ];
    const LONG: &[Answer] = &[Answer::Says(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 900\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )];
    let (slack, pagerduty) = (Service::new(BUSY), Service::new(LONG));
    let sandbox = home(&slack.address, &pagerduty.address);
    let start = Instant::now();
    assert_eq!(states(&document(&sandbox, &["update", "a", "--yes"], 0)), ["sent"]);
    assert!(start.elapsed() >= Duration::from_secs(2) && slack.got().len() == 2);
    let page = document(&sandbox, &["page", "--yes"], 4);
    assert_eq!(page["deliveries"][1]["why"], "it answers 429, and asks to wait 900 s");
    assert_eq!(pagerduty.got().len(), 1);
}

#[test]
fn what_may_have_arrived_is_never_doubled_unasked_and_pagerduty_gets_its_key_again() {
    const BROKEN: &[Answer] = &[
        Answer::Says(
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 12\r\nconnection: close\r\n\r\nrollup_error",
        ),
        Answer::Says("HTTP/1.1 200 OK\r\ncontent-length: 18\r\nconnection: close\r\n\r\n<html>login</html>"),
        Answer::Documented,
    ];
    let (slack, pagerduty) = (Service::new(BROKEN), Service::new(BROKEN));
    let sandbox = home(&slack.address, &pagerduty.address);
    let told = document(&sandbox, &["update", "a", "--yes"], 4);
    assert_eq!(states(&told), ["unknown"]);
    assert_eq!(slack.got().len(), 1);
    run(&sandbox, &["retry", "--yes"]).fails(3, &["may have arrived", "--unknown", "--give-up"]);
    assert!(slack.got().is_empty());
    let again = document(&sandbox, &["retry", "--unknown", "--yes"], 4);
    assert!(again["deliveries"][0]["why"].as_str().is_some_and(|it| it.contains("200 is not the one of slack")));
    assert_eq!(states(&document(&sandbox, &["retry", "--unknown", "--yes"], 0)), ["sent"]);
    let paged = document(&sandbox, &["page", "--yes"], 0);
    let keys: Vec<Value> = pagerduty.got().iter().map(|it| it.body["dedup_key"].clone()).collect();
    assert_eq!(keys, vec![paged["id"].clone(); 3], "the same alert each time");
}

#[test]
fn a_silent_service_is_given_up_soon_and_a_secret_that_is_missing_is_named() {
    let slack = Service::new(&[Answer::Silence]);
    let sandbox = home(&slack.address, "http://127.0.0.1:1");
    let start = Instant::now();
    let told = document(&sandbox, &["update", "a", "--yes", "--request-timeout", "1s"], 4);
    assert!(start.elapsed() < Duration::from_secs(20) && states(&told) == ["unknown"]);
    let ran = Ran::of(sandbox.command(&["incident", "page", "--yes"]).output().expect("the binary runs"));
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    for words in ["page to oncall: the variable PD_KEY is not set", "kubectl sre incident retry"] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn a_run_that_is_killed_while_it_sends_leaves_what_nobody_knows() {
    const HUNG: &[Answer] = &[Answer::Silence, Answer::Documented];
    let (slack, pagerduty) = (Service::new(HUNG), Service::new(HUNG));
    let sandbox = home(&slack.address, &pagerduty.address);
    for (words, service) in [(&["update", "a", "--yes"][..], &slack), (&["page", "--yes"], &pagerduty)] {
        let mut command = sandbox.command(&[&["incident"], words].concat());
        let mut child =
            command.env("PD_KEY", KEY).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        service.got.recv_timeout(Duration::from_secs(20)).expect("the request");
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    let status = document(&sandbox, &["show"], 0);
    assert_eq!(
        (states(&status), &status["deliveries"][0]["why"]),
        (vec!["unknown"; 2], &"no answer is recorded".into())
    );
    // Only the one that cannot be doubled goes out again.
    let again = document(&sandbox, &["retry", "--yes"], 0);
    assert_eq!((states(&again), due(&again, "page")), (vec!["unknown", "sent"], "done"));
    assert_eq!((slack.got().len(), pagerduty.got()[0].body["dedup_key"].clone()), (0, again["id"].clone()));
}

#[test]
fn each_service_gets_a_key_of_its_own_and_the_same_one_again() {
    const BUSY: &[Answer] = &[
        Answer::Says("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        Answer::Says("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"),
    ];
    let hook = Service::new(BUSY);
    let sandbox = Sandbox::new();
    let url = sandbox.write("url", format!("{}{PATH}\n", hook.address));
    let target = |name: &str| {
        format!("  - {{name: {name}, kind: webhook, url: {{file: '{}'}}, items: [update]}}\n", url.display())
    };
    let head = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nincident:\n  notify:\n";
    sandbox.write("profile.yaml", format!("{head}{}{}", target("board"), target("page-of-status")));
    run(&sandbox, &["declare", "--sev", "2", "--title", "slow", "--profile", "./profile.yaml"]).succeeds();
    let told = document(&sandbox, &["update", "a", "--yes"], 0);
    assert_eq!(states(&told), ["sent", "sent"]);
    let got = hook.got();
    let keys: Vec<&str> = got.iter().map(|it| it.key.as_str()).collect();
    let ids: Vec<&str> =
        told["deliveries"].as_array().expect("deliveries").iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!(keys, [ids[0], ids[0], ids[1]]);
    assert!(got.iter().all(|it| it.body["id"] == got[0].body["id"]), "one message");
}

#[test]
fn unavailable_is_certain_only_where_it_is_said_when_to_come_again() {
    const AWAY: &[Answer] = &[
        Answer::Says("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        Answer::Documented,
    ];
    const BACK_SOON: &[Answer] = &[
        Answer::Says(
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Answer::Documented,
    ];
    let (slack, pagerduty) = (Service::new(AWAY), Service::new(AWAY));
    let sandbox = home(&slack.address, &pagerduty.address);
    assert_eq!(states(&document(&sandbox, &["update", "a", "--yes"], 4)), ["unknown"]);
    assert_eq!(slack.got().len(), 1, "it may have been behind what answered");
    assert_eq!(states(&document(&sandbox, &["page", "--yes"], 0))[1], "sent");
    assert_eq!(pagerduty.got().len(), 2, "the same key is one alert");
    let slack = Service::new(BACK_SOON);
    let sandbox = home(&slack.address, "http://127.0.0.1:1");
    assert_eq!(states(&document(&sandbox, &["update", "a", "--yes"], 0)), ["sent"]);
    assert_eq!(slack.got().len(), 2);
}

#[test]
fn a_target_that_nothing_was_sent_to_is_told_with_those_that_there_are() {
    let slack = Service::new(&[Answer::Documented]);
    let sandbox = home(&slack.address, "http://127.0.0.1:1");
    assert_eq!(states(&document(&sandbox, &["page", "--yes"], 4)), ["failed"]);
    run(&sandbox, &["retry", "--to", "onclal", "--yes"]).fails(2, &["nothing was sent to \"onclal\"", "oncall"]);
    assert_eq!(states(&document(&sandbox, &["update", "a", "--yes"], 0)), ["failed", "sent"]);
    run(&sandbox, &["retry", "--to", "chat", "--yes"]).fails(2, &["waits to be sent again to chat"]);
}

#[test]
fn two_who_send_again_at_once_send_once() {
    const SLOW: &[Answer] = &[
        Answer::Says("HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\nconnection: close\r\n\r\nno_service"),
        Answer::Late(2, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"),
    ];
    const SLOW_PAGER: &[Answer] = &[
        Answer::Says("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"),
        Answer::Late(
            2,
            "HTTP/1.1 202 Accepted\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"status\":\"success\"}",
        ),
    ];
    let (slack, pagerduty) = (Service::new(SLOW), Service::new(SLOW_PAGER));
    let sandbox = home(&slack.address, &pagerduty.address);
    assert_eq!(states(&document(&sandbox, &["update", "a", "--yes"], 4)), ["failed"]);
    assert_eq!(states(&document(&sandbox, &["page", "--yes"], 4))[1], "failed");
    for (target, service) in [("chat", &slack), ("oncall", &pagerduty)] {
        service.got();
        let mut first = sandbox.command(&["incident", "retry", "--to", target, "--yes"]);
        let first = first.env("PD_KEY", KEY).stdout(Stdio::null()).stderr(Stdio::null());
        let mut first = first.spawn().expect("it runs");
        service.got.recv_timeout(Duration::from_secs(20)).expect("the request");
        // It looks while the first one is on its way, and would say that this may be sent again.
        let second = run(&sandbox, &["retry", "--to", target, "--unknown", "--yes"]);
        assert!(first.wait().expect("ended").success());
        assert!(second.code == 0 && second.stdout.contains("sent"), "{}{}", second.stdout, second.stderr);
        assert!(service.got().is_empty(), "it is sent once to {target}");
    }
}

#[test]
fn an_alert_that_was_triggered_is_resolved_with_its_incident() {
    const AWAY: &[Answer] = &[
        Answer::Documented,
        Answer::Says("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"),
        Answer::Documented,
    ];
    let pagerduty = Service::new(AWAY);
    let sandbox = home("http://127.0.0.1:1", &pagerduty.address);
    document(&sandbox, &["page", "--yes"], 0);
    let dry = document(&sandbox, &["resolve", "--dry-run"], 0);
    let payload: Value = serde_json::from_str(dry["wouldSend"][0]["payload"].as_str().expect("a text")).expect("JSON");
    let id = dry["id"].as_str().expect("an id");
    assert_eq!(
        (&payload["event_action"], &payload["dedup_key"], &dry["state"]),
        (&"resolve".into(), &id.into(), &"open".into())
    );
    assert_eq!(pagerduty.got().len(), 1, "only the page");
    let unasked = run(&sandbox, &["resolve"]);
    assert_eq!(unasked.code, 3, "{}{}", unasked.stdout, unasked.stderr);
    assert!(unasked.stdout.contains("resolved") && unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    assert!(run(&sandbox, &["show", id]).stdout.contains(&format!("kubectl sre incident resolve {id}")));
    let refused = document(&sandbox, &["resolve", id, "--yes"], 4);
    assert_eq!((states(&refused), &refused["state"]), (vec!["sent", "failed"], &"resolved".into()));
    assert_eq!(states(&document(&sandbox, &["retry", id, "--yes"], 0)), ["sent", "sent"]);
    let keys: Vec<Value> = pagerduty.got().iter().map(|it| it.body["dedup_key"].clone()).collect();
    assert_eq!(keys, vec![Value::from(id); 2], "the alert that was triggered");
    run(&sandbox, &["resolve", id, "--yes"]).fails(2, &["was resolved"]);
    // What was never triggered is not resolved, and nobody is asked.
    let sandbox = home("http://127.0.0.1:1", "http://127.0.0.1:1");
    let over = document(&sandbox, &["resolve"], 0);
    assert_eq!((states(&over).len(), &over["state"]), (0, &"resolved".into()));
    run(&sandbox, &["update", "x", "--item", "resolve", "--yes"]).fails(2, &["resolve"]);
}

#[test]
fn who_is_told_goes_by_the_severity() {
    let pagerduty = Service::new(&[Answer::Documented]);
    let sandbox = home("http://127.0.0.1:1", &pagerduty.address);
    let profile = std::fs::read_to_string(sandbox.path("profile.yaml")).expect("a profile");
    sandbox.write("profile.yaml", profile.replace("items: [page]", "items: [page], severities: [sev1, sev2]"));
    let lower = ["severity", "3", "--reason", "one region"];
    run(&sandbox, &lower).succeeds();
    let page = ["page", "--profile", "./profile.yaml", "--yes"];
    run(&sandbox, &page).fails(2, &["no target takes page of SEV-3; name one: --to oncall, chat"]);
    assert!(pagerduty.got().is_empty());
    assert_eq!(run(&sandbox, &[&page[..], &["--to", "oncall"]].concat()).code, 0);
    run(&sandbox, &["severity", "2", "--reason", "all regions"]).succeeds();
    assert_eq!(run(&sandbox, &page).code, 0);
    assert_eq!(pagerduty.got().len(), 2);
}

#[test]
fn the_policy_says_what_may_be_sent_and_what_a_person_answers_for() {
    let (slack, pagerduty) = (Service::new(&[Answer::Documented]), Service::new(&[Answer::Documented]));
    let sandbox = home(&slack.address, &pagerduty.address);
    let profile = std::fs::read_to_string(sandbox.path("profile.yaml")).expect("a profile");
    let policy = "safetyPolicy: {forbiddenOperations: [send_update], requireApproval: {send_page: true}}\n";
    sandbox.write("profile.yaml", format!("{profile}{policy}"));
    let typed = |words: &[&str]| run(&sandbox, &[words, &["--profile", "./profile.yaml"]].concat());
    typed(&["update", "a", "--yes"])
        .fails(3, &["refused: update to chat is not sent: forbiddenOperations", "safetyPolicy"]);
    typed(&["page", "--yes"]).fails(3, &["sending must be confirmed", "--confirm inc-"]);
    assert!(slack.got().is_empty() && pagerduty.got().is_empty());
    let shown = document(&sandbox, &["show"], 0);
    assert_eq!(states(&shown).len(), 0, "refusals come before anything is on its way");
    let id = shown["id"].as_str().expect("an id");
    assert_eq!(typed(&["page", "--confirm", id]).code, 0);
    assert_eq!(pagerduty.got().len(), 1);
}
