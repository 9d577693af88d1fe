//! Carrying a plan out, step by step: record, send, record, wait until what must hold holds.
//!
//! Whatever happens to the process, the journal and the objects together tell what was done. A step whose fate is not
//! known is asked of its object; one that stands as before is sent again, which is safe because the request names the
//! version that was seen. A command that must not run twice is not ([`once`]).

mod fared;
mod once;
mod program;
mod watching;

use super::hidden;
use super::interrupt::Interrupt;
use super::journal::Journal;
use super::lease::Lock;
use super::objects::Objects;
use super::record::Record;
use crate::cluster::connection::{Connection, RequestFault};
use crate::error::Error;
use crate::exec::Limits;
use crate::ui::Waiting;
use futures::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sre_core::container_command::{ContainerCommand, ReadOnlyCommand};
use sre_core::plan::{
    Address, Call, Checked, Ended, Entry, Expectation, FieldChange, Happened, MemberCheck, Outcome, Plan, Reached,
    Replayed, Standing, Step, Target, content_of,
};
use sre_core::workload_status::Progress;
use std::time::{Duration, Instant};

/// How often an object is looked at that is waited for.
const OFTEN: Duration = Duration::from_secs(1);

/// How often a program is asked how things stand: each time it is started anew, and asks its provider.
const PROBED: Duration = Duration::from_secs(5);

/// How often the lock is renewed.
const RENEWED: Duration = Duration::from_secs(20);

/// How often a step is tried whose object moved only in its status, or whose answer was lost.
const MOST_TRIES: u32 = 5;

/// The server's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    told: Timestamp,
    at: Instant,
}

impl Clock {
    /// The server told its time just now.
    pub fn new(told: Timestamp) -> Self {
        Self { told, at: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.told + SignedDuration::try_from(self.at.elapsed()).unwrap_or_default()
    }
}

/// One run that carries a plan out.
pub(crate) struct Execution<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) plan: &'a Plan,
    pub(crate) journal: Journal,
    pub(crate) record: &'a Record,
    pub(crate) lock: Option<Lock>,
    pub(crate) clock: Clock,
    pub(crate) interrupt: &'a Interrupt,
    /// How long to wait for what must hold after a step.
    pub(crate) patience: Duration,
    pub(crate) renewed_at: Instant,
    /// The process of a program that a run before left behind.
    pub(crate) left: Option<u32>,
    /// The way to whoever measures how users fare; none where nothing is measured.
    pub(crate) connection: Option<&'a Connection>,
    /// What is looked at in between.
    pub(crate) look: Option<Look<'a>>,
    /// Whether what the plan made is being taken away, which an interrupt does not stop.
    pub(crate) clears_up: bool,
}

/// A look at the cluster that is a part of a plan's work, and changes nothing.
pub struct Look<'a> {
    /// After which step, from 0; it must have been done.
    pub after: usize,
    /// The look; it keeps by itself what it sees.
    pub look: LocalBoxFuture<'a, ()>,
}

/// Why no further step is begun.
enum Stop {
    Stale(String),
    Failed(String),
    /// What must hold did not in the time that it was given.
    Late(String),
    /// All was done, and it does not work.
    Unwell(String),
    /// All was done, and nobody could see whether it works.
    Unseen(String),
    Interrupted,
}

impl Stop {
    fn ended(self) -> Ended {
        match self {
            Self::Stale(why) => Ended::Stale { why },
            Self::Failed(why) | Self::Late(why) | Self::Unwell(why) | Self::Unseen(why) => Ended::Failed { why },
            Self::Interrupted => Ended::Interrupted,
        }
    }
}

impl Execution<'_> {
    /// Carries out what is not done yet, in a run that stands in the journal already.
    ///
    /// # Errors
    /// Says that the record could not be written; then no further step was begun.
    pub(crate) async fn run(mut self, replayed: &Replayed) -> Result<(Outcome, Option<Lock>), Error> {
        let began = Entry::Began { plan: self.plan.digest(), run: self.record.run().to_owned() };
        self.record.entry(self.plan, &began, self.clock.now())?;
        let mut happened = replayed.happened();
        let mut stopped = None;
        for (index, reached) in replayed.steps.iter().enumerate() {
            self.clears_up = self.is_cleared_up_by(index, &happened);
            if stopped.is_some() && !self.clears_up {
                continue;
            }
            match self.step(index, reached, &mut happened).await? {
                Ok(()) if stopped.is_none() => stopped = self.look_after(index).await.err(),
                Ok(()) => {}
                Err(stop) => _ = stopped.get_or_insert(stop),
            }
        }
        self.clears_up = false;
        let mut watched = Vec::new();
        if stopped.is_none() {
            stopped = match self.afterwards().await {
                Ok(()) => self.watch(&mut watched).await.err(),
                Err(stop) => Some(stop),
            };
        }
        if !watched.is_empty() {
            self.note(&Entry::Watched { seen: watched.clone() })?;
        }
        for fared in self.fared(&happened, stopped.as_ref()).await {
            self.note(&Entry::Fared(fared))?;
        }
        let ended = stopped.map_or(Ended::Done, Stop::ended);
        let head = self.note(&Entry::End { ended: ended.clone() })?;
        Ok((Outcome { ended, steps: happened, watched, head: Some(head) }, self.lock))
    }

    /// Whether a step takes away what was made before it, or may have been.
    fn is_cleared_up_by(&self, index: usize, happened: &[Happened]) -> bool {
        let address = &self.plan.steps[index].object.address;
        let mut before = self.plan.steps[..index].iter().zip(happened);
        let is_there = |happened: &Happened| happened.is_applied() || matches!(happened, Happened::Unknown { .. });
        self.plan.clears_up(index)
            && before.any(|(step, happened)| step.object.address == *address && is_there(happened))
    }

    /// Looks at what is to be looked at after a step, and keeps the lock meanwhile.
    async fn look_after(&mut self, index: usize) -> Result<(), Stop> {
        let Some(Look { look, .. }) = self.look.take_if(|look| look.after == index) else { return Ok(()) };
        let mut look = look;
        loop {
            if let Ok(()) = tokio::time::timeout(OFTEN, look.as_mut()).await {
                return Ok(());
            }
            if self.is_interrupted() {
                return Err(Stop::Interrupted);
            }
            self.renew().await.map_err(Stop::Failed)?;
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised() && !self.clears_up
    }

    /// Writes an entry to the journal and to the audit log; gives the hash of its head.
    fn note(&mut self, entry: &Entry) -> Result<String, Error> {
        self.journal.write(entry)?;
        self.record.entry(self.plan, entry, self.clock.now())
    }

    async fn step(
        &mut self,
        index: usize,
        reached: &Reached,
        happened: &mut [Happened],
    ) -> Result<Result<(), Stop>, Error> {
        if matches!(reached, Reached::Ended(Happened::Done | Happened::AlreadySo)) {
            return Ok(Ok(()));
        }
        if self.is_interrupted() {
            return Ok(Err(Stop::Interrupted));
        }
        let was_changed_by_us = self.was_changed_before(index, happened);
        let sent = match reached {
            Reached::Taken | Reached::Ended(Happened::Unverified { .. }) => Sent::Taken,
            _ => match self.plan.steps[index].call.run() {
                Some(run) => self.run_program(index, run, reached).await?,
                None if self.plan.steps[index].call.runs_once() => self.send_once(index, reached).await?,
                None => self.send(index, reached, was_changed_by_us).await?,
            },
        };
        let (result, stop) = match sent {
            Sent::Taken => self.verify(index).await,
            Sent::Stale(why) => (Happened::NotDone, Some(Stop::Stale(why))),
            Sent::Not(why) => (Happened::NotDone, Some(Stop::Failed(why))),
            Sent::Failed(why) => (Happened::Failed { why: why.clone() }, Some(Stop::Failed(why))),
            Sent::Unknown(why) => (Happened::Unknown { why: why.clone() }, Some(Stop::Failed(why))),
            Sent::AlreadySo => match self.healthy(index).await {
                Ok(()) => (Happened::AlreadySo, None),
                Err((why, stop)) => (Happened::Unverified { why }, Some(stop)),
            },
            Sent::Interrupted { is_open: false } => (Happened::NotDone, Some(Stop::Interrupted)),
            Sent::Interrupted { is_open: true } => {
                let why = "interrupted before its answer came".to_owned();
                (Happened::Unknown { why }, Some(Stop::Interrupted))
            }
        };
        happened[index] = result.clone();
        if result != Happened::NotDone {
            self.note(&Entry::Result { step: index, happened: result })?;
        }
        Ok(stop.map_or(Ok(()), Err))
    }

    /// Whether a step before this one changed the same object, which therefore is not as it was seen.
    fn was_changed_before(&self, index: usize, happened: &[Happened]) -> bool {
        let address = &self.plan.steps[index].object.address;
        let before = self.plan.steps[..index].iter().zip(happened);
        before.into_iter().any(|(step, happened)| step.object.address == *address && happened.is_applied())
    }

    async fn send(&mut self, index: usize, reached: &Reached, was_changed_by_us: bool) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        let (mut is_noted, mut tries, mut is_open) = (false, 0, false);
        let waiting = Waiting::start(&format!("{} {}", step.action.id(), step.object.address.object_ref()));
        let start = Instant::now();
        loop {
            let was_sent = is_noted || *reached != Reached::NotBegun;
            if let Err(why) = self.renew().await {
                return Ok(if was_sent { Sent::Unknown(why) } else { Sent::Failed(why) });
            }
            let target = match seen(self.objects, step, was_changed_by_us).await {
                Ok(Seen::AsBefore(target)) => target,
                Ok(Seen::AsAfter) if !is_noted && *reached == Reached::NotBegun => return Ok(Sent::AlreadySo),
                Ok(Seen::AsAfter) => return self.taken(index, is_noted),
                Ok(Seen::Moved(why)) => return Ok(Sent::Stale(why)),
                Err(fault) if was_sent => {
                    return Ok(Sent::Unknown(format!("it was sent, and its object cannot be read: {fault}")));
                }
                Err(fault) => return Ok(Sent::Failed(format!("its object cannot be read: {fault}"))),
            };
            if !is_noted {
                self.note(&Entry::Intent { step: index })?;
                is_noted = true;
            }
            let answer = match self.answer(index, &target, false).await {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(Sent::Failed("nothing to send".to_owned())),
                Err(why) => return Ok(Sent::Unknown(why)),
            };
            let pause = match answer {
                Ok(()) => return self.taken(index, true),
                Err(fault) if is_refused_by_budget(step, &fault) && start.elapsed() < self.patience => {
                    waiting.say("a disruption budget does not allow it yet");
                    pause_of(&fault)
                }
                // Its status moved, or the answer was lost: the object tells.
                Err(fault) if is_undecided(&fault) && tries < MOST_TRIES => {
                    tries += 1;
                    is_open = !matches!(fault, RequestFault::Conflict { .. });
                    OFTEN
                }
                Err(fault) if is_undecided(&fault) && !matches!(fault, RequestFault::Conflict { .. }) => {
                    return Ok(Sent::Unknown(fault.to_string()));
                }
                Err(fault) => return Ok(Sent::Failed(fault.to_string())),
            };
            tokio::time::sleep(pause).await;
            if self.is_interrupted() {
                return Ok(Sent::Interrupted { is_open });
            }
        }
    }

    /// Sends the call of a step; a command may take longer than the lock lasts, which is kept meanwhile.
    /// An interrupt leaves at work what `is_left` then: whoever goes on finds out what became of it.
    async fn answer(
        &mut self,
        index: usize,
        target: &Target,
        is_left: bool,
    ) -> Result<Option<Result<(), RequestFault>>, String> {
        let (objects, plan) = (self.objects, self.plan);
        let mut sending = std::pin::pin!(sent(objects, &plan.steps[index].call, target));
        loop {
            if let Ok(answer) = tokio::time::timeout(OFTEN, sending.as_mut()).await {
                return Ok(answer);
            }
            self.renew().await?;
            if is_left && self.is_interrupted() {
                return Ok(Some(Err(RequestFault::Unreachable { why: "interrupted before it ended".to_owned() })));
            }
        }
    }

    fn taken(&mut self, index: usize, is_sent: bool) -> Result<Sent, Error> {
        if is_sent {
            self.note(&Entry::Taken { step: index })?;
        }
        Ok(Sent::Taken)
    }

    /// Waits until what must hold after a step holds.
    async fn verify(&mut self, index: usize) -> (Happened, Option<Stop>) {
        let step = &self.plan.steps[index];
        let objects = self.objects;
        let pause = if step.call.run().is_some() { PROBED } else { OFTEN };
        let waited = match self.wait(&step.object.address, pause, || awaited(objects, step)).await {
            Ok(()) => self.healthy(index).await,
            Err(stop) => Err(stop),
        };
        match waited {
            Ok(()) => (Happened::Done, None),
            Err((why, stop)) => (Happened::Unverified { why }, Some(stop)),
        }
    }

    /// Waits until pods say what they must say before the next step.
    async fn healthy(&mut self, index: usize) -> Result<(), (String, Stop)> {
        let step = &self.plan.steps[index];
        let checks = step.health.as_ref().map_or(&[][..], |health| &health.after);
        let objects = self.objects;
        for check in checks {
            self.wait(&step.object.address, PROBED, || said_well(objects, check)).await?;
        }
        Ok(())
    }

    /// Waits until what must hold at the end holds.
    async fn afterwards(&mut self) -> Result<(), Stop> {
        let Some(last) = &self.plan.afterwards else { return Ok(()) };
        let (objects, path) = (self.objects, scaled_path(&last.object, last.expects));
        let look = || async { Ok(last.expects.of_object(&last.object, objects.get(&path).await?.as_ref())) };
        self.wait(&last.object, OFTEN, look).await.map_err(|(_, stop)| match stop {
            Stop::Failed(why) => Stop::Unwell(why),
            other => other,
        })
    }

    /// Looks again and again, until it is so, cannot become so, or takes too long.
    async fn wait<L>(&mut self, object: &Address, pause: Duration, look: impl Fn() -> L) -> Result<(), (String, Stop)>
    where
        L: Future<Output = Result<Progress, RequestFault>>,
    {
        let waiting = Waiting::start(&format!("waiting for {}", object.object_ref()));
        let start = Instant::now();
        loop {
            let why = match look().await {
                Ok(Progress::Done) => return Ok(()),
                Ok(Progress::Failed(why)) => return Err((why.clone(), Stop::Failed(why))),
                Ok(Progress::Waiting(why)) => why,
                Err(fault) => fault.to_string(),
            };
            waiting.say(&why);
            if self.is_interrupted() {
                return Err((why, Stop::Interrupted));
            }
            if start.elapsed() >= self.patience {
                let why = format!("{why}, after {} s", self.patience.as_secs());
                return Err((why.clone(), Stop::Late(why)));
            }
            if let Err(why) = self.renew().await {
                return Err((why.clone(), Stop::Failed(why)));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Keeps the lock; without it nothing more is begun.
    async fn renew(&mut self) -> Result<(), String> {
        let Some(lock) = self.lock.as_mut().filter(|_| self.renewed_at.elapsed() >= RENEWED) else { return Ok(()) };
        match lock.renew(self.objects, &self.record.holder(), self.clock.now()).await {
            Ok(()) => {
                self.renewed_at = Instant::now();
                Ok(())
            }
            Err(RequestFault::Conflict { .. } | RequestFault::NotFound) => {
                self.lock = None;
                Err("somebody else took the lock over".to_owned())
            }
            // It lasts three times as long as it takes until it is renewed.
            Err(_) => Ok(()),
        }
    }
}

/// What became of sending a step.
enum Sent {
    Taken,
    Stale(String),
    /// It was not, and may be another time.
    Not(String),
    Failed(String),
    Unknown(String),
    /// Somebody else made it so; nothing was sent.
    AlreadySo,
    /// The person interrupted; whether its answer is still to come.
    Interrupted {
        is_open: bool,
    },
}

/// How the object of a step is found.
enum Seen {
    /// As it was when the plan was made; the version that it has now.
    AsBefore(Target),
    AsAfter,
    Moved(String),
}

/// Sends a call, or runs its command.
async fn sent(objects: &Objects, call: &Call, target: &Target) -> Option<Result<(), RequestFault>> {
    if let Call::Exec { run, .. } = call {
        return Some(objects.run_in_container(run).await);
    }
    match hidden::revealed(objects, call).await {
        Ok(call) => Some(objects.send(&call.request(target)?, false).await.map(drop)),
        Err(fault) => Some(Err(fault)),
    }
}

/// Looks at the object of a step before it is sent.
async fn seen(objects: &Objects, step: &Step, was_changed_by_us: bool) -> Result<Seen, RequestFault> {
    let path = step.object.address.path();
    let whole = hidden::shown(objects, step, objects.get(&path).await?).await?;
    let name = step.object.address.object_ref();
    if let Some(probe) = step.call.probe() {
        // In a pod of the same name another process runs.
        return match &whole {
            Some(now) if step.object.uid.is_some() && uid(now) != step.object.uid.as_deref() => {
                Ok(Seen::Moved(moved(step, None, now)))
            }
            Some(_) => looked_into(objects, step, probe).await,
            None => Ok(Seen::Moved(format!("{name} is not there any more"))),
        };
    }
    let part = match step.call.subresource() {
        Some(name) if whole.is_some() => objects.get(&format!("{path}/{name}")).await?,
        _ => whole.clone(),
    };
    Ok(match (step.call.standing(&step.object, part.as_ref()), whole) {
        (Standing::After, _) => Seen::AsAfter,
        (Standing::Otherwise, None) => Seen::Moved(format!("{name} is not there any more")),
        (Standing::Otherwise, Some(now)) => Seen::Moved(moved(step, part.as_ref(), &now)),
        (Standing::Before, None) => Seen::AsBefore(step.object.clone()),
        (Standing::Before, Some(now)) => {
            let is_as_seen = step.object.content.as_ref().is_none_or(|content| *content == content_of(&now));
            if is_as_seen || was_changed_by_us {
                let version = now.pointer("/metadata/resourceVersion").and_then(Value::as_str).map(str::to_owned);
                // What the plan made itself has a uid now, and nothing else of its name is touched.
                let uid = step.object.uid.clone().or_else(|| uid(&now).map(str::to_owned));
                Seen::AsBefore(Target { resource_version: version, uid, ..step.object.clone() })
            } else {
                Seen::Moved(moved(step, part.as_ref(), &now))
            }
        }
    })
}

/// Asks the probe of a command; where its pod only gets another status, nothing of it matters.
async fn looked_into(objects: &Objects, step: &Step, probe: &ContainerCommand) -> Result<Seen, RequestFault> {
    let found = objects.probed(probe).await?;
    Ok(match step.call.standing(&step.object, found.as_ref()) {
        Standing::Before => Seen::AsBefore(step.object.clone()),
        Standing::After => Seen::AsAfter,
        Standing::Otherwise => {
            let found = found.as_ref().and_then(Value::as_str).map_or("nothing", str::trim).to_owned();
            Seen::Moved(format!("{} was changed since it was looked into: {found}", step.object.address.object_ref()))
        }
    })
}

fn uid(object: &Value) -> Option<&str> {
    object.pointer("/metadata/uid").and_then(Value::as_str)
}

/// What is different of an object that moved, and who wrote to it last.
fn moved(step: &Step, part: Option<&Value>, now: &Value) -> String {
    let name = step.object.address.object_ref();
    if step.object.uid.is_some() && uid(now) != step.object.uid.as_deref() {
        return format!("{name} is another object of the same name now");
    }
    let differing = differing(step.call.fields(), part.unwrap_or(now));
    let what = if differing.is_empty() { "other fields of it were changed".to_owned() } else { differing };
    format!("{name} was changed since it was looked at{}: {what}", last_writer(now))
}

/// Which fields are not as they were.
fn differing(fields: &[FieldChange], now: &Value) -> String {
    let differing = fields.iter().filter(|field| !field.is_before(now)).map(|field| {
        let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        format!("{} was {} and is {}", field.field, shown(field.before.as_ref()), shown(now.pointer(&field.pointer)))
    });
    differing.collect::<Vec<_>>().join(", ")
}

fn last_writer(object: &Value) -> String {
    let fields = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let writers = fields.into_iter().flatten().filter(|it| it["subresource"] != "status");
    let newest = writers.filter_map(|it| Some((it["time"].as_str()?, it["manager"].as_str()?))).max();
    newest.map_or_else(String::new, |(time, manager)| format!(", by {manager} at {time}"))
}

/// The path of what shows whether something holds of an object.
fn scaled_path(object: &Address, expects: Expectation) -> String {
    let path = object.path();
    if expects == Expectation::Scaled { format!("{path}/scale") } else { path }
}

async fn awaited(objects: &Objects, step: &Step) -> Result<Progress, RequestFault> {
    if let Some(run) = step.call.run() {
        return Ok(program::awaited(objects, step, run).await);
    }
    if let Some(probe) = step.call.probe() {
        return Ok(step.expects.progress(step, objects.probed(probe).await?.as_ref()));
    }
    let path = scaled_path(&step.object.address, step.expects);
    let path = match (step.expects, step.call.subresource()) {
        (Expectation::Fields, Some(name)) => format!("{path}/{name}"),
        _ => path,
    };
    let now = hidden::shown(objects, step, objects.get(&path).await?).await?;
    Ok(step.expects.progress(step, now.as_ref()))
}

/// Whether a pod says what it must; one that cannot be asked may answer later.
async fn said_well(objects: &Objects, check: &MemberCheck) -> Result<Progress, RequestFault> {
    let question = ReadOnlyCommand::declared(check.command.clone());
    Ok(match objects.ask_container(&question, Limits::default()).await {
        Ok(said) => check.unmet(&said).map_or(Progress::Done, Progress::Waiting),
        Err(fault) => Progress::Waiting(format!("{} could not be asked: {fault}", check.command.pod)),
    })
}

fn is_refused_by_budget(step: &Step, fault: &RequestFault) -> bool {
    matches!(step.call, Call::Evict {}) && matches!(fault, RequestFault::TooMany { .. })
}

fn pause_of(fault: &RequestFault) -> Duration {
    match fault {
        RequestFault::TooMany { retry_after: Some(pause) } => *pause,
        _ => Duration::from_secs(5),
    }
}

/// Whether only the object tells what became of the request.
fn is_undecided(fault: &RequestFault) -> bool {
    matches!(
        fault,
        RequestFault::Conflict { .. }
            | RequestFault::Unreachable { .. }
            | RequestFault::Timeout
            | RequestFault::Server { .. }
    )
}

/// Has the server try each step, and says for each what it made of it; an object that is not as it was seen is told
/// apart from all that.
///
/// Of a plan that is being made, and not of one that was saved, values become what the server makes of them: `1000m` is
/// kept as `1`, and would be taken for somebody else's value afterwards.
pub(crate) async fn check(
    objects: &Objects,
    plan: &mut Plan,
    is_being_made: bool,
) -> Result<Option<String>, RequestFault> {
    for index in 0..plan.steps.len() {
        let step = &plan.steps[index];
        let is_first = plan.steps[..index].iter().all(|before| before.object.address != step.object.address);
        if !is_first {
            let why = "a step before it changes the same object".to_owned();
            plan.steps[index].checked = Checked::Unknown { why };
            continue;
        }
        if let Some(run) = step.call.run() {
            match program::tried(step, run).await {
                Ok(checked) => plan.steps[index].checked = checked,
                Err(moved) => return Ok(Some(moved)),
            }
            continue;
        }
        if step.call.probe().is_some() {
            // What makes the plan has looked already; of a saved plan nobody has approved that it looks.
            let why = "no server tries a command in a container".to_owned();
            plan.steps[index].checked = Checked::Unknown { why };
            continue;
        }
        let answer = match tried(objects, step).await? {
            Tried::Answered(answer) => answer,
            Tried::AsAfter => {
                plan.steps[index].checked = Checked::Accepted;
                continue;
            }
            Tried::Moved(why) => return Ok(Some(why)),
            Tried::Nothing => continue,
        };
        if let (true, Ok(made), Call::Edit { fields, .. }) = (is_being_made, &answer, &mut plan.steps[index].call) {
            for field in fields.iter_mut().filter(|field| field.after.is_some()) {
                field.after = made.pointer(&field.pointer).cloned().or_else(|| field.after.take());
            }
        }
        plan.steps[index].checked = checked(&plan.steps[index], answer)?;
    }
    Ok(None)
}

/// What a dry run came to.
enum Tried {
    Answered(Result<Value, RequestFault>),
    /// The object is as the step would make it.
    AsAfter,
    /// It is otherwise than it was seen.
    Moved(String),
    /// The step asks nothing of the server.
    Nothing,
}

/// Sends a step as a dry run; what others write meanwhile, as controllers do to every status, is looked at anew.
async fn tried(objects: &Objects, step: &Step) -> Result<Tried, RequestFault> {
    for pause in [50, 200, 500, 1000, 0] {
        let target = match seen(objects, step, false).await? {
            Seen::AsBefore(target) => target,
            Seen::AsAfter => return Ok(Tried::AsAfter),
            Seen::Moved(why) => return Ok(Tried::Moved(why)),
        };
        let call = hidden::revealed(objects, &step.call).await?;
        let Some(request) = call.request(&target) else { return Ok(Tried::Nothing) };
        match objects.send(&request, true).await {
            Err(RequestFault::Conflict { .. }) if pause > 0 => tokio::time::sleep(Duration::from_millis(pause)).await,
            answer => return Ok(Tried::Answered(answer)),
        }
    }
    Ok(Tried::Nothing)
}

fn checked(step: &Step, answer: Result<Value, RequestFault>) -> Result<Checked, RequestFault> {
    Ok(match answer {
        Ok(_) => Checked::Accepted,
        Err(RequestFault::TooMany { .. }) if matches!(step.call, Call::Evict {}) => {
            Checked::Unknown { why: "a disruption budget does not allow it at the moment".to_owned() }
        }
        Err(RequestFault::NotFound) => {
            Checked::Unknown { why: "what it needs is not there yet: its namespace or its kind".to_owned() }
        }
        Err(RequestFault::Other { message }) if message.contains("does not support dry run") => {
            Checked::Unknown { why: format!("a webhook cannot try it: {message}") }
        }
        Err(RequestFault::Conflict { .. }) if !matches!(step.call, Call::Create { .. }) => {
            Checked::Unknown { why: "others write to it again and again".to_owned() }
        }
        Err(fault @ (RequestFault::Forbidden { .. } | RequestFault::Invalid { .. } | RequestFault::Other { .. })) => {
            Checked::Refused { why: fault.to_string() }
        }
        Err(fault) => return Err(fault),
    })
}
