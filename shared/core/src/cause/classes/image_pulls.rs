//! What registries answer when an image cannot be pulled: the ground that the image classes share.

use super::image_pull_secret_missing::lacks_pull_secret;
use crate::cause::Saying;
use crate::finding::{Finding, Severity};
use crate::slim::container_status::ContainerStatus;
use crate::slim::{Object, Pod};
use crate::view::View;

/// Why a pull fails, as far as a message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The registry says that the tag, digest or repository does not exist.
    NotFound,
    /// The registry refuses the credentials, or wants some.
    Unauthorized,
    /// The registry limits, or cannot be reached.
    Unavailable,
    /// There is no variant for the node's platform.
    Architecture,
    /// No message says why.
    Unsaid,
}

/// Reads the family of a message; the order is that of the certainty of the words.
///
/// A registry that hides what it has answers both "denied" and "may not exist": that is a refusal.
pub(super) fn refusal(message: &str) -> Refusal {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let answers = |codes: &[&str]| codes.iter().any(|code| holds(&message, code));
    if says(&["no matching manifest", "no match for platform", "exec format error"]) {
        Refusal::Architecture
    } else if says(&["unauthorized", "authentication required", "denied", "docker login", "forbidden"])
        || answers(&["401", "403"])
    {
        Refusal::Unauthorized
    } else if (says(&["not found", "manifest unknown", "name unknown", "does not exist"]) || answers(&["404"]))
        && !says(&["no such host"])
    {
        Refusal::NotFound
    } else if says(&[
        "registry is unavailable",
        "toomanyrequests",
        "too many requests",
        "rate limit",
        "timeout",
        "timed out",
        "deadline exceeded",
        "no such host",
        "connection refused",
        "connection reset",
        "no route to host",
        "network is unreachable",
        "server misbehaving",
        "x509",
        "bad gateway",
        "service unavailable",
        "500 internal",
    ]) || answers(&["429", "502", "503", "504", "tls", "eof"])
    {
        Refusal::Unavailable
    } else {
        Refusal::Unsaid
    }
}

/// Whether a message holds a code as a word of its own: digests and tags are full of numbers that look like codes.
fn holds(message: &str, code: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    message.match_indices(code).any(|(at, _)| {
        !is_part(message[..at].chars().next_back()) && !is_part(message[at + code.len()..].chars().next())
    })
}

/// The failing pulls whose messages belong to one family, by owner and container.
pub(super) fn causes(view: &View<'_>, family: Refusal, title: fn(&str, &str) -> String) -> Vec<Finding> {
    let failing = view.all::<Pod>().iter().flat_map(|pod| pod.container_statuses().map(move |status| (pod, status)));
    let failing = failing.filter(|(_, status)| is_pulling_in_vain(status));
    let shown = failing.filter(|(pod, status)| refusal_of(view, pod, status) == family);
    let shown = shown.filter(|(pod, _)| !is_explained(pod, family, view));
    let groups = view.grouped(shown.map(|(pod, status)| (pod, status.name.clone())));
    groups
        .iter()
        .map(|group| {
            let pod = group.first();
            let status = pod.container_statuses().find(|status| status.name == group.part);
            let image = image_of(pod, &group.part);
            let finding = Finding::new("", Severity::Critical, group.owner.clone(), title(&image, &group.count()))
                .part(&group.part)
                .evidence(&pod.reference(), format!("spec.containers[{}].image", group.part), &*image)
                .evidence(
                    &pod.reference(),
                    format!("status.containerStatuses[{}].state.waiting", group.part),
                    status.map_or_else(String::new, waiting),
                )
                .since(pod.metadata.creation_timestamp.at())
                .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()));
            group.show(finding)
        })
        .collect()
}

/// Whether something that is said is about pulling an image.
pub(super) fn is_about_pulling(saying: &Saying<'_>) -> bool {
    saying.is(&["ErrImagePull", "ImagePullBackOff", "FailedPull", "RegistryUnavailable"])
        || saying.is(&["Failed", "BackOff"]) && saying.says(&["pull"]) && saying.says(&["image", "manifest"])
}

/// What the registry answers by that; the name of the image, between quotes, is no answer.
pub(super) fn said_refusal(saying: &Saying<'_>) -> Refusal {
    match saying.quoted_after("image") {
        Some(image) => refusal(&saying.message.replace(image, "")),
        None => refusal(saying.message),
    }
}

/// Whether a message is about pulling, and not about what comes after.
pub(super) fn is_pull_failure(message: &str) -> bool {
    let message = message.to_lowercase();
    ["pull", "errimage", "imagepull"].iter().any(|word| message.contains(word))
}

/// Why the pull of a container's image fails, by its state and its pod's events.
pub(super) fn refusal_of(view: &View<'_>, pod: &Pod, status: &ContainerStatus) -> Refusal {
    refusal_of_image(&said(view, pod, status), &image_of(pod, &status.name))
}

/// The same of a message that names an image: what the name looks like says nothing about why.
fn refusal_of_image(message: &str, image: &str) -> Refusal {
    if image.is_empty() { refusal(message) } else { refusal(&message.replace(image, "")) }
}

/// A refusal, or no word at all, is explained by a pull secret that does not exist.
fn is_explained(pod: &Pod, family: Refusal, view: &View<'_>) -> bool {
    matches!(family, Refusal::Unauthorized | Refusal::Unsaid) && lacks_pull_secret(pod, view)
}

fn is_pulling_in_vain(status: &ContainerStatus) -> bool {
    let reason = status.state.waiting.as_ref().map_or("", |waiting| &waiting.reason);
    matches!(reason, "ImagePullBackOff" | "ErrImagePull" | "RegistryUnavailable")
}

fn waiting(status: &ContainerStatus) -> String {
    status.state.waiting.as_ref().map_or_else(String::new, |waiting| format!("{}: {}", waiting.reason, waiting.message))
}

/// The container's own message and, since a back-off forgets the reason, the events of its pod about it.
fn said(view: &View<'_>, pod: &Pod, status: &ContainerStatus) -> String {
    let own = waiting(status);
    if status.state.waiting.as_ref().is_some_and(|waiting| waiting.reason == "RegistryUnavailable") {
        return format!("{own}: registry is unavailable");
    }
    let image = image_of(pod, &status.name);
    if refusal_of_image(&own, &image) != Refusal::Unsaid {
        return own;
    }
    let events = view.events_about(&pod.reference()).iter();
    let about = events.filter(|event| event.reason == "Failed" && event.message.contains(&*image));
    about.map(|event| event.message.as_str()).collect::<Vec<_>>().join("\n")
}

fn image_of(pod: &Pod, container: &str) -> String {
    let asked = pod.spec.all_containers().find(|one| one.name == container);
    asked.map_or_else(String::new, |one| one.image.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_runtimes_fall_into_their_families() {
        let families = [
            (
                "rpc error: code = NotFound desc = failed to resolve reference \"r/a:1\": r/a:1: not found",
                Refusal::NotFound,
            ),
            ("manifest for r/a:1 not found: manifest unknown: manifest unknown", Refusal::NotFound),
            ("reading manifest 1 in r/a: name unknown: repository name not known to registry", Refusal::NotFound),
            (
                "pull access denied for r/a, repository does not exist or may require 'docker login'",
                Refusal::Unauthorized,
            ),
            (
                "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
                Refusal::Unauthorized,
            ),
            ("toomanyrequests: You have reached your pull rate limit", Refusal::Unavailable),
            ("dial tcp: lookup registry.example on 10.0.0.2:53: no such host", Refusal::Unavailable),
            ("net/http: TLS handshake timeout", Refusal::Unavailable),
            ("no matching manifest for linux/arm64 in the manifest list entries", Refusal::Architecture),
            ("Back-off pulling image \"r/a:1\"", Refusal::Unsaid),
        ];
        for (message, family) in families {
            assert_eq!(refusal(message), family, "{message}");
        }
    }

    #[test]
    fn what_an_image_is_called_is_no_answer() {
        let said = |image: &str| {
            refusal_of_image(&format!("failed to resolve reference \"docker.io/r/{image}\": {image}: not found"), image)
        };
        for image in ["app:20250403", "app:401", "denied:1", "tls-eof:503"] {
            assert_eq!(said(image), Refusal::NotFound, "{image}");
        }
        let digest = "r/a@sha256:401aa403bb: manifest unknown";
        assert_eq!(refusal(digest), Refusal::NotFound);
        assert_eq!(refusal("unexpected status from HEAD request: 403 Forbidden"), Refusal::Unauthorized);
    }
}
