//! Whether the Service that an API or a webhook is served by has anybody behind it.

use super::View;
use crate::finding::{Finding, Role, Severity};
use crate::object::ObjectRef;
use crate::slim::{EndpointSlice, Kind, Service};

/// What stands behind a Service that the API server calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// The Service does not exist.
    Missing,
    /// The Service does not have the port that is called.
    PortMissing,
    /// No workload has pods that the Service selects.
    NothingSelected,
    /// There is a workload behind it, but no ready endpoint.
    NoneReady,
    /// Somebody is ready.
    Ready,
    /// Not everything was seen that decides it.
    Unseen,
}

impl View<'_> {
    /// Says what stands behind a port of a Service; nothing is concluded from what was not read whole.
    pub fn backing(&self, namespace: &str, name: &str, port: Option<i32>) -> Backing {
        let Some(service) = self.get::<Service>(namespace, name) else {
            return if self.knows(Kind::Service, namespace) { Backing::Missing } else { Backing::Unseen };
        };
        if !service.spec.ports.iter().any(|offered| offered.port == port.unwrap_or(443)) {
            return Backing::PortMissing;
        }
        let slices = self.slices_of(namespace, name);
        if service.spec.type_ == "ExternalName" || slices.iter().any(|slice| has_ready(slice)) {
            return Backing::Ready;
        }
        if !self.knows(Kind::EndpointSlice, namespace) {
            return Backing::Unseen;
        }
        self.empty_backing(service)
    }

    /// How bad it is that nobody stands behind a Service: pods that may just be starting are given their time.
    pub fn absence_behind(&self, namespace: &str, name: &str, backing: Backing) -> Option<Severity> {
        let service = self.get::<Service>(namespace, name).filter(|_| backing == Backing::NoneReady);
        service.map_or(Some(Severity::Critical), |service| self.absence(&self.serving(service)))
    }

    /// Whether something else may explain that nobody stands behind a Service: its pods' own reasons, or its selector,
    /// when that is found to match nothing.
    pub fn role_of_absence(&self, namespace: &str, name: &str, backing: Backing) -> Role {
        let service = ObjectRef::namespaced("Service", namespace, name);
        let is_its_selector = |cause: &Finding| {
            cause.class == Some("service-selector-mismatch")
                && cause.object == service
                && cause.severity != Severity::Info
        };
        let is_explained = backing == Backing::NothingSelected && self.causes().iter().any(is_its_selector);
        if is_explained { Role::Symptom } else { backing.role() }
    }

    fn empty_backing(&self, service: &Service) -> Backing {
        let namespace = service.metadata.namespace.as_str();
        let nobody = self.pods_behind(service).is_empty() && self.workloads_behind(service).is_empty();
        let certain = [Kind::Pod, Kind::Deployment, Kind::StatefulSet].iter().all(|kind| self.knows(*kind, namespace));
        if nobody && certain { Backing::NothingSelected } else { Backing::NoneReady }
    }
}

/// An endpoint that does not say whether it is ready counts as ready.
pub(super) fn has_ready(slice: &EndpointSlice) -> bool {
    slice.endpoints.iter().any(|endpoint| endpoint.conditions.ready != Some(false) && !endpoint.addresses.is_empty())
}

impl Backing {
    /// What is wrong, in words that follow the Service's name; none when nothing is known to be wrong.
    pub fn trouble(self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("does not exist"),
            Self::PortMissing => Some("does not have the port that is called"),
            Self::NothingSelected => Some("selects no pods"),
            Self::NoneReady => Some("has no ready endpoints"),
            Self::Ready | Self::Unseen => None,
        }
    }

    /// Whether something else may explain it: pods that are not ready have reasons of their own.
    pub fn role(self) -> Role {
        if self == Self::NoneReady { Role::Symptom } else { Role::Cause }
    }
}
