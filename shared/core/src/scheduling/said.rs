//! What the scheduler says of the nodes, when the nodes were not seen or do not explain it.

use super::demand::is_extended;
use super::obstacle::Filter;

/// How many nodes each filter excludes, by the scheduler's message: `0/5 nodes are available: 3 Insufficient cpu, ...`.
pub fn counts_in(message: &str) -> Vec<(Filter, usize)> {
    let after = |words: &str| message.split_once(words).map(|(_, reasons)| reasons);
    let reasons = after("nodes are available: ").or_else(|| after("nodes available: "));
    let Some(reasons) = reasons.or_else(|| after("nodes are unschedulable: ")) else { return Vec::new() };
    let reasons = reasons.split("preemption:").next().unwrap_or_default();
    let mut counts: Vec<(Filter, usize)> = reasons.split(", ").filter_map(count).collect();
    counts.sort_by_key(|(filter, count)| (std::cmp::Reverse(*count), *filter));
    counts
}

/// One part of the message; parts of taints that hold a comma themselves are no parts. Some schedulers leave the
/// number out.
fn count(reason: &str) -> Option<(Filter, usize)> {
    let (first, rest) = reason.trim().split_once(' ')?;
    match first.parse() {
        Ok(count) => Some((filter(&rest.to_lowercase())?, count)),
        Err(_) => Some((filter(&reason.to_lowercase())?, 1)),
    }
}

fn filter(words: &str) -> Option<Filter> {
    let says = |part: &str| words.contains(part);
    if let Some((_, resource)) = words.split_once("insufficient ") {
        let resource = resource.split(['.', ' ', ',']).next().unwrap_or_default();
        let is_extended = is_extended(words.trim_start_matches("insufficient ")) && !resource.is_empty();
        return Some(if is_extended { Filter::ExtendedResource } else { Filter::Resource });
    }
    let families: &[(&str, Filter)] = &[
        ("too many pods", Filter::MaxPods),
        ("volume node affinity", Filter::Volume),
        ("available volume zone", Filter::Volume),
        ("topology spread", Filter::Spread),
        ("anti-affinity", Filter::PodAffinity),
        ("pod affinity rules", Filter::PodAffinity),
        ("node affinity", Filter::NodeSelector),
        ("node selector", Filter::NodeSelector),
        ("free ports", Filter::HostPort),
        ("not-ready", Filter::Condition),
        ("unreachable", Filter::Condition),
        ("pressure", Filter::Condition),
        ("taint", Filter::Taint),
        ("unschedulable", Filter::Cordon),
    ];
    families.iter().find(|(part, _)| says(part)).map(|(_, filter)| *filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_versions_are_counted() {
        let message = "0/7 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, \
             1 node(s) were unschedulable, 2 Insufficient cpu, 3 Insufficient nvidia.com/gpu. preemption: 0/7 nodes \
             are available: 7 Preemption is not helpful for scheduling.";
        assert_eq!(
            counts_in(message),
            [(Filter::ExtendedResource, 3), (Filter::Resource, 2), (Filter::Cordon, 1), (Filter::Condition, 1),]
        );
        let older = "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't \
             have free ports for the requested pod ports.";
        assert_eq!(counts_in(older), [(Filter::NodeSelector, 1), (Filter::HostPort, 1)]);
        assert_eq!(counts_in("running PreBind plugin: timed out"), []);
    }
}
