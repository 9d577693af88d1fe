//! What the caller may do, as the API server says it of them: whether the commands that are printed would be refused.

mod attributes;

pub use attributes::ResourceAttributes;

use crate::finding::{Effect, Remedy};
use crate::slim::role::PolicyRule;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most namespaces whose rules are asked for; findings of more are rare, and each costs a request.
const NAMESPACES: usize = 20;

/// The most single requests that are asked about, for the same reason.
const REQUESTS: usize = 40;

/// What the API server said of the caller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// All rules of a namespace, by its name; those that an authorizer does not list whole are not here.
    rules: BTreeMap<String, Vec<PolicyRule>>,
    /// Single requests that were asked about.
    requests: Vec<Review>,
}

/// A request, and whether the caller may make it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Review {
    request: ResourceAttributes,
    allowed: bool,
}

/// Whether the caller may run a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Every request of it is allowed.
    Allowed,
    /// These of its requests are not.
    Denied(Vec<ResourceAttributes>),
    /// Nobody asked, or nobody answered.
    Unknown,
}

impl Access {
    /// Takes the whole rules of a namespace.
    pub fn take_rules(&mut self, namespace: String, rules: Vec<PolicyRule>) {
        self.rules.insert(namespace, rules);
    }

    /// Takes the answer to a single request.
    pub fn take_review(&mut self, request: ResourceAttributes, allowed: bool) {
        self.requests.push(Review { request, allowed });
    }

    /// The same in an order that does not tell which answer came first.
    pub fn sorted(mut self) -> Self {
        self.requests.sort_by(|a, b| a.request.cmp(&b.request));
        self
    }

    /// Whether the caller may run a command that changes something; of one that only looks nothing is asked.
    pub fn permission(&self, remedy: &Remedy) -> Permission {
        let Some(requests) = requests(remedy) else { return Permission::Unknown };
        let answers: Vec<Option<bool>> = requests.iter().map(|request| self.allows(request)).collect();
        if answers.contains(&Some(false)) {
            let denied = requests.into_iter().zip(answers).filter(|(_, answer)| *answer == Some(false));
            return Permission::Denied(denied.map(|(request, _)| request).collect());
        }
        if answers.iter().all(Option::is_some) { Permission::Allowed } else { Permission::Unknown }
    }

    fn allows(&self, request: &ResourceAttributes) -> Option<bool> {
        if let Some(review) = self.requests.iter().find(|review| review.request == *request) {
            return Some(review.allowed);
        }
        let rules = self.rules.get(request.namespace.as_deref()?)?;
        Some(rules.iter().any(|rule| rule.allows(request)))
    }
}

/// What a command that changes something asks of the API server.
fn requests(remedy: &Remedy) -> Option<Vec<ResourceAttributes>> {
    (remedy.effect == Effect::Changes).then(|| ResourceAttributes::of_command(&remedy.command)).flatten()
}

/// What all these commands ask of the API server, each request once, in the order of the commands.
pub fn wanted<'r>(remedies: impl IntoIterator<Item = &'r Remedy>) -> Vec<ResourceAttributes> {
    let mut seen = BTreeSet::new();
    remedies.into_iter().filter_map(requests).flatten().filter(|request| seen.insert(request.clone())).collect()
}

/// The namespaces whose rules answer most of what is wanted, the first ones first.
pub fn namespaces(wanted: &[ResourceAttributes]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = wanted.iter().filter_map(|request| request.namespace.as_ref());
    names.filter(|name| seen.insert(*name)).take(NAMESPACES).cloned().collect()
}

/// The requests to ask about one by one: what belongs to the whole cluster, and what is in namespaces whose rules are not
/// listed whole.
pub fn single(wanted: &[ResourceAttributes], unlisted: &BTreeSet<String>) -> Vec<ResourceAttributes> {
    let is_single =
        |request: &&ResourceAttributes| request.namespace.as_ref().is_none_or(|name| unlisted.contains(name));
    wanted.iter().filter(is_single).take(REQUESTS).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Severity};
    use crate::object::ObjectRef;

    fn remedies(commands: &[&str]) -> Vec<Remedy> {
        let finding = Finding::new("POD-02", Severity::Warning, ObjectRef::cluster("Node", "n"), "a");
        commands.iter().fold(finding, |finding, command| finding.change(*command)).remedies
    }

    fn rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> PolicyRule {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        PolicyRule {
            verbs: words(verbs),
            api_groups: words(groups),
            resources: words(resources),
            resource_names: words(names),
        }
    }

    fn told(access: &Access, command: &str) -> Permission {
        access.permission(&remedies(&[command])[0])
    }

    /// The requests that are refused, in words.
    fn refused(access: &Access, command: &str) -> String {
        match told(access, command) {
            Permission::Denied(requests) => requests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            other => format!("{other:?}"),
        }
    }

    const SCALE: &str = "kubectl scale deployment web -n shop --replicas=2 --dry-run=server";
    const CORDON: &str = "kubectl cordon n1 --dry-run=server";

    fn in_shop(rules: Vec<PolicyRule>) -> Access {
        let mut access = Access::default();
        access.take_rules("shop".to_owned(), rules);
        access
    }

    #[test]
    fn whole_rules_answer_with_yes_and_no() {
        let reader = rule(&["get", "list"], &["apps"], &["deployments"], &[]);
        assert_eq!(refused(&in_shop(vec![reader.clone()]), SCALE), "patch deployments/scale in shop");
        assert_eq!(refused(&in_shop(vec![]), SCALE), "get deployments in shop, patch deployments/scale in shop");
        for scales in ["deployments/scale", "*/scale", "*"] {
            let scaler = rule(&["patch"], &["*"], &[scales], &[]);
            assert_eq!(told(&in_shop(vec![reader.clone(), scaler]), SCALE), Permission::Allowed, "{scales}");
        }
        let elsewhere = rule(&["patch"], &["extensions"], &["deployments/scale"], &[]);
        assert_eq!(refused(&in_shop(vec![reader, elsewhere]), SCALE), "patch deployments/scale in shop");
    }

    #[test]
    fn a_rule_for_names_allows_these_and_nothing_that_has_no_name_yet() {
        let named = |name| rule(&["*"], &["*"], &["*"], &[name]);
        assert_eq!(told(&in_shop(vec![named("web")]), SCALE), Permission::Allowed);
        assert!(matches!(told(&in_shop(vec![named("api")]), SCALE), Permission::Denied(_)));
        let create = "kubectl create serviceaccount web -n shop --dry-run=server";
        assert_eq!(refused(&in_shop(vec![named("web")]), create), "create serviceaccounts in shop");
    }

    #[test]
    fn what_nobody_answered_is_not_known() {
        assert_eq!(told(&Access::default(), SCALE), Permission::Unknown);
        assert_eq!(told(&in_shop(vec![rule(&["*"], &["*"], &["*"], &[])]), CORDON), Permission::Unknown);
        let finding = Finding::new("POD-02", Severity::Warning, ObjectRef::cluster("Node", "n"), "a");
        let look = finding.look("kubectl describe deployment web -n shop").remedies;
        assert_eq!(in_shop(vec![]).permission(&look[0]), Permission::Unknown);
    }

    #[test]
    fn single_answers_count_where_no_rules_are_listed() {
        let wanted = wanted(&remedies(&[CORDON, SCALE]));
        assert_eq!(single(&wanted, &BTreeSet::new()).len(), 2, "get and patch of the node");
        assert_eq!(single(&wanted, &BTreeSet::from(["shop".to_owned()])), wanted);
        let mut access = Access::default();
        access.take_review(wanted[1].clone(), false);
        assert_eq!(refused(&access, CORDON), "patch nodes", "one refusal is enough, whatever else is not known");
        access.take_review(wanted[0].clone(), true);
        let kept: Access = serde_json::from_str(&serde_json::to_string(&access).unwrap()).unwrap();
        assert_eq!(refused(&kept, CORDON), "patch nodes");
    }

    #[test]
    fn what_is_asked_is_bounded_and_asked_once() {
        let commands: Vec<String> =
            (0..60).map(|it| format!("kubectl delete pod a -n n{} --dry-run=server", it % 30)).collect();
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        let requests = wanted(&remedies(&commands));
        assert_eq!((requests.len(), namespaces(&requests).len()), (30, NAMESPACES));
        assert_eq!(namespaces(&requests)[..2], ["n0", "n1"]);
        let nodes: Vec<String> = (0..60).map(|it| format!("kubectl cordon n{it} --dry-run=server")).collect();
        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
        assert_eq!(single(&wanted(&remedies(&nodes)), &BTreeSet::new()).len(), REQUESTS);
    }
}
