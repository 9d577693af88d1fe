//! What was typed, and what it means.

use clap::Args as ClapArgs;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;

pub(crate) const ABOUT: &str =
    "Set how many replicas run, once it is clear that they can and that nothing sets it back";

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What would happen, and what stands in the way; nothing is changed
  kubectl sre scale deployment/web --replicas 5 -n shop --dry-run
  # Scale, and wait until all are ready
  kubectl sre scale deployment/web --replicas 5 -n shop
  # Only if there are 3 now
  kubectl sre scale sts/db --replicas 5 --current-replicas 3 -n shop
  # Down to none: the name is asked for, because the application is gone then
  kubectl sre scale deployment/web --replicas 0 -n shop --confirm web
  # Any resource that has the subresource scale
  kubectl sre scale rollouts.argoproj.io/web --replicas 4 -n shop";

/// What was typed.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
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

const HINT: &str = "type for example: kubectl sre scale deployment/web --replicas 5 -n shop --dry-run";

fn usage(message: String) -> Error {
    Error::Usage { message, hint: HINT.to_owned() }
}

impl Args {
    /// What was meant.
    ///
    /// # Errors
    /// Says what is missing or makes no sense.
    pub(crate) fn validate(self) -> Result<Replicas, Error> {
        let (kind, name) = target(&self.target)?;
        let Some(wanted) = self.replicas else {
            return Err(usage("how many replicas? --replicas says it".to_owned()));
        };
        let expected = self.current_replicas.map(i64::from);
        Ok(Replicas { kind, name, wanted: wanted.into(), expected, change: self.change })
    }
}

fn target(words: &[String]) -> Result<(String, String), Error> {
    let (kind, name) = match words {
        [one] => one.split_once('/').ok_or_else(|| usage(format!("{one:?} names no object: TYPE/NAME is wanted")))?,
        [kind, name] => (kind.as_str(), name.as_str()),
        _ => return Err(usage("what is to be scaled?".to_owned())),
    };
    if kind.is_empty() || name.is_empty() || name.contains('/') {
        return Err(usage(format!("{:?} names no object: TYPE/NAME is wanted", words.join(" "))));
    }
    Ok((kind.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_as_for_kubectl() {
        let words = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            target(&words).map_err(|error| error.to_string())
        };
        let named = Ok(("deploy".to_owned(), "web".to_owned()));
        assert_eq!((words(&["deploy/web"]), words(&["deploy", "web"])), (named.clone(), named));
        for wrong in [&[][..], &["web"], &["deploy/"], &["/web"], &["deploy/a/b"], &["deploy", "a/b"]] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }
}
