//! A workload names its image without a tag, or by the tag `latest`.

use super::{Opinion, own_workloads, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-37",
    title: "an image has no tag, or the tag latest",
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
            let moving = workload.template.spec.all_containers().find(|it| moves(&it.image))?;
            Some(Opinion {
                title: format!("image {} of container {} may be another tomorrow", moving.image, moving.name),
                field: format!("{}.containers[{}].image", workload.pod_spec_field, moving.name),
                value: moving.image.clone(),
                object: workload.reference,
            })
        })
        .collect();
    stated("POD-37", "workloads name an image without a tag, or by the tag latest", &opinions, view)
}

/// Whether a reference means whatever was pushed last. A colon before the last slash belongs to a port.
fn moves(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !image.is_empty() && !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

const PAGE: &str = "\
An image without a tag means the tag latest, and latest is whatever was pushed last. Pods that start
later may run another program, and a rollback of the Deployment leads back to nothing.

Looked at: the images of the templates of workloads that want pods. A digest is a fixed name.

What to do: name a version or a digest:
  kubectl sre change set-image deployment/NAME CONTAINER=IMAGE:VERSION -n NAMESPACE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_image_is_named() {
        let findings = Scenario::captured("POD-37").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-pod-37/web");
        assert_eq!(findings[0].severity, Severity::Info);
        assert_eq!(findings[0].title, "image registry.example:5000/shop/web of container app may be another tomorrow");
    }

    #[test]
    fn versions_and_digests_stay() {
        let fixed = ["web:1.2", "registry.example:5000/shop/web:1.2", "web@sha256:12ab", "web:latest@sha256:12ab"];
        assert!(fixed.iter().all(|image| !moves(image)), "{fixed:?}");
        assert!(["web", "web:latest", "registry.example:5000/shop/web"].iter().all(|image| moves(image)));
    }

    #[test]
    fn a_version_is_not_meant() {
        let image = "/spec/template/spec/containers/0/image";
        let fixed =
            Scenario::captured("POD-37").set("Deployment", "web", image, "registry.example:5000/shop/web:2.0.0");
        assert_eq!(fixed.judge(&CHECK), []);
    }

    #[test]
    fn many_are_told_once() {
        let more = |number: usize| {
            serde_json::json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": format!("app-{number:02}"), "namespace": "shop"},
                "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app"}]}}}
            })
        };
        let many = (1..=10).fold(Scenario::captured("POD-37"), |scenario, number| scenario.with(more(number)));
        let findings = many.judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].title, "11 workloads name an image without a tag, or by the tag latest");
        assert_eq!((findings[0].shows_on.len(), findings[0].evidence.len()), (11, 5));
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-37");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
