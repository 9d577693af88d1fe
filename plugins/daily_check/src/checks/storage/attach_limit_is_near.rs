//! A node has almost as many volumes as a driver can attach to it.

use sre_core::cause::node_problem::is_leaving;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::csi::CSINodeDriver;
use sre_core::slim::{CSINode, Kind, Node, Object, VolumeAttachment};
use sre_core::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-83",
    title: "a node has almost as many volumes as a driver can attach to it",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::CSINode)],
    relies_on: &[Sight::Of(Kind::VolumeAttachment)],
    consults: &[Sight::Of(Kind::Node)],
    page: PAGE,
    run,
};

/// From nine tenths on a node is almost full.
const NEAR: (usize, usize) = (9, 10);

fn run(view: &View<'_>) -> Vec<Finding> {
    let attached = attached(view);
    let open = view.all::<CSINode>().iter().filter(|node| takes_pods(&node.metadata.name, view));
    let drivers = open.flat_map(|node| node.spec.drivers.iter().map(move |driver| (node, driver)));
    let of = |node: &CSINode, driver: &CSINodeDriver| {
        attached.get(&(node.metadata.name.as_str(), driver.name.as_str())).map_or(0, BTreeSet::len)
    };
    drivers.filter_map(|(node, driver)| judge(node, driver, of(node, driver))).collect()
}

fn takes_pods(name: &str, view: &View<'_>) -> bool {
    view.get::<Node>("", name).is_none_or(|node| !node.spec.unschedulable && !is_leaving(node))
}

/// The volumes by node and driver; one that is being detached still takes its place.
fn attached<'a>(view: &View<'a>) -> BTreeMap<(&'a str, &'a str), BTreeSet<&'a str>> {
    let mut found: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for attachment in view.all::<VolumeAttachment>() {
        let spec = &attachment.spec;
        let volume = spec.source.persistent_volume_name.as_deref().unwrap_or(&attachment.metadata.name);
        found.entry((&spec.node_name, &spec.attacher)).or_default().insert(volume);
    }
    found
}

fn judge(node: &CSINode, driver: &CSINodeDriver, attached: usize) -> Option<Finding> {
    let limit = usize::try_from(driver.allocatable.as_ref()?.count?).ok().filter(|limit| *limit > 0)?;
    if attached * NEAR.1 < limit * NEAR.0 {
        return None;
    }
    let (object, name) = (node.reference(), &node.metadata.name);
    let title = format!("node {name} has {attached} of {limit} volumes that {} can attach to it", driver.name);
    let finding = Finding::new("GAP-83", Severity::Warning, object.clone(), title)
        .risk()
        .part(&*driver.name)
        .evidence(&object, format!("spec.drivers[{}].allocatable.count", driver.name), limit.to_string())
        .evidence(&object, "VolumeAttachments", attached.to_string());
    Some(finding.look(format!("kubectl describe csinode {name}")).look("kubectl get volumeattachments"))
}

const PAGE: &str = "\
A machine can hold only so many disks of a driver, and this one has almost as many. The next pod with
such a volume is not placed there, however much CPU and memory are free; a pod whose volume is bound to
the place may find no node at all.

Looked at: allocatable.count of the drivers in the CSINodes, and the VolumeAttachments, from 90
percent on. Not meant: nodes that are cordoned or being taken away, and drivers without a limit.

What to do: spread pods with volumes over more nodes, or use machines that hold more disks:
  kubectl describe csinode NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NODE: &str = "fault-gap-83-laden";
    const COUNT: &str = "/spec/drivers/0/allocatable/count";

    #[test]
    fn the_node_the_driver_and_the_limit_are_named() {
        let findings = Scenario::captured("GAP-83").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(
            (findings[0].object.to_string(), findings[0].severity),
            (format!("CSINode/{NODE}"), Severity::Warning)
        );
        assert!(findings[0].title.contains("has 2 of 2 volumes"), "{}", findings[0].title);
    }

    #[test]
    fn a_node_with_room_is_not_meant() {
        assert_eq!(Scenario::captured("GAP-83").set("CSINode", NODE, COUNT, 3).judge(&CHECK), []);
    }

    #[test]
    fn a_driver_without_a_limit_is_not_meant() {
        assert_eq!(
            Scenario::captured("GAP-83").unset("CSINode", NODE, "/spec/drivers/0/allocatable").judge(&CHECK),
            []
        );
    }

    #[test]
    fn a_cordoned_node_takes_no_more_anyhow() {
        let node =
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}, "spec": {"unschedulable": true}});
        assert_eq!(Scenario::captured("GAP-83").with(node).judge(&CHECK), []);
    }

    #[test]
    fn attachments_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("GAP-83").gap(Sight::Of(Kind::VolumeAttachment), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
