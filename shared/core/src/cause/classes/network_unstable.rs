//! Failures come and go between the same points, with no configuration to blame.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::{Event, Object, Pod};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "network-unstable",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.says(&[
                "packet loss",
                "intermittent packet",
                "intermittent network",
                "intermittent connect",
                "network flap",
                "link flap",
                "network partition",
                "connection reset by peer; retransmit",
            ])
        },
        |_| "the network comes and goes".to_owned(),
    )),
    brings: &["dns-resolution-failed", "readiness-probe-failed", "dependency-unavailable", "liveness-probe-kill"],
    ..Class::SILENT
};

/// The ways in which a connection can fail.
const WAYS: [&str; 4] = ["refused", "reset", "timeout", "no route"];

/// Pods to which, or from which, connections fail in several ways and work in between.
fn recognise(view: &View<'_>) -> Vec<Finding> {
    view.all::<Pod>().iter().filter_map(|pod| judge(pod, view)).collect()
}

fn judge(pod: &Pod, view: &View<'_>) -> Option<Finding> {
    let events = view.events_about(&pod.reference());
    // What fails to one named peer only may be that peer.
    let is_named = |event: &Event| ["dependency", ".svc", "upstream"].iter().any(|word| event.message.contains(word));
    let failed = |event: &&&Event| {
        event.type_ == "Warning"
            && WAYS.iter().any(|way| event.message.contains(way))
            && (!is_named(event) || event.message.contains(":53"))
    };
    let failures: Vec<&&Event> = events.iter().filter(failed).collect();
    let ways = WAYS.iter().filter(|way| failures.iter().any(|event| event.message.contains(**way))).count();
    let (first, last) = (failures.last()?.last_seen(), failures.first()?.last_seen());
    let between = events.iter().filter(|event| event.type_ == "Normal" && says_well(event));
    let recoveries = between.filter(|event| event.last_seen() > first).count();
    let comes_and_goes = recoveries >= 1 && (ways >= 2 || recoveries >= 2 && failures.len() >= 2);
    if !comes_and_goes || last < first {
        return None;
    }
    let title = format!("connections fail and work in turn: {} failures, {recoveries} recoveries", failures.len());
    let finding = Finding::new("", Severity::Warning, view.owner_of(pod), title).probable().shows_on(pod.reference());
    let finding = failures.iter().take(3).fold(finding, |finding, event| {
        finding.evidence(&pod.reference(), format!("event {}", event.reason), &*event.message)
    });
    let (name, namespace) = (&pod.metadata.name, &pod.metadata.namespace);
    Some(finding.look(format!("kubectl describe pod {name} -n {namespace}")))
}

fn says_well(event: &Event) -> bool {
    event.reason == "Ready" || ["succeeded", "reconnected", "recovered"].iter().any(|word| event.message.contains(word))
}

const PAGE: &str = "\
The same connection fails and works in turn, in several ways (refused, reset, timeout), or many
workloads lose packets at once. No object explains it: a link, a switch, a full connection table.

Looked at: probes and events that alternate between failure and success.

What to do: find what the failing pods share (node, zone), and look at the network of that:
  kubectl get pods -A -o wide --field-selector status.phase=Running";
