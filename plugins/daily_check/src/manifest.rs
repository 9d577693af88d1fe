//! Objects to apply: the smallest rights for a run, and a CronJob that makes the run every morning.

use crate::args::{Listing, Manifest, Request};
use crate::reads;
use crate::routine::Routine;
use clap::ValueEnum;
use serde_json::{Value, json};
use sre_core::check::Sight;
use sre_core::inquiry::{KNOWN_ALERTMANAGERS, KNOWN_PROMETHEUSES, Target};
use sre_core::report::{Block, Report, Verdict};
use sre_core::slim::{KINDS, Kind, KindOrigin, Scope};
use sre_core::snapshot::Reads;
use sre_runtime::args::FailOn;
use sre_runtime::ui;
use std::collections::{BTreeMap, BTreeSet};

/// What everything is called.
const NAME: &str = "kubectl-sre-daily-check";

/// Where it runs unless a namespace is looked at.
const NAMESPACE: &str = "kubectl-sre";

/// Prints what was asked for instead of a report.
pub fn report(request: &Request, manifest: &Manifest) -> Report {
    let objects = match manifest {
        Manifest::Rights => rights(request).into_iter().chain(rights_of_incidents(request)).collect(),
        Manifest::CronJob { image } => {
            [account(request), rights(request), bindings(request), vec![cron_job(request, image)]].concat()
        }
    };
    Report {
        change: None,
        own: None,
        blocks: [note(request), note_of_incidents(request, manifest)]
            .into_iter()
            .flatten()
            .chain(ui::manifests(&objects))
            .collect(),
        document: json!({"apiVersion": "v1", "kind": "List", "items": objects}),
        verdict: Verdict { failing: false, incomplete: false },
    }
}

/// What the names in the rights leave out, as a comment of YAML: a Service that only its label gives away.
fn note(request: &Request) -> Option<Block> {
    let reads = reads::for_request(request);
    let is_looked_for = |sight: &Sight| reads.sights.contains(sight) && reads.inquiry.is_looked_for(*sight);
    let is_told = request.namespaces.one().is_none() && Sight::ASKED.iter().any(is_looked_for);
    is_told.then(|| Block::Command { indent: 0, command: NOTE.to_owned(), note: String::new() })
}

/// See [`note`].
const NOTE: &str =
    "# A Prometheus or Alertmanager under another name: name it in a profile, or add NAME:PORT to services/proxy.";

/// Plurals by API group, of one scope.
type Resources = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// What the chosen checks list, in a namespace and in the whole cluster.
fn resources(request: &Request, reads: &Reads) -> (Resources, Resources) {
    let (mut namespaced, mut whole) = (Resources::new(), Resources::new());
    for info in KINDS.iter().filter(|info| reads.sights.contains(&Sight::Of(info.kind))) {
        let is_inside = info.scope == Scope::Namespaced && request.namespaces.one().is_some();
        if is_inside { &mut namespaced } else { &mut whole }.entry(info.group()).or_default().insert(info.plural);
    }
    (namespaced, whole)
}

fn rules(request: &Request, resources: &Resources) -> Vec<Value> {
    let rule = |(group, plurals): (&&str, &BTreeSet<&str>)| json!({"apiGroups": [group], "resources": plurals, "verbs": verbs(request, group)});
    resources.iter().map(rule).collect()
}

/// What is measured has no history to watch, and is listed again and again.
fn verbs(request: &Request, group: &str) -> &'static [&'static str] {
    let is_measured = KINDS.iter().any(|info| info.origin == KindOrigin::Aggregated && info.group() == group);
    if request.watch && !is_measured { &["list", "watch"] } else { &["list"] }
}

/// A ClusterRole, and a Role where one namespace is looked at: the kinds of that stand in it.
fn rights(request: &Request) -> Vec<Value> {
    let reads = if request.watch { reads::of_the_api_server(request) } else { reads::for_request(request) };
    let (namespaced, whole) = resources(request, &reads);
    let health = [Sight::Readyz, Sight::Livez].into_iter().filter(|sight| reads.sights.contains(sight));
    let paths: Vec<&str> = health.map(Sight::word).chain(["/version"]).collect();
    let mut of_cluster = rules(request, &whole);
    of_cluster.push(json!({"nonResourceURLs": paths, "verbs": ["get"]}));
    let asked = services_asked(request, &reads);
    if !asked.is_empty() {
        of_cluster.push(json!({
            "apiGroups": [""], "resources": ["services/proxy"], "resourceNames": asked, "verbs": ["get"],
        }));
    }
    // It also lets run commands in every pod of a node: nobody gets it who has not asked for it.
    let is_required = reads.inquiry.kubelets.as_ref().is_some_and(|kubelets| kubelets.is_required);
    if is_required && reads.sights.contains(&Sight::Kubelets) {
        of_cluster.push(json!({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}));
    }
    let mut rights = vec![json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": NAME}, "rules": of_cluster,
    })];
    rights.extend(request.namespaces.one().map(|namespace| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": NAME, "namespace": namespace}, "rules": rules(request, &namespaced),
        })
    }));
    rights
}

/// A Role where incidents are shared, unless ConfigMaps are listed there anyway.
fn rights_of_incidents(request: &Request) -> Option<Value> {
    let namespace = request.profile.shared_in.as_deref()?;
    let is_listed = reads::for_request(request).wants(Kind::ConfigMap, namespace);
    (!is_listed).then(|| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": format!("{NAME}-incidents"), "namespace": namespace},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
        })
    })
}

/// What the rights do not give, as a comment of YAML: nothing is written to incidents by looking at them.
fn note_of_incidents(request: &Request, manifest: &Manifest) -> Option<Block> {
    let namespace = request.profile.shared_in.as_deref().filter(|_| matches!(manifest, Manifest::Rights))?;
    let command = format!(
        "# Incidents that are shared in {namespace} are listed with this. Whoever shares them, or writes on them, needs create \
         and patch of configmaps there, too."
    );
    Some(Block::Command { indent: 0, command, note: String::new() })
}

/// Services that are asked through the API server: those of the profile, else those that may be found by their names.
fn services_asked(request: &Request, reads: &Reads) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let inquiry = &reads.inquiry;
    let monitoring = [
        (Sight::Prometheus, &inquiry.prometheus, KNOWN_PROMETHEUSES),
        (Sight::Alertmanager, &inquiry.alertmanager, KNOWN_ALERTMANAGERS),
    ];
    for (_, named, known) in monitoring.into_iter().filter(|(sight, ..)| reads.sights.contains(sight)) {
        match named {
            Some(Target::Service(port)) => {
                names.insert(port.proxied_name());
            }
            // Where only a namespace is looked at, nobody is looked for.
            None if request.namespaces.one().is_none() => {
                names.extend(known.map(|(name, port)| format!("{name}:{port}")))
            }
            _ => {}
        }
    }
    let endpoints = inquiry.endpoints.iter().filter(|_| reads.sights.contains(&Sight::Endpoints));
    names.extend(endpoints.filter_map(|endpoint| match &endpoint.target {
        Target::Service(port) => Some(port.proxied_name()),
        Target::Url(_) | Target::Node(_) | Target::Database(_) => None,
    }));
    names
}

fn home(request: &Request) -> &str {
    request.namespaces.one().unwrap_or(NAMESPACE)
}

fn account(request: &Request) -> Vec<Value> {
    let own = request.namespaces.one().is_none().then(|| {
        json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        })
    });
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": home(request)}, "automountServiceAccountToken": false,
    });
    own.into_iter().chain([account]).collect()
}

fn bindings(request: &Request) -> Vec<Value> {
    let subjects = json!([{"kind": "ServiceAccount", "name": NAME, "namespace": home(request)}]);
    let binding = |kind: &str, role: &str, metadata: Value| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "subjects": subjects,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": NAME},
        })
    };
    let mut bindings = vec![binding("ClusterRoleBinding", "ClusterRole", json!({"name": NAME}))];
    bindings.extend(
        request
            .namespaces
            .one()
            .map(|namespace| binding("RoleBinding", "Role", json!({"name": NAME, "namespace": namespace}))),
    );
    bindings
}

/// When a routine is due.
fn schedule(routine: Routine) -> &'static str {
    match routine {
        Routine::Morning => "0 7 * * *",
        Routine::Evening => "0 18 * * *",
        Routine::Weekly => "0 7 * * 1",
    }
}

/// It fits the Pod Security level `restricted`, keeps nothing, and asks again only the next morning.
fn cron_job(request: &Request, image: &str) -> Value {
    let container = json!({
        "name": "daily-check", "image": image, "command": ["kubectl-sre"], "args": arguments(request),
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        },
    });
    let pod = json!({
        "serviceAccountName": NAME, "automountServiceAccountToken": true, "restartPolicy": "Never",
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    });
    json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": NAME, "namespace": home(request)},
        "spec": {
            "schedule": schedule(request.routine), "timeZone": "Etc/UTC", "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600, "successfulJobsHistoryLimit": 7, "failedJobsHistoryLimit": 7,
            "jobTemplate": {"spec": {
                "backoffLimit": 0, "activeDeadlineSeconds": 1800,
                "template": {"metadata": {"labels": {"app.kubernetes.io/name": NAME}}, "spec": pod},
            }},
        },
    })
}

/// A flag with the word of its value; nothing for the value that it has anyway.
fn word<T: ValueEnum + Default + PartialEq>(flag: &str, value: &T) -> Option<[String; 2]> {
    let word = value.to_possible_value().filter(|_| *value != T::default())?;
    Some([flag.to_owned(), word.get_name().to_owned()])
}

/// The same run as this one.
fn arguments(request: &Request) -> Vec<String> {
    let mut arguments = vec!["daily-check".to_owned(), "--baseline".to_owned(), "none".to_owned()];
    arguments.extend(request.sections.iter().cloned());
    if let Some(namespace) = request.namespaces.one() {
        arguments.extend(["--namespace".to_owned(), namespace.to_owned()]);
    }
    if let Some(labels) = &request.labels {
        arguments.extend(["--selector".to_owned(), labels.clone()]);
    }
    if request.passed == Listing::Shown {
        arguments.push("--show-ok".to_owned());
    }
    // A run that fails is a Job that failed: the next run would find this one and say so.
    let fail_on = if request.fail_on == FailOn::default() { FailOn::Never } else { request.fail_on };
    let chosen = [word("--fail-on", &fail_on), word("--output", &request.output), word("--routine", &request.routine)];
    arguments.extend(chosen.into_iter().flatten().flatten());
    arguments
}
