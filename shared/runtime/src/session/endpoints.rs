//! Endpoints, the older form of EndpointSlices, which some collections hold alone.

use serde::Deserialize;
use sre_core::slim::EndpointSlice;

#[derive(Deserialize)]
struct Endpoints {
    metadata: serde_json::Value,
    #[serde(default)]
    subsets: Vec<Subset>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Subset {
    addresses: Vec<serde_json::Value>,
    not_ready_addresses: Vec<serde_json::Value>,
    ports: Vec<serde_json::Value>,
}

/// The slice that says the same; none when it cannot be read.
pub(super) fn slice_of(json: &[u8]) -> Option<EndpointSlice> {
    let endpoints: Endpoints = serde_json::from_slice(json).ok()?;
    let mut metadata = endpoints.metadata;
    let service = metadata.get("name")?.clone();
    metadata["labels"]["kubernetes.io/service-name"] = service;
    let one = |address: &serde_json::Value, is_ready: bool| {
        serde_json::json!({
            "addresses": [address.get("ip")],
            "conditions": {"ready": is_ready},
            "targetRef": address.get("targetRef"),
            "nodeName": address.get("nodeName"),
        })
    };
    let of = |subset: &Subset| {
        let ready = subset.addresses.iter().map(|it| one(it, true));
        ready.chain(subset.not_ready_addresses.iter().map(|it| one(it, false))).collect::<Vec<_>>()
    };
    let all: Vec<serde_json::Value> = endpoints.subsets.iter().flat_map(of).collect();
    let ports = endpoints.subsets.first().map(|it| it.ports.clone()).unwrap_or_default();
    let slice = serde_json::json!({"metadata": metadata, "addressType": "IPv4", "endpoints": all, "ports": ports});
    serde_json::from_value(slice).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_whether_they_are_ready() {
        let json = br#"{"metadata":{"name":"web","namespace":"shop"},"subsets":[{"addresses":[{"ip":"10.0.0.1"}],
            "notReadyAddresses":[{"ip":"10.0.0.2"}],"ports":[{"port":8080}]}]}"#;
        let slice = slice_of(json).expect("a slice");
        let ready: Vec<Option<bool>> = slice.endpoints.iter().map(|it| it.conditions.ready).collect();
        assert_eq!((ready, slice.ports.len()), (vec![Some(true), Some(false)], 1));
        assert_eq!(slice.metadata.label("kubernetes.io/service-name"), Some("web"));
    }

    #[test]
    fn endpoints_without_addresses_are_a_slice_without_endpoints() {
        let slice = slice_of(br#"{"metadata":{"name":"web","namespace":"shop"}}"#).expect("a slice");
        assert!(slice.endpoints.is_empty());
    }
}
