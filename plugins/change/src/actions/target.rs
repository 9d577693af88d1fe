//! The object that was named: TYPE/NAME, by the names that kubectl knows.

use sre_core::resource::Resource;
use sre_runtime::args::type_and_name;
use sre_runtime::error::Error;

/// An object by its resource and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) resource: Resource,
    pub(crate) name: String,
}

/// What was named, which must be one of these kinds; none for any.
///
/// # Errors
/// Says what is no name, or of which kinds it may be.
pub(crate) fn named(word: &str, kinds: &[&str]) -> Result<Named, Error> {
    let hint = || format!("type for example: {}/web", kinds.first().unwrap_or(&"Deployment").to_lowercase());
    let usage = |message: String| Error::Usage { message, hint: hint() };
    let words = [word.to_owned()];
    let (kind, name) = type_and_name(&words, &hint())?;
    let resource = Resource::named(kind).ok_or_else(|| usage(format!("{kind:?} is no type that is known here")))?;
    if !kinds.is_empty() && !kinds.contains(&resource.kind.as_str()) {
        return Err(usage(format!("it is not done to a {}: {} is wanted", resource.kind, kinds.join(", "))));
    }
    of(resource, name)
}

/// An object of a kind by its name alone; `KIND/NAME` is as good.
///
/// # Errors
/// Says what is no name.
pub(crate) fn of_kind(word: &str, kind: &str) -> Result<Named, Error> {
    match (word.contains('/'), Resource::named(kind)) {
        (false, Some(resource)) => of(resource, word),
        _ => named(word, &[kind]),
    }
}

fn of(resource: Resource, name: &str) -> Result<Named, Error> {
    if name.is_empty() || name.contains('/') {
        let hint = format!("see which there are: kubectl get {}", resource.plural);
        return Err(Error::Usage { message: format!("{name:?} is no name of a {}", resource.kind), hint });
    }
    Ok(Named { resource, name: name.to_owned() })
}

impl Named {
    /// How plans call it: `Deployment shop/web`.
    pub(crate) fn title(&self, namespace: &str) -> String {
        let place = if self.resource.is_namespaced { format!("{namespace}/") } else { String::new() };
        format!("{} {place}{}", self.resource.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(named: Result<Named, Error>) -> Option<String> {
        named.ok().map(|it| it.title("shop"))
    }

    #[test]
    fn objects_are_named_as_for_kubectl() {
        assert_eq!(shown(named("deploy/web", &[])).as_deref(), Some("Deployment shop/web"));
        assert_eq!(shown(named("no/a", &["Node"])).as_deref(), Some("Node a"));
        assert_eq!(shown(of_kind("web-0", "Pod")), shown(of_kind("po/web-0", "Pod")));
        for wrong in ["web", "deploy/", "deploy/a/b", "thing/a"] {
            assert_eq!(shown(named(wrong, &[])), None, "{wrong}");
        }
        let error = named("svc/web", &["Deployment", "DaemonSet"]).expect_err("no workload").to_string();
        assert_eq!(error, "it is not done to a Service: Deployment, DaemonSet is wanted");
        assert_eq!(shown(of_kind("node/a", "Pod")), None);
    }
}
