//! Whose group it is, and where: by the labels of its nodes, by the name of the context, else by what was typed.

use super::group::Place;
use sre_core::node_group::{Provider, groups, providers_of};
use sre_core::slim::Node;

/// Where a group is, as far as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) cluster: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) project: Option<String>,
    pub(crate) resource_group: Option<String>,
}

/// What is wrong, and what to type instead.
pub(super) type Wrong = (String, String);

/// The provider that the labels tell; none where none of them names the group.
pub(super) fn provider(nodes: &[Node], group: &str) -> Result<Option<Provider>, Wrong> {
    let found: Vec<Provider> = providers_of(nodes, group).into_iter().map(|(provider, _)| provider).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        // A managed group that eksctl made has both labels, and eksctl keeps it.
        [Provider::Eks, Provider::Eksctl] => Ok(Some(Provider::Eksctl)),
        several => {
            let names: Vec<&str> = several.iter().map(|it| it.word()).collect();
            let hint = names.iter().map(|it| format!("--provider {it}")).collect::<Vec<_>>().join(" or ");
            Err((
                format!("nodes of {} have a group {group}", names.join(" and ")),
                format!("say which is meant: {hint}"),
            ))
        }
    }
}

/// That no node has a label of the group, with the groups that there are.
pub(super) fn unknown(nodes: &[Node], group: &str) -> Wrong {
    let all =
        groups(nodes).iter().map(|(provider, name)| format!("{name} ({provider})")).collect::<Vec<_>>().join(", ");
    let known = if all.is_empty() { "no node has a label of a group".to_owned() } else { format!("there are: {all}") };
    (
        format!("no node belongs to a group {group}; {known}"),
        "name one of them; or, where it has no nodes, its provider: --provider eks, eksctl, gke, aks or cluster-api"
            .to_owned(),
    )
}

/// Where the group is.
pub(super) fn place(
    provider: Provider,
    group: &str,
    members: &[&Node],
    context: Option<&str>,
    typed: &Typed,
) -> Result<Place, Wrong> {
    let label = |key: &str| members.iter().find_map(|node| node.metadata.label(key)).map(str::to_owned);
    let told = context.map(|context| of_context(provider, context)).unwrap_or_default();
    let cluster = typed.cluster.clone().or_else(|| label("alpha.eksctl.io/cluster-name")).or(told.cluster);
    let missing = |what: &str, flag: &str| {
        let hint =
            format!("type it: kubectl sre scale nodes --group {group} --provider {provider} {flag} ... --dry-run");
        (format!("nothing here tells {what} of the group {group}"), hint)
    };
    let cluster = cluster.ok_or_else(|| missing("the name that the provider has for the cluster", "--cluster-name"))?;
    let region = typed.region.clone().or(told.region);
    let region = match provider {
        Provider::Gke => Some(region.ok_or_else(|| missing("the location", "--region"))?),
        _ => region.or_else(|| label("topology.kubernetes.io/region")),
    };
    let resource_group = typed.resource_group.clone();
    if provider == Provider::Aks && resource_group.is_none() {
        return Err(missing("the resource group", "--resource-group"));
    }
    let project = typed.project.clone().or(told.project);
    Ok(Place { group: group.to_owned(), cluster, region, project, resource_group })
}

/// What the name of a context tells, as the providers' own programs write it.
fn of_context(provider: Provider, context: &str) -> Typed {
    let of_arn = || {
        let parts: Vec<&str> = context.splitn(6, ':').collect();
        let ["arn", _, "eks", region, _, name] = parts[..] else { return None };
        Some((name.strip_prefix("cluster/")?, region))
    };
    let of_eksctl = || context.split_once('@')?.1.strip_suffix(".eksctl.io")?.rsplit_once('.');
    let found = match provider {
        Provider::Eks | Provider::Eksctl => of_arn().or_else(of_eksctl).map(|(name, region)| (name, region, None)),
        Provider::Gke => {
            let parts: Vec<&str> = context.splitn(4, '_').collect();
            match parts[..] {
                ["gke", project, location, name] => Some((name, location, Some(project))),
                _ => None,
            }
        }
        Provider::Aks | Provider::ClusterApi => None,
    };
    let Some((name, region, project)) = found else { return Typed::default() };
    Typed {
        cluster: Some(name.to_owned()),
        region: Some(region.to_owned()),
        project: project.map(str::to_owned),
        resource_group: None,
    }
}
