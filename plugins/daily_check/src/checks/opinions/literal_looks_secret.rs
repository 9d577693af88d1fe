//! A variable holds what looks like a secret, in plain sight.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::slim::environment::EnvVar;
use sre_core::view::Workload;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-57",
    title: "a variable holds what looks like a secret",
    section: Section::Opinions,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload)).collect(),
};

/// Last words of names that stand for a secret and not for where one is.
const SECRET_WORDS: [&str; 8] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "API_KEY", "SECRET_KEY"];

/// Beginnings of values that only credentials have.
const SECRET_STARTS: [&str; 8] = ["AKIA", "ghp_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "-----BEGIN "];

/// What an archive holds in place of a secret begins so.
const TAKEN_OUT: &str = "<secret-";

fn judge(workload: &Workload<'_>) -> Option<Finding> {
    let containers = workload.template.spec.all_containers();
    let variables = containers.flat_map(|it| it.env.iter().map(move |variable| (it.name.as_str(), variable)));
    let found: Vec<(&str, &EnvVar)> = variables.filter(|(_, variable)| looks_secret(variable)).collect();
    let (_, first) = found.first()?;
    let object = &workload.reference;
    let more = match found.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let title =
        format!("{} {} has what looks like a secret in plain sight: {}{more}", object.kind, object.name, first.name);
    let finding = Finding::new("POD-57", Severity::Info, object.clone(), title).risk();
    let finding = found.iter().take(4).fold(finding, |finding, (container, variable)| {
        let field = format!("{}.containers[{container}].env[{}]", workload.pod_spec_field, variable.name);
        let is_taken_out = variable.value.starts_with(TAKEN_OUT);
        let length = || format!("{} characters", variable.value.chars().count());
        finding.evidence(object, field, if is_taken_out { "not kept in the archive".to_owned() } else { length() })
    });
    let (kind, namespace) = (object.kind.to_lowercase(), &workload.metadata.namespace);
    let finding = finding.since(workload.metadata.creation_timestamp.at());
    Some(finding.look(format!("kubectl get {kind} {} -n {namespace} -o yaml", object.name)))
}

/// Short words and references are settings; what is filled in from elsewhere is not written here.
fn looks_secret(variable: &EnvVar) -> bool {
    let value = variable.value.as_str();
    if value.starts_with(TAKEN_OUT) {
        return true;
    }
    if variable.value_from.is_some()
        || value.len() < 8
        || value.contains("$(")
        || value.starts_with(['/', '$', '<', '{'])
    {
        return false;
    }
    let name = variable.name.to_ascii_uppercase();
    let is_named = SECRET_WORDS.iter().any(|word| name == *word || name.ends_with(&format!("_{word}")));
    let is_address = value.contains("://") || value.contains(".svc");
    SECRET_STARTS.iter().any(|start| value.starts_with(start)) || (is_named && !is_address)
}

const PAGE: &str = "\
A literal variable of a pod template looks like a credential: its name ends with PASSWORD, TOKEN or
the like, or its value starts as the keys of well-known services do. Whoever may read Deployments has
it, and so do backups, Git and every `kubectl describe`. Values are never shown here, only lengths.

Looked at: literal env of pod templates. Short values, paths and addresses are left out. It is a
matter of taste how strictly this is taken, so it is looked at only with --only opinions.

What to do: put it in a Secret, name that with valueFrom.secretKeyRef, and change the credential.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const ENV: &str = "/spec/template/spec/containers/0/env/0";

    #[test]
    fn what_looks_secret_is_told_and_its_value_is_not() {
        let findings = Scenario::captured("POD-57").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-57/web");
        let title = "Deployment web has what looks like a secret in plain sight: DB_PASSWORD and 1 more";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, title));
        assert_eq!(finding.evidence[0].field, "spec.template.spec.containers[app].env[DB_PASSWORD]");
        assert_eq!(finding.evidence[0].value, "20 characters");
        assert!(!format!("{findings:?}").contains("correct-horse"));
        assert_eq!(finding.remedies[0].command, "kubectl get deployment web -n fault-pod-57 -o yaml");
    }

    #[test]
    fn where_a_secret_is_and_short_words_are_not_meant() {
        for (name, value) in [
            ("TOKEN_URL", "https://login.example.com/token"),
            ("DB_PASSWORD", "none"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("DB_PASSWORD", "$(OTHER_VARIABLE)"),
            ("DB_PASSWORD_FILE", "some-file-of-mine"),
        ] {
            let scenario = Scenario::captured("POD-57").set("Deployment", "web", &format!("{ENV}/name"), name);
            let finding = scenario.set("Deployment", "web", &format!("{ENV}/value"), value).judge(&CHECK).remove(0);
            assert!(!finding.title.contains(name), "{name}: {}", finding.title);
        }
    }

    #[test]
    fn a_reference_is_the_right_way() {
        let scenario = Scenario::captured("POD-57").without("Deployment", "web");
        assert_eq!(scenario.judge(&CHECK), [], "the other one names a Secret");
    }

    #[test]
    fn workloads_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("POD-57").gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
