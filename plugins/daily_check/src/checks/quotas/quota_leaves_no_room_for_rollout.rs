//! A quota leaves no room for the one pod more that a rollout needs.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::scheduling::{pod_request, written};
use sre_core::slim::{Deployment, IntOrString, Kind, Object, Pod, ResourceAmount, ResourceQuota, Rounding, amount_of};
use sre_core::units::Amount;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-96",
    title: "a quota leaves no room for the pod that a rollout makes first",
    section: Section::Quotas,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[Sight::Of(Kind::ResourceQuota), Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<Deployment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// The server's default for both bounds.
const DEFAULT: &str = "25%";

/// From this part on a quota is told of itself.
const ALMOST_FULL: f64 = 0.9;

/// What a quota bounds, and of which request it is the sum; the number of pods has none.
const BOUNDS: [(&str, Option<&str>); 5] = [
    ("pods", None),
    ("requests.cpu", Some("cpu")),
    ("cpu", Some("cpu")),
    ("requests.memory", Some("memory")),
    ("memory", Some("memory")),
];

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let namespace = &deployment.metadata.namespace;
    let is_refused = view.refused_creations().iter().any(|refused| refused.owner == deployment.reference());
    if !makes_one_first(deployment) || is_refused || !view.is_settled(&deployment.metadata) {
        return None;
    }
    // A pod that runs has every default in it.
    let pods = view.pods_of(&deployment.reference()).iter().filter(|pod| pod.status.phase == "Running");
    let pod: &Pod = pods.max_by_key(|pod| pod.metadata.creation_timestamp.at())?;
    let quotas = view.all::<ResourceQuota>().iter().filter(|it| it.metadata.namespace == *namespace);
    let mut unscoped = quotas.filter(|it| it.spec.scopes.is_empty() && it.spec.scope_selector.is_none());
    unscoped.find_map(|quota| Some(statement(deployment, quota, &lacking(quota, pod)?)))
}

/// Whether a rollout may take no pod away before it has made one.
fn makes_one_first(deployment: &Deployment) -> bool {
    let strategy = &deployment.spec.strategy;
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let rolling = strategy.rolling_update.as_ref();
    let unavailable = rolling.and_then(|it| it.max_unavailable.clone()).unwrap_or_else(|| IntOrString::from(DEFAULT));
    let is_rolling = strategy.type_ != "Recreate" && !deployment.spec.paused && wanted > 0;
    is_rolling && unavailable.of_whole(wanted, Rounding::Down) == Some(0)
}

/// One bound without room for a pod more.
struct Lacking<'a> {
    hard: &'a ResourceAmount,
    used: &'a str,
    needed: String,
}

/// A quota that is nearly full is told already, and one of nothing is a ban.
fn lacking<'a>(quota: &'a ResourceQuota, pod: &Pod) -> Option<Lacking<'a>> {
    let bounded = quota.status.hard.iter().filter(|hard| hard.quantity.amount().is_some_and(|it| it > Amount::ZERO));
    let shares =
        bounded.clone().filter_map(|hard| amount_of(&quota.status.used, &hard.name)?.share_of(hard.quantity.amount()?));
    if shares.into_iter().any(|share| share >= ALMOST_FULL) {
        return None;
    }
    let request = pod_request(&pod.spec);
    bounded.into_iter().find_map(|hard| {
        let (_, resource) = BOUNDS.iter().find(|(name, _)| *name == hard.name)?;
        let needed = resource.map_or(Amount::whole(1), |name| request.get(name));
        let used = quota.status.used.iter().find(|entry| entry.name == hard.name)?;
        let is_short = used.quantity.amount()? + needed > hard.quantity.amount()?;
        let needed = resource.map_or_else(|| "1".to_owned(), |name| written(name, needed));
        is_short.then_some(Lacking { hard, used: used.quantity.as_str(), needed })
    })
}

fn statement(deployment: &Deployment, quota: &ResourceQuota, lacking: &Lacking<'_>) -> Finding {
    let (namespace, name) = (&quota.metadata.namespace, &quota.metadata.name);
    let object = deployment.reference();
    let Lacking { hard, used, needed } = lacking;
    let bound = hard.quantity.as_str();
    let title = format!(
        "a rollout must make a pod first, and ResourceQuota {name} has no room for it: {} {used} of {bound}, {needed} more",
        hard.name
    );
    Finding::new("GAP-96", Severity::Warning, object.clone(), title)
        .risk()
        .part(name.as_str())
        .evidence(&quota.reference(), format!("status.used.{}", hard.name), format!("{used} of {bound}"))
        .evidence(&object, "the next pod", format!("{} {needed}", hard.name))
        .look(format!("kubectl describe resourcequota {name} -n {namespace}"))
        .look(format!("kubectl get deployment {} -n {namespace} -o yaml", deployment.metadata.name))
}

const PAGE: &str = "\
A Deployment with up to three replicas and the default strategy, or with maxUnavailable 0, makes a new
pod before it takes an old one away. The quota of the namespace has no room for one more of its size:
the next rollout, a mere image update, stops before its first pod.

Looked at: strategy and replicas of Deployments, the requests of their newest running pod, status of
the quotas of the namespace without scopes (pods, requests of CPU and memory). A quota that is nearly
full is CFG-14, and is not told of twice.

What to do: raise the quota by one pod, or let the rollout take one away first:
  kubectl patch deployment NAME -n NAMESPACE -p '{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxUnavailable\":1}}}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-96").later(2)
    }

    #[test]
    fn the_next_rollout_finds_no_room() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-96/web");
        let title = "a rollout must make a pod first, and ResourceQuota memory has no room for it: requests.memory 1536Mi of 2Gi, 768Mi more";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[0].value, "1536Mi of 2Gi");
        assert_eq!(finding.remedies[0].command, "kubectl describe resourcequota memory -n fault-gap-96");
    }

    #[test]
    fn room_or_a_pod_that_may_go_first_is_enough() {
        let room = settled().set("ResourceQuota", "memory", "/status/hard/requests.memory", "2304Mi");
        assert_eq!(room.judge(&CHECK), []);
        let strategy = json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 1, "maxSurge": 1 } });
        assert_eq!(settled().set("Deployment", "web", "/spec/strategy", strategy).judge(&CHECK), []);
        assert_eq!(
            settled().set("Deployment", "web", "/spec/strategy", json!({ "type": "Recreate" })).judge(&CHECK),
            []
        );
    }

    #[test]
    fn a_quota_that_is_nearly_full_is_told_elsewhere() {
        let full = settled().set("ResourceQuota", "memory", "/status/used/requests.memory", "1900Mi");
        assert_eq!(full.judge(&CHECK), []);
    }

    #[test]
    fn quotas_of_some_pods_only_are_not_judged() {
        let scoped = settled().set("ResourceQuota", "memory", "/spec/scopes", json!(["Terminating"]));
        assert_eq!(scoped.judge(&CHECK), []);
    }

    #[test]
    fn quotas_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ResourceQuota), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
