//! What so many times the load would need, for people and for machines.

use super::room::{More, OneLess, Room, Shape};
use super::workload::{Autoscaler, Tier, Workload};
use super::{Needs, Stopping};
use serde_json::{Value, json};
use sre_core::finding::aimed;
use sre_core::plan::API_VERSION;
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_core::scheduling::written;
use sre_core::snapshot::Snapshot;

/// The report.
pub(crate) fn report(needs: &Needs, snapshot: &Snapshot) -> Report {
    let reach = &snapshot.origin.reach;
    let mut blocks = head(needs, snapshot);
    for group in groups(needs) {
        blocks.push(Block::Heading(vec![Span::new(Tone::Strong, group.heading())]));
        blocks.extend(group.workloads.iter().flat_map(|it| workload_blocks(it, needs.load, reach)));
        blocks.extend(group.placed());
    }
    if needs.workloads.is_empty() {
        blocks.push(line(0, vec![Span::plain("no workload of which replicas are counted was seen")]));
    }
    blocks.push(Block::Heading(vec![Span::new(Tone::Strong, "nodes")]));
    blocks.extend(room_blocks(needs));
    blocks.extend(needs.quotas.iter().map(quota_line));
    let verdict = Verdict { failing: false, incomplete: !needs.unknown.is_empty() };
    Report { document: document(needs, snapshot), blocks, own: None, verdict, change: None }
}

fn line(indent: usize, spans: Vec<Span>) -> Block {
    Block::Line { indent, spans }
}

fn head(needs: &Needs, snapshot: &Snapshot) -> Vec<Block> {
    let origin = &snapshot.origin;
    let place = [origin.context.as_deref(), origin.server_version.as_deref()];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join("  ");
    let title = format!("scale plan  load x{}  {place}", needs.load);
    let mut blocks = vec![
        Block::Heading(vec![Span::new(Tone::Strong, title.trim_end().to_owned())]),
        line(0, vec![Span::faint(format!("{:.0}; usage: {}", snapshot.taken_at, needs.source.said()))]),
    ];
    if needs.idle > 0 {
        blocks.push(line(0, vec![Span::faint(format!("{} workloads want no replica and are left out", needs.idle))]));
    }
    if !needs.unknown.is_empty() {
        blocks.push(Block::Heading(vec![Span::new(Tone::Unknown, "Not known")]));
        blocks.extend(needs.unknown.iter().map(|why| line(1, vec![Span::new(Tone::Unknown, why)])));
    }
    blocks
}

/// Workloads of one component, or of none, in one namespace.
struct Group<'a> {
    tier: Option<&'a Tier>,
    namespace: &'a str,
    workloads: Vec<&'a Workload>,
}

/// The groups, in the order of the workloads.
fn groups(needs: &Needs) -> Vec<Group<'_>> {
    let mut all: Vec<Group<'_>> = Vec::new();
    for workload in &needs.workloads {
        let (tier, namespace) = (workload.tier.as_ref(), workload.object.namespace.as_deref().unwrap_or_default());
        match all.last_mut().filter(|it| it.tier == tier && it.namespace == namespace) {
            Some(group) => group.workloads.push(workload),
            None => all.push(Group { tier, namespace, workloads: vec![workload] }),
        }
    }
    all
}

impl Group<'_> {
    fn vital(&self) -> Option<&'static str> {
        Some(self.tier?.vital?.name())
    }

    fn heading(&self) -> String {
        let namespace = format!("namespace {}", self.namespace);
        let Some(tier) = self.tier else { return namespace };
        let vital = self.vital().map_or_else(String::new, |vital| format!(" ({vital})"));
        format!("{}{vital}, {namespace}", tier.component)
    }

    /// How many pods would come, and how many of them the nodes hold; none where that is not known.
    fn places(&self) -> (usize, Option<usize>) {
        let coming = || self.workloads.iter().filter(|it| it.to_come() > 0);
        (coming().map(|it| it.to_come()).sum(), coming().map(|it| it.held).sum())
    }

    /// Of a component, whether its pods find a place once those of the more vital ones have theirs.
    fn placed(&self) -> Option<Block> {
        let (wanted, held) = self.places();
        let held = held.filter(|_| self.tier.is_some() && wanted > 0)?;
        let tone = if held < wanted { Tone::Warning } else { Tone::Good };
        Some(line(1, vec![Span::new(tone, format!("the nodes hold {held} of its {wanted} more pods"))]))
    }
}

fn workload_blocks(workload: &Workload, load: f64, reach: &[String]) -> Vec<Block> {
    let Workload { object, replicas, needed, .. } = workload;
    let tone = if workload.is_capped() || workload.stays.is_some() { Tone::Warning } else { Tone::Plain };
    let number = if workload.stays.is_some() {
        format!("{replicas}, and that stays")
    } else {
        format!("{replicas} -> {needed}")
    };
    let mut head = vec![Span::new(Tone::Strong, format!("{}/{}  ", object.kind, object.name)), Span::new(tone, number)];
    if workload.ready < workload.replicas {
        head.push(Span::new(Tone::Warning, format!("  ({} ready)", workload.ready)));
    }
    let mut blocks = vec![line(1, head), line(3, vec![Span::faint(measured(workload))])];
    if let Some(autoscaler) = &workload.autoscaler {
        blocks.push(line(3, vec![autoscaler_words(autoscaler, workload)]));
    }
    let stays = workload.stays.iter().map(|why| format!("more replicas do not carry more load by themselves: {why}"));
    blocks.extend(stays.map(|text| line(3, vec![Span::new(Tone::Warning, text)])));
    blocks.extend(each_words(workload, load).map(|text| line(3, vec![Span::plain(text)])));
    blocks.extend(workload.notes.iter().map(|note| line(3, vec![Span::new(Tone::Unknown, note)])));
    let command = |command: String| Block::Command { indent: 2, command: aimed(&command, reach), note: String::new() };
    blocks.extend(remedy(workload, load).map(command));
    blocks
}

/// What is used against what is requested.
fn measured(workload: &Workload) -> String {
    let (cpu, memory) = workload.request;
    let replicas = workload.replicas;
    let Some(used) = workload.usage else {
        return format!(
            "uses: not measured; each requests {} CPU, {} memory",
            written("cpu", cpu),
            written("memory", memory)
        );
    };
    let of = |name: &str, used: sre_core::units::Amount, each: sre_core::units::Amount| {
        let all = sre_core::units::Amount::from_nanos(each.nanos() * i128::from(replicas));
        let share = used.share_of(all).map_or_else(String::new, |share| format!(" ({:.0} %)", share * 100.0));
        format!(
            "{} of {} {}{share}",
            written(name, rounded(name, used)),
            written(name, all),
            if name == "cpu" { "CPU" } else { name }
        )
    };
    format!("uses {}, {}; {}", of("cpu", used.cpu, cpu), of("memory", used.memory, memory), used.source.word())
}

/// Thousandths of a core, and whole mebibytes, are enough to read.
fn rounded(name: &str, amount: sre_core::units::Amount) -> sre_core::units::Amount {
    let unit: i128 = if name == "cpu" { 1_000_000 } else { 1_000_000_000 << 20 };
    sre_core::units::Amount::from_nanos((amount.nanos() + unit - 1) / unit * unit)
}

fn autoscaler_words(autoscaler: &Autoscaler, workload: &Workload) -> Span {
    let Autoscaler { name, min, max } = autoscaler;
    let head = format!("HorizontalPodAutoscaler {name} goes from {min} to {max}");
    if workload.is_capped() {
        return Span::new(Tone::Warning, format!("{head}: it would stop before {}", workload.needed));
    }
    let already = if workload.replicas >= *max { ", which is reached now" } else { "" };
    Span::faint(format!("{head}{already}"))
}

/// What each replica would use, where their number stays.
fn each_words(workload: &Workload, load: f64) -> Option<String> {
    workload.stays.as_ref()?;
    let (cpu, memory) = workload.each_at(load)?;
    let written = |name: &str, amount| written(name, rounded(name, amount));
    Some(format!(
        "each would use {} CPU and {} memory, and requests {} and {}",
        written("cpu", cpu),
        written("memory", memory),
        written("cpu", workload.request.0),
        written("memory", workload.request.1)
    ))
}

/// What to type, as a dry run.
fn remedy(workload: &Workload, load: f64) -> Option<String> {
    let namespace = workload.object.namespace.as_deref().unwrap_or_default();
    let target = format!("{}/{}", workload.object.kind.to_lowercase(), workload.object.name);
    if workload.stays.is_some() {
        let container = workload.container.as_ref()?;
        let (cpu, memory) = workload.each_at(load)?;
        let more = |name: &str, wanted, request| {
            (wanted > request).then(|| format!("{name}={}", written(name, rounded(name, wanted))))
        };
        let wanted = [more("cpu", cpu, workload.request.0), more("memory", memory, workload.request.1)];
        let wanted = wanted.into_iter().flatten().collect::<Vec<_>>().join(",");
        return (!wanted.is_empty()).then(|| {
            format!("kubectl sre scale resources {target} --container {container} --requests {wanted} -n {namespace} --dry-run")
        });
    }
    match &workload.autoscaler {
        Some(autoscaler) => workload.is_capped().then(|| {
            format!("kubectl sre scale hpa {} --max {} -n {namespace} --dry-run", autoscaler.name, workload.needed)
        }),
        None => (workload.needed > workload.replicas)
            .then(|| format!("kubectl sre scale {target} --replicas {} -n {namespace} --dry-run", workload.needed)),
    }
}

fn room_blocks(needs: &Needs) -> Vec<Block> {
    let Some(room) = &needs.room else {
        return vec![line(1, vec![Span::new(Tone::Unknown, "whether the nodes hold it is not known")])];
    };
    let Room { nodes, wanted, held, .. } = room;
    let tone = if held < wanted { Tone::Warning } else { Tone::Good };
    let said = match wanted {
        0 => format!("no pod would come; there are {nodes} nodes"),
        _ => format!("the {nodes} nodes hold {held} of {wanted} more pods"),
    };
    let mut blocks = vec![line(1, vec![Span::new(tone, said)])];
    if let Some(shape) = &room.shape {
        blocks.push(line(1, vec![Span::faint(shape_words(shape))]));
    }
    blocks.push(line(1, vec![more_words(&room.more, "")]));
    if let Some(OneLess { node, more }) = &room.one_less {
        blocks.push(line(1, vec![more_words(more, &format!(" without node {node}"))]));
    }
    blocks
}

fn shape_words(shape: &Shape) -> String {
    let Shape { like, count, group, cpu, memory } = shape;
    let group = group.as_ref().map_or_else(String::new, |(provider, name)| format!(", {provider} group {name}"));
    format!("most nodes are like {like}: {count} with {cpu} CPU and {memory} memory each{group}")
}

fn more_words(more: &More, so: &str) -> Span {
    match more {
        More::Nodes(0) => Span::new(Tone::Good, format!("no more nodes are needed{so}")),
        More::Nodes(1) => Span::new(Tone::Warning, format!("1 more such node is needed{so}")),
        More::Nodes(count) => Span::new(Tone::Warning, format!("{count} more such nodes are needed{so}")),
        More::Homeless(pods) => {
            Span::new(Tone::Critical, format!("{pods} pods find no place on such nodes, however many{so}"))
        }
    }
}

fn quota_line(stopping: &Stopping) -> Block {
    let Stopping { namespace, quota, resource, left, wanted } = stopping;
    let said = format!("ResourceQuota {namespace}/{quota} stops it: {left} of {resource} left, {wanted} wanted");
    line(1, vec![Span::new(Tone::Critical, said)])
}

fn document(needs: &Needs, snapshot: &Snapshot) -> Value {
    let origin = &snapshot.origin;
    let group = |group: Group<'_>| {
        let all = group.workloads.iter().map(|it| workload_document(it, needs.load, &origin.reach));
        let (wanted, held) = group.places();
        json!({
            "component": group.tier.map(|it| &it.component), "vital": group.vital(), "namespace": group.namespace,
            "workloads": all.collect::<Vec<_>>(), "wanted": wanted, "held": held.filter(|_| needs.room.is_some()),
        })
    };
    let groups: Vec<Value> = groups(needs).into_iter().map(group).collect();
    let quotas: Vec<Value> = needs
        .quotas
        .iter()
        .map(|it| json!({"namespace": it.namespace, "quota": it.quota, "resource": it.resource, "left": it.left, "wanted": it.wanted}))
        .collect();
    json!({
        "apiVersion": API_VERSION, "kind": "ScalePlan", "load": needs.load, "takenAt": snapshot.taken_at,
        "context": origin.context, "server": origin.server, "usage": needs.source.word(), "idle": needs.idle,
        "groups": groups, "nodes": needs.room.as_ref().map(room_document), "quotas": quotas, "unknown": needs.unknown,
    })
}

fn workload_document(workload: &Workload, load: f64, reach: &[String]) -> Value {
    let amounts = |cpu, memory| json!({"cpu": written("cpu", rounded("cpu", cpu)), "memory": written("memory", rounded("memory", memory))});
    let used = workload.usage.map(|it| {
        let mut used = amounts(it.cpu, it.memory);
        used["source"] = it.source.word().into();
        used
    });
    let autoscaler = workload
        .autoscaler
        .as_ref()
        .map(|it| json!({"name": it.name, "min": it.min, "max": it.max, "capped": workload.is_capped()}));
    json!({
        "object": workload.object, "replicas": workload.replicas, "ready": workload.ready,
        "requests": amounts(workload.request.0, workload.request.1), "uses": used, "needed": workload.needed,
        "basis": workload.basis.word(), "stays": workload.stays, "autoscaler": autoscaler, "notes": workload.notes,
        "command": remedy(workload, load).map(|it| aimed(&it, reach)),
    })
}

fn room_document(room: &Room) -> Value {
    let more = |more: &More| match more {
        More::Nodes(count) => json!({"nodes": count}),
        More::Homeless(pods) => json!({"homeless": pods}),
    };
    let shape = room.shape.as_ref().map(|it| {
        let group = it.group.as_ref().map(|(provider, name)| json!({"provider": provider.word(), "name": name}));
        json!({"like": it.like, "count": it.count, "group": group, "cpu": it.cpu, "memory": it.memory})
    });
    json!({
        "nodes": room.nodes, "wanted": room.wanted, "held": room.held, "shape": shape, "more": more(&room.more),
        "oneLess": room.one_less.as_ref().map(|it| json!({"node": it.node, "more": more(&it.more)})),
    })
}
