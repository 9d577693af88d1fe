//! Pods of the host's network name Services, and ask the resolver of their node.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::service_names::named_in;
use sre_core::slim::Kind;
use sre_core::slim::pod_spec::PodSpec;
use sre_core::view::{View, Workload};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-68",
    title: "pods of the host's network name Services that their resolver does not know",
    section: Section::Services,
    examines: &[
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    let spec = &workload.template.spec;
    let asks_the_node = spec.host_network && matches!(spec.dns_policy.as_str(), "ClusterFirst" | "Default" | "");
    let is_judged =
        asks_the_node && spec.dns_config.is_none() && workload.wanted > 0 && view.is_settled(workload.metadata);
    let (field, name) = named(spec).filter(|_| is_judged)?;
    let object = &workload.reference;
    let (policy, namespace) = (&spec.dns_policy, &workload.metadata.namespace);
    let title = format!(
        "{} {} names {name}, and asks the resolver of its node, which does not know it",
        object.kind, object.name
    );
    let finding = Finding::new("GAP-68", Severity::Info, object.clone(), title)
        .risk()
        .evidence(object, format!("{}.hostNetwork", workload.pod_spec_field), "true")
        .evidence(object, format!("{}.dnsPolicy", workload.pod_spec_field), policy.as_str())
        .evidence(object, format!("{}.{field}", workload.pod_spec_field), name)
        .since(workload.metadata.creation_timestamp.at());
    let kind = object.kind.to_lowercase();
    let finding = finding.look(format!("kubectl get {kind} {} -n {namespace} -o yaml", object.name));
    if workload.pod_spec_field != "spec.template.spec" {
        return Some(finding);
    }
    let patch = r#"{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirstWithHostNet"}}}}"#;
    Some(finding.change(format!(
        "kubectl patch {kind} {} -n {namespace} --type=merge -p '{patch}' --dry-run=server",
        object.name
    )))
}

/// The first Service that a literal names, and where.
fn named(spec: &PodSpec) -> Option<(String, String)> {
    let variables = spec.all_containers().flat_map(|container| {
        container.env.iter().map(move |it| (format!("containers[{}].env[{}]", container.name, it.name), &it.value))
    });
    let words = spec.all_containers().flat_map(|container| {
        let words = container.command.iter().chain(&container.args);
        words.map(move |word| (format!("containers[{}].args", container.name), word))
    });
    let mut found = variables.chain(words).filter_map(|(field, text)| {
        let name = *named_in(text).first()?;
        Some((field, format!("{}.{}.svc", name.name, name.namespace)))
    });
    found.next()
}

const PAGE: &str = "\
A pod with hostNetwork and dnsPolicy ClusterFirst, which is the default, does not ask the cluster's
DNS but the resolver of its node, and that knows no Service. This workload has the name of a Service
in its environment or arguments, so that it most likely cannot find it.

Looked at: hostNetwork, dnsPolicy, dnsConfig, literal env, command and args of pod templates. Names
of the form NAME.NAMESPACE.svc are taken.

Harmless: nodes whose resolver forwards to the cluster's DNS.

What to do: set dnsPolicy to ClusterFirstWithHostNet.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const SPEC: &str = "/spec/template/spec";

    fn settled() -> Scenario {
        Scenario::captured("GAP-68").later(2)
    }

    #[test]
    fn a_service_that_the_node_does_not_know_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "DaemonSet/fault-gap-68/agent");
        assert_eq!(finding.severity, Severity::Info);
        let values: Vec<&str> = finding.evidence.iter().map(|it| it.value.as_str()).collect();
        assert_eq!(values, ["true", "ClusterFirst", "collector.fault-gap-68.svc"]);
        assert!(finding.remedies[1].command.contains("ClusterFirstWithHostNet"), "{}", finding.remedies[1].command);
    }

    #[test]
    fn the_right_policy_or_a_network_of_its_own_is_enough() {
        let right = settled().set("DaemonSet", "agent", &format!("{SPEC}/dnsPolicy"), "ClusterFirstWithHostNet");
        assert_eq!(right.judge(&CHECK), []);
        assert_eq!(settled().set("DaemonSet", "agent", &format!("{SPEC}/hostNetwork"), false).judge(&CHECK), []);
    }

    #[test]
    fn what_names_no_service_needs_no_cluster_dns() {
        let outside =
            settled().set("DaemonSet", "agent", &format!("{SPEC}/containers/0/env/0/value"), "collector.example.com");
        assert_eq!(outside.judge(&CHECK), []);
    }

    #[test]
    fn workloads_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::DaemonSet), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
