//! Every row of the guides leads to an answer: `docs/guides-to-triage.md` is written from the list here, and each of its
//! fixtures is triaged.

pub mod cluster;
mod rows;

use cluster::Cluster;
use rows::{BESIDES, COUNTS, ROWS, Row};
use sre_core::cause::{CLASSES, Origin};
use sre_core::finding::Effect;
use sre_core::logs::logs_wanted;
use sre_core::object::ObjectRef;
use sre_core::performance::{Unseen, unmeasured, unseen};
use sre_core::snapshot::{GapReason, Snapshot};
use sre_core::triage::{Triage, triage};
use sre_core::view::View;
use sre_testkit::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The class of what nothing in a cluster shows.
const ELSEWHERE: &str = "desktop-application-crash";

/// What a triage of a fixture came to.
struct Answer {
    /// The classes of its causes, the first to act on first.
    classes: Vec<String>,
    /// Classes that follow from those.
    explained: BTreeSet<String>,
    /// Commands that change something, by class.
    changes: Vec<(String, String)>,
    unseen: Vec<Unseen>,
}

/// Triages as the command does: once, then with the logs that the first look wants.
fn answer(cluster: &Cluster, mut snapshot: Snapshot) -> Answer {
    let profile = cluster.profile();
    let lost = unmeasured(&mut snapshot, &profile);
    let target = cluster.target.as_deref().map(|name| ObjectRef::namespaced("Deployment", "shop", name));
    let written = cluster.written();
    {
        let view = View::new(&snapshot).with_profile(profile.clone());
        let wanted = logs_wanted(&view, &triage(&view, target.as_slice(), None), target.as_ref());
        let unwanted: Vec<_> = written.iter().filter(|read| !wanted.logs.contains(&read.log)).collect();
        assert!(unwanted.is_empty(), "nobody would read {unwanted:?}, only {:?}", wanted.logs);
    }
    snapshot.logs = written;
    let view = View::new(&snapshot).with_profile(profile);
    told(&triage(&view, target.as_slice(), None), unseen(&view, &lost))
}

fn told(triage: &Triage, unseen: Vec<Unseen>) -> Answer {
    let findings = triage.causes.iter().map(|cause| &cause.judged.finding);
    let class = |it: &sre_core::finding::Finding| it.class.unwrap_or_default().to_owned();
    let changes = findings.clone().flat_map(|finding| {
        let changes = finding.remedies.iter().filter(|remedy| remedy.effect == Effect::Changes);
        changes.map(move |remedy| (class(finding), remedy.command.clone()))
    });
    Answer {
        classes: findings.clone().map(class).collect(),
        explained: triage.causes.iter().flat_map(|cause| &cause.explains).map(class).collect(),
        changes: changes.collect(),
        unseen,
    }
}

/// Every fixture of ours, once, with the class that it is for.
fn fixtures() -> BTreeMap<&'static str, &'static str> {
    let ours = ROWS.iter().chain(BESIDES).filter(|row| !row.fixture.starts_with("checks/"));
    ours.map(|row| (row.fixture, row.class)).collect()
}

fn is_own(class: &str) -> bool {
    CLASSES.iter().any(|it| it.id == class && it.origin == Origin::Own)
}

#[test]
fn every_heading_has_as_many_rows_as_its_guide() {
    for (place, count) in COUNTS {
        assert_eq!(ROWS.iter().filter(|row| row.place == *place).count(), *count, "{place}");
    }
    assert_eq!(ROWS.len(), COUNTS.iter().map(|(_, count)| count).sum::<usize>());
}

#[test]
fn every_row_leads_to_its_class() {
    let mut wrong = Vec::new();
    for (fixture, class) in fixtures() {
        let cluster = Cluster::open(fixture);
        let answer = answer(&cluster, cluster.snapshot(None));
        let is_right = match class {
            ELSEWHERE => {
                answer.classes.is_empty() && answer.unseen.iter().any(|it| it.question == ELSEWHERE.replace('-', " "))
            }
            _ => answer.classes.first().map(String::as_str) == Some(class),
        };
        if !is_right {
            wrong.push(format!(
                "{fixture}: {class} is wanted, {:?} came, explaining {:?}",
                answer.classes, answer.explained
            ));
        }
    }
    for row in ROWS {
        let Some(name) = row.fixture.strip_prefix("checks/") else { continue };
        let snapshot = Scenario::captured(name).later(2).snapshot();
        let view = View::new(&snapshot);
        let answer = told(&triage(&view, &[], None), Vec::new());
        if !answer.classes.iter().any(|class| class == row.class) {
            wrong.push(format!("{name}: {} is wanted, {:?} came", row.class, answer.classes));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every class of ours has its row or its fixture, so that each is run.
#[test]
fn every_class_of_ours_is_led_to() {
    let led: BTreeSet<&str> = ROWS.iter().chain(BESIDES).map(|row| row.class).collect();
    let lost: Vec<&str> =
        CLASSES.iter().filter(|it| it.origin == Origin::Own).map(|it| it.id).filter(|it| !led.contains(it)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn without_the_line_or_the_value_no_class_of_ours_is_named() {
    for (fixture, class) in fixtures().into_iter().filter(|(_, class)| is_own(class)) {
        let mut cluster = Cluster::open(fixture);
        cluster.logs.iter_mut().for_each(|log| log.text = "starting\nlistening on 0.0.0.0:8080\n".to_owned());
        cluster.prometheus.iter_mut().for_each(|told| told.value = 0.001);
        if fixture == "memory-by-metrics-server" {
            continue;
        }
        let answer = answer(&cluster, cluster.snapshot(None));
        let named: Vec<&String> =
            answer.classes.iter().chain(&answer.explained).filter(|class| is_own(class)).collect();
        assert!(named.is_empty(), "{fixture}, {class}: {named:?}");
        let asked = cluster.prometheus.iter().map(|told| told.measure.as_str());
        let unseen: Vec<&str> = answer.unseen.iter().map(|it| it.question.as_str()).collect();
        assert!(asked.clone().all(|measure| !unseen.contains(&measure)), "{fixture}: what was measured was seen");
    }
}

#[test]
fn a_prometheus_that_does_not_answer_names_nothing_and_is_told() {
    let measured =
        fixtures().into_keys().map(|name| (name, Cluster::open(name))).filter(|(_, it)| !it.prometheus.is_empty());
    let mut seen = 0;
    for (name, cluster) in measured {
        let answer = answer(&cluster, cluster.snapshot(Some(GapReason::TimedOut)));
        assert_eq!(answer.classes, Vec::<String>::new(), "{name}");
        for told in &cluster.prometheus {
            let lost = answer
                .unseen
                .iter()
                .find(|it| it.question == told.measure)
                .unwrap_or_else(|| panic!("{name}: {}", told.measure));
            assert!(lost.why.starts_with("timed out") && !lost.ask.is_empty(), "{lost:?}");
        }
        seen += 1;
    }
    assert!(seen >= 12, "{seen}");
}

/// What a guide does about a trouble is there to be typed, and only tried until somebody takes `--dry-run` away.
#[test]
fn answers_end_in_an_action_of_the_guides() {
    for (fixture, words) in [
        (
            "throttled",
            "kubectl sre scale resources deployment/web --container web --limits cpu=1000m -n shop --dry-run",
        ),
        (
            "memory-near-limit",
            "kubectl sre scale resources deployment/web --container web --limits memory=1Gi -n shop --dry-run",
        ),
        (
            "requests-slow",
            "kubectl sre change set-env deployment/kubilitics-backend -n shop KUBILITICS_CACHE_TYPE=redis KUBILITICS_CACHE_TTL=300 --dry-run",
        ),
        ("requests-slow", "kubectl sre scale deployment/kubilitics-backend --replicas 2 -n shop --dry-run"),
        (
            "database-locked",
            "kubectl sre change set-env deployment/kubilitics-backend -n shop KUBILITICS_DATABASE_POOL_SIZE=5 --dry-run",
        ),
        (
            "connections-near-limit",
            "kubectl sre change db-terminate-idle pod/postgres-1 -n shop --idle-for 10m --dry-run",
        ),
        ("queries-slow", "kubectl sre change db-slow-log pod/postgres-1 -n shop --over 1s --for 30m --dry-run"),
        (
            "websocket-refused",
            "kubectl sre change set-env deployment/kubilitics-backend -n shop KUBILITICS_WS_PING_INTERVAL=15 --dry-run",
        ),
        (
            "provider-limit-reached",
            "kubectl sre change set-env deployment/kubilitics-ai -n shop AI_LLM_PROVIDER=anthropic --dry-run",
        ),
        ("heap-grows", "kubectl sre change restart deployment/kubilitics-backend -n shop --dry-run"),
    ] {
        let cluster = Cluster::open(fixture);
        let changes: Vec<String> =
            answer(&cluster, cluster.snapshot(None)).changes.into_iter().map(|(_, command)| command).collect();
        assert!(changes.iter().any(|it| it == words), "{fixture}: {words}\n{changes:#?}");
    }
}

/// What users meet follows from what makes it so.
#[test]
fn slow_answers_follow_from_what_holds_the_program_back() {
    let cluster = Cluster::open("throttled-and-slow");
    let answer = answer(&cluster, cluster.snapshot(None));
    assert_eq!(answer.classes, ["cpu-throttled"]);
    assert!(answer.explained.contains("response-slow"), "{:?}", answer.explained);
}

#[test]
fn the_map_in_the_docs_is_that_of_the_tests() {
    let mut text = String::from(HEAD);
    for (place, _) in COUNTS {
        _ = write!(text, "\n## {place}\n\n| the guide says | triage says | fixture |\n|---|---|---|\n");
        for Row { says, class, fixture, .. } in ROWS.iter().filter(|row| row.place == *place) {
            let ours = if is_own(class) { " (ours)" } else { "" };
            let class = if *class == ELSEWHERE {
                format!("cannot be seen from here: `{class}`")
            } else {
                format!("`{class}`{ours}")
            };
            let folder = if fixture.starts_with("checks/") { "" } else { "guides/" };
            _ = writeln!(text, "| {says} | {class} | `{folder}{fixture}` |");
        }
    }
    super::rules::generated("docs/guides-to-triage.md", &text);
}

const HEAD: &str = "\
# From the guides to triage

Every row of the trouble matrices, lists of common issues and sections on diagnosis of the systems' guides, and the class that
`kubectl sre incident triage` gives for it. `kubectl sre explain CLASS` prints its page. Classes marked as ours stand beside the
triage vocabulary: logs and measurements show them. A test triages every fixture (`tests/fixtures`), counts the rows, and
writes this page; fixtures of `checks/` were captured from a control plane, those of `guides/` are made up.
";
