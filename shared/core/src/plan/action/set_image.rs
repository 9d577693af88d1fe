//! Setting the images of containers.

use super::template::{TemplateFault, changed_template, containers, template_of};
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::SetImage,
    id: "set-image",
    tier: Tier::Reversible,
    does: "sets the images of containers, which replaces the pods as the strategy says",
    undo: "the images of before are set again, which replaces the pods once more",
    higher: "2 when all pods end before others start, and for a single pod",
    page: "\
Looked at: whether the name may mean another image tomorrow (no tag, or latest), the strategy, who keeps the object.

Must hold afterwards: the rollout is complete, as kubectl rollout status says it; with a paused rollout or the strategy
OnDelete only that the image is written, for nothing rolls.

Not done: to what Argo CD, Flux or an operator keep, for they would set it back.

  kubectl sre change set-image deployment/NAME -n NAMESPACE CONTAINER=IMAGE --dry-run",
};

/// The step that sets images, by the names of their containers; `*` is all that are no init containers. `None` when
/// they are already so.
///
/// # Errors
/// Says which container is not there, or what is no name of an image.
pub fn set_image(object: &Value, images: &[(String, String)], why: String) -> Result<Option<Step>, TemplateFault> {
    let kind = object["kind"].as_str().unwrap_or_default();
    template_of(kind).ok_or_else(|| TemplateFault::NoTemplate(kind.to_owned()))?;
    let mut after = object.clone();
    for (container, image) in images {
        if !is_image(image) {
            return Err(TemplateFault::NoImage(image.clone()));
        }
        let named = Some(container.as_str()).filter(|name| *name != "*");
        containers(&mut after, named)?.into_iter().for_each(|it| it["image"] = json!(image));
    }
    Ok(changed_template(Action::SetImage, object, &after, why))
}

/// Whether a name is given to other images all the time: it has no tag, or the tag `latest`, and no digest.
pub fn is_moving(image: &str) -> bool {
    // A colon before a slash is that of a port.
    let last = image.rsplit('/').next().unwrap_or(image);
    !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// Whether a text is a name of an image: `[HOST[:PORT]/]PATH[:TAG][@ALGORITHM:DIGEST]`
/// (<https://github.com/distribution/reference>).
fn is_image(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) =
        name[last..].split_once(':').map_or((name, None), |(end, tag)| (&name[..last + end.len()], Some(tag)));
    let (host, path) = match path.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, path),
    };
    host.is_none_or(is_host) && path.split('/').all(is_part) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.rsplit_once(':').unwrap_or((text, "0"));
    let is_name = |it: char| it.is_ascii_alphanumeric() || ".-[]:".contains(it);
    !name.is_empty() && name.chars().all(is_name) && !port.is_empty() && port.chars().all(|it| it.is_ascii_digit())
}

fn is_part(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    text.starts_with(is_plain) && text.ends_with(is_plain) && text.chars().all(|it| is_plain(it) || "._-".contains(it))
}

fn is_tag(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.len() <= 128 && text.starts_with(is_plain) && text.chars().all(|it| is_plain(it) || ".-".contains(it))
}

fn is_digest(text: &str) -> bool {
    let is_hex = |it: &str| it.len() >= 32 && it.chars().all(|it| it.is_ascii_hexdigit());
    text.split_once(':').is_some_and(|(algorithm, hex)| !algorithm.is_empty() && is_hex(hex))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, Expectation, FieldChange, with_changes};

    fn object(kind: &str) -> Value {
        let spec = json!({
            "initContainers": [{"name": "init", "image": "web:1"}],
            "containers": [{"name": "app", "image": "web:1"}, {"name": "proxy", "image": "proxy:1"}],
        });
        let spec = match kind {
            "Pod" => spec,
            "CronJob" => json!({"jobTemplate": {"spec": {"template": {"spec": spec}}}}),
            _ => json!({"replicas": 2, "template": {"spec": spec}}),
        };
        let api = match kind {
            "Pod" => "v1",
            "CronJob" => "batch/v1",
            _ => "apps/v1",
        };
        json!({"apiVersion": api, "kind": kind, "metadata": {"name": "web", "namespace": "shop", "uid": "u"}, "spec": spec})
    }

    fn step(kind: &str, images: &[(&str, &str)]) -> Result<Option<Step>, TemplateFault> {
        let images: Vec<_> = images.iter().map(|(name, image)| ((*name).to_owned(), (*image).to_owned())).collect();
        set_image(&object(kind), &images, "asked for".to_owned())
    }

    #[test]
    fn taking_back_after_setting_is_nothing_done() {
        for (kind, tier, expects) in [
            ("Deployment", Tier::Reversible, Expectation::RolledOut),
            ("CronJob", Tier::Reversible, Expectation::Fields),
            ("Pod", Tier::Disruptive, Expectation::Fields),
        ] {
            let step = step(kind, &[("app", "web:2"), ("init", "web:2")]).expect("no fault").expect("a step");
            let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
            let done = with_changes(&object(kind), fields);
            let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
            assert_eq!((fields.len(), with_changes(&done, &back)), (2, object(kind)));
            assert_eq!((step.tier, step.expects), (tier, expects), "{kind}");
        }
    }

    #[test]
    fn containers_are_named_and_a_star_is_all_that_run() {
        let all = step("Deployment", &[("*", "web:2")]).expect("no fault").expect("a step");
        let Call::Edit { fields, .. } = all.call else { panic!("an edit") };
        assert!(
            fields.len() == 2 && fields.iter().all(|it| it.field.contains("].image") && !it.field.contains("init"))
        );
        let fault = step("Deployment", &[("db", "web:2")]).expect_err("no such container");
        assert_eq!(fault.to_string(), "there is no container db; there is app, proxy, init");
        assert_eq!(step("Deployment", &[("app", "web:1")]), Ok(None));
        assert_eq!(step("Service", &[("app", "web:1")]), Err(TemplateFault::NoTemplate("Service".to_owned())));
    }

    #[test]
    fn names_of_images_are_those_of_the_reference() {
        let digest = format!("web@sha256:{}", "a".repeat(64));
        for image in ["web", "web:1", "shop/web:v1.0_a", "registry.example:5000/shop/web", "localhost/a__b", &digest] {
            assert!(is_image(image), "{image}");
        }
        for text in ["", "Web:1", "web:", "web:-1", "a//b", "web@sha256:12", "web 1", "registry.example:x/web", "/web"]
        {
            assert!(!is_image(text), "{text}");
        }
        assert!(matches!(step("Pod", &[("app", "Web")]), Err(TemplateFault::NoImage(_))));
    }

    #[test]
    fn a_name_that_moves_has_no_tag_of_its_own() {
        assert!(is_moving("registry.example:5000/web") && is_moving("web:latest"));
        assert!(!is_moving("web:1") && !is_moving("web@sha256:9f"));
    }
}
