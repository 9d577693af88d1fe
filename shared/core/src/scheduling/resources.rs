//! What a pod asks a node for, as the scheduler adds it up.

use crate::slim::ResourceAmount;
use crate::slim::container::ResourceRequirements;
use crate::slim::pod_spec::PodSpec;
use crate::units::Amount;
use std::collections::BTreeMap;

/// Amounts by resource name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    amounts: BTreeMap<String, Amount>,
}

/// The request that counts when a pod is placed: containers and sidecars together, or the hungriest moment of the
/// init containers with the sidecars started until then, whichever is more; and the overhead of the runtime.
///
/// See <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>.
pub fn pod_request(spec: &PodSpec) -> Resources {
    let mut sidecars = Resources::default();
    let mut starting = Resources::default();
    for container in &spec.init_containers {
        let mut moment = sidecars.clone();
        moment.add(&requested(&container.resources));
        if container.is_restartable() {
            sidecars = moment.clone();
        }
        starting.raise_to(&moment);
    }
    let mut total = sidecars;
    spec.containers.iter().for_each(|container| total.add(&requested(&container.resources)));
    total.raise_to(&starting);
    // What the pod asks for as a whole stands in place of what its containers add up to.
    total.amounts.extend(spec.resources.iter().flat_map(|own| requested(own).amounts));
    total.add(&Resources::of(&spec.overhead));
    total
}

/// What a container or a pod requests; a limit without a request is one, as the API server has it.
fn requested(resources: &ResourceRequirements) -> Resources {
    let mut requests = Resources::of(&resources.limits);
    requests.amounts.extend(Resources::of(&resources.requests).amounts);
    requests
}

impl Resources {
    /// Reads a list of an object; what is no quantity is left out.
    pub fn of(list: &[ResourceAmount]) -> Self {
        let amounts = list.iter().filter_map(|entry| Some((entry.name.clone(), entry.quantity.amount()?)));
        Self { amounts: amounts.collect() }
    }

    /// The amount of one resource; nothing when it is not listed.
    pub fn get(&self, name: &str) -> Amount {
        self.amounts.get(name).copied().unwrap_or_default()
    }

    /// Every amount that is more than nothing, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Amount)> {
        self.amounts.iter().filter(|(_, amount)| **amount > Amount::ZERO).map(|(name, amount)| (name.as_str(), *amount))
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        for (name, amount) in &others.amounts {
            *self.amounts.entry(name.clone()).or_default() += *amount;
        }
    }

    /// Raises each amount to at least that of another list.
    fn raise_to(&mut self, others: &Self) {
        for (name, amount) in &others.amounts {
            let mine = self.amounts.entry(name.clone()).or_default();
            *mine = (*mine).max(*amount);
        }
    }
}

/// Writes an amount as people write it for the resource: `1500m` of CPU, `1536Mi` of memory.
pub fn written(resource: &str, amount: Amount) -> String {
    let is_bytes = matches!(resource, "memory" | "ephemeral-storage") || resource.starts_with("hugepages-");
    if is_bytes { amount.to_binary_string() } else { amount.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Pod, from_json};

    fn request(spec: &str) -> Resources {
        let pod: Pod = from_json(format!(r#"{{"spec":{spec}}}"#).as_bytes()).unwrap();
        pod_request(&pod.spec)
    }

    #[test]
    fn containers_add_up_and_the_overhead_comes_on_top() {
        let all = request(
            r#"{"overhead":{"cpu":"50m"},"containers":[{"resources":{"requests":{"cpu":"1"}}},
                {"resources":{"requests":{"cpu":"500m"},"limits":{"cpu":"2","memory":"1Gi"}}}]}"#,
        );
        assert_eq!(written("cpu", all.get("cpu")), "1550m");
        assert_eq!(written("memory", all.get("memory")), "1Gi", "a limit without a request is one");
    }

    #[test]
    fn what_the_pod_asks_for_as_a_whole_stands_for_its_containers() {
        let all = request(
            r#"{"containers":[{"resources":{"requests":{"cpu":"100m","memory":"1Gi"}}},{}],
                "resources":{"requests":{"cpu":"2"}}}"#,
        );
        assert_eq!((all.get("cpu"), written("memory", all.get("memory")).as_str()), (Amount::whole(2), "1Gi"));
    }

    #[test]
    fn init_containers_count_by_their_hungriest_moment() {
        let all = request(
            r#"{"containers":[{"resources":{"requests":{"cpu":"1"}}}],
                "initContainers":[{"resources":{"requests":{"cpu":"3"}}},{"resources":{"requests":{"cpu":"2"}}}]}"#,
        );
        assert_eq!(all.get("cpu"), Amount::whole(3));
    }

    #[test]
    fn sidecars_run_beside_the_containers_and_the_later_init_containers() {
        let sidecar = r#"{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}"#;
        let init = r#"{"resources":{"requests":{"cpu":"3"}}}"#;
        let app = r#"{"resources":{"requests":{"cpu":"1"}}}"#;
        let of = |inits: &str| request(&format!(r#"{{"containers":[{app}],"initContainers":[{inits}]}}"#)).get("cpu");
        assert_eq!(of(sidecar), Amount::whole(2));
        assert_eq!(of(&format!("{sidecar},{init}")), Amount::whole(4), "the sidecar started before");
        assert_eq!(of(&format!("{init},{sidecar}")), Amount::whole(3), "the sidecar starts after");
    }
}
