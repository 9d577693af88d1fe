//! The cause classes, one file each; a class is added by its file and one line in each list here.

mod image_auth;
mod image_not_found;
mod image_pull_failed;
mod image_pulls;
mod image_registry_unavailable;

use super::Class;

/// Every class, in the order of the vocabulary.
pub const CLASSES: &[Class] =
    &[image_not_found::CLASS, image_auth::CLASS, image_registry_unavailable::CLASS, image_pull_failed::CLASS];
