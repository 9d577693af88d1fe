//! What tells which pods are behind the destinations of a route.

use super::acting::Acting;
use sre_core::traffic::Behind;

impl Acting {
    /// What of the namespace tells it; what cannot be read is not known.
    pub async fn behind(&self) -> Behind {
        let namespace = self.namespace();
        let all = |path: String| async move { self.objects().list(&path, "").await.ok() };
        let (services, rules, pods) = futures::future::join3(
            all(format!("/api/v1/namespaces/{namespace}/services")),
            all(format!("/apis/networking.istio.io/v1/namespaces/{namespace}/destinationrules")),
            all(format!("/api/v1/namespaces/{namespace}/pods")),
        )
        .await;
        Behind { namespace: namespace.to_owned(), services, rules, pods }
    }
}
