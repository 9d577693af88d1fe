//! Nobody answers at an admission webhook.

use super::pod_creations;
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Role, Severity};
use crate::object::ObjectRef;
use crate::slim::Service;
use crate::view::{Backing, OnFailure, View, Webhook, unready_since};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class {
    id: "webhook-unavailable",
    page: PAGE,
    recognise,
    heard: Some(
        Heard::of(
            Stage::Admission,
            |it| {
                pod_creations::refusal(it.message) == pod_creations::Refusal::WebhookSilent
                    || it.says(&["conversion webhook"])
                        && it.says(&["refused", "timeout", "deadline", "no endpoints", "not found", "no such host"])
            },
            |_| "an admission webhook does not answer".to_owned(),
        )
        .blames(pod_creations::called),
    ),
    ..Class::SILENT
};

/// A configuration, and the namespace, name and port of a Service that its webhooks call.
type Call<'a> = (ObjectRef, &'a str, &'a str, Option<i32>);

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let mut calls: BTreeMap<Call<'_>, Vec<Webhook<'_>>> = BTreeMap::new();
    for hook in view.webhooks() {
        if let Some(to) = &hook.client.service {
            let call = (hook.configuration.clone(), to.namespace.as_str(), to.name.as_str(), to.port);
            calls.entry(call).or_default().push(hook);
        }
    }
    calls.into_iter().filter_map(|(call, hooks)| unanswered(view, call, &hooks)).collect()
}

fn unanswered(view: &View<'_>, call: Call<'_>, hooks: &[Webhook<'_>]) -> Option<Finding> {
    let (configuration, namespace, name, port) = call;
    let backing = view.backing(namespace, name, port);
    backing.trouble()?;
    let absence = view.absence_behind(namespace, name, backing)?;
    let service = ObjectRef::namespaced("Service", namespace, name);
    let since = since(view, &configuration, &service, backing);
    let finding = statement(configuration, &service, backing, hooks);
    let severity = finding.severity.max(absence);
    Some(Finding { severity, ..finding }.since(since).look(pods(namespace)))
}

/// Since the last pod stopped being ready, else since there is both who calls and who should answer.
fn since(view: &View<'_>, configuration: &ObjectRef, service: &ObjectRef, backing: Backing) -> Option<Timestamp> {
    let found = view.get::<Service>(service.namespace.as_deref().unwrap_or_default(), &service.name);
    let pods = found.filter(|_| backing == Backing::NoneReady).map(|found| view.serving(found)).unwrap_or_default();
    let unready = pods.into_iter().filter_map(unready_since).max();
    unready.or_else(|| view.made(configuration).max(view.made(service)))
}

fn pods(namespace: &str) -> String {
    format!("kubectl get pods,endpointslices -n {namespace}")
}

/// Where nothing else can explain it, the Service shows it too, so that its own lack of endpoints folds under this.
fn statement(configuration: ObjectRef, service: &ObjectRef, backing: Backing, hooks: &[Webhook<'_>]) -> Finding {
    let refusing = hooks.iter().filter(|hook| hook.on_failure == OnFailure::Refused).count();
    let severity = if refusing > 0 { Severity::Critical } else { Severity::Warning };
    let at = format!("{}/{}", service.namespace.as_deref().unwrap_or_default(), service.name);
    let trouble = backing.trouble().unwrap_or_default();
    let title = format!("nobody answers at {}: Service {at} {trouble}; {}", names(hooks), outcome(refusing));
    let policy = if refusing > 0 { "Fail" } else { "Ignore" };
    let (kind, name) = (configuration.kind.to_lowercase(), configuration.name.clone());
    let finding = Finding { role: backing.role(), ..Finding::new("", severity, configuration.clone(), title) }
        .part(at.as_str())
        .evidence(&configuration, format!("webhooks[{}].clientConfig.service", hooks[0].name), at.as_str())
        .evidence(&configuration, "webhooks[].failurePolicy", policy)
        .evidence(service, "endpoints", trouble)
        .look(format!("kubectl get {kind} {name} -o yaml"));
    if backing.role() == Role::Cause { finding.shows_on(service.clone()) } else { finding }
}

fn names(hooks: &[Webhook<'_>]) -> String {
    match hooks {
        [only] => format!("webhook {}", only.name),
        _ => format!("{} webhooks ({}, ...)", hooks.len(), hooks[0].name),
    }
}

fn outcome(refusing: usize) -> &'static str {
    if refusing > 0 { "requests that it should judge are refused" } else { "requests pass unjudged" }
}

const PAGE: &str = "\
The API server asks this webhook before it stores certain objects, and nobody answers: the Service
is missing, has another port, or has no ready endpoint. With failurePolicy Fail every such request
is refused, which can stop all rollouts and even the repair of the webhook itself; with Ignore the
requests pass unjudged.

Looked at: the webhooks' clientConfig.service, the Services, their EndpointSlices. Webhooks that are
called by URL cannot be judged from here.

What to do: repair the pods behind the Service. When they cannot come up because of the webhook
itself, let requests pass for a while:
  kubectl patch validatingwebhookconfiguration NAME --type=json --dry-run=server \\
    -p '[{\"op\":\"replace\",\"path\":\"/webhooks/0/failurePolicy\",\"value\":\"Ignore\"}]'";
