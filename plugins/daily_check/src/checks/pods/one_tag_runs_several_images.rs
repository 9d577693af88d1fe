//! Pods of one ReplicaSet run different images under one tag.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Node, Object, Pod};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-39",
    title: "pods of one ReplicaSet run different images under one tag",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run,
};

/// A container of one ReplicaSet on nodes of one platform, with the digests that run.
type Digests<'a> = BTreeMap<&'a str, Vec<&'a Pod>>;

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<(&str, &str, &str, &str), Digests<'_>> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| pod.status.phase == "Running" && !view.is_going(&pod.metadata)) {
        let Some(set) = pod.metadata.controller().filter(|owner| owner.kind == "ReplicaSet") else { continue };
        for (container, digest) in digests(pod) {
            let key = (pod.metadata.namespace.as_str(), set.name.as_str(), container, platform(pod, view));
            found.entry(key).or_default().entry(digest).or_default().push(pod);
        }
    }
    let several = found.iter().filter(|(_, digests)| digests.len() > 1);
    several.map(|((_, _, container, _), digests)| statement(container, digests, view)).collect()
}

/// Registries give one tag another digest on another platform.
fn platform<'a>(pod: &Pod, view: &View<'a>) -> &'a str {
    view.get::<Node>("", &pod.node_name).map_or("", |node| &node.status.node_info.architecture)
}

/// The containers that run an image by its tag, with the digest that it came to.
fn digests(pod: &Pod) -> impl Iterator<Item = (&str, &str)> {
    let is_tagged = |name: &str| pod.spec.containers.iter().any(|it| it.name == name && !it.image.contains('@'));
    let running = pod.status.container_statuses.iter().filter(|status| status.state.running.is_some());
    let known = running.filter(|status| status.image_id.starts_with("sha256:"));
    known.filter(move |status| is_tagged(&status.name)).map(|status| (&*status.name, &*status.image_id))
}

fn statement(container: &str, digests: &Digests<'_>, view: &View<'_>) -> Finding {
    let pods: Vec<&Pod> = digests.values().flatten().copied().collect();
    let owner: ObjectRef = view.owner_of(pods[0]);
    let image = pods[0].spec.containers.iter().find(|it| it.name == container).map_or("", |it| &it.image);
    let title = format!("{} pods run {} different images under the tag {image}", pods.len(), digests.len());
    let since = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max();
    let resource = owner.kind.to_lowercase();
    let namespace = &pods[0].metadata.namespace;
    let finding = Finding::new("GAP-39", Severity::Warning, owner.clone(), title).risk().part(container).since(since);
    let finding = digests.iter().fold(finding, |finding, (digest, pods)| {
        let field = format!("status.containerStatuses[{container}].imageID");
        finding.evidence(&pods[0].reference(), field, format!("{digest} ({} of the pods)", pods.len()))
    });
    let finding = finding.look(format!("kubectl get pods -n {namespace} -o wide"));
    if owner.kind != "Deployment" {
        return finding;
    }
    finding.look(format!("kubectl rollout history {resource}/{} -n {namespace}", owner.name))
}

const PAGE: &str = "\
All pods of a ReplicaSet have the same template, and so the same image name. Its tag was moved in the
registry while some of the pods were running already: they run different programs, nothing shows it,
and which one answers a request is chance. A rollback by the tag does not lead back either.

Looked at: imageID of the running containers of each ReplicaSet, on nodes of one architecture. Not
meant: images that are named by their digest, and nodes that do not report a digest.

What to do: name images by their digest or by a tag that never moves; a restart brings all pods to the
image that the tag means now. What was rolled out before:
  kubectl rollout history deployment/NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_digests_are_shown() {
        let findings = Scenario::captured("GAP-39").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ReplicaSet/fault-gap-39/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "app"));
        assert_eq!(finding.title, "2 pods run 2 different images under the tag registry.example/shop/web:2.0.0");
        assert!(finding.evidence[0].value.starts_with("sha256:1111"), "{:?}", finding.evidence);
    }

    #[test]
    fn one_digest_is_as_it_should_be() {
        let scenario = Scenario::captured("GAP-39");
        let digest =
            "registry.example/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111";
        let same = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/containerStatuses/0/imageID", digest));
        assert_eq!(same.judge(&CHECK), []);
    }

    #[test]
    fn an_image_that_is_named_by_its_digest_is_not_meant() {
        let scenario = Scenario::captured("GAP-39");
        let image = "registry.example/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111";
        let pinned = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/spec/containers/0/image", image));
        assert_eq!(pinned.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-39");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
