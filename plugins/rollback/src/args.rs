//! What was typed, and what it means.

use crate::choice::Wanted;
use clap::Args as ClapArgs;
use sre_core::resource::Resource;
use sre_runtime::args::{ChangeFlags, type_and_name};
use sre_runtime::error::Error;
use std::time::Duration;

pub(crate) const ABOUT: &str =
    "Go back to the last revision that is known to work: Deployment, StatefulSet, DaemonSet, Helm release, route";

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What does not get on after a rollout, to choose from (at a terminal)
  kubectl sre rollback -n shop
  # What revisions there are, which of them worked, and what shows it
  kubectl sre rollback deployment/web -n shop --list
  # What going back would change; nothing is changed
  kubectl sre rollback deployment/web -n shop --dry-run
  # Go back to the last revision that is known to work, and wait until it runs
  kubectl sre rollback deployment/web -n shop
  # The same, and see for five minutes that it lasts, and that users are served as the profile promises
  kubectl sre rollback deployment/web -n shop --watch-for 5m --profile shop
  # Go to a certain revision, without a question
  kubectl sre rollback sts/db -n shop --to-revision 3 --confirm db
  # A release of Helm: its revisions, then what going back does to its objects, then doing it
  kubectl sre rollback helm web -n shop --list
  kubectl sre rollback helm web -n shop --dry-run
  kubectl sre rollback helm web -n shop
  # A route (Istio's VirtualService, an HTTPRoute): its canary gets no traffic any more
  kubectl sre rollback route web -n shop --dry-run";

/// What was typed.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
    /// What to roll back: TYPE/NAME, or TYPE NAME; TYPE is deployment, statefulset or daemonset, or its short name, helm for a release, or route (a VirtualService or an HTTPRoute). At a terminal it may be left out, to choose
    #[arg(value_name = "TYPE/NAME", num_args = 0..=2)]
    target: Vec<String>,

    /// Go to this revision, whatever is known of it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    to_revision: Option<i64>,

    /// Where to go when no number is named
    #[arg(long, value_name = "WHERE", value_parser = ["last-healthy"], default_value = "last-healthy",
          conflicts_with = "to_revision")]
    to: String,

    /// Pause the Argo CD Application or the Flux object that keeps the workload first; the plan says what resumes it
    #[arg(long)]
    pause_gitops: bool,

    /// Of a route: the destination that is on trial, where neither its name nor its share tells
    #[arg(long, value_name = "DESTINATION")]
    canary: Option<String>,

    /// Watch for so long afterwards (5m): the rollout stays complete, no container starts anew, and the profile's objectives are kept, by Prometheus
    #[arg(long, value_name = "DURATION", value_parser = watched)]
    watch_for: Option<Duration>,

    /// Print the revisions and plan nothing
    #[arg(long)]
    list: bool,

    #[command(flatten)]
    change: ChangeFlags,
}

/// What it means.
#[derive(Debug)]
pub(crate) struct Request {
    /// What is rolled back; none where it is to be chosen.
    pub(crate) target: Option<Target>,
    pub(crate) wanted: Wanted,
    pub(crate) pauses_gitops: bool,
    pub(crate) is_list: bool,
    pub(crate) watch_for: Option<Duration>,
    pub(crate) canary: Option<String>,
    pub(crate) change: ChangeFlags,
}

/// What is rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A workload.
    Workload(Named),
    /// A release of Helm, by its name.
    Release(String),
    /// A route, by its kind where that was said, and its name.
    Route(Option<Resource>, String),
}

/// What shares traffic between destinations.
pub(crate) const ROUTES: [&str; 2] = ["VirtualService", "HTTPRoute"];

/// A workload by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) kind: Kind,
    pub(crate) name: String,
}

/// What has revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Deployment, Self::StatefulSet, Self::DaemonSet];

    /// As the API spells it, and its plural.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Deployment => ("Deployment", "deployments"),
            Self::StatefulSet => ("StatefulSet", "statefulsets"),
            Self::DaemonSet => ("DaemonSet", "daemonsets"),
        }
    }

    /// By the names that kubectl knows.
    fn named(word: &str) -> Option<Self> {
        match Resource::named(word)?.kind.as_str() {
            "Deployment" => Some(Self::Deployment),
            "StatefulSet" => Some(Self::StatefulSet),
            "DaemonSet" => Some(Self::DaemonSet),
            _ => None,
        }
    }
}

impl Args {
    /// What was meant.
    ///
    /// # Errors
    /// Says what is missing or makes no sense.
    pub(crate) fn validate(self) -> Result<Request, Error> {
        let target = if self.target.is_empty() { None } else { Some(target(&self.target)?) };
        let wanted = self.to_revision.map_or(Wanted::LastHealthy, Wanted::Number);
        let is_route = matches!(target, Some(Target::Route(..)));
        let meaningless = [
            ("--canary", !is_route && self.canary.is_some(), "it is for a route: kubectl sre rollback route NAME"),
            ("--to-revision", is_route && self.to_revision.is_some(), "a route has no revisions"),
            ("--list", is_route && self.list, "a route has no revisions; --dry-run shows what is behind it"),
        ];
        if let Some((flag, _, why)) = meaningless.into_iter().find(|(_, is_so, _)| *is_so) {
            return Err(Error::Usage { message: format!("{flag} means nothing here"), hint: why.to_owned() });
        }
        Ok(Request {
            target,
            wanted,
            pauses_gitops: self.pause_gitops,
            is_list: self.list,
            watch_for: self.watch_for,
            canary: self.canary,
            change: self.change,
        })
    }
}

fn watched(text: &str) -> Result<Duration, String> {
    let length = sre_runtime::flags::duration(text).filter(|it| (10..=3600).contains(&it.as_secs()));
    length.ok_or_else(|| format!("{text:?} is no time from 10s to 1h; type for example 5m"))
}

pub(crate) const HINT: &str = "type for example: kubectl sre rollback deployment/web -n shop --dry-run";

fn target(words: &[String]) -> Result<Target, Error> {
    let (kind, name) = type_and_name(words, HINT)?;
    if kind.eq_ignore_ascii_case("route") {
        return Ok(Target::Route(None, name.to_owned()));
    }
    if let Some(resource) = Resource::named(kind).filter(|it| ROUTES.contains(&it.kind.as_str())) {
        return Ok(Target::Route(Some(resource), name.to_owned()));
    }
    if kind.eq_ignore_ascii_case("helm") {
        return Ok(Target::Release(name.to_owned()));
    }
    let known = Kind::named(kind).ok_or_else(|| Error::Usage {
        message: format!("a {kind} cannot be gone back with: deployment, statefulset, daemonset, helm and route can"),
        hint: HINT.to_owned(),
    })?;
    Ok(Target::Workload(Named { kind: known, name: name.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Result<(Kind, String), String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match target(&words).map_err(|error| error.to_string())? {
            Target::Workload(it) => Ok((it.kind, it.name)),
            Target::Release(name) => Err(format!("release {name}")),
            Target::Route(kind, name) => Err(format!("route {} {name}", kind.map_or("?".to_owned(), |it| it.kind))),
        }
    }

    #[test]
    fn targets_are_named_as_for_kubectl() {
        for named in
            [&["deploy/web"][..], &["deployments.apps/web"], &["Deployment", "web"], &["deployment.v1.apps/web"]]
        {
            assert_eq!(words(named), Ok((Kind::Deployment, "web".to_owned())), "{named:?}");
        }
        assert_eq!(words(&["sts/db"]), Ok((Kind::StatefulSet, "db".to_owned())));
        assert_eq!(words(&["ds", "agent"]), Ok((Kind::DaemonSet, "agent".to_owned())));
        assert_eq!(words(&["helm", "web"]), Err("release web".to_owned()));
        assert_eq!(words(&["route", "web"]), Err("route ? web".to_owned()));
        assert_eq!(words(&["vs/web"]), Err("route VirtualService web".to_owned()));
        for wrong in [&[][..], &["web"], &["pod/web"], &["deploy/"], &["deploy/a/b"]] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }
}
