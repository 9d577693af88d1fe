//! The API server takes longer for requests than Kubernetes promises.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Query, Sample};
use sre_core::object::ObjectRef;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-03",
    title: "the API server is slow",
    section: Section::ControlPlane,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

/// The 99th percentile of the last quarter of an hour, by what was asked for, of what was asked often enough to judge.
pub const LATENCY: Query = Query::now(
    "histogram_quantile(0.99, sum by (le, verb, resource, scope) (rate(apiserver_request_duration_seconds_bucket\
     {verb=~\"GET|LIST|POST|PUT|PATCH|DELETE\",subresource!~\"proxy|log|exec|attach|portforward\"}[15m])) \
     and on (verb, resource, scope) \
     sum by (verb, resource, scope) (rate(apiserver_request_duration_seconds_count[15m])) > 0.1)",
);

/// Seconds that are promised, by how much is asked for:
/// <https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md>.
const PROMISED: [(&str, f64); 3] = [("resource", 1.0), ("namespace", 5.0), ("cluster", 30.0)];

/// What is named at most.
const NAMED: usize = 8;

fn judge(view: &View<'_>) -> Option<Finding> {
    let samples = view.samples(&LATENCY);
    let mut slow: Vec<&Sample> = samples.iter().filter(|sample| is_slow(sample)).collect();
    slow.sort_by(|a, b| b.value.total_cmp(&a.value));
    let worst = slow.first()?;
    let title = format!(
        "requests take long: {} {} {}{}",
        worst.label("verb"),
        worst.label("resource"),
        seconds(worst.value),
        if slow.len() > 1 { format!(", and {} others", slow.len() - 1) } else { String::new() }
    );
    let object = ObjectRef::cluster("APIServer", "*");
    let finding = Finding::new(CHECK.id, Severity::Warning, object.clone(), title);
    Some(slow.iter().take(NAMED).fold(finding, |finding, sample| {
        let what = format!("99th percentile of {} {}", sample.label("verb"), sample.label("resource"));
        finding.evidence(&object, what, seconds(sample.value))
    }))
}

fn is_slow(sample: &Sample) -> bool {
    PROMISED.iter().any(|(scope, limit)| sample.label("scope") == *scope && sample.value > *limit)
}

/// A percentile in the last bucket is no number.
fn seconds(value: f64) -> String {
    if value.is_finite() { format!("{value:.1} s") } else { "more than a minute".to_owned() }
}

const PAGE: &str = "\
One in a hundred requests of a kind took longer than Kubernetes promises: one second for a single
object, five for a list of a namespace, thirty for a list of the whole cluster. Controllers, kubelets
and people then wait, and leases may not be renewed in time.

Looked at: apiserver_request_duration_seconds of the last quarter of an hour in Prometheus, of what is
asked for at least once in ten seconds, without long-running requests.

What to do: see who asks for so much (apiserver_request_total by client in the audit log), whether etcd
is slow, and whether a webhook delays writes:
  kubectl get --raw '/readyz?verbose'";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn what_takes_longer_than_promised_is_told() {
        let findings = Scenario::captured("monitoring").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].title.starts_with("requests take long: GET pods "), "{}", findings[0].title);
    }

    #[test]
    fn lists_of_a_whole_cluster_may_take_longer() {
        let whole = Scenario::captured("monitoring").edit_answer("apiserver_request", |answer| {
            for sample in answer["data"]["result"].as_array_mut().expect("a vector") {
                sample["metric"]["scope"] = "cluster".into();
            }
        });
        assert_eq!(whole.judge(&CHECK), []);
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
