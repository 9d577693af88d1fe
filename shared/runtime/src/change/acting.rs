//! The handle of a command that changes something: whole objects to plan from, and the way to carry a plan out.

use super::approvals::{self, Approved, Looked};
use super::audit::AuditLog;
use super::event::{self, Told};
use super::execute::{self, Clock, Execution, Look};
use super::gate::{self, ApprovedPlan, Judged, Passage};
use super::interrupt::Interrupt;
use super::journal::{self, Changes};
use super::lease::{self, Locked};
use super::objects::Objects;
use super::programs;
use super::record::Record;
use super::rules::Rules;
use super::{helm, hidden};
use crate::args::{ChangeFlags, DryRun};
use crate::cluster::connection::{Connection, ConnectionFacts, RequestFault};
use crate::error::Error;
use crate::ui::{self, Layout, Question};
use jiff::Timestamp;
use serde_json::{Value, json};
use sre_core::container_command::ContainerCommand;
use sre_core::finding::{aimed, quoted};
use sre_core::helm::Becomes;
use sre_core::object::ObjectRef;
use sre_core::plan::{Address, Call, Ended, Entry, Fared, Outcome, Place, Plan, Program, Replayed, Step, runs_helm_by};
use sre_core::policy::Facts;
use sre_core::resource::Resource;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A cluster that is to be changed, and who changes it.
pub struct Acting {
    objects: Objects,
    connection: Connection,
    place: Place,
    clock: Clock,
    run: String,
    interrupt: Interrupt,
    changes: Changes,
    log: AuditLog,
    layout: Layout,
    rules: Rules,
}

/// An object, or a subresource of it.
pub type Part = (Address, Option<String>);

/// How an approved plan is carried out.
struct Way<'a, 'f> {
    flags: &'f ChangeFlags,
    look: Option<Look<'a>>,
}

/// A plan and what became of it.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The plan, with what the server said of it beforehand.
    pub plan: Plan,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether the plan was shown to a person already.
    pub is_shown: bool,
    /// What the policy says of it; absent where nothing was to be judged.
    pub judged: Option<Judged>,
}

impl Acting {
    /// Finds out which cluster it is, and who the server takes the caller for.
    ///
    /// # Errors
    /// Says why the cluster gives no answer, or that there is no place for the record.
    pub(crate) async fn start(
        connection: Connection,
        now: Timestamp,
        run: &str,
        interrupt: Interrupt,
        layout: Layout,
        rules: Rules,
    ) -> Result<Self, Error> {
        let objects = Objects::new(connection.client.clone());
        let clock = Clock::new(now);
        let (changes, log) = (Changes::of_process()?, AuditLog::of_process()?);
        let place = place(&objects, &connection.facts).await;
        let place = place.map_err(|fault| Error::no_answer(&connection.facts, &fault))?;
        Ok(Self { objects, connection, place, clock, run: run.to_owned(), interrupt, changes, log, layout, rules })
    }

    /// The cluster's objects.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The cluster, and who the caller is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The namespace that a target without one is in.
    pub fn namespace(&self) -> &str {
        &self.connection.facts.default_namespace
    }

    /// The flags that lead to this cluster, for commands that are to go there too.
    pub fn reach(&self) -> &[String] {
        &self.connection.facts.reach
    }

    /// The flags that lead helm to this cluster, as this caller.
    ///
    /// # Errors
    /// Says that helm cannot get there so.
    pub fn helm_reach(&self) -> Result<Vec<String>, Error> {
        helm::reach(&self.connection.facts).map_err(|flag| Error::Refused {
            why: format!("helm has no way to the cluster like {flag}"),
            hint: "choose the cluster by a kubeconfig and a context: --kubeconfig FILE --context NAME".to_owned(),
        })
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What is kept of earlier changes.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// How a workload of this cluster fared after earlier changes of this machine, with what each is known by; the oldest
    /// first. A record that cannot be read tells nothing.
    pub fn fared(&self, object: &ObjectRef) -> Vec<(String, Fared)> {
        self.changes.fared(&self.place.uid, object)
    }

    /// Puts a fault of a read that a plan needs into words.
    pub fn no_answer(&self, fault: &RequestFault) -> Error {
        Error::no_answer(&self.connection.facts, fault)
    }

    /// The objects of a plan's steps as they are, or what their subresources or probes show.
    ///
    /// # Errors
    /// Says why the cluster, or a program, gives no answer.
    pub async fn objects_of(&self, plan: &Plan) -> Result<BTreeMap<Part, Value>, Error> {
        let mut all = self.served_objects_of(plan).await?;
        for step in &plan.steps {
            let Some(run) = step.call.run() else { continue };
            let now = programs::looked(run.program, &run.probe).await.map_err(|fault| Error::Refused {
                why: format!("how {} stands is not known: {fault}", step.object.address.object_ref()),
                hint: format!("see why it fails: {}", run.program.typed(&run.probe)),
            })?;
            all.insert((step.object.address.clone(), None), now);
        }
        Ok(all)
    }

    async fn served_objects_of(&self, plan: &Plan) -> Result<BTreeMap<Part, Value>, Error> {
        let part = |step: &Step| (step.object.address.clone(), step.call.subresource().map(str::to_owned));
        let served: Vec<&Step> = plan.steps.iter().filter(|step| step.object.address.is_served()).collect();
        let parts: Vec<Part> = served.iter().map(|step| part(step)).collect::<BTreeSet<Part>>().into_iter().collect();
        let probes = served.iter().filter_map(|step| Some((part(step), step.call.probe()?)));
        let probes: BTreeMap<Part, &ContainerCommand> = probes.collect();
        let path = |(address, part): &Part| part.iter().fold(address.path(), |path, name| format!("{path}/{name}"));
        let asked: Vec<Part> = parts.into_iter().filter(|part| !probes.contains_key(part)).collect();
        let now = self.objects.get_all(asked.iter().map(path)).await.map_err(|fault| self.no_answer(&fault))?;
        let mut all: BTreeMap<Part, Value> = BTreeMap::new();
        for (of, now) in asked.into_iter().zip(now) {
            let hides = served.iter().find(|step| part(step) == of && matches!(step.call, Call::Restore { .. }));
            let now = match hides {
                Some(step) => hidden::shown(&self.objects, step, now).await.map_err(|fault| self.no_answer(&fault))?,
                None => now,
            };
            all.extend(now.map(|now| (of, now)));
        }
        for (part, probe) in probes {
            let found = self.objects.probed(probe).await.map_err(|fault| self.no_answer(&fault))?;
            all.extend(found.map(|found| (part, found)));
        }
        Ok(all)
    }

    /// How wide and in which colours the terminal shows.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What Events tell of changes by this suite, whoever made them.
    ///
    /// # Errors
    /// Says why the cluster gives no answer.
    pub async fn told(&self) -> Result<Vec<Told>, Error> {
        let selector = format!("fieldSelector=source={}", event::COMPONENT);
        let events = self.objects.list("/api/v1/events", &selector).await.map_err(|fault| self.no_answer(&fault))?;
        Ok(events.iter().filter_map(event::told).collect())
    }

    /// A plan of this run about this cluster.
    pub fn plan(&self, title: impl Into<String>, steps: Vec<Step>, flags: &ChangeFlags) -> Plan {
        Plan {
            id: self.run.clone(),
            title: title.into(),
            made_at: self.now(),
            cluster: self.place.clone(),
            requester: Some(self.record().actor()),
            reason: flags.reason.clone(),
            incident: flags.incident.clone(),
            undoes: None,
            redoes: false,
            due_back: None,
            steps,
            afterwards: None,
            watch: None,
            notes: Vec::new(),
        }
    }

    /// Takes a plan through the gate, and carries it out if it comes through.
    ///
    /// # Errors
    /// Says what kept it from being tried, recorded or asked about. What becomes of the steps is the outcome.
    pub async fn carry_out(&self, plan: Plan, flags: &ChangeFlags) -> Result<Carried, Error> {
        self.carry_out_and_look(plan, flags, None).await
    }

    /// The same, with a look at the cluster between two steps.
    ///
    /// # Errors
    /// As [`Self::carry_out`].
    pub async fn carry_out_and_look<'a>(
        &'a self,
        mut plan: Plan,
        flags: &ChangeFlags,
        look: Option<Look<'a>>,
    ) -> Result<Carried, Error> {
        if plan.steps.is_empty() {
            return Ok(Carried::stopped(plan, Ended::NothingToDo, None));
        }
        self.is_for_this_cluster(&plan)?;
        if flags.only_shows() != Some(DryRun::Client)
            && let Some(why) = self.checked(&mut plan).await?
        {
            return Ok(Carried::stopped(plan, Ended::Stale { why }, None));
        }
        if let Some(file) = &flags.plan_out {
            journal::save(&plan, file)?;
        }
        let judged = self.judged(&plan, flags).await?;
        if let Some(ended) = gate::refusal(&plan, &judged) {
            return self.stopped(plan, ended, judged, flags);
        }
        if flags.only_shows().is_some() {
            return Ok(Carried::stopped(plan, Ended::DryRun, Some(judged)));
        }
        let second = match self.second_person(&plan, &judged, flags).await? {
            Ok(second) => second,
            Err(ended) => return self.stopped(plan, ended, judged, flags),
        };
        match gate::pass(plan, &judged, flags, Question::of_process(), &self.layout).await? {
            Passage::Approved(approved) => {
                let is_shown = approved.how() == gate::Approval::Answer;
                if let Some(second) = &second {
                    second.use_up(self).await?;
                }
                let by = second.map(|it| it.signer);
                let (plan, outcome) = self.execute(*approved, Some(&judged), by, Way { flags, look }).await?;
                Ok(Carried { plan, outcome, is_shown, judged: Some(judged) })
            }
            Passage::Stopped(plan, ended) => self.stopped(*plan, ended, judged, flags),
        }
    }

    /// What was refused or declined is recorded too; a dry run leaves nothing.
    fn stopped(&self, plan: Plan, ended: Ended, judged: Judged, flags: &ChangeFlags) -> Result<Carried, Error> {
        if flags.only_shows().is_none() {
            let decision = json!({"entry": "decided", "ended": ended, "policy": judged.reasons()});
            self.record().decision(&plan, &decision, self.now())?;
        }
        Ok(Carried::stopped(plan, ended, Some(judged)))
    }

    /// What the policy says of a plan.
    async fn judged(&self, plan: &Plan, flags: &ChangeFlags) -> Result<Judged, Error> {
        let rules = flags.policy.as_ref().map_or_else(|| Ok(self.rules.clone()), |file| self.rules.with_file(file))?;
        let touched = plan.touched();
        let namespaces: BTreeSet<&str> = touched.iter().filter_map(|it| it.namespace.as_deref()).collect();
        let environment = rules.environment(plan.cluster.context.as_deref(), namespaces.iter().copied());
        let mut facts = Facts::new(self.now(), environment.counts_as_production());
        facts.max_changes = flags.max_changes;
        facts.budgets = rules.budgets().to_vec();
        let mut unseen = Vec::new();
        let served = plan.steps.iter().map(|step| &step.object.address).filter(|address| address.is_served());
        let paths: BTreeSet<String> = served.map(Address::path).collect();
        // What is to be made, or is gone, has no labels.
        let objects = self.objects.get_all(paths).await.map_err(|fault| self.no_answer(&fault))?;
        objects.iter().flatten().for_each(|object| facts.note(object));
        unseen.extend(self.note_changed_by_programs(plan, &mut facts).await?);
        for name in namespaces {
            match self.objects.get(&format!("/api/v1/namespaces/{name}")).await {
                Ok(namespace) => namespace.iter().for_each(|it| facts.note(it)),
                Err(fault @ RequestFault::Forbidden { .. }) => {
                    unseen.push(format!("whether a label protects the namespace {name} was not seen: {fault}"));
                }
                Err(fault) => return Err(self.no_answer(&fault)),
            }
        }
        let judgement = rules.policy().judge(plan, &facts);
        Ok(Judged::new(judgement, rules, environment, unseen, flags.break_glass))
    }

    /// Takes note of the labels of objects that programs change; says which were not seen.
    async fn note_changed_by_programs(&self, plan: &Plan, facts: &mut Facts) -> Result<Vec<String>, Error> {
        let runs = plan.steps.iter().filter_map(|step| step.call.run());
        let there =
            runs.flat_map(|run| &run.changes).filter(|it| matches!(it.becomes, Becomes::Changed | Becomes::Deleted));
        let mut unseen = Vec::new();
        for object in there.map(|it| &it.object) {
            let not_seen = |why: &str| format!("whether a label protects {object} was not seen: {why}");
            let Some(kind) = Resource::named(&object.kind) else {
                unseen.push(not_seen("its kind is not known here"));
                continue;
            };
            let path = format!("{}/{}", kind.collection(object.namespace.as_deref().unwrap_or_default()), object.name);
            match self.objects.get(&path).await {
                Ok(found) => found.iter().for_each(|it| facts.note(it)),
                Err(fault @ RequestFault::Forbidden { .. }) => unseen.push(not_seen(&fault.to_string())),
                Err(fault) => return Err(self.no_answer(&fault)),
            }
        }
        Ok(unseen)
    }

    /// The approval of a second person, where one is wanted; else how the plan ends without it.
    async fn second_person(
        &self,
        plan: &Plan,
        judged: &Judged,
        flags: &ChangeFlags,
    ) -> Result<Result<Option<Approved>, Ended>, Error> {
        let Some(second) = judged.second_person() else {
            return Ok(match &flags.approval {
                Some(_) if !judged.is_emergency() => Err(Ended::Refused {
                    why: "there is an approval, and no policy here asks for one".to_owned(),
                    hint: "name the policy that the plan was made under: --profile or --policy".to_owned(),
                }),
                _ => Ok(None),
            });
        };
        let given = match &flags.approval {
            Some(file) => approvals::in_file(file)?,
            None => match approvals::in_cluster(self, plan).await? {
                Looked::Found(given) => *given,
                Looked::Nothing => return self.waiting(plan, judged, flags, None).map(Err),
                Looked::Unseen(why) => return self.waiting(plan, judged, flags, Some(&why)).map(Err),
            },
        };
        let place = given.place.clone();
        let (actor, user) = (self.record().actor(), self.place.user.as_str());
        let asked = plan.requester.as_deref().into_iter().chain([plan.cluster.user.as_str()]);
        let requesters: Vec<&str> = asked.chain([actor.as_str(), user]).collect();
        let examined = approvals::examined(given, plan, judged.rules(), second, &requesters, self.now())?;
        let refused = |why: String| Ended::Refused {
            why: format!("the approval {place} does not hold: {why}"),
            hint: "have the second person approve the plan anew".to_owned(),
        };
        match examined {
            Err(why) => Ok(Err(refused(why))),
            Ok(_) if self.was_carried_out(plan).await? => {
                Ok(Err(refused("an Event tells that the change was carried out already".to_owned())))
            }
            Ok(approved) => Ok(Ok(Some(approved))),
        }
    }

    async fn was_carried_out(&self, plan: &Plan) -> Result<bool, Error> {
        approvals::was_carried_out(&self.objects, plan).await.map_err(|fault| self.no_answer(&fault))
    }

    /// Keeps the plan for the second person. Where it is `unseen` whether the cluster keeps an approval, that is said.
    fn waiting(&self, plan: &Plan, judged: &Judged, flags: &ChangeFlags, unseen: Option<&str>) -> Result<Ended, Error> {
        let kept = self.changes.keep(plan)?;
        let file = quoted(&flags.plan_out.as_ref().unwrap_or(&kept).display().to_string());
        let apply = |approval: &str| {
            let flag = judged.rules().flag();
            let command =
                format!("kubectl sre change apply {file}{approval}{flag} --confirm {}", quoted(plan.confirm()));
            aimed(&command, self.reach())
        };
        let approve = format!("kubectl sre change approve {file} --key ~/.ssh/id_ed25519");
        let mut next = vec![format!("{approve} --out approval.json"), apply(" --approval approval.json")];
        let mut why = format!("a second person has to approve it: {}", judged.reasons().join("; "));
        match unseen {
            // Only who may look finds what is kept there.
            Some(unseen) => {
                why.push_str(&format!("; whether the cluster keeps an approval could not be looked at: {unseen}"));
            }
            None => next.extend([aimed(&format!("{approve} --in-cluster"), self.reach()), apply("")]),
        }
        let ended = Ended::Waiting { why, next };
        // Whoever lists the changes sees what it waits for; it is not begun by that.
        if self.changes.replayed(plan)?.runs.is_empty() {
            self.changes.open(plan)?.write(&Entry::End { ended: ended.clone() })?;
        }
        Ok(ended)
    }

    /// Goes on with a change that was begun.
    ///
    /// # Errors
    /// As [`Self::carry_out`].
    pub async fn resume(&self, plan: Plan, flags: &ChangeFlags) -> Result<Carried, Error> {
        self.is_for_this_cluster(&plan)?;
        if flags.only_shows().is_some() {
            return Ok(Carried::stopped(plan, Ended::DryRun, None));
        }
        let judged = self.judged(&plan, flags).await?;
        if judged.forbids_going_on() {
            let ended = gate::refusal(&plan, &judged).unwrap_or(Ended::Declined);
            return self.stopped(plan, ended, judged, flags);
        }
        let (plan, outcome) =
            self.execute(ApprovedPlan::begun(plan), Some(&judged), None, Way { flags, look: None }).await?;
        Ok(Carried { plan, outcome, is_shown: false, judged: Some(judged) })
    }

    async fn checked(&self, plan: &mut Plan) -> Result<Option<String>, Error> {
        let is_being_made = plan.id == self.run;
        execute::check(&self.objects, plan, is_being_made).await.map_err(|fault| self.no_answer(&fault))
    }

    /// A plan that was made for one cluster is never carried out, nor taken back, on another.
    ///
    /// # Errors
    /// Says that it is for another one.
    pub fn is_for_this_cluster(&self, plan: &Plan) -> Result<(), Error> {
        if plan.cluster.uid == self.place.uid {
            return self.helm_goes_there_too(plan);
        }
        let other = plan.cluster.context.as_deref().unwrap_or(&plan.cluster.server);
        Err(Error::Refused {
            why: format!("the plan is for another cluster ({other}) than {}", self.place.server),
            hint: format!("name the cluster that it is for, for example --context {other}"),
        })
    }

    /// Helm finds its way by itself, and must end where this run's own requests go.
    fn helm_goes_there_too(&self, plan: &Plan) -> Result<(), Error> {
        let runs_helm = |step: &Step| step.call.run().is_some_and(|run| run.program == Program::Helm);
        if !plan.steps.iter().any(runs_helm) {
            return Ok(());
        }
        let reach = self.helm_reach()?;
        if plan.steps.iter().all(|step| runs_helm_by(step, &reach)) {
            return Ok(());
        }
        Err(Error::Refused {
            why: format!("the plan has helm do something else, or go another way than this run: {}", reach.join(" ")),
            hint: "name the kubeconfig and the context that the plan shows behind helm".to_owned(),
        })
    }

    fn record(&self) -> Record {
        Record::new(self.log.clone(), &self.run, &self.place.user)
    }

    async fn execute<'a>(
        &'a self,
        approved: ApprovedPlan,
        judged: Option<&Judged>,
        second: Option<String>,
        way: Way<'a, '_>,
    ) -> Result<(Plan, Outcome), Error> {
        self.interrupt.changing(true);
        let record = self.record();
        let mut journal = self.changes.open(approved.plan())?;
        let replayed = self.changes.replayed(approved.plan())?;
        let overridden = judged.filter(|it| it.is_emergency()).map(Judged::reasons);
        let how = json!({
            "entry": "approved", "how": approved.how().word(), "secondPerson": second,
            "policy": judged.map(Judged::reasons), "breakGlass": overridden,
        });
        record.decision(approved.plan(), &how, self.now())?;
        let plan = approved.into_plan();
        // Whoever goes on after this run knows by it whose lock is left.
        journal.write(&Entry::Began { plan: plan.digest(), run: self.run.clone() })?;
        let main = plan.steps.first().map(|step| step.object.address.clone());
        let Some(main) = main else { return Ok((plan, Outcome::nothing_done(Ended::NothingToDo, 0))) };
        let lock = match lease::take(&self.objects, &main, &record.holder(), &replayed.runs, self.now()).await {
            Ok(lock) => Some(lock),
            Err(Locked::Fault(RequestFault::Forbidden { .. })) if self.rules.policy().allows_without_lease() => {
                ui::warn("no lock keeps others from it: Leases are forbidden, and the policy allows it without");
                None
            }
            Err(locked) => {
                let ended = refused_by_lock(locked);
                journal.write(&Entry::End { ended: ended.clone() })?;
                record.decision(&plan, &json!({"entry": "decided", "ended": ended}), self.now())?;
                let steps = replayed.happened();
                return Ok((plan, Outcome { ended, steps, watched: Vec::new(), head: None }));
            }
        };
        let outcome = self.run_steps(&plan, journal, &record, lock, &replayed, way).await?;
        if let Err(fault) = event::put(&self.objects, &plan, &outcome, overridden.as_deref(), &record, self.now()).await
        {
            ui::warn(&format!("no Event tells colleagues of this change: {fault}"));
        }
        Ok((plan, outcome))
    }

    async fn run_steps(
        &self,
        plan: &Plan,
        journal: journal::Journal,
        record: &Record,
        lock: Option<lease::Lock>,
        replayed: &Replayed,
        way: Way<'_, '_>,
    ) -> Result<Outcome, Error> {
        let execution = Execution {
            objects: &self.objects,
            plan,
            journal,
            record,
            lock,
            clock: self.clock,
            interrupt: &self.interrupt,
            patience: way.flags.timeout,
            renewed_at: Instant::now(),
            left: replayed.process,
            connection: Some(&self.connection),
            look: way.look,
            clears_up: false,
        };
        let (outcome, lock) = execution.run(replayed).await?;
        if let Some(lock) = lock
            && let Err(fault) = lock.release(&self.objects).await
        {
            ui::warn(&format!("the lock could not be given back, and is free in {} s: {fault}", lease::LASTS));
        }
        Ok(outcome)
    }
}

fn refused_by_lock(locked: Locked) -> Ended {
    match locked {
        Locked::By { holder, since } => Ended::Refused {
            why: format!("{holder} is changing it, and said so last at {since}"),
            hint: format!("wait until they are done; a run that died is free after {} s", lease::LASTS),
        },
        Locked::Fault(fault) => Ended::Refused {
            why: format!("the lock on it cannot be had: {fault}"),
            hint: "ask for the right to get, create, update and delete leases.coordination.k8s.io there".to_owned(),
        },
    }
}

/// Which cluster it is: `kube-system` has been there from its beginning. A caller who may not see it knows the cluster by
/// its address.
async fn place(objects: &Objects, facts: &ConnectionFacts) -> Result<Place, RequestFault> {
    let uid = match objects.get("/api/v1/namespaces/kube-system").await {
        Ok(Some(namespace)) => namespace.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned),
        Ok(None) | Err(RequestFault::Forbidden { .. }) => None,
        Err(fault) => return Err(fault),
    };
    let authority = facts.certificate_authority_digest.as_deref().unwrap_or_default();
    let uid = uid.unwrap_or_else(|| sre_core::finding::digest(&format!("{} {authority}", facts.server)));
    Ok(Place { uid, context: facts.context.clone(), server: facts.server.clone(), user: user(objects, facts).await })
}

/// Who the server takes the caller for; else what the kubeconfig calls them.
async fn user(objects: &Objects, facts: &ConnectionFacts) -> String {
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let review = objects.review("/apis/authentication.k8s.io/v1/selfsubjectreviews", &body).await;
    let name = review.ok().and_then(|it| it.pointer("/status/userInfo/username")?.as_str().map(str::to_owned));
    name.or_else(|| facts.user.clone()).unwrap_or_else(|| "unknown".to_owned())
}

impl Carried {
    fn stopped(plan: Plan, ended: Ended, judged: Option<Judged>) -> Self {
        let is_shown = ended == Ended::Declined;
        let outcome = Outcome::nothing_done(ended, plan.steps.len());
        Self { plan, outcome, is_shown, judged }
    }

    /// The document of the change: the plan alone when nothing but the plan was wanted, else with what became of it.
    pub fn document(&self) -> Value {
        let mut document = self.plan.document();
        if let Some(judged) = &self.judged {
            document["policy"] = judged.document();
        }
        if self.outcome.ended != Ended::DryRun {
            document["outcome"] = json!(self.outcome);
        }
        document
    }
}
