//! A profile: what a team says about its system, in a file that is read strictly.

mod component;
mod database;
mod exclusion;
mod heap;
mod knob;
mod log_fields;
mod members;
mod monitoring;
mod objective;
mod performance;
mod thresholds;

pub use component::{Component, Scaler, Vital};
pub use database::{Bounds, Database};
pub use exclusion::{Excluded, Exclusion};
pub use heap::Heap;
pub use knob::Knob;
pub use log_fields::LogFields;
pub use members::{Leaving, Members, Pods};
pub use monitoring::{Endpoint, Kubelets, Summary};
pub use objective::{Levels, Objective};
pub use performance::{Counsel, Measure, MeasureUnit};
pub use thresholds::{LIMITS, Limit, LimitInfo, LimitUnit, Thresholds};

use crate::incident::{NotifyTarget, Procedure, SilenceLimits};
use crate::inquiry::Target;
use crate::object::ObjectRef;
use crate::object_pattern::ObjectPattern;
use crate::policy::{KUBILITICS, Policy};
use crate::strict::{self, Cursor, Fields, Problem};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What the file's first lines must say.
const API_VERSION: &str = "kubectl-sre/v1alpha1";
const KIND: &str = "Profile";
/// The part that says what may be done.
const POLICY: &str = "safetyPolicy";

/// What a team says about its system.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// What the system is called.
    pub name: String,
    /// From where on something is worth a word.
    pub thresholds: Thresholds,
    /// What is known and accepted, by whom, why, and until when.
    pub exclusions: Vec<Exclusion>,
    /// Where its Prometheus is; without it, it is looked for.
    pub prometheus: Option<Target>,
    /// Where its Alertmanager is; without it, it is looked for.
    pub alertmanager: Option<Target>,
    /// Whether its kubelets are asked for what volumes hold.
    pub kubelets: Kubelets,
    /// CronJobs that make its backups, besides those whose names say so.
    backups: Vec<ObjectPattern>,
    /// Where it tells of its health.
    pub endpoints: Vec<Endpoint>,
    /// What is promised of it.
    pub objectives: Vec<Objective>,
    /// What Prometheus is asked of its speed.
    pub performance: Vec<Measure>,
    /// What is done about classes of causes.
    pub answers: Vec<Counsel>,
    /// How the fields of its logs are called.
    pub log_fields: LogFields,
    /// Its parts, and what sets their size.
    pub components: Vec<Component>,
    /// What each severity of an incident demands, and by when.
    pub procedure: Procedure,
    /// Who is told of an incident, and how.
    pub notify: Vec<NotifyTarget>,
    /// The namespace in which incidents are shared.
    pub shared_in: Option<String>,
    /// How far silences of an incident go.
    pub silences: SilenceLimits,
    /// The image of the pod that asks where no pod of a client can.
    pub probe_image: Option<String>,
    /// Whether it is production, if the team says so.
    pub production: Option<bool>,
    /// What may be done to it.
    pub policy: Policy,
}

impl Profile {
    /// The addresses that are asked from here, and not through the API server.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let endpoints = self.endpoints.iter().map(|endpoint| &endpoint.target);
        let targets = self.prometheus.iter().chain(&self.alertmanager).chain(endpoints);
        targets.filter_map(|target| match target {
            Target::Url(address) => Some(address.as_str()),
            Target::Service(_) | Target::Node(_) | Target::Database(_) => None,
        })
    }

    /// Whether an object is named as one that makes backups.
    pub fn names_backup(&self, object: &ObjectRef) -> bool {
        self.backups.iter().any(|pattern| pattern.matches(object))
    }

    /// Reads a profile.
    ///
    /// `checks` are the ids that exclusions may name; where there are none, no check is run and any may be named.
    ///
    /// # Errors
    /// Every problem of the file at once, each with its line.
    pub fn parse(text: &str, checks: &[&str]) -> Result<Self, Vec<Problem>> {
        strict::read(text, |document| profile(document, checks))
    }
}

fn profile(document: &Cursor<'_>, checks: &[&str]) -> Option<Profile> {
    const FIELDS: [&str; 20] = [
        "apiVersion",
        "kind",
        "name",
        "thresholds",
        "exclusions",
        "prometheus",
        "alertmanager",
        "kubelets",
        "endpoints",
        "slos",
        "performance",
        "answers",
        "logFields",
        "backups",
        "components",
        "incident",
        "production",
        "probe",
        POLICY,
        KUBILITICS,
    ];
    let fields = document.fields(&FIELDS)?;
    let version = fields.required("apiVersion").and_then(|it| it.choice(&[(API_VERSION, ())]));
    let kind = fields.required("kind").and_then(|it| it.choice(&[(KIND, ())]));
    let name = fields.required("name").and_then(|it| it.text());
    let thresholds = fields.optional("thresholds").map_or(Some(Thresholds::default()), |it| Thresholds::read(&it));
    let exclusions = fields.optional("exclusions");
    let exclusions = exclusions.map_or(Some(Vec::new()), |it| it.each(|one| Exclusion::read(one, checks)));
    let place = |name| fields.optional(name).map_or(Some(None), |it| monitoring::place(&it).map(Some));
    let (prometheus, alertmanager) = (place("prometheus"), place("alertmanager"));
    let kubelets = fields.optional("kubelets").map_or(Some(Kubelets::default()), |it| Kubelets::read(&it));
    let endpoints =
        fields.optional("endpoints").map_or(Some(Vec::new()), |it| named_once(&it, Endpoint::read, |it| &it.name));
    let objectives =
        fields.optional("slos").map_or(Some(Vec::new()), |it| named_once(&it, Objective::read, |it| &it.name));
    let performance =
        fields.optional("performance").map_or(Some(Vec::new()), |it| named_once(&it, Measure::read, |it| &it.name));
    let answers = fields.optional("answers").map_or(Some(Vec::new()), |it| it.each(Counsel::read));
    let log_fields = fields.optional("logFields").map_or(Some(LogFields::default()), |it| LogFields::read(&it));
    let backups = fields.optional("backups").map_or(Some(Vec::new()), |it| it.each(|one| one.parsed(cron_job)));
    let components =
        fields.optional("components").map_or(Some(Vec::new()), |it| named_once(&it, Component::read, |it| &it.name));
    let incident = fields.optional("incident").map_or(Some(None), |it| incident(&it).map(Some));
    let production = fields.optional("production").map_or(Some(None), |it| it.truth().map(Some));
    let probe_image = fields.optional("probe").map_or(Some(None), |it| probe_image(&it).map(Some));
    let policy = policy(&fields);
    version.and(kind)?;
    let (components, performance, answers) = (components?, performance?, answers?);
    fit(&fields, &components, &performance, &answers)?;
    let (procedure, notify, shared_in, silences) = incident?.unwrap_or_default();
    Some(Profile {
        name: name?,
        thresholds: thresholds?,
        exclusions: exclusions?,
        prometheus: prometheus?,
        alertmanager: alertmanager?,
        kubelets: kubelets?,
        endpoints: endpoints?,
        objectives: objectives?,
        performance,
        answers,
        log_fields: log_fields?,
        components,
        procedure,
        notify,
        shared_in,
        silences,
        probe_image: probe_image?,
        production: production?,
        policy: policy?,
        backups: backups?,
    })
}

/// Whether measures and answers name components that there are, and values that their settings take.
fn fit(fields: &Fields<'_>, components: &[Component], measures: &[Measure], answers: &[Counsel]) -> Option<()> {
    let named = measures.iter().map(|it| ("performance", &it.component));
    let named = named.chain(answers.iter().map(|it| ("answers", &it.component)));
    let mut problems = Vec::new();
    for (field, name) in named.filter_map(|(field, name)| Some((field, name.as_ref()?))) {
        if components.iter().all(|it| it.name != *name) {
            problems.push((field, format!("there is no component {name}")));
        }
    }
    for answer in answers {
        let component = components.iter().find(|it| Some(&it.name) == answer.component.as_ref());
        for (name, value) in answer.settings.iter().filter_map(|it| it.split_once('=')) {
            let knob = component.and_then(|it| it.knobs.iter().find(|knob| knob.name == name));
            problems.extend(knob.and_then(|knob| knob.wrong(Some(value))).map(|why| ("answers", why)));
        }
    }
    for (field, why) in &problems {
        fields.optional(field)?.wrong(why.as_str());
    }
    problems.is_empty().then_some(())
}

/// The image, which must be a name and nothing that a node could take for another one.
fn probe_image(cursor: &Cursor<'_>) -> Option<String> {
    let fields = cursor.fields(&["image"])?;
    let image = |text: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte);
        let is_image = !text.is_empty() && text.len() <= 512 && text.bytes().all(is_part);
        if is_image { Ok(text.to_owned()) } else { Err(format!("{text} is no name of an image")) }
    };
    fields.required("image")?.parsed(image)
}

/// What severities demand, who is told, where it is shared, and how far silences go.
type OfIncident = (Procedure, Vec<NotifyTarget>, Option<String>, SilenceLimits);

fn incident(cursor: &Cursor<'_>) -> Option<OfIncident> {
    let fields = cursor.fields(&["severities", "notify", "namespace", "silences"])?;
    let severities = fields.optional("severities");
    let procedure = severities.map_or(Some(Procedure::default()), |it| Procedure::read(&it));
    let notify = fields.optional("notify").map_or(Some(Vec::new()), |it| NotifyTarget::read_all(&it));
    let shared_in = fields.optional("namespace").map_or(Some(None), |it| it.parsed(namespace).map(Some));
    let silences = fields.optional("silences").map_or(Some(SilenceLimits::default()), |it| SilenceLimits::read(&it));
    Some((procedure?, notify?, shared_in?, silences?))
}

/// What a namespace can be called, for it becomes a part of a path.
fn namespace(text: &str) -> Result<String, String> {
    let is_inner = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    let ends = text.as_bytes().first().into_iter().chain(text.as_bytes().last());
    let is_one = text.len() <= 63 && text.bytes().all(|it| is_inner(it) || it == b'-') && ends.copied().all(is_inner);
    is_one.then(|| text.to_owned()).ok_or_else(|| format!("no namespace can be called {text:?}"))
}

/// The items of a list of which no two have the same name: they are told apart by it.
fn named_once<T>(
    list: &Cursor<'_>,
    read: impl Fn(&Cursor<'_>) -> Option<T>,
    name: impl Fn(&T) -> &str,
) -> Option<Vec<T>> {
    let seen = RefCell::new(BTreeSet::new());
    list.each(|one| {
        let item = read(one)?;
        if !seen.borrow_mut().insert(name(&item).to_owned()) {
            one.wrong(format!("another one is called {} too; they are told apart by the name", name(&item)));
        }
        Some(item)
    })
}

/// The part is ours, or it is that of Kubilitics' file as it stands there.
fn policy(fields: &Fields<'_>) -> Option<Policy> {
    match (fields.optional(POLICY), fields.optional(KUBILITICS)) {
        (None, None) => Some(Policy::default()),
        (Some(ours), None) => Policy::read(&ours),
        (None, Some(theirs)) => Policy::read_kubilitics(&theirs),
        (Some(_), Some(theirs)) => {
            theirs.wrong(format!("either {POLICY} or {KUBILITICS}, not both"));
            None
        }
    }
}

fn cron_job(text: &str) -> Result<ObjectPattern, String> {
    let is_of_cron_jobs = text.starts_with("CronJob/") && text.split('/').count() == 3;
    let help = || format!("{text} names no CronJobs; write CronJob/namespace/name, with * for any letters");
    if is_of_cron_jobs { ObjectPattern::parse(text) } else { Err(help()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n";

    fn problems(rest: &str) -> Vec<String> {
        let problems = Profile::parse(&format!("{HEAD}{rest}"), &["NET-01", "POD-02"]).expect_err("a wrong profile");
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_profile_is_read() {
        let text = format!(
            "{HEAD}thresholds:\n  quotaPercent: 70\nexclusions:\n- check: NET-01\n  objects: [Service/shop/legacy-*]\n  \
             reason: moved out in January\n  owner: team-shop\n  expires: 2026-12-31\n"
        );
        let profile = Profile::parse(&text, &["NET-01"]).expect("a right profile");
        assert_eq!((profile.name.as_str(), profile.exclusions.len()), ("shop", 1));
        assert!((profile.thresholds.of(Limit::QuotaPercent) - 70.0).abs() < f64::EPSILON);
        assert!(
            (profile.thresholds.of(Limit::CertificateDays) - 14.0).abs() < f64::EPSILON,
            "what it says nothing about stays"
        );
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let rest = "treshholds: {}\nexclusions:\n- check: NET-1\n  reason: known\n  expires: 2026-13-01\n- reason: all of it\n  owner: me\n  expires: 2027-01-01\n";
        assert_eq!(
            problems(rest),
            [
                "line 4, column 1: treshholds: unknown field; did you mean thresholds?",
                "line 6, column 3: exclusions[0]: owner is missing",
                "line 6, column 10: exclusions[0].check: NET-1 is no check; did you mean NET-01?",
                "line 8, column 12: exclusions[0].expires: 2026-13-01 is no date; write for example 2026-12-31",
                "line 9, column 3: exclusions[1]: without check, objects or selector it would hide everything",
            ]
        );
    }

    #[test]
    fn a_policy_is_ours_or_that_of_kubilitics_and_not_both() {
        let parse = |rest: &str| Profile::parse(&format!("{HEAD}{rest}"), &[]);
        let (ours, theirs) = ("safetyPolicy: {autonomyLevel: 2}\n", "safety_policy: {autonomy_level: 2}\n");
        let policies = [ours, theirs].map(|text| parse(text).expect("a right profile").policy);
        assert!(policies[0] == policies[1] && policies[0] != Policy::default());
        let both = problems(&format!("{ours}{theirs}"));
        assert_eq!(both, ["line 5, column 16: safety_policy: either safetyPolicy or safety_policy, not both"]);
        assert_eq!(parse("production: false\n").expect("a right profile").production, Some(false));
        assert_eq!(problems("production: no\n").len(), 1);
    }

    #[test]
    fn what_is_done_about_a_class_fits_the_components() {
        let component =
            "components:\n- {name: web, workloads: [Deployment/shop/web], knobs: [{name: TTL, type: integer}]}\n";
        let answer = |more: &str| format!("{component}answers:\n- {{class: response-slow, component: {more}}}\n");
        let right = format!("{HEAD}{}", answer("web, set: [TTL=60, OTHER=x]"));
        assert_eq!(Profile::parse(&right, &[]).expect("a right profile").answers.len(), 1);
        assert_eq!(
            problems(&answer("web, set: [TTL=soon]")),
            ["line 7, column 3: answers: TTL takes a whole number, not \"soon\""]
        );
        assert_eq!(problems(&answer("api, set: [TTL=60]")), ["line 7, column 3: answers: there is no component api"]);
    }

    #[test]
    fn an_exclusion_of_no_object_hides_nothing_and_is_refused() {
        let rest = "exclusions:\n- objects: []\n  reason: r\n  owner: o\n  expires: 2027-01-01\n";
        let place = "line 5, column 12: exclusions[0].objects";
        assert_eq!(problems(rest), [format!("{place}: must not be empty; leave it out where every object is meant")]);
    }

    #[test]
    fn two_of_one_name_are_refused() {
        let endpoint = "- {name: web, service: 'shop/web:80', path: /health}\n";
        assert_eq!(
            problems(&format!("endpoints:\n{endpoint}{endpoint}")),
            ["line 6, column 3: endpoints[1]: another one is called web too; they are told apart by the name"]
        );
        let objective = "- {name: a, objective: 99, errors: 'e[$window]', total: 't[$window]'}\n";
        assert_eq!(problems(&format!("slos:\n{objective}{objective}")).len(), 1);
    }

    #[test]
    fn the_image_of_a_probe_is_a_name() {
        let parse = |image: &str| Profile::parse(&format!("{HEAD}probe: {{image: {image}}}\n"), &[]);
        let named = parse("registry.example:5000/a/curl@sha256:12").expect("a profile").probe_image;
        assert_eq!(named.as_deref(), Some("registry.example:5000/a/curl@sha256:12"));
        assert_eq!(problems("probe: {image: 'a b'}\n"), ["line 4, column 16: probe.image: a b is no name of an image"]);
        assert_eq!(problems("probe: {}\n"), ["line 4, column 8: probe: image is missing"]);
    }

    #[test]
    fn what_makes_backups_can_be_named() {
        let profile = Profile::parse(&format!("{HEAD}backups: [CronJob/shop/nightly-*]\n"), &[]).expect("a profile");
        assert!(profile.names_backup(&ObjectRef::namespaced("CronJob", "shop", "nightly-pg")));
        assert!(!profile.names_backup(&ObjectRef::namespaced("CronJob", "other", "nightly-pg")));
        let wrong = problems("backups: [Job/shop/a]\n");
        assert!(wrong.len() == 1 && wrong[0].contains("Job/shop/a names no CronJobs; "), "{wrong:?}");
    }

    #[test]
    fn another_kind_of_file_is_told_so() {
        let problems = Profile::parse("apiVersion: v1\nkind: Pod\nname: x\n", &[]).expect_err("no profile");
        assert_eq!(problems[0].to_string(), "line 1, column 13: apiVersion: v1 is none of kubectl-sre/v1alpha1");
    }
}
