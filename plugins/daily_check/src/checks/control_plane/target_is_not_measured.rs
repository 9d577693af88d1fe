//! Prometheus does not reach what it should measure: its alerts are blind there.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Query, Sample};
use sre_core::object::ObjectRef;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-06",
    title: "Prometheus does not reach what it should measure",
    section: Section::ControlPlane,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Targets that are not reached, and all of them.
pub const QUERIES: &[Query] = &[DOWN, ALL];

const DOWN: Query = Query::now("count by (job, namespace) (up == 0)");
const ALL: Query = Query::now("count by (job, namespace) (up)");

/// What a managed control plane does not let anybody measure.
const MANAGED: [&str; 4] = ["kube-scheduler", "kube-controller-manager", "kube-proxy", "etcd"];

/// Less than this of many targets is an instance that restarts.
const SHARE: f64 = 0.1;

fn run(view: &View<'_>) -> Vec<Finding> {
    let all = view.samples(&ALL);
    view.samples(&DOWN).iter().filter_map(|down| judge(down, &all)).collect()
}

fn judge(down: &Sample, all: &[Sample]) -> Option<Finding> {
    let of = all.iter().find(|sample| sample.labels == down.labels)?;
    if down.value / of.value < SHARE {
        return None;
    }
    let (job, namespace) = (down.label("job"), down.label("namespace"));
    let is_out_of_reach = down.value >= of.value && MANAGED.iter().any(|name| job.contains(name));
    let severity = if is_out_of_reach { Severity::Info } else { Severity::Warning };
    let object = ObjectRef::scoped("ScrapeJob", namespace, job);
    let title =
        format!("{} of {} targets are not reached by Prometheus: nothing is measured there", down.value, of.value);
    let finding = Finding::new(CHECK.id, severity, object.clone(), title);
    Some(finding.symptom().evidence(&object, "up == 0", format!("{} of {}", down.value, of.value)))
}

const PAGE: &str = "\
Prometheus could not get the measurements of a tenth or more of the targets of a job (up is 0). What is
not measured raises no alert, so silence there means nothing. That a managed control plane lets nobody
measure its scheduler, controllers, proxies and etcd is only mentioned.

Looked at: up of Prometheus, by job and namespace.

What to do: see in Prometheus (/targets) why it is not reached; often the pods are down, a port or a
label changed, or a network policy keeps Prometheus out.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn targets_that_are_not_reached_are_counted() {
        let findings = Scenario::captured("monitoring").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(
            (findings[0].object.to_string().as_str(), findings[0].severity),
            ("ScrapeJob/shop/shop", Severity::Warning)
        );
        assert!(findings[0].title.starts_with("1 of 2 targets "), "{}", findings[0].title);
    }

    #[test]
    fn one_of_many_is_one_that_restarts() {
        let many = Scenario::captured("monitoring").edit_answer("count+by+%28job%2C+namespace%29+%28up%29", |answer| {
            for sample in answer["data"]["result"].as_array_mut().expect("a vector") {
                sample["value"][1] = "30".into();
            }
        });
        assert_eq!(many.judge(&CHECK), []);
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
