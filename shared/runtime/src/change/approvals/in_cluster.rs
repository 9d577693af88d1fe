//! Approvals that are kept in the cluster, in a ConfigMap beside the main object: whoever takes one away first has used it.

use crate::change::lease;
use crate::change::objects::Objects;
use crate::cluster::connection::RequestFault;
use serde_json::{Value, json};
use sre_core::plan::{Address, Approval, Plan, Request};

/// The key of the approval in its ConfigMap.
const KEY: &str = "approval.json";

/// An approval in the cluster.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// The ConfigMap.
    pub(super) address: Address,
    uid: String,
    /// What it holds, as it was written.
    pub(super) text: String,
}

/// The ConfigMap of a plan's approval; none for a plan that does nothing.
pub(super) fn address(plan: &Plan) -> Option<Address> {
    // Where its lock is, those who change the object may write already.
    let lock = lease::address(&plan.steps.first()?.object.address);
    Some(Address {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        resource: "configmaps".to_owned(),
        namespace: lock.namespace,
        name: format!("kubectl-sre-approval-{}", plan.id),
    })
}

/// Keeps an approval.
pub(super) async fn keep(objects: &Objects, plan: &Plan, approval: &Approval) -> Result<Option<Address>, RequestFault> {
    let Some(address) = address(plan) else { return Ok(None) };
    let body = json!({
        "apiVersion": address.api_version, "kind": address.kind,
        "metadata": {
            "name": address.name, "namespace": address.namespace,
            "labels": {"app.kubernetes.io/managed-by": "kubectl-sre"},
        },
        "data": {KEY: serde_json::to_string(approval).unwrap_or_default()},
    });
    let request = Request { method: "POST", path: address.collection(), content_type: "application/json", body };
    objects.send(&request, false).await.map(|_| Some(address))
}

/// The approval of a plan that is kept; none where there is none.
pub(super) async fn kept(objects: &Objects, plan: &Plan) -> Result<Option<Kept>, RequestFault> {
    let Some(address) = address(plan) else { return Ok(None) };
    let found = objects.get(&address.path()).await?;
    Ok(found.and_then(|it| read(address, &it)))
}

fn read(address: Address, object: &Value) -> Option<Kept> {
    let text = object["data"][KEY].as_str()?.to_owned();
    Some(Kept { address, uid: object.pointer("/metadata/uid")?.as_str()?.to_owned(), text })
}

impl Kept {
    /// Takes it away; false when somebody else was faster.
    pub(super) async fn take(&self, objects: &Objects) -> Result<bool, RequestFault> {
        let body = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": self.uid},
        });
        let request = Request { method: "DELETE", path: self.address.path(), content_type: "application/json", body };
        match objects.send(&request, false).await {
            Ok(_) => Ok(true),
            Err(RequestFault::NotFound | RequestFault::Conflict { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}
