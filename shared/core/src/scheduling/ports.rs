//! Ports of the machine that a pod takes for itself.

use crate::slim::pod_spec::PodSpec;

/// A port of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its number.
    pub number: i32,
    protocol: String,
    address: String,
}

/// The host ports of a pod; the API server gives those of a pod on the host's network too.
pub(super) fn host_ports(spec: &PodSpec) -> impl Iterator<Item = Port> {
    let ports = spec.all_containers().flat_map(|container| &container.ports).filter(|port| port.host_port > 0);
    ports.map(|port| Port {
        number: port.host_port,
        protocol: if port.protocol.is_empty() { "TCP".to_owned() } else { port.protocol.clone() },
        address: port.host_ip.clone(),
    })
}

impl Port {
    /// Whether both cannot be had on one machine.
    pub(super) fn collides(&self, other: &Self) -> bool {
        let everywhere = |port: &Self| matches!(port.address.as_str(), "" | "0.0.0.0" | "::");
        let same_address = everywhere(self) || everywhere(other) || self.address == other.address;
        self.number == other.number && self.protocol == other.protocol && same_address
    }
}
