//! Values that a plan hides: they stand in objects of the cluster, are read when a step is sent, and are kept nowhere.

use super::objects::Objects;
use crate::cluster::connection::RequestFault;
use serde_json::Value;
use sre_core::plan::{Call, Step};
use sre_core::redaction::Redactor;

/// What knows the hidden values of a call; none where it hides nothing.
async fn redactor(objects: &Objects, call: &Call) -> Result<Option<Redactor>, RequestFault> {
    let Call::Restore { hidden_in, .. } = call else { return Ok(None) };
    let mut redactor = Redactor::default();
    for source in hidden_in {
        let name = source.object.object_ref();
        let object = objects.get(&source.object.path()).await?;
        let same = object.filter(|it| it.pointer("/metadata/uid").and_then(Value::as_str) == Some(&source.uid));
        let part = same.as_ref().and_then(|it| it.pointer(&source.pointer));
        let part = part.ok_or_else(|| RequestFault::Other {
            message: format!("{name} is gone, and with it the values that the plan hides"),
        })?;
        redactor.learn(part);
    }
    Ok(Some(redactor))
}

/// An object as the plan of a step shows it.
pub(super) async fn shown(
    objects: &Objects,
    step: &Step,
    object: Option<Value>,
) -> Result<Option<Value>, RequestFault> {
    let redactor = redactor(objects, &step.call).await?;
    Ok(match redactor {
        Some(redactor) => object.map(|it| redactor.redacted(&it)),
        None => object,
    })
}

/// A call as it is sent.
pub(super) async fn revealed(objects: &Objects, call: &Call) -> Result<Call, RequestFault> {
    let Some(redactor) = redactor(objects, call).await? else { return Ok(call.clone()) };
    let message = "a value that the plan hides is kept nowhere any more".to_owned();
    call.revealed(&redactor).ok_or(RequestFault::Other { message })
}
