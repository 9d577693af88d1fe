//! What can be done about a cause, as commands that are ready to be typed.

use crate::object::ObjectRef;
use crate::postgres::is_server;
use crate::slim::container::Container;
use crate::slim::{Pod, amount_of};
use crate::units::Amount;
use crate::view::View;

/// Whom a class blames, for the commands that it knows.
pub struct Acts<'v> {
    view: &'v View<'v>,
    object: &'v ObjectRef,
    container: &'v str,
}

impl<'v> Acts<'v> {
    /// Of an object, and of its container where that is known.
    pub fn of(view: &'v View<'v>, object: &'v ObjectRef, container: &'v str) -> Self {
        Self { view, object, container }
    }

    /// A larger limit of a resource: twice what it is; none where there is no limit or no template to change.
    pub fn raise_limit(&self, resource: &str) -> Option<String> {
        let limit = amount_of(&self.asked()?.resources.limits, resource)?;
        let twice = Amount::from_nanos(limit.nanos() * 2);
        let written = match resource {
            "cpu" => format!("{}m", twice.milli_value()),
            _ => twice.to_binary_string(),
        };
        let (whom, container, namespace) = (self.workload()?, self.container_name()?, self.namespace());
        Some(format!(
            "kubectl sre scale resources {whom} --container {container} --limits {resource}={written} -n {namespace} --dry-run"
        ))
    }

    /// One replica more than there are pods; only of a Deployment: the pods of others have places of their own.
    pub fn add_replica(&self) -> Option<String> {
        let whom = self.workload().filter(|_| self.object.kind == "Deployment")?;
        let more = self.view.pods_of(self.object).len() + 1;
        Some(format!("kubectl sre scale {whom} --replicas {more} -n {} --dry-run", self.namespace()))
    }

    /// New pods in the place of the old ones.
    pub fn restart(&self) -> Option<String> {
        Some(format!("kubectl sre change restart {} -n {} --dry-run", self.workload()?, self.namespace()))
    }

    /// Ends sessions of the PostgreSQL server that have done nothing for ten minutes.
    pub fn end_idle_sessions(&self) -> Option<String> {
        let (whom, namespace) = (self.database()?, self.namespace());
        Some(format!("kubectl sre change db-terminate-idle {whom} -n {namespace} --idle-for 10m --dry-run"))
    }

    /// Has the PostgreSQL server log what takes longer than a second, for half an hour.
    pub fn log_slow_queries(&self) -> Option<String> {
        let (whom, namespace) = (self.database()?, self.namespace());
        Some(format!("kubectl sre change db-slow-log {whom} -n {namespace} --over 1s --for 30m --dry-run"))
    }

    /// What the profile knows to do against a class, each as the settings of one component.
    pub fn of_profile(&self, class: &str) -> Vec<String> {
        let Some(whom) = self.workload() else { return Vec::new() };
        let profile = &self.view.profile;
        let holds = |name: &str| profile.components.iter().any(|it| it.name == name && it.holds(self.object));
        let answers =
            profile.answers.iter().filter(|it| it.class == class && it.component.as_deref().is_some_and(holds));
        let command = |settings: &[String]| {
            format!("kubectl sre change set-env {whom} -n {} {} --dry-run", self.namespace(), settings.join(" "))
        };
        answers.filter(|it| !it.settings.is_empty()).map(|it| command(&it.settings)).collect()
    }

    /// The object as a command names it, where its template can be changed.
    fn workload(&self) -> Option<String> {
        let is_templated = matches!(self.object.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet");
        is_templated.then(|| format!("{}/{}", self.object.kind.to_lowercase(), self.object.name))
    }

    fn namespace(&self) -> &str {
        self.object.namespace.as_deref().unwrap_or_default()
    }

    fn pods(&self) -> Vec<&'v Pod> {
        let itself = self.view.get::<Pod>(self.namespace(), &self.object.name).filter(|_| self.object.kind == "Pod");
        self.view.pods_of(self.object).iter().copied().chain(itself).collect()
    }

    fn asked(&self) -> Option<&'v Container> {
        let pod = self.pods().into_iter().next()?;
        let named = pod.spec.all_containers().find(|it| it.name == self.container);
        // Where nobody says which, the only one is meant.
        let is_only = self.container.is_empty() && pod.spec.containers.len() == 1;
        named.or_else(|| pod.spec.all_containers().last().filter(|_| is_only))
    }

    fn container_name(&self) -> Option<&'v str> {
        self.asked().map(|it| it.name.as_str())
    }

    /// The PostgreSQL server: the object itself, else the only one of its namespace.
    fn database(&self) -> Option<String> {
        let serves = |pod: &&Pod| pod.spec.containers.iter().any(|it| is_server(&it.image));
        let named = |pod: &Pod| {
            let owner = self.view.owner_of(pod);
            let kind = if owner.kind == "StatefulSet" { owner.kind.to_lowercase() } else { "pod".to_owned() };
            let name = if owner.kind == "StatefulSet" { owner.name } else { pod.metadata.name.clone() };
            format!("{kind}/{name}")
        };
        if let Some(own) = self.pods().into_iter().find(serves) {
            return Some(named(own));
        }
        let mut all: Vec<String> =
            self.view.pods_in(self.namespace()).iter().copied().filter(serves).map(named).collect();
        all.dedup();
        all.pop().filter(|_| all.is_empty())
    }
}
