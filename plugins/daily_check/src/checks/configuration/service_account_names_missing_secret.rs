//! A ServiceAccount that pods run as names a pull secret that does not exist.

use sre_core::cause::specs::has_ended;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Object, Pod, Secret, ServiceAccount};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-06",
    title: "a ServiceAccount names a pull secret that does not exist",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::ServiceAccount)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.all::<ServiceAccount>().iter().filter_map(|account| judge(account, view)).collect(),
};

const PULL_SECRET_MISSING: &str = "image-pull-secret-missing";

fn judge(account: &ServiceAccount, view: &View<'_>) -> Option<Finding> {
    let (name, namespace) = (&account.metadata.name, account.metadata.namespace.as_str());
    let pods: Vec<&Pod> = view.pods_in(namespace).iter().copied().filter(|pod| runs_as(pod, name)).collect();
    if pods.is_empty() || !view.is_settled(&account.metadata) || !view.knows(Kind::Secret, namespace) {
        return None;
    }
    let named = account.image_pull_secrets.iter().map(|it| it.name.as_str()).filter(|it| !it.is_empty());
    let missing = named.filter(|it| view.get::<Secret>(namespace, it).is_none());
    let missing: Vec<&str> = missing.filter(|it| !is_told(it, namespace, view)).collect();
    let first = *missing.first()?;
    let object = account.reference();
    let count = if pods.len() == 1 { "1 pod runs".to_owned() } else { format!("{} pods run", pods.len()) };
    let exist = if missing.len() == 1 { "which does not exist" } else { "which do not exist" };
    let title = format!("ServiceAccount {name} names the pull secret {}, {exist}; {count} as it", missing.join(", "));
    let finding = Finding::new("CFG-06", Severity::Warning, object.clone(), title)
        .risk()
        .since(account.metadata.creation_timestamp.at())
        .evidence(&object, "imagePullSecrets", first)
        .evidence(&ObjectRef::namespaced("Secret", namespace, first), "metadata.name", "not found");
    let finding = pods.iter().take(3).fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    let finding = finding.look(format!("kubectl get secrets -n {namespace}"));
    Some(finding.look(format!("kubectl get serviceaccount {name} -n {namespace} -o yaml")))
}

fn runs_as(pod: &Pod, account: &str) -> bool {
    let own = if pod.spec.service_account_name.is_empty() { "default" } else { &pod.spec.service_account_name };
    own == account && !has_ended(pod)
}

/// Whether pods that cannot pull for it are told already.
fn is_told(secret: &str, namespace: &str, view: &View<'_>) -> bool {
    view.causes().iter().any(|cause| {
        let object = &cause.object;
        cause.class == Some(PULL_SECRET_MISSING)
            && object.name == secret
            && object.namespace.as_deref() == Some(namespace)
    })
}

const PAGE: &str = "\
A ServiceAccount gives its pull secrets to every pod that runs as it. This one names a Secret that
does not exist: images that need it are not pulled on a node that does not have them yet.

Looked at: imagePullSecrets of the ServiceAccounts that pods run as, and the Secrets of their
namespace. Pods that cannot pull today are POD-31, and then this is not repeated.

Harmless: when every image is public or comes with the node's own credentials; then take the name out.

What to do: make the Secret, or correct the name:
  kubectl get secrets -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-06").later(2)
    }

    #[test]
    fn the_account_that_pods_run_as_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ServiceAccount/fault-cfg-06/shop");
        assert_eq!((finding.severity, finding.shows_on.len()), (Severity::Warning, 2));
        let title = "ServiceAccount shop names the pull secret registry, which does not exist; 2 pods run as it";
        assert_eq!(finding.title, title);
        assert_eq!(finding.remedies[0].command, "kubectl get secrets -n fault-cfg-06");
    }

    #[test]
    fn a_secret_that_exists_is_not_meant() {
        let secret = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
            "metadata": {"name": "registry", "namespace": "fault-cfg-06"}
        });
        assert_eq!(settled().with(secret).judge(&CHECK), []);
    }

    #[test]
    fn an_account_that_no_pod_runs_as_pulls_nothing() {
        assert_eq!(settled().without("Pod", "web-").judge(&CHECK), []);
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
