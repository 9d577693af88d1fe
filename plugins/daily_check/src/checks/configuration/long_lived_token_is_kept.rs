//! A Secret holds a token of a ServiceAccount that never ends.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Secret, ServiceAccount};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-93",
    title: "a Secret holds a ServiceAccount's token that never ends",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::Secret)],
    relies_on: &[Sight::Of(Kind::ServiceAccount)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Secret>().iter().filter_map(|secret| judge(secret, view)).collect(),
};

const TOKEN: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";

fn judge(secret: &Secret, view: &View<'_>) -> Option<Finding> {
    let (name, namespace) = (&secret.metadata.name, &secret.metadata.namespace);
    let account = secret.metadata.annotation(ACCOUNT).filter(|_| secret.type_ == TOKEN)?;
    let holder = view.get::<ServiceAccount>(namespace, account)?;
    // Older clusters and OpenShift make one for each account, and list it there: nobody asked for those.
    let is_made_for_all = holder.secrets.iter().any(|listed| listed.name == *name);
    if is_made_for_all || !view.is_settled(&secret.metadata) {
        return None;
    }
    let object = secret.reference();
    let used = secret.metadata.label(LAST_USED);
    let last = used.map_or_else(String::new, |day| format!(", last used on {day}"));
    let title = format!("Secret {name} holds a token of ServiceAccount {account} that never ends{last}");
    let finding = Finding::new("GAP-93", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "type", TOKEN)
        .evidence(&object, format!("metadata.annotations[{ACCOUNT}]"), account);
    let finding = match used {
        Some(day) => finding.evidence(&object, format!("metadata.labels[{LAST_USED}]"), day),
        None => finding,
    };
    let finding = finding.since(secret.metadata.creation_timestamp.at());
    let finding = finding.look(format!("kubectl describe secret {name} -n {namespace}"));
    Some(finding.change(format!("kubectl delete secret {name} -n {namespace} --dry-run=server")))
}

const PAGE: &str = "\
A Secret of type kubernetes.io/service-account-token holds a token that is good until the Secret is
deleted, in every backup and on every laptop that it was copied to. Pods do not need it: theirs are
bound to the pod and renewed. Most were made for something outside of the cluster.

Looked at: Secrets of that type whose ServiceAccount exists, and the label that says when the token
was last used. Those that older clusters made for each account by themselves are left out.

Harmless: where a program outside truly has no other way in.

What to do: give that program short-lived tokens, then delete the Secret:
  kubectl get serviceaccount ACCOUNT -n NAMESPACE -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-93").later(2)
    }

    #[test]
    fn a_token_that_somebody_asked_for_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Secret/fault-gap-93/pipeline");
        let title = "Secret pipeline holds a token of ServiceAccount deployer that never ends";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, title));
        assert_eq!(finding.evidence[1].value, "deployer");
        assert_eq!(finding.remedies[1].command, "kubectl delete secret pipeline -n fault-gap-93 --dry-run=server");
    }

    #[test]
    fn when_it_was_last_used_is_said() {
        let labels = serde_json::json!({ LAST_USED: "2026-01-15" });
        let findings = settled().set("Secret", "pipeline", "/metadata/labels", labels).judge(&CHECK);
        assert!(findings[0].title.ends_with(", last used on 2026-01-15"), "{}", findings[0].title);
    }

    #[test]
    fn tokens_that_were_made_for_each_account_are_not_meant() {
        let listed = serde_json::json!([{ "name": "pipeline" }]);
        assert_eq!(settled().set("ServiceAccount", "deployer", "/secrets", listed).judge(&CHECK), []);
        assert_eq!(settled().set("Secret", "pipeline", "/type", "Opaque").judge(&CHECK), []);
    }

    #[test]
    fn accounts_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ServiceAccount), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
