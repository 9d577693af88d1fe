//! Changes of objects that Helm, Argo CD or Flux keeps, and that their source does not say yet.

use serde_json::{Value, json};
use sre_core::helm::Release;
use sre_core::object::ObjectRef;
use sre_core::ownership::{Owner, Persistence, Sources, flux_applied, manifest_says, owners, persistence, together};
use sre_core::plan::{Call, Plan, Step};
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use std::collections::BTreeMap;

/// How an object that was changed stands to one of its sources.
pub(crate) struct Unpersisted {
    object: String,
    source: String,
    state: &'static str,
    why: String,
}

impl Unpersisted {
    pub(crate) fn words(&self) -> String {
        let (object, source, why) = (&self.object, &self.source, &self.why);
        match self.state {
            "setBack" => format!("{object} is as it was before; what keeps it: {source}"),
            "unknown" => format!("{object}: look whether {source} says so too: {why}"),
            _ => format!("{object}: edit {source}: {why}"),
        }
    }

    pub(crate) fn document(&self) -> Value {
        json!({"object": self.object, "source": self.source, "state": self.state, "why": self.why})
    }
}

/// What was read of sources; each once.
pub(crate) struct Looked<'a> {
    acting: &'a Acting,
    applications: Option<Vec<Value>>,
    releases: BTreeMap<String, Option<Vec<Value>>>,
    /// The newest revision of each release, by its namespace and name; none where its records cannot be read.
    newest: BTreeMap<(String, String), Option<Release>>,
    /// What Flux keeps objects by.
    of_flux: BTreeMap<ObjectRef, Option<Value>>,
}

/// An object that was changed, as it is.
struct Changed<'a> {
    plan: &'a Plan,
    step: &'a Step,
    whole: &'a Value,
    owners: &'a [Owner],
    stands: Stands,
}

/// How an object stands to what a step changed of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It has the values that it was given.
    AsAfter,
    /// It has those of before.
    AsBefore,
    /// The values that the plan hides are kept nowhere any more.
    Unseen,
}

impl<'a> Looked<'a> {
    /// Looks for Applications of Argo CD.
    ///
    /// # Errors
    /// Says why the cluster gives no answer.
    pub(crate) async fn start(acting: &'a Acting) -> Result<Self, Error> {
        let applications = match acting.objects().list("/apis/argoproj.io/v1alpha1/applications", "").await {
            Ok(found) => Some(found),
            Err(RequestFault::NotFound) => Some(Vec::new()),
            Err(RequestFault::Forbidden { .. }) => None,
            Err(fault) => return Err(acting.no_answer(&fault)),
        };
        let (releases, newest, of_flux) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { acting, applications, releases, newest, of_flux })
    }

    /// What could not be looked at.
    pub(crate) fn unseen(&self) -> Option<&'static str> {
        self.applications.is_none().then_some("Applications of Argo CD: the caller may not list them")
    }

    /// What of a change its sources do not say yet; nothing of one that was made elsewhere.
    ///
    /// # Errors
    /// Says why the cluster gives no answer.
    pub(crate) async fn of(&mut self, plan: &Plan) -> Result<Vec<Unpersisted>, Error> {
        let mut edits = plan.clone();
        edits.steps.retain(|step| matches!(step.call, Call::Edit { .. } | Call::Restore { .. }));
        let plan = &edits;
        if plan.cluster.uid != self.acting.place().uid || plan.steps.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for step in &plan.steps {
            let Some(stands) = self.stands(plan, step).await? else { continue };
            let whole = self.acting.objects().get(&step.object.address.path()).await;
            let Some(whole) = whole.map_err(|fault| self.acting.no_answer(&fault))? else { continue };
            let owners = owners(&whole, self.applications.as_deref().unwrap_or_default());
            let changed = Changed { plan, step, whole: &whole, owners: &owners, stands };
            for owner in &owners {
                all.extend(self.beside(&changed, owner).await?);
            }
        }
        Ok(all)
    }

    async fn beside(&mut self, changed: &Changed<'_>, owner: &Owner) -> Result<Option<Unpersisted>, Error> {
        let Changed { plan, step, stands, .. } = changed;
        let releases = match owner {
            Owner::Helm { namespace, .. } => self.releases(namespace).await?,
            Owner::Operator { .. } => return Ok(None),
            Owner::ArgoCd { .. } | Owner::Flux { .. } => None,
        };
        let object = step.object.address.object_ref();
        let seen = Sources { applications: self.applications.as_deref(), releases: releases.as_deref() };
        let by_time = persistence(owner, &object, plan.made_at, seen);
        let said = if *stands == Stands::AsAfter { self.said(changed, owner).await? } else { None };
        let (state, why) = match together(by_time, said) {
            _ if *stands == Stands::AsBefore => ("setBack", "the object has the values of before".to_owned()),
            _ if *stands == Stands::Unseen => {
                ("unknown", "the values that the change hides are kept no more".to_owned())
            }
            Persistence::Agrees => return Ok(None),
            Persistence::Differs(why) => ("differs", why),
            Persistence::Unknown(why) => ("unknown", why),
        };
        Ok(Some(Unpersisted { object: object.to_string(), source: owner.source(), state, why }))
    }

    /// How the object of a step stands; `None` where it is gone, or was changed otherwise.
    async fn stands(&self, plan: &Plan, step: &Step) -> Result<Option<Stands>, Error> {
        let one = Plan { steps: vec![step.clone()], ..plan.clone() };
        let part = (step.object.address.clone(), step.call.subresource().map(str::to_owned));
        match self.acting.objects_of(&one).await {
            Ok(parts) => Ok(parts.get(&part).and_then(|now| stands(step, now))),
            Err(_) if matches!(step.call, Call::Restore { .. }) => Ok(Some(Stands::Unseen)),
            Err(error) => Err(error),
        }
    }

    /// What a source says by what it applied last, where that can be seen.
    async fn said(&mut self, changed: &Changed<'_>, owner: &Owner) -> Result<Option<Persistence>, Error> {
        let Changed { step, whole, owners, .. } = changed;
        // A scale shows no field of its object but this one, and under the same name for workloads alone.
        let is_scale_of_workload =
            step.call.subresource() == Some("scale") && step.object.address.api_version == "apps/v1";
        if step.call.subresource().is_some() && !is_scale_of_workload {
            return Ok(None);
        }
        let fields = step.call.fields();
        match owner {
            Owner::Helm { .. } => {
                let newest = self.newest(owner).await?;
                Ok(newest.map(|it| manifest_says(it, &step.object.address.object_ref(), whole, fields)))
            }
            Owner::Flux { object } if object.kind == "HelmRelease" => {
                let made = self.of_flux(object).await?.and_then(|it| it.pointer("/status/history/0/version")?.as_i64());
                let Some(release) = owners.iter().find(|it| matches!(it, Owner::Helm { .. })) else { return Ok(None) };
                // A revision that somebody made by hand says nothing of the HelmRelease.
                let newest = self.newest(release).await?.filter(|it| made == Some(it.revision));
                Ok(newest.map(|it| manifest_says(it, &step.object.address.object_ref(), whole, fields)))
            }
            Owner::Flux { object } => {
                let kustomization = self.of_flux(object).await?;
                Ok(kustomization.is_some_and(|it| flux_applied(it, whole, fields)).then_some(Persistence::Agrees))
            }
            Owner::ArgoCd { .. } | Owner::Operator { .. } => Ok(None),
        }
    }

    /// The newest revision of a release.
    async fn newest(&mut self, owner: &Owner) -> Result<Option<&Release>, Error> {
        let Owner::Helm { release, namespace } = owner else { return Ok(None) };
        let key = (namespace.clone(), release.clone());
        if !self.newest.contains_key(&key) {
            let found = match self.acting.objects().releases(namespace, release).await {
                // What cannot be read may be newer.
                Ok(mut found) if found.unreadable.is_empty() => found.revisions.pop(),
                Ok(_) | Err(RequestFault::Forbidden { .. }) => None,
                Err(fault) => return Err(self.acting.no_answer(&fault)),
            };
            self.newest.insert(key.clone(), found);
        }
        Ok(self.newest.get(&key).and_then(Option::as_ref))
    }

    /// A Kustomization or HelmRelease.
    async fn of_flux(&mut self, object: &ObjectRef) -> Result<Option<&Value>, Error> {
        if !self.of_flux.contains_key(object) {
            let (group, plural) = match object.kind.as_str() {
                "HelmRelease" => ("helm.toolkit.fluxcd.io/v2", "helmreleases"),
                _ => ("kustomize.toolkit.fluxcd.io/v1", "kustomizations"),
            };
            let namespace = object.namespace.as_deref().unwrap_or_default();
            let path = format!("/apis/{group}/namespaces/{namespace}/{plural}/{}", object.name);
            let found = match self.acting.objects().get(&path).await {
                Ok(found) => found,
                Err(RequestFault::Forbidden { .. }) => None,
                Err(fault) => return Err(self.acting.no_answer(&fault)),
            };
            self.of_flux.insert(object.clone(), found);
        }
        Ok(self.of_flux.get(object).and_then(Option::as_ref))
    }

    /// The metadata alone tells when: what a release holds is as secret as its values.
    async fn releases(&mut self, namespace: &str) -> Result<Option<Vec<Value>>, Error> {
        if let Some(known) = self.releases.get(namespace) {
            return Ok(known.clone());
        }
        let found = match self.acting.objects().names(&format!("/api/v1/namespaces/{namespace}/secrets")).await {
            Ok(found) => Some(found),
            Err(RequestFault::Forbidden { .. }) => None,
            Err(fault) => return Err(self.acting.no_answer(&fault)),
        };
        self.releases.insert(namespace.to_owned(), found.clone());
        Ok(found)
    }
}

/// Whether what a step changed still stands, or is as before; `None` where it is neither, or nothing was edited.
fn stands(step: &Step, now: &Value) -> Option<Stands> {
    let (Call::Edit { fields, .. } | Call::Restore { fields, .. }) = &step.call else { return None };
    let (after, before) = (fields.iter().all(|it| it.is_after(now)), fields.iter().all(|it| it.is_before(now)));
    if after { Some(Stands::AsAfter) } else { before.then_some(Stands::AsBefore) }
}
