//! A certificate in a TLS Secret expires soon, or has expired.

use jiff::{SignedDuration, Timestamp};
use sre_core::cause::certificate_use::{Use, users};
use sre_core::certificate::CertificateFacts;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::profile::Limit;
use sre_core::slim::{Kind, Object, Secret};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-90",
    title: "a certificate in a TLS Secret expires soon, or has expired",
    section: Section::Certificates,
    examines: &[Sight::Of(Kind::Secret)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Ingress),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Service),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::ValidatingWebhookConfiguration),
        Sight::Of(Kind::MutatingWebhookConfiguration),
    ],
    page: PAGE,
    run,
};

/// Shorter lives than this are renewed by machines.
const SHORT_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Days before the end, the part of a short life that stands for them, and how urgent it is from then on.
type Step = (i64, i32, Severity);

const TLS: &str = "kubernetes.io/tls";

fn run(view: &View<'_>) -> Vec<Finding> {
    let ending: Vec<(&Secret, Severity)> =
        view.all::<Secret>().iter().filter_map(|it| Some((it, urgency(view, it)?))).collect();
    let secrets: Vec<&Secret> = ending.iter().map(|(secret, _)| *secret).collect();
    let used = ending.into_iter().zip(users(view, &secrets));
    let told = used.filter_map(|((secret, severity), users)| statement(view, secret, severity, &users));
    let expired = view.recognised("GAP-90", &["certificate-expired"]).into_iter();
    let expired = expired.filter(|finding| !finding.shows_on.iter().any(|object| object.kind == "Ingress"));
    expired.chain(told).collect()
}

/// How urgent the end of the certificate that is served is; none while it is far.
///
/// Those that live for less than 90 days are renewed by machines, late in their lives: for them the days shrink.
fn urgency(view: &View<'_>, secret: &Secret) -> Option<Severity> {
    let served = secret.certificates.first().filter(|_| secret.type_ == TLS)?;
    let left = served.not_after.duration_since(view.now());
    steps(view).into_iter().find(|step| left <= notice(served, *step)).map(|(_, _, severity)| severity)
}

/// How long before the end of a certificate a step begins.
fn notice(served: &CertificateFacts, (days, share, _): Step) -> SignedDuration {
    let life = served.not_after.duration_since(served.not_before);
    let days = SignedDuration::from_hours(24 * days);
    if life < SHORT_LIFE { days.min(life / share) } else { days }
}

/// From when on the end of a certificate is told.
fn due(view: &View<'_>, served: &CertificateFacts) -> Option<Timestamp> {
    let [.., first] = steps(view);
    served.not_after.checked_sub(notice(served, first)).ok()
}

/// The steps of a run: a profile moves the warning, and with it what must come before or after it.
fn steps(view: &View<'_>) -> [Step; 3] {
    let warned = days(view);
    [(3.min(warned), 30, Severity::Critical), (warned, 6, Severity::Warning), (30.max(warned), 3, Severity::Info)]
}

/// How many days before its end a warning is due.
#[allow(clippy::cast_possible_truncation, reason = "a profile gives at most a year")]
fn days(view: &View<'_>) -> i64 {
    view.profile.thresholds.of(Limit::CertificateDays) as i64
}

/// An expired one that something uses is a cause of its own; nothing is urgent about one that is known to be unused.
fn statement(view: &View<'_>, secret: &Secret, urgency: Severity, users: &[Use]) -> Option<Finding> {
    let served = secret.certificates.first()?;
    let is_expired = served.not_after <= view.now();
    if is_expired && !users.is_empty() {
        return None;
    }
    let knows_users =
        view.knows(Kind::Pod, &secret.metadata.namespace) && view.knows(Kind::Ingress, &secret.metadata.namespace);
    let severity = if users.is_empty() && (knows_users || is_expired) { Severity::Info } else { urgency };
    let (namespace, name) = (&secret.metadata.namespace, &secret.metadata.name);
    let object = secret.reference();
    let title = format!("the certificate in Secret {namespace}/{name} {}; {}", end(view, served), Use::sentence(users));
    let finding = Finding::new("", severity, object.clone(), title)
        .evidence(&object, "data[tls.crt] notAfter", served.not_after.to_string())
        .evidence(&object, "data[tls.crt] subject", served.subject.as_str())
        .since(if is_expired { Some(served.not_after) } else { due(view, served) });
    let finding = users.iter().fold(finding, |finding, user| finding.evidence(&user.object, user.field, name.as_str()));
    Some(Finding { check: CHECK.id, ..finding.look(format!("kubectl describe secret {name} -n {namespace}")) })
}

fn end(view: &View<'_>, served: &CertificateFacts) -> String {
    let left = served.not_after.duration_since(view.now());
    let day = day(served.not_after);
    match (left.as_hours() / 24, left.as_hours()) {
        _ if left <= SignedDuration::ZERO => format!("ended on {day}"),
        (0, hours) => format!("ends in {hours} hours ({day})"),
        (1, _) => format!("ends in 1 day ({day})"),
        (days, _) => format!("ends in {days} days ({day})"),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

const PAGE: &str = "\
A certificate in a Secret of type kubernetes.io/tls has ended or will soon: info within 30 days,
warning within 14, critical within 3. One that lives shorter than 90 days is told later: within the
last third, sixth and thirtieth of its life, because it is renewed late by design.

Who uses it is said: Ingresses that name it, the owners of pods that mount it, admission webhooks
that these serve. An expired one that is used is critical; those of Ingresses are NET-18. One that
nothing uses is only mentioned.

Looked at: dates of the first certificate in tls.crt, spec.tls of Ingresses, volumes of pods.

What to do: find out who renews it and why that has not happened yet; with cert-manager:
  kubectl describe certificate -n NAMESPACE

See also: kubectl sre explain certificate-expired";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured cluster, looked at so many hours before the certificate that holds ends.
    fn hours_before_its_end(hours: i64) -> Scenario {
        let scenario = Scenario::captured("GAP-90");
        let end: Timestamp = "2044-01-01T00:00:00Z".parse().expect("a time");
        let minutes = end.duration_since(scenario.snapshot().taken_at).as_mins();
        scenario.later(minutes - hours * 60)
    }

    fn holding(scenario: &Scenario) -> Option<(Severity, String)> {
        let found = scenario.judge(&CHECK).into_iter().find(|finding| finding.object.name == "holding-tls");
        found.map(|finding| (finding.severity, finding.title))
    }

    #[test]
    fn expired_is_critical_when_used_and_mentioned_when_not() {
        let findings = Scenario::captured("GAP-90").judge(&CHECK);
        let said: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.severity, it.class)).collect();
        let used = ("broker-tls", Severity::Critical, Some("certificate-expired"));
        assert_eq!(said, [used, ("forgotten-tls", Severity::Info, None)], "{findings:#?}");
        assert!(findings[0].title.ends_with("ended on 2025-01-01; Deployment broker uses it"), "{}", findings[0].title);
        assert_eq!(findings[0].shows_on[0].to_string(), "Deployment/fault-gap-90/broker");
        assert!(findings[1].title.ends_with("nothing that was seen uses it"), "{}", findings[1].title);
        assert_eq!(findings[0].remedies[0].command, "kubectl describe secret broker-tls -n fault-gap-90");
    }

    #[test]
    fn the_nearer_the_end_the_worse() {
        assert_eq!(holding(&hours_before_its_end(31 * 24)), None);
        let severity = |hours| holding(&hours_before_its_end(hours)).map(|(severity, _)| severity);
        assert_eq!(severity(20 * 24), Some(Severity::Info));
        assert_eq!(severity(10 * 24), Some(Severity::Warning));
        assert_eq!(severity(50), Some(Severity::Critical));
        let title = holding(&hours_before_its_end(50)).map(|(_, title)| title).unwrap_or_default();
        assert!(title.ends_with("ends in 2 days (2044-01-01); Deployment broker uses it"), "{title}");
    }

    #[test]
    fn a_short_life_is_told_of_late() {
        let scenario = hours_before_its_end(13 * 24);
        let snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        let mut secret = view.get::<Secret>("fault-gap-90", "holding-tls").expect("the Secret").clone();
        let mut living = |days: i64, hours_left: i64| {
            let served = secret.certificates.first_mut().expect("a certificate");
            served.not_after = view.now() + SignedDuration::from_hours(hours_left);
            served.not_before = served.not_after - SignedDuration::from_hours(24 * days);
            urgency(&view, &secret)
        };
        assert_eq!(living(30, 13 * 24), None);
        assert_eq!(living(30, 9 * 24), Some(Severity::Info));
        assert_eq!(living(14, 2 * 24), Some(Severity::Warning));
        assert_eq!(living(30, 20), Some(Severity::Critical));
        assert_eq!(living(90, 13 * 24), Some(Severity::Warning));
    }

    #[test]
    fn one_that_nothing_uses_is_only_mentioned() {
        let unused = hours_before_its_end(50).without("Pod", "broker-");
        assert_eq!(holding(&unused).map(|(severity, _)| severity), Some(Severity::Info));
        let unknown = hours_before_its_end(50).gap(Sight::Of(Kind::Pod), GapReason::Forbidden);
        assert_eq!(holding(&unknown).map(|(severity, _)| severity), Some(Severity::Critical));
    }

    #[test]
    fn only_secrets_for_tls_are_warned_of() {
        let other = hours_before_its_end(50).set("Secret", "holding-tls", "/type", "Opaque");
        assert_eq!(holding(&other), None);
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-90").gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
