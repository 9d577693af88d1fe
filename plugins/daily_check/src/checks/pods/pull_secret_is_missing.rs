//! A pull secret does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-31",
    title: "a pull secret does not exist",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[
        Sight::Of(Kind::ServiceAccount),
        Sight::Of(Kind::Event),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    page: PAGE,
    run: |view| view.recognised("POD-31", &["image-pull-secret-missing"]),
};

const PAGE: &str = "\
A pod, or the ServiceAccount that it runs as, names a Secret for the registry that does not exist. It
is critical when images are pulled in vain. A pod that names one and runs all the same is a warning: on
a node that does not have the image it would not start.

Looked at: imagePullSecrets of the pods and of their ServiceAccounts, and the Secrets.

Harmless: a ServiceAccount that names a missing Secret while all its pods run; that is not reported.

See also: kubectl sre explain image-pull-secret-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn secrets_of_pods_and_of_accounts_are_named() {
        let findings = Scenario::captured("POD-31").later(2).judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.shows_on.len())).collect();
        assert_eq!(
            all,
            [("Secret/fault-pod-31/registry-api".to_owned(), 1), ("Secret/fault-pod-31/registry-web".to_owned(), 2),]
        );
        assert!(findings.iter().all(|it| it.severity == Severity::Critical));
        assert_eq!(findings[0].evidence[0].object.to_string(), "ServiceAccount/fault-pod-31/api");
        assert_eq!(findings[1].title, "pull secret registry-web does not exist; 2 pods of Deployment/web cannot pull");
        assert_eq!(findings[1].remedies[0].command, "kubectl get secrets -n fault-pod-31");
    }

    #[test]
    fn the_refusal_of_the_registry_is_no_cause_beside_it() {
        let pulls = Scenario::captured("POD-31").later(2).judge(&crate::checks::pods::image_cannot_be_pulled::CHECK);
        assert_eq!(pulls, []);
    }

    #[test]
    fn an_account_whose_pods_run_needs_no_pull_secret() {
        let scenario = Scenario::captured("POD-31").later(2);
        let running = scenario
            .names_of("Pod", "api-")
            .iter()
            .fold(scenario, |scenario, pod| scenario.unset("Pod", pod, "/status/containerStatuses/0/state/waiting"));
        let findings = running.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].object.name.as_str()), (1, "registry-web"));
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings =
            Scenario::captured("POD-31").later(2).gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
