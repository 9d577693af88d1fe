//! The lock on what is being changed: a Lease in the cluster, which two people can see and only one can hold.

use super::objects::Objects;
use crate::cluster::connection::RequestFault;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sre_core::plan::{Address, Request, sha256};

/// A lock that was not renewed for so long is free (seconds).
pub const LASTS: i32 = 60;

/// Namespace of the locks on what has none.
const FOR_THE_CLUSTER: &str = "kube-system";

/// The longest name that a Lease may have, and room for what stands before it.
const LONGEST_NAME: usize = 200;

/// A lock that is held.
#[derive(Clone, Debug)]
pub struct Lock {
    path: String,
    /// The Lease as it was last written.
    lease: Value,
}

/// Why a lock is not held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// Somebody else holds it.
    By {
        /// Who.
        holder: String,
        /// When they last said so.
        since: String,
    },
    /// The server gave no answer, or does not let the caller.
    Fault(RequestFault),
}

/// The Lease of an object: where it is served.
pub fn address(object: &Address) -> Address {
    let name = format!("{}-{}", object.kind.to_lowercase(), object.name.replace(':', "-"));
    let name = if name.len() > LONGEST_NAME { sha256(name.as_bytes()) } else { name };
    Address {
        api_version: "coordination.k8s.io/v1".to_owned(),
        kind: "Lease".to_owned(),
        resource: "leases".to_owned(),
        namespace: Some(object.namespace.clone().unwrap_or_else(|| FOR_THE_CLUSTER.to_owned())),
        name: format!("kubectl-sre-{name}"),
    }
}

/// Takes the lock on an object; `now` is the server's time. What the caller's `earlier` runs hold is the caller's: whoever
/// goes on with a change knows that they are dead.
///
/// # Errors
/// Says who holds it, or why it cannot be had.
pub async fn take(
    objects: &Objects,
    object: &Address,
    holder: &str,
    earlier: &[String],
    now: Timestamp,
) -> Result<Lock, Locked> {
    let address = address(object);
    let there = objects.get(&address.path()).await.map_err(Locked::Fault)?;
    let (method, path, body) = match there {
        Some(lease) => {
            if let Some(by) = held_by(&lease, now).filter(|by| !is_by_one_of(by, earlier)) {
                return Err(by);
            }
            ("PUT", address.path(), renewed(lease, holder, now))
        }
        None => ("POST", address.collection(), fresh(&address, holder, now)),
    };
    let request = Request { method, path, content_type: "application/json", body };
    match objects.send(&request, false).await {
        Ok(lease) => Ok(Lock { path: address.path(), lease }),
        // Somebody was faster.
        Err(RequestFault::Conflict { .. }) => Err(holder_of(objects, &address).await),
        Err(fault) => Err(Locked::Fault(fault)),
    }
}

async fn holder_of(objects: &Objects, address: &Address) -> Locked {
    let lease = objects.get(&address.path()).await.ok().flatten().unwrap_or_default();
    let text = |field: &str| lease["spec"][field].as_str().unwrap_or("somebody else").to_owned();
    Locked::By { holder: text("holderIdentity"), since: text("renewTime") }
}

/// Whether a run of these holds the lock; the run stands at the end of the holder's name.
fn is_by_one_of(locked: &Locked, runs: &[String]) -> bool {
    let Locked::By { holder, .. } = locked else { return false };
    holder.rsplit_once('/').is_some_and(|(_, run)| runs.iter().any(|it| it == run))
}

/// Who holds a lock that is not stale.
fn held_by(lease: &Value, now: Timestamp) -> Option<Locked> {
    let spec = &lease["spec"];
    let holder = spec["holderIdentity"].as_str().filter(|holder| !holder.is_empty())?;
    let renewed = spec["renewTime"].as_str()?;
    let lasts = spec["leaseDurationSeconds"].as_i64().unwrap_or(i64::from(LASTS));
    let until = renewed.parse::<Timestamp>().ok()? + SignedDuration::from_secs(lasts);
    (until > now).then(|| Locked::By { holder: holder.to_owned(), since: renewed.to_owned() })
}

fn fresh(address: &Address, holder: &str, now: Timestamp) -> Value {
    let metadata = json!({"name": address.name, "namespace": address.namespace});
    let lease = json!({"apiVersion": address.api_version, "kind": address.kind, "metadata": metadata, "spec": {}});
    renewed(lease, holder, now)
}

/// Times of Leases have six digits of a second.
fn renewed(mut lease: Value, holder: &str, now: Timestamp) -> Value {
    let now = format!("{now:.6}");
    let spec = &mut lease["spec"];
    if spec["holderIdentity"] != holder {
        spec["acquireTime"] = json!(now);
    }
    spec["holderIdentity"] = json!(holder);
    spec["leaseDurationSeconds"] = json!(LASTS);
    spec["renewTime"] = json!(now);
    lease
}

impl Lock {
    /// Says that it is still held.
    ///
    /// # Errors
    /// Fails when somebody took it over, or the server gives no answer.
    pub async fn renew(&mut self, objects: &Objects, holder: &str, now: Timestamp) -> Result<(), RequestFault> {
        let body = renewed(self.lease.clone(), holder, now);
        let request = Request { method: "PUT", path: self.path.clone(), content_type: "application/json", body };
        self.lease = objects.send(&request, false).await?;
        Ok(())
    }

    /// Gives it back: the Lease goes, if it is still ours.
    ///
    /// # Errors
    /// Says why it could not be deleted; it is free by itself after [`LASTS`] seconds.
    pub async fn release(self, objects: &Objects) -> Result<(), RequestFault> {
        let metadata = &self.lease["metadata"];
        let preconditions = json!({"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]});
        let body = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions});
        let request = Request { method: "DELETE", path: self.path, content_type: "application/json", body };
        objects.send(&request, false).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn object() -> Address {
        Address {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            resource: "deployments".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        }
    }

    #[test]
    fn a_lock_is_held_until_it_was_not_renewed_for_its_time() {
        let start = at("2026-01-15T08:00:00Z");
        let lease = fresh(&address(&object()), "jane", start);
        assert_eq!(lease["spec"]["renewTime"], "2026-01-15T08:00:00.000000Z");
        let held = Locked::By { holder: "jane".to_owned(), since: "2026-01-15T08:00:00.000000Z".to_owned() };
        assert_eq!(held_by(&lease, at("2026-01-15T08:00:59Z")), Some(held));
        assert_eq!(held_by(&lease, at("2026-01-15T08:01:00Z")), None);
        let later = renewed(lease, "jane", at("2026-01-15T08:00:30Z"));
        assert!(held_by(&later, at("2026-01-15T08:01:20Z")).is_some());
        assert_eq!(later["spec"]["acquireTime"], "2026-01-15T08:00:00.000000Z");
        assert_eq!(held_by(&json!({"spec": {"holderIdentity": ""}}), start), None);
    }

    #[test]
    fn a_lock_lies_beside_its_object_and_its_name_is_never_too_long() {
        assert_eq!(
            address(&object()).path(),
            "/apis/coordination.k8s.io/v1/namespaces/shop/leases/kubectl-sre-deployment-web"
        );
        let long = Address { name: "x".repeat(250), namespace: None, ..object() };
        let lease = address(&long);
        assert_eq!((lease.namespace.as_deref(), lease.name.len()), (Some("kube-system"), 76));
    }
}
