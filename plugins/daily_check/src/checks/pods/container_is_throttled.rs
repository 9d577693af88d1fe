//! A container is held back at its CPU limit for much of the time.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Query, Sample};
use sre_core::object::ObjectRef;
use sre_core::profile::Limit;
use sre_core::slim::{Kind, Pod};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-45",
    title: "a container is held back at its CPU limit for much of the time",
    section: Section::Workloads,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.samples(&THROTTLED).iter().filter_map(|sample| judge(sample, view)).collect(),
};

/// The share of scheduling periods of the last hour in which a container had to wait.
pub const THROTTLED: Query = Query::now(
    "sum by (namespace, pod, container) (increase(container_cpu_cfs_throttled_periods_total{container!=\"\"}[1h])) \
     / sum by (namespace, pod, container) (increase(container_cpu_cfs_periods_total{container!=\"\"}[1h])) > 0.1",
);

fn judge(sample: &Sample, view: &View<'_>) -> Option<Finding> {
    let share = sample.value;
    if share * 100.0 < view.profile.thresholds.of(Limit::ThrottledPercent) {
        return None;
    }
    let (namespace, name, container) = (sample.label("namespace"), sample.label("pod"), sample.label("container"));
    let pod = ObjectRef::namespaced("Pod", namespace, name);
    let owner = view.get::<Pod>(namespace, name).map_or_else(|| pod.clone(), |pod| view.owner_of(pod));
    let title = format!("container {container} is held back at its CPU limit in {:.0} % of the time", share * 100.0);
    let finding = Finding::new(CHECK.id, Severity::Warning, owner, title).part(container).risk();
    let finding = finding.evidence(&pod, "throttled periods of the last hour", format!("{:.0} %", share * 100.0));
    Some(finding.shows_on(pod).look(format!("kubectl top pod {name} -n {namespace} --containers")))
}

const PAGE: &str = "\
In half or more of the scheduling periods of the last hour (throttledPercent of a profile, at least 10) a
container had used up what its CPU limit allows and had to wait for the next period. Its requests take
longer for that, whatever the average of its CPU use says: short bursts are cut.

Looked at: container_cpu_cfs_throttled_periods_total and container_cpu_cfs_periods_total of Prometheus.

What to do: if it answers requests, raise its limit, or leave it out and keep the request; if it only
works in the background, nothing is wrong.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::profile::LIMITS;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_container_that_waits_for_most_of_the_time_is_told() {
        let findings = Scenario::captured("monitoring").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Pod/shop/web-1");
        assert_eq!(findings[0].title, "container web is held back at its CPU limit in 60 % of the time");
    }

    #[test]
    fn no_limit_is_below_what_is_asked_for() {
        let least = LIMITS.iter().find(|info| info.limit == Limit::ThrottledPercent).map(|info| info.least / 100.0);
        let Query::Now(expression) = &THROTTLED else { panic!("a query of now") };
        let asked = expression.rsplit("> ").next().and_then(|share| share.parse().ok());
        assert_eq!(asked, least);
    }

    #[test]
    fn one_that_seldom_waits_is_not() {
        let seldom = Scenario::captured("monitoring")
            .edit_answer("container_cpu_cfs", |answer| answer["data"]["result"][0]["value"][1] = "0.3".into());
        assert_eq!(seldom.judge(&CHECK), []);
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
