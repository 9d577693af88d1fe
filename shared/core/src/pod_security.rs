//! Pod Security Standards: what a level forbids of a pod.
//!
//! Only fields that a slim pod holds are judged, so that what is found is forbidden, and more may be
//! (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>).

use crate::slim::container::Container;
use crate::slim::pod_spec::PodSpec;
use crate::slim::security_context::SeccompProfile;
use crate::slim::{Namespace, ObjectMeta};

/// A level that a namespace enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Forbids known ways out of the container.
    Baseline,
    /// Demands hardening besides.
    Restricted,
}

/// Label that names the level.
pub const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Label that may pin the rules to those of a release.
const VERSION: &str = "pod-security.kubernetes.io/enforce-version";

/// The first minor release whose rules are all those that are known here.
const FIRST_KNOWN_MINOR: u32 = 25;

impl Level {
    /// The level that a namespace enforces by the rules that are known here; none for one that allows everything.
    pub fn enforced_by(namespace: &Namespace) -> Option<Self> {
        let level = Self::of_word(namespace.metadata.label(ENFORCE)?)?;
        knows_rules(&namespace.metadata).then_some(level)
    }

    fn of_word(word: &str) -> Option<Self> {
        match word {
            "baseline" => Some(Self::Baseline),
            "restricted" => Some(Self::Restricted),
            _ => None,
        }
    }

    /// The word of the label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

fn knows_rules(metadata: &ObjectMeta) -> bool {
    match metadata.label(VERSION) {
        None | Some("latest") => true,
        Some(version) => {
            let minor = version.strip_prefix("v1.").and_then(|minor| minor.parse::<u32>().ok());
            minor.is_some_and(|minor| minor >= FIRST_KNOWN_MINOR)
        }
    }
}

/// One field that a level forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Below the pod's spec, as `kubectl explain` spells it: `hostNetwork`, `containers[app].ports[].hostPort`.
    pub field: String,
    /// What stands there.
    pub value: String,
}

/// Everything that is known to be forbidden, baseline first.
pub fn violations(spec: &PodSpec, level: Level) -> Vec<Violation> {
    let mut found = of_pod(spec);
    found.extend(spec.all_containers().flat_map(of_container));
    if level == Level::Restricted {
        found.extend(unhardened(spec));
    }
    found
}

fn violation(field: impl Into<String>, value: impl Into<String>) -> Violation {
    Violation { field: field.into(), value: value.into() }
}

fn of_pod(spec: &PodSpec) -> Vec<Violation> {
    let shared = [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)];
    let shared = shared.into_iter().filter(|(_, is_shared)| *is_shared).map(|(field, _)| violation(field, "true"));
    let paths = spec.volumes.iter().filter_map(|volume| {
        let path = &volume.source.host_path.as_ref()?.path;
        Some(violation(format!("volumes[{}].hostPath", volume.name), path))
    });
    let profile = spec.security_context.as_ref().and_then(|context| context.seccomp_profile.as_ref());
    let filter = is_unconfined(profile).then(|| violation("securityContext.seccompProfile.type", UNCONFINED));
    shared.chain(paths).chain(filter).collect()
}

const UNCONFINED: &str = "Unconfined";

fn is_unconfined(profile: Option<&SeccompProfile>) -> bool {
    profile.is_some_and(|profile| profile.type_ == UNCONFINED)
}

/// Capabilities that a container has anyway.
const ORDINARY: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn of_container(container: &Container) -> Vec<Violation> {
    let place = format!("containers[{}]", container.name);
    let ports = container.ports.iter().find(|port| port.host_port != 0);
    let mut found: Vec<Violation> = ports
        .map(|port| violation(format!("{place}.ports[].hostPort"), port.host_port.to_string()))
        .into_iter()
        .collect();
    let Some(context) = &container.security_context else { return found };
    let place = format!("{place}.securityContext");
    if context.privileged == Some(true) {
        found.push(violation(format!("{place}.privileged"), "true"));
    }
    let added = context.capabilities.iter().flat_map(|capabilities| &capabilities.add);
    let more: Vec<&str> = added.map(String::as_str).filter(|one| !ORDINARY.contains(one)).collect();
    if !more.is_empty() {
        found.push(violation(format!("{place}.capabilities.add"), more.join(", ")));
    }
    if is_unconfined(context.seccomp_profile.as_ref()) {
        found.push(violation(format!("{place}.seccompProfile.type"), UNCONFINED));
    }
    found
}

/// What the restricted level demands and a pod lacks; most of it does not bind pods of Windows.
fn unhardened(spec: &PodSpec) -> Vec<Violation> {
    let mut found: Vec<Violation> = spec.volumes.iter().filter(|volume| volume.source.nfs.is_some()).map(nfs).collect();
    let has_own_users = spec.host_users == Some(false);
    let is_windows = spec.os.as_ref().is_some_and(|os| os.name == "windows");
    let pod = Inherited::of(spec);
    for container in spec.all_containers() {
        let place = format!("containers[{}].securityContext", container.name);
        let context = container.security_context.as_deref().cloned().unwrap_or_default();
        if !is_windows {
            found.extend(unbounded(&context, &place));
            if context.seccomp_profile.is_none() && !pod.has_filter {
                found.push(violation(format!("{place}.seccompProfile.type"), "not set"));
            }
        }
        if !has_own_users {
            found.extend(as_root(&context, &place, &pod));
        }
    }
    found
}

fn nfs(volume: &crate::slim::volume::Volume) -> Violation {
    violation(format!("volumes[{}].nfs", volume.name), "a kind of volume that is not allowed")
}

/// What containers take from their pod when they say nothing themselves.
struct Inherited {
    has_filter: bool,
    is_non_root: Option<bool>,
    user: Option<i64>,
}

impl Inherited {
    fn of(spec: &PodSpec) -> Self {
        let context = spec.security_context.as_deref();
        Self {
            has_filter: context.is_some_and(|context| context.seccomp_profile.is_some()),
            is_non_root: context.and_then(|context| context.run_as_non_root),
            user: context.and_then(|context| context.run_as_user),
        }
    }
}

fn unbounded(context: &crate::slim::security_context::SecurityContext, place: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if context.allow_privilege_escalation != Some(false) {
        found.push(violation(format!("{place}.allowPrivilegeEscalation"), "not false"));
    }
    let capabilities = context.capabilities.clone().unwrap_or_default();
    if !capabilities.drop.iter().any(|one| one == "ALL") {
        found.push(violation(format!("{place}.capabilities.drop"), "does not hold ALL"));
    }
    let added: Vec<&str> =
        capabilities.add.iter().map(String::as_str).filter(|one| *one != "NET_BIND_SERVICE").collect();
    if !added.is_empty() {
        found.push(violation(format!("{place}.capabilities.add"), added.join(", ")));
    }
    found
}

fn as_root(context: &crate::slim::security_context::SecurityContext, place: &str, pod: &Inherited) -> Vec<Violation> {
    let mut found = Vec::new();
    if context.run_as_non_root.or(pod.is_non_root) != Some(true) {
        found.push(violation(format!("{place}.runAsNonRoot"), "not true"));
    }
    if context.run_as_user.or(pod.user) == Some(0) {
        found.push(violation(format!("{place}.runAsUser"), "0"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Pod, from_json};

    fn fields(spec: &str, level: Level) -> Vec<String> {
        let pod: Pod = from_json(format!(r#"{{"spec":{spec}}}"#).as_bytes()).unwrap();
        violations(&pod.spec, level).into_iter().map(|one| one.field).collect()
    }

    const HARDENED: &str = r#"{"allowPrivilegeEscalation":false,"runAsNonRoot":true,
        "seccompProfile":{"type":"RuntimeDefault"},"capabilities":{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}}"#;

    #[test]
    fn an_ordinary_pod_is_within_baseline() {
        let spec = r#"{"containers":[{"name":"a","ports":[{"containerPort":80}],
            "securityContext":{"capabilities":{"add":["CHOWN"]}}}]}"#;
        assert_eq!(fields(spec, Level::Baseline), Vec::<String>::new());
    }

    #[test]
    fn ways_out_of_the_container_are_named() {
        let spec = r#"{"hostNetwork":true,"hostPID":true,"volumes":[{"name":"v","hostPath":{"path":"/"}}],
            "containers":[{"name":"a","ports":[{"containerPort":80,"hostPort":80}],"securityContext":
                {"privileged":true,"capabilities":{"add":["NET_ADMIN"]},"seccompProfile":{"type":"Unconfined"}}}]}"#;
        let all = [
            "hostNetwork",
            "hostPID",
            "volumes[v].hostPath",
            "containers[a].ports[].hostPort",
            "containers[a].securityContext.privileged",
            "containers[a].securityContext.capabilities.add",
            "containers[a].securityContext.seccompProfile.type",
        ];
        assert_eq!(fields(spec, Level::Baseline), all);
    }

    #[test]
    fn a_hardened_pod_is_within_restricted() {
        let spec = format!(r#"{{"containers":[{{"name":"a","securityContext":{HARDENED}}}]}}"#);
        assert_eq!(fields(&spec, Level::Restricted), Vec::<String>::new());
        assert_eq!(fields(r#"{"containers":[{"name":"a"}]}"#, Level::Restricted).len(), 4);
    }

    #[test]
    fn containers_take_from_their_pod_what_they_do_not_say() {
        let pod = r#"{"runAsNonRoot":true,"runAsUser":0,"seccompProfile":{"type":"RuntimeDefault"}}"#;
        let own = r#"{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}"#;
        let spec = format!(r#"{{"securityContext":{pod},"containers":[{{"name":"a","securityContext":{own}}}]}}"#);
        assert_eq!(fields(&spec, Level::Restricted), ["containers[a].securityContext.runAsUser"]);
        let users = format!(r#"{{"hostUsers":false,{}"#, &spec[1..]);
        assert_eq!(fields(&users, Level::Restricted), Vec::<String>::new());
    }

    #[test]
    fn a_level_whose_rules_are_not_known_is_not_judged() {
        let enforced = |version: &str| {
            let text = format!(
                r#"{{"metadata":{{"name":"a","labels":{{"{ENFORCE}":"restricted","{VERSION}":"{version}"}}}}}}"#
            );
            Level::enforced_by(&from_json(text.as_bytes()).unwrap())
        };
        assert_eq!(enforced("latest"), Some(Level::Restricted));
        assert_eq!((enforced("v1.30"), enforced("v1.22")), (Some(Level::Restricted), None));
    }
}
