//! Which contexts a list names, and which there are; nothing is dialled.

use super::environment::Environment;
use super::error::{ConnectError, NameKind};
use super::kubeconfig::{Kubeconfig, NamedContext};
use super::loading;
use std::path::Path;

/// A context to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextName {
    /// Its name in the kubeconfig.
    pub name: String,
    /// The other contexts that lead to the same cluster as the same user, so that a look at this one is one at them.
    pub alike: Vec<String>,
}

/// Reads a list of contexts with commas between them: each once, in the order of the list.
///
/// # Errors
/// A kubeconfig that cannot be read, and a name that it does not have.
pub fn listed_contexts(
    list: &str,
    kubeconfig: Option<&Path>,
    environment: &Environment,
) -> Result<Vec<ContextName>, ConnectError> {
    let known = loading::load(kubeconfig, environment)?.context_names();
    let mut contexts: Vec<ContextName> = Vec::new();
    for name in split(list, &known)? {
        if contexts.iter().all(|context| context.name != name) {
            contexts.push(ContextName { name, alike: Vec::new() });
        }
    }
    Ok(contexts)
}

/// Gives every context of the kubeconfig, by name; those that lead to one cluster as one user are one.
///
/// # Errors
/// A kubeconfig that cannot be read, or has no context.
pub fn all_contexts(kubeconfig: Option<&Path>, environment: &Environment) -> Result<Vec<ContextName>, ConnectError> {
    let config = loading::load(kubeconfig, environment)?;
    if config.is_empty() {
        return Err(loading::no_cluster(kubeconfig, environment));
    }
    let contexts = distinct(&config);
    if contexts.is_empty() { Err(ConnectError::NoContexts) } else { Ok(contexts) }
}

/// The context that holds without `--context`, as far as kubeconfig files say one.
pub fn current_context(kubeconfig: Option<&Path>, environment: &Environment) -> Option<String> {
    loading::load(kubeconfig, environment).ok()?.current_context.filter(|name| !name.is_empty())
}

/// Takes a list apart. A name of the kubeconfig may have commas itself: the longest one that fits is meant.
fn split(list: &str, known: &[String]) -> Result<Vec<String>, ConnectError> {
    let mut names = Vec::new();
    let mut rest = Some(list);
    while let Some(text) = rest {
        let behind = |name: &str| text.strip_prefix(name).filter(|behind| behind.is_empty() || behind.starts_with(','));
        let fitting = known.iter().filter(|name| !name.is_empty() && behind(name).is_some());
        let Some(name) = fitting.max_by_key(|name| name.len()) else {
            let name = text.split(',').next().unwrap_or_default().to_owned();
            return Err(ConnectError::UnknownName { kind: NameKind::Context, name, known: known.to_vec() });
        };
        names.push(name.clone());
        rest = behind(name).and_then(|behind| behind.strip_prefix(','));
    }
    Ok(names)
}

fn distinct(config: &Kubeconfig) -> Vec<ContextName> {
    let mut all: Vec<&NamedContext> = config.contexts.iter().flatten().collect();
    all.sort_by_key(|context| &context.name);
    let mut distinct: Vec<(&NamedContext, ContextName)> = Vec::new();
    for context in all {
        match distinct.iter_mut().find(|(first, _)| is_alike(first, context)) {
            Some((_, first)) => first.alike.push(context.name.clone()),
            None => distinct.push((context, ContextName { name: context.name.clone(), alike: Vec::new() })),
        }
    }
    distinct.into_iter().map(|(_, context)| context).collect()
}

/// A context holds a namespace besides, which a look at all of them does not ask for.
fn is_alike(one: &NamedContext, other: &NamedContext) -> bool {
    match (&one.context, &other.context) {
        (Some(one), Some(other)) => one.cluster.is_some() && one.cluster == other.cluster && one.user == other.user,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_list_is_taken_apart_at_its_commas() {
        let known = known(&["a", "b", "b,c", "c"]);
        let names = |list| split(list, &known).expect("known names");
        assert_eq!(names("a"), ["a"]);
        assert_eq!(names("c,a"), ["c", "a"]);
        assert_eq!(names("b,c"), ["b,c"], "a name with a comma is a name");
        assert_eq!(names("a,b,c,c"), ["a", "b,c", "c"]);
    }

    #[test]
    fn a_name_that_is_not_there_is_told_alone() {
        let known = known(&["prod-eu", "prod-us"]);
        for (list, wrong) in [("prod-eu,prod-su", "prod-su"), ("prod,prod-us", "prod"), ("prod-eu,", ""), (",", "")] {
            let Err(ConnectError::UnknownName { name, .. }) = split(list, &known) else { panic!("{list} was taken") };
            assert_eq!(name, wrong, "{list}");
        }
    }

    #[test]
    fn contexts_of_one_cluster_and_user_are_one() {
        let text = r#"{"contexts": [
            {"name": "web", "context": {"cluster": "c", "user": "u", "namespace": "web"}},
            {"name": "db", "context": {"cluster": "c", "user": "u"}},
            {"name": "root", "context": {"cluster": "c", "user": "admin"}},
            {"name": "x"}, {"name": "y"}
        ]}"#;
        let config: Kubeconfig = serde_json::from_str(text).expect("a kubeconfig");
        let found: Vec<(String, Vec<String>)> =
            distinct(&config).into_iter().map(|context| (context.name, context.alike)).collect();
        let alone = |name: &str| (name.to_owned(), Vec::new());
        assert_eq!(found, [("db".to_owned(), known(&["web"])), alone("root"), alone("x"), alone("y")]);
    }
}
