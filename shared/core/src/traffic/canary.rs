//! Which destination of a route is the one on trial.

use crate::plan::Destination;
use std::collections::BTreeSet;

/// Words in names of what is on trial.
const ON_TRIAL: [&str; 5] = ["canary", "preview", "candidate", "experiment", "trial"];

/// Why none is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCanary {
    /// No rule shares its traffic.
    #[error("no rule of it shares its traffic between destinations, so there is nothing to go back from")]
    NotShared,
    /// Nothing tells them apart.
    #[error("which of its destinations is the canary is not clear: {}", .0.join(", "))]
    Unclear(Vec<String>),
}

/// The destination that is on trial: by its name, else the one with less than half of the traffic.
///
/// # Errors
/// Says why none is known.
pub fn canary(rules: &[Vec<Destination>]) -> Result<String, NoCanary> {
    let names: BTreeSet<&str> = rules.iter().flatten().map(Destination::name).collect();
    if names.is_empty() {
        return Err(NoCanary::NotShared);
    }
    let by_name: Vec<&&str> = names.iter().filter(|name| is_on_trial(name)).collect();
    if let [only] = by_name[..] {
        return Ok((*only).to_owned());
    }
    let smallest: BTreeSet<Option<&str>> = rules.iter().map(|rule| smallest(rule)).collect();
    match smallest.iter().collect::<Vec<_>>()[..] {
        [Some(only)] if by_name.is_empty() => Ok((*only).to_owned()),
        _ => Err(NoCanary::Unclear(names.into_iter().map(str::to_owned).collect())),
    }
}

fn is_on_trial(name: &str) -> bool {
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| ON_TRIAL.contains(&word.to_ascii_lowercase().as_str()))
}

/// The only one of a rule that gets something, and less than all others together.
fn smallest(rule: &[Destination]) -> Option<&str> {
    let all: i64 = rule.iter().map(|it| it.weight).sum();
    let used: Vec<&Destination> = rule.iter().filter(|it| it.weight > 0).collect();
    let mut small = used.iter().filter(|it| it.weight * 2 < all);
    match (small.next(), small.next()) {
        (Some(only), None) if used.len() > 1 => Some(only.name()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(weights: &[(&str, i64)]) -> Vec<Destination> {
        let one = |(name, weight): &(&str, i64)| Destination {
            host: "web".to_owned(),
            subset: Some((*name).to_owned()),
            weight: *weight,
        };
        weights.iter().map(one).collect()
    }

    #[test]
    fn it_is_known_by_its_name_or_by_its_share() {
        assert_eq!(canary(&[rule(&[("stable", 50), ("canary", 50)])]), Ok("canary".to_owned()));
        assert_eq!(canary(&[rule(&[("v1", 90), ("v2-canary", 10)])]), Ok("v2-canary".to_owned()));
        assert_eq!(canary(&[rule(&[("v1", 80), ("v2", 20)])]), Ok("v2".to_owned()));
        let twice = [rule(&[("v1", 80), ("v2", 20)]), rule(&[("v1", 95), ("v2", 5)])];
        assert_eq!(canary(&twice), Ok("v2".to_owned()));
    }

    #[test]
    fn where_nothing_tells_them_apart_it_is_asked_for() {
        let unclear = |rules: &[Vec<Destination>]| matches!(canary(rules), Err(NoCanary::Unclear(_)));
        assert!(unclear(&[rule(&[("v1", 50), ("v2", 50)])]));
        assert!(unclear(&[rule(&[("v1", 100), ("v2", 0)])]), "nobody is on trial any more");
        assert!(unclear(&[rule(&[("v1", 60), ("v2", 20), ("v3", 20)])]));
        assert!(unclear(&[rule(&[("v1", 80), ("v2", 20)]), rule(&[("v1", 20), ("v2", 80)])]), "rules disagree");
        assert!(unclear(&[rule(&[("canary", 50), ("preview", 50)])]));
        assert_eq!(canary(&[]), Err(NoCanary::NotShared));
        assert!(!is_on_trial("canaryville") && is_on_trial("web_Canary"));
    }
}
