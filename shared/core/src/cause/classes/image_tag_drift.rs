//! One tag stands for different images among the pods of an owner.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Node, Object, Pod};
use crate::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class { id: "image-tag-drift", page: PAGE, recognise: run, ..Class::SILENT };

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
    let finding = Finding::new("", Severity::Warning, owner.clone(), title).risk().part(container).since(since);
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
