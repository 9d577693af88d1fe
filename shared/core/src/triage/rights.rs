//! What gives the accounts of a cause their rights, and may have been changed.

use super::Diagnosis;
use crate::changes::{Change, RIGHTS, Sort};
use crate::object::ObjectRef;
use crate::slim::role_binding::{RoleRef, Subject};
use crate::slim::{ClusterRole, Kind, Object};
use crate::view::View;
use std::collections::BTreeSet;

/// Whose rights a cause may lack.
#[derive(Default)]
pub(super) struct Rights {
    /// Bindings of its accounts, and the roles that they name.
    giving: BTreeSet<ObjectRef>,
    /// Where its accounts are.
    namespaces: BTreeSet<String>,
    /// Whether the API server refused one of them something.
    pub(super) are_refused: bool,
}

/// How a user is called that is a ServiceAccount.
const USER: &str = "system:serviceaccount:";

/// How the groups of all ServiceAccounts, and of those of a namespace, are called.
const GROUP: &str = "system:serviceaccounts";

impl Rights {
    /// Of what is at fault, of what it shows on, and of whom the evidence names.
    pub(super) fn of(view: &View<'_>, cause: &Diagnosis, itself: &BTreeSet<ObjectRef>) -> Self {
        let finding = &cause.judged.finding;
        let values = || finding.evidence.iter().map(|fact| fact.value.as_str());
        let is_refusal = |text: &str| text.contains(USER) && text.contains("cannot ");
        let named = values().filter(|text| is_refusal(text)).flat_map(accounts_in);
        let used = itself.iter().flat_map(|object| view.needs(object)).chain(itself.iter().cloned());
        let accounts: BTreeSet<ObjectRef> = used.filter(|it| it.kind == "ServiceAccount").chain(named).collect();
        Self {
            giving: giving(view, &accounts),
            namespaces: accounts.into_iter().filter_map(|account| account.namespace).collect(),
            are_refused: finding.class == Some("rbac-forbidden") || values().any(is_refusal),
        }
    }

    /// Whether a change is of what gives them rights.
    pub(super) fn come_of(&self, change: &Change) -> bool {
        self.giving.contains(&change.object)
    }

    /// Whether a change may have taken a right that was refused: who was struck out of a binding is no longer in it.
    pub(super) fn may_have_come_of(&self, change: &Change) -> bool {
        let object = &change.object;
        let is_near = object.namespace.as_ref().is_none_or(|namespace| self.namespaces.contains(namespace));
        let is_of_rights = RIGHTS.iter().any(|kind| kind.info().name == object.kind);
        self.are_refused && is_of_rights && is_near && change.sort == Sort::Edit
    }
}

/// The accounts that a text names.
fn accounts_in(text: &str) -> impl Iterator<Item = ObjectRef> {
    text.split(USER).skip(1).filter_map(|rest| {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "-.:".contains(letter);
        let end = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
        let (namespace, name) = rest[..end].trim_end_matches([':', '.']).split_once(':')?;
        Some(ObjectRef::namespaced("ServiceAccount", namespace, name))
    })
}

fn giving(view: &View<'_>, accounts: &BTreeSet<ObjectRef>) -> BTreeSet<ObjectRef> {
    let mut found = BTreeSet::new();
    for binding in view.bindings() {
        let has = |subject: &Subject| accounts.iter().any(|account| is_of(subject, account));
        if binding.subjects.iter().any(has) {
            found.extend(roles(view, binding.role, binding.reference.namespace.as_deref()));
            found.insert(binding.reference);
        }
    }
    found
}

fn is_of(subject: &Subject, account: &ObjectRef) -> bool {
    let namespace = account.namespace.as_deref().unwrap_or_default();
    match subject.kind.as_str() {
        "ServiceAccount" => subject.name == account.name && subject.namespace == namespace,
        "User" => subject.name.strip_prefix(USER).is_some_and(|it| it == format!("{namespace}:{}", account.name)),
        "Group" => match subject.name.strip_prefix(GROUP) {
            Some(rest) => rest.is_empty() || rest.strip_prefix(':') == Some(namespace),
            None => subject.name == "system:authenticated",
        },
        _ => false,
    }
}

/// A role, and those whose rules are gathered into it, as `admin`, `edit` and `view` gather theirs
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>).
fn roles(view: &View<'_>, named: &RoleRef, namespace: Option<&str>) -> Vec<ObjectRef> {
    if named.kind != Kind::ClusterRole.info().name {
        return vec![ObjectRef::scoped(&named.kind, namespace.unwrap_or_default(), &named.name)];
    }
    let label = format!("rbac.authorization.k8s.io/aggregate-to-{}", named.name);
    let gathered = view.all::<ClusterRole>().iter().filter(|role| role.metadata.label(&label) == Some("true"));
    gathered.map(Object::reference).chain([ObjectRef::cluster(&named.kind, &named.name)]).collect()
}
