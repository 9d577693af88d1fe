//! The Pod Security level of a namespace would refuse pods that run in it.

use sre_core::cause::specs::counted;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::pod_security::{ENFORCE, Level, Violation, violations};
use sre_core::slim::{Kind, Namespace, Object, Pod};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-49",
    title: "the Pod Security level of a namespace would refuse pods that run in it",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Namespace)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job), Sight::Of(Kind::Event)],
    page: PAGE,
    run,
};

const MIRROR: &str = "kubernetes.io/config.mirror";

fn run(view: &View<'_>) -> Vec<Finding> {
    let enforcing = view.all::<Namespace>().iter().filter_map(|it| Some((it, Level::enforced_by(it)?)));
    let enforcing = enforcing.filter(|(namespace, _)| view.is_settled(&namespace.metadata));
    enforcing.flat_map(|(namespace, level)| refused(namespace, level, view)).collect()
}

/// One finding for each owner of pods that would be refused; the kubelet runs static pods whatever is enforced.
fn refused(namespace: &Namespace, level: Level, view: &View<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<ObjectRef, (Vec<Violation>, Vec<&Pod>)> = BTreeMap::new();
    let pods = view.pods_in(&namespace.metadata.name).iter().copied();
    for pod in pods.filter(|pod| pod.status.phase == "Running" && view.is_settled(&pod.metadata)) {
        let owner = view.owner_of(pod);
        let is_refused_already = view.refused_creations().iter().any(|refused| refused.owner == owner);
        if owner.kind == "Pod" || is_refused_already || pod.metadata.annotation(MIRROR).is_some() {
            continue;
        }
        let broken = violations(&pod.spec, level);
        if !broken.is_empty() {
            found.entry(owner).or_insert_with(|| (broken, Vec::new())).1.push(pod);
        }
    }
    found.into_iter().map(|(owner, (broken, pods))| statement(namespace, level, owner, &broken, &pods, view)).collect()
}

fn statement(
    namespace: &Namespace,
    level: Level,
    owner: ObjectRef,
    broken: &[Violation],
    pods: &[&Pod],
    view: &View<'_>,
) -> Finding {
    let name = &namespace.metadata.name;
    let more = match broken.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let first = &broken[0];
    let title = format!(
        "{} would not be let in again: level {} forbids {} {}{more}",
        counted(pods, view),
        level.word(),
        first.field,
        first.value
    );
    let pod = pods[0].reference();
    let since = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min();
    let finding = Finding::new("POD-49", Severity::Warning, owner, title).risk().since(since);
    let finding = finding.evidence(&namespace.reference(), format!("metadata.labels[{ENFORCE}]"), level.word());
    let finding = broken
        .iter()
        .take(4)
        .fold(finding, |finding, one| finding.evidence(&pod, format!("spec.{}", one.field), one.value.as_str()));
    let finding = pods.iter().take(3).fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    let label = format!("{ENFORCE}={}", level.word());
    finding.change(format!("kubectl sre change label namespace/{name} {label} --dry-run"))
}

const PAGE: &str = "\
A namespace enforces a Pod Security level, and pods that its level forbids run in it: they were made
before the label was set. They go on running, but the next one, after a drain, a crash of its node or
a rollout, is refused, and the workload shrinks from then on.

Looked at: the label pod-security.kubernetes.io/enforce, and of running pods with an owner: host
namespaces, host paths and ports, privileges, capabilities, seccomp; for restricted the user, too.
More may be forbidden than is named. Levels that are pinned to releases before 1.25 are not judged.

Harmless: users, namespaces and runtime classes that the API server's configuration exempts; it
cannot be seen from outside. Workloads whose pods are refused today are WRK-03.

What to do: harden the pod template, or lower the level; kubectl lists the pods that it would refuse:
  kubectl sre change label namespace/NAMESPACE pod-security.kubernetes.io/enforce=LEVEL --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NAMESPACE: &str = "fault-pod-49";

    fn settled() -> Scenario {
        Scenario::captured("POD-49").later(2)
    }

    #[test]
    fn pods_that_would_not_be_let_in_again_are_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-49/agent");
        let title =
            "2 pods of Deployment/agent would not be let in again: level baseline forbids hostNetwork true and 1 more";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[0].value, "baseline");
        assert_eq!(finding.evidence[2].field, "spec.volumes[logs].hostPath");
        assert_eq!(
            finding.remedies[0].command,
            "kubectl sre change label namespace/fault-pod-49 pod-security.kubernetes.io/enforce=baseline --dry-run"
        );
    }

    #[test]
    fn the_stricter_level_asks_for_more() {
        let label = "/metadata/labels/pod-security.kubernetes.io~1enforce";
        let restricted = settled().set("Namespace", NAMESPACE, label, "restricted");
        let names: Vec<String> = restricted.judge(&CHECK).into_iter().map(|it| it.object.name).collect();
        assert_eq!(names, ["agent", "web"]);
        assert_eq!(settled().set("Namespace", NAMESPACE, label, "privileged").judge(&CHECK), []);
    }

    #[test]
    fn static_pods_and_what_has_ended_are_not_meant() {
        let scenario = settled();
        let pods = scenario.names_of("Pod", "agent-");
        let fixed = pods.iter().fold(scenario.clone(), |scenario, pod| {
            scenario.set("Pod", pod, "/metadata/annotations", json!({ MIRROR: "x" }))
        });
        assert_eq!(fixed.judge(&CHECK), []);
        let ended = pods.iter().fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/phase", "Succeeded"));
        assert_eq!(ended.judge(&CHECK), []);
    }

    #[test]
    fn namespaces_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Namespace), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
