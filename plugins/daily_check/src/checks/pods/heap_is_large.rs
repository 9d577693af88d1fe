//! A program holds more memory of its own than its team expects.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Query, Sample};
use sre_core::object::ObjectRef;
use sre_core::profile::Limit;
use sre_core::slim::{Kind, Pod};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-57",
    title: "the heap of a program is larger than its profile allows",
    section: Section::Workloads,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.samples(&HEAP).iter().filter_map(|sample| judge(sample, view)).collect(),
};

/// The smallest heap that each target of Prometheus had in ten minutes, in bytes: Go, Java, Node.js, .NET.
pub const HEAP: Query = Query::now(
    "(sum by (namespace, pod, job, instance) (min_over_time(go_memstats_heap_alloc_bytes[10m])) \
     or sum by (namespace, pod, job, instance) (min_over_time(nodejs_heap_size_used_bytes[10m])) \
     or sum by (namespace, pod, job, instance) (min_over_time(jvm_memory_used_bytes{area=\"heap\"}[10m])) \
     or sum by (namespace, pod, job, instance) (min_over_time(dotnet_gc_heap_size_bytes[10m]))) > 1e6",
);

const MEGABYTE: f64 = 1e6;

fn judge(sample: &Sample, view: &View<'_>) -> Option<Finding> {
    let most = view.profile.thresholds.of(Limit::HeapMegabytes);
    let megabytes = sample.value / MEGABYTE;
    if megabytes < most {
        return None;
    }
    let (namespace, name) = (sample.label("namespace"), sample.label("pod"));
    let pod = (!name.is_empty()).then(|| ObjectRef::namespaced("Pod", namespace, name));
    let owner = view.get::<Pod>(namespace, name).map(|pod| view.owner_of(pod));
    let job = || ObjectRef::scoped("ScrapeJob", namespace, sample.label("job"));
    let object = owner.or_else(|| pod.clone()).unwrap_or_else(job);
    let title = format!("its heap holds {megabytes:.0} MB, and the profile allows {most:.0}");
    let place = pod.clone().unwrap_or_else(|| object.clone());
    let finding = Finding::new(CHECK.id, Severity::Warning, object, title)
        .part(if pod.is_some() { "" } else { sample.label("instance") })
        .risk()
        .evidence(&place, "smallest heap of the last 10 minutes", format!("{megabytes:.0} MB"));
    Some(match pod {
        Some(pod) => finding.shows_on(pod).look(format!("kubectl top pod {name} -n {namespace} --containers")),
        None => finding,
    })
}

const PAGE: &str = "\
A program holds more memory of its own for ten minutes than heapMegabytes of a profile allows. It leaks,
or its caches have no bound: it comes before the container is killed at its limit, and says which
program it is where there is no limit. Without a profile no heap is too large.

Looked at: go_memstats_heap_alloc_bytes, nodejs_heap_size_used_bytes, jvm_memory_used_bytes of the heap
and dotnet_gc_heap_size_bytes of Prometheus, by target.

What to do: see whether it still grows, and take a heap dump before it is restarted, by the command that a
profile names (components[].heap, with an incident declared):
  kubectl top pod POD -n NAMESPACE --containers
  kubectl sre incident evidence --heap pod/POD -n NAMESPACE --profile FILE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::profile::Profile;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn said(scenario: &Scenario, most: &str) -> Vec<Finding> {
        let text = format!("apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: a\nthresholds: {{{most}}}\n");
        let profile = Profile::parse(&text, &[]).expect("a profile");
        let snapshot = scenario.snapshot();
        (CHECK.run)(&View::new(&snapshot).with_profile(profile))
    }

    #[test]
    fn a_heap_above_what_the_profile_allows_is_told() {
        let findings = said(&Scenario::captured("monitoring"), "heapMegabytes: 3000");
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(
            (findings[0].object.to_string().as_str(), findings[0].severity),
            ("Pod/shop/web-1", Severity::Warning)
        );
        assert_eq!(findings[0].title, "its heap holds 3500 MB, and the profile allows 3000");
    }

    #[test]
    fn what_is_allowed_is_well_and_without_a_profile_everything_is() {
        let scenario = Scenario::captured("monitoring");
        assert_eq!(said(&scenario, "heapMegabytes: 4000"), []);
        assert_eq!(said(&scenario, "quotaPercent: 90"), []);
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
