//! A Secret that is kept elsewhere is not brought into the cluster.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::Condition;
use sre_core::slim::custom::external_secret::{ClusterSecretStore, ExternalSecret, SealedSecret, SecretStore};
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-18",
    title: "a Secret that is kept elsewhere is not brought into the cluster",
    section: Section::Configuration,
    examines: &[
        Sight::Of(Kind::ExternalSecret),
        Sight::Of(Kind::SecretStore),
        Sight::Of(Kind::ClusterSecretStore),
        Sight::Of(Kind::SealedSecret),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// How long a controller may take, a second try included.
const PATIENCE_MINUTES: i64 = 2;

fn run(view: &View<'_>) -> Vec<Finding> {
    let stores = view.all::<SecretStore>().iter().filter_map(|it| store(it, &it.status.conditions, view));
    let for_all = view.all::<ClusterSecretStore>().iter().filter_map(|it| store(it, &it.status.conditions, view));
    let secrets = view.all::<ExternalSecret>().iter().filter_map(|it| external(it, view));
    let sealed = view.all::<SealedSecret>().iter().filter_map(|it| {
        let synced = failing(&it.status.conditions, "Synced", view).filter(|_| !view.is_going(&it.metadata))?;
        Some(statement(it, "cannot be unsealed", synced))
    });
    stores.chain(for_all).chain(secrets).chain(sealed).collect()
}

/// A condition that has been False for some minutes.
fn failing<'a>(conditions: &'a [Condition], kind: &str, view: &View<'_>) -> Option<&'a Condition> {
    let condition = condition_of(conditions, kind).filter(|it| it.status == "False")?;
    // Not every version of Sealed Secrets says since when.
    let since = condition.last_transition_time.at();
    (since.is_none() || view.is_older_than_minutes(since, PATIENCE_MINUTES)).then_some(condition)
}

fn store(object: &impl Object, conditions: &[Condition], view: &View<'_>) -> Option<Finding> {
    let ready = failing(conditions, "Ready", view).filter(|_| !view.is_going(object.metadata()))?;
    let users = view.all::<ExternalSecret>().iter().filter(|it| is_of(it, object)).count();
    let count = if users == 1 { "1 ExternalSecret".to_owned() } else { format!("{users} ExternalSecrets") };
    Some(statement(object, &format!("is not ready for {count}"), ready))
}

fn is_of(secret: &ExternalSecret, store: &impl Object) -> bool {
    let (named, metadata) = (&secret.spec.secret_store_ref, store.metadata());
    let kind = if named.kind.is_empty() { "SecretStore" } else { &named.kind };
    let is_near = metadata.namespace.is_empty() || metadata.namespace == secret.metadata.namespace;
    kind == store.reference().kind && named.name == metadata.name && is_near
}

/// What a store that is not ready leaves waiting is told with the store.
fn external(secret: &ExternalSecret, view: &View<'_>) -> Option<Finding> {
    let ready = failing(&secret.status.conditions, "Ready", view)?;
    let is_bad = |conditions: &[Condition]| failing(conditions, "Ready", view).is_some();
    let waits = view.all::<SecretStore>().iter().any(|it| is_of(secret, it) && is_bad(&it.status.conditions))
        || view.all::<ClusterSecretStore>().iter().any(|it| is_of(secret, it) && is_bad(&it.status.conditions));
    (!waits && !view.is_going(&secret.metadata)).then(|| statement(secret, "is not synchronised", ready))
}

fn statement(object: &impl Object, trouble: &str, condition: &Condition) -> Finding {
    let named = object.reference();
    let kind = named.kind.to_lowercase();
    let place = named.namespace.as_ref().map_or(String::new(), |namespace| format!(" -n {namespace}"));
    let reason = if condition.reason.is_empty() { String::new() } else { format!(": {}", condition.reason) };
    let title = format!("{} {} {trouble}{reason}", named.kind, named.name);
    let since = condition.last_transition_time.at().or_else(|| object.metadata().creation_timestamp.at());
    Finding::new("CFG-18", Severity::Warning, named.clone(), title)
        .evidence(&named, format!("status.conditions[{}]", condition.type_), condition.message.as_str())
        .since(since)
        .look(format!("kubectl describe {kind} {}{place}", named.name))
}

const PAGE: &str = "\
The controller of External Secrets cannot fetch a Secret, or reach the store that it is in; or the one
of Sealed Secrets cannot unseal it, for another namespace or with another cluster's key, most often.
The Secret stays as it was, or is not there: a password that was changed outside does not arrive.

Looked at: the condition Ready of ExternalSecrets, SecretStores and ClusterSecretStores, and Synced of
SealedSecrets. ExternalSecrets of a store that is not ready are told with the store.

What to do: read the message; it names the key, the right or the address that is missing:
  kubectl describe externalsecret NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-18").later(3)
    }

    #[test]
    fn stores_secrets_and_seals_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<&str> = findings.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(
            said,
            [
                "SecretStore vault is not ready for 1 ExternalSecret: InvalidProviderConfig",
                "ExternalSecret api is not synchronised: SecretSyncedError",
                "SealedSecret db cannot be unsealed",
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(findings[2].evidence[0].value, "no key could decrypt secret (password)");
        assert_eq!(findings[1].remedies[0].command, "kubectl describe externalsecret api -n fault-cfg-18");
    }

    #[test]
    fn what_is_synchronised_is_not_meant() {
        let ready = settled().set("ExternalSecret", "api", "/status/conditions/0/status", "True");
        assert_eq!(ready.judge(&CHECK).len(), 2);
    }

    #[test]
    fn a_store_that_works_again_leaves_its_secrets_to_speak() {
        let works = settled().set("SecretStore", "vault", "/status/conditions/0/status", "True");
        let names: Vec<String> = works.judge(&CHECK).into_iter().map(|it| it.object.to_string()).collect();
        assert!(names.contains(&"ExternalSecret/fault-cfg-18/web".to_owned()), "{names:?}");
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ExternalSecret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.iter().filter(|finding| finding.severity == Severity::Unknown).count(), 1);
    }
}
