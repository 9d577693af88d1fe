//! Admission webhooks of both kinds, as one list.

use super::View;
use crate::object::ObjectRef;
use crate::slim::webhook_configuration::{RuleWithOperations, WebhookClientConfig};
use crate::slim::{LabelSelector, MutatingWebhookConfiguration, Object, ValidatingWebhookConfiguration};

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
    /// Which requests it is asked about.
    pub rules: &'a [RuleWithOperations],
    /// The namespaces that it is asked about; all when there is none.
    pub namespaces: Option<&'a LabelSelector>,
    /// The objects that it is asked about; all when there is none.
    pub objects: Option<&'a LabelSelector>,
    /// Whether expressions, which nothing here evaluates, narrow what it is asked about.
    pub is_conditional: bool,
}

/// What becomes of a request whose webhook does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnFailure {
    /// It is refused.
    Refused,
    /// It passes unjudged.
    Passed,
}

/// Both kinds of webhooks have these fields, in structs of their own.
macro_rules! webhook {
    ($configuration:expr, $hook:expr) => {
        Webhook {
            configuration: $configuration.reference(),
            name: &$hook.name,
            client: &$hook.client_config,
            on_failure: on_failure($hook.failure_policy.as_deref()),
            rules: &$hook.rules,
            namespaces: $hook.namespace_selector.as_ref(),
            objects: $hook.object_selector.as_ref(),
            is_conditional: !$hook.match_conditions.is_empty(),
        }
    };
}

impl<'a> View<'a> {
    /// Every webhook that is asked about anything; the validating ones first.
    pub fn webhooks(&self) -> impl Iterator<Item = Webhook<'a>> + use<'a> {
        let validating = self.all::<ValidatingWebhookConfiguration>().iter().flat_map(|configuration| {
            let asked = configuration.webhooks.iter().filter(|hook| !hook.rules.is_empty());
            asked.map(|hook| webhook!(configuration, hook))
        });
        let mutating = self.all::<MutatingWebhookConfiguration>().iter().flat_map(|configuration| {
            let asked = configuration.webhooks.iter().filter(|hook| !hook.rules.is_empty());
            asked.map(|hook| webhook!(configuration, hook))
        });
        validating.chain(mutating)
    }
}

fn on_failure(policy: Option<&str>) -> OnFailure {
    if policy == Some("Ignore") { OnFailure::Passed } else { OnFailure::Refused }
}

/// The names of the webhooks that a refusal speaks of: `failed calling webhook "NAME": ...`.
pub(super) fn named_in(message: &str) -> impl Iterator<Item = &str> {
    message.split("failed calling webhook \"").skip(1).filter_map(|rest| rest.split('"').next())
}
