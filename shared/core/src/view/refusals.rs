//! Pods that controllers want to create and the API server refuses.

use super::View;
use super::workloads::pods_wanted;
use crate::object::ObjectRef;
use crate::slim::{
    ConditionFacts, DaemonSet, Deployment, Job, Kind, Object, ObjectMeta, Pod, ReplicaSet, StatefulSet, condition_of,
};
use jiff::Timestamp;

/// One controller whose pods are refused at the moment.
#[derive(Clone, Debug)]
pub struct RefusedCreation {
    /// Who is accountable.
    pub owner: ObjectRef,
    /// Who tried: the ReplicaSet of a Deployment, the Job of a CronJob, or the owner itself.
    pub controller: ObjectRef,
    /// Where the message stands: a condition, or an event about the controller.
    pub field: &'static str,
    /// What the API server answered.
    pub message: String,
    /// Pods that it wants.
    pub wanted: i32,
    /// Pods that it lacks; at least one.
    pub lacking: i32,
    /// Since when, as far as the objects tell.
    pub since: Option<Timestamp>,
}

impl RefusedCreation {
    /// Name of the ResourceQuota that the message names, if it names one.
    pub fn quota(&self) -> Option<&str> {
        let after = ["exceeded quota: ", "failed quota: "].iter().find_map(|words| self.message.split_once(words));
        let name = after?.1.split([',', ':', ' ']).next()?;
        (!name.is_empty()).then_some(name)
    }
}

/// Controllers try again within 17 minutes at the latest: an older refusal was not the last word.
const RETRY_MINUTES: i64 = 20;

const CONDITION: &str = "status.conditions[ReplicaFailure].message";
const EVENT: &str = "event FailedCreate";

impl View<'_> {
    /// Every controller whose pods are refused at the moment.
    pub fn refused_creations(&self) -> &[RefusedCreation] {
        self.refusals.get_or_init(|| self.find_refused_creations())
    }

    /// The ResourceQuotas that refuse pods of an owner.
    pub(super) fn quotas_refusing(&self, owner: &ObjectRef) -> Vec<ObjectRef> {
        let of_owner = self.refused_creations().iter().filter(|refused| refused.owner == *owner);
        let namespace = owner.namespace.as_deref().unwrap_or_default();
        of_owner
            .filter_map(|refused| Some(ObjectRef::namespaced("ResourceQuota", namespace, refused.quota()?)))
            .collect()
    }

    fn find_refused_creations(&self) -> Vec<RefusedCreation> {
        let replica_sets = self.all::<ReplicaSet>().iter().filter_map(|set| self.of_replica_set(set));
        let mut found: Vec<RefusedCreation> = replica_sets.collect();
        let deployments = self.all::<Deployment>().iter();
        let alone = deployments.filter(|it| !self.knows(Kind::ReplicaSet, &it.metadata.namespace));
        let deployments = alone.filter_map(of_deployment);
        let unseen: Vec<_> = deployments.filter(|one| !found.iter().any(|seen| seen.owner == one.owner)).collect();
        found.extend(unseen);
        found.extend(self.all::<StatefulSet>().iter().filter_map(|set| {
            let wanted = set.spec.replicas.unwrap_or(1);
            self.reported(Kind::StatefulSet, &set.metadata, wanted, wanted - set.status.replicas)
        }));
        found.extend(self.all::<DaemonSet>().iter().filter_map(|set| {
            let wanted = set.status.desired_number_scheduled;
            self.reported(Kind::DaemonSet, &set.metadata, wanted, wanted - set.status.current_number_scheduled)
        }));
        found.extend(self.all::<Job>().iter().filter_map(|job| {
            let wanted = pods_wanted(job);
            self.reported(Kind::Job, &job.metadata, wanted, wanted - job.status.active)
        }));
        found
    }

    fn of_replica_set(&self, set: &ReplicaSet) -> Option<RefusedCreation> {
        let failure = condition_of(&set.status.conditions, "ReplicaFailure")?;
        let wanted = set.spec.replicas.unwrap_or(1);
        let lacking = wanted - set.status.replicas;
        is_refusal(failure, lacking).then(|| RefusedCreation {
            owner: self.accountable(Kind::ReplicaSet, &set.metadata),
            controller: set.reference(),
            field: CONDITION,
            message: failure.message.clone(),
            wanted,
            lacking,
            since: failure.since(),
        })
    }

    /// What the newest event of a controller says, which lacks pods and has no condition for it; an old one, or one
    /// after which it made a pod, says nothing about now.
    fn reported(&self, kind: Kind, metadata: &ObjectMeta, wanted: i32, lacking: i32) -> Option<RefusedCreation> {
        if lacking <= 0 {
            return None;
        }
        let controller = ObjectRef::scoped(kind.info().name, &metadata.namespace, &metadata.name);
        let mut events = self.events_about(&controller).iter().copied().filter(|event| event.reason == "FailedCreate");
        let newest = events.next().filter(|event| self.still_holds(event.last_seen(), &controller))?;
        let first = events.next_back().unwrap_or(newest);
        Some(RefusedCreation {
            owner: self.accountable(kind, metadata),
            controller,
            field: EVENT,
            message: newest.message.clone(),
            wanted,
            lacking,
            since: first.first_seen(),
        })
    }

    fn still_holds(&self, refused: Option<Timestamp>, controller: &ObjectRef) -> bool {
        let namespace = controller.namespace.as_deref().unwrap_or_default();
        let own = |pod: &&&Pod| {
            pod.metadata.controller().is_some_and(|it| it.kind == controller.kind && it.name == controller.name)
        };
        let made = self.pods_in(namespace).iter().filter(own).filter_map(|pod| pod.metadata.creation_timestamp.at());
        refused.is_none_or(|at| !self.is_older_than_minutes(Some(at), RETRY_MINUTES) && made.max() <= Some(at))
    }
}

/// A Deployment repeats its ReplicaSet's failure: that counts when the ReplicaSet was not seen.
fn of_deployment(deployment: &Deployment) -> Option<RefusedCreation> {
    let failure = condition_of(&deployment.status.conditions, "ReplicaFailure")?;
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let lacking = wanted - deployment.status.replicas;
    is_refusal(failure, lacking).then(|| RefusedCreation {
        owner: deployment.reference(),
        controller: deployment.reference(),
        field: CONDITION,
        message: failure.message.clone(),
        wanted,
        lacking,
        since: failure.since(),
    })
}

/// Failures to delete use the same condition.
fn is_refusal(failure: &impl ConditionFacts, lacking: i32) -> bool {
    failure.status() == "True" && failure.reason() == "FailedCreate" && lacking > 0
}
