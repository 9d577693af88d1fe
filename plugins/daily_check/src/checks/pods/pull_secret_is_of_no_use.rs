//! A pull secret is of a type that kubelets do not read.

use sre_core::cause::specs::{alike, counted, shown};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Object, Pod, Secret};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-32",
    title: "a pull secret is of a type that kubelets do not read",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// The types that the kubelet takes credentials from; it passes over all others without a word.
const READ: [&str; 2] = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<(&str, &str), (&Secret, Vec<&Pod>)> = BTreeMap::new();
    for group in alike(view) {
        let named = group.spec.image_pull_secrets.iter().filter_map(|it| view.get::<Secret>(group.namespace, &it.name));
        for secret in named.filter(|secret| is_of_no_use(secret)) {
            let key = (secret.metadata.namespace.as_str(), secret.metadata.name.as_str());
            found.entry(key).or_insert_with(|| (secret, Vec::new())).1.extend(&group.pods);
        }
    }
    // While pulls fail, what the registry answered is the cause that is told.
    let running = found.values().filter(|(_, pods)| !pods.iter().any(|pod| view.is_explained(pod)));
    running.map(|(secret, pods)| statement(secret, pods, view)).collect()
}

/// The type was seen, and says that it is no pull secret, or the content is not what the type says.
fn is_of_no_use(secret: &Secret) -> bool {
    let is_read = READ.contains(&secret.type_.as_str());
    !secret.type_.is_empty() && (!is_read || !secret.problems.is_empty())
}

fn statement(secret: &Secret, pods: &[&Pod], view: &View<'_>) -> Finding {
    let object: ObjectRef = secret.reference();
    let (name, namespace) = (&secret.metadata.name, &secret.metadata.namespace);
    let title = format!("pull secret {name} is of no use: {} would not pull on a new node", counted(pods, view));
    let finding = Finding::new("POD-32", Severity::Warning, object.clone(), title)
        .risk()
        .part("pull")
        .evidence(&object, "type", &*secret.type_)
        .evidence(&pods[0].reference(), "spec.imagePullSecrets", &**name)
        .since(secret.metadata.creation_timestamp.at())
        .look(format!("kubectl describe secret {name} -n {namespace}"));
    shown(finding, pods)
}

const PAGE: &str = "\
Pods name a pull secret whose type is neither kubernetes.io/dockerconfigjson nor the older dockercfg. A
kubelet passes over it without a word and asks the registry as nobody. The pods run because their nodes
have the image already, or because the registry lets everybody in; on a new node they may not.

Looked at: the types of the Secrets that pods name in imagePullSecrets; values are never looked at, so
that a registry that is not in it cannot be told. Not meant: pods that pull in vain, where the answer of
the registry is told (POD-02), and Secrets that do not exist (POD-31).

What to do: make it anew as what it should be; the type of a Secret cannot be changed:
  kubectl create secret docker-registry --help";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn later() -> Scenario {
        Scenario::captured("POD-32").later(2)
    }

    #[test]
    fn the_type_is_told() {
        let findings = later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Secret/fault-pod-32/registry");
        assert_eq!((finding.severity, finding.evidence[0].value.as_str()), (Severity::Warning, "Opaque"));
        let title = "pull secret registry is of no use: 2 pods of Deployment/web would not pull on a new node";
        assert_eq!(finding.title, title);
    }

    #[test]
    fn a_secret_that_no_pod_names_is_not_meant() {
        let scenario = later();
        let none = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.unset("Pod", pod, "/spec/imagePullSecrets"));
        assert_eq!(none.judge(&CHECK), []);
    }

    #[test]
    fn the_older_type_is_read_too() {
        let scenario = later().set("Secret", "registry", "/type", "kubernetes.io/dockercfg");
        let older = scenario.set("Secret", "registry", "/data", serde_json::json!({".dockercfg": "e30="}));
        assert_eq!(older.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-32").later(2);
        let findings = scenario.gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
