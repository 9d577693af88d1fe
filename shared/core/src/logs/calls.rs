//! Whom a log names as the one that does not answer.

use super::{Gives, explained};
use crate::object::ObjectRef;
use crate::service_names::named_by;
use crate::slim::{Kind, Object, Pod, Service};
use crate::snapshot::Snapshot;
use crate::view::View;
use std::collections::HashMap;

/// Something of the cluster that a process calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callee {
    /// The Service, or the pod.
    pub object: ObjectRef,
    /// The port that it is called at, where that was said.
    pub port: Option<u16>,
    /// Whether it was seen; a Service that was looked for and not seen does not exist.
    pub is_seen: bool,
}

/// Whom an address means, said by a pod of a namespace; nothing for what is not of the cluster, or not known to be.
pub fn callee(snapshot: &Snapshot, namespace: &str, address: &str) -> Option<Callee> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (address, None),
    };
    let seen = |object| Callee { object, port, is_seen: true };
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return by_ip(snapshot, host).map(seen);
    }
    let there = |namespace: &str, name: &str| snapshot.get::<Service>(namespace, name).map(Object::reference);
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let found = match (&labels[..], named_by(host)) {
        (_, Some(service)) => there(service.namespace, service.name),
        ([name], None) => there(namespace, name),
        ([name, space], None) => there(space, name).or_else(|| there(namespace, space)),
        _ => None,
    };
    if let Some(object) = found {
        return Some(seen(object));
    }
    let (space, name) = match (&labels[..], named_by(host)) {
        (_, Some(service)) => (service.namespace, service.name),
        // A name without a dot can be little else than a Service of its own namespace.
        ([name], None) if *name != "localhost" => (namespace, *name),
        _ => return None,
    };
    let object = ObjectRef::namespaced("Service", space, name);
    snapshot.knows(Kind::Service, space).then_some(Callee { object, port, is_seen: false })
}

fn by_ip(snapshot: &Snapshot, address: &str) -> Option<ObjectRef> {
    let service = snapshot.all::<Service>().iter().find(|service| service.spec.cluster_ip == address);
    let pod = || snapshot.all::<Pod>().iter().find(|pod| pod.status.pod_ip == address && !pod.spec.host_network);
    service.map(Object::reference).or_else(|| pod().map(Object::reference))
}

/// Whom the pods of each owner call in vain, by their logs.
pub(crate) fn callees(view: &View<'_>) -> HashMap<ObjectRef, Vec<ObjectRef>> {
    let mut callees: HashMap<ObjectRef, Vec<ObjectRef>> = HashMap::new();
    for one in explained(view).into_iter().filter(|it| it.signature.gives == Gives::Callee) {
        let called = one.subject.as_deref().and_then(|it| callee(view.snapshot, &one.log.namespace, it));
        let called = called.filter(|it| it.is_seen).map(|it| it.object);
        callees.entry(view.owner_of(one.pod)).or_default().extend(called);
    }
    callees
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Sight;
    use crate::slim::Pool;
    use crate::snapshot::{Encoded, ReadState, decode_into};

    fn called(address: &str) -> Option<(String, bool)> {
        let mut snapshot = Snapshot::default();
        for (namespace, name, ip) in [("shop", "db", "10.96.0.7"), ("data", "queue", "None")] {
            let text = serde_json::json!({"metadata": {"namespace": namespace, "name": name},
                "spec": {"clusterIP": ip, "ports": [{"port": 5432}]}});
            let text = text.to_string();
            let json = Encoded::Json(text.as_bytes());
            decode_into(Kind::Service, json, &mut snapshot.objects, &mut Pool::default()).expect("a Service");
        }
        snapshot.objects.sort();
        snapshot.coverage.record(Sight::Of(Kind::Service), ReadState::Read { count: 2 });
        callee(&snapshot, "shop", address).map(|it| (it.object.to_string(), it.is_seen))
    }

    #[test]
    fn names_and_addresses_of_services_are_known() {
        let db = Some(("Service/shop/db".to_owned(), true));
        for address in ["db:5432", "db", "db.shop:5432", "db.shop.svc.cluster.local", "10.96.0.7:5432", "db-0.db:1"] {
            assert_eq!(called(address), db, "{address}");
        }
        assert_eq!(called("queue.data:5672"), Some(("Service/data/queue".to_owned(), true)));
    }

    #[test]
    fn a_name_that_only_a_service_can_have_is_one_that_is_missing() {
        assert_eq!(called("cache:6379"), Some(("Service/shop/cache".to_owned(), false)));
        assert_eq!(called("cache.data.svc"), Some(("Service/data/cache".to_owned(), false)));
        for elsewhere in ["api.example.com:443", "10.1.2.3:80", "localhost:80", "127.0.0.1:80"] {
            assert_eq!(called(elsewhere), None, "{elsewhere}");
        }
    }
}
