//! Workloads of every kind, seen alike: what selects, what is made, how many.

use super::View;
use crate::object::ObjectRef;
use crate::slim::pod_spec::PodTemplateSpec;
use crate::slim::{
    CronJob, DaemonSet, Deployment, Job, LabelSelector, Object, ObjectMeta, Pod, ReplicaSet, StatefulSet, condition_of,
};

/// What makes pods from a template, and is itself made by nobody.
pub struct Workload<'a> {
    /// Its name.
    pub reference: ObjectRef,
    /// Its metadata.
    pub metadata: &'a ObjectMeta,
    /// What it takes for its pods; none for a CronJob.
    pub selector: Option<&'a LabelSelector>,
    /// What it makes pods from.
    pub template: &'a PodTemplateSpec,
    /// Where the pod's spec stands in it, as `kubectl explain` spells it.
    pub pod_spec_field: &'static str,
    /// How many pods it wants now; a finished or suspended one wants none.
    pub wanted: i32,
}

impl<'a> View<'a> {
    /// Every workload that is not being deleted, Jobs of CronJobs and ReplicaSets of Deployments left out.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'a>> + use<'a> {
        let deployments = self.all::<Deployment>().iter().map(of_deployment);
        let stateful_sets = self.all::<StatefulSet>().iter().map(of_stateful_set);
        let daemon_sets = self.all::<DaemonSet>().iter().map(of_daemon_set);
        let replica_sets = self.all::<ReplicaSet>().iter().filter(|set| set.metadata.controller().is_none());
        let jobs = self.all::<Job>().iter().filter(|job| job.metadata.controller().is_none());
        let cron_jobs = self.all::<CronJob>().iter().map(of_cron_job);
        let made = deployments.chain(stateful_sets).chain(daemon_sets);
        let all = made.chain(replica_sets.map(of_replica_set)).chain(jobs.map(of_job)).chain(cron_jobs);
        all.filter(|workload| workload.metadata.deletion_timestamp.is_none())
    }
}

impl Workload<'_> {
    /// Whether it has fewer pods than it wants at this moment; the next run of a CronJob is not at this moment.
    pub fn lacks_pods(&self, view: &View<'_>) -> bool {
        let has_ended = |pod: &Pod| matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
        let pods = view.pods_of(&self.reference).iter().filter(|pod| !has_ended(pod)).count();
        self.reference.kind != "CronJob" && i64::try_from(pods).unwrap_or(i64::MAX) < i64::from(self.wanted)
    }
}

const POD_SPEC: &str = "spec.template.spec";

fn of_deployment(it: &Deployment) -> Workload<'_> {
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: it.spec.selector.as_ref(),
        template: &it.spec.template,
        pod_spec_field: POD_SPEC,
        wanted: it.spec.replicas.unwrap_or(1),
    }
}

fn of_stateful_set(it: &StatefulSet) -> Workload<'_> {
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: it.spec.selector.as_ref(),
        template: &it.spec.template,
        pod_spec_field: POD_SPEC,
        wanted: it.spec.replicas.unwrap_or(1),
    }
}

fn of_daemon_set(it: &DaemonSet) -> Workload<'_> {
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: it.spec.selector.as_ref(),
        template: &it.spec.template,
        pod_spec_field: POD_SPEC,
        wanted: it.status.desired_number_scheduled,
    }
}

pub(super) fn of_replica_set(it: &ReplicaSet) -> Workload<'_> {
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: it.spec.selector.as_ref(),
        template: &it.spec.template,
        pod_spec_field: POD_SPEC,
        wanted: it.spec.replicas.unwrap_or(1),
    }
}

fn of_job(it: &Job) -> Workload<'_> {
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: it.spec.selector.as_ref(),
        template: &it.spec.template,
        pod_spec_field: POD_SPEC,
        wanted: pods_wanted(it),
    }
}

fn of_cron_job(it: &CronJob) -> Workload<'_> {
    let is_suspended = it.spec.suspend == Some(true);
    Workload {
        reference: it.reference(),
        metadata: &it.metadata,
        selector: None,
        template: &it.spec.job_template.spec.template,
        pod_spec_field: "spec.jobTemplate.spec.template.spec",
        wanted: if is_suspended { 0 } else { 1 },
    }
}

/// How many pods a Job wants at the moment: none once it is finished, or while it is suspended.
pub(super) fn pods_wanted(job: &Job) -> i32 {
    if is_finished(job) || job.spec.suspend == Some(true) {
        return 0;
    }
    let parallel = job.spec.parallelism.unwrap_or(1);
    job.spec.completions.map_or(parallel, |completions| parallel.min(completions - job.status.succeeded).max(0))
}

/// Whether a Job has ended, well or not.
pub fn is_finished(job: &Job) -> bool {
    let holds = |kind| condition_of(&job.status.conditions, kind).is_some_and(|it| it.status == "True");
    holds("Complete") || holds("Failed")
}
