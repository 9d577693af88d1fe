//! What a revision runs.

use super::fields::Fields;
use serde_json::Value;
use std::collections::BTreeSet;

/// The image of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The container.
    pub container: String,
    /// Whether it is an init container.
    pub is_init: bool,
    /// The image, as the template names it.
    pub named: String,
    /// What the name meant when pods of the revision pulled it: `repository@sha256:...`; absent when no pod tells, or
    /// each tells something else.
    pub pulled: Option<String>,
    /// When a node pulls it: `Always`, `IfNotPresent`, `Never`.
    pub pull_policy: String,
}

/// Whether a name means the same image for ever: it holds a digest.
pub fn is_fixed(image: &str) -> bool {
    image.contains("@sha256:")
}

/// The images of a template, with what the pods of its revision pulled.
pub(super) fn of(template: &Value, pods: &[&Value]) -> Vec<Image> {
    let lists =
        [("/spec/initContainers", "/status/initContainerStatuses"), ("/spec/containers", "/status/containerStatuses")];
    let of_list = |(containers, statuses): (&str, &str)| -> Vec<Image> {
        let is_init = containers.ends_with("initContainers");
        Fields(template).list(containers).iter().map(|it| image(it, is_init, pods, statuses)).collect()
    };
    lists.into_iter().flat_map(of_list).collect()
}

fn image(container: &Value, is_init: bool, pods: &[&Value], statuses: &str) -> Image {
    let text = |field: &str| container[field].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    let statuses =
        pods.iter().flat_map(|pod| Fields(pod).list(statuses)).filter(|status| status["name"] == name.as_str());
    let pulled: BTreeSet<String> = statuses.filter_map(|status| pulled(status["imageID"].as_str()?)).collect();
    let pulled = if pulled.len() == 1 { pulled.into_iter().next() } else { None };
    Image { container: name, is_init, named: text("image"), pulled, pull_policy: text("imagePullPolicy") }
}

/// Without a repository it is the id of an image that was built on the node, which nobody can pull; with letters that
/// no image has it is nothing to put into a command.
fn pulled(image_id: &str) -> Option<String> {
    let id = image_id.split_once("://").map_or(image_id, |(_, id)| id);
    let is_plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/:@".contains(letter));
    (is_fixed(id) && is_plain).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::plan::is_moving;

    #[test]
    fn only_a_digest_is_for_ever() {
        for image in ["web", "web:latest", "registry:5000/web", "registry:5000/web:latest"] {
            assert!(is_moving(image), "{image}");
        }
        for image in ["web:1.2", "registry:5000/web:1", "web:latest@sha256:ab", "web@sha256:ab"] {
            assert!(!is_moving(image), "{image}");
        }
        assert!(is_fixed("web:latest@sha256:ab") && !is_fixed("web:1.2"));
    }

    #[test]
    fn pods_tell_what_a_name_meant() {
        let template = json!({"spec": {
            "initContainers": [{"name": "migrate", "image": "migrate"}],
            "containers": [{"name": "app", "image": "web", "imagePullPolicy": "Always"}],
        }});
        let with_id = |id: &str| json!({"status": {"containerStatuses": [{"name": "app", "imageID": id}]}});
        let pulled = |id: &str| of(&template, &[&with_id(""), &with_id(id)])[1].pulled.clone();
        assert_eq!(pulled("docker-pullable://docker.io/web@sha256:ab").as_deref(), Some("docker.io/web@sha256:ab"));
        assert_eq!(pulled("docker.io/web@sha256:ab").as_deref(), Some("docker.io/web@sha256:ab"));
        assert_eq!(pulled("sha256:ab"), None);
        assert_eq!(pulled("web@sha256:ab;reboot"), None);
        let both = [with_id("web@sha256:ab"), with_id("web@sha256:cd")];
        assert_eq!(of(&template, &[&both[0], &both[1]])[1].pulled, None, "the name moved while they were made");
        let images = of(&template, &[]);
        assert_eq!((images[0].container.as_str(), images[0].is_init), ("migrate", true));
        assert_eq!((images[1].named.as_str(), images[1].pull_policy.as_str()), ("web", "Always"));
    }
}
