//! A health endpoint of the system does not answer, or says that something is amiss.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Answer, Failure, Health, Part, Target};
use sre_core::object::ObjectRef;
use sre_core::profile::Endpoint;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "HLT-01",
    title: "a health endpoint does not answer, or says that something is amiss",
    section: Section::Endpoints,
    examines: &[Sight::Endpoints],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.profile.endpoints.iter().filter_map(|endpoint| judge(endpoint, view)).collect(),
};

fn judge(endpoint: &Endpoint, view: &View<'_>) -> Option<Finding> {
    let (severity, title, parts) = match view.snapshot.answers.to(&endpoint.question())? {
        // Who may not ask has a gap.
        Err(Failure::Forbidden(_)) => return None,
        Err(failure) => (Severity::Critical, format!("it does not answer: {}", failure.words()), Vec::new()),
        Ok(answer) => verdict(answer)?,
    };
    let object = ObjectRef::cluster("Endpoint", &endpoint.name);
    let asked = format!("{} {}", endpoint.target, endpoint.path);
    let finding = Finding::new(CHECK.id, severity, object.clone(), title).symptom().evidence(&object, "asked", asked);
    let finding = parts.iter().fold(finding, |finding, part| {
        let path = if part.path.is_empty() { "its own verdict" } else { &part.path };
        finding.evidence(&object, path, part.said.as_str())
    });
    Some(match &endpoint.target {
        Target::Service(port) => {
            let service = ObjectRef::namespaced("Service", &port.namespace, &port.name);
            finding.shows_on(service).look_words(&["kubectl", "get", "--raw", &port.proxied_path(&endpoint.path)])
        }
        Target::Url(_) | Target::Node(_) | Target::Database(_) => finding,
    })
}

/// What an answer comes to, and the parts of it that are not well; none when all is well.
fn verdict(answer: &Answer) -> Option<(Severity, String, Vec<Part>)> {
    let mut amiss: Vec<Part> = answer.parts().into_iter().filter(|part| part.health != Health::Well).collect();
    amiss.sort_by_key(|part| std::cmp::Reverse(part.health));
    let named: Vec<String> = amiss.iter().filter(|part| !part.path.is_empty()).map(told).collect();
    let is_ill = |part: &Part| part.path.is_empty() && part.health == Health::Ill;
    let severity = match () {
        () if !answer.is_success() || amiss.iter().any(is_ill) => Severity::Critical,
        () if amiss.iter().any(|part| part.health != Health::NotUnderstood) => Severity::Warning,
        () if !amiss.is_empty() => Severity::Unknown,
        () => return None,
    };
    let own = amiss.iter().find(|part| part.path.is_empty()).map(own);
    let status = (!answer.is_success()).then(|| format!("it answers with status {}", answer.status));
    let words: Vec<String> = status.or(own).into_iter().chain(named).collect();
    Some((severity, words.join("; "), amiss))
}

fn own(part: &Part) -> String {
    format!("it says that it is {}{}", part.said, in_doubt(part))
}

fn told(part: &Part) -> String {
    let name = part.path.rsplit('.').next().unwrap_or_default();
    format!("{name} is {}{}", part.said, in_doubt(part))
}

fn in_doubt(part: &Part) -> &'static str {
    if part.health == Health::NotUnderstood { ", which is not understood" } else { "" }
}

const PAGE: &str = "\
An address that the profile names (endpoints) was asked how the system is. Critical: nobody answers in
time, the status is an error, or the answer says of itself that it is unhealthy. A warning: it works,
but says that something that it depends on is not well.

Answers in JSON are taken apart: words such as healthy, degraded or down, and truths such as up or
ready, wherever they stand, each with its place; any truth right under checks, dependencies,
components or services counts. A word under status or health that is not understood leaves it
undecided. Numbers, other words, and how much is logged say nothing.

Looked at: the path of the endpoint, once, through the API server where it is a Service. Where the
caller may not do that, it is a gap.

What to do: the finding names what is not well; look at its pods and at what it depends on.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::check::judge as judge_all;
    use sre_core::inquiry::{Answers, Asked};
    use sre_core::profile::Profile;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The profile that the endpoints were captured with.
    fn profile() -> Profile {
        let text = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nendpoints:\n\
                    - {name: backend, url: 'http://127.0.0.1:18080', path: /health}\n\
                    - {name: assistant, url: 'http://127.0.0.1:18080', path: /api/v1/ai/status}\n\
                    - {name: gone, url: 'http://127.0.0.1:18081', path: /health}\n";
        Profile::parse(text, &[]).expect("a profile")
    }

    fn said(scenario: &Scenario) -> Vec<(String, Severity, String)> {
        let snapshot = scenario.snapshot();
        let found = judge_all(&[&CHECK], &View::new(&snapshot).with_profile(profile())).findings;
        found.into_iter().map(|it| (it.object.to_string(), it.severity, it.title)).collect()
    }

    #[test]
    fn what_is_amiss_is_named() {
        let said = said(&Scenario::captured("monitoring"));
        let words: Vec<(&str, Severity, &str)> = said.iter().map(|(a, b, c)| (a.as_str(), *b, c.as_str())).collect();
        assert_eq!(words.len(), 3, "{words:#?}");
        assert_eq!(
            words[0],
            ("Endpoint/backend", Severity::Critical, "it answers with status 503; database is unhealthy")
        );
        assert_eq!(words[1], ("Endpoint/assistant", Severity::Warning, "llm is degraded"));
        assert_eq!((words[2].0, words[2].1), ("Endpoint/gone", Severity::Critical));
        assert!(words[2].2.starts_with("it does not answer: "), "{words:#?}");
    }

    #[test]
    fn what_is_well_is_not_told() {
        let well = Scenario::captured("monitoring")
            .edit_answer("/api/v1/ai/status", |body| body["llm"]["connectivity"] = "healthy".into());
        let names: Vec<String> = said(&well).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["Endpoint/backend", "Endpoint/gone"]);
    }

    fn of_backend(body: &serde_json::Value) -> (Severity, String) {
        let answer = Answer { status: 200, body: body.to_string(), milliseconds: 1 };
        verdict(&answer).map(|(severity, title, _)| (severity, title)).expect("something is amiss")
    }

    #[test]
    fn a_dependency_that_is_false_and_a_whole_that_is_not_ok_are_told() {
        let part = of_backend(&serde_json::json!({"status": "ok", "checks": {"database": false}}));
        assert_eq!(part, (Severity::Warning, "database is false".to_owned()));
        let whole = of_backend(&serde_json::json!({"ok": false}));
        assert_eq!(whole, (Severity::Critical, "it says that it is not ok".to_owned()));
        let strange = of_backend(&serde_json::json!({"status": "wobbly"}));
        assert_eq!(strange, (Severity::Unknown, "it says that it is wobbly, which is not understood".to_owned()));
    }

    #[test]
    fn the_command_asks_for_the_very_path() {
        let mut snapshot = Scenario::captured("monitoring").snapshot();
        let text = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nendpoints:\n\
                    - {name: web, service: 'shop/web:80', path: \"/health?x='y'\"}\n";
        let profile = Profile::parse(text, &[]).expect("a profile");
        let answer = Err(Failure::Unreachable("nobody there".to_owned()));
        snapshot.answers = Answers::of(vec![Asked { question: profile.endpoints[0].question(), answer }]);
        let found = judge_all(&[&CHECK], &View::new(&snapshot).with_profile(profile)).findings;
        let path = r"/api/v1/namespaces/shop/services/web:80/proxy/health?x='\''y'\''";
        assert_eq!(found[0].remedies[0].command, format!("kubectl get --raw '{path}'"));
    }

    #[test]
    fn who_may_not_ask_decides_nothing() {
        let gap = Scenario::captured("monitoring").gap(Sight::Endpoints, GapReason::Forbidden);
        assert_eq!(said(&gap)[0].1, Severity::Unknown);
    }
}
