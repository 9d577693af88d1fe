//! Accounts and classes that pods and templates name and that do not exist.

use super::specs::{alike, counted, shown};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::scheduling::nearest_word;
use crate::slim::{ConditionFacts, Kind, Object, ObjectMeta, Pod, ReplicaSet, Scope, condition_of};
use crate::view::{View, Workload, references};
use std::collections::BTreeMap;

/// Who names one thing that does not exist.
#[derive(Default)]
struct Named<'a> {
    workloads: Vec<Workload<'a>>,
    pods: Vec<&'a Pod>,
}

/// One finding for each object of a kind that does not exist and is named by a pod or by a workload that wants pods.
pub(super) fn causes(view: &View<'_>, kind: Kind, known: &[&str]) -> Vec<Finding> {
    let mut found: BTreeMap<ObjectRef, Named<'_>> = BTreeMap::new();
    for workload in view.workloads().filter(|it| it.wanted > 0 && !view.is_young(it.metadata)) {
        if let Some(missing) = missing(view, kind, &workload.template.spec, &workload.metadata.namespace) {
            found.entry(missing).or_default().workloads.push(workload);
        }
    }
    for group in alike(view) {
        if let Some(missing) = missing(view, kind, group.spec, group.namespace) {
            found.entry(missing).or_default().pods.extend(group.pods);
        }
    }
    let all = found.into_iter();
    all.map(|(missing, named)| named.finding(view, missing, known)).collect()
}

fn missing(view: &View<'_>, kind: Kind, spec: &crate::slim::pod_spec::PodSpec, namespace: &str) -> Option<ObjectRef> {
    let scope = if kind.info().scope == Scope::Cluster { "" } else { namespace };
    let named = references(spec).into_iter().find(|one| one.kind == kind)?;
    let is_missing = view.snapshot.objects.metadata(kind, scope, named.name).is_none() && view.knows(kind, scope);
    is_missing.then(|| ObjectRef::scoped(kind.info().name, scope, named.name))
}

impl Named<'_> {
    fn finding(self, view: &View<'_>, missing: ObjectRef, known: &[&str]) -> Finding {
        let lacking: Vec<&Workload<'_>> = self.workloads.iter().filter(|it| it.lacks_pods(view)).collect();
        let severity = if lacking.is_empty() { Severity::Warning } else { Severity::Critical };
        let title = format!("{} {} does not exist; {}", missing.kind, missing.name, self.consequence(view, &lacking));
        let mut finding = Finding::new("", severity, missing.clone(), title);
        for workload in self.workloads.iter().take(3) {
            let field = format!("{}.{}", workload.pod_spec_field, field_of(&missing.kind));
            finding = finding.evidence(&workload.reference, field, &*missing.name);
        }
        for (object, field, message) in lacking.iter().take(2).filter_map(|it| refusal(view, &it.reference)) {
            finding = finding.evidence(&object, field, message);
        }
        if let (true, Some(pod)) = (self.workloads.is_empty(), self.pods.first()) {
            finding = finding.evidence(&pod.reference(), format!("spec.{}", field_of(&missing.kind)), &*missing.name);
        }
        if let Some(near) = nearest_word(&missing.name, known.iter().copied()) {
            let other = ObjectRef { name: near.to_owned(), ..missing.clone() };
            finding = finding.evidence(&other, "metadata.name", format!("{near} (nearest name)"));
        }
        let finding = lacking.iter().fold(finding, |finding, it| finding.shows_on(it.reference.clone()));
        let templates = self.workloads.iter().filter_map(|it| it.metadata.creation_timestamp.at()).min();
        let since = templates.or_else(|| self.pods.iter().filter_map(|it| it.metadata.creation_timestamp.at()).min());
        shown(finding, &self.pods).since(since).look(listing(&missing))
    }

    fn consequence(&self, view: &View<'_>, lacking: &[&Workload<'_>]) -> String {
        match lacking {
            [] if self.pods.is_empty() => format!("{} will not get a pod", name(&self.workloads[0].reference)),
            [] => format!("{} would not be created again", counted(&self.pods, view)),
            [one] => format!("no pod of {} can be created", name(&one.reference)),
            more => format!("no pod of {} workloads can be created", more.len()),
        }
    }
}

fn name(object: &ObjectRef) -> String {
    format!("{}/{}", object.kind, object.name)
}

fn field_of(kind: &str) -> &'static str {
    match kind {
        "ServiceAccount" => "serviceAccountName",
        "PriorityClass" => "priorityClassName",
        _ => "runtimeClassName",
    }
}

fn listing(missing: &ObjectRef) -> String {
    let kind = format!("{}s", missing.kind.to_lowercase()).replace("classs", "classes");
    match &missing.namespace {
        Some(namespace) => format!("kubectl get {kind} -n {namespace}"),
        None => format!("kubectl get {kind}"),
    }
}

/// What the API server answered to a controller, from its condition or the newest event about it.
fn refusal(view: &View<'_>, owner: &ObjectRef) -> Option<(ObjectRef, &'static str, String)> {
    let of_owner = |metadata: &ObjectMeta| view.accountable(Kind::ReplicaSet, metadata) == *owner;
    let sets = view.all::<ReplicaSet>().iter().filter(|set| of_owner(&set.metadata));
    let failures =
        sets.filter_map(|set| Some((set.reference(), condition_of(&set.status.conditions, "ReplicaFailure")?)));
    let failed = failures.into_iter().find(|(_, condition)| condition.status() == "True");
    if let Some((set, condition)) = failed {
        return Some((set, "status.conditions[ReplicaFailure].message", condition.message().to_owned()));
    }
    let event = view.events_about(owner).iter().find(|event| event.reason == "FailedCreate")?;
    Some((owner.clone(), "event FailedCreate", event.message.clone()))
}
