//! A workload's template names a ConfigMap or Secret that is missing.

use sre_core::cause::missing_configuration::{Lack, lacking, statement};
use sre_core::cause::specs::is_judged;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::view::{Reference, View, Workload, references};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-34",
    title: "a workload's template names a ConfigMap or Secret that is missing",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[Sight::Of(Kind::ConfigMap), Sight::Of(Kind::Secret)],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.workloads().flat_map(|workload| judge(&workload, view)).collect(),
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Vec<Finding> {
    if workload.wanted <= 0 || view.is_young(workload.metadata) {
        return Vec::new();
    }
    let missing = lacking(&workload.template.spec, &workload.metadata.namespace, view).into_iter();
    let unseen = missing.filter(|(_, reference)| !is_shown(workload, reference, view));
    unseen.map(|(lack, reference)| finding(workload, lack, &reference)).collect()
}

/// Whether a pod of the workload names the same thing: then that pod is the better witness.
fn is_shown(workload: &Workload<'_>, reference: &Reference<'_>, view: &View<'_>) -> bool {
    let same =
        |other: &Reference<'_>| (other.kind, other.name, other.key) == (reference.kind, reference.name, reference.key);
    let pods = view.pods_of(&workload.reference).iter().filter(|pod| is_judged(pod, view));
    pods.into_iter().any(|pod| references(&pod.spec).iter().any(same))
}

fn finding(workload: &Workload<'_>, lack: Lack, reference: &Reference<'_>) -> Finding {
    let (object, namespace) = (&workload.reference, &workload.metadata.namespace);
    let kind = reference.kind.info();
    let key = reference.key.filter(|_| lack == Lack::Key).map_or_else(String::new, |key| format!("/{key}"));
    let field = reference.field.trim_start_matches("spec.");
    let title = format!("{}; the next pod cannot start", statement(lack, reference));
    Finding::new("WRK-34", Severity::Critical, object.clone(), title)
        .class(lack.class())
        .symptom()
        .part(format!("{}/{}{key}", kind.name, reference.name))
        .evidence(object, format!("{}.{field}", workload.pod_spec_field), reference.name)
        .since(workload.metadata.creation_timestamp.at())
        .look(format!("kubectl get {} -n {namespace}", kind.plural))
}

const PAGE: &str = "\
The pod template of a workload names a ConfigMap or Secret, or a key of one, that is missing, and no
pod shows it yet: the next run of a CronJob, or a rollout that has not begun. Its next pod will not
start.

Looked at: every reference in the templates of workloads that want pods, and the objects of their
namespaces. What is marked optional is left out, and what a pod of the workload shows already.

Harmless: workloads scaled to zero, suspended or finished; they are not meant.

What to do:
  kubectl get configmaps,secrets -n NAMESPACE

See also: kubectl sre explain config-object-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_next_run_will_miss_it() {
        let findings = Scenario::captured("WRK-34").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "CronJob/fault-wrk-34/report");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("config-object-missing")));
        assert_eq!(finding.title, "ConfigMap report-layout does not exist; the next pod cannot start");
        assert_eq!(finding.evidence[0].field, "spec.jobTemplate.spec.template.spec.volumes[layout]");
        assert_eq!(finding.remedies[0].command, "kubectl get configmaps -n fault-wrk-34");
    }

    #[test]
    fn what_is_suspended_is_not_meant() {
        let suspended = Scenario::captured("WRK-34").later(2).set("CronJob", "report", "/spec/suspend", true);
        assert_eq!(suspended.judge(&CHECK), []);
    }

    #[test]
    fn what_is_scaled_to_zero_is_meant_once_it_wants_pods() {
        let wanted =
            Scenario::captured("WRK-34").later(2).set("Deployment", "retired", "/spec/replicas", 1).judge(&CHECK);
        assert!(wanted.iter().any(|it| it.object.name == "retired" && it.part == "Secret/retired"), "{wanted:#?}");
    }

    #[test]
    fn what_pods_show_already_is_left_to_them() {
        assert_eq!(Scenario::captured("POD-27").later(2).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings =
            Scenario::captured("WRK-34").later(2).gap(Sight::Of(Kind::ConfigMap), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("ConfigMap was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
