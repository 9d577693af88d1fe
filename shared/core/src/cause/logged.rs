//! Causes that logs tell of, where no state and no saying says why.

use super::CLASSES;
use super::acts::Acts;
use super::class::Tells;
use super::fold::upstream;
use crate::finding::{Effect, Evidence, Finding, Remedy, Rival, Role, Severity, quoted as typed};
use crate::logs::{Explanation, Gives, Hint, Instance, callee, explained, hints};
use crate::object::ObjectRef;
use crate::slim::{Object, Service};
use crate::view::{View, is_ready};
use std::collections::BTreeSet;

/// The longest piece of a log that evidence quotes.
const LONGEST: usize = 400;

/// Adds what logs say to what is known: a class that says why becomes the cause, and how the process ended its symptom.
pub fn with_logs(view: &View<'_>, mut causes: Vec<Finding>) -> Vec<Finding> {
    for explanation in explained(view) {
        // A program that works may say much: only what is a trouble by itself counts.
        let works = explanation.instance == Instance::Working;
        if works && !matches!(explanation.signature.gives, Gives::Class(_)) {
            continue;
        }
        let told = Told::of(view, explanation, &causes);
        match told.blamed(view) {
            Some(blamed) if !told.is_known(&causes) => told.replace(view, &mut causes, blamed),
            Some(blamed) => {
                told.attach(&mut causes);
                told.rival(&mut causes, blamed, "what the objects show counts before a line of a log");
            }
            None => told.attach(&mut causes),
        }
    }
    for Hint { would, why } in hints(view) {
        let told = Told::of(view, would, &causes);
        if let Some(blamed) = told.blamed(view) {
            told.rival(&mut causes, blamed, why);
        }
    }
    causes.sort_by(|a, b| (&a.object, a.class, &a.part).cmp(&(&b.object, b.class, &b.part)));
    causes
}

/// A fact of a log.
pub fn with_line(mut finding: Finding, one: &Explanation<'_>) -> Finding {
    finding.evidence.push(quoted(one));
    finding
}

fn quoted(one: &Explanation<'_>) -> Evidence {
    let value = one.line.text.chars().take(LONGEST).collect();
    Evidence { object: one.log.object(), field: one.log.field(), value, at: one.line.at }
}

/// Whether a finding says that something fails, and not why.
pub fn tells_only_that(finding: &Finding) -> bool {
    CLASSES.iter().any(|class| Some(class.id) == finding.class && class.tells == Tells::That)
}

/// Adds what its class knows to do.
pub fn with_acts(view: &View<'_>, finding: Finding) -> Finding {
    let Some(class) = CLASSES.iter().find(|class| Some(class.id) == finding.class) else { return finding };
    let commands = (class.acts)(&Acts::of(view, &finding.object, &finding.part));
    commands.into_iter().fold(finding, Finding::change)
}

/// A class, and who is accountable.
type Blamed = (&'static str, ObjectRef);

/// What a log says, and whom it is about.
struct Told<'v> {
    one: Explanation<'v>,
    owner: ObjectRef,
    /// The pods of the owner that are known to fail.
    pods: BTreeSet<ObjectRef>,
}

impl<'v> Told<'v> {
    fn of(view: &View<'v>, one: Explanation<'v>, causes: &[Finding]) -> Self {
        let owner = view.owner_of(one.pod);
        let itself = one.pod.reference();
        let mut told = Self { one, owner, pods: [itself].into() };
        let of_owner: BTreeSet<ObjectRef> = view.pods_of(&told.owner).iter().map(|pod| pod.reference()).collect();
        let shown = causes.iter().filter(|cause| told.concerns(cause)).flat_map(|cause| &cause.shows_on);
        let shown: Vec<ObjectRef> = shown.filter(|object| of_owner.contains(object)).cloned().collect();
        told.pods.extend(shown);
        told
    }

    /// Whether a finding is about these pods, and about this container where it names one.
    fn concerns(&self, finding: &Finding) -> bool {
        let is_about = |object: &ObjectRef| *object == self.owner || self.pods.contains(object);
        let is_of_part = finding.part.is_empty() || finding.part == self.one.log.container || finding.class.is_none();
        finding.role != Role::Risk
            && finding.severity != Severity::Info
            && is_of_part
            && (is_about(&finding.object) || finding.shows_on.iter().any(is_about))
    }

    /// Whether something else already says why.
    fn is_known(&self, causes: &[Finding]) -> bool {
        let whole = |finding: &Finding| self.concerns(&Finding { part: String::new(), ..finding.clone() });
        causes.iter().any(|it| it.role == Role::Cause && !tells_only_that(it) && whole(it))
    }

    /// The class that the line gives, if there is one.
    fn blamed(&self, view: &View<'_>) -> Option<Blamed> {
        let (owner, subject) = (|| self.owner.clone(), self.one.subject.as_deref());
        let called = subject.and_then(|it| callee(view.snapshot, &self.one.log.namespace, it));
        Some(match self.one.signature.gives {
            Gives::Words | Gives::Program => return None,
            Gives::Class(class) => (class, owner()),
            Gives::Callee => match called.filter(|it| it.is_seen) {
                Some(called) if lacks_port(view, &called.object, called.port) => {
                    ("service-port-mismatch", called.object)
                }
                Some(called) => ("dependency-unavailable", called.object),
                None => ("dependency-unavailable", owner()),
            },
            Gives::Name => match called.filter(|it| !it.is_seen) {
                Some(missing) => ("service-missing", missing.object),
                None => ("dns-resolution-failed", owner()),
            },
            Gives::Permission => ("container-permission-denied", owner()),
            Gives::Certificate => ("certificate-expired", owner()),
            Gives::Architecture => ("image-architecture-mismatch", owner()),
            Gives::Processes => ("node-pid-pressure", owner()),
            Gives::Right => ("rbac-forbidden", subject.and_then(account).unwrap_or_else(owner)),
            Gives::Token => {
                let name = Some(self.one.pod.spec.service_account_name.as_str()).filter(|it| !it.is_empty());
                let name = name.unwrap_or("default");
                ("serviceaccount-token-invalid", ObjectRef::namespaced("ServiceAccount", &self.one.log.namespace, name))
            }
            Gives::Room | Gives::File => return self.mounted(subject?),
        })
    }

    /// What lies behind a path: the claim that is full, the configuration that lacks a file.
    fn mounted(&self, path: &str) -> Option<Blamed> {
        let is_full = self.one.signature.gives == Gives::Room;
        if is_full && path.starts_with("/dev/shm") {
            return Some(("shm-full", self.owner.clone()));
        }
        let spec = &self.one.pod.spec;
        let container = spec.all_containers().find(|it| it.name == self.one.log.container)?;
        let within = |mount: &str| {
            let rest = path.strip_prefix(mount.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mounts = container.volume_mounts.iter().filter(|mount| within(&mount.mount_path));
        let mount = mounts.max_by_key(|mount| mount.mount_path.len())?;
        let source = &spec.volumes.iter().find(|volume| volume.name == mount.name)?.source;
        let object = |kind, name: &str| ObjectRef::namespaced(kind, &self.one.log.namespace, name);
        if is_full {
            let claim = source.persistent_volume_claim.as_ref()?;
            return Some(("volume-full", object("PersistentVolumeClaim", &claim.claim_name)));
        }
        if let Some(map) = &source.config_map {
            return Some(("config-key-missing", object("ConfigMap", &map.name)));
        }
        source.secret.as_ref().map(|secret| ("config-key-missing", object("Secret", &secret.secret_name)))
    }

    /// Makes the class the cause, and what only says how it ended its symptom.
    fn replace(&self, view: &View<'_>, causes: &mut Vec<Finding>, (class, object): Blamed) {
        let general: Vec<usize> = (0..causes.len()).filter(|at| self.concerns(&causes[*at])).collect();
        let worst = general.iter().map(|at| causes[*at].severity).min().unwrap_or_else(|| self.severity(view));
        let upstream = if object == self.owner { Vec::new() } else { upstream(view, &object) };
        let is_deeper = |cause: &Finding| {
            let shown = cause.shows_on.iter().chain([&cause.object]).any(|it| upstream.contains(it));
            shown && cause.role == Role::Cause && cause.severity != Severity::Info && !self.concerns(cause)
        };
        let has_deeper = causes.iter().any(is_deeper);
        if has_deeper {
            causes.iter_mut().filter(|cause| is_deeper(cause)).for_each(|it| it.severity = it.severity.min(worst));
        }
        let is_own = object == self.owner;
        let changes: Vec<Remedy> = general
            .iter()
            .flat_map(|at| &causes[*at].remedies)
            .filter(|remedy| is_own && remedy.effect == Effect::Changes)
            .cloned()
            .collect();
        for at in general {
            causes[at].role = Role::Symptom;
        }
        let mut finding = self.statement(class, object.clone(), worst);
        if !self.one.is_borne_out && !self.is_shown(view, class, &object) {
            finding = finding.probable();
        }
        finding = with_acts(view, finding);
        // The way back to the revision before stays what can be done.
        finding.remedies.extend(changes);
        causes.push(if has_deeper { finding.symptom() } else { finding });
    }

    fn statement(&self, class: &'static str, object: ObjectRef, severity: Severity) -> Finding {
        let (container, pods) = (&self.one.log.container, counted(self.pods.len()));
        let sentence = self.one.sentence();
        let title = match self.one.instance {
            Instance::Ended => format!("container {container} of {pods} fails because {sentence}, by its log"),
            Instance::Working => {
                format!("container {container} of {pods} is ready, and by its log {sentence}")
            }
            Instance::Running => format!("container {container} of {pods} is not ready because {sentence}, by its log"),
        };
        let finding = Finding::new("", severity, object, title).class(class).part(container.as_str());
        let finding = self.pods.iter().fold(with_line(finding, &self.one), |it, pod| it.shows_on(pod.clone()));
        let previous = if self.one.log.previous { &["--previous"][..] } else { &[] };
        let log = &self.one.log;
        let words = ["kubectl", "logs", &log.pod, "-c", container, "-n", &log.namespace, "--tail=50"];
        let finding = finding.since(self.one.line.at).look_words(&[&words[..], previous].concat());
        let kind = finding.object.kind.to_lowercase();
        match finding.object.clone() {
            object if object == self.owner => finding,
            ObjectRef { namespace: Some(namespace), .. } if class == "service-missing" => {
                finding.look_words(&["kubectl", "get", "services", "-n", &namespace])
            }
            ObjectRef { name, namespace: Some(namespace), .. } => {
                finding.look_words(&["kubectl", "describe", &kind, &name, "-n", &namespace])
            }
            ObjectRef { name, .. } => finding.look_words(&["kubectl", "describe", &kind, &name]),
        }
    }

    /// Whether an object shows what the line says.
    fn is_shown(&self, view: &View<'_>, class: &str, object: &ObjectRef) -> bool {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        match class {
            "service-missing" | "service-port-mismatch" => true,
            "dependency-unavailable" => view
                .get::<Service>(namespace, &object.name)
                .filter(|_| object.kind == "Service")
                .map(|it| view.pods_behind(it))
                .is_some_and(|pods| !pods.is_empty() && !pods.iter().any(|pod| is_ready(pod))),
            _ => false,
        }
    }

    /// Users are hurt while no sibling serves.
    fn severity(&self, view: &View<'_>) -> Severity {
        let is_served = view.pods_of(&self.owner).iter().any(|pod| is_ready(pod));
        if is_served { Severity::Warning } else { Severity::Critical }
    }

    /// Lets it stand beside the cause as what else it could be.
    fn rival(&self, causes: &mut [Finding], (class, object): Blamed, against: &str) {
        let concerned = causes.iter_mut().filter(|it| self.concerns(it) && it.role == Role::Cause);
        let rank = |it: &Finding| (it.part != self.one.log.container, it.severity, it.confidence);
        let Some(cause) = concerned.min_by_key(|it| rank(it)) else { return };
        if cause.class == Some(class) || cause.rivals.iter().any(|it| it.class == class) {
            return;
        }
        let log = &self.one.log;
        let previous = if log.previous { &["--previous"][..] } else { &[] };
        let words =
            ["kubectl", "logs", &log.pod, "-c", &log.container, "-n", &log.namespace, "--timestamps", "--tail=200"];
        cause.rivals.push(Rival {
            class,
            object,
            evidence: quoted(&self.one),
            against: against.to_owned(),
            apart: "see how often the line comes, and whether the end follows it at once",
            command: [&words[..], previous].concat().into_iter().map(typed).collect::<Vec<_>>().join(" "),
        });
    }

    /// Lets the line stand with what is known: it says more of it.
    fn attach(&self, causes: &mut [Finding]) {
        let rank = |it: &Finding| (it.role, it.part != self.one.log.container, !tells_only_that(it), it.severity);
        // What is wrong with the node of a pod is not told by its log.
        let is_of_it =
            |it: &Finding| tells_only_that(it) || it.part == self.one.log.container || it.object == self.owner;
        let concerned = causes.iter_mut().filter(|cause| self.concerns(cause) && is_of_it(cause));
        let Some(cause) = concerned.min_by_key(|it| rank(it)) else { return };
        if tells_only_that(cause) {
            cause.title = format!("{}; by its log, {}", cause.title, self.one.sentence());
        }
        *cause = with_line(cause.clone(), &self.one);
    }
}

fn counted(pods: usize) -> String {
    if pods == 1 { "1 pod".to_owned() } else { format!("{pods} pods") }
}

/// Whether a Service has no such port.
fn lacks_port(view: &View<'_>, object: &ObjectRef, port: Option<u16>) -> bool {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let service = view.get::<Service>(namespace, &object.name).filter(|_| object.kind == "Service");
    let is_headless = |service: &Service| service.spec.cluster_ip == "None" || service.spec.ports.is_empty();
    match (service.filter(|it| !is_headless(it)), port) {
        (Some(service), Some(port)) => service.spec.ports.iter().all(|it| it.port != i32::from(port)),
        _ => false,
    }
}

/// The account that is named: `system:serviceaccount:NAMESPACE:NAME`.
fn account(user: &str) -> Option<ObjectRef> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    Some(ObjectRef::namespaced("ServiceAccount", namespace, name))
}
