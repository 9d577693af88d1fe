//! What was typed, and what it means.

use crate::alert::AlertNamed;
use crate::probe::{self, ProbeArgs};
use crate::record::Asked;
use clap::{Args as ClapArgs, Subcommand};
use jiff::SignedDuration;
use sre_core::check::Sight;
use sre_core::object::ObjectRef;
use sre_core::profile::Profile;
use sre_core::resource::Resource;
use sre_core::slim::{KINDS, LabelSelector};
use sre_core::snapshot::NamespaceScope;
use sre_core::units::seconds_of;
use sre_core::view::View;
use sre_runtime::args::{FailOn, OutputFormat};
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// One line for the table of commands.
pub const ABOUT: &str = "Say what is broken now, and the root cause of it; keep the record of an incident";

/// What people type.
pub const EXAMPLES: &str = "\
Examples:
  # what is broken in the whole cluster, by its causes
  kubectl sre incident

  # one namespace, all evidence
  kubectl sre incident -n shop -o wide

  # why one thing does not work: only the causes that reach it
  kubectl sre incident triage service/web -n shop
  kubectl sre incident triage node/worker-3

  # what an alert is about that fires now
  kubectl sre incident triage --alert 'KubePodCrashLooping{namespace=shop}'

  # objects that somebody sent, or an archive
  kubectl sre incident triage --from objects.yaml
  kubectl sre incident triage deployment/web -n shop --from monday.tar.zst

  # without the logs of failing containers
  kubectl sre incident triage --no-logs

  # with what a profile asks Prometheus about performance; without any measurement
  kubectl sre incident triage deployment/kubilitics-backend --profile kubilitics
  kubectl sre incident triage --no-metrics

  # and ask its PostgreSQL server itself: connections, long transactions, slow statements, locks
  kubectl sre incident triage statefulset/postgres -n shop --ask-database

  # what all components wrote about one request
  kubectl sre incident logs --field trace_id=abc123 -n shop
  # what was changed within a day before each first symptom
  kubectl sre incident triage --window 24h

  # whether a client reaches what it needs, asked from its own pod
  kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop

  # for a program
  kubectl sre incident triage -o json

  # the record of an incident, on this machine; no cluster is asked
  kubectl sre incident declare --sev 1 --title 'checkout is down' -n shop
  kubectl sre incident declare --sev 1 --title 'checkout is down' -n shop --shared
  kubectl sre incident note 'rolled back to revision 14'
  kubectl sre incident status
  kubectl sre incident resolve";

const TRIAGE_EXAMPLES: &str = "\
Examples:
  kubectl sre incident triage
  kubectl sre incident triage pod/web-7d4b9c-x2x7z -n shop
  kubectl sre incident triage --alert CheckoutIsDown --profile runbooks/shop.yaml
  kubectl sre incident triage ingress/front -n shop --from monday.tar.zst";

const SEARCH_EXAMPLES: &str = "\
Examples:
  # what all components wrote about one request, in the order of time
  kubectl sre incident logs --field trace_id=abc123 -n kubilitics --profile kubilitics
  kubectl sre incident logs --field level=ERROR --field user_id=42 -n shop -l app=web";

/// What was typed.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Leave out what failing containers wrote last
    #[arg(long, global = true)]
    no_logs: bool,
    /// Ask nobody for measurements: neither Prometheus nor metrics.k8s.io
    #[arg(long, global = true)]
    no_metrics: bool,
    /// Ask PostgreSQL servers too, by psql in their containers (create pods/exec), in a session that may only read
    #[arg(long, global = true, conflicts_with = "no_metrics")]
    ask_database: bool,
    /// How long before the first symptom of a cause a change is suspected
    #[arg(long, global = true, value_name = "DURATION", default_value = "2h", value_parser = window)]
    window: SignedDuration,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Find the root causes of what is broken, everywhere or behind one object
    #[command(after_help = TRIAGE_EXAMPLES)]
    Triage(TriageArgs),
    /// Find the lines of all components that carry a value in a field
    #[command(after_help = SEARCH_EXAMPLES)]
    Logs(SearchArgs),
    /// Ask from a client's own pod whether it reaches a name, a port, a URL or a database
    #[command(after_help = probe::EXAMPLES)]
    Probe(ProbeArgs),
    #[command(flatten)]
    Record(Asked),
}

#[derive(ClapArgs, Clone, Debug, Default)]
struct TriageArgs {
    /// What does not work: TYPE/NAME, or TYPE NAME; everything in scope without it
    #[arg(value_name = "TYPE/NAME", num_args = 0..=2)]
    target: Vec<String>,
    /// Start from what an alert that fires is about, as Alertmanager tells it
    #[arg(long, value_name = "NAME[{LABEL=VALUE,...}]", value_parser = AlertNamed::of, conflicts_with = "target")]
    alert: Option<AlertNamed>,
}

/// What is looked for in logs.
#[derive(ClapArgs, Clone, Debug)]
pub struct SearchArgs {
    /// A field of structured logs and its value; several must all be there
    #[arg(long, value_name = "NAME=VALUE", required = true)]
    pub field: Vec<String>,
}

/// What it means.
pub struct Request {
    /// The object to start from, as it was named.
    pub target: Option<Target>,
    /// The alerts to start from, as they were named.
    pub alert: Option<AlertNamed>,
    /// Where to look.
    pub namespaces: NamespaceScope,
    /// Labels that whom a cause has to do with must carry.
    pub labels: Option<LabelSelector>,
    /// What the team says of its system.
    pub profile: Profile,
    /// Whether logs are read.
    pub with_logs: bool,
    /// Whether measurements are asked for.
    pub with_metrics: bool,
    /// Whether what is stored is asked, and not a cluster.
    pub is_stored: bool,
    /// Whether PostgreSQL servers are asked that no profile has asked.
    pub ask_database: bool,
    /// How long before the first symptom a change is suspected.
    pub window: SignedDuration,
    /// What makes the exit code 1.
    pub fail_on: FailOn,
    /// How much to say.
    pub output: OutputFormat,
}

/// An object that was named by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its kind.
    pub resource: Resource,
    /// Its name.
    pub name: String,
}

fn usage(message: String) -> Error {
    Error::Usage { message, hint: "type for example: kubectl sre incident triage deployment/web -n shop".to_owned() }
}

impl Request {
    /// Everything in these namespaces.
    ///
    /// # Errors
    /// Fails when the profile cannot be read.
    pub fn of_everything(session: &Session, namespaces: NamespaceScope) -> Result<Self, Error> {
        Ok(Self {
            target: None,
            alert: None,
            namespaces,
            labels: None,
            with_logs: true,
            with_metrics: true,
            is_stored: !session.is_live(),
            ask_database: false,
            window: WINDOW,
            profile: session.profile(&[])?,
            fail_on: session.report_flags().fail_on,
            output: session.report_flags().output,
        })
    }
}

impl Request {
    /// Whether somebody says which databases are to be asked: a command in every pod with a known image is too much to
    /// mean by one word.
    fn names_database(&self) -> Result<(), Error> {
        let is_named = self.profile.components.iter().any(|it| it.database.is_some());
        if !self.ask_database || self.is_stored || is_named || self.is_of_a_part() {
            return Ok(());
        }
        Err(Error::Usage {
            message: "--ask-database: which one? all of a whole cluster are not asked".to_owned(),
            hint:
                "name what does not work (triage TYPE/NAME), a namespace (-n NAMESPACE), or a profile whose components \
                   have a database"
                    .to_owned(),
        })
    }

    /// Whether it is about one object of a namespace, or about one namespace.
    pub fn is_of_a_part(&self) -> bool {
        self.target.as_ref().is_some_and(|it| it.resource.is_namespaced) || self.namespaces.one().is_some()
    }
}

/// How long before the first symptom a change is suspected, where nobody says it.
const WINDOW: SignedDuration = SignedDuration::from_hours(2);

impl Args {
    /// Says who takes a word for what it does nothing to.
    ///
    /// # Errors
    /// Wrong usage where it is no triage and databases are to be asked.
    pub fn asks_databases_only_for_a_triage(&self) -> Result<(), Error> {
        let is_triage = matches!(self.what, None | Some(What::Triage(_)));
        if is_triage || !self.ask_database {
            return Ok(());
        }
        Err(Error::Usage {
            message: "--ask-database is for a triage".to_owned(),
            hint: "type for example: kubectl sre incident triage statefulset/postgres -n shop --ask-database"
                .to_owned(),
        })
    }

    /// What is asked of the record of an incident, if that is what is asked.
    pub fn of_record(&self) -> Option<Asked> {
        match &self.what {
            Some(What::Record(asked)) => Some(asked.clone()),
            _ => None,
        }
    }

    /// What is looked for in logs, if that is what is asked.
    pub fn of_search(&self) -> Option<SearchArgs> {
        match &self.what {
            Some(What::Logs(asked)) => Some(asked.clone()),
            _ => None,
        }
    }

    /// What is asked from a pod, if that is what is asked.
    pub fn of_probe(&self) -> Option<ProbeArgs> {
        match &self.what {
            Some(What::Probe(asked)) => Some(asked.clone()),
            _ => None,
        }
    }

    /// Makes a request of what was typed.
    ///
    /// # Errors
    /// Fails when the target is none, or the profile cannot be read.
    pub fn validate(self, session: &Session) -> Result<Request, Error> {
        let typed = match self.what {
            Some(What::Triage(typed)) => typed,
            Some(What::Record(_) | What::Logs(_) | What::Probe(_)) | None => TriageArgs::default(),
        };
        let request = Request {
            target: target(&typed.target)?,
            alert: typed.alert,
            namespaces: session.namespaces(),
            labels: session.selector()?,
            with_logs: !self.no_logs,
            with_metrics: !self.no_metrics,
            is_stored: !session.is_live(),
            ask_database: self.ask_database,
            window: self.window,
            profile: session.profile(&[])?,
            fail_on: session.report_flags().fail_on,
            output: session.report_flags().output,
        };
        request.names_database()?;
        Ok(request)
    }
}

/// Reads how long, as Go writes it; more than a week is no time before something.
fn window(text: &str) -> Result<SignedDuration, String> {
    const MOST: f64 = 7.0 * 24.0 * 3600.0;
    let seconds = seconds_of(text).filter(|seconds| (1.0..=MOST).contains(seconds));
    let wrong = || "a duration between 1s and 168h is wanted, such as 30m or 2h".to_owned();
    seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()).ok_or_else(wrong)
}

fn target(words: &[String]) -> Result<Option<Target>, Error> {
    let (kind, name) = match words {
        [] => return Ok(None),
        [one] => one.split_once('/').ok_or_else(|| usage(format!("{one:?} names no object: TYPE/NAME is wanted")))?,
        [kind, name, ..] => (kind.as_str(), name.as_str()),
    };
    if name.is_empty() || name.contains('/') {
        return Err(usage(format!("{:?} names no object: TYPE/NAME is wanted", words.join(" "))));
    }
    let resource = Resource::named(kind).ok_or_else(|| {
        usage(format!(
            "nothing is called {kind:?} here; kinds are named as for kubectl, such as deploy, svc, ing, pvc, node"
        ))
    })?;
    Ok(Some(Target { resource, name: name.to_owned() }))
}

/// The object that was named, once it is known what there is.
///
/// # Errors
/// Fails when it is not there, or stands in several namespaces.
pub fn found(request: &Request, view: &View<'_>) -> Result<Option<ObjectRef>, Error> {
    let Some(Target { resource, name }) = &request.target else {
        return labelled(request, view).map(|()| None);
    };
    let named = view.named(&resource.kind, name);
    match &named[..] {
        [one] => Ok(Some(one.clone())),
        [] => Err(unseen(view, &resource.kind, name)
            .unwrap_or_else(|| usage(format!("there is no {} {name} in {}", resource.kind, place(request))))),
        several => {
            let places: Vec<&str> = several.iter().filter_map(|object| object.namespace.as_deref()).collect();
            let message = format!("{} {name} stands in {} namespaces", resource.kind, several.len());
            Err(Error::Usage { message, hint: format!("say which with -n: {}", places.join(", ")) })
        }
    }
}

/// Labels that nothing carries are a slip of the pen: that nothing is wrong with nothing says nothing.
fn labelled(request: &Request, view: &View<'_>) -> Result<(), Error> {
    let Some(labels) = &request.labels else { return Ok(()) };
    let objects = &view.snapshot.objects;
    if objects.any(&|metadata| labels.matches(&metadata.labels)) || view.snapshot.is_empty() {
        return Ok(());
    }
    if view.snapshot.coverage.has_gaps() {
        let message = "no object that was seen has the labels of -l, and not everything could be looked at".to_owned();
        return Err(Error::Unseen { message, hint: "leave -l out to see what could not be looked at".to_owned() });
    }
    Err(Error::Usage {
        message: format!("no object in {} has the labels of -l", scope_words(request)),
        hint: "correct them, or see which there are: kubectl get pods -A --show-labels".to_owned(),
    })
}

fn scope_words(request: &Request) -> String {
    request.namespaces.one().map_or("all namespaces".to_owned(), |name| format!("namespace {name}"))
}

/// Why nothing is known of an object that was not seen, where its kind could not be looked at.
fn unseen(view: &View<'_>, kind: &str, name: &str) -> Option<Error> {
    let row = KINDS.iter().find(|row| row.name == kind)?;
    let gap = view.snapshot.coverage.gap(Sight::Of(row.kind))?;
    let message = format!("{kind} {name} could not be looked for: {} ({})", gap.detail, gap.reason.word());
    let hint = format!("whether you may: kubectl auth can-i list {}", row.plural);
    Some(Error::Unseen { message, hint })
}

fn place(request: &Request) -> String {
    request.namespaces.one().map_or("any namespace that was looked at".to_owned(), |name| format!("namespace {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(words: &[&str]) -> Result<Option<(String, String)>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let target = target(&words).map_err(|error| error.to_string())?;
        Ok(target.map(|it| (it.resource.kind, it.name)))
    }

    #[test]
    fn targets_are_named_as_for_kubectl() {
        let web = Ok(Some(("Deployment".to_owned(), "web".to_owned())));
        assert_eq!((named(&["deploy/web"]), named(&["deployment", "web"])), (web.clone(), web));
        assert_eq!(named(&[]), Ok(None));
        for wrong in [&["web"][..], &["deploy/"], &["thing/web"], &["deploy/a/b"]] {
            assert!(named(wrong).is_err(), "{wrong:?}");
        }
    }
}
