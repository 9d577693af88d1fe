//! A LimitRange would refuse the next pod of a workload.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::container::Container;
use sre_core::slim::limit_range::LimitRangeItem;
use sre_core::slim::{Kind, LimitRange, Object, ResourceAmount, amount_of, written_of};
use sre_core::units::Amount;
use sre_core::view::{View, Workload};

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-15",
    title: "a LimitRange would refuse the next pod of a workload",
    section: Section::Configuration,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[Sight::Of(Kind::LimitRange)],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    let namespace = &workload.metadata.namespace;
    let is_judged =
        workload.wanted > 0 && view.is_settled(workload.metadata) && view.knows(Kind::LimitRange, namespace);
    let is_refused = view.refused_creations().iter().any(|refused| refused.owner == workload.reference);
    let ranges = view.all::<LimitRange>().iter().filter(|range| range.metadata.namespace == *namespace);
    let ranges: Vec<&LimitRange> = ranges.filter(|range| view.is_settled(&range.metadata)).collect();
    if !is_judged || is_refused || ranges.is_empty() {
        return None;
    }
    let containers = workload.template.spec.all_containers();
    let refusal = containers.flat_map(|container| {
        let asked = Asked::of(container, &ranges);
        let items = ranges.iter().flat_map(|range| items(range).map(move |item| (*range, item)));
        let broken: Vec<_> = items.filter_map(|(range, item)| Some((range, container, asked.breaks(item)?))).collect();
        broken
    });
    let (range, container, broken) = refusal.into_iter().next()?;
    Some(statement(workload, range, container, &broken))
}

fn items(range: &LimitRange) -> impl Iterator<Item = &LimitRangeItem> {
    range.spec.limits.iter().filter(|item| item.type_ == "Container")
}

/// One bound that a container does not keep.
struct Broken {
    bound: String,
    limit: String,
    found: String,
}

/// What a container asks for once every default has been filled in.
struct Asked {
    requests: Vec<ResourceAmount>,
    limits: Vec<ResourceAmount>,
}

impl Asked {
    /// The API server takes a limit for a request first, then admission fills in what the LimitRanges give.
    fn of(container: &Container, ranges: &[&LimitRange]) -> Self {
        let mut asked =
            Self { requests: container.resources.requests.clone(), limits: container.resources.limits.clone() };
        complete(&mut asked.requests, &container.resources.limits);
        for item in ranges.iter().flat_map(|range| items(range)) {
            complete(&mut asked.limits, &item.default);
            complete(&mut asked.requests, &item.default_request);
        }
        asked
    }

    /// The first bound that is not kept, as the admission plugin LimitRanger has them.
    fn breaks(&self, item: &LimitRangeItem) -> Option<Broken> {
        let least = item.min.iter().find_map(|bound| {
            let request = self.requested(bound);
            let limit = amount_of(&self.limits, &bound.name);
            let wanted = bound.quantity.amount()?;
            let found = match request {
                None => Some("no request".to_owned()),
                Some(request) if request < wanted => Some(format!("request {}", written(&self.requests, bound))),
                _ => limit.filter(|it| *it < wanted).map(|_| format!("limit {}", written(&self.limits, bound))),
            };
            Some(broken("min", bound, found?))
        });
        least.or_else(|| self.exceeds(item)).or_else(|| self.spreads(item))
    }

    fn exceeds(&self, item: &LimitRangeItem) -> Option<Broken> {
        item.max.iter().find_map(|bound| {
            let wanted = bound.quantity.amount()?;
            let found = match amount_of(&self.limits, &bound.name) {
                None => Some("no limit".to_owned()),
                Some(limit) if limit > wanted => Some(format!("limit {}", written(&self.limits, bound))),
                Some(_) => {
                    let request = self.requested(bound).filter(|it| *it > wanted);
                    request.map(|_| format!("request {}", written(&self.requests, bound)))
                }
            };
            Some(broken("max", bound, found?))
        })
    }

    fn spreads(&self, item: &LimitRangeItem) -> Option<Broken> {
        item.max_limit_request_ratio.iter().find_map(|bound| {
            let (request, limit) = (self.requested(bound)?, amount_of(&self.limits, &bound.name)?);
            let ratio = limit.share_of(request)?;
            let most = bound.quantity.amount()?.share_of(Amount::whole(1))?;
            let found = format!("limit {} to request {}", written(&self.limits, bound), written(&self.requests, bound));
            (ratio > most).then(|| broken("maxLimitRequestRatio", bound, found))
        })
    }

    fn requested(&self, bound: &ResourceAmount) -> Option<Amount> {
        amount_of(&self.requests, &bound.name)
    }
}

/// Adds what is not listed yet.
fn complete(list: &mut Vec<ResourceAmount>, defaults: &[ResourceAmount]) {
    let missing = defaults.iter().filter(|default| !list.iter().any(|entry| entry.name == default.name));
    let missing: Vec<ResourceAmount> = missing.cloned().collect();
    list.extend(missing);
}

fn written<'a>(list: &'a [ResourceAmount], bound: &ResourceAmount) -> &'a str {
    written_of(list, &bound.name).unwrap_or("none")
}

fn broken(bound: &str, limit: &ResourceAmount, found: String) -> Broken {
    Broken { bound: format!("{bound}.{}", limit.name), limit: limit.quantity.as_str().to_owned(), found }
}

fn statement(workload: &Workload<'_>, range: &LimitRange, container: &Container, broken: &Broken) -> Finding {
    let object = &workload.reference;
    let (namespace, name) = (&range.metadata.namespace, &range.metadata.name);
    let Broken { bound, limit, found } = broken;
    let title = format!(
        "LimitRange {name} would refuse the next pod: container {} has {found}, {bound} is {limit}",
        container.name
    );
    let field = format!("{}.containers[{}].resources", workload.pod_spec_field, container.name);
    Finding::new("CFG-15", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(object, field, found.as_str())
        .evidence(&range.reference(), format!("spec.limits[].{bound}"), limit.as_str())
        .since(range.metadata.creation_timestamp.at())
        .look(format!("kubectl describe limitrange {name} -n {namespace}"))
        .look(format!("kubectl get {} {} -n {namespace} -o yaml", object.kind.to_lowercase(), object.name))
}

const PAGE: &str = "\
A LimitRange binds pods when they are made. The pods of this workload run because they were made
before it, or before the template was changed; the next one, after a drain, a crash of its node or a
rollout, is refused.

Looked at: requests and limits of the containers of pod templates, with the defaults of the namespace
filled in; min, max and maxLimitRequestRatio of LimitRanges for containers. Workloads whose pods are
refused today are WRK-03. Bounds of whole pods and of claims are not looked at.

Harmless: when a webhook sets the resources of pods as they are made.

What to do: bring the resources within the bounds, or the bounds to the resources:
  kubectl describe limitrange NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const RESOURCES: &str = "/spec/template/spec/containers/0/resources";

    fn settled() -> Scenario {
        Scenario::captured("CFG-15").later(2)
    }

    #[test]
    fn a_limit_above_the_greatest_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-cfg-15/web");
        let title = "LimitRange bounds would refuse the next pod: container app has limit 2Gi, max.memory is 1Gi";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[1].object.to_string(), "LimitRange/fault-cfg-15/bounds");
        assert_eq!(finding.remedies[0].command, "kubectl describe limitrange bounds -n fault-cfg-15");
    }

    #[test]
    fn what_is_within_the_bounds_or_left_to_the_defaults_is_not_meant() {
        let within = json!({ "limits": { "memory": "1Gi" } });
        assert_eq!(settled().set("Deployment", "web", RESOURCES, within).judge(&CHECK), []);
        assert_eq!(settled().set("Deployment", "web", RESOURCES, json!({})).judge(&CHECK), []);
    }

    #[test]
    fn what_is_below_the_least_is_told() {
        let small = json!({ "requests": { "memory": "16Mi" } });
        let findings = settled().set("Deployment", "web", RESOURCES, small).judge(&CHECK);
        assert!(findings[0].title.ends_with("container app has request 16Mi, min.memory is 64Mi"), "{findings:#?}");
    }

    #[test]
    fn what_wants_no_pods_is_refused_none() {
        assert_eq!(settled().set("Deployment", "web", "/spec/replicas", 0).judge(&CHECK), []);
    }

    #[test]
    fn limit_ranges_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::LimitRange), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
