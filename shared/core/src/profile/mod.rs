//! A profile: what a team says about its system, in a file that is read strictly.

mod exclusion;
mod monitoring;
mod objective;
mod thresholds;

pub use exclusion::{Excluded, Exclusion};
pub use monitoring::Endpoint;
pub use objective::{Levels, Objective};
pub use thresholds::{LIMITS, Limit, LimitInfo, Thresholds};

use crate::inquiry::Target;
use crate::object::ObjectRef;
use crate::strict::{self, Cursor, Problem};

/// What the file's first lines must say.
const API_VERSION: &str = "kubectl-sre/v1alpha1";
const KIND: &str = "Profile";

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
    /// CronJobs that make its backups, besides those whose names say so.
    backups: Vec<String>,
    /// Where it tells of its health.
    pub endpoints: Vec<Endpoint>,
    /// What is promised of it.
    pub objectives: Vec<Objective>,
}

impl Profile {
    /// The addresses that are asked from here, and not through the API server.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let endpoints = self.endpoints.iter().map(|endpoint| &endpoint.target);
        let targets = self.prometheus.iter().chain(&self.alertmanager).chain(endpoints);
        targets.filter_map(|target| match target {
            Target::Url(address) => Some(address.as_str()),
            Target::Service(_) => None,
        })
    }

    /// Whether an object is named as one that makes backups.
    pub fn names_backup(&self, object: &ObjectRef) -> bool {
        self.backups.iter().any(|pattern| exclusion::is_like(pattern, object))
    }

    /// Reads a profile; `checks` are the ids that exclusions may name.
    ///
    /// # Errors
    /// Every problem of the file at once, each with its line.
    pub fn parse(text: &str, checks: &[&str]) -> Result<Self, Vec<Problem>> {
        strict::read(text, |document| profile(document, checks))
    }
}

fn profile(document: &Cursor<'_>, checks: &[&str]) -> Option<Profile> {
    const FIELDS: [&str; 10] = [
        "apiVersion",
        "kind",
        "name",
        "thresholds",
        "exclusions",
        "prometheus",
        "alertmanager",
        "endpoints",
        "slos",
        "backups",
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
    let endpoints = fields.optional("endpoints").map_or(Some(Vec::new()), |it| it.each(Endpoint::read));
    let objectives = fields.optional("slos").map_or(Some(Vec::new()), |it| it.each(Objective::read));
    let backups = fields.optional("backups").map_or(Some(Vec::new()), |it| it.each(|one| one.parsed(cron_job)));
    version.and(kind)?;
    Some(Profile {
        name: name?,
        thresholds: thresholds?,
        exclusions: exclusions?,
        prometheus: prometheus?,
        alertmanager: alertmanager?,
        endpoints: endpoints?,
        objectives: objectives?,
        backups: backups?,
    })
}

fn cron_job(text: &str) -> Result<String, String> {
    let is_of_cron_jobs = text.starts_with("CronJob/") && text.split('/').count() == 3;
    let help = || format!("{text} names no CronJobs; write CronJob/namespace/name, with * for any letters");
    if is_of_cron_jobs { Ok(text.to_owned()) } else { Err(help()) }
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
