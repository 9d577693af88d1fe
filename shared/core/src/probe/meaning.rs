//! What an answer means, in one sentence, and what to look at next.

use super::place::{Place, Policies};
use super::target::{Asked, What};
use super::{Answer, Came};
use crate::object::ObjectRef;

/// What it means, and what to type next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// One sentence without a full stop.
    pub words: String,
    /// A command that looks further; none where nothing is wrong.
    pub next: Option<String>,
}

/// What an answer means; `client` is what was named as the client, `place` the Service of that name.
pub fn meaning(
    asked: &Asked,
    answer: &Answer,
    client: &ObjectRef,
    place: Option<&Place>,
    policies: &Policies,
) -> Meaning {
    let words = words(asked, answer, place, policies);
    let next = (answer.came != Came::Answered).then(|| next(answer.came, client, place));
    Meaning { words, next }
}

fn next(came: Came, client: &ObjectRef, place: Option<&Place>) -> String {
    if came == Came::NoNameServer {
        return "kubectl sre incident triage service/kube-dns -n kube-system".to_owned();
    }
    let object = place.filter(|it| it.exists).map_or(client, |it| &it.service);
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!("kubectl sre incident triage {}/{} -n {namespace}", object.kind.to_lowercase(), object.name)
}

fn words(asked: &Asked, answer: &Answer, place: Option<&Place>, policies: &Policies) -> String {
    let host = &asked.host;
    match answer.came {
        Came::Answered => answered(asked, answer),
        Came::Rejected => rejected(asked, answer),
        Came::Refused | Came::NotConnected | Came::Unreachable => behind(asked, place).unwrap_or_else(|| match place {
            Some(Place { service, .. }) => {
                format!("{service} leads there, and nothing listens: compare its targetPort with what the container listens on")
            }
            None => format!("nothing listens at port {} of {host}, or something on the way refuses it", asked.port),
        }),
        Came::TimedOut => behind(asked, place).unwrap_or_else(|| dropped(policies)),
        Came::NoSuchName | Came::Unresolved => match place {
            Some(Place { service, exists: false, .. }) => format!("there is no {service}, which {host} means from there"),
            Some(Place { service, exists: true, .. }) => {
                format!("{service} is there, and its name is not known to the name server: look at the cluster's DNS")
            }
            None => format!("no name server knows {host}: it is mistyped, its domain is missing, or the name was given up"),
        },
        Came::NoNameServer => "the name server of the pod gave no answer, so no name can be resolved there".to_owned(),
        Came::TlsFailed => {
            format!("{host} answers, and its certificate or its encryption is not accepted by this client")
        }
        Came::Closed => behind(asked, place).unwrap_or_else(|| {
            "a connection is made, and ends without an answer: another protocol is spoken there, TLS perhaps".to_owned()
        }),
    }
}

fn answered(asked: &Asked, answer: &Answer) -> String {
    let host = &asked.host;
    match (asked.what, answer.facts.status) {
        (What::Dns, _) => format!("{host} is resolved there"),
        (What::Http, Some(status @ (401 | 403))) => format!("{host} is reached, and wants a login ({status})"),
        (What::Http, Some(status @ 300..=399)) => format!("{host} is reached, and sends one elsewhere ({status})"),
        (What::Http, Some(status @ 400..=499)) => format!("{host} is reached, and does not serve this path ({status})"),
        (What::Http, _) => format!("{host} is reached, and serves this path"),
        (What::Tcp, _) => format!("a connection to {host} is made; what listens there was not asked anything"),
        (What::Postgres, _) => format!("the PostgreSQL server at {host} takes connections; no login was tried"),
        (What::Redis, _) => match answer.detail.as_deref() {
            Some("PONG") => format!("the Redis server at {host} answers"),
            _ => format!("the Redis server at {host} answers, and wants a login"),
        },
    }
}

fn rejected(asked: &Asked, answer: &Answer) -> String {
    let detail = answer.detail.as_deref().unwrap_or_default();
    match (asked.what, answer.facts.status) {
        (What::Http, Some(status @ 502..=504)) => {
            format!("what stands before {} has nobody behind it that answers ({status})", asked.host)
        }
        (What::Http, status) => {
            let status = status.map_or(String::new(), |it| format!(" ({it})"));
            format!("{} is reached, and fails by itself{status}: look at its log", asked.host)
        }
        _ => format!("{} is reached, and serves nobody: {detail}", asked.host),
    }
}

/// What the Service alone explains.
fn behind(asked: &Asked, place: Option<&Place>) -> Option<String> {
    let place = place.filter(|it| it.exists)?;
    let service = &place.service;
    if place.lacks(asked.port) {
        let ports: Vec<String> = place.ports.iter().map(u16::to_string).collect();
        return Some(format!("{service} has no port {}: it has {}", asked.port, ports.join(", ")));
    }
    let (ready, all) = place.endpoints.filter(|(ready, _)| *ready == 0)?;
    Some(format!("{service} has no ready endpoint ({ready} of {all}), so nobody answers behind it"))
}

fn dropped(policies: &Policies) -> String {
    let names = |all: &[ObjectRef]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (&policies.of_client[..], &policies.of_target[..]) {
        ([], []) => {
            "what is sent is lost on the way: a firewall, a rule of the network, or a node that is gone".to_owned()
        }
        (ours, []) => {
            format!("what is sent is lost on the way, and a rule holds for what the client sends: {}", names(ours))
        }
        ([], theirs) => {
            format!(
                "what is sent is lost on the way, and a rule may hold for what the target receives: {}",
                names(theirs)
            )
        }
        (ours, theirs) => format!(
            "what is sent is lost on the way; rules hold for what the client sends ({}), and may for what the target \
             receives ({})",
            names(ours),
            names(theirs)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::asked;
    use super::*;

    fn place(endpoints: (usize, usize)) -> Place {
        Place { exists: true, ports: vec![5432], endpoints: Some(endpoints), ..Place::missing("shop", "db") }
    }

    fn said(typed: &str, came: Came, place: Option<&Place>) -> (String, String) {
        let asked = asked(What::Tcp, typed).expect("a target");
        let client = ObjectRef::namespaced("Deployment", "shop", "api");
        let meaning = meaning(&asked, &came.into(), &client, place, &Policies::default());
        (meaning.words, meaning.next.unwrap_or_default())
    }

    #[test]
    fn the_service_behind_a_name_explains_what_did_not_come() {
        let (words, next) = said("db.shop:5432", Came::Refused, Some(&place((0, 2))));
        assert_eq!(words, "Service/shop/db has no ready endpoint (0 of 2), so nobody answers behind it");
        assert_eq!(next, "kubectl sre incident triage service/db -n shop");
        let (words, _) = said("db.shop:5433", Came::TimedOut, Some(&place((2, 2))));
        assert_eq!(words, "Service/shop/db has no port 5433: it has 5432");
        let (words, next) = said("db.shop:5432", Came::NoSuchName, Some(&Place::missing("shop", "db")));
        assert_eq!(words, "there is no Service/shop/db, which db.shop means from there");
        assert_eq!(next, "kubectl sre incident triage deployment/api -n shop");
        assert!(said("db.shop:5432", Came::NoNameServer, None).1.contains("service/kube-dns -n kube-system"));
        assert_eq!(said("db.shop:5432", Came::Answered, Some(&place((2, 2)))).1, "");
    }

    #[test]
    fn rules_are_named_where_packets_are_lost() {
        let policy = |name: &str| vec![ObjectRef::namespaced("NetworkPolicy", "shop", name)];
        let both = dropped(&Policies { of_client: policy("ours"), of_target: policy("theirs") });
        assert!(both.contains("NetworkPolicy/shop/ours") && both.contains("NetworkPolicy/shop/theirs"), "{both}");
        assert!(dropped(&Policies::default()).contains("a node that is gone"));
    }
}
