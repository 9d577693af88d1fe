//! The API server is of a minor of Kubernetes that gets no fixes any more.

use crate::checks::versions::Minor;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use sre_core::check::{Check, Section};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-20",
    title: "the API server is of a version that gets no fixes any more",
    section: Section::ControlPlane,
    examines: &[],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

/// When upstream support ended or will end, by minor: <https://kubernetes.io/releases/>.
const ENDS: [(u32, Date); 6] = [
    (31, date(2025, 11, 11)),
    (32, date(2026, 2, 28)),
    (33, date(2026, 6, 28)),
    (34, date(2026, 10, 27)),
    (35, date(2027, 2, 28)),
    (36, date(2027, 6, 28)),
];

/// Marks of builds whose vendors fix minors for longer than upstream does.
const VENDORS: [&str; 3] = ["-eks-", "-gke.", "+"];

fn judge(view: &View<'_>) -> Option<Finding> {
    let version = view.snapshot.origin.server_version.as_deref()?;
    let minor = Minor::of(version)?;
    let end = end(minor.of_first_major()?)?;
    let today = TimeZone::UTC.to_datetime(view.now()).date();
    (today > end).then(|| finding(version, minor, end))
}

/// Minors before the first row ended before it did; those after the last row are not known yet.
fn end(minor: u32) -> Option<Date> {
    let (first, end_of_first) = ENDS[0];
    let known = ENDS.iter().find(|(known, _)| *known == minor).map(|(_, end)| *end);
    known.or((minor < first).then_some(end_of_first))
}

fn finding(version: &str, minor: Minor, end: Date) -> Finding {
    let is_of_vendor = VENDORS.iter().any(|mark| version.contains(mark));
    let (severity, words) = match is_of_vendor {
        true => (Severity::Info, "; its vendor may fix it for longer"),
        false => (Severity::Warning, ""),
    };
    let server = ObjectRef::cluster("Cluster", "kube-apiserver");
    let title = format!("Kubernetes {minor} gets no fixes from upstream any more, not even of security{words}");
    Finding::new("GAP-20", severity, server.clone(), title)
        .risk()
        .evidence(&server, "gitVersion", version)
        .evidence(&server, "end of upstream support", format!("{end} or before"))
        .look("kubectl version")
}

const PAGE: &str = "\
Each minor of Kubernetes gets fixes for about fourteen months. This one is past that: faults of
security that are found now stay open, and each further minor makes the upgrade longer, since the
control plane goes one minor at a time.

Looked at: the version of the API server, at the time of the look, against a table of upstream's dates
that is part of this program. Minors that are newer than the table are not judged. Builds of vendors
that fix them for longer (EKS, GKE, k3s, OpenShift) are told as info. Objects from files say no version.

What to do: upgrade the control plane one minor at a time, and then the nodes:
  kubectl version";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::check::Sight;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// Looked at in November 2026.
    fn at(version: &str) -> Vec<Finding> {
        Scenario::captured("GAP-10").served_by(version).judge(&CHECK)
    }

    #[test]
    fn a_version_whose_support_has_ended_is_a_warning() {
        let findings = at("v1.33.5");
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning));
        assert_eq!(findings[0].evidence[1].value, "2026-06-28 or before");
        assert_eq!(at("v1.22.17")[0].evidence[1].value, "2025-11-11 or before");
    }

    #[test]
    fn a_vendor_may_fix_it_for_longer() {
        for version in ["v1.33.5-eks-113cf36", "v1.33.4-gke.1350000", "v1.33.4+k3s1"] {
            assert_eq!(at(version)[0].severity, Severity::Info, "{version}");
        }
    }

    #[test]
    fn a_version_that_is_supported_or_not_known_yet_is_not_meant() {
        for version in ["v1.35.8", "v1.36.4", "v1.40.0", "v2.0.0", "nonsense"] {
            assert_eq!(at(version), [], "{version}");
        }
        let days = 400 * 24 * 60;
        assert_eq!(Scenario::captured("GAP-10").served_by("v1.36.4").later(days).judge(&CHECK).len(), 1);
    }

    #[test]
    fn it_needs_no_object_and_no_version_says_nothing() {
        let gap = Scenario::captured("GAP-10").gap(Sight::Readyz, GapReason::Forbidden);
        assert_eq!(gap.judge(&CHECK), []);
        assert_eq!(gap.served_by("v1.33.5").judge(&CHECK).len(), 1);
    }
}
