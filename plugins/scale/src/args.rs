//! What was typed, and what it means.

mod scalers;

pub(crate) use scalers::{Triggered, Vertical};

use crate::hpa::Wanted;
use crate::{nodes, resources};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args as ClapArgs, Command, Subcommand};
use jiff::{SignedDuration, Timestamp};
use sre_core::node_group::Provider;
use sre_runtime::args::{ChangeFlags, type_and_name};
use sre_runtime::error::Error;

pub(crate) const ABOUT: &str =
    "Set how many replicas run, once it is clear that they can and that nothing sets it back";

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What would happen, and what stands in the way; nothing is changed
  kubectl sre scale deployment/web --replicas 5 -n shop --dry-run
  # Choose from what is there at a terminal, what is not ready first
  kubectl sre scale -n shop
  # Scale, and wait until all are ready
  kubectl sre scale deployment/web --replicas 5 -n shop
  # Only if there are 3 now
  kubectl sre scale sts/db --replicas 5 --current-replicas 3 -n shop
  # Members of a cluster, each well before the next comes, as the profile says
  kubectl sre scale sts/redis --replicas 6 -n shop --profile ./shop.yaml
  # Down to none: the name is asked for, because the application is gone then
  kubectl sre scale deployment/web --replicas 0 -n shop --confirm web
  # Any resource that has the subresource scale
  kubectl sre scale rollouts.argoproj.io/web --replicas 4 -n shop
  # Move the bounds of the autoscaler that sets the number
  kubectl sre scale hpa web --min 4 --max 12 -n shop
  # Have KEDA leave the number alone
  kubectl sre scale keda web --pause --at 5 -n shop";

const RESOURCES_EXAMPLES: &str = "\
Examples:
  # What it would change, beside what a VerticalPodAutoscaler recommends; nothing is changed
  kubectl sre scale resources deployment/web --container app --requests cpu=500m,memory=1Gi -n shop --dry-run
  # Set them, and wait until the rollout is complete
  kubectl sre scale resources deployment/web --container app --requests cpu=500m --limits memory=2Gi -n shop
  # Resize the pods that run, and restart nothing; the template stays, so that pods to come have the size of before
  kubectl sre scale resources deployment/web --container app --limits memory=2Gi --in-place -n shop --dry-run
  # One pod
  kubectl sre scale resources pod/web-0 --container app --requests cpu=1 -n shop --dry-run";

const VOLUME_EXAMPLES: &str = "\
Examples:
  # Whether the volume can grow, and what does not grow with it; nothing is changed
  kubectl sre scale volume data-db-0 --size 20Gi -n shop --dry-run
  # Ask for the size; there is no way back, so that the name is asked for
  kubectl sre scale volume data-db-0 --size 20Gi -n shop --confirm data-db-0";

const NODES_EXAMPLES: &str = "\
Examples:
  # What would be run, and what is in the way of nodes that go; only commands that look are run
  kubectl sre scale nodes --group main --size 5 --dry-run
  # Run it, and wait until 5 nodes of the group are ready
  kubectl sre scale nodes --group main --size 5 --yes --timeout 15m
  # Beyond its bounds: they are moved in the same call
  kubectl sre scale nodes --group main --size 12 --max 12 --dry-run
  # A node pool of Azure, which the cluster does not tell where to find
  kubectl sre scale nodes --group pool1 --size 4 --resource-group shop --cluster-name prod --dry-run
  # A MachineDeployment of Cluster API
  kubectl sre scale nodes --group md-0 --size 4 --provider cluster-api -n clusters --dry-run";

const LOAD_EXAMPLES: &str = "\
Examples:
  # What half as much load again would need
  kubectl sre scale plan --load x1.5
  # Of one namespace, with the Prometheus that a profile names
  kubectl sre scale plan --load +50% -n shop --profile shop.yaml
  # Of what was seen before, as a document
  kubectl sre scale plan --load 200% --from monday.tar.zst -o json";

const HPA_EXAMPLES: &str = "\
Examples:
  # What it would decide now, and whether there is room up to its maximum; nothing is changed
  kubectl sre scale hpa web --max 12 -n shop --dry-run
  # Bounds for an event, and when they are to go back
  kubectl sre scale hpa web --min 6 --max 20 --until 8h -n shop
  # Targets of two metrics; the others stay
  kubectl sre scale hpa web --cpu 60 --metric queue_depth=20 -n shop
  # A new one
  kubectl sre scale hpa api --target deployment/api --min 2 --max 8 --cpu 70 --memory 80 -n shop";

/// What was typed.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    other: Option<Other>,

    /// What to scale: TYPE/NAME, or TYPE NAME; TYPE is deployment, statefulset, replicaset, their short names, or any
    /// other resource that can be scaled
    #[arg(value_name = "TYPE/NAME", num_args = 0..=2)]
    target: Vec<String>,

    /// How many replicas there are to be
    #[arg(long, value_name = "N")]
    replicas: Option<u16>,

    /// Refuse unless so many are wanted now
    #[arg(long, value_name = "N")]
    current_replicas: Option<u16>,

    #[command(flatten)]
    change: ChangeFlags,
}

/// What else is scaled.
#[derive(Subcommand, Debug)]
enum Other {
    /// Make a HorizontalPodAutoscaler, or change its bounds and targets; whatever is not named stays
    #[command(after_help = HPA_EXAMPLES)]
    Hpa(Hpa),
    /// Make a VerticalPodAutoscaler, or change when it acts, its bounds and its containers; whatever is not named stays
    #[command(after_help = scalers::VPA_EXAMPLES)]
    Vpa(scalers::Vpa),
    /// Pause a ScaledObject of KEDA, or have it scale again
    #[command(after_help = scalers::KEDA_EXAMPLES)]
    Keda(scalers::Keda),
    /// Set what a container of a Deployment or StatefulSet requests and may use; its pods are replaced, or resized in place
    #[command(after_help = RESOURCES_EXAMPLES)]
    Resources(ContainerResources),
    /// Make the volume of a claim larger
    #[command(after_help = VOLUME_EXAMPLES)]
    Volume(Volume),
    /// What so many times the load would need: replicas, nodes, quotas; nothing is changed
    #[command(after_help = LOAD_EXAMPLES)]
    Plan(Load),
    /// Set how many nodes a group has, by its provider's own command line or by Cluster API
    #[command(after_help = NODES_EXAMPLES)]
    Nodes(Nodes),
}

/// What was typed of a group of nodes.
#[derive(ClapArgs, Debug)]
pub(crate) struct Nodes {
    /// Name of the group: node group, node pool, MachineDeployment or MachinePool
    #[arg(long, value_name = "NAME")]
    group: String,

    /// How many nodes it is to have
    #[arg(long, value_name = "N")]
    size: u16,

    /// Whose group it is; without it the labels of its nodes tell
    #[arg(long, value_name = "PROVIDER", value_parser = ["eks", "eksctl", "gke", "aks", "cluster-api"])]
    provider: Option<String>,

    /// Move the lower bound of the group in the same call
    #[arg(long, value_name = "N")]
    min: Option<u16>,

    /// Move the upper bound of the group in the same call
    #[arg(long, value_name = "N")]
    max: Option<u16>,

    /// What the provider calls the cluster; without it labels or the name of the context tell
    #[arg(long, value_name = "NAME")]
    cluster_name: Option<String>,

    /// Region of AWS, location of Google Cloud
    #[arg(long, value_name = "NAME")]
    region: Option<String>,

    /// Project of Google Cloud
    #[arg(long, value_name = "NAME")]
    project: Option<String>,

    /// Resource group of Azure
    #[arg(long, value_name = "NAME")]
    resource_group: Option<String>,

    #[command(flatten)]
    change: ChangeFlags,
}

impl Nodes {
    fn validate(self) -> Result<nodes::Request, Error> {
        let provider = Provider::ALL.into_iter().find(|it| Some(it.word()) == self.provider.as_deref());
        let named = [&self.group].into_iter().chain(&self.cluster_name).chain(&self.region);
        // What is read as an option by the provider's program would be another command.
        if let Some(wrong) =
            named.chain(&self.project).chain(&self.resource_group).find(|it| it.starts_with('-') || it.is_empty())
        {
            return Err(Error::Usage {
                message: format!("{wrong:?} is no name"),
                hint: "type for example: kubectl sre scale nodes --group main --size 5 --dry-run".to_owned(),
            });
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(usage(format!("--min {min} is over --max {max}")));
        }
        let (cluster, region, project) = (self.cluster_name, self.region, self.project);
        Ok(nodes::Request {
            group: self.group,
            wanted: nodes::Wanted {
                size: self.size.into(),
                min: self.min.map(Into::into),
                max: self.max.map(Into::into),
            },
            provider,
            typed: nodes::Typed { cluster, region, project, resource_group: self.resource_group },
            change: self.change,
        })
    }
}

/// What was typed of a load.
#[derive(ClapArgs, Debug)]
pub(crate) struct Load {
    /// How many times the load of now: x1.5, 1.5, +50% or 150%
    #[arg(long, value_name = "TIMES")]
    load: String,
}

impl Load {
    fn validate(&self) -> Result<f64, Error> {
        times(&self.load).ok_or_else(|| Error::Usage {
            message: format!("--load {:?} says no load", self.load),
            hint: "type for example --load x1.5, which is as good as 1.5, +50% or 150%; 100 times is the most"
                .to_owned(),
        })
    }
}

/// How many times the load of now is meant.
fn times(typed: &str) -> Option<f64> {
    let number =
        |text: &str| text.bytes().all(|it| it.is_ascii_digit() || it == b'.').then(|| text.parse().ok()).flatten();
    let times: f64 = match (typed.strip_prefix('x'), typed.strip_prefix('+'), typed.strip_suffix('%')) {
        (Some(times), _, _) => number(times)?,
        (_, Some(more), _) => 1.0 + number(more.strip_suffix('%')?)? / 100.0,
        (_, _, Some(percent)) => number(percent)? / 100.0,
        _ => number(typed)?,
    };
    (times > 0.0 && times <= 100.0).then_some(times)
}

/// What was typed of a container.
#[derive(ClapArgs, Debug)]
pub(crate) struct ContainerResources {
    /// Whose container it is: TYPE/NAME, or TYPE NAME; a pod is resized in place
    #[arg(value_name = "TYPE/NAME", num_args = 1..=2, required = true)]
    target: Vec<String>,

    /// The container
    #[arg(long, short = 'c', value_name = "NAME")]
    container: String,

    /// What it is to request, for example cpu=500m,memory=1Gi; what is not named stays
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_delimiter = ',')]
    requests: Vec<String>,

    /// What it may use at most, for example memory=2Gi; what is not named stays
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_delimiter = ',')]
    limits: Vec<String>,

    /// Resize the pods that run, without replacing them; the template stays as it is
    #[arg(long)]
    in_place: bool,

    #[command(flatten)]
    change: ChangeFlags,
}

/// What is asked of a container.
#[derive(Debug)]
pub(crate) struct Sized {
    /// As it was typed: a name of a resource.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) wanted: resources::Wanted,
    pub(crate) in_place: bool,
    pub(crate) change: ChangeFlags,
}

/// What was typed of a claim, which is what it means.
#[derive(ClapArgs, Debug)]
pub(crate) struct Volume {
    /// Name of the PersistentVolumeClaim
    pub(crate) claim: String,

    /// How large it is to be, for example 20Gi
    #[arg(long, value_name = "QUANTITY")]
    pub(crate) size: String,

    #[command(flatten)]
    pub(crate) change: ChangeFlags,
}

/// What was typed of an autoscaler.
#[derive(ClapArgs, Debug)]
pub(crate) struct Hpa {
    /// Name of the HorizontalPodAutoscaler
    pub(crate) name: String,

    /// What a new one scales: TYPE/NAME
    #[arg(long, value_name = "TYPE/NAME")]
    target: Option<String>,

    /// The least replicas
    #[arg(long, value_name = "N")]
    min: Option<u16>,

    /// The most replicas
    #[arg(long, value_name = "N")]
    max: Option<u16>,

    /// CPU that is used, in percent of what is requested
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(1..))]
    cpu: Option<u16>,

    /// Memory that is used, in percent of what is requested
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(1..))]
    memory: Option<u16>,

    /// Target of another metric, of pods, of an object or from outside; one that is not there is added for pods
    #[arg(long, value_name = "NAME=TARGET")]
    metric: Vec<String>,

    /// When it is to go back: a time (2026-01-15T18:00:00Z) or how long from now (8h); it is recorded and listed, not done
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    #[command(flatten)]
    pub(crate) change: ChangeFlags,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    Replicas(Replicas),
    Unnamed(Unnamed),
    Autoscaler(Autoscaler),
    Vertical(Vertical),
    Triggered(Triggered),
    Resources(Sized),
    Volume(Volume),
    /// How many times the load of now.
    Load(f64),
    Nodes(nodes::Request),
}

/// What is asked of an autoscaler.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    pub(crate) name: String,
    /// What a new one scales.
    pub(crate) target: Option<(String, String)>,
    pub(crate) wanted: Wanted,
    pub(crate) until: Option<Until>,
    pub(crate) change: ChangeFlags,
}

/// A number of replicas of what is still to be chosen.
#[derive(Debug)]
pub(crate) struct Unnamed {
    pub(crate) wanted: Option<u16>,
    pub(crate) expected: Option<i64>,
    pub(crate) change: ChangeFlags,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    At(Timestamp),
    In(SignedDuration),
}

impl Until {
    /// The point in time, seen from now.
    ///
    /// # Errors
    /// Fails when it is past.
    pub(crate) fn seen_from(self, now: Timestamp) -> Result<Timestamp, Error> {
        let time = match self {
            Self::At(time) => time,
            Self::In(duration) => now.checked_add(duration).unwrap_or(Timestamp::MAX),
        };
        let past = || Error::Usage {
            message: format!("--until: {time:.0} is past; it is {now:.0}"),
            hint: "name a time to come (2026-01-15T18:00:00Z) or how long from now (8h)".to_owned(),
        };
        if time > now { Ok(time) } else { Err(past()) }
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::At).or_else(|_| text.parse().map(Self::In)).ok()
    }
}

/// What it means.
#[derive(Debug)]
pub(crate) struct Replicas {
    /// As it was typed: a name of a resource.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) wanted: i64,
    pub(crate) expected: Option<i64>,
    pub(crate) change: ChangeFlags,
}

pub(crate) const HINT: &str = "type for example: kubectl sre scale deployment/web --replicas 5 -n shop --dry-run";

fn usage(message: String) -> Error {
    Error::Usage { message, hint: HINT.to_owned() }
}

impl Args {
    /// What was meant.
    ///
    /// # Errors
    /// Says what is missing or makes no sense.
    pub(crate) fn validate(self, matches: &ArgMatches) -> Result<Request, Error> {
        if self.other.is_some() {
            stands_behind(matches)?;
        }
        match self.other {
            Some(Other::Hpa(typed)) => typed.validate().map(Request::Autoscaler),
            Some(Other::Vpa(typed)) => typed.validate().map(Request::Vertical),
            Some(Other::Keda(typed)) => Ok(Request::Triggered(typed.validate())),
            Some(Other::Resources(typed)) => typed.validate().map(Request::Resources),
            Some(Other::Volume(typed)) => Ok(Request::Volume(typed)),
            Some(Other::Plan(typed)) => typed.validate().map(Request::Load),
            Some(Other::Nodes(typed)) => typed.validate().map(Request::Nodes),
            None if self.target.is_empty() => {
                let expected = self.current_replicas.map(i64::from);
                Ok(Request::Unnamed(Unnamed { wanted: self.replicas, expected, change: self.change }))
            }
            None => self.replicas().map(Request::Replicas),
        }
    }

    fn replicas(self) -> Result<Replicas, Error> {
        let (kind, name) = target(&self.target)?;
        let Some(wanted) = self.replicas else {
            return Err(usage("how many replicas? --replicas says it".to_owned()));
        };
        let expected = self.current_replicas.map(i64::from);
        Ok(Replicas { kind, name, wanted: wanted.into(), expected, change: self.change })
    }
}

/// A flag before the name of what is scaled would be one of another command, and not be heeded.
fn stands_behind(matches: &ArgMatches) -> Result<(), Error> {
    let own = Args::augment_args(Command::new("scale"));
    let mut ids = own.get_arguments().map(|it| it.get_id().as_str());
    let Some(wrong) = ids.find(|id| matches.value_source(id) == Some(ValueSource::CommandLine)) else { return Ok(()) };
    let sub = matches.subcommand_name().unwrap_or_default();
    Err(Error::Usage {
        message: format!("--{} stands before {sub}, and means another command there", wrong.replace('_', "-")),
        hint: format!("put it behind: kubectl sre scale {sub} NAME --{} ...", wrong.replace('_', "-")),
    })
}

/// Words of the form NAME=VALUE; fails with the first that is none.
fn pairs(words: &[String]) -> Result<Vec<(String, String)>, String> {
    let split = |it: &String| {
        let pair = it.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| it.clone())
    };
    words.iter().map(split).collect()
}

impl ContainerResources {
    fn validate(self) -> Result<Sized, Error> {
        let usage = |message: String| Error::Usage {
            message,
            hint: "type for example: kubectl sre scale resources deployment/web --container app --requests cpu=500m \
                   -n shop --dry-run"
                .to_owned(),
        };
        let read = |flag: &str, words: &[String]| {
            pairs(words).map_err(|it| usage(format!("--{flag} {it:?}: RESOURCE=QUANTITY is wanted")))
        };
        let (requests, limits) = (read("requests", &self.requests)?, read("limits", &self.limits)?);
        if requests.is_empty() && limits.is_empty() {
            return Err(usage("what is to be changed? --requests or --limits says it".to_owned()));
        }
        let (kind, name) = target(&self.target)?;
        let wanted = resources::Wanted { container: self.container, requests, limits };
        Ok(Sized { kind, name, wanted, in_place: self.in_place, change: self.change })
    }
}

impl Hpa {
    fn validate(self) -> Result<Autoscaler, Error> {
        let usage = |message: String| Error::Usage {
            message,
            hint: "type for example: kubectl sre scale hpa web --min 2 --max 8 --cpu 70 -n shop --dry-run".to_owned(),
        };
        let metrics = pairs(&self.metric).map_err(|it| usage(format!("--metric {it:?}: NAME=TARGET is wanted")))?;
        let utilisation = [("cpu", self.cpu), ("memory", self.memory)];
        let utilisation: Vec<_> = utilisation.into_iter().filter_map(|(name, it)| Some((name, it?))).collect();
        let wanted = Wanted { least: self.min.map(Into::into), most: self.max.map(Into::into), utilisation, metrics };
        if wanted == Wanted::default() {
            return Err(usage("what is to be changed? --min, --max, --cpu, --memory or --metric says it".to_owned()));
        }
        if let (Some(least), Some(most)) = (wanted.least, wanted.most)
            && least > most
        {
            return Err(usage(format!("--min {least} is over --max {most}")));
        }
        let until = self.until.as_deref().map(|text| {
            Until::parse(text).ok_or_else(|| {
                usage(format!("--until {text:?} is no time (2026-01-15T18:00:00Z) and no duration (8h)"))
            })
        });
        let target = self.target.map(|it| target(&[it])).transpose()?;
        Ok(Autoscaler { name: self.name, target, wanted, until: until.transpose()?, change: self.change })
    }
}

fn target(words: &[String]) -> Result<(String, String), Error> {
    let (kind, name) = type_and_name(words, HINT)?;
    Ok((kind.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    fn parsed(words: &[&str]) -> Result<Request, String> {
        let command = Args::augment_args(Command::new("scale"));
        let matches = command.try_get_matches_from([&["scale"], words].concat()).map_err(|it| it.to_string())?;
        let args = Args::from_arg_matches(&matches).map_err(|it| it.to_string())?;
        args.validate(&matches).map_err(|it| it.to_string())
    }

    #[test]
    fn flags_of_one_command_are_not_taken_for_those_of_another() {
        let wrong = parsed(&["--dry-run", "hpa", "web", "--max", "5"]).expect_err("a refusal");
        assert!(wrong.contains("--dry-run stands before hpa"), "{wrong}");
        let Ok(Request::Autoscaler(hpa)) = parsed(&["hpa", "web", "--max", "5", "--cpu", "60", "--dry-run"]) else {
            panic!("an autoscaler")
        };
        let wanted = Wanted { most: Some(5), utilisation: vec![("cpu", 60)], ..Wanted::default() };
        assert_eq!((hpa.wanted, hpa.change.dry_run.is_some()), (wanted, true));
        assert!(matches!(parsed(&["deploy/web", "--replicas", "3"]), Ok(Request::Replicas(it)) if it.wanted == 3));
    }

    #[test]
    fn what_makes_no_sense_for_an_autoscaler_is_told() {
        for (words, why) in [
            (&["hpa", "web"][..], "what is to be changed"),
            (&["hpa", "web", "--min", "5", "--max", "2"], "--min 5 is over --max 2"),
            (&["hpa", "web", "--metric", "queue"], "NAME=TARGET"),
            (&["hpa", "web", "--max", "2", "--until", "soon"], "is no time"),
            (&["vpa", "web"], "what is to be changed"),
            (&["vpa", "web", "-c", "app"], "whose bounds are meant"),
            (&["vpa", "web", "--max", "cpu=much"], "RESOURCE=QUANTITY"),
            (&["keda", "web"], "--pause"),
            (&["keda", "web", "--pause", "--resume"], "cannot be used with"),
            (&["resources", "deploy/web", "-c", "app"], "what is to be changed"),
            (&["resources", "deploy/web", "-c", "app", "--limits", "cpu"], "RESOURCE=QUANTITY"),
        ] {
            assert!(parsed(words).expect_err("a refusal").contains(why), "{words:?}");
        }
    }

    #[test]
    fn a_load_is_typed_in_four_ways() {
        let same = [("x1.5", 1.5), ("1.5", 1.5), ("+50%", 1.5), ("150%", 1.5), ("x2", 2.0)];
        assert!(same.iter().all(|(typed, wanted)| times(typed) == Some(*wanted)));
        let wrong = ["", "x", "0", "x0", "-50%", "+50", "1.5x", "+-5%", "1e3", "x101", "NaN", "x1.5%", "."];
        for typed in wrong {
            assert_eq!(times(typed), None, "{typed}");
        }
        assert!(parsed(&["plan", "--load", "more"]).expect_err("a refusal").contains("says no load"));
        assert!(matches!(parsed(&["plan", "--load", "+50%"]), Ok(Request::Load(load)) if load == 1.5));
    }

    #[test]
    fn a_return_is_due_at_a_time_or_after_a_while() {
        let now: Timestamp = "2026-01-15T08:00:00Z".parse().expect("a time");
        let at = |text: &str| Until::parse(text).and_then(|it| it.seen_from(now).ok()).map(|it| it.to_string());
        assert_eq!(at("8h").as_deref(), Some("2026-01-15T16:00:00Z"));
        assert_eq!(at("2026-01-16T00:00:00Z").as_deref(), Some("2026-01-16T00:00:00Z"));
        for past in ["2026-01-15T08:00:00Z", "-1h", "0s"] {
            assert_eq!(at(past), None, "{past}");
        }
    }
}
