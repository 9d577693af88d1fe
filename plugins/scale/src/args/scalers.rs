//! What is typed of vertical autoscalers and of KEDA's ScaledObjects.

use super::{pairs, target};
use crate::{keda, vpa};
use clap::{Args as ClapArgs, ValueEnum};
use sre_core::units::Amount;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;

pub(super) const VPA_EXAMPLES: &str = "\
Examples:
  # What it recommends now, and what the bounds make of it; nothing is changed
  kubectl sre scale vpa web --container app --max cpu=2,memory=4Gi -n shop --dry-run
  # A new one, which recommends and does nothing
  kubectl sre scale vpa web --target deployment/web --mode off -n shop
  # Let it act, on requests alone, and leave the sidecar alone
  kubectl sre scale vpa web --mode recreate --values requests-only --exclude-container proxy -n shop --confirm web";

pub(super) const KEDA_EXAMPLES: &str = "\
Examples:
  # What a pause would mean; nothing is changed
  kubectl sre scale keda web --pause -n shop --dry-run
  # Have KEDA set 5 replicas and leave them alone
  kubectl sre scale keda web --pause --at 5 -n shop
  # Let it scale again
  kubectl sre scale keda web --resume -n shop --confirm web";

/// When a vertical autoscaler acts.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// It recommends, and sets nothing
    Off,
    /// Pods get its sizes when they start
    Initial,
    /// It ends pods whose size is far off, and they start anew
    Recreate,
    /// It resizes pods in place, and ends those that cannot be
    InPlaceOrRecreate,
    /// The older name of recreate
    Auto,
}

/// What a vertical autoscaler sets.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Values {
    /// Requests, and limits in proportion
    RequestsAndLimits,
    /// Requests alone
    RequestsOnly,
}

/// What was typed of a vertical autoscaler.
#[derive(ClapArgs, Debug)]
pub(crate) struct Vpa {
    /// Name of the VerticalPodAutoscaler
    name: String,

    /// What a new one is for: TYPE/NAME
    #[arg(long, value_name = "TYPE/NAME")]
    target: Option<String>,

    /// When it acts
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    /// The container that bounds and values are for; every one without bounds of its own where none is named
    #[arg(long, short = 'c', value_name = "NAME")]
    container: Option<String>,

    /// The least that it may recommend, for example cpu=100m,memory=128Mi
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_delimiter = ',')]
    min: Vec<String>,

    /// The most that it may recommend, for example cpu=2,memory=4Gi
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_delimiter = ',')]
    max: Vec<String>,

    /// Whether limits follow the requests
    #[arg(long, value_enum)]
    values: Option<Values>,

    /// Containers that it is to leave alone
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    exclude_container: Vec<String>,

    /// Leave the sidecars alone that others put into the pods: those that the template does not name
    #[arg(long)]
    exclude_injected: bool,

    #[command(flatten)]
    change: ChangeFlags,
}

/// What was typed of a ScaledObject.
#[derive(ClapArgs, Debug)]
pub(crate) struct Keda {
    /// Name of the ScaledObject
    name: String,

    /// Have it leave the number of replicas alone
    #[arg(long, required_unless_present = "resume")]
    pause: bool,

    /// The number of replicas that it is to set first
    #[arg(long, value_name = "N", requires = "pause")]
    at: Option<u16>,

    /// Have it scale again
    #[arg(long, conflicts_with = "pause")]
    resume: bool,

    #[command(flatten)]
    change: ChangeFlags,
}

/// What is asked of a vertical autoscaler.
#[derive(Debug)]
pub(crate) struct Vertical {
    pub(crate) name: String,
    /// What a new one is for.
    pub(crate) target: Option<(String, String)>,
    pub(crate) wanted: vpa::Wanted,
    pub(crate) change: ChangeFlags,
}

/// What is asked of a ScaledObject.
#[derive(Debug)]
pub(crate) struct Triggered {
    pub(crate) name: String,
    pub(crate) wanted: keda::Wanted,
    pub(crate) change: ChangeFlags,
}

impl Vpa {
    pub(super) fn validate(self) -> Result<Vertical, Error> {
        let (least, most) = (quantities("min", &self.min)?, quantities("max", &self.max)?);
        let mode = self.mode.map(|it| match it {
            Mode::Off => "Off",
            Mode::Initial => "Initial",
            Mode::Recreate => "Recreate",
            Mode::InPlaceOrRecreate => "InPlaceOrRecreate",
            Mode::Auto => "Auto",
        });
        let values = self.values.map(|it| match it {
            Values::RequestsAndLimits => "RequestsAndLimits",
            Values::RequestsOnly => "RequestsOnly",
        });
        let target = self.target.map(|it| target(&[it])).transpose()?;
        let wanted = vpa::Wanted {
            mode: mode.map(str::to_owned),
            container: self.container,
            least,
            most,
            values: values.map(str::to_owned),
            excluded: self.exclude_container,
            without_injected: self.exclude_injected,
        };
        let (is_bounded, is_bare) = (!wanted.least.is_empty() || !wanted.most.is_empty(), target.is_none());
        if wanted.container.is_some() && !is_bounded && wanted.values.is_none() {
            return Err(usage(
                "--container says whose bounds are meant: --min, --max or --values says them".to_owned(),
            ));
        }
        if is_bare && wanted == vpa::Wanted::default() {
            let flags = "--mode, --min, --max, --values or --exclude-container says it";
            return Err(usage(format!("what is to be changed? {flags}")));
        }
        Ok(Vertical { name: self.name, target, wanted, change: self.change })
    }
}

impl Keda {
    pub(super) fn validate(self) -> Triggered {
        let paused = keda::Wanted::Paused { at: self.at.map(i64::from) };
        let wanted = if self.resume { keda::Wanted::Resumed } else { paused };
        Triggered { name: self.name, wanted, change: self.change }
    }
}

fn quantities(flag: &str, words: &[String]) -> Result<Vec<(String, String)>, Error> {
    let wrong = |it: &str| usage(format!("--{flag} {it:?}: RESOURCE=QUANTITY is wanted"));
    let pairs = pairs(words).map_err(|it| wrong(&it))?;
    match pairs.iter().find(|(_, quantity)| quantity.parse::<Amount>().is_err()) {
        Some((_, quantity)) => Err(wrong(quantity)),
        None => Ok(pairs),
    }
}

fn usage(message: String) -> Error {
    let hint = "type for example: kubectl sre scale vpa web --mode off --max cpu=2,memory=4Gi -n shop --dry-run";
    Error::Usage { message, hint: hint.to_owned() }
}
