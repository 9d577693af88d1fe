//! A ConfigMap is nearly as large as one may be.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{ConfigMap, Kind, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-03",
    title: "a ConfigMap is nearly as large as one may be",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::ConfigMap)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<ConfigMap>().iter().filter_map(|map| judge(map, view)).collect(),
};

/// What the values of one may add up to, in bytes.
const LARGEST: u64 = 1 << 20;

/// From this part on the next edit may be refused.
const ALMOST_FULL: f64 = 0.9;

fn judge(map: &ConfigMap, view: &View<'_>) -> Option<Finding> {
    let total: u64 = map.entries().map(|entry| entry.size).sum();
    let share = total as f64 / LARGEST as f64;
    // One that cannot be changed cannot grow.
    if share < ALMOST_FULL || map.immutable == Some(true) || view.is_going(&map.metadata) {
        return None;
    }
    let object = map.reference();
    let (name, namespace) = (&map.metadata.name, &map.metadata.namespace);
    let title = format!("ConfigMap {name} holds {} of 1024 KiB ({:.0} %)", total >> 10, share * 100.0);
    let finding = Finding::new("CFG-03", Severity::Warning, object.clone(), title).risk();
    let mut entries: Vec<_> = map.entries().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    let largest = entries.into_iter().take(3);
    let finding = largest.fold(finding, |finding, entry| {
        finding.evidence(&object, format!("data[{}]", entry.key), format!("{} KiB", entry.size >> 10))
    });
    Some(finding.look(format!("kubectl describe configmap {name} -n {namespace}")))
}

const PAGE: &str = "\
The values of a ConfigMap may add up to 1 MiB. This one has come to nine tenths of it or more: the
next change that makes it longer is refused, and with it the deployment that makes the change.

Looked at: the length of every value; values themselves are not kept. Immutable ones are left out.

What to do: take large files out (an image, a volume, an object store), or split it; see what is in
it, dashboards and rules of alerts most often:
  kubectl describe configmap NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn one_that_is_nearly_full_is_told_with_its_largest_keys() {
        let findings = Scenario::captured("CFG-03").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ConfigMap/fault-cfg-03/dashboards");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "ConfigMap dashboards holds 975 of 1024 KiB (95 %)");
        assert_eq!((finding.evidence[0].field.as_str(), finding.evidence[0].value.as_str()), ("data[a]", "121 KiB"));
        assert_eq!(finding.remedies[0].command, "kubectl describe configmap dashboards -n fault-cfg-03");
    }

    #[test]
    fn room_for_a_tenth_is_enough() {
        let with = |length: usize| {
            Scenario::captured("CFG-03").set(
                "ConfigMap",
                "dashboards",
                "/data",
                serde_json::json!({ "a": "x".repeat(length) }),
            )
        };
        assert_eq!(with(943_000).judge(&CHECK), []);
        assert_eq!(with(944_000).judge(&CHECK).len(), 1);
    }

    #[test]
    fn one_that_cannot_change_cannot_grow() {
        assert_eq!(Scenario::captured("CFG-03").set("ConfigMap", "dashboards", "/immutable", true).judge(&CHECK), []);
    }

    #[test]
    fn config_maps_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("CFG-03").gap(Sight::Of(Kind::ConfigMap), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
