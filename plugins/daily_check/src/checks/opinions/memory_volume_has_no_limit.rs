//! A volume in memory has no limit of its own.

use super::{Opinion, own_workloads, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::slim::volume::Volume;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-55",
    title: "a volume in memory has no size limit",
    section: Section::Opinions,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let opinions: Vec<Opinion> = own_workloads(view)
        .filter_map(|workload| {
            let volume = workload.template.spec.volumes.iter().find(|volume| is_open(volume))?;
            Some(Opinion {
                title: format!("volume {} in memory may grow until its containers are killed for it", volume.name),
                field: format!("{}.volumes[{}].emptyDir.sizeLimit", workload.pod_spec_field, volume.name),
                value: "not set".to_owned(),
                object: workload.reference,
            })
        })
        .collect();
    stated("GAP-55", "workloads have a volume in memory without a size limit", &opinions, view)
}

fn is_open(volume: &Volume) -> bool {
    volume.source.empty_dir.as_ref().is_some_and(|it| it.medium == "Memory" && it.size_limit.is_none())
}

const PAGE: &str = "\
Files in a volume of the medium Memory count as memory of the container that writes them. Without a
sizeLimit they grow up to the limit of the container, which is then killed, or, when it has none, up to
half of the node.

Looked at: the emptyDir volumes of the templates of workloads that want pods.

What to do: set the size that it needs:
  kubectl explain pod.spec.volumes.emptyDir.sizeLimit";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VOLUME: &str = "/spec/template/spec/volumes/0/emptyDir";

    #[test]
    fn the_volume_is_named() {
        let findings = Scenario::captured("GAP-55").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-gap-55/web");
        assert_eq!(findings[0].severity, Severity::Info);
        assert_eq!(findings[0].title, "volume cache in memory may grow until its containers are killed for it");
    }

    #[test]
    fn a_limit_is_enough() {
        let limit = format!("{VOLUME}/sizeLimit");
        assert_eq!(Scenario::captured("GAP-55").set("Deployment", "web", &limit, "64Mi").judge(&CHECK), []);
    }

    #[test]
    fn a_volume_on_disk_is_not_meant() {
        let medium = format!("{VOLUME}/medium");
        assert_eq!(Scenario::captured("GAP-55").set("Deployment", "web", &medium, "").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-55");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
