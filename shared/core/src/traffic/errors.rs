//! The share of requests to each destination that fail, by the measurements of a mesh.

use super::behind::Behind;
use crate::inquiry::{Query, Sample, label_of};
use crate::plan::{Destination, Note};
use serde_json::Value;

/// How far back.
const WINDOW: &str = "5m";

/// The share of requests that fail, between 0 and 1, of one destination; `None` where nothing tells.
pub type Errors = Option<f64>;

/// What Prometheus is asked for the destinations in a namespace, by Istio's standard metrics
/// (<https://istio.io/latest/docs/reference/config/metrics/>); none for what is no name of a namespace.
pub fn errors_query(namespace: &str) -> Option<Query> {
    let is_name = !namespace.is_empty() && namespace.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    is_name.then_some(())?;
    let rate = |more: &str| {
        format!(
            "sum by (destination_service_name, destination_version) (rate(istio_requests_total{{reporter=\"destination\",\
             destination_service_namespace=\"{namespace}\"{more}}}[{WINDOW}]))"
        )
    };
    let (all, bad) = (rate(""), rate(",response_code=~\"5..\""));
    // The series of errors begins with the first error.
    Some(Query::Now(format!("({bad} or 0 * {all}) / {all}").into()))
}

/// The share of requests to a destination that fail.
pub fn errors_of(destination: &Destination, behind: &Behind, samples: &[Sample]) -> Errors {
    let version = match &destination.subset {
        Some(subset) => Some(behind.subset(&destination.host, subset)?.get("version").and_then(Value::as_str)?),
        None => None,
    };
    // The samples are of the namespace of the route alone.
    let service = behind.service(&destination.host)?;
    let is_own = |it: &&Sample| {
        let is_version = version.is_none_or(|version| label_of(&it.labels, "destination_version") == version);
        label_of(&it.labels, "destination_service_name") == service && is_version
    };
    let own: Vec<&Sample> = samples.iter().filter(is_own).collect();
    match own[..] {
        [only] => Some(only.value.clamp(0.0, 1.0)),
        _ => None,
    }
}

impl Destination {
    /// The share of requests to it that fail, in words.
    pub fn fares(&self, errors: Errors) -> Note {
        let name = self.name();
        Note::remark(match errors {
            Some(share) => {
                format!("{:.2} % of the requests to {name} failed in the last {WINDOW}", share * 100.0)
            }
            None => format!("how many requests to {name} fail was not seen: no Prometheus tells of it"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::behind::tests::{behind, destination};
    use super::*;

    fn sample(service: &str, version: &str, value: f64) -> Sample {
        let labels = [("destination_service_name", service), ("destination_version", version)];
        Sample { labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), value }
    }

    #[test]
    fn each_destination_is_known_by_its_service_and_version() {
        let samples = [sample("web", "stable-7", 0.001), sample("web", "canary-7", 0.25), sample("api", "v1", 0.5)];
        let of = |subset| errors_of(&destination(Some(subset), 0), &behind(), &samples);
        assert_eq!((of("stable"), of("canary"), of("empty"), of("unheard")), (Some(0.001), Some(0.25), None, None));
        assert_eq!(errors_of(&destination(None, 0), &behind(), &samples), None, "two versions are no one share");
        let api = Destination { host: "api.shop.svc".to_owned(), subset: None, weight: 0 };
        assert_eq!(errors_of(&api, &behind(), &samples), Some(0.5));
        let elsewhere = Destination { host: "api.bank.svc".to_owned(), ..api.clone() };
        assert_eq!(errors_of(&elsewhere, &behind(), &samples), None, "another one of that name");
        assert_eq!(api.fares(Some(0.5)).text, "50.00 % of the requests to api.shop.svc failed in the last 5m");
        assert!(api.fares(None).text.contains("was not seen"));
    }

    #[test]
    fn nothing_but_a_name_is_put_into_the_question() {
        assert!(errors_query("shop").is_some());
        assert_eq!(errors_query("shop\"} or vector(1) #"), None);
    }
}
