//! What to do where somebody else keeps an object as a source of theirs says.

use sre_core::ownership::Owner;
use sre_core::plan::Note;
use sre_runtime::error::Error;

/// What whoever changes the object in the cluster only should know.
pub(crate) fn notes(owners: &[Owner]) -> Vec<Note> {
    let note = |owner: &Owner| {
        let source = owner.source();
        if owner.sets_back() {
            Note::warning(format!("this may be set back unless it is changed in {source}"))
        } else {
            Note::warning(format!("the next upgrade sets this back unless it is changed in {source}"))
        }
    };
    owners.iter().map(note).collect()
}

/// Refuses what somebody would set back.
///
/// # Errors
/// Says who, and where to change it instead.
pub(crate) fn refuse_kept(owners: &[Owner], title: &str) -> Result<(), Error> {
    let Some(owner) = owners.iter().find(|owner| owner.sets_back()) else { return Ok(()) };
    let hint = match (owner, owner.pausing()) {
        (Owner::ArgoCd { .. }, Some(command)) => {
            format!("change it in Git, or let Argo CD leave it alone first: {command}")
        }
        (_, Some(command)) => format!("change it in Git, or let Flux leave it alone first: {command}"),
        _ => format!("change it at its source: {}", owner.source()),
    };
    let why = format!("{title} is kept as {} says, and a change here would be set back", owner.source());
    Err(Error::Refused { why, hint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::object::ObjectRef;

    #[test]
    fn only_who_sets_back_is_in_the_way() {
        let helm = Owner::Helm { release: "web".to_owned(), namespace: "shop".to_owned() };
        assert!(refuse_kept(std::slice::from_ref(&helm), "Deployment shop/web").is_ok());
        assert!(notes(&[helm])[0].text.contains("values of the Helm release web in shop"));
        let flux = Owner::Flux { object: ObjectRef::namespaced("Kustomization", "flux-system", "apps") };
        let Err(Error::Refused { why, hint }) = refuse_kept(&[flux], "Deployment shop/web") else { panic!("refused") };
        assert!(why.starts_with("Deployment shop/web is kept as the source of Flux's"), "{why}");
        assert!(hint.ends_with("flux suspend kustomization apps -n flux-system"), "{hint}");
    }
}
