//! A ServiceAccount that pods name does not exist.

use crate::cause::missing_dependencies::causes;
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::slim::{Kind, ServiceAccount};
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let known: Vec<&str> = view.all::<ServiceAccount>().iter().map(|account| account.metadata.name.as_str()).collect();
    causes(view, Kind::ServiceAccount, &known)
}

/// See the module.
pub const CLASS: Class = Class {
    id: "serviceaccount-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| it.says(&["serviceaccount", "service account"]) && it.says(&["not found"]) && !it.says(&["token"]),
        |_| "the service account of the pod does not exist".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod or a pod template names a ServiceAccount that does not exist in its namespace. The API server
refuses every new pod of it; such pods are never created, so only their controllers show it. Pods
that are there already run on until they are replaced or their token ends.

Looked at: serviceAccountName of the pods and of the templates of workloads that want pods, the
ServiceAccounts, and what the API server answered to the controllers.

What to do: see whether it was renamed; create it together with the rights that it needs:
  kubectl get serviceaccounts -n NAMESPACE";
