//! What a step does to its object, as far as operations are told apart by it.

use crate::helm::{Becomes, ObjectChange};
use crate::plan::{Action, Call, FieldChange, Program, Step};
use crate::probe::is_throwaway_name;
use serde_json::Value;

/// Kinds that may hold the rights of others, beside the group that has nothing else.
const RIGHTS: [&str; 4] = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];

/// Whether it makes, changes or deletes an object of one of the kinds.
pub(super) fn writes(step: &Step, kinds: &[&str]) -> bool {
    step.touched().any(|it| kinds.contains(&it.kind.as_str()))
}

/// Whether it makes, changes or deletes an object of an API group.
pub(super) fn writes_group(step: &Step, group: &str) -> bool {
    step.object.address.api_version.split_once('/').is_some_and(|(of, _)| of == group)
}

/// Whether it writes a role or a binding of roles, of whichever API.
pub(super) fn changes_rights(step: &Step) -> bool {
    writes_group(step, "rbac.authorization.k8s.io") || writes(step, &RIGHTS)
}

/// Whether it writes a network policy, of whichever API.
pub(super) fn writes_network_policy(step: &Step) -> bool {
    step.touched().any(|it| it.kind.ends_with("NetworkPolicy"))
}

/// Whether it deletes an object of a kind, or takes off the finalizers that keep one.
pub(super) fn deletes(step: &Step, kind: &str) -> bool {
    gone(step).any(|it| it.object.kind == kind)
        || step.object.address.kind == kind
            && (matches!(step.call, Call::Delete {}) && !clears_up(step)
                || moves(step, "/metadata/finalizers") && !is_longer(step))
}

/// Whether it deletes a pod that was made for one question, and nothing that was there before.
fn clears_up(step: &Step) -> bool {
    let object = &step.object;
    step.action == Action::Probe && object.uid.is_none() && is_throwaway_name(&object.address.name)
}

/// What a program deletes by it.
fn gone(step: &Step) -> impl Iterator<Item = &ObjectChange> {
    let changes = step.call.run().map_or(&[][..], |run| &run.changes);
    changes.iter().filter(|it| it.becomes == Becomes::Deleted)
}

/// Whether it deletes anything.
pub(super) fn deletes_anything(step: &Step) -> bool {
    deletes(step, &step.object.address.kind) || gone(step).next().is_some()
}

/// Whether finalizers are added: only what takes them off lets an object go.
fn is_longer(step: &Step) -> bool {
    let count = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    moved(step, "/metadata/finalizers").is_some_and(|(before, after)| count(after) > count(before))
}

/// Whether it deletes an object of a kind, or the namespace that holds such objects.
pub(super) fn deletes_inside(step: &Step, kind: &str) -> bool {
    deletes(step, kind) || deletes(step, "Namespace")
}

/// Whether it deletes claims: a StatefulSet may be told to let them go with its pods
/// (<https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention>).
pub(super) fn deletes_claims(step: &Step) -> bool {
    let loses_data = step.tier == crate::plan::Tier::Destructive;
    deletes_inside(step, "PersistentVolumeClaim") || writes(step, &["StatefulSet"]) && loses_data
}

/// Whether it asks a pod to go.
pub(super) fn evicts(step: &Step) -> bool {
    matches!(step.call, Call::Evict {})
}

/// Whether it runs a program of this machine.
pub(super) fn runs(step: &Step) -> bool {
    step.call.run().is_some()
}

/// Whether helm goes back to an earlier revision: whatever that does to objects was so before.
pub(super) fn goes_back_by_helm(step: &Step) -> bool {
    step.action == Action::RollbackHelm && step.call.run().is_some_and(|run| run.program == Program::Helm)
}

/// Whether it changes how many replicas are wanted.
pub(super) fn scales(step: &Step) -> bool {
    step.action == Action::Scale || step.call.subresource() == Some("scale") || moves(step, "/spec/replicas")
}

/// Whether it changes the field at a JSON pointer, something in it, or all that it stands in.
pub(super) fn moves(step: &Step, pointer: &str) -> bool {
    fields(step).iter().any(|field| is_within(&field.pointer, pointer)) || moved(step, pointer).is_some()
}

/// Whether it sets the field at a JSON pointer to a value.
pub(super) fn sets(step: &Step, pointer: &str, value: &Value) -> bool {
    moved(step, pointer).is_some_and(|(_, after)| after == Some(value))
}

/// Whether it changes a field of a container in a pod template, or in a pod; a rollback is no change of its own.
pub(super) fn changes_container(step: &Step, field: &str) -> bool {
    step.action != Action::Rollback && fields(step).iter().any(|change| is_of_container(change, field))
}

fn fields(step: &Step) -> &[FieldChange] {
    // What a program's probe says is no field of an object.
    if let Call::Edit { fields, .. } | Call::Restore { fields, .. } = &step.call { fields } else { &[] }
}

/// The field at a JSON pointer before and after, when the step changes it or all that it stands in.
fn moved<'s>(step: &'s Step, pointer: &str) -> Option<(Option<&'s Value>, Option<&'s Value>)> {
    let both = |field: &'s FieldChange| {
        let rest =
            pointer.strip_prefix(field.pointer.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let inside = |value: &'s Option<Value>| value.as_ref().and_then(|value| value.pointer(rest));
        Some((inside(&field.before), inside(&field.after)))
    };
    fields(step).iter().filter_map(both).find(|(before, after)| before != after)
}

fn is_within(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a field of a container is changed, something in it, or something that holds whole containers.
fn is_of_container(change: &FieldChange, field: &str) -> bool {
    const HOLDERS: [&str; 8] = [
        "",
        "/spec",
        "/spec/template",
        "/spec/template/spec",
        "/spec/jobTemplate",
        "/spec/jobTemplate/spec",
        "/spec/jobTemplate/spec/template",
        "/spec/jobTemplate/spec/template/spec",
    ];
    let pointer = change.pointer.as_str();
    if HOLDERS.contains(&pointer) {
        return change.before.iter().chain(&change.after).any(|value| value.to_string().contains(r#"ontainers":["#));
    }
    let mut parts = pointer.split('/').skip(1);
    if parts.next() != Some("spec") {
        return false;
    }
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let mut parts = parts.skip_while(|part| !lists.contains(part));
    parts.next().is_some() && parts.nth(1).is_none_or(|named| named == field)
}
