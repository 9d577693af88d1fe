//! What is read for the size of a group: the nodes, the group at its provider, and what runs there.

use super::discovery::{self, Typed, Wrong};
use super::group::{self, Place, State};
use super::{Around, Seen, Wanted, blockers, cluster_api, plan};
use crate::load::room::{homeless_without, movers};
use crate::look::{Scalable, scalable};
use futures::stream::{StreamExt, TryStreamExt};
use serde_json::Value;
use sre_core::check::Sight;
use sre_core::disruption::Budget;
use sre_core::node_group::{Provider, group_of};
use sre_core::ownership::owners;
use sre_core::plan::{Note, Program, Tier};
use sre_core::report::Report;
use sre_core::slim::{Kind, Node, Pod};
use sre_core::snapshot::{NamespaceScope, Reads, Snapshot};
use sre_core::view::View;
use sre_runtime::args::{ChangeFlags, DryRun};
use sre_runtime::change::{Acting, ProgramFault, encoded, looked};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// Nodes whose pods are asked for at the same time.
const AT_ONCE: usize = 8;

/// What is asked of a group.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) group: String,
    pub(crate) wanted: Wanted,
    pub(crate) provider: Option<Provider>,
    pub(crate) typed: Typed,
    pub(crate) change: ChangeFlags,
}

pub(crate) async fn report(session: &mut Session, request: &Request) -> Result<Report, Error> {
    let acting = session.act().await?;
    let kinds = [Kind::Node, Kind::Pod, Kind::Namespace, Kind::PersistentVolumeClaim, Kind::PersistentVolume];
    let reads = Reads::of(kinds.map(Sight::Of), NamespaceScope::All);
    let snapshot = session.observe(&reads).await?;
    session.conclude(&[]).await?;
    let nodes = snapshot.all::<Node>();
    let told = match request.provider {
        Some(provider) => Some(provider),
        None => discovery::provider(nodes, &request.group).map_err(usage)?,
    };
    let (planned, provider) = match told {
        Some(Provider::ClusterApi) | None => {
            let object = machines(&acting, request, told, nodes).await?;
            (of_machines(&acting, &snapshot, &object, request).await?, Provider::ClusterApi)
        }
        Some(provider) => (of_program(&acting, &snapshot, provider, request).await?, provider),
    };
    let title = format!("scale node group {} ({provider}) to {}", request.group, request.wanted.size);
    crate::carried_out(&acting, planned, title, &request.change).await
}

type Planned = Result<crate::replicas::Planned, crate::Refused>;

fn usage((message, hint): Wrong) -> Error {
    Error::Usage { message, hint }
}

async fn of_program(
    acting: &Acting,
    snapshot: &Snapshot,
    provider: Provider,
    request: &Request,
) -> Result<Planned, Error> {
    let nodes = snapshot.all::<Node>();
    let members: Vec<&Node> = nodes.iter().filter(|node| group_of(node, provider) == Some(&request.group)).collect();
    let context = acting.place().context.as_deref();
    let place = discovery::place(provider, &request.group, &members, context, &request.typed).map_err(usage)?;
    let Some(program) = group::program(provider) else { return Err(usage(discovery::unknown(nodes, &request.group))) };
    let asks = place.asks(provider);
    if request.change.dry_run == Some(DryRun::Client) {
        return Err(Error::Usage {
            message: format!(
                "--dry-run=client runs no program, and only {} tells how the group stands",
                program.name()
            ),
            hint: format!("type --dry-run, which runs nothing but: {}", program.typed(&asks)),
        });
    }
    let blind = || program.typed(&place.resizes(provider, group::Size { size: request.wanted.size, bounds: None }, 1));
    let ask = |arguments: Vec<String>| ask(program, arguments, &blind);
    let (answer, asks) = ask(asks).await?;
    let (zones, probe) = match (provider, place.asks_zones(&answer)) {
        (Provider::Gke, Some(zones)) => ask(zones).await.map(|(zones, asks)| (Some(zones), asks))?,
        _ => (None, asks),
    };
    let state = group::state(provider, &answer, zones.as_ref()).map_err(|why| Error::Refused {
        why: format!("what {} says of the group {} is not understood: {why}", program.name(), request.group),
        hint: format!("see it: {}", program.typed(&place.asks(provider))),
    })?;
    let going = usize::try_from(state.size - request.wanted.size).unwrap_or(0);
    let names: Vec<&str> = members.iter().map(|node| node.metadata.name.as_str()).collect();
    let around = around(acting, snapshot, &names, going, is_of_eksctl(&members)).await?;
    let answer = (zones.as_ref().unwrap_or(&answer), probe.as_slice());
    Ok(planned(&place, provider, answer, &state, &around, &request.wanted))
}

fn planned(
    place: &Place,
    provider: Provider,
    answer: (&Value, &[String]),
    state: &State,
    around: &Around,
    wanted: &Wanted,
) -> Planned {
    plan(&Seen { place, provider, answer, state, around }, wanted)
}

fn is_of_eksctl(members: &[&Node]) -> bool {
    members.iter().any(|node| group_of(node, Provider::Eksctl).is_some())
}

/// Asks a program; where it is missing, what is typed where it is.
async fn ask(
    program: Program,
    arguments: Vec<String>,
    blind: &impl Fn() -> String,
) -> Result<(Value, Vec<String>), Error> {
    match looked(program, &arguments).await {
        Ok(answer) => Ok((answer, arguments)),
        Err(fault @ ProgramFault::Missing { .. }) => {
            Err(Error::Refused { why: fault.to_string(), hint: format!("type where it is: {}", blind()) })
        }
        Err(fault) => Err(Error::Refused {
            why: format!("how the group stands is not known: {fault}"),
            hint: format!("see why it fails: {}", program.typed(&arguments)),
        }),
    }
}

/// The MachineDeployment or MachinePool of a name.
async fn machines(
    acting: &Acting,
    request: &Request,
    told: Option<Provider>,
    nodes: &[Node],
) -> Result<Scalable, Error> {
    for kind in ["machinedeployments.cluster.x-k8s.io", "machinepools.cluster.x-k8s.io"] {
        match scalable(acting, kind, &request.group).await {
            Err(Error::Usage { .. }) => {}
            other => return other,
        }
    }
    Err(match told {
        None => usage(discovery::unknown(nodes, &request.group)),
        Some(_) => Error::Usage {
            message: format!(
                "there is no MachineDeployment and no MachinePool {} in namespace {}",
                request.group,
                acting.namespace()
            ),
            hint: "name the namespace with -n, and the cluster that manages the machines with --context".to_owned(),
        },
    })
}

async fn of_machines(
    acting: &Acting,
    snapshot: &Snapshot,
    found: &Scalable,
    request: &Request,
) -> Result<Planned, Error> {
    let now = found.scale.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let going = usize::try_from(now - request.wanted.size).unwrap_or(0);
    let mut ways = None;
    let members = if going > 0 { members_of(acting, &request.group).await? } else { Vec::new() };
    if !members.is_empty() {
        let names: Vec<&str> = members.iter().map(String::as_str).collect();
        let around = around(acting, snapshot, &names, going, false).await?;
        let moving = super::moving(around.moving);
        ways = around.going.map(|(notes, tier)| ([notes, vec![moving]].concat(), tier));
    }
    let applications = acting.objects().list("/apis/argoproj.io/v1alpha1/applications", "").await.unwrap_or_default();
    let owners = owners(&found.object, &applications);
    Ok(cluster_api::plan(&found.object, &found.resource.plural, &owners, ways, &request.wanted))
}

/// The nodes of the Machines of a MachineDeployment, where they are seen here.
async fn members_of(acting: &Acting, group: &str) -> Result<Vec<String>, Error> {
    let objects = acting.objects();
    let no_answer = |fault: RequestFault| acting.no_answer(&fault);
    let Some(resource) = objects.resource("machines.cluster.x-k8s.io").await.map_err(no_answer)? else {
        return Ok(Vec::new());
    };
    let selector = format!("labelSelector={}", encoded(&format!("cluster.x-k8s.io/deployment-name={group}")));
    let machines = objects.list(&resource.collection(acting.namespace()), &selector).await;
    let node = |machine: &Value| machine.pointer("/status/nodeRef/name").and_then(Value::as_str).map(str::to_owned);
    Ok(machines.unwrap_or_default().iter().filter_map(node).collect())
}

/// What is around a group of which so many nodes go.
async fn around(
    acting: &Acting,
    snapshot: &Snapshot,
    members: &[&str],
    going: usize,
    is_of_eksctl: bool,
) -> Result<Around, Error> {
    let view = View::new(snapshot);
    let autoscalers = autoscalers(snapshot.all::<Pod>());
    if going == 0 {
        return Ok(Around { going: None, moving: None, autoscalers, is_of_eksctl });
    }
    let knows = view.knows(Kind::Node, "") && view.knows(Kind::Pod, "");
    let mut by_pods: Vec<&str> = members.to_vec();
    by_pods.sort_by_key(|node| std::cmp::Reverse(movers(&view, node).len()));
    by_pods.truncate(going);
    let moving = knows.then(|| homeless_without(&view, &by_pods));
    Ok(Around { going: Some(ways(acting, members).await?), moving, autoscalers, is_of_eksctl })
}

/// What is in the way on nodes; annotations and volumes are not kept of what was observed.
async fn ways(acting: &Acting, members: &[&str]) -> Result<(Vec<Note>, Tier), Error> {
    let objects = acting.objects();
    let no_answer = |fault: RequestFault| acting.no_answer(&fault);
    let pods = futures::stream::iter(members.iter().map(|node| async move {
        let selector = format!("fieldSelector={}", encoded(&format!("spec.nodeName={node}")));
        objects.list("/api/v1/pods", &selector).await
    }));
    let pods: Vec<Vec<Value>> = pods.buffered(AT_ONCE).try_collect().await.map_err(no_answer)?;
    let nodes = objects.get_all(members.iter().map(|node| format!("/api/v1/nodes/{node}"))).await.map_err(no_answer)?;
    let budgets = objects.list("/apis/policy/v1/poddisruptionbudgets", "").await.ok();
    let budgets: Option<Vec<Budget>> = budgets.map(|all| all.iter().map(Budget::of).collect());
    let nodes: Vec<Value> = nodes.into_iter().flatten().collect();
    Ok(blockers::of_nodes(&nodes, &pods.concat(), budgets.as_deref()))
}

/// What adds and removes nodes by itself, by the images of its pods.
fn autoscalers(pods: &[Pod]) -> Vec<String> {
    let runs = |word: &str| {
        let of = |pod: &&Pod| {
            pod.spec.containers.iter().any(|it| it.image.rsplit('/').next().is_some_and(|name| name.starts_with(word)))
        };
        let found = pods.iter().filter(|pod| pod.status.phase == "Running").find(of)?;
        Some(format!("{word} ({}/{})", found.metadata.namespace, found.metadata.name))
    };
    // Karpenter's own image is called controller.
    let karpenter = || {
        let is_its = |pod: &&Pod| pod.metadata.label("app.kubernetes.io/name") == Some("karpenter");
        let found = pods.iter().filter(|pod| pod.status.phase == "Running").find(is_its)?;
        Some(format!("Karpenter ({}/{})", found.metadata.namespace, found.metadata.name))
    };
    runs("cluster-autoscaler").into_iter().chain(karpenter()).collect()
}
