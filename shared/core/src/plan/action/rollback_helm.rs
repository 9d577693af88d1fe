//! Having Helm go back to an earlier revision of a release.

use super::{Action, ActionInfo};
use crate::helm::{KIND, ObjectChange, Release, changes, loss};
use crate::plan::{
    Address, Call, Checked, Expectation, FieldChange, Program, Run, Step, Target, Tier, Undo, goes_back_to,
};
use crate::resource::Resource;
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::RollbackHelm,
    id: "rollback-helm",
    tier: Tier::Reversible,
    does: "has helm go back to an earlier revision of a release, which becomes its newest revision",
    undo: "helm goes back to the revision that it came from, with its hooks; data and deleted volumes do not come back",
    higher: "2 when nothing shows that the revision was healthy, or when objects are deleted; 3 when claims, volumes, \
             namespaces or definitions of kinds are among them",
    page: "\
Looked at: the records of the release (Secrets of type helm.sh/release.v1, whose values are shown nowhere), the workloads
of each revision and how they fared, what becomes of each object, who keeps the release. It is carried out by the helm
that is on PATH, with the arguments that the plan shows; without one, nothing is done and they are printed.

Must hold afterwards: the newest revision of the release went back to the one that was meant and is deployed, and the
rollouts of its workloads are complete.

Not done: while another operation of Helm is pending, and to what Flux or Argo CD keep, for they would set it back.

  kubectl sre rollback helm RELEASE -n NAMESPACE --dry-run",
};

/// What is typed behind `helm` to go back; `reach` are helm's flags that lead to the cluster.
///
/// Helm does not wait for the rollouts: a revision that it waited for in vain would not say any more where it went back
/// to. No record is pruned: the revision that it came from is needed to take it back.
fn arguments(release: &str, namespace: &str, to: &str, reach: &[String], timeout: &str) -> Vec<String> {
    let words = ["rollback", release, to, "--namespace", namespace].map(str::to_owned);
    let last = ["--history-max", "0", "--timeout", timeout].map(str::to_owned);
    words.into_iter().chain(reach.iter().cloned()).chain(last).collect()
}

/// What is typed behind `helm` to see the newest revision.
fn probe(release: &str, namespace: &str, reach: &[String]) -> Vec<String> {
    let words = ["history", release, "--namespace", namespace].map(str::to_owned);
    let last = ["--max", "1", "--output", "json"].map(str::to_owned);
    words.into_iter().chain(reach.iter().cloned()).chain(last).collect()
}

/// Whether a step runs helm on its own release, by the flags of `reach` and no others: a plan that was saved for another
/// way, or written by somebody else, has it do something else.
pub fn runs_helm_by(step: &Step, reach: &[String]) -> bool {
    let back = if let Undo::Run(run) = &step.undo { Some(run.as_ref()) } else { None };
    let mut runs = step.call.run().into_iter().chain(back).filter(|run| run.program == Program::Helm);
    let address = &step.object.address;
    let (name, namespace) = (&address.name, address.namespace.as_deref().unwrap_or_default());
    runs.all(|run| {
        let is_number = |word: &&String| !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
        let is_time = |word: &&String| word.strip_suffix('s').is_some_and(|it| it.parse::<u64>().is_ok());
        let (to, timeout) = (run.arguments.get(2).filter(is_number), run.arguments.last().filter(is_time));
        let (Some(to), Some(timeout)) = (to, timeout) else { return false };
        run.arguments == arguments(name, namespace, to, reach, timeout) && run.probe == probe(name, namespace, reach)
    })
}

/// What of a history tells that a release went from one revision to another, which became its newest.
fn fields(newest: i64, status: &str, was_back_at: Option<i64>, to: i64) -> Vec<FieldChange> {
    let field = |name: &str, before: Option<Value>, after: Value| FieldChange {
        pointer: format!("/0/{name}"),
        field: name.to_owned(),
        before,
        after: Some(after),
    };
    vec![
        field("revision", Some(newest.into()), (newest + 1).into()),
        field("status", Some(status.into()), "deployed".into()),
        field("rolledBackTo", was_back_at.map(|it| it.to_string().into()), to.to_string().into()),
    ]
}

fn addresses(release: &Release) -> Vec<Address> {
    let address = |it: crate::object::ObjectRef| {
        let resource = Resource::named(&it.kind)?;
        Some(Address {
            api_version: resource.api_version,
            kind: resource.kind,
            resource: resource.plural,
            namespace: it.namespace,
            name: it.name,
        })
    };
    release.workloads().into_iter().filter_map(address).collect()
}

/// The step from the newest revision of a release to an earlier one; `tier` is what the choice of it may lose.
pub fn rollback_helm(from: &Release, to: &Release, reach: &[String], seconds: u64, tier: Tier) -> Step {
    let (name, namespace, timeout) = (&from.name, &from.namespace, format!("{seconds}s"));
    let run = |target: &Release, fields, changes| Run {
        program: Program::Helm,
        arguments: arguments(name, namespace, &target.revision.to_string(), reach, &timeout),
        probe: probe(name, namespace, reach),
        fields,
        nodes: None,
        workloads: addresses(target),
        changes,
    };
    let changes = changes(from, to);
    let back = run(
        from,
        fields(from.revision + 1, "deployed", Some(to.revision), from.revision),
        changes.iter().rev().map(ObjectChange::reversed).collect(),
    );
    let undo = match from.status.as_str() {
        "uninstalled" => Undo::None { why: format!("it was uninstalled before: helm uninstall {name} does that") },
        _ => Undo::Run(Box::new(back)),
    };
    Step {
        action: Action::RollbackHelm,
        object: Target::to_be_made(Address::outside(KIND, Some(namespace), name)),
        why: goes_back_to(to.revision),
        tier: tier.max(loss(&changes)),
        call: Call::Run(run(to, fields(from.revision, &from.status, from.rolled_back_to(), to.revision), changes)),
        expects: Expectation::Fields,
        undo,
        health: None,
        checked: Checked::NotAsked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm::tests::release;
    use crate::plan::Standing;
    use serde_json::json;

    fn object(kind: &str, api_version: &str) -> Value {
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}})
    }

    fn reach() -> [String; 2] {
        ["--kube-context".to_owned(), "staging".to_owned()]
    }

    #[test]
    fn what_is_typed_and_awaited_stands_in_the_plan() {
        let to = release(2, "superseded", vec![object("Deployment", "apps/v1"), object("Service", "v1")]);
        let step = rollback_helm(&release(3, "failed", to.objects.clone()), &to, &reach(), 300, Tier::Reversible);
        let run = step.call.run().expect("a program");
        let typed = "helm rollback web 2 --namespace shop --kube-context staging --history-max 0 --timeout 300s";
        assert_eq!((run.typed().as_str(), run.forbidden()), (typed, None));
        let looks = "helm history web --namespace shop --kube-context staging --max 1 --output json";
        assert_eq!(run.program.typed(&run.probe), looks);
        let awaited: Vec<String> = run.workloads.iter().map(Address::path).collect();
        assert_eq!(awaited, ["/apis/apps/v1/namespaces/shop/deployments/web"]);
        assert_eq!((run.changes.len(), step.tier), (0, Tier::Reversible));
        let Undo::Run(back) = &step.undo else { panic!("helm again") };
        assert_eq!((back.arguments[2].as_str(), back.forbidden()), ("3", None));
        assert!(matches!(
            rollback_helm(&release(3, "uninstalled", Vec::new()), &to, &reach(), 300, Tier::Reversible).undo,
            Undo::None { .. }
        ));
    }

    #[test]
    fn the_newest_revision_of_a_release_tells_whether_helm_went_back() {
        let (from, to) = (release(3, "failed", Vec::new()), release(2, "superseded", Vec::new()));
        let step = rollback_helm(&from, &to, &[], 300, Tier::Reversible);
        let newest = |revision: i64, status: &str, back: Option<i64>| {
            let mut row = json!({"revision": revision, "status": status});
            if let Some(back) = back {
                row["rolledBackTo"] = json!(back.to_string());
            }
            json!([row])
        };
        use Standing::{After, Before, Otherwise};
        for (now, expected) in [
            (newest(3, "failed", None), Before),
            (newest(3, "pending-upgrade", None), Otherwise),
            (newest(4, "pending-rollback", Some(2)), Otherwise),
            (newest(4, "deployed", Some(2)), After),
            (newest(4, "deployed", Some(1)), Otherwise),
            (newest(4, "deployed", None), Otherwise),
        ] {
            assert_eq!(step.call.standing(&step.object, Some(&now)), expected, "{now}");
        }
        let Undo::Run(back) = &step.undo else { panic!("helm again") };
        let standing = |run: &Run, now| Call::Run(run.clone()).standing(&step.object, Some(&now));
        assert_eq!(standing(back, newest(4, "deployed", Some(2))), Before);
        assert_eq!(standing(back, newest(5, "deployed", Some(3))), After);
        let again = step.call.run().expect("a program").again_after(back);
        assert_eq!(standing(&again, newest(5, "deployed", Some(3))), Before);
        assert_eq!(standing(&again, newest(6, "deployed", Some(2))), After);
    }

    #[test]
    fn a_plan_that_has_helm_do_something_else_is_told_apart() {
        let (from, to) = (release(3, "failed", Vec::new()), release(2, "superseded", Vec::new()));
        let step = rollback_helm(&from, &to, &reach(), 300, Tier::Reversible);
        assert!(runs_helm_by(&step, &reach()) && !runs_helm_by(&step, &[]));
        let changed = |change: &dyn Fn(&mut Run)| {
            let Call::Run(mut run) = step.call.clone() else { panic!("a program") };
            change(&mut run);
            runs_helm_by(&Step { call: Call::Run(run), ..step.clone() }, &reach())
        };
        assert!(!changed(&|run| run.arguments[1] = "other".to_owned()));
        assert!(!changed(&|run| run.arguments[2] = "--force".to_owned()));
        assert!(!changed(&|run| run.arguments.insert(7, "--force".to_owned())));
        assert!(!changed(&|run| run.probe[1] = "other".to_owned()));
        let mut undone = step.clone();
        let Undo::Run(back) = &mut undone.undo else { panic!("helm again") };
        back.arguments.push("--force".to_owned());
        assert!(!runs_helm_by(&undone, &reach()));
    }

    #[test]
    fn what_goes_decides_what_is_asked() {
        let tier = |gone: Value| {
            let (from, to) = (release(3, "deployed", vec![gone]), release(2, "superseded", Vec::new()));
            rollback_helm(&from, &to, &[], 300, Tier::Reversible).tier
        };
        assert_eq!(tier(object("ConfigMap", "v1")), Tier::Disruptive);
        assert_eq!(tier(object("PersistentVolumeClaim", "v1")), Tier::Destructive);
        let mut kept = object("PersistentVolumeClaim", "v1");
        kept["metadata"]["annotations"] = json!({"helm.sh/resource-policy": "keep"});
        assert_eq!(tier(kept), Tier::Reversible);
    }
}
