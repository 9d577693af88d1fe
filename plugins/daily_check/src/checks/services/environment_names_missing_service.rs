//! The environment of a workload names a Service that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::scheduling::nearest_word;
use sre_core::service_names::{ServiceName, named_in};
use sre_core::slim::container::Container;
use sre_core::slim::{Kind, Service};
use sre_core::view::{View, Workload};
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-52",
    title: "the environment of a workload names a Service that does not exist",
    section: Section::Services,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    if workload.wanted <= 0 || !view.is_settled(workload.metadata) {
        return None;
    }
    let mut missing: BTreeMap<ServiceName<'_>, String> = BTreeMap::new();
    for container in workload.template.spec.all_containers() {
        for (field, text) in texts(container) {
            for name in named_in(text).into_iter().filter(|name| is_missing(*name, view)) {
                missing.entry(name).or_insert_with(|| format!("{}.{field}", workload.pod_spec_field));
            }
        }
    }
    (!missing.is_empty()).then(|| statement(workload, &missing, view))
}

/// What people write into a container, with where it stands; a value that stands in an object is another's.
fn texts(container: &Container) -> impl Iterator<Item = (String, &str)> {
    let place = format!("containers[{}]", container.name);
    let env_place = place.clone();
    let variables = container.env.iter().filter(|variable| variable.value_from.is_none());
    let variables = variables.map(move |it| (format!("{env_place}.env[{}]", it.name), it.value.as_str()));
    let words = container.command.iter().chain(&container.args);
    variables.chain(words.map(move |word| (format!("{place}.args"), word.as_str())))
}

/// The API server makes its own Service, which a collection of files seldom holds.
const API: ServiceName<'_> = ServiceName { name: "kubernetes", namespace: "default" };

fn is_missing(name: ServiceName<'_>, view: &View<'_>) -> bool {
    name != API && view.knows(Kind::Service, name.namespace) && view.get::<Service>(name.namespace, name.name).is_none()
}

fn statement(workload: &Workload<'_>, missing: &BTreeMap<ServiceName<'_>, String>, view: &View<'_>) -> Finding {
    let object = &workload.reference;
    let names: Vec<String> = missing.keys().map(|it| format!("{}/{}", it.namespace, it.name)).collect();
    let plural = if names.len() == 1 { "Service" } else { "Services" };
    let exist = if names.len() == 1 { "does not exist" } else { "do not exist" };
    let title = format!("{} {} names {plural} {}, which {exist}", object.kind, object.name, names.join(", "));
    let finding = Finding::new("GAP-52", Severity::Warning, object.clone(), title).risk();
    let finding = missing.iter().take(3).fold(finding, |finding, (name, field)| {
        let service = ObjectRef::namespaced("Service", name.namespace, name.name);
        let host = format!("{}.{}.svc", name.name, name.namespace);
        let there = view.all::<Service>().iter().filter(|it| it.metadata.namespace == name.namespace);
        let near = nearest_word(name.name, there.map(|it| it.metadata.name.as_str()));
        let seen = near.map_or_else(|| "not found".to_owned(), |near| format!("not found; nearest: {near}"));
        finding.evidence(object, field.as_str(), host).evidence(&service, "metadata.name", seen)
    });
    let namespace = missing.keys().next().map(|name| name.namespace).unwrap_or_default();
    let finding = finding.since(workload.metadata.creation_timestamp.at());
    let kind = object.kind.to_lowercase();
    finding
        .look(format!("kubectl get services -n {namespace}"))
        .look(format!("kubectl get {kind} {} -n {} -o yaml", object.name, workload.metadata.namespace))
}

const PAGE: &str = "\
A variable or an argument of a workload holds the name of a Service of this cluster, and there is
none of that name in that namespace. The name does not resolve: what waits for it waits for ever,
what calls it fails.

Looked at: literal values of env, command and args in pod templates; Services. Only names of the form
NAME.NAMESPACE.svc, with or without .cluster.local, are taken; shorter ones may be meant otherwise,
and parts that are filled in later are left out.

Harmless: addresses of parts that are optional and not installed (tracing, metrics).

What to do: correct the name, or install what is missing:
  kubectl get services -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VALUE: &str = "/spec/template/spec/containers/0/env/0/value";

    fn settled() -> Scenario {
        Scenario::captured("GAP-52").later(2)
    }

    #[test]
    fn names_that_lead_nowhere_are_told_with_what_is_near() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-gap-52/web");
        assert_eq!(web.title, "Deployment web names Service fault-gap-52/postgress, which does not exist");
        assert_eq!(web.severity, Severity::Warning);
        assert_eq!(web.evidence[0].field, "spec.template.spec.containers[app].env[DATABASE]");
        assert_eq!(web.evidence[0].value, "postgress.fault-gap-52.svc", "not the rest of the value");
        assert_eq!(web.evidence[1].value, "not found; nearest: postgres");
        assert_eq!(web.remedies[0].command, "kubectl get services -n fault-gap-52");
        assert_eq!(findings[1].object.name, "worker");
        assert_eq!(findings[1].evidence[0].field, "spec.template.spec.containers[wait].args");
    }

    #[test]
    fn a_service_that_exists_is_not_meant() {
        let there = settled().set("Deployment", "web", VALUE, "postgres://postgres.fault-gap-52.svc:5432/shop");
        assert_eq!(there.judge(&CHECK).len(), 1);
        let short = settled().set("Deployment", "web", VALUE, "postgres://postgress.fault-gap-52:5432/shop");
        assert_eq!(short.judge(&CHECK).len(), 1, "a short name may be another's");
    }

    #[test]
    fn what_wants_no_pods_needs_no_service() {
        let idle = settled().set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(idle.judge(&CHECK).len(), 1);
        assert_eq!(Scenario::captured("GAP-52").judge(&CHECK), [], "it was made just now");
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
