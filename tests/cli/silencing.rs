//! Alerts are kept quiet for an incident: by an Alertmanager on this machine that fails in each way.

use super::formats::schema_of_changes;
use super::sandbox::{Ran, Sandbox};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a silence that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is made, and that is said.
    Made,
    /// It is made, and the connection breaks off before that is said.
    MadeUnsaid,
    /// This is said, and nothing is made.
    Says(&'static str),
    /// Nothing is made, and nothing said in time.
    Silence,
}

/// An Alertmanager that knows two alerts and gives silences their fates in turn, the last one again and again.
pub(super) struct Alertmanager {
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    silences: Vec<Value>,
    posts: usize,
    filters: Vec<String>,
    deleted: Vec<String>,
    /// Whether the API server lets nobody delete through it.
    keeps: bool,
}

/// The path of the API server that leads to it.
const PROXY: &str = "/api/v1/namespaces/monitoring/services/alertmanager:9093/proxy";
const FORBIDDEN: &str = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,
    "message":"services \"alertmanager:9093\" is forbidden: User \"u\" cannot delete resource \"services/proxy\""}"#;

impl Alertmanager {
    pub(super) fn new(fates: &'static [Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Some(asked) = request(&mut stream) else { continue };
                match answered(&asked, &shared, fates) {
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    None => held.push(stream),
                }
            }
        });
        Self { address, state }
    }

    pub(super) fn silences(&self) -> Vec<Value> {
        self.state.lock().expect("the state").silences.clone()
    }

    fn posts(&self) -> usize {
        self.state.lock().expect("the state").posts
    }
}

/// What was asked; nothing where whoever asked was gone before it was said.
fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|it| it.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            let length: usize = length.map_or(0, |it| it.trim().parse().expect("a length"));
            if body.len() >= length {
                return Some((head.lines().next().unwrap_or_default().to_owned(), body.to_owned()));
            }
        }
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn said(status: &str, body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()))
}

/// Nothing where nothing is said and the connection stays; an empty text breaks it off.
fn answered((line, body): &(String, String), state: &Mutex<State>, fates: &[Fate]) -> Option<String> {
    let mut state = state.lock().expect("the state");
    let mut words = line.split(' ');
    let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
    let path = match path.strip_prefix(PROXY) {
        Some(path) if method != "DELETE" || !state.keeps => path,
        Some(_) => return said("403 Forbidden", FORBIDDEN),
        None => path,
    };
    match (method, path.split('?').next().unwrap_or_default()) {
        ("GET", "/api/v2/alerts") => {
            state.filters.push(path.to_owned());
            let alert = |pod: &str| {
                json!({"labels": {"alertname": "CheckoutIsDown", "pod": pod}, "annotations": {}, "status": {"state": "active",
                    "silencedBy": [], "inhibitedBy": []}, "startsAt": "2026-01-01T00:00:00Z"})
            };
            said("200 OK", &json!([alert("a"), alert("b")]).to_string())
        }
        ("GET", "/api/v2/silences") => said("200 OK", &json!(state.silences).to_string()),
        ("POST", "/api/v2/silences") => {
            let fate = fates[state.posts.min(fates.len() - 1)];
            state.posts += 1;
            let number = state.silences.len();
            if matches!(fate, Fate::Made | Fate::MadeUnsaid) {
                let mut silence: Value = serde_json::from_str(body).expect("JSON");
                silence["id"] = format!("0000-{number}").into();
                silence["status"] = json!({"state": "active"});
                state.silences.push(silence);
            }
            match fate {
                Fate::Made => said("200 OK", &json!({"silenceID": format!("0000-{number}")}).to_string()),
                Fate::MadeUnsaid => Some(String::new()),
                Fate::Says(text) => Some(text.to_owned()),
                Fate::Silence => None,
            }
        }
        ("DELETE", _) => {
            state.deleted.push(path.to_owned());
            let id = path.rsplit('/').next().unwrap_or_default();
            match state.silences.iter_mut().find(|it| it["id"] == id) {
                Some(silence) => {
                    silence["status"] = json!({"state": "expired"});
                    said("200 OK", "")
                }
                None => said("404 Not Found", ""),
            }
        }
        _ => said("404 Not Found", ""),
    }
}

/// A home with an open incident, and a profile that names an Alertmanager.
pub(super) fn home(address: &str, silences: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let head = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n";
    sandbox.write(
        "profile.yaml",
        format!("{head}alertmanager: {{url: '{address}'}}\nincident: {{silences: {silences}}}\n"),
    );
    let words = ["declare", "--sev", "1", "--title", "checkout is down", "--profile", "./profile.yaml", "-o", "json"];
    let ran = run(&sandbox, &words);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    (sandbox, document["id"].as_str().expect("an id").to_owned())
}

fn run(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.run(&[&["incident"], words, &["--request-timeout", "1s"]].concat())
}

fn document(sandbox: &Sandbox, words: &[&str], code: i32) -> Value {
    let ran = run(sandbox, &[words, &["-o", "json", "--profile", "./profile.yaml"]].concat());
    assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    let (schemas, index) = schema_of_changes(document["kind"].as_str().expect("a kind"));
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
    document
}

fn states(document: &Value) -> Vec<&str> {
    document["deliveries"].as_array().expect("deliveries").iter().filter_map(|it| it["state"].as_str()).collect()
}

const ASKED: [&str; 6] = ["silence", "CheckoutIsDown{pod!=c}", "--for", "30m", "--reason", "being rolled back"];

#[test]
fn what_would_be_hidden_is_shown_first_and_a_silence_ends_with_its_incident() {
    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = home(&alertmanager.address, "{}");
    let dry = document(&sandbox, &[&ASKED[..], &["--dry-run"]].concat(), 0);
    assert_eq!(dry["hides"], json!(["CheckoutIsDown{pod=a}", "CheckoutIsDown{pod=b}"]));
    let payload: Value = serde_json::from_str(dry["wouldSend"][0]["payload"].as_str().expect("a text")).expect("JSON");
    assert_eq!(payload["matchers"][1], json!({"name": "pod", "value": "c", "isRegex": false, "isEqual": false}));
    let refused = run(&sandbox, &[&ASKED[..], &["--profile", "./profile.yaml"]].concat());
    refused.fails(3, &["sending must be confirmed", "nothing was sent"]);
    assert_eq!(alertmanager.posts(), 0, "nothing is silenced without a yes");
    assert!(alertmanager.state.lock().expect("the state").filters[0].contains("filter=pod%21%3D%22c%22"));

    let made = document(&sandbox, &[&ASKED[..], &["--yes"]].concat(), 0);
    assert_eq!((states(&made), made["deliveries"][0]["channel"].as_str()), (vec!["sent"], Some("alertmanager")));
    let silence = alertmanager.silences().remove(0);
    let comment = silence["comment"].as_str().expect("a comment");
    assert!(comment.starts_with(&format!("{id}: being rolled back (m-")), "{comment}");
    let time = |name: &str| silence[name].as_str().and_then(|it| it.parse::<jiff::Timestamp>().ok()).expect("a time");
    let length = time("endsAt").duration_since(time("startsAt")).as_secs();
    assert!((1795..=1800).contains(&length), "{length}");
    let timeline = made["timeline"].to_string();
    assert!(timeline.contains("pod!=") && timeline.contains("being rolled back"), "{timeline}");

    let listed = document(&sandbox, &["silence", "list"], 0);
    assert_eq!(
        (&listed["silences"][0]["id"], listed["silences"].as_array().map(Vec::len)),
        (&"0000-0".into(), Some(1))
    );
    let over = document(&sandbox, &["resolve", "--yes"], 0);
    assert_eq!((states(&over), &over["state"]), (vec!["sent", "sent"], &"resolved".into()));
    assert_eq!(alertmanager.silences()[0]["status"]["state"], "expired");
    run(&sandbox, &["silence", &id, "A", "--reason", "a", "--yes"]).fails(2, &["is over, so nothing is silenced"]);
}

#[test]
fn the_id_of_a_silence_leads_nowhere_else() {
    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = home(&alertmanager.address, "{}");
    document(&sandbox, &[&ASKED[..], &["--yes"]].concat(), 0);
    alertmanager.state.lock().expect("the state").silences[0]["id"] = "../../../-/reload?now".into();
    document(&sandbox, &["silence", "expire", &id, "--yes"], 0);
    let deleted = alertmanager.state.lock().expect("the state").deleted.clone();
    assert_eq!(deleted, ["/api/v2/silence/..%2F..%2F..%2F-%2Freload%3Fnow"]);
}

#[test]
fn nobody_silences_everything_for_ever_or_in_passing() {
    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = home(&alertmanager.address, "{longest: 1h, alerts: 1}");
    let typed =
        |more: &[&str]| run(&sandbox, &[&["silence"], more, &["--profile", "./profile.yaml", "--yes"]].concat());
    for wide in ["alertname=~.*", "alertname=~.+", "alertname=", "alertname!=x", "{}"] {
        typed(&[wide, "--reason", "a"]).fails(2, &["kubectl sre incident silence"]);
    }
    typed(&["A", "--reason", "a", "--for", "2h"])
        .fails(2, &["--for 2h is too long", "1h at the most", "silences.longest"]);
    typed(&["A", "--reason", " "]).fails(2, &["a reason is wanted"]);
    typed(&["A"]).fails(2, &["--reason"]);
    // Two alerts are more than one: a yes is not enough.
    let (yes, wrong) = (typed(&["A", "--reason", "a"]), typed(&["A", "--reason", "a", "--confirm", "inc-1"]));
    yes.fails(3, &["sending must be confirmed", &format!("--confirm {id}")]);
    wrong.fails(3, &["sending must be confirmed"]);
    assert_eq!(alertmanager.posts(), 0);
    let confirmed = typed(&["A", "--reason", "a", "--confirm", &id]);
    assert_eq!((confirmed.code, alertmanager.posts()), (0, 1), "{}{}", confirmed.stdout, confirmed.stderr);
    let silence = &alertmanager.silences()[0];
    let time = |name: &str| silence[name].as_str().and_then(|it| it.parse::<jiff::Timestamp>().ok()).expect("a time");
    assert!(time("endsAt").duration_since(time("startsAt")).as_secs() <= 3600, "no longer than it may be");
}

#[test]
fn one_whose_fate_is_unknown_is_looked_for_and_never_doubled() {
    const UNSAID: &[Fate] = &[Fate::MadeUnsaid];
    const SILENT: &[Fate] = &[Fate::Silence, Fate::Made];
    const BROKEN: &[Fate] = &[
        Fate::Says("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"),
        Fate::Made,
    ];
    const BUSY: &[Fate] =
        &[Fate::Says("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"), Fate::Made];
    const ODD: &[Fate] =
        &[Fate::Says("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")];
    const WRONG: &[Fate] =
        &[Fate::Says("HTTP/1.1 400 Bad Request\r\ncontent-length: 14\r\nconnection: close\r\n\r\n\"bad silence\" ")];
    for (fates, state, posts, made) in [
        (UNSAID, "sent", 1, 1),
        (SILENT, "sent", 2, 1),
        (BROKEN, "sent", 2, 1),
        (BUSY, "sent", 2, 1),
        (ODD, "failed", 1, 0),
        (WRONG, "failed", 1, 0),
    ] {
        let alertmanager = Alertmanager::new(fates);
        let (sandbox, _) = home(&alertmanager.address, "{}");
        let told = document(&sandbox, &[&ASKED[..], &["--yes"]].concat(), if state == "sent" { 0 } else { 4 });
        assert_eq!((states(&told), alertmanager.posts()), (vec![state], posts), "{fates:?}: {told:#}");
        assert_eq!(alertmanager.silences().len(), made, "{fates:?}");
    }
}

#[test]
fn who_cannot_be_asked_hides_nothing_and_what_is_left_is_told() {
    let (sandbox, _) = home("http://127.0.0.1:1", "{}");
    let unseen = run(&sandbox, &[&ASKED[..], &["--yes", "--profile", "./profile.yaml"]].concat());
    unseen.fails(5, &["Alertmanager (http://127.0.0.1:1)", "no connection could be made"]);
    let shown = document(&sandbox, &["show"], 0);
    assert_eq!(states(&shown).len(), 0, "nothing was on its way");
    let ran = run(&sandbox, &ASKED);
    assert_eq!(ran.code, 5, "without a profile it is looked for in a cluster: {}", ran.stderr);

    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = home(&alertmanager.address, "{}");
    assert_eq!(states(&document(&sandbox, &[&ASKED[..], &["--yes"]].concat(), 0)), ["sent"]);
    let again = document(&sandbox, &["silence", "expire", "0000-0", "--dry-run"], 0);
    assert_eq!(again["wouldSend"].as_array().map(Vec::len), Some(1));
    run(&sandbox, &["silence", "expire", "0000-7", "--yes"]).fails(2, &["no silence 0000-7"]);
    // Nobody said yes: it is over here, and what is left is told until it is done.
    let over = run(&sandbox, &["resolve"]);
    assert_eq!(over.code, 3, "{}{}", over.stdout, over.stderr);
    assert!(over.stderr.contains("is resolved here, and nobody was told"), "{}", over.stderr);
    assert!(over.stdout.contains(&format!("kubectl sre incident resolve {id}")), "{}", over.stdout);
    assert_eq!(alertmanager.silences()[0]["status"]["state"], "active");
    assert_eq!(run(&sandbox, &["resolve", &id, "--yes"]).code, 0);
    assert_eq!(alertmanager.silences()[0]["status"]["state"], "expired");
}

#[test]
fn through_the_api_server_it_is_asked_in_the_cluster_where_it_was_asked_before() {
    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = home("http://127.0.0.1:1", "{}");
    let profile = std::fs::read_to_string(sandbox.path("profile.yaml")).expect("a profile");
    let service = profile.replace("{url: 'http://127.0.0.1:1'}", "{service: 'monitoring/alertmanager:9093'}");
    sandbox.write("profile.yaml", service);
    let config = |current: &str| {
        let contexts = "contexts:\n- {name: here, context: {cluster: here, user: u}}\n- {name: there, context: {cluster: there, user: u}}\n";
        let clusters = format!(
            "clusters:\n- {{name: here, cluster: {{server: '{}'}}}}\n- {{name: there, cluster: {{server: 'http://127.0.0.1:1'}}}}\n",
            alertmanager.address
        );
        let head = "apiVersion: v1\nkind: Config\n";
        let users = "users:\n- {name: u, user: {token: t}}\n";
        sandbox.write(".kube/config", format!("{head}current-context: {current}\n{contexts}{clusters}{users}"));
    };
    config("here");
    let made = document(&sandbox, &[&ASKED[..], &["--yes"]].concat(), 0);
    assert_eq!((states(&made), alertmanager.silences().len()), (vec!["sent"], 1));
    config("there");
    alertmanager.state.lock().expect("the state").keeps = true;
    let kept = document(&sandbox, &["resolve", "--yes"], 4);
    let why = kept["deliveries"][1]["why"].as_str().unwrap_or_default();
    assert!(why.contains("the API server says: services") && why.contains("cannot delete"), "{kept:#}");
    alertmanager.state.lock().expect("the state").keeps = false;
    assert_eq!(states(&document(&sandbox, &["retry", &id, "--yes"], 0)), ["sent", "sent"]);
    assert_eq!(alertmanager.silences()[0]["status"]["state"], "expired");
}
