//! Several StorageClasses say that they are the default one.

use sre_core::cause::pending_claims::is_default;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, StorageClass};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-10",
    title: "several StorageClasses are the default one",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::StorageClass)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

fn judge(view: &View<'_>) -> Option<Finding> {
    let is_settled = |class: &&StorageClass| is_default(class) && !view.is_going(&class.metadata);
    let classes: Vec<&StorageClass> = view.all::<StorageClass>().iter().filter(is_settled).collect();
    if classes.len() < 2 || classes.iter().any(|class| view.is_young(&class.metadata)) {
        return None;
    }
    // The API server takes the newest, and of two that are as new the first by name.
    let made = |class: &StorageClass| class.metadata.creation_timestamp.at();
    let taken = classes.iter().copied().rev().max_by_key(|class| made(class))?;
    let names: Vec<&str> = classes.iter().map(|class| class.metadata.name.as_str()).collect();
    let title = format!(
        "{} StorageClasses are the default one ({}); claims that name none get {}",
        classes.len(),
        names.join(", "),
        taken.metadata.name
    );
    let finding = Finding::new("STO-10", Severity::Warning, taken.reference(), title).risk();
    let finding = classes.iter().fold(finding, |finding, class| {
        let field = "metadata.annotations[storageclass.kubernetes.io/is-default-class]";
        finding.evidence(&class.reference(), field, "true")
    });
    let finding = classes.iter().fold(finding, |finding, class| finding.shows_on(class.reference()));
    let others = classes.iter().filter(|class| class.metadata.name != taken.metadata.name);
    let finding = finding.since(made(taken)).look("kubectl get storageclasses");
    Some(others.fold(finding, |finding, other| {
        finding.change(format!(
            "kubectl annotate storageclass {} storageclass.kubernetes.io/is-default-class=false --overwrite --dry-run=server",
            other.metadata.name
        ))
    }))
}

const PAGE: &str = "\
More than one StorageClass says that it is the default one. A claim that names no class gets the
newest of them, which somebody may have added without wanting that: new volumes are of another kind,
price or zone than those before.

Looked at: the annotation is-default-class of the StorageClasses. Not meant: for the first minute of
a class, while the default is being moved.

What to do: leave one:
  kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=false --overwrite --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const FIELD: &str = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";

    fn settled() -> Scenario {
        Scenario::captured("STO-10").later(2)
    }

    #[test]
    fn both_classes_and_the_one_that_is_taken_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.severity, finding.shows_on.len()), (Severity::Warning, 2));
        assert!(finding.title.contains("2 StorageClasses are the default one"), "{}", finding.title);
        assert!(finding.title.ends_with(&format!("get {}", finding.object.name)), "{}", finding.title);
    }

    #[test]
    fn one_default_is_as_it_should_be() {
        assert_eq!(settled().set("StorageClass", "fault-sto-10-old", FIELD, "false").judge(&CHECK), []);
    }

    #[test]
    fn a_default_that_is_just_being_moved_is_not_meant() {
        let now = Scenario::captured("STO-10").snapshot().taken_at.to_string();
        let field = "/metadata/creationTimestamp";
        assert_eq!(Scenario::captured("STO-10").set("StorageClass", "fault-sto-10-new", field, now).judge(&CHECK), []);
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::StorageClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
