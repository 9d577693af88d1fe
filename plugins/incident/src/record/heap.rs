//! `incident evidence --heap`: a program writes its memory to a file, through the one way of changing things, and the file is
//! fetched.
//!
//! What it holds cannot be redacted: it is the owner's alone, and goes nowhere else.

use super::evidence::{EvidenceArgs, told};
use crate::pods;
use serde_json::Value;
use sre_core::finding::{aimed, quoted};
use sre_core::heap::{Dumped, File, files};
use sre_core::incident::{Incident, What};
use sre_core::plan::{Ended, Happened, Note, Plan, heap_dump};
use sre_core::profile::{Heap, Profile};
use sre_core::report::{Block, Report};
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::{Acting, Look};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::{Error, explain};
use sre_runtime::exec::{ExecFault, Limits};
use sre_runtime::incident::{Incidents, Keeping, Kept};
use sre_runtime::session::Session;
use sre_runtime::ui::Waiting;
use std::cell::RefCell;
use std::time::{Duration, Instant};

const EXAMPLE: &str = "type for example: kubectl sre incident evidence --heap deployment/api -n shop --profile FILE";

/// How often a file that is being written is looked at.
const OFTEN: Duration = Duration::from_secs(1);

/// How many looks in a row find it the same when it is whole: a program that writes may stop for a moment.
const SAME: u32 = 3;

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
    let owners = pods::owners(&acting, &resource, &namespace, &object).await?;
    let heap = profile.components.iter().filter_map(|it| it.heap.as_ref());
    let heap = heap.into_iter().find(|heap| owners.iter().any(|owner| heap.holds(owner)));
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

fn says_not_how(profile: &Profile, kind: &str, name: &str) -> Error {
    let with: Vec<&str> = profile.components.iter().filter(|it| it.heap.is_some()).map(|it| it.name.as_str()).collect();
    let known = match with.is_empty() {
        true => "no component of a profile says how a heap dump is made".to_owned(),
        false => format!("only these components say how a heap dump is made: {}", with.join(", ")),
    };
    Error::Usage {
        message: format!("how the memory of {kind} {name} is written to a file is not known: {known}"),
        hint: "write components[].heap into the profile (docs/profile.md), and name it with --profile".to_owned(),
    }
}

/// The pod that is meant, and its container.
fn one_of<'p>(
    acting: &Acting,
    all: &'p [Value],
    heap: &Heap,
    (kind, namespace, name): (&str, &str, &str),
) -> Result<(&'p Value, String), Error> {
    let runs = |pod: &'p Value| Some((pod, pods::running_container(pod, heap.container.as_deref())?.to_owned()));
    let mut running: Vec<(&Value, String)> = all.iter().filter_map(runs).collect();
    match (running.pop(), running.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(Error::Refused {
            why: format!("{kind} {name} has no container that runs, of which there is memory to write"),
            hint: aimed(
                &format!("kubectl sre incident triage {}/{name} -n {namespace}", kind.to_lowercase()),
                acting.reach(),
            ),
        }),
        (Some(last), false) => {
            running.push(last);
            let mut names: Vec<&str> = running.iter().map(|(pod, _)| pods::text(pod, "/metadata/name")).collect();
            names.sort_unstable();
            Err(Error::Usage {
                message: format!("{} pods of {kind} {name} run; of which one?", names.len()),
                hint: format!("name one: --heap pod/NAME ({})", names.join(", ")),
            })
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

    /// The dumps that are there, the newest first.
    async fn files(&self) -> Result<Vec<File>, Error> {
        let said = self.acting.objects().ask_container(&self.dumped.files(), Limits::default()).await;
        let said = said.map_err(|fault| self.fault(&fault))?;
        let not_known = |why: String| Error::Refused {
            why: format!("which dumps {} has is not known: {why}", self.place()),
            hint: "look there with kubectl exec".to_owned(),
        };
        match said.failure() {
            Some(why) => Err(not_known(why)),
            None if said.is_cut => Err(not_known("there are more than are read".to_owned())),
            None => files(&said.stdout).map_err(|line| not_known(format!("{line:?} was said of one"))),
        }
    }

    /// Waits until the newest file that was not there before grows no more.
    async fn complete(&self, before: &[File]) -> Result<File, Error> {
        let waiting = Waiting::start(&format!("the dump in {}", self.pod()));
        let start = Instant::now();
        let (mut last, mut same) = (None, 0);
        loop {
            let why = match self.files().await {
                Ok(files) => {
                    let now = files.into_iter().find(|file| before.iter().all(|old| old.path != file.path));
                    let is_same = now.as_ref().is_some_and(|file| file.bytes > 0) && last == now;
                    same = if is_same { same + 1 } else { 0 };
                    last = now;
                    last.as_ref().map_or_else(|| "it is not there".to_owned(), |it| format!("{} bytes", it.bytes))
                }
                // The next look may tell.
                Err(error) => explain(&error).message,
            };
            if let (Some(file), true) = (&last, same >= SAME) {
                return Ok(file.clone());
            }
            waiting.say(&why);
            if start.elapsed() >= self.patience {
                let message =
                    format!("the dump in {} is not whole after {} s: {why}", self.place(), self.patience.as_secs());
                return Err(self.unfetched(message));
            }
            waiting.pause(OFTEN).await;
        }
    }

    fn unfetched(&self, message: String) -> Error {
        let hint = format!("with more time, where it needs that (--timeout): {}", self.again());
        Error::Unseen { message, hint }
    }

    /// Fetches a file, and writes down where it is.
    async fn fetched(&self, file: &File, change: Option<String>) -> Result<Incident, Error> {
        let most = self.dumped.heap.most_bytes;
        if file.bytes > most {
            return Err(Error::Unseen {
                message: format!("{} has {} bytes, and {most} are fetched at the most", file.path, file.bytes),
                hint: format!("let the profile say more (heap.mostMebibytes), and fetch it: {}", self.again()),
            });
        }
        let mut keeping = self.incidents.keeping(&self.incident.id, most)?;
        self.stream(file, &mut keeping).await?;
        let is_as_listed = keeping.bytes() == file.bytes && {
            let now = self.files().await.map_err(|error| {
                self.unfetched(format!(
                    "whether {} changed while it was fetched: {}",
                    file.path,
                    explain(&error).message
                ))
            })?;
            now.contains(file)
        };
        if !is_as_listed {
            return Err(self.unfetched(format!("{} changed while it was fetched", file.path)));
        }
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let dumped = self.dumped;
        let context = self.acting.place().context.as_ref().map_or(String::new(), |it| format!(" (context {it})"));
        self.incidents.keep(&self.incident.id, keeping, name, |Kept { file: kept, sha256, bytes }| What::Dump {
            of: format!("{}/{}/{}{}", dumped.namespace, dumped.pod, dumped.container, context),
            path: file.path.clone(),
            file: kept,
            sha256,
            bytes,
            change,
        })
    }

    async fn stream(&self, file: &File, keeping: &mut Keeping) -> Result<(), Error> {
        let waiting = Waiting::start(&format!("fetching {}", file.path));
        let mut unkept = None;
        let mut take = |bytes: &[u8]| {
            let taken = keeping.take(bytes);
            waiting.say(&format!("{} of {} MiB", keeping.bytes() >> 20, file.bytes >> 20));
            taken.map_err(|error| {
                let kind = error.kind();
                unkept = Some(error);
                kind.into()
            })
        };
        let limits = Limits { time: self.patience, ..Limits::default() };
        let said = self.acting.objects().stream_container(&self.dumped.read(file), limits, &mut take).await;
        if let Some(source) = unkept {
            return Err(keeping.fault(source));
        }
        let why = match said {
            Ok(said) => said.failure(),
            Err(fault) => Some(explain(&self.fault(&fault)).message),
        };
        why.map_or(Ok(()), |why| Err(self.unfetched(format!("{} was not fetched: {why}", file.path))))
    }

    /// Puts into words why nothing could be asked there.
    fn fault(&self, fault: &ExecFault) -> Error {
        let refused = |why: String, hint: &str| Error::Refused { why, hint: hint.to_owned() };
        let place = self.place();
        match fault {
            ExecFault::Request(RequestFault::Forbidden { message }) => refused(
                format!("no command may be run in {place}: {message}"),
                "ask for the right to create pods/exec there",
            ),
            ExecFault::Request(fault) => self.acting.no_answer(fault),
            fault => refused(format!("{place} could not be asked: {fault}"), "look there with kubectl exec"),
        }
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
