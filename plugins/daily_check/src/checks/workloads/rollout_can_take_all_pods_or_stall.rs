//! A Deployment's rollouts may take every pod away at once, or can never place a new one.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::pod_spec::PodSpec;
use sre_core::slim::{Deployment, IntOrString, Kind, Object, PersistentVolumeClaim, Rounding};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-30",
    title: "a rollout may take every pod away at once, or cannot proceed",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::PersistentVolumeClaim)],
    page: PAGE,
    run: |view| view.all::<Deployment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// The server's default for both bounds.
const DEFAULT: &str = "25%";

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let strategy = &deployment.spec.strategy;
    let wanted = deployment.spec.replicas.unwrap_or(1);
    if strategy.type_ == "Recreate" || wanted == 0 {
        return None;
    }
    let rolling = strategy.rolling_update.as_ref();
    let written = rolling.and_then(|it| it.max_unavailable.clone()).unwrap_or_else(|| IntOrString::from(DEFAULT));
    let unavailable = written.of_whole(wanted, Rounding::Down)?;
    if wanted > 1 && unavailable >= wanted {
        let title = format!("a rollout may take all {wanted} pods away at once");
        return Some(finding(deployment, title, &written));
    }
    let surge = rolling.and_then(|it| it.max_surge.as_ref()).and_then(|it| it.of_whole(wanted, Rounding::Up));
    let needs_room = unavailable == 0 && surge != Some(0);
    let obstacle = if needs_room { obstacle(deployment, wanted, view) } else { None };
    obstacle
        .map(|why| finding(deployment, format!("a rollout must place a new pod first, and cannot: {why}"), &written))
}

/// Why no pod can be started beside those that are there.
fn obstacle(deployment: &Deployment, wanted: i32, view: &View<'_>) -> Option<String> {
    let spec = &deployment.spec.template.spec;
    if let Some(claim) = exclusive_claim(deployment, view) {
        return Some(format!("claim {claim} may be used by one pod only (ReadWriteOncePod)"));
    }
    let reason = alone_on_its_node(deployment)?;
    let nodes = i32::try_from(view.nodes_for(spec).len()).ok()?;
    let is_full = view.knows(Kind::Node, "") && nodes > 0 && nodes <= wanted;
    let nodes = if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") };
    is_full.then(|| format!("{reason}, and only {nodes} can take one"))
}

fn exclusive_claim<'a>(deployment: &'a Deployment, view: &View<'_>) -> Option<&'a str> {
    let volumes = deployment.spec.template.spec.volumes.iter();
    let claims = volumes.filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
    let exclusive = |name: &&str| {
        let claim = view.get::<PersistentVolumeClaim>(&deployment.metadata.namespace, name);
        claim.is_some_and(|claim| claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod"))
    };
    claims.map(|claim| claim.claim_name.as_str()).find(exclusive)
}

/// Why no two of its pods can share a node.
fn alone_on_its_node(deployment: &Deployment) -> Option<String> {
    let template = &deployment.spec.template;
    if let Some(port) = host_port(&template.spec) {
        return Some(format!("each pod takes port {port} of its node"));
    }
    let affinity = template.spec.affinity.as_ref()?.pod_anti_affinity.as_ref()?;
    let own = affinity.required.iter().filter(|term| term.topology_key == "kubernetes.io/hostname");
    let mut matching =
        own.filter(|term| term.label_selector.as_ref().is_some_and(|it| it.matches(&template.metadata.labels)));
    matching.next().map(|_| "its pods may not share a node".to_owned())
}

fn host_port(spec: &PodSpec) -> Option<i32> {
    let ports = spec.all_containers().flat_map(|container| &container.ports);
    let taken = |host: i32, container: i32| if host == 0 && spec.host_network { container } else { host };
    ports.map(|port| taken(port.host_port, port.container_port)).find(|port| *port != 0)
}

fn finding(deployment: &Deployment, title: String, unavailable: &IntOrString) -> Finding {
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    Finding::new("GAP-30", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(&object, "spec.strategy.rollingUpdate.maxUnavailable", unavailable.to_string())
        .evidence(&object, "spec.replicas", deployment.spec.replicas.unwrap_or(1).to_string())
        .since(deployment.metadata.creation_timestamp.at())
        .look(format!("kubectl get deployment {name} -n {namespace} -o jsonpath='{{.spec.strategy}}'"))
        .change(format!(
            "kubectl patch deployment {name} -n {namespace} --type=merge -p \
             '{{\"spec\":{{\"strategy\":{{\"rollingUpdate\":{{\"maxUnavailable\":1}}}}}}}}' --dry-run=server"
        ))
}

const PAGE: &str = "\
maxUnavailable says how many pods a rollout may take away before new ones are ready, maxSurge how
many it may start in addition. When maxUnavailable is as much as there is, one bad image is a
total outage. When it comes to nothing, a new pod must be placed first; where no node can take it,
or its volume admits one pod only, the rollout never ends.

Looked at: the strategy against spec.replicas, host ports, required anti-affinity, claims, and the
nodes that could take a pod. Not meant: the strategy Recreate, which says so openly, single pods
that may go, Deployments scaled to zero.

What to do: let one pod go at a time:
  kubectl patch deployment NAME -n NAMESPACE --dry-run=server \\
    -p '{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxUnavailable\":1}}}}'";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn titles(scenario: &Scenario) -> Vec<(String, String)> {
        scenario.judge(&CHECK).into_iter().map(|it| (it.object.name, it.title)).collect()
    }

    #[test]
    fn a_rollout_that_may_take_everything_is_found() {
        let findings = Scenario::captured("GAP-30").judge(&CHECK);
        let web = findings.iter().find(|it| it.object.name == "web").unwrap();
        assert_eq!(web.object.to_string(), "Deployment/fault-gap-30/web");
        assert_eq!((web.severity, web.role), (Severity::Warning, Role::Risk));
        assert_eq!(web.title, "a rollout may take all 3 pods away at once");
        assert_eq!(web.evidence[0].value, "100%");
        assert!(web.remedies[1].command.contains(r#"{"maxUnavailable":1}"#), "{}", web.remedies[1].command);
    }

    #[test]
    fn a_rollout_that_finds_no_room_is_found() {
        let title = "a rollout must place a new pod first, and cannot: each pod takes port 8443 of its node, and only 1 node can take one";
        assert!(titles(&Scenario::captured("GAP-30")).contains(&("edge".to_owned(), title.to_owned())));
    }

    #[test]
    fn a_pod_less_at_a_time_is_no_trouble() {
        let field = "/spec/strategy/rollingUpdate/maxUnavailable";
        let calm = Scenario::captured("GAP-30").set("Deployment", "web", field, 2).set("Deployment", "edge", field, 1);
        assert_eq!(titles(&calm), []);
    }

    #[test]
    fn other_nodes_give_room() {
        let free = Scenario::captured("GAP-30").unset(
            "Deployment",
            "edge",
            "/spec/template/spec/nodeSelector/kubernetes.io~1hostname",
        );
        assert!(titles(&free).iter().all(|(name, _)| name != "edge"));
    }

    #[test]
    fn recreate_says_openly_what_it_does() {
        let open = Scenario::captured("GAP-30").set("Deployment", "web", "/spec/strategy/type", "Recreate");
        assert!(titles(&open).iter().all(|(name, _)| name != "web"));
    }

    #[test]
    fn nodes_that_were_not_seen_prove_no_obstacle() {
        let blind = Scenario::captured("GAP-30").gap(Sight::Of(Kind::Node), GapReason::Forbidden);
        assert!(titles(&blind).iter().all(|(name, _)| name != "edge"));
    }

    #[test]
    fn deployments_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("GAP-30").gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
