//! What PostgreSQL servers say of their sessions, where somebody wants them to be asked.

use super::{Answer, Answers, Failure, Question, Target};
use crate::check::Sight;
use crate::object::ObjectRef;
use crate::postgres::{Activity, Server, is_server};
use crate::profile::Database;
use crate::slim::container::Container;
use crate::slim::{Kind, Object, Pod, Shared};
use crate::snapshot::{Gap, GapReason, ReadState, Reads, Snapshot};
use crate::view::accountable;

/// What is asked, as questions name it.
const ASKED: &str = "pg_stat_activity";

/// Servers that are asked at the most: each is a command in a container.
const MOST: usize = 8;

/// The status of a server that has no connection left, as HTTP calls it.
const FULL: u16 = 503;

/// By which kubectl chooses a container, too.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The role and the database that every server has, unless its container says otherwise.
const USUAL: &str = "postgres";

/// Which servers are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseInquiry {
    /// Those that a profile names.
    pub named: Vec<Database>,
    /// Whether others are too, which are recognised by their image.
    pub with_recognised: bool,
    /// Whether what was seen is kept somewhere, where nobody can be asked any more.
    pub is_stored: bool,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// What its sessions do.
    Activity(Activity),
    /// That it takes no more, in its words.
    Full(String),
}

/// What to ask which servers: those of pods that run, of a workload that is named or an image that is known.
pub fn questions_to_databases(reads: &Reads, snapshot: &Snapshot) -> Vec<Question> {
    servers(reads, snapshot).into_iter().take(MOST).map(question).collect()
}

fn question(server: Server) -> Question {
    Question { sight: Sight::Databases, target: Target::Database(server), path: ASKED.to_owned() }
}

fn servers(reads: &Reads, snapshot: &Snapshot) -> Vec<Server> {
    let Some(inquiry) = &reads.inquiry.databases else { return Vec::new() };
    let pods = snapshot.all::<Pod>().iter();
    let pods = pods.filter(|pod| may_be_asked(pod) && snapshot.namespaces.includes(&pod.metadata.namespace));
    let mut servers: Vec<Server> = pods.filter_map(|pod| server(inquiry, snapshot, pod)).collect();
    servers.sort();
    servers
}

/// Whether a server in a pod can be asked: it runs, and is to stay.
pub(crate) fn may_be_asked(pod: &Pod) -> bool {
    pod.status.phase == "Running" && pod.metadata.deletion_timestamp.is_none()
}

fn server(inquiry: &DatabaseInquiry, snapshot: &Snapshot, pod: &Pod) -> Option<Server> {
    let owner = accountable(snapshot, Kind::Pod, &pod.metadata);
    let named = inquiry.named.iter().find(|it| it.holds(&owner) || it.holds(&pod.reference()));
    let recognised = pod.spec.containers.iter().find(|it| is_server(&it.image));
    if named.is_none() && (recognised.is_none() || !inquiry.with_recognised) {
        return None;
    }
    let unnamed = Database::default();
    let said = named.unwrap_or(&unnamed);
    let container = said.container.clone().or_else(|| recognised.or_else(|| only(pod)).map(|it| it.name.clone()));
    let container = container.or_else(|| pod.metadata.annotation(DEFAULT_CONTAINER).map(str::to_owned));
    let runs = pod.spec.containers.iter().find(|it| Some(&it.name) == container.as_ref());
    let role = said.role.clone().or_else(|| runs.and_then(|it| superuser(it))).unwrap_or_else(|| USUAL.to_owned());
    Some(Server {
        namespace: pod.metadata.namespace.clone(),
        pod: pod.metadata.name.clone(),
        container,
        user: role,
        database: said.database.clone().unwrap_or_else(|| USUAL.to_owned()),
    })
}

fn only(pod: &Pod) -> Option<&Shared<Container>> {
    pod.spec.containers.first().filter(|_| pod.spec.containers.len() == 1)
}

/// The superuser that the official image makes, which has no other then
/// (<https://github.com/docker-library/docs/blob/master/postgres/README.md>).
fn superuser(container: &Container) -> Option<String> {
    let named = container.env.iter().find(|it| it.name == "POSTGRES_USER");
    named.map(|it| it.value.clone()).filter(|it| !it.is_empty() && !it.contains("$("))
}

/// What became of asking the servers; nothing where none was to be asked and none was.
///
/// Whoever asks for it and reaches no server has a gap, and so has who is not shown what sessions do.
pub fn state_of_databases(reads: &Reads, snapshot: &Snapshot, answers: &Answers) -> Option<ReadState> {
    let asked: Vec<(&Question, &Result<Answer, Failure>)> = answers
        .iter()
        .filter(|it| match &it.question.target {
            Target::Database(server) => snapshot.namespaces.includes(&server.namespace),
            _ => false,
        })
        .map(|it| (&it.question, &it.answer))
        .collect();
    let wanted = servers(reads, snapshot).len();
    if asked.is_empty() {
        let inquiry = reads.inquiry.databases.as_ref()?;
        return Some(nobody(inquiry, wanted, snapshot.namespaces.one().is_some()));
    }
    let failed: Vec<(GapReason, String)> = asked
        .iter()
        .filter_map(|(question, answer)| {
            let (reason, why) = refusal(answer)?;
            Some((reason, format!("{}: {why}", question.target)))
        })
        .collect();
    let (all, seen) = (asked.len().max(wanted), asked.len() - failed.len());
    Some(match failed.into_iter().next() {
        Some((reason, why)) => {
            let of_all = if all > 1 { format!("; {seen} of {all} servers have told all") } else { String::new() };
            ReadState::Gap(Gap { reason, detail: format!("{why}{of_all}"), seen })
        }
        None if wanted > asked.len() => {
            let detail = format!("{seen} of {all} servers were asked");
            ReadState::Gap(Gap { reason: GapReason::CutShort, detail, seen })
        }
        None => ReadState::Read { count: seen },
    })
}

/// Why no server was asked.
fn nobody(inquiry: &DatabaseInquiry, wanted: usize, is_one_namespace: bool) -> ReadState {
    if inquiry.is_stored || wanted > 0 {
        return ReadState::NotCollected;
    }
    // What a profile names may stand in another namespace than the one that is looked at.
    if !inquiry.with_recognised && is_one_namespace {
        return ReadState::NotAsked;
    }
    let detail = match inquiry.named.is_empty() {
        true => {
            "no container of a PostgreSQL server that runs was recognised; a profile names it (components[].database)"
        }
        false => "none of the PostgreSQL servers that the profile names runs in what was looked at",
    };
    ReadState::Gap(Gap { reason: GapReason::Unavailable, detail: detail.to_owned(), seen: 0 })
}

fn refusal(answer: &Result<Answer, Failure>) -> Option<(GapReason, String)> {
    match told(answer) {
        Ok(Told::Activity(activity)) if activity.hidden() > 0 => {
            let (hidden, all) = (activity.hidden(), activity.sessions.len());
            let why = format!("the role is not shown what {hidden} of {all} sessions do (pg_read_all_stats)");
            Some((GapReason::Forbidden, why))
        }
        Ok(Told::Activity(activity)) if activity.untracked() > 0 => {
            let (untracked, all) = (activity.untracked(), activity.sessions.len());
            let why = format!("nobody is shown what {untracked} of {all} sessions do (track_activities is off)");
            Some((GapReason::Unavailable, why))
        }
        Ok(_) => None,
        Err(fault) => Some(fault),
    }
}

fn told(answer: &Result<Answer, Failure>) -> Result<Told, (GapReason, String)> {
    match answer {
        Ok(Answer { status: FULL, body, .. }) => Ok(Told::Full(body.clone())),
        Ok(answer) => match Activity::of(&answer.body) {
            Ok(activity) => Ok(Told::Activity(activity)),
            Err(error) => Err((GapReason::Undecodable, error.to_string())),
        },
        Err(failure) => Err((failure.reason(), failure.words())),
    }
}

impl Answers {
    /// What PostgreSQL servers told, in the order of asking.
    pub fn databases(&self) -> Vec<(&Server, Told)> {
        let asked = self.iter().filter_map(|asked| match &asked.question.target {
            Target::Database(server) => Some((server, told(&asked.answer).ok()?)),
            _ => None,
        });
        asked.collect()
    }
}

/// The answer of a psql that failed, from its last words: some of them are one.
pub(super) fn of_failure(why: &str, milliseconds: u64) -> Result<Answer, Failure> {
    const USED_UP: [&str; 3] =
        ["too many clients already", "remaining connection slots", "too many connections for database"];
    const REFUSED: [&str; 7] = [
        "authentication failed",
        "no password supplied",
        "no pg_hba.conf entry",
        "is not permitted to log in",
        "permission denied",
        "must be superuser",
        "fe_sendauth",
    ];
    let why: String = why.chars().take(300).collect();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if says(&USED_UP) {
        return Ok(Answer { status: FULL, body: why, milliseconds });
    }
    let is_no_role = why.contains("role \"") && why.contains("does not exist");
    Err(if is_no_role || says(&REFUSED) { Failure::Forbidden(why) } else { Failure::Unreachable(why) })
}

/// The answer of a psql that ended.
pub fn answer_of_psql(said: &crate::container_command::Said, milliseconds: u64) -> Result<Answer, Failure> {
    if said.is_cut {
        return Err(Failure::Unreachable("it says more than is read".to_owned()));
    }
    match said.failure() {
        Some(why) => of_failure(&why, milliseconds),
        None => Ok(Answer { status: 200, body: crate::postgres::kept_of_activity(&said.stdout), milliseconds }),
    }
}

/// The workload of each server that was asked.
pub fn asked_databases(snapshot: &Snapshot) -> impl Iterator<Item = ObjectRef> + use<'_> {
    let servers = snapshot.answers.iter().filter_map(|asked| match &asked.question.target {
        Target::Database(server) => Some(server),
        _ => None,
    });
    servers.filter_map(|server| {
        let pod = snapshot.get::<Pod>(&server.namespace, &server.pod)?;
        Some(accountable(snapshot, Kind::Pod, &pod.metadata))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container_command::Said;
    use crate::inquiry::{Asked, Inquiry};
    use crate::profile::Profile;
    use crate::slim::Pool;
    use crate::snapshot::{Encoded, NamespaceScope, decode_into};
    use serde_json::{Value, json};

    fn pod(name: &str, phase: &str, containers: Value) -> Value {
        json!({"metadata": {"name": name, "namespace": "shop"}, "spec": {"containers": containers}, "status": {"phase": phase}})
    }

    fn holding(pods: &[Value]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for pod in pods {
            let text = pod.to_string();
            let json = Encoded::Json(text.as_bytes());
            decode_into(Kind::Pod, json, &mut snapshot.objects, &mut Pool::default()).expect("a pod");
        }
        snapshot.objects.sort();
        snapshot
    }

    fn reads(named: Vec<Database>, with_recognised: bool) -> Reads {
        let databases = Some(DatabaseInquiry { named, with_recognised, is_stored: false });
        Reads::of([], NamespaceScope::All).with_inquiry(Inquiry { databases, ..Inquiry::default() })
    }

    fn asked(reads: &Reads, snapshot: &Snapshot) -> Vec<String> {
        let questions = questions_to_databases(reads, snapshot).into_iter();
        let words = questions.filter_map(|it| match it.target {
            Target::Database(server) => {
                Some(format!("{} {} {}", server.pod, server.container.unwrap_or_default(), server.user))
            }
            _ => None,
        });
        words.collect()
    }

    #[test]
    fn servers_are_known_by_their_image_where_that_is_wanted_and_by_their_name_where_a_profile_says_it() {
        let named = json!([{"name": "proxy", "image": "envoy:1"}, {"name": "db", "image": "registry.example/postgres:16",
            "env": [{"name": "POSTGRES_USER", "value": "shop"}]}]);
        let odd = json!([{"name": "main", "image": "registry.example/our-database:3"}]);
        let pods = [
            pod("db-0", "Running", named.clone()),
            pod("gone-0", "Succeeded", named),
            pod("odd-0", "Running", odd),
            pod("web-1", "Running", json!([{"name": "web", "image": "web:1"}])),
        ];
        let snapshot = holding(&pods);
        assert_eq!(asked(&reads(Vec::new(), true), &snapshot), ["db-0 db shop"]);
        assert_eq!(asked(&reads(Vec::new(), false), &snapshot), Vec::<String>::new());
        let profile = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- {name: db, \
            workloads: [Pod/shop/odd-*], database: {role: reader, database: shop}}\n";
        let profile = Profile::parse(profile, &[]).expect("a profile");
        let named = vec![profile.components[0].database.clone().expect("a database")];
        assert_eq!(asked(&reads(named, false), &snapshot), ["odd-0 main reader"]);
    }

    /// What becomes of one server that this came of.
    fn state(answer: Result<Answer, Failure>) -> ReadState {
        let snapshot = holding(&[pod("db-0", "Running", json!([{"name": "db", "image": "postgres:16"}]))]);
        let reads = reads(Vec::new(), true);
        let question = questions_to_databases(&reads, &snapshot).remove(0);
        let answers = Answers::of(vec![Asked { question, answer }]);
        state_of_databases(&reads, &snapshot, &answers).expect("a state")
    }

    fn gap(answer: Result<Answer, Failure>) -> (GapReason, String) {
        match state(answer) {
            ReadState::Gap(gap) => (gap.reason, gap.detail),
            other => panic!("{other:?}"),
        }
    }

    fn psql(exit_code: i32, stdout: &str, stderr: &str) -> Result<Answer, Failure> {
        let said = Said { exit_code, stdout: stdout.to_owned(), stderr: stderr.to_owned(), is_cut: false };
        answer_of_psql(&said, 7)
    }

    #[test]
    fn what_psql_says_is_an_answer_or_a_gap_with_its_reason() {
        let empty = r#"{"isStandby":false,"mostConnections":100,"reserved":3,"sessions":[]}"#;
        assert_eq!(state(psql(0, empty, "")), ReadState::Read { count: 1 });
        let full = psql(2, "", "psql: error: FATAL:  sorry, too many clients already\n");
        assert_eq!(state(full), ReadState::Read { count: 1 });
        for (words, reason) in [
            ("FATAL:  password authentication failed for user \"app\"", GapReason::Forbidden),
            ("FATAL:  role \"nobody\" does not exist", GapReason::Forbidden),
            ("FATAL:  the database system is in recovery mode", GapReason::Unavailable),
            ("FATAL:  database \"shop\" does not exist", GapReason::Unavailable),
            ("FATAL:  too many connections for role \"monitor\"", GapReason::Unavailable),
            ("ERROR:  canceling statement due to statement timeout", GapReason::Unavailable),
        ] {
            let (found, detail) = gap(psql(2, "", words));
            assert!(found == reason && detail.contains(words) && detail.starts_with("Pod shop/db-0: "), "{detail}");
        }
        let (reason, detail) = gap(psql(0, "hunter2", ""));
        assert!(reason == GapReason::Undecodable && !detail.contains("hunter2"), "{detail}");
        assert_eq!(gap(Err(Failure::TimedOut(10))).0, GapReason::TimedOut);
    }

    #[test]
    fn a_role_that_is_shown_nothing_has_a_gap() {
        let hidden = r#"{"isStandby":false,"mostConnections":100,"reserved":3,"sessions":[{"pid":1,"role":"app"}]}"#;
        let (reason, detail) = gap(psql(0, hidden, ""));
        assert_eq!(reason, GapReason::Forbidden);
        assert!(detail.contains("is not shown what 1 of 1 sessions do (pg_read_all_stats)"), "{detail}");
        let of_state = |state: &str| {
            let body = hidden.replace(r#""role":"app""#, &format!(r#""role":"app","state":"{state}""#));
            psql(0, &body, "")
        };
        let (reason, detail) = gap(of_state("disabled"));
        assert_eq!(reason, GapReason::Unavailable);
        assert!(detail.contains("nobody is shown what 1 of 1 sessions do (track_activities is off)"), "{detail}");
        assert_eq!(state(of_state("starting")), ReadState::Read { count: 1 });
    }

    #[test]
    fn nobody_who_asks_is_left_without_a_word() {
        let (none, reads) = (holding(&[]), reads(Vec::new(), true));
        let ReadState::Gap(gap) = state_of_databases(&reads, &none, &Answers::default()).expect("a state") else {
            panic!("a gap")
        };
        assert!(gap.detail.contains("was recognised"), "{}", gap.detail);
        assert_eq!(state_of_databases(&Reads::of([], NamespaceScope::All), &none, &Answers::default()), None);
    }

    #[test]
    fn a_profile_that_names_servers_elsewhere_and_what_is_kept_without_answers_are_no_gaps() {
        let elsewhere = vec![Database::default()];
        let mut one = holding(&[]);
        one.namespaces = NamespaceScope::One("web".to_owned());
        let of = |inquiry: DatabaseInquiry, snapshot: &Snapshot| {
            let inquiry = Inquiry { databases: Some(inquiry), ..Inquiry::default() };
            state_of_databases(&Reads::of([], NamespaceScope::All).with_inquiry(inquiry), snapshot, &Answers::default())
        };
        let named = DatabaseInquiry { named: elsewhere, ..DatabaseInquiry::default() };
        assert_eq!(of(named.clone(), &one), Some(ReadState::NotAsked));
        let Some(ReadState::Gap(gap)) = of(named.clone(), &holding(&[])) else { panic!("a gap") };
        assert!(gap.detail.contains("that the profile names"), "{}", gap.detail);
        let kept = DatabaseInquiry { is_stored: true, with_recognised: true, ..named };
        assert_eq!(of(kept, &one), Some(ReadState::NotCollected));
    }

    #[test]
    fn what_a_server_of_another_namespace_said_is_not_told() {
        let mut snapshot = holding(&[pod("db-0", "Running", json!([{"name": "db", "image": "postgres:16"}]))]);
        let reads = reads(Vec::new(), true);
        let question = questions_to_databases(&reads, &snapshot).remove(0);
        let answers = Answers::of(vec![Asked { question, answer: Err(Failure::TimedOut(10)) }]);
        assert!(matches!(state_of_databases(&reads, &snapshot, &answers), Some(ReadState::Gap(_))));
        snapshot.namespaces = NamespaceScope::One("web".to_owned());
        let Some(ReadState::Gap(gap)) = state_of_databases(&reads, &snapshot, &answers) else { panic!("a gap") };
        assert!(!gap.detail.contains("db-0"), "{}", gap.detail);
    }
}
