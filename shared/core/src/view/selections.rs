//! What Services select, and where their endpoints stand.

use crate::slim::{EndpointSlice, Pod, Service, has_all};
use std::collections::HashMap;

/// Label of an EndpointSlice that names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// EndpointSlices by namespace and Service.
pub(super) struct SliceIndex<'a> {
    slices: HashMap<&'a str, HashMap<&'a str, Vec<&'a EndpointSlice>>>,
}

impl<'a> SliceIndex<'a> {
    pub(super) fn new(slices: &'a [EndpointSlice]) -> Self {
        let mut index: HashMap<&str, HashMap<&str, Vec<&EndpointSlice>>> = HashMap::new();
        for slice in slices {
            if let Some(service) = slice.metadata.label(SERVICE_NAME) {
                index.entry(&slice.metadata.namespace).or_default().entry(service).or_default().push(slice);
            }
        }
        Self { slices: index }
    }

    pub(super) fn of(&self, namespace: &str, service: &str) -> &[&'a EndpointSlice] {
        let services = self.slices.get(namespace);
        services.and_then(|services| services.get(service)).map_or(&[], Vec::as_slice)
    }
}

/// The pods that a Service selects; none when it has no selector.
pub(super) fn selected<'a>(service: &Service, pods: &[&'a Pod]) -> Vec<&'a Pod> {
    let selector = &service.spec.selector;
    if selector.is_empty() {
        return Vec::new();
    }
    pods.iter().copied().filter(|pod| has_all(selector, &pod.metadata.labels)).collect()
}
