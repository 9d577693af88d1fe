//! Where a Prometheus and an Alertmanager stand in a cluster that no profile describes.

use super::target::{Scheme, ServicePort, Target};
use crate::slim::{ObjectMeta, Service};
use crate::snapshot::Snapshot;

/// Services of a Prometheus by the names that its operator and its charts give them, with their ports, best first.
///
/// The operator makes `prometheus-operated` itself: <https://prometheus-operator.dev/docs/api-reference/api/>.
pub const KNOWN_PROMETHEUSES: [(&str, u16); 4] = [
    ("prometheus-operated", 9090),
    ("prometheus-k8s", 9090),
    ("kube-prometheus-stack-prometheus", 9090),
    ("prometheus-server", 80),
];

/// Services of an Alertmanager, likewise.
pub const KNOWN_ALERTMANAGERS: [(&str, u16); 4] = [
    ("alertmanager-operated", 9093),
    ("alertmanager-main", 9093),
    ("kube-prometheus-stack-alertmanager", 9093),
    ("prometheus-alertmanager", 9093),
];

/// The Prometheus of the cluster.
pub(super) fn prometheus(snapshot: &Snapshot) -> Option<Target> {
    find(snapshot, "prometheus", 9090, &KNOWN_PROMETHEUSES)
}

/// The Alertmanager of the cluster.
pub(super) fn alertmanager(snapshot: &Snapshot) -> Option<Target> {
    find(snapshot, "alertmanager", 9093, &KNOWN_ALERTMANAGERS)
}

/// By its well-known name, else by the label that charts set, on the port that it listens on.
fn find(snapshot: &Snapshot, label: &str, port: u16, known: &[(&str, u16)]) -> Option<Target> {
    let services = snapshot.all::<Service>();
    let named = known.iter().find_map(|(name, port)| {
        let service = services.iter().find(|service| service.metadata.name == *name && has_port(service, *port))?;
        Some(target(&service.metadata, *port))
    });
    named.or_else(|| {
        let labelled = |service: &&Service| {
            let value = service.metadata.label("app.kubernetes.io/name");
            value == Some(label) && has_port(service, port)
        };
        services.iter().find(labelled).map(|service| target(&service.metadata, port))
    })
}

fn has_port(service: &Service, port: u16) -> bool {
    service.spec.ports.iter().any(|it| it.port == i32::from(port))
}

fn target(metadata: &ObjectMeta, port: u16) -> Target {
    Target::Service(ServicePort {
        namespace: metadata.namespace.to_string(),
        name: metadata.name.to_string(),
        port: port.to_string(),
        scheme: Scheme::Http,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Kind, Pool};
    use crate::snapshot::{Encoded, decode_into};

    fn holding(services: &[(&str, &str, &str, u16)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (namespace, name, label, port) in services {
            let text = format!(
                r#"{{"metadata":{{"namespace":"{namespace}","name":"{name}","labels":{{"app.kubernetes.io/name":"{label}"}}}},
                "spec":{{"ports":[{{"port":{port}}}]}}}}"#
            );
            let json = Encoded::Json(text.as_bytes());
            decode_into(Kind::Service, json, &mut snapshot.objects, &mut Pool::default()).expect("a Service");
        }
        snapshot.objects.sort();
        snapshot
    }

    fn found(services: &[(&str, &str, &str, u16)]) -> Option<String> {
        prometheus(&holding(services)).map(|target| target.to_string())
    }

    #[test]
    fn a_well_known_name_wins_over_a_label() {
        let services = [("a", "metrics", "prometheus", 9090), ("monitoring", "prometheus-operated", "x", 9090)];
        assert_eq!(found(&services).as_deref(), Some("Service monitoring/prometheus-operated:9090"));
        assert_eq!(found(&services[..1]).as_deref(), Some("Service a/metrics:9090"));
        let charted = [("monitoring", "prometheus-server", "prometheus", 80)];
        assert_eq!(found(&charted).as_deref(), Some("Service monitoring/prometheus-server:80"));
    }

    #[test]
    fn another_port_or_another_program_is_not_asked() {
        assert_eq!(found(&[("a", "metrics", "prometheus", 8080)]), None);
        assert_eq!(found(&[("a", "node-exporter", "prometheus-node-exporter", 9090)]), None);
        assert_eq!(
            alertmanager(&holding(&[("a", "alertmanager-main", "x", 9093)])).map(|it| it.to_string()).as_deref(),
            Some("Service a/alertmanager-main:9093")
        );
    }
}
