//! How the workloads fared whose pods a run replaced: a later rollback knows by it which revision worked.

use super::{Execution, Stop, hidden};
use serde_json::Value;
use sre_core::plan::{Address, Expectation, Fared, Happened, Standing, Step};
use sre_core::pod_template::digest;

/// What has revisions.
const KINDS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

impl Execution<'_> {
    /// What each of them runs now, and whether that works; nothing of those of which it is not known.
    pub(super) async fn fared(&self, happened: &[Happened], stopped: Option<&Stop>) -> Vec<Fared> {
        let mut all = Vec::new();
        for (step, happened) in self.plan.steps.iter().zip(happened) {
            for object in self.replaced(step) {
                let Some(works) = works(happened, stopped) else { continue };
                all.extend(self.found(step, object, works).await);
            }
        }
        all
    }

    /// The workloads whose pods a step replaces, and is waited for until they are.
    fn replaced<'s>(&'s self, step: &'s Step) -> impl Iterator<Item = &'s Address> {
        let is_awaited = |object: &Address| {
            let last = self.plan.afterwards.as_ref().filter(|it| it.object == *object);
            step.expects == Expectation::RolledOut || last.is_some_and(|it| it.expects == Expectation::RolledOut)
        };
        let own = &step.object.address;
        let is_replaced = step.call.fields().iter().any(|it| it.pointer.starts_with("/spec/template"));
        let edited = (step.call.run().is_none() && is_replaced && is_awaited(own)).then_some(own);
        let by_program = step.call.run().map_or(&[][..], |run| &run.workloads);
        edited.into_iter().chain(by_program).filter(|it| KINDS.contains(&it.kind.as_str()))
    }

    async fn found(&self, step: &Step, object: &Address, works: bool) -> Option<Fared> {
        let now = self.objects.get(&object.path()).await.ok()??;
        let template = digest(now.pointer("/spec/template")?);
        if step.call.run().is_none() {
            // What somebody else made of it since, was not looked at.
            let shown: Option<Value> = hidden::shown(self.objects, step, Some(now)).await.ok()?;
            (step.call.standing(&step.object, shown.as_ref()) == Standing::After).then_some(())?;
        }
        Some(Fared { object: object.object_ref(), template, works, at: self.clock.now() })
    }
}

/// Whether what a step made works, by what became of it and by what stopped the run.
fn works(happened: &Happened, stopped: Option<&Stop>) -> Option<bool> {
    match (happened, stopped) {
        (Happened::Done, None | Some(Stop::Late(_) | Stop::Interrupted | Stop::Stale(_))) => Some(true),
        // Not a step after it failed, but what was looked at when all were done.
        (Happened::Done, Some(Stop::Unwell(_))) | (Happened::Unverified { .. }, Some(Stop::Failed(_))) => Some(false),
        (Happened::Done, Some(Stop::Failed(_))) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_to_its_end_works_and_what_only_took_long_is_not_known() {
        let unverified = Happened::Unverified { why: "its rollout does not get on".to_owned() };
        let why = || "why".to_owned();
        assert_eq!(works(&Happened::Done, None), Some(true));
        assert_eq!(works(&Happened::Done, Some(&Stop::Failed(why()))), Some(true), "a later step failed");
        assert_eq!(works(&Happened::Done, Some(&Stop::Unwell(why()))), Some(false));
        assert_eq!(works(&Happened::Done, Some(&Stop::Unseen(why()))), None, "nobody looked");
        assert_eq!(works(&unverified, Some(&Stop::Failed(why()))), Some(false));
        assert_eq!(works(&unverified, Some(&Stop::Late(why()))), None);
        assert_eq!(works(&unverified, Some(&Stop::Interrupted)), None);
        assert_eq!(works(&Happened::NotDone, Some(&Stop::Failed(why()))), None);
    }
}
