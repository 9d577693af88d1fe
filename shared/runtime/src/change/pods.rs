//! The pods of a workload, and what is asked in their containers while a plan is made.

use super::{Acting, encoded};
use crate::cluster::connection::RequestFault;
use crate::error::Error;
use crate::exec::ExecFault;
use serde_json::Value;
use sre_core::finding::aimed;
use sre_core::slim::requirements_of;
use std::fmt::Display;

/// By which kubectl chooses a container, too.
const DEFAULT_CONTAINER: &str = "/metadata/annotations/kubectl.kubernetes.io~1default-container";

/// The container that a pod itself says is meant where none is named.
pub fn default_container(pod: &Value) -> Option<&str> {
    pod.pointer(DEFAULT_CONTAINER).and_then(Value::as_str)
}

/// The query that chooses what a workload's own selector chooses; `None` where it has none.
pub fn selected_by(workload: &Value) -> Option<String> {
    let requirements = requirements_of(workload);
    (!requirements.is_empty()).then(|| format!("labelSelector={}", encoded(&requirements.join(","))))
}

impl Acting {
    /// The pods that a workload's selector chooses.
    ///
    /// # Errors
    /// Says why the cluster gives no answer.
    pub async fn pods_of(&self, namespace: &str, workload: &Value) -> Result<Vec<Value>, Error> {
        // An empty query would choose all.
        let Some(query) = selected_by(workload) else { return Ok(Vec::new()) };
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        self.objects().list(&path, &query).await.map_err(|fault| self.no_answer(&fault))
    }

    /// Puts into words why nothing could be asked in a container of a namespace; `place` names it, `hint` is the next step where
    /// it is not the API server that stands in the way.
    pub fn not_asked(&self, fault: &ExecFault, namespace: &str, place: impl Display, hint: &str) -> Error {
        let refused = |why: String, hint: &str| Error::Refused { why, hint: hint.to_owned() };
        match fault {
            ExecFault::Request(RequestFault::Forbidden { message }) => refused(
                format!("no command may be run in {place}: {message}"),
                "ask for the right to create pods/exec there",
            ),
            ExecFault::Request(RequestFault::NotFound) => {
                let pods = aimed(&format!("kubectl get pods -n {namespace}"), self.reach());
                refused(format!("{place} is not there any more"), &format!("see which pods there are: {pods}"))
            }
            ExecFault::Request(RequestFault::Other { message }) => {
                refused(format!("no command can be run in {place}: {message}"), hint)
            }
            ExecFault::Request(fault) => self.no_answer(fault),
            fault => refused(format!("{place} could not be asked: {fault}"), hint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_are_written_as_a_query_wants_them() {
        let workload = json!({"spec": {"selector": {
            "matchLabels": {"app": "api"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "DoesNotExist"},
            ],
        }}});
        let query = format!("labelSelector={}", encoded("app=api,tier in (a,b),!old"));
        assert_eq!(selected_by(&workload), Some(query));
        assert_eq!(selected_by(&json!({"spec": {"selector": {}}})), None);
    }
}
