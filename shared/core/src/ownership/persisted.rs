//! Whether the source that keeps an object says the same as a change that was made in the cluster only.
//!
//! It is told from what the cluster shows: the comparison of Argo CD, when a release of Helm was upgraded last and what its
//! manifest says, what Flux applied. What a repository says is not in the cluster; where that alone would tell, it is not
//! known.

use super::{Owner, text};
use crate::object::ObjectRef;
use jiff::Timestamp;
use serde_json::Value;

/// How a source stands to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// It says the same.
    Agrees,
    /// It does not.
    Differs(String),
    /// That cannot be seen.
    Unknown(String),
}

/// What was seen of the sources.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The Applications of Argo CD; absent where they cannot be read.
    pub applications: Option<&'a [Value]>,
    /// The metadata of the Secrets that Helm keeps the owner's releases in; absent where they cannot be read.
    pub releases: Option<&'a [Value]>,
}

/// How a source stands to a change of an object that still stands; operators have no source of the kind.
pub fn persistence(owner: &Owner, object: &ObjectRef, changed: Timestamp, seen: Sources<'_>) -> Persistence {
    match owner {
        Owner::ArgoCd { application, namespace } => {
            let Some(applications) = seen.applications else { return unknown("Applications cannot be read") };
            let is_it = |it: &&Value| {
                let place = text(it, "/metadata/namespace");
                text(it, "/metadata/name") == Some(application)
                    && namespace.as_deref().is_none_or(|of| Some(of) == place)
            };
            match applications.iter().find(is_it) {
                Some(application) => compared(application, object, changed),
                None => unknown(format!("there is no Application {application} to be seen")),
            }
        }
        Owner::Helm { release, namespace } => match seen.releases {
            Some(releases) => upgraded(releases, (release, namespace), changed),
            None => unknown(format!("the releases in {namespace} cannot be read")),
        },
        Owner::Flux { object } => unknown(format!("what {object} would apply is not in the cluster")),
        Owner::Operator { object, .. } => unknown(format!("{object} is no source in files")),
    }
}

/// What the times of a source and what it said last come to; that it was not applied since says more than what it said
/// before.
pub fn together(by_time: Persistence, said: Option<Persistence>) -> Persistence {
    match (by_time, said) {
        (_, Some(Persistence::Agrees)) => Persistence::Agrees,
        (not_since @ Persistence::Differs(_), _) | (not_since, None) => not_since,
        (_, Some(said)) => said,
    }
}

fn unknown(why: impl Into<String>) -> Persistence {
    Persistence::Unknown(why.into())
}

/// By what Argo CD found when it last compared.
fn compared(application: &Value, object: &ObjectRef, changed: Timestamp) -> Persistence {
    let at = text(application, "/status/reconciledAt").and_then(|at| at.parse::<Timestamp>().ok());
    if at.is_none_or(|at| at <= changed) {
        return Persistence::Differs("Argo CD has not compared it since".to_owned());
    }
    let entries = |pointer: &str| application.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let is_of_kind = |it: &&Value| it["kind"] == object.kind.as_str() || it["kind"] == "*";
    if entries("/spec/ignoreDifferences").any(|it| is_of_kind(&it)) {
        return unknown(format!("the Application ignores some differences of each {}", object.kind));
    }
    let is_it = |it: &&Value| {
        it["kind"] == object.kind.as_str()
            && it["name"] == object.name.as_str()
            && it["namespace"].as_str() == object.namespace.as_deref()
    };
    match entries("/status/resources").find(is_it).map(|it| it["status"].as_str().unwrap_or_default()) {
        Some("Synced") => Persistence::Agrees,
        Some("OutOfSync") => Persistence::Differs("Argo CD shows it as OutOfSync".to_owned()),
        _ => unknown("the Application does not say how it stands"),
    }
}

/// By when Helm wrote the newest revision.
fn upgraded(secrets: &[Value], (release, namespace): (&str, &str), changed: Timestamp) -> Persistence {
    let label = |it: &Value, key: &str| it.pointer("/metadata/labels")?.get(key)?.as_str().map(str::to_owned);
    let of_release = secrets
        .iter()
        .filter(|it| label(it, "owner").as_deref() == Some("helm") && label(it, "name").as_deref() == Some(release));
    let newest = of_release
        .filter_map(|it| {
            let revision: u64 = label(it, "version")?.parse().ok()?;
            Some((revision, text(it, "/metadata/creationTimestamp")?.parse::<Timestamp>().ok()?))
        })
        .max();
    match newest {
        None => unknown(format!("no revision of the release {release} is kept in {namespace}")),
        Some((revision, at)) if at <= changed => {
            Persistence::Differs(format!("the release was not upgraded since: revision {revision} is the newest"))
        }
        Some((revision, _)) => unknown(format!(
            "revision {revision} came since, and whether it says so is not seen: helm get manifest {release} -n {namespace}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn web() -> ObjectRef {
        ObjectRef::namespaced("Deployment", "shop", "web")
    }

    fn at(time: &str) -> Timestamp {
        time.parse().expect("a time")
    }

    fn argo(applications: Option<&[Value]>) -> Persistence {
        let owner = Owner::ArgoCd { application: "shop".to_owned(), namespace: Some("argocd".to_owned()) };
        let seen = Sources { applications, ..Sources::default() };
        persistence(&owner, &web(), at("2026-01-15T08:00:00Z"), seen)
    }

    fn application(compared: &str, status: &str) -> Value {
        json!({
            "metadata": {"name": "shop", "namespace": "argocd"}, "spec": {},
            "status": {
                "reconciledAt": compared,
                "resources": [{"kind": "Deployment", "namespace": "shop", "name": "web", "status": status}],
            },
        })
    }

    #[test]
    fn argo_cd_tells_once_it_has_compared() {
        let later = |status| argo(Some(&[application("2026-01-15T08:05:00Z", status)]));
        assert_eq!(later("Synced"), Persistence::Agrees);
        assert!(matches!(later("OutOfSync"), Persistence::Differs(_)));
        let before = argo(Some(&[application("2026-01-15T07:59:00Z", "Synced")]));
        assert_eq!(before, Persistence::Differs("Argo CD has not compared it since".to_owned()));
    }

    #[test]
    fn what_argo_cd_does_not_compare_or_show_is_not_known() {
        let mut ignoring = application("2026-01-15T08:05:00Z", "Synced");
        ignoring["spec"]["ignoreDifferences"] = json!([{"kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]);
        let mut other = application("2026-01-15T08:05:00Z", "Synced");
        other["metadata"]["namespace"] = json!("elsewhere");
        for seen in [Some(&[ignoring][..]), Some(&[other]), Some(&[]), None] {
            assert!(matches!(argo(seen), Persistence::Unknown(_)), "{seen:?}");
        }
    }

    #[test]
    fn what_was_said_last_tells_more_than_when() {
        let (not_since, unseen) = (Persistence::Differs("not since".to_owned()), unknown("since"));
        let (other, hidden) = (Persistence::Differs("another value".to_owned()), unknown("hidden"));
        for (by_time, said, expected) in [
            (&not_since, Some(&Persistence::Agrees), &Persistence::Agrees),
            (&unseen, Some(&Persistence::Agrees), &Persistence::Agrees),
            (&not_since, Some(&other), &not_since),
            (&unseen, Some(&other), &other),
            (&unseen, Some(&hidden), &hidden),
            (&unseen, None, &unseen),
        ] {
            assert_eq!(together(by_time.clone(), said.cloned()), *expected);
        }
    }

    #[test]
    fn the_times_of_revisions_tell_that_helm_did_not_say_so_yet_and_no_more() {
        let owner = Owner::Helm { release: "web".to_owned(), namespace: "shop".to_owned() };
        let secret = |revision: &str, made: &str| {
            let labels = json!({"owner": "helm", "name": "web", "version": revision});
            json!({"metadata": {"labels": labels, "creationTimestamp": made}})
        };
        let (old, new) = (secret("9", "2026-01-15T07:00:00Z"), secret("10", "2026-01-15T09:00:00Z"));
        let stands = |releases: Option<&[Value]>| {
            persistence(&owner, &web(), at("2026-01-15T08:00:00Z"), Sources { releases, ..Sources::default() })
        };
        let Persistence::Differs(why) = stands(Some(std::slice::from_ref(&old))) else { panic!("not upgraded") };
        assert!(why.contains("revision 9 is the newest"), "{why}");
        let Persistence::Unknown(why) = stands(Some(&[new, old])) else { panic!("upgraded") };
        assert!(why.contains("helm get manifest web -n shop"), "{why}");
        assert!(matches!(stands(Some(&[])), Persistence::Unknown(_)));
        assert!(matches!(stands(None), Persistence::Unknown(_)));
    }
}
