//! Having whoever keeps objects as a Git source says leave them alone for a while.

use super::{Action, ActionInfo};
use crate::plan::{Call, Checked, Expectation, Step, Target, Tier, Undo, difference};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::PauseGitops,
    id: "pause-gitops",
    tier: Tier::Disruptive,
    does: "has an Application of Argo CD, or a Kustomization or HelmRelease of Flux, leave alone what it keeps",
    undo: "what was set before is set again, and with it all that was changed meanwhile is set back",
    higher: "never",
    page: "\
Of an Application the automatic synchronisation is taken away (spec.syncPolicy.automated), a Kustomization or HelmRelease
is suspended (spec.suspend). Where another Application keeps the Application (app of apps), that one is paused
first, for it would set this back. What an ApplicationSet makes is refused: it is changed in the ApplicationSet.

Must hold afterwards: the fields have their values. Until somebody resumes it, nothing of that source reaches the
cluster.

  kubectl sre rollback deployment/web -n shop --pause-gitops --dry-run",
};

/// The step that pauses an Application, a Kustomization or a HelmRelease; `None` when it is paused, or is none of these.
pub fn pause_gitops(keeper: &Value, why: String) -> Option<Step> {
    let mut after = keeper.clone();
    let spec = after.get_mut("spec")?.as_object_mut()?;
    let plural = match keeper["kind"].as_str()? {
        "Application" => {
            spec.get_mut("syncPolicy")?.as_object_mut()?.remove("automated")?;
            "applications"
        }
        "Kustomization" => suspended(spec, "kustomizations"),
        "HelmRelease" => suspended(spec, "helmreleases"),
        _ => return None,
    };
    let fields = difference(keeper, &after, "");
    (!fields.is_empty()).then_some(())?;
    Some(Step {
        action: Action::PauseGitops,
        object: Target::of(keeper, plural)?,
        why,
        tier: INFO.tier,
        call: Call::Edit { subresource: None, fields },
        expects: Expectation::Fields,
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
    })
}

fn suspended(spec: &mut serde_json::Map<String, Value>, plural: &'static str) -> &'static str {
    spec.insert("suspend".to_owned(), json!(true));
    plural
}

/// The command that has it keep its objects again, whatever became of the change that paused it.
pub fn resumes_gitops(keeper: &Value) -> Option<String> {
    let text = |pointer: &str| keeper.pointer(pointer).and_then(Value::as_str);
    let (name, namespace) = (text("/metadata/name")?, text("/metadata/namespace")?);
    let patch = match keeper["kind"].as_str()? {
        "Application" => json!({"spec": {"syncPolicy": {"automated": keeper.pointer("/spec/syncPolicy/automated")?}}}),
        _ => json!({"spec": {"suspend": false}}),
    };
    let group = text("/apiVersion")?.split('/').next()?;
    let kind = keeper["kind"].as_str()?.to_lowercase();
    Some(format!("kubectl patch {kind}.{group} {name} -n {namespace} --type merge -p '{patch}'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::with_changes;

    fn object(api_version: &str, kind: &str, spec: Value) -> Value {
        let metadata = json!({"name": "shop", "namespace": "gitops", "uid": "u"});
        json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec})
    }

    fn paused(keeper: &Value) -> Option<Value> {
        let Some(Step { call: Call::Edit { fields, .. }, .. }) = pause_gitops(keeper, String::new()) else {
            return None;
        };
        let after = with_changes(keeper, &fields);
        let back: Vec<_> = fields.iter().rev().map(crate::plan::FieldChange::reversed).collect();
        assert_eq!(&with_changes(&after, &back), keeper);
        Some(after["spec"].clone())
    }

    #[test]
    fn an_application_loses_its_automatic_synchronisation_alone() {
        let automated = json!({"prune": true, "selfHeal": true});
        let policy = json!({"automated": automated, "syncOptions": ["CreateNamespace=true"]});
        let keeper = object("argoproj.io/v1alpha1", "Application", json!({"syncPolicy": policy}));
        assert_eq!(paused(&keeper), Some(json!({"syncPolicy": {"syncOptions": ["CreateNamespace=true"]}})));
        let resume = resumes_gitops(&keeper).expect("a command");
        let expected = "kubectl patch application.argoproj.io shop -n gitops --type merge \
            -p '{\"spec\":{\"syncPolicy\":{\"automated\":{\"prune\":true,\"selfHeal\":true}}}}'";
        assert_eq!(resume, expected);
        let manual = object("argoproj.io/v1alpha1", "Application", json!({"syncPolicy": {}}));
        assert_eq!((paused(&manual), paused(&object("v1", "Pod", json!({})))), (None, None));
    }

    #[test]
    fn what_flux_keeps_is_suspended_once() {
        let keeper = object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", json!({"path": "./shop"}));
        assert_eq!(paused(&keeper), Some(json!({"path": "./shop", "suspend": true})));
        let again = object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", json!({"suspend": true}));
        assert_eq!(paused(&again), None);
        let resume = resumes_gitops(&keeper).expect("a command");
        assert!(
            resume.starts_with("kubectl patch kustomization.kustomize.toolkit.fluxcd.io shop -n gitops"),
            "{resume}"
        );
    }
}
