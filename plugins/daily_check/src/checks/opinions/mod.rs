//! Matters of style and taste: looked at only with `--only opinions`.

pub mod image_tag_moves;
pub mod memory_limit_is_missing;
pub mod memory_volume_has_no_limit;
pub mod pod_has_no_controller;
pub mod probes_are_the_same;
pub mod readiness_probe_is_missing;
pub mod requests_are_missing;
pub mod volumes_go_with_their_claims;

use sre_core::cause::specs::has_ended;
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::container::{Container, ResourceRequirements};
use sre_core::slim::pod_spec::PodSpec;
use sre_core::slim::{Kind, LimitRange};
use sre_core::view::{View, Workload};

/// More than so many findings of one opinion say the same thing again and again.
const MOST: usize = 10;

/// How many of them are shown then.
const EXAMPLES: usize = 5;

/// What runs the cluster comes from its distribution, and is nobody's to restyle.
const NOT_OURS: &str = "kube-system";

/// An opinion about one object: what of it is meant, and the fact that it rests on.
struct Opinion {
    object: ObjectRef,
    title: String,
    field: String,
    value: String,
}

/// One finding for each, or one for all when there are many; `what` says then what they have in common.
fn stated(check: &'static str, what: &str, opinions: &[Opinion], view: &View<'_>) -> Vec<Finding> {
    let about = |object: ObjectRef, title: String| Finding::new(check, Severity::Info, object, title).risk();
    if opinions.len() <= MOST {
        let one = |it: &Opinion| {
            let finding = about(it.object.clone(), it.title.clone()).evidence(&it.object, &*it.field, &*it.value);
            finding.look(looked_at(&it.object))
        };
        return opinions.iter().map(one).collect();
    }
    let scope = view.snapshot.namespaces.one().unwrap_or_default();
    let finding = about(ObjectRef::scoped("Workload", scope, "*"), format!("{} {what}", opinions.len()));
    let finding = opinions
        .iter()
        .take(EXAMPLES)
        .fold(finding, |finding, it| finding.evidence(&it.object, &*it.field, &*it.value).look(looked_at(&it.object)));
    vec![opinions.iter().fold(finding, |finding, it| finding.shows_on(it.object.clone()))]
}

fn looked_at(object: &ObjectRef) -> String {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!("kubectl get {} {} -n {namespace} -o yaml", object.kind.to_lowercase(), object.name)
}

/// The workloads that want pods and are somebody's own.
fn own_workloads<'a>(view: &View<'a>) -> impl Iterator<Item = Workload<'a>> {
    view.workloads().filter(|it| it.wanted > 0 && it.metadata.namespace != NOT_OURS)
}

/// What the pods of a workload ask for: of a pod, which has got the defaults of its namespace; of the template while
/// there is none, and no LimitRange that would add to it.
fn asked<'a>(workload: &Workload<'a>, view: &View<'a>) -> Option<&'a PodSpec> {
    let namespace = workload.metadata.namespace.as_str();
    if let Some(pod) = view.pods_of(&workload.reference).iter().find(|pod| !has_ended(pod)) {
        return Some(&pod.spec);
    }
    let has_defaults = view.all::<LimitRange>().iter().any(|range| range.metadata.namespace == namespace);
    let template = &workload.template.spec;
    (view.knows(Kind::LimitRange, "") && !has_defaults).then_some(template)
}

/// The containers that run as long as their pod does.
fn lasting(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    let sidecars = spec.init_containers.iter().map(|it| &**it).filter(|it| it.is_restartable());
    sidecars.chain(spec.containers.iter().map(|it| &**it))
}

/// The names of the lasting containers for which something holds, and that the pod as a whole does not settle.
fn lacking(spec: &PodSpec, lacks: impl Fn(&ResourceRequirements) -> bool) -> Vec<&str> {
    if spec.resources.as_ref().is_some_and(|whole| !lacks(whole)) {
        return Vec::new();
    }
    lasting(spec).filter(|container| lacks(&container.resources)).map(|container| container.name.as_str()).collect()
}
pub mod literal_looks_secret;
