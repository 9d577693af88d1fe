//! A container cannot be configured.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::slim::{Object, Pod};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-05",
    title: "a container cannot be configured",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let pods = view.all::<Pod>().iter();
    let waiting = pods.flat_map(|pod| pod.container_statuses().map(move |status| (pod, status)));
    let waiting = waiting.filter(|(_, status)| {
        status.state.waiting.as_ref().is_some_and(|waiting| waiting.reason == "CreateContainerConfigError")
    });
    view.grouped(waiting.map(|(pod, status)| (pod, status.name.clone()))).iter().map(statement).collect()
}

fn statement(group: &Group<'_>) -> Finding {
    let pod = group.first();
    let status = pod.container_statuses().find(|status| status.name == group.part);
    let message = status.and_then(|status| status.state.waiting.as_ref()).map_or("", |waiting| &waiting.message);
    let title = format!("container {} of {} cannot be configured: {message}", group.part, group.count());
    let finding = Finding::new("POD-05", Severity::Critical, group.owner.clone(), title)
        .symptom()
        .part(&group.part)
        .evidence(&pod.reference(), format!("status.containerStatuses[{}].state.waiting.message", group.part), message)
        .since(pod.metadata.creation_timestamp.at())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()));
    group.show(finding)
}

const PAGE: &str = "\
A container waits with CreateContainerConfigError: its kubelet cannot put its environment, its volumes
or its user together. Mostly a ConfigMap or Secret, or a key of one, is missing; where that is seen,
this follows from it and is told below it.

Looked at: the waiting reason and message of the containers. One finding stands for all pods of a
workload.

What to do: the message says what is missing:
  kubectl describe pod NAME -n NAMESPACE

See also: kubectl sre explain config-object-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn one_symptom_for_the_deployment_and_its_pods() {
        let findings = Scenario::captured("POD-05").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-05/web");
        assert_eq!((finding.severity, finding.role, finding.part.as_str()), (Severity::Critical, Role::Symptom, "app"));
        assert_eq!(finding.title, "container app of 2 pods cannot be configured: configmap \"settings\" not found");
        assert_eq!(finding.shows_on.len(), 2);
        assert!(finding.remedies[0].command.starts_with("kubectl describe pod web-"));
    }

    #[test]
    fn it_is_told_below_the_missing_config_map() {
        let snapshot = Scenario::captured("POD-05").later(2).snapshot();
        let view = View::new(&snapshot);
        let missing = crate::checks::pods::config_map_is_missing::CHECK;
        let findings = [run(&view), (missing.run)(&view)].concat();
        let judged = sre_core::cause::fold(findings, &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "POD-27"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_container_that_waits_for_something_else_is_not_meant() {
        let scenario = Scenario::captured("POD-05");
        let other = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/state/waiting/reason", "ContainerCreating")
        });
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-05").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
