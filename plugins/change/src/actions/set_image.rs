//! `change set-image`.

use super::{look, owned, target, template};
use sre_core::plan::{Note, Step, is_moving, set_image, template_notes};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What would roll, and what to know of the image
  kubectl sre change set-image deployment/web -n shop app=registry.example/shop/web:1.4.2 --dry-run
  # Several containers, and wait until all pods are new and ready
  kubectl sre change set-image deploy/web -n shop app=shop/web:1.4.2 migrate=shop/web:1.4.2 --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Deployment, StatefulSet, DaemonSet, ReplicaSet, CronJob or pod
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// Each container with its image, init containers too; * for all that are none
    #[arg(value_name = "CONTAINER=IMAGE", required = true)]
    images: Vec<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &[&template::KINDS[..], &["Pod"]].concat())?;
    let images: Vec<_> = args.images.iter().map(|word| image(word)).collect::<Result<_, _>>()?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let object = look::object(&acting, &named).await?;
    let owners = look::owners_of(&acting, &object).await;
    let step = set_image(&object, &images, "asked for".to_owned()).map_err(template::refused)?;
    let steps: Vec<Step> = step.into_iter().collect();
    if !steps.is_empty() {
        owned::refuse_kept(&owners, &title)?;
    }
    let notes = [moving(&images), template_notes(&object), owned::notes(&owners)].concat();
    acting.changed(format!("set the image of {title} to {}", named_images(&images)), steps, notes, &args.change).await
}

fn named_images(images: &[(String, String)]) -> String {
    images.iter().map(|(_, image)| image.as_str()).collect::<Vec<_>>().join(", ")
}

/// A rollback to a name that moves may bring back the same image.
fn moving(images: &[(String, String)]) -> Vec<Note> {
    let note = |image: &str| {
        Note::warning(format!(
            "{image} may mean another image tomorrow: nodes may run different ones, and a rollback may bring back the \
             same; name a tag that does not move, or a digest"
        ))
    };
    images.iter().filter(|(_, image)| is_moving(image)).map(|(_, image)| note(image)).collect()
}

fn image(word: &str) -> Result<(String, String), Error> {
    match word.split_once('=') {
        Some((container, image)) if !container.is_empty() && !image.is_empty() => {
            Ok((container.to_owned(), image.to_owned()))
        }
        _ => Err(Error::Usage {
            message: format!("{word:?} names no container with its image"),
            hint: "type CONTAINER=IMAGE, for example app=registry.example/shop/web:1.4.2".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_with_their_images() {
        let parsed = |word: &str| image(word).ok();
        assert_eq!(parsed("app=web:1"), Some(("app".to_owned(), "web:1".to_owned())));
        for wrong in ["app", "=web:1", "app="] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_image_that_moves_is_remarked() {
        let told = |image: &str| moving(&[("app".to_owned(), image.to_owned())]);
        assert!(told("web:latest")[0].warns && told("web").len() == 1);
        assert_eq!(told("web:1.4.2"), []);
    }
}
