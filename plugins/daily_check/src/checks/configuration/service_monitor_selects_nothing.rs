//! A ServiceMonitor selects no Service.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::service_monitor::ServiceMonitor;
use sre_core::slim::{Kind, Object, Service};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-23",
    title: "a ServiceMonitor selects no Service",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::ServiceMonitor)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<ServiceMonitor>().iter().filter_map(|it| judge(it, view)).collect(),
};

fn judge(monitor: &ServiceMonitor, view: &View<'_>) -> Option<Finding> {
    let (metadata, spec) = (&monitor.metadata, &monitor.spec);
    let namespaces = namespaces(monitor);
    let is_known = namespaces.iter().all(|namespace| view.knows(Kind::Service, namespace));
    let reaches = |service: &Service| namespaces.iter().any(|it| it.is_empty() || **it == service.metadata.namespace);
    let selects = |service: &&Service| reaches(service) && spec.selector.matches(&service.metadata.labels);
    if !is_known || !view.is_settled(metadata) || view.all::<Service>().iter().any(|service| selects(&service)) {
        return None;
    }
    let object = monitor.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let place = match namespaces.as_slice() {
        [""] => "all namespaces".to_owned(),
        names => names.join(", "),
    };
    let title = format!("ServiceMonitor {name} selects no Service in {place}");
    let labels = spec.selector.match_labels.iter().map(|pair| format!("{}={}", pair.key, pair.value));
    let labels: Vec<String> = labels.collect();
    let finding = Finding::new("CFG-23", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "spec.selector.matchLabels", labels.join(", "))
        .evidence(&object, "spec.namespaceSelector", place)
        .since(metadata.creation_timestamp.at());
    let scope = match namespaces.as_slice() {
        [one] if !one.is_empty() => format!("-n {one}"),
        _ => "-A".to_owned(),
    };
    let finding = finding.look(format!("kubectl get services {scope} --show-labels"));
    Some(finding.look(format!("kubectl get servicemonitor {name} -n {namespace} -o yaml")))
}

/// The namespaces that are searched; the empty name stands for all of them.
fn namespaces(monitor: &ServiceMonitor) -> Vec<&str> {
    let selector = &monitor.spec.namespace_selector;
    match (selector.any, selector.match_names.is_empty()) {
        (true, _) => vec![""],
        (false, true) => vec![monitor.metadata.namespace.as_str()],
        (false, false) => selector.match_names.iter().map(String::as_str).collect(),
    }
}

const PAGE: &str = "\
A ServiceMonitor tells Prometheus which Services to scrape. This one selects none: the metrics that
somebody counts on are not there, and alerts on them never fire.

Looked at: selector and namespaceSelector of ServiceMonitors, labels of the Services there.

Harmless: ServiceMonitors of charts for parts that are switched off, and those for the control plane
where a cloud runs it.

What to do: compare the labels of the Services, not those of the pods:
  kubectl get services -n NAMESPACE --show-labels";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-23").later(2)
    }

    #[test]
    fn a_selector_that_matches_nothing_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ServiceMonitor/fault-cfg-23/web");
        let title = "ServiceMonitor web selects no Service in fault-cfg-23";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, title));
        assert_eq!(finding.evidence[0].value, "app=web-v2");
        assert_eq!(finding.remedies[0].command, "kubectl get services -n fault-cfg-23 --show-labels");
    }

    #[test]
    fn a_service_with_the_label_is_enough() {
        let label = settled().set("Service", "web", "/metadata/labels", json!({ "app": "web-v2" }));
        assert_eq!(label.judge(&CHECK), []);
    }

    #[test]
    fn other_namespaces_are_searched_when_they_are_named() {
        let elsewhere = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": "other", "labels": {"app": "web-v2"}}
        });
        let scenario = settled().with(elsewhere);
        assert_eq!(scenario.judge(&CHECK).len(), 1);
        let any = scenario.clone().set("ServiceMonitor", "web", "/spec/namespaceSelector", json!({ "any": true }));
        assert_eq!(any.judge(&CHECK), []);
        let named =
            scenario.set("ServiceMonitor", "web", "/spec/namespaceSelector", json!({ "matchNames": ["other"] }));
        assert_eq!(named.judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
