//! Admission webhooks of both kinds, as one list.

use super::View;
use crate::object::ObjectRef;
use crate::slim::webhook_configuration::WebhookClientConfig;
use crate::slim::{MutatingWebhookConfiguration, Object, ValidatingWebhookConfiguration};

/// One webhook of a configuration.
pub struct Webhook<'a> {
    /// The configuration.
    pub configuration: ObjectRef,
    /// Its name within the configuration.
    pub name: &'a str,
    /// How the API server reaches it.
    pub client: &'a WebhookClientConfig,
    /// What becomes of a request when it does not answer.
    pub on_failure: OnFailure,
}

/// What becomes of a request whose webhook does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnFailure {
    /// It is refused.
    Refused,
    /// It passes unjudged.
    Passed,
}

impl<'a> View<'a> {
    /// Every webhook that is asked about anything; the validating ones first.
    pub fn webhooks(&self) -> impl Iterator<Item = Webhook<'a>> + use<'a> {
        let validating = self.all::<ValidatingWebhookConfiguration>().iter().flat_map(|configuration| {
            let asked = configuration.webhooks.iter().filter(|hook| !hook.rules.is_empty());
            asked.map(|hook| webhook(configuration.reference(), &hook.name, &hook.client_config, &hook.failure_policy))
        });
        let mutating = self.all::<MutatingWebhookConfiguration>().iter().flat_map(|configuration| {
            let asked = configuration.webhooks.iter().filter(|hook| !hook.rules.is_empty());
            asked.map(|hook| webhook(configuration.reference(), &hook.name, &hook.client_config, &hook.failure_policy))
        });
        validating.chain(mutating)
    }
}

fn webhook<'a>(
    configuration: ObjectRef,
    name: &'a str,
    client: &'a WebhookClientConfig,
    policy: &Option<String>,
) -> Webhook<'a> {
    let on_failure = if policy.as_deref() == Some("Ignore") { OnFailure::Passed } else { OnFailure::Refused };
    Webhook { configuration, name, client, on_failure }
}

/// The names of the webhooks that a refusal speaks of: `failed calling webhook "NAME": ...`.
pub(super) fn named_in(message: &str) -> impl Iterator<Item = &str> {
    message.split("failed calling webhook \"").skip(1).filter_map(|rest| rest.split('"').next())
}
