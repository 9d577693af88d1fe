//! `incident evidence --heap`: a program writes its memory to a file, through the one way of changing things, and the file is
//! fetched.
//!
//! What it holds cannot be redacted: it is the owner's alone, and goes nowhere else.

mod file;
mod pod;

use super::evidence::{EvidenceArgs, told};
use crate::pods;
use pod::{one_of, says_not_how};
use serde_json::Value;
use sre_core::finding::{aimed, quoted};
use sre_core::heap::{Dumped, File};
use sre_core::incident::Incident;
use sre_core::object::ObjectRef;
use sre_core::plan::{Ended, Happened, Note, Plan, heap_dump};
use sre_core::report::{Block, Report};
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::{Acting, Look};
use sre_runtime::error::Error;
use sre_runtime::exec::ExecFault;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;
use std::cell::RefCell;
use std::time::Duration;

const EXAMPLE: &str = "type for example: kubectl sre incident evidence --heap deployment/api -n shop --profile FILE";

/// A program whose memory is wanted, and for which incident.
struct Asked<'a> {
    acting: &'a Acting,
    incidents: &'a Incidents,
    incident: &'a Incident,
    dumped: &'a Dumped<'a>,
    patience: Duration,
    /// The profile, as it was named.
    profile: String,
}

/// What became of a plan, and of what was to be fetched where it was done.
struct Made {
    fetched: Option<Result<Incident, Error>>,
    was_begun: bool,
    change: Report,
}

pub(super) async fn report(
    session: &mut Session,
    incidents: &Incidents,
    args: &EvidenceArgs,
    typed: &str,
) -> Result<Report, Error> {
    let (resource, name) = pods::named(typed, EXAMPLE)?;
    let incident = incidents.meant(args.named()?)?;
    let profile = session.profile(&[])?;
    let acting = session.act().await?;
    let namespace = session.namespaces().one().map(str::to_owned).or_else(|| incident.declaration.namespace.clone());
    let namespace = namespace.unwrap_or_else(|| acting.namespace().to_owned());
    let object = pods::object(&acting, &resource, &namespace, &name).await?;
    let described =
        |owner: &ObjectRef| profile.components.iter().filter_map(|it| it.heap.as_ref()).find(|heap| heap.holds(owner));
    let heap = pods::of_owners(&acting, &resource, (&namespace, &object), described).await?;
    let heap = heap.ok_or_else(|| says_not_how(&profile, &resource.kind, &name))?;
    let all = pods::of(&acting, &resource, &namespace, &object).await?;
    let (pod, container) = one_of(&acting, &all, heap, (&resource.kind, &namespace, &name))?;
    if let Some(server) = incident.declaration.server.as_ref().filter(|server| **server != acting.place().server) {
        session.mention(&format!("{} is about {server}, and this is {}", incident.id, acting.place().server));
    }
    let dumped = Dumped { pod: pods::text(pod, "/metadata/name").to_owned(), namespace, container, heap };
    let patience = args.change.timeout;
    let profile = session.report_flags().profile.as_ref().map(|it| it.display().to_string()).unwrap_or_default();
    let asked = Asked { acting: &acting, incidents, incident: &incident, dumped: &dumped, patience, profile };
    if args.existing {
        if asked.files().await?.is_empty() {
            return Err(Error::Refused {
                why: format!("container {} of {} has no file {}", dumped.container, asked.pod(), heap.file),
                hint: "have it made: leave --existing out".to_owned(),
            });
        }
        session.mention(&format!("fetching the newest {} of {}", heap.file, asked.place()));
        let newest = asked.complete(&[]).await?;
        let incident = asked.fetched(&newest, None).await?;
        return Ok(told(session, incident, Vec::new()));
    }
    let Made { fetched, was_begun, mut change } = asked.made(args, pod).await?;
    let undo = aimed(&format!("kubectl sre change undo {}", session.run_id()), acting.reach());
    let next = || {
        let next = [(asked.again(), "fetches it"), (undo.clone(), "removes it")];
        let command = |(command, note): (String, &str)| Block::Command { indent: 1, command, note: note.to_owned() };
        [Block::heading("Next")].into_iter().chain(next.map(command))
    };
    match fetched {
        None if was_begun => {
            change.blocks.extend(next());
            Ok(change)
        }
        None => Ok(change),
        Some(Ok(incident)) => {
            let mut report = told(session, incident, vec![undo.clone()]);
            if change.change.as_ref().is_some_and(|ended| *ended != Ended::Done) {
                report.blocks.extend(change.blocks);
                report.change = change.change;
            }
            Ok(report)
        }
        // What was made may be there still, and the change is told as it went.
        Some(Err(error)) => {
            change.blocks.extend(next());
            session.fails_with(error);
            Ok(change)
        }
    }
}

impl Asked<'_> {
    fn pod(&self) -> String {
        format!("Pod {}/{}", self.dumped.namespace, self.dumped.pod)
    }

    fn place(&self) -> String {
        format!("container {} of {}", self.dumped.container, self.pod())
    }

    /// Has the dump made, and fetches it where it was made; what became of both.
    async fn made(&self, args: &EvidenceArgs, pod: &Value) -> Result<Made, Error> {
        let before = self.files().await?;
        let flags = ChangeFlags { incident: Some(self.incident.id.clone()), ..args.change.clone() };
        let plan = self.plan(pod, &before, &flags)?;
        let change = plan.id.clone();
        let told = RefCell::new(None);
        let fetching = async {
            let fetched = match self.complete(&before).await {
                Ok(file) => self.fetched(&file, Some(change)).await,
                Err(error) => Err(error),
            };
            *told.borrow_mut() = Some(fetched);
        };
        let look = Look { after: 0, look: Box::pin(fetching) };
        let carried = self.acting.carry_out_and_look(plan, &flags, Some(look)).await?;
        let was_begun = carried.outcome.steps.iter().any(|it| *it != Happened::NotDone);
        Ok(Made { fetched: told.take(), was_begun, change: self.acting.report(&carried) })
    }

    fn plan(&self, pod: &Value, before: &[File], flags: &ChangeFlags) -> Result<Plan, Error> {
        let file = &self.dumped.heap.file;
        if let Some(old) = before.iter().find(|it| it.path == *file) {
            return Err(Error::Refused {
                why: format!("{} has a file {file} of {} bytes already", self.place(), old.bytes),
                hint: format!(
                    "fetch it with --existing, though it may be half of one; or remove it: {}",
                    self.typed(&["rm", file])
                ),
            });
        }
        let seconds = u32::try_from(self.patience.as_secs()).unwrap_or(u32::MAX);
        let why = format!("evidence of incident {}", self.incident.id);
        let step = heap_dump(pod, self.dumped, before, seconds, why);
        let title = format!("write the memory of {} to {file}, and fetch it", self.place());
        let mut plan = self.acting.plan(title, step.into_iter().collect(), flags);
        plan.notes = vec![
            Note::warning(STANDS_STILL),
            Note::warning(HOLDS),
            Note::remark(format!(
                "up to {} MiB are fetched; the file in the container stays there until the change is undone",
                self.dumped.heap.most_bytes >> 20
            )),
            Note::remark(format!("where the plan is applied later, or resumed, this fetches it: {}", self.again())),
        ];
        Ok(plan)
    }

    /// Puts into words why nothing could be asked there.
    fn not_asked(&self, fault: &ExecFault) -> Error {
        self.acting.not_asked(fault, &self.dumped.namespace, self.place(), "look there with kubectl exec")
    }

    /// What fetches a dump that is there.
    fn again(&self) -> String {
        let Dumped { namespace, pod, .. } = self.dumped;
        let id = &self.incident.id;
        let command = format!(
            "kubectl sre incident evidence {id} --heap pod/{pod} -n {namespace} --profile {} --existing",
            quoted(&self.profile)
        );
        aimed(&command, self.acting.reach())
    }

    fn typed(&self, words: &[&str]) -> String {
        let Dumped { namespace, pod, container, .. } = self.dumped;
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let command = format!("kubectl exec {pod} -n {namespace} -c {container} -- {}", words.join(" "));
        aimed(&command, self.acting.reach())
    }
}

/// What may happen meanwhile.
const STANDS_STILL: &str = "most programs stand still while they write it: a liveness probe may end them, and so may a memory limit that is near";

/// What a dump is.
const HOLDS: &str =
    "the file holds passwords and personal data as they are: it is kept unredacted on this machine, for you alone";
