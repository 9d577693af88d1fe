//! What Prometheus measured, as findings.

use crate::cause::{CLASSES, Tells, with_acts};
use crate::finding::{Finding, Severity};
use crate::inquiry::Sample;
use crate::object::ObjectRef;
use crate::profile::Measure;
use crate::slim::{DaemonSet, Deployment, Node, Object, Pod, StatefulSet};
use crate::view::View;
use std::collections::BTreeMap;

/// Who is accountable, which part of it, and who shows it.
struct Whom {
    object: ObjectRef,
    part: String,
    shows_on: Option<ObjectRef>,
}

/// One finding for each measure and accountable object that is over its bound: the worst of its pods speaks.
pub(super) fn findings(view: &View<'_>, measures: &[Measure]) -> Vec<Finding> {
    let mut found = Vec::new();
    for measure in measures {
        let mut worst: BTreeMap<(ObjectRef, String), (f64, Whom)> = BTreeMap::new();
        for sample in view.samples(&measure.query) {
            let (Some(whom), true) = (whom(view, measure, &sample), !sample.value.is_nan()) else { continue };
            let key = (whom.object.clone(), whom.part.clone());
            if severity(measure, sample.value).is_some()
                && worst.get(&key).is_none_or(|(value, _)| *value < sample.value)
            {
                worst.insert(key, (sample.value, whom));
            }
        }
        found.extend(
            worst
                .into_values()
                .filter_map(|(value, whom)| Some(finding(view, measure, whom, value, severity(measure, value)?))),
        );
    }
    found
}

fn severity(measure: &Measure, value: f64) -> Option<Severity> {
    let is_over = |bound: Option<f64>| bound.is_some_and(|bound| value >= bound);
    if is_over(measure.critical) {
        return Some(Severity::Critical);
    }
    is_over(measure.warning).then_some(Severity::Warning)
}

fn finding(view: &View<'_>, measure: &Measure, whom: Whom, value: f64, severity: Severity) -> Finding {
    let (written, bound) =
        (measure.unit.written(value), measure.critical.filter(|it| value >= *it).or(measure.warning));
    let bound = bound.map_or(String::new(), |bound| format!(" (bound {})", measure.unit.written(bound)));
    let whose = if whom.part.is_empty() { String::new() } else { format!("container {}: ", whom.part) };
    let title = format!("{whose}{}: {written}{bound}, by Prometheus", measure.name);
    let finding = Finding::new("", severity, whom.object, title).class(measure.class).part(whom.part);
    let asked = whom.shows_on.clone().unwrap_or_else(|| finding.object.clone());
    let finding =
        finding.evidence_at(&asked, format!("Prometheus[{}]", measure.name), written, Some(view.now())).probable();
    let finding = whom.shows_on.into_iter().fold(finding, Finding::shows_on);
    let tells_that = CLASSES.iter().any(|class| class.id == measure.class && class.tells == Tells::That);
    with_acts(view, look(if tells_that { finding.symptom() } else { finding.risk() }))
}

/// What shows more of whoever it is.
fn look(finding: Finding) -> Finding {
    let object = finding.object.clone();
    let kind = object.kind.to_lowercase();
    match (&object.namespace, kind.as_str()) {
        (Some(namespace), "pod" | "deployment" | "statefulset" | "daemonset") => {
            finding.look_words(&["kubectl", "top", "pod", "-n", namespace, "--containers"])
        }
        (None, "node") => finding.look_words(&["kubectl", "describe", "node", &object.name]),
        _ => finding,
    }
}

/// Whom a value is of: the pod or the node that its labels name, else the component of the profile.
fn whom(view: &View<'_>, measure: &Measure, sample: &Sample) -> Option<Whom> {
    let (namespace, name) = (sample.label("namespace"), sample.label("pod"));
    if let Some(pod) = view.get::<Pod>(namespace, name) {
        let part = sample.label("container").to_owned();
        let (object, itself) = (view.owner_of(pod), pod.reference());
        let shows_on = (object != itself).then_some(itself);
        return Some(Whom { object, part, shows_on });
    }
    if !name.is_empty() && measure.component.is_none() {
        // What is gone since it was measured is in nobody's way.
        return None;
    }
    if let Some(node) = node(view, sample) {
        return Some(Whom { object: node.reference(), part: String::new(), shows_on: None });
    }
    let component = view.profile.components.iter().find(|it| Some(&it.name) == measure.component.as_ref());
    let workloads = view.all::<Deployment>().iter().map(Object::reference);
    let workloads = workloads.chain(view.all::<StatefulSet>().iter().map(Object::reference));
    let mut workloads = workloads.chain(view.all::<DaemonSet>().iter().map(Object::reference));
    let object = component.and_then(|it| workloads.find(|workload| it.holds(workload)));
    // A profile asks of its own system: where its workload was not seen, the answer is told all the same.
    let object = object.or_else(|| Some(ObjectRef::cluster("Component", measure.component.as_ref()?)));
    let is_of_profile = view.profile.performance.iter().any(|it| it.name == measure.name);
    let object = object.or_else(|| is_of_profile.then(|| ObjectRef::cluster("Measure", &measure.name)));
    Some(Whom { object: object?, part: String::new(), shows_on: None })
}

/// The node that a value is of, by its name or its address.
fn node<'v>(view: &View<'v>, sample: &Sample) -> Option<&'v Node> {
    let instance = sample.label("instance");
    let host = instance.rsplit_once(':').map_or(instance, |(host, _)| host);
    let named = [sample.label("node"), host];
    view.all::<Node>().iter().find(|node| {
        let is_called = |name: &&str| {
            !name.is_empty()
                && (node.metadata.name == **name || node.status.addresses.iter().any(|it| it.address == **name))
        };
        named.iter().any(is_called)
    })
}
