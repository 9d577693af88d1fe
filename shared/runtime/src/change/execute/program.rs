//! Steps that a program of this machine carries out: asked how things stand, recorded, run, asked again.
//!
//! It is never run a second time by itself: whether it did its work, its probe tells.

use super::{Execution, OFTEN, RENEWED, Seen, Sent, differing};
use crate::change::Objects;
use crate::change::objects::encoded;
use crate::change::programs::{self, ProgramFault, Ran, Running, ended};
use crate::cluster::connection::RequestFault;
use crate::error::Error;
use crate::ui::Waiting;
use sre_core::plan::{Address, Checked, Entry, Expectation, Program, Reached, Run, Standing, Step};
use sre_core::workload_status::Progress;
use std::time::{Duration, Instant};

impl Execution<'_> {
    /// Runs the program of a step, unless its work is done.
    pub(super) async fn run_program(&mut self, index: usize, run: &Run, reached: &Reached) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        if let Some(process) = self.left.take()
            && let Err(why) = self.outlived(process).await
        {
            return Ok(Sent::Unknown(why));
        }
        match probed(step, run).await {
            Ok(Seen::AsBefore(_)) => {}
            Ok(Seen::AsAfter) if *reached == Reached::NotBegun => return Ok(Sent::AlreadySo),
            Ok(Seen::AsAfter) => return Ok(Sent::Taken),
            Ok(Seen::Moved(why)) => return Ok(Sent::Stale(why)),
            Err(fault) => return Ok(Sent::Failed(fault.to_string())),
        }
        if let Err(why) = self.renew().await {
            return Ok(Sent::Failed(why));
        }
        self.note(&Entry::Intent { step: index })?;
        let (ran, lost) = match programs::start(run) {
            Ok(running) => {
                if let Some(process) = running.process() {
                    self.note(&Entry::Started { step: index, process })?;
                }
                let (ran, lost) = self.run_locked(step, run, running).await;
                (self.shown(step, run, ran).await, lost)
            }
            Err(fault) => return Ok(Sent::Failed(fault.to_string())),
        };
        if let Ok(Ran { code, output }) = &ran {
            self.note(&Entry::Ran { step: index, code: *code, output: output.clone() })?;
        }
        match (ran, lost) {
            (_, Some(why)) => Ok(Sent::Unknown(why)),
            (Ok(Ran { code: Some(0), .. }), None) => self.taken(index, true),
            (Ok(ran), None) => {
                let said = ran.output.lines().last().unwrap_or("nothing was said").to_owned();
                self.decided(index, run, format!("{} ended with {}: {said}", run.typed(), ended(ran.code))).await
            }
            (Err(fault), None) => self.decided(index, run, fault.to_string()).await,
        }
    }

    /// Waits for the program of a run that was killed: it may still be at work.
    async fn outlived(&mut self, process: u32) -> Result<(), String> {
        let start = Instant::now();
        while programs::still_runs(process) {
            if start.elapsed() >= self.patience {
                return Err(format!("the program of the run that was killed still runs: process {process}"));
            }
            self.renew().await?;
            tokio::time::sleep(OFTEN).await;
        }
        Ok(())
    }

    /// Runs the program and keeps the lock meanwhile; tells, too, whether the lock was lost.
    async fn run_locked(
        &mut self,
        step: &Step,
        run: &Run,
        running: Running,
    ) -> (Result<Ran, ProgramFault>, Option<String>) {
        let _waiting =
            Waiting::start(&format!("{} {}: {}", step.action.id(), step.object.address.object_ref(), run.typed()));
        let limit = if run.program.ends_by_itself() { Duration::MAX } else { self.patience };
        let mut running = std::pin::pin!(running.ended(limit));
        let mut lost = None;
        loop {
            match tokio::time::timeout(RENEWED, running.as_mut()).await {
                Ok(ran) => return (ran, lost),
                Err(_) => lost = self.renew().await.err().or(lost),
            }
        }
    }

    /// What a program printed without confidential values of the release that it is about: helm quotes them where it
    /// fails.
    async fn shown(&self, step: &Step, run: &Run, ran: Result<Ran, ProgramFault>) -> Result<Ran, ProgramFault> {
        let (Program::Helm, Ok(ran)) = (run.program, &ran) else { return ran };
        let address = &step.object.address;
        let namespace = address.namespace.as_deref().unwrap_or_default();
        let output = match self.objects.releases(namespace, &address.name).await {
            Ok(releases) => releases.scrubbed(&ran.output),
            Err(_) => "what it printed is not kept: the confidential values of the release are not known".to_owned(),
        };
        Ok(Ran { code: ran.code, output })
    }

    /// What became of a step whose program did not say that it did its work.
    async fn decided(&mut self, index: usize, run: &Run, why: String) -> Result<Sent, Error> {
        match probed(&self.plan.steps[index], run).await {
            Ok(Seen::AsAfter) => self.taken(index, true),
            Ok(Seen::AsBefore(_)) => Ok(Sent::Failed(why)),
            Ok(Seen::Moved(now)) => Ok(Sent::Unknown(format!("{why}; {now}"))),
            Err(fault) => Ok(Sent::Unknown(format!("{why}; {fault}"))),
        }
    }
}

/// How things stand before the program of a step is run.
async fn probed(step: &Step, run: &Run) -> Result<Seen, ProgramFault> {
    let now = programs::looked(run.program, &run.probe).await?;
    let name = step.object.address.object_ref();
    Ok(match step.call.standing(&step.object, Some(&now)) {
        Standing::Before => Seen::AsBefore(step.object.clone()),
        Standing::After => Seen::AsAfter,
        Standing::Otherwise => {
            Seen::Moved(format!("{name} was changed since it was looked at: {}", differing(&run.fields, &now)))
        }
    })
}

/// What a program says of its step beforehand; how it moved, where it did.
pub(super) async fn tried(step: &Step, run: &Run) -> Result<Checked, String> {
    if let Some(why) = run.forbidden() {
        return Ok(Checked::Refused { why });
    }
    match probed(step, run).await {
        Ok(Seen::AsAfter) => Ok(Checked::Accepted),
        Ok(Seen::AsBefore(_)) => Ok(Checked::Unknown { why: format!("{} cannot try it", run.program.name()) }),
        Ok(Seen::Moved(why)) => Err(why),
        Err(fault @ ProgramFault::Missing { .. }) => {
            Ok(Checked::Refused { why: format!("{fault}; where it is, type: {}", run.typed()) })
        }
        Err(fault) => Ok(Checked::Refused { why: fault.to_string() }),
    }
}

/// How far a step is whose program ended.
pub(super) async fn awaited(objects: &Objects, step: &Step, run: &Run) -> Progress {
    let now = match programs::looked(run.program, &run.probe).await {
        Ok(now) => now,
        Err(fault) => return Progress::Waiting(fault.to_string()),
    };
    if step.call.standing(&step.object, Some(&now)) != Standing::After {
        return Progress::Waiting(awaited_fields(run, &now));
    }
    if !run.workloads.is_empty() {
        return rolled_out(objects, &run.workloads)
            .await
            .unwrap_or_else(|fault| Progress::Waiting(format!("its workloads cannot be read: {fault}")));
    }
    let Some(wanted) = &run.nodes else { return Progress::Done };
    let selector = format!("labelSelector={}", encoded(&wanted.selector));
    match objects.list("/api/v1/nodes", &selector).await {
        Ok(nodes) => wanted.progress(&nodes),
        Err(fault) => Progress::Waiting(format!("its nodes cannot be read: {fault}")),
    }
}

/// How far the rollouts of several workloads are.
async fn rolled_out(objects: &Objects, workloads: &[Address]) -> Result<Progress, RequestFault> {
    let now = objects.get_all(workloads.iter().map(Address::path)).await?;
    let each = workloads.iter().zip(&now).map(|(workload, now)| {
        let name = workload.object_ref();
        match Expectation::RolledOut.of_object(workload, now.as_ref()) {
            Progress::Done => Progress::Done,
            Progress::Waiting(why) => Progress::Waiting(format!("{name}: {why}")),
            Progress::Failed(why) => Progress::Failed(format!("{name}: {why}")),
        }
    });
    let open: Vec<Progress> = each.filter(|it| *it != Progress::Done).collect();
    let failed = open.iter().find(|it| matches!(it, Progress::Failed(_)));
    Ok(failed.or(open.first()).cloned().unwrap_or(Progress::Done))
}

fn awaited_fields(run: &Run, now: &serde_json::Value) -> String {
    let open = run.fields.iter().filter(|field| !field.is_after(now)).map(|field| {
        let shown = |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let (is, wanted) = (shown(now.pointer(&field.pointer)), shown(field.after.as_ref()));
        format!("{} is {is}, {wanted} is waited for", field.field)
    });
    open.collect::<Vec<_>>().join("; ")
}
