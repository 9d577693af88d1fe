//! A container was killed at its own memory limit.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "container-oom-killed",
    page: PAGE,
    recognise: |view| {
        let hurting = causes(view, Trouble::OomKilled, describe);
        let over = causes(view, Trouble::OomRecovered, describe_recovered);
        let known =
            |one: &Finding| hurting.iter().any(|other| (&other.object, &other.part) == (&one.object, &one.part));
        let over: Vec<Finding> = over.into_iter().filter(|one| !known(one)).collect();
        hurting.into_iter().chain(over).collect()
    },
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| it.is(&["OOMKilled"]) || it.says(&["oomkilled"]) && it.is_about(&["Pod"]),
            |_| "a container is killed at its memory limit".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title =
        format!("container {} of {} is killed{}, again and again", case.container(), case.pods(), at_limit(case));
    let finding = case.with_memory_limit(case.finding(Severity::Critical, title)).look(case.logs());
    match (case.workload(), case.memory_limit()) {
        (Some(workload), Some(limit)) => {
            let doubled = (limit + limit).to_binary_string();
            let (name, namespace) = (case.container(), case.namespace());
            finding.change(format!(
                "kubectl sre scale resources {workload} --container {name} --limits memory={doubled} -n {namespace} --dry-run"
            ))
        }
        _ => finding,
    }
}

fn describe_recovered(case: &Case<'_>) -> Finding {
    let title =
        format!("container {} of {} was killed{}, and runs again", case.container(), case.pods(), at_limit(case));
    case.with_memory_limit(case.finding(Severity::Warning, title)).look(case.logs())
}

fn at_limit(case: &Case<'_>) -> String {
    let limit = case.memory_limit().map(|limit| format!(" at its memory limit of {}", limit.to_binary_string()));
    limit.unwrap_or_else(|| " for want of memory".to_owned())
}

const PAGE: &str = "\
The kernel killed a container because it used more memory than its limit (OOMKilled, exit code 137).
While it is restarted again and again this is critical; when the pod is ready again it is a warning,
because the next kill is a question of load.

Looked at: states and last ends of the pods' containers, init containers included, and their limits.

What to do: see what the process needs, and raise the limit in the owner's pod template, or make the
process use less. Mind what the nodes have, and quotas:
  kubectl top pod -n NAMESPACE --containers
  kubectl sre scale resources deployment/NAME --container CONTAINER --limits memory=512Mi -n NAMESPACE --dry-run

Harmless: a single kill of a batch job that was repeated. Told for a week after the kill.";
