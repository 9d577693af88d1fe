//! Components of the control plane lose their leases, or come and go.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, Pod};
use crate::view::View;
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class = Class {
    id: "control-plane-unstable",
    page: PAGE,
    recognise,
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                is_of_the_control_plane(&it.about)
                    && it.says(&[
                        "leader election lost",
                        "leaderelection lost",
                        "failed to renew lease",
                        "lost lease",
                        "stopped leading",
                        "failed to acquire lease",
                        "leader changed",
                        "error retrieving resource lock",
                    ])
            },
            |_| "a component of the control plane keeps losing its place".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &[
        "apiserver-unavailable",
        "controller-manager-unavailable",
        "scheduler-unavailable",
        "readiness-probe-failed",
        "rollout-not-progressing",
        "pod-creation-failed",
        "container-exit-error",
        "crash-unexplained",
        "liveness-probe-kill",
    ],
    is_everybodys: true,
    ..Class::SILENT
};

const COMPONENTS: [&str; 4] = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

const RECENT_MINUTES: i64 = 60;

/// Components that complain and run all the same, two or more of them.
fn recognise(view: &View<'_>) -> Vec<Finding> {
    let named = |name: &str| COMPONENTS.into_iter().find(|component| name.starts_with(component));
    let complaining = view.pods_in("kube-system").iter().filter_map(|pod| {
        let complaint = view
            .events_about(&pod.reference())
            .iter()
            .find(|event| event.type_ == "Warning" && !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES))?;
        Some((named(&pod.metadata.name)?, *pod, *complaint))
    });
    let complaining: Vec<_> = complaining.collect();
    let is_up = |pod: &Pod| pod.container_statuses().all(|it| it.ready) && pod.container_statuses().next().is_some();
    let names: BTreeSet<&str> = complaining.iter().map(|(name, ..)| *name).collect();
    if names.len() < 2 || !complaining.iter().all(|(_, pod, _)| is_up(pod)) {
        return Vec::new();
    }
    let (_, pod, _) = complaining[0];
    let list = names.into_iter().collect::<Vec<_>>().join(", ");
    let title = format!("components of the control plane come and go: {list}");
    let finding = Finding::new("", Severity::Critical, pod.reference(), title)
        .since(complaining.iter().filter_map(|(.., event)| event.first_seen()).min())
        .look("kubectl get pods -n kube-system -o wide")
        .look("kubectl get leases -n kube-system");
    vec![complaining.iter().fold(finding, |finding, (_, pod, event)| {
        finding.evidence(&pod.reference(), format!("event {}", event.reason), &*event.message).shows_on(pod.reference())
    })]
}

/// Operators elect leaders too, and nobody else depends on them.
fn is_of_the_control_plane(object: &ObjectRef) -> bool {
    object.namespace.as_deref().is_none_or(|namespace| namespace.starts_with("kube-"))
}

const PAGE: &str = "\
The scheduler, the controller manager or the API server restart, lose their leader election or answer
only now and then. What they do is done late, twice or not at all, and much else looks broken.

Looked at: the events and states of the pods of the control plane, their Leases, events of nodes that
come and go together.

What to do: look at etcd and at the load of the machines first; leases are lost where the API server
is slow:
  kubectl get leases -n kube-system
  kubectl get --raw '/readyz?verbose'";
