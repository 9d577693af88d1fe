//! Who keeps the workload as a Git source says, and has to leave it alone before it is rolled back.

use serde_json::Value;
use sre_core::ownership::{Owner, owners};
use sre_core::plan::{Note, Step, pause_gitops, resumes_gitops};
use sre_runtime::change::Acting;
use sre_runtime::error::Error;

/// The most Applications that may keep each other: more are a circle.
const DEPTH: usize = 8;

/// The steps that pause whoever keeps the workload, the outermost first, and what resumes them.
///
/// # Errors
/// Says who cannot be paused: an operator, an ApplicationSet, something that is not there.
pub(crate) async fn paused(
    acting: &Acting,
    owner: &Owner,
    applications: &[Value],
) -> Result<(Vec<Step>, Vec<Note>), Error> {
    let (mut steps, mut notes) = (Vec::new(), Vec::new());
    let mut next = Some(owner.clone());
    for _ in 0..DEPTH {
        let Some(owner) = next.take() else { break };
        let path = path(&owner, applications).ok_or_else(|| unpausable(&owner))?;
        let keeper = acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
        let keeper = keeper.ok_or_else(|| unpausable(&owner))?;
        if let Some(step) = pause_gitops(&keeper, "it would set the rollback back".to_owned()) {
            let object = step.object.address.object_ref();
            steps.insert(0, step);
            notes.extend(
                resumes_gitops(&keeper)
                    .map(|command| Note::warning(format!("{object} stays paused until somebody types: {command}"))),
            );
        }
        // Flux sets back only what its source says, and no source says that something is not suspended.
        next = owners(&keeper, applications).into_iter().find(|it| it.sets_back() && !matches!(it, Owner::Flux { .. }));
    }
    Ok((steps, notes))
}

fn path(owner: &Owner, applications: &[Value]) -> Option<String> {
    let place = |group: &str, namespace: &str, plural: &str, name: &str| {
        format!("/apis/{group}/namespaces/{namespace}/{plural}/{name}")
    };
    match owner {
        Owner::ArgoCd { application, namespace } => {
            let text = |it: &'_ Value, field: &str| it["metadata"][field].as_str().map(str::to_owned);
            let seen = applications.iter().find(|it| text(it, "name").as_deref() == Some(application));
            let namespace = namespace.clone().or_else(|| text(seen?, "namespace"))?;
            Some(place("argoproj.io/v1alpha1", &namespace, "applications", application))
        }
        Owner::Flux { object } => {
            let namespace = object.namespace.as_deref()?;
            match object.kind.as_str() {
                "Kustomization" => {
                    Some(place("kustomize.toolkit.fluxcd.io/v1", namespace, "kustomizations", &object.name))
                }
                _ => Some(place("helm.toolkit.fluxcd.io/v2", namespace, "helmreleases", &object.name)),
            }
        }
        Owner::Helm { .. } | Owner::Operator { .. } => None,
    }
}

fn unpausable(owner: &Owner) -> Error {
    Error::Refused {
        why: format!("{} keeps it, and cannot be paused from here", owner.source()),
        hint: "change it there".to_owned(),
    }
}
