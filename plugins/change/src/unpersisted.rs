//! Changes of objects that Helm, Argo CD or Flux keeps, and that their source does not say yet.

use serde_json::{Value, json};
use sre_core::ownership::{Owner, Persistence, Sources, owners, persistence};
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
        Ok(Self { acting, applications, releases: BTreeMap::new() })
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
        let edits = plan.steps.iter().any(|step| matches!(step.call, Call::Edit { .. }));
        if plan.cluster.uid != self.acting.place().uid || !edits {
            return Ok(Vec::new());
        }
        let parts = self.acting.objects_of(plan).await?;
        let mut all = Vec::new();
        for step in &plan.steps {
            let part = parts.get(&(step.object.address.clone(), step.call.subresource().map(str::to_owned)));
            let Some(stands) = part.and_then(|now| stands(step, now)) else { continue };
            let whole = self.acting.objects().get(&step.object.address.path()).await;
            let Some(whole) = whole.map_err(|fault| self.acting.no_answer(&fault))? else { continue };
            for owner in owners(&whole, self.applications.as_deref().unwrap_or_default()) {
                all.extend(self.beside(plan, step, &owner, stands).await?);
            }
        }
        Ok(all)
    }

    async fn beside(
        &mut self,
        plan: &Plan,
        step: &Step,
        owner: &Owner,
        stands: bool,
    ) -> Result<Option<Unpersisted>, Error> {
        let releases = match owner {
            Owner::Helm { namespace, .. } => self.releases(namespace).await?,
            Owner::Operator { .. } => return Ok(None),
            Owner::ArgoCd { .. } | Owner::Flux { .. } => None,
        };
        let object = step.object.address.object_ref();
        let seen = Sources { applications: self.applications.as_deref(), releases: releases.as_deref() };
        let (state, why) = match persistence(owner, &object, plan.made_at, seen) {
            _ if !stands => ("setBack", "the object has the values of before".to_owned()),
            Persistence::Agrees => return Ok(None),
            Persistence::Differs(why) => ("differs", why),
            Persistence::Unknown(why) => ("unknown", why),
        };
        Ok(Some(Unpersisted { object: object.to_string(), source: owner.source(), state, why }))
    }

    /// The metadata alone: what a release holds is as secret as its values.
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
fn stands(step: &Step, now: &Value) -> Option<bool> {
    let Call::Edit { fields, .. } = &step.call else { return None };
    let (after, before) = (fields.iter().all(|it| it.is_after(now)), fields.iter().all(|it| it.is_before(now)));
    (after || before).then_some(after)
}
