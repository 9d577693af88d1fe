//! Causes that only what is said tells of, for what no state explains.
//!
//! The earliest stage at which something still holds an object up is the cause; what is said of later ones follows from
//! it. A class that says only that something fails is a cause where nothing says why.

use super::CLASSES;
use super::class::{Class, Heard, Tells};
use super::fold::upstream;
use super::saying::{Saying, Sayings, Stage};
use crate::finding::{Finding, Role, Severity};
use crate::object::ObjectRef;
use crate::slim::{Deployment, Pod, StatefulSet};
use crate::view::{View, is_ready};
use std::collections::{BTreeMap, BTreeSet};

/// Adds what is said to what the classes have recognised by state.
pub fn with_sayings(view: &View<'_>, sayings: &Sayings<'_>, mut causes: Vec<Finding>) -> Vec<Finding> {
    promote(&mut causes);
    let mut known = Known::of(&causes);
    let mut heard: Vec<Finding> = Vec::new();
    for (about, said) in sayings {
        heard.extend(judge(view, about, said, &known));
    }
    known.add(&heard);
    for cause in causes.iter_mut().filter(|cause| tells(cause) == Tells::That && cause.role == Role::Cause) {
        if known.explains(cause) {
            cause.role = Role::Symptom;
        }
    }
    // What is said to hurt is no mere weakness.
    let hurts = |risk: &Finding| heard.iter().any(|it| it.class == risk.class && it.object == risk.object);
    causes.retain(|cause| cause.role != Role::Risk || !hurts(cause));
    causes.extend(heard);
    raise(&mut causes);
    causes.sort_by(|a, b| (&a.object, a.class, &a.part).cmp(&(&b.object, b.class, &b.part)));
    causes
}

/// What says why is the cause, and not what only says that something fails, at the same object.
fn promote(causes: &mut [Finding]) {
    let at = |causes: &[Finding], tells_so: Tells| -> BTreeSet<ObjectRef> {
        let such = causes.iter().filter(|it| it.role == Role::Cause && tells(it) == tells_so);
        such.map(|it| it.object.clone()).collect()
    };
    let (general, specific) = (at(causes, Tells::That), at(causes, Tells::Why));
    for cause in causes.iter_mut().filter(|it| it.role == Role::Symptom && tells(it) == Tells::Why) {
        if general.contains(&cause.object) && !specific.contains(&cause.object) {
            cause.role = Role::Cause;
        }
    }
}

/// A cause is as bad as what is said to follow from it at the same object.
fn raise(causes: &mut [Finding]) {
    let mut worst: BTreeMap<ObjectRef, Severity> = BTreeMap::new();
    for symptom in causes.iter().filter(|it| it.role == Role::Symptom) {
        let known = worst.entry(symptom.object.clone()).or_insert(symptom.severity);
        *known = symptom.severity.min(*known);
    }
    for cause in causes.iter_mut().filter(|it| it.role == Role::Cause && it.severity != Severity::Info) {
        let objects = cause.shows_on.iter().chain([&cause.object]);
        let of_them = objects.filter_map(|object| worst.get(object)).min().copied();
        cause.severity = of_them.map_or(cause.severity, |worst| worst.min(cause.severity));
    }
}

/// The objects of which it is known why they do not work, and by which classes.
struct Known {
    why: BTreeMap<ObjectRef, BTreeSet<&'static str>>,
    /// The same of whatever part it plays.
    stated: BTreeMap<ObjectRef, BTreeSet<&'static str>>,
}

impl Known {
    fn of(causes: &[Finding]) -> Self {
        let mut known = Self { why: BTreeMap::new(), stated: BTreeMap::new() };
        known.add(causes);
        known
    }

    fn add(&mut self, causes: &[Finding]) {
        for cause in causes.iter().filter(|it| it.role != Role::Risk) {
            for object in cause.shows_on.iter().chain([&cause.object]) {
                self.stated.entry(object.clone()).or_default().extend(cause.class);
            }
        }
        let sure = causes.iter().filter(|it| it.role == Role::Cause && tells(it) == Tells::Why);
        for cause in sure.filter(|it| it.severity != Severity::Info) {
            for object in cause.shows_on.iter().chain([&cause.object]) {
                self.why.entry(object.clone()).or_default().extend(cause.class);
            }
        }
    }

    fn knows(&self, object: &ObjectRef) -> bool {
        self.why.contains_key(object)
    }

    fn explains(&self, finding: &Finding) -> bool {
        let by_another = |object: &ObjectRef| {
            self.why.get(object).is_some_and(|classes| classes.iter().any(|class| Some(*class) != finding.class))
        };
        match finding.shows_on.is_empty() {
            true => by_another(&finding.object),
            false => finding.shows_on.iter().any(by_another) || by_another(&finding.object),
        }
    }
}

fn tells(finding: &Finding) -> Tells {
    let class = CLASSES.iter().find(|class| Some(class.id) == finding.class);
    class.map_or(Tells::Why, |class| class.tells)
}

/// What the sayings about one object come to: one cause, and what follows from it.
fn judge(view: &View<'_>, about: &ObjectRef, sayings: &[Saying<'_>], known: &Known) -> Vec<Finding> {
    let mut told: Vec<(&Class, &Heard, &Saying<'_>)> = Vec::new();
    for class in CLASSES {
        let Some(heard) = &class.heard else { continue };
        let can_tell = |saying: &&Saying<'_>| saying.can_tell_of(heard) && saying.holds_of(heard.stage);
        let said = sayings.iter().filter(|saying| can_tell(saying) && (heard.says)(saying));
        if let Some(newest) = said.max_by_key(|saying| (saying.is_state(), saying.at)) {
            told.push((class, heard, newest));
        }
    }
    told.sort_by_key(|(class, heard, _)| (class.tells == Tells::That, heard.stage != Stage::Elsewhere, heard.stage));
    let owner = view.accountable_of(about).unwrap_or_else(|| about.clone());
    let is_known = known.knows(about) || known.knows(&owner);
    let statement = |(place, (class, heard, saying)): (usize, &(&Class, &Heard, &Saying<'_>))| {
        let finding = statement(view, class, heard, saying);
        let says_it = |object: &ObjectRef| known.stated.get(object).is_some_and(|it| it.contains(class.id));
        if says_it(&finding.object) && finding.object != owner && upstream(view, &owner).contains(&finding.object) {
            // Who is to blame is known, and this is one whom it hurts.
            return Some(Finding { object: owner.clone(), ..finding }.symptom());
        }
        let same = says_it(&finding.object) || says_it(about);
        // What gives no reason follows from whatever lies upstream, and stands for itself where nothing does.
        let is_general = class.tells == Tells::That;
        let follows = place > 0 || is_general || is_known || known.knows(&finding.object);
        // What the state of an object says in words is what its fields say.
        let is_another = !is_general && (!is_known || !saying.is_state());
        (!same).then(|| match follows {
            true if is_known && is_another => finding.outranked("what the objects show counts before what is said"),
            true if place > 0 && is_another => finding.outranked("what holds it up earlier counts first"),
            true => finding.symptom(),
            false => finding,
        })
    };
    told.iter().enumerate().filter_map(statement).collect()
}

fn statement(view: &View<'_>, class: &Class, heard: &Heard, saying: &Saying<'_>) -> Finding {
    let about = &saying.about;
    let owner = || view.accountable_of(about).unwrap_or_else(|| about.clone());
    let object = (heard.whom)(saying, view).unwrap_or_else(owner);
    let value = format!("{}: {}", saying.reason, saying.message);
    let severity = if heard.is_by_design { Severity::Info } else { severity(view, about) };
    let finding = Finding::new("", severity, object.clone(), (heard.title)(saying))
        .class(class.id)
        .evidence(about, &*saying.field, value.trim_start_matches(": "))
        .since(saying.since);
    let finding = if is_borne_out(view, saying) { finding } else { finding.probable() };
    // A ReplicaSet is no more than how its Deployment makes its pods.
    let is_itself = object == *about || about.kind != "Pod" && view.accountable_of(about).as_ref() == Some(&object);
    let shown = if is_itself { finding } else { finding.shows_on(about.clone()) };
    let describe = about.kind.to_lowercase();
    match &about.namespace {
        Some(namespace) => shown.look_words(&["kubectl", "describe", &describe, &about.name, "-n", namespace]),
        None => shown.look_words(&["kubectl", "describe", &describe, &about.name]),
    }
}

/// Whether the state of whom a saying is about bears it out: a condition is that state, and of a pod that an event speaks of
/// it is known that it does not work. Where whom it is about was not seen, or is well, only words speak.
fn is_borne_out(view: &View<'_>, saying: &Saying<'_>) -> bool {
    let (about, kinds) = (&saying.about, crate::slim::KINDS);
    let namespace = about.namespace.as_deref().unwrap_or_default();
    match about.kind.as_str() {
        _ if saying.is_state() => true,
        "Pod" => view.get::<Pod>(namespace, &about.name).is_some_and(|pod| !is_ready(pod)),
        kind => kinds
            .iter()
            .filter(|row| row.name == kind)
            .any(|row| view.snapshot.objects.metadata(row.kind, namespace, &about.name).is_some()),
    }
}

/// Whoever serves no more is worse off than whoever complains and serves.
fn severity(view: &View<'_>, about: &ObjectRef) -> Severity {
    let namespace = about.namespace.as_deref().unwrap_or_default();
    match view.get::<Pod>(namespace, &about.name).filter(|_| about.kind == "Pod") {
        Some(pod) if is_ready(pod) => Severity::Warning,
        Some(pod) => {
            let served = view.pods_of(&view.owner_of(pod)).iter().any(|pod| is_ready(pod));
            if served { Severity::Warning } else { Severity::Critical }
        }
        None => {
            let owner = view.accountable_of(about).unwrap_or_else(|| about.clone());
            let lacks_all = lacks_pods(view, &owner) && !view.pods_of(&owner).iter().any(|pod| is_ready(pod));
            if lacks_all { Severity::Critical } else { Severity::Warning }
        }
    }
}

/// Whether an object makes pods, wants some, and files do not merely lack them.
fn lacks_pods(view: &View<'_>, owner: &ObjectRef) -> bool {
    let (namespace, name) = (owner.namespace.as_deref().unwrap_or_default(), owner.name.as_str());
    let wants = |wanted: Option<i32>, there: i32| wanted.unwrap_or(1) > there;
    match owner.kind.as_str() {
        "Deployment" => {
            view.get::<Deployment>(namespace, name).is_some_and(|it| wants(it.spec.replicas, it.status.replicas))
        }
        "StatefulSet" => {
            view.get::<StatefulSet>(namespace, name).is_some_and(|it| wants(it.spec.replicas, it.status.replicas))
        }
        _ => false,
    }
}
