//! The resources of a cluster by the names that people type, as the API server tells them.

use super::objects::Objects;
use crate::cluster::connection::RequestFault;
use serde_json::Value;
use sre_core::resource::Resource;

/// Groups with all their versions and resources in one answer
/// (<https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>).
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

impl Objects {
    /// A resource by one of the names that kubectl knows; the cluster is asked only for what is not known by heart.
    /// `None` when it serves nothing of that name.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn resource(&self, word: &str) -> Result<Option<Resource>, RequestFault> {
        if let Some(known) = Resource::named(word) {
            return Ok(Some(known));
        }
        for root in ["/apis", "/api"] {
            if let Some(found) = discovered(&self.get_as(root, AGGREGATED).await?, &word.to_lowercase()) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// The resource of this name in the first group, and its first version, that has it: the server sorts them by
/// preference.
fn discovered(list: &Value, word: &str) -> Option<Resource> {
    let (name, rest) = word.split_once('.').unwrap_or((word, ""));
    items(&list["items"]).find_map(|group| {
        let group_name = group.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let versions = items(&group["versions"]).filter(|version| {
            let version = version["version"].as_str().unwrap_or_default();
            rest.is_empty() || rest == group_name || rest == format!("{version}.{group_name}")
        });
        versions
            .flat_map(|version| items(&version["resources"]).map(move |resource| (version, resource)))
            .find(|(_, resource)| is_named(resource, name))
            .and_then(|(version, resource)| read(group_name, version["version"].as_str()?, resource))
    })
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn is_named(resource: &Value, name: &str) -> bool {
    let is = |value: &Value| value.as_str().is_some_and(|it| it.eq_ignore_ascii_case(name));
    is(&resource["resource"])
        || is(&resource["singularResource"])
        || is(&resource["responseKind"]["kind"])
        || items(&resource["shortNames"]).any(is)
}

fn read(group: &str, version: &str, resource: &Value) -> Option<Resource> {
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Some(Resource {
        api_version,
        kind: resource.pointer("/responseKind/kind")?.as_str()?.to_owned(),
        plural: resource["resource"].as_str()?.to_owned(),
        is_namespaced: resource["scope"] == "Namespaced",
        has_scale: items(&resource["subresources"]).any(|it| it["subresource"] == "scale"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list() -> Value {
        let resource = |plural: &str, kind: &str, short: &str, scale: bool| {
            let subresources =
                if scale { json!([{"subresource": "status"}, {"subresource": "scale"}]) } else { json!([]) };
            json!({
                "resource": plural, "singularResource": kind.to_lowercase(), "responseKind": {"kind": kind},
                "scope": "Namespaced", "shortNames": [short], "subresources": subresources,
            })
        };
        json!({"items": [
            {"metadata": {"name": "keda.sh"}, "versions": [
                {"version": "v1alpha1", "resources": [resource("scaledobjects", "ScaledObject", "so", false)]},
            ]},
            {"metadata": {"name": "example.com"}, "versions": [
                {"version": "v1", "resources": [resource("queues", "Queue", "q", true)]},
                {"version": "v1beta1", "resources": [resource("queues", "Queue", "q", true)]},
            ]},
        ]})
    }

    #[test]
    fn resources_are_found_by_every_name_and_in_the_preferred_version() {
        for word in ["queues", "queue", "q", "queues.example.com", "q.v1.example.com"] {
            let found = discovered(&list(), word).expect(word);
            assert_eq!((found.api_version.as_str(), found.plural.as_str()), ("example.com/v1", "queues"), "{word}");
            assert!(found.has_scale && found.is_namespaced);
        }
        let older = discovered(&list(), "queue.v1beta1.example.com").expect("the older version");
        assert_eq!(older.api_version, "example.com/v1beta1");
        assert!(discovered(&list(), "so").is_some_and(|it| !it.has_scale));
        assert_eq!(discovered(&list(), "queues.other.com"), None);
        assert_eq!(discovered(&json!({}), "queues"), None);
    }
}
