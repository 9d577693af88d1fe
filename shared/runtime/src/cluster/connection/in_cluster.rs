//! The credentials that Kubernetes gives to a pod.

use super::environment::Environment;
use super::kubeconfig::{Cluster, User};
use super::selection::Selection;

/// Returns the pod's own access, if this process runs in a pod that has a service account.
///
/// See <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>.
pub(crate) fn selection(environment: &Environment) -> Option<Selection> {
    let host = environment.text("KUBERNETES_SERVICE_HOST")?;
    let port = environment.text("KUBERNETES_SERVICE_PORT")?;
    let file = |name: &str| environment.service_account.join(name);
    let token = file("token");
    token.exists().then(|| Selection {
        cluster: Cluster {
            server: Some(format!("https://{}:{port}", bracketed(host))),
            certificate_authority: Some(file("ca.crt"))
                .filter(|path| path.exists())
                .map(|path| path.to_string_lossy().into_owned()),
            ..Cluster::default()
        },
        user: User { token_file: Some(token.to_string_lossy().into_owned()), ..User::default() },
        namespace: namespace(environment),
        ..Selection::default()
    })
}

fn namespace(environment: &Environment) -> Option<String> {
    if let Some(name) = environment.text("POD_NAMESPACE") {
        return Some(name.to_owned());
    }
    let text = std::fs::read_to_string(environment.service_account.join("namespace")).ok()?;
    Some(text.trim().to_owned()).filter(|name| !name.is_empty())
}

fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}
