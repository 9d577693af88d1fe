//! The API server cannot trust a webhook.

use super::pod_creations;
use crate::cause::ca_bundle::{Calls, Trust, judge};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::webhook_configuration::{ServiceReference, WebhookClientConfig};
use crate::slim::{CustomResourceDefinition, Event, Object};
use crate::view::{OnFailure, View, Webhook};
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class {
    id: "webhook-certificate-invalid",
    page: PAGE,
    recognise,
    heard: Some(
        Heard::of(
            Stage::Admission,
            |it| pod_creations::refusal(it.message) == pod_creations::Refusal::WebhookUntrusted,
            |_| "the certificate of an admission webhook is not trusted".to_owned(),
        )
        .blames(pod_creations::called),
    ),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let conversions = view.all::<CustomResourceDefinition>().iter().filter_map(|it| of_definition(view, it));
    of_webhooks(view).iter().chain(&conversions.collect::<Vec<_>>()).filter_map(|trust| judge(view, trust)).collect()
}

/// One for each bundle of a configuration and the Service that it is for, with the worst outcome.
fn of_webhooks<'a>(view: &View<'a>) -> Vec<Trust<'a>> {
    let mut calls: BTreeMap<(ObjectRef, &str, &str, &[u8]), Webhook<'a>> = BTreeMap::new();
    for hook in view.webhooks() {
        let Some(to) = &hook.client.service else { continue };
        let call = (hook.configuration.clone(), &*to.namespace, &*to.name, &*hook.client.ca_bundle);
        match calls.get(&call) {
            Some(known) if known.on_failure <= hook.on_failure => {}
            _ => drop(calls.insert(call, hook)),
        }
    }
    calls.into_values().filter_map(|hook| of_webhook(view, &hook)).collect()
}

fn of_webhook<'a>(view: &View<'_>, hook: &Webhook<'a>) -> Option<Trust<'a>> {
    let severity = if hook.on_failure == OnFailure::Refused { Severity::Critical } else { Severity::Warning };
    let field = format!("webhooks[{}].clientConfig.caBundle", hook.name);
    let service = hook.client.service.as_ref()?;
    Some(trust(view, hook.configuration.clone(), field, hook.client, service, severity))
}

/// An object that cannot be converted cannot even be read.
fn of_definition<'a>(view: &View<'_>, definition: &'a CustomResourceDefinition) -> Option<Trust<'a>> {
    let conversion = definition.spec.conversion.as_ref().filter(|conversion| conversion.strategy == "Webhook")?;
    let client = conversion.webhook.as_ref()?.client_config.as_ref()?;
    let field = "spec.conversion.webhook.clientConfig.caBundle".to_owned();
    Some(trust(view, definition.reference(), field, client, client.service.as_ref()?, Severity::Critical))
}

fn trust<'a>(
    view: &View<'_>,
    object: ObjectRef,
    field: String,
    client: &WebhookClientConfig,
    service: &'a ServiceReference,
    severity: Severity,
) -> Trust<'a> {
    let bundle = client.certificates();
    // Looked for only where it matters: there are many events.
    let is_empty = bundle.as_ref().is_ok_and(Vec::is_empty);
    let calls = if is_empty && is_refused(view, service) { Calls::Refused } else { Calls::Untold };
    Trust { object, field, bundle, service: (&service.namespace, &service.name), severity, calls }
}

/// Whether an event says that a call to a Service failed because of its certificate.
fn is_refused(view: &View<'_>, service: &ServiceReference) -> bool {
    let host = format!("//{}.{}.svc", service.name, service.namespace);
    view.all::<Event>().iter().any(|event| event.message.contains("x509") && event.message.contains(&host))
}

const PAGE: &str = "\
The API server calls webhooks over TLS and trusts only what the CA bundle of their configuration
vouches for. The bundle is empty, damaged, expired, not valid yet, or has not signed the certificate
that the webhook's pods serve with; the calls fail like those to a webhook that is not there.

An empty bundle is a warning until an event shows that a call was refused: a certificate that the
system's own roots vouch for needs none.

Looked at: caBundle of webhook configurations and of the conversion of custom resources; the TLS
Secrets that the pods behind the Service mount and that stand for the Service's name. Signatures
are compared by the signer's name, so a new key under an old name is not noticed.

What to do: let whoever issues the certificate write the bundle again (cert-manager's injector, the
operator's own job), and restart the pods that still serve an old certificate.";
