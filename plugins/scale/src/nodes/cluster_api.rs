//! MachineDeployments and MachinePools of Cluster API, which are scaled through the API.

use super::Wanted;
use crate::refused::Refused;
use crate::replicas::{Planned, keepers, text};
use serde_json::Value;
use sre_core::ownership::Owner;
use sre_core::plan::{Action, Expectation, Note, Step, Tier, scale};

/// Bounds of the cluster autoscaler, see
/// <https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/clusterapi/README.md>.
const MIN: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size";
const MAX: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";
/// See <https://cluster-api.sigs.k8s.io/reference/api/labels-and-annotations>.
const OWNED: &str = "topology.cluster.x-k8s.io/owned";
const TOPOLOGY_NAME: [(&str, &str, &str); 2] = [
    ("MachineDeployment", "topology.cluster.x-k8s.io/deployment-name", "machineDeployments"),
    ("MachinePool", "topology.cluster.x-k8s.io/pool-name", "machinePools"),
];
const CLUSTER: &str = "cluster.x-k8s.io/cluster-name";
const PAUSED: &str = "cluster.x-k8s.io/paused";

/// The step to a size, and what is to be known of it.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub(super) fn plan(
    object: &Value,
    resource: &str,
    owners: &[Owner],
    going: Option<(Vec<Note>, Tier)>,
    wanted: &Wanted,
) -> Result<Planned, Refused> {
    let (name, namespace) = (text(object, "/metadata/name"), text(object, "/metadata/namespace"));
    let named = format!("{} {name}", text(object, "/kind"));
    let now = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    if wanted.min.is_some() || wanted.max.is_some() {
        return Err(Refused::new(
            format!("the bounds of {named} are annotations of it, which --min and --max do not move"),
            format!("kubectl annotate --overwrite {resource}.cluster.x-k8s.io/{name} -n {namespace} {MIN}=N {MAX}=M"),
        ));
    }
    topology(object, &named, wanted)?;
    within_bounds(object, &named, wanted)?;
    if now == wanted.size {
        return Ok((Vec::new(), Vec::new()));
    }
    let is_down = wanted.size < now;
    let mut notes = Vec::new();
    let mut tier = Tier::Reversible;
    if is_down {
        let (ways, lost) = going.unwrap_or_else(|| (vec![unseen()], Tier::Disruptive));
        notes.extend(ways);
        tier = lost;
    }
    // Who makes it besides a topology sets it back.
    notes.extend(keepers::check(object, owners, "f:replicas")?);
    if annotation(object, MIN).is_some() || annotation(object, MAX).is_some() {
        notes.push(Note::warning(
            "its annotations give it to the cluster autoscaler, which sets the number by its own reckoning within its bounds",
        ));
    }
    if annotation(object, PAUSED).is_some() {
        notes.push(Note::warning(format!(
            "{named} is paused: nothing comes of it until the annotation {PAUSED} is gone"
        )));
    }
    let why = format!("asked for: {} nodes instead of {now}", wanted.size);
    let step = scale(object, resource, (now, wanted.size), why);
    let step = step.map(|it| Step { action: Action::ScaleNodes, tier, expects: Expectation::Ready, ..it });
    Ok((step.into_iter().collect(), notes))
}

fn unseen() -> Note {
    Note::warning("which nodes are of it is not seen here: what is in the way of those that go is not known")
}

/// A Cluster with a topology makes its MachineDeployments as it says.
fn topology(object: &Value, named: &str, wanted: &Wanted) -> Result<(), Refused> {
    let labels = |key: &str| object.pointer("/metadata/labels")?.get(key)?.as_str();
    if labels(OWNED).is_none() {
        return Ok(());
    }
    let namespace = text(object, "/metadata/namespace");
    let (_, label, list) =
        TOPOLOGY_NAME.iter().find(|(kind, ..)| *kind == text(object, "/kind")).unwrap_or(&TOPOLOGY_NAME[0]);
    let cluster = labels(CLUSTER).unwrap_or_default();
    let name = labels(label).unwrap_or_default();
    Err(Refused::new(
        format!("{named} is made by the topology of Cluster {namespace}/{cluster}, which sets the number back"),
        format!(
            "set spec.topology.workers.{list}[name={name}].replicas to {} there: \
             kubectl edit clusters.cluster.x-k8s.io {cluster} -n {namespace}",
            wanted.size
        ),
    ))
}

fn within_bounds(object: &Value, named: &str, wanted: &Wanted) -> Result<(), Refused> {
    let bound = |key: &str| annotation(object, key).and_then(|it| it.parse::<i64>().ok());
    let outside = |key: &str, word: &str, bound: i64| {
        Err(Refused::new(
            format!("the cluster autoscaler keeps {named} at {bound} nodes {word}, and sets {} back", wanted.size),
            format!("change its annotation {key} first"),
        ))
    };
    match (bound(MIN), bound(MAX)) {
        (Some(min), _) if wanted.size < min => outside(MIN, "at least", min),
        (_, Some(max)) if wanted.size > max => outside(MAX, "at most", max),
        _ => Ok(()),
    }
}

fn annotation<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object.pointer("/metadata/annotations")?.get(key)?.as_str()
}
