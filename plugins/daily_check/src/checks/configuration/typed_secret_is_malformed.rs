//! A Secret for a registry or for SSH holds what nothing can read.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Secret, SecretProblem};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-05",
    title: "a Secret for a registry or for SSH holds what nothing can read",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::Secret)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Secret>().iter().filter_map(|secret| judge(secret, view)).collect(),
};

/// The types that are looked into, and what their value must be.
const TYPES: [(&str, &str); 3] = [
    ("kubernetes.io/dockerconfigjson", "no logins under `auths`, each user:password in base64"),
    ("kubernetes.io/dockercfg", "no logins by registry, each user:password in base64"),
    ("kubernetes.io/ssh-auth", "no private key"),
];

fn judge(secret: &Secret, view: &View<'_>) -> Option<Finding> {
    let (type_, wanting) = TYPES.iter().find(|(type_, _)| *type_ == secret.type_)?;
    let malformed = secret.problems.iter().find_map(|problem| match problem {
        SecretProblem::Malformed { key } => Some(key),
        _ => None,
    });
    let key = malformed.filter(|_| view.is_settled(&secret.metadata))?;
    let (name, namespace) = (&secret.metadata.name, &secret.metadata.namespace);
    let object = secret.reference();
    let title = format!("Secret {name} is of type {type_}, and its {key} holds {wanting}");
    let finding = Finding::new("CFG-05", Severity::Warning, object.clone(), title)
        .evidence(&object, "type", *type_)
        .evidence(&object, format!("data[{key}]"), *wanting)
        .since(secret.metadata.creation_timestamp.at())
        .look(format!("kubectl describe secret {name} -n {namespace}"));
    Some(finding)
}

const PAGE: &str = "\
The type of a Secret says what is in it, and the API server looks no further than that it is JSON or
not empty. This one holds something else: logins of a registry without `auths` around them or whose
auth is no user:password in base64, which makes the kubelet drop all of them; or an SSH key that is
none, a public one for instance.

Looked at: Secrets of the types kubernetes.io/dockerconfigjson, dockercfg and ssh-auth. What their
values hold is never kept, only whether it can be read.

What to do: make it again; kubectl writes the right form:
  kubectl create secret docker-registry NAME -n NAMESPACE --docker-server=... --dry-run=client -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-05").later(2)
    }

    #[test]
    fn what_cannot_be_read_is_told_and_its_value_is_not() {
        let findings = settled().judge(&CHECK);
        let names: Vec<&str> = findings.iter().map(|finding| finding.object.name.as_str()).collect();
        assert_eq!(names, ["deploy-key", "registry"], "{findings:#?}");
        assert_eq!(findings[1].severity, Severity::Warning);
        assert!(findings[1].title.starts_with("Secret registry is of type kubernetes.io/dockerconfigjson, and its"));
        assert_eq!(findings[1].evidence[1].field, "data[.dockerconfigjson]");
        assert!(!format!("{findings:?}").contains("dGVzdDp0ZXN0"), "a login");
        assert_eq!(findings[0].remedies[0].command, "kubectl describe secret deploy-key -n fault-cfg-05");
    }

    #[test]
    fn logins_in_the_right_form_are_not_meant() {
        let right = "eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlIjp7ImF1dGgiOiJkR1Z6ZERwMFpYTjAifX19";
        let scenario = settled().set("Secret", "registry", "/data/.dockerconfigjson", right);
        assert_eq!(scenario.judge(&CHECK).len(), 1);
    }

    #[test]
    fn other_types_may_hold_anything() {
        let opaque =
            settled().set("Secret", "registry", "/type", "Opaque").set("Secret", "deploy-key", "/type", "Opaque");
        assert_eq!(opaque.judge(&CHECK), []);
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
