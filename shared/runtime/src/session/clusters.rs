//! Several clusters in one run: a session for each of them.

use super::{After, Session};
use crate::cluster::connection::{ContextName, Environment, all_contexts, listed_contexts};
use crate::error::Error;
use crate::ui::Bars;

/// Which contexts of the kubeconfig a run looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contexts {
    /// Those of `--context`, else the current one.
    Named,
    /// Every one.
    All,
}

/// Which of several clusters a session is about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    context: ContextName,
    pub(super) bars: Bars,
}

impl Session {
    /// Gives a session for each cluster, if there are several; of one alone this session becomes the session. Nothing is
    /// dialled yet.
    ///
    /// # Errors
    /// Fails for a context that is not there, and for flags that make no sense for several clusters.
    pub fn clusters(&mut self, contexts: Contexts) -> Result<Vec<Self>, Error> {
        let mut found = match (contexts, &self.cluster.context) {
            (Contexts::All, _) => self.all()?,
            (Contexts::Named, Some(list)) if list.contains(',') => self.listed(list)?,
            (Contexts::Named, _) => return Ok(Vec::new()),
        };
        if found.len() > 1 {
            self.suits_several(&found)?;
            return Ok(self.split(found));
        }
        self.cluster.context = found.pop().map(|context| context.name);
        Ok(Vec::new())
    }

    /// Whether several clusters were asked for, as far as the flags tell.
    pub fn names_several(&self, contexts: Contexts) -> bool {
        contexts == Contexts::All || self.cluster.context.as_ref().is_some_and(|list| list.contains(','))
    }

    /// The name of the cluster, if it is one of several.
    pub fn place(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.context.name.as_str())
    }

    /// The other contexts that lead to the same cluster as the same user.
    pub fn alike(&self) -> &[String] {
        self.place.as_ref().map_or(&[], |place| &place.context.alike)
    }

    /// Ends the session of one of several clusters; what spoils its run spoils this one.
    pub fn take_over(&mut self, part: Self) {
        self.failure = self.failure.take().or(part.failure);
    }

    fn all(&self) -> Result<Vec<ContextName>, Error> {
        let other = [("--context", self.cluster.context.is_some()), ("--from", self.report.from.is_some())];
        if let Some((flag, _)) = other.into_iter().find(|(_, is_typed)| *is_typed) {
            return Err(Error::Usage {
                message: format!("--all-contexts and {flag} exclude each other"),
                hint: format!("leave out --all-contexts or {flag}"),
            });
        }
        Ok(all_contexts(self.cluster.kubeconfig.as_deref(), &Environment::from_process())?)
    }

    fn listed(&self, list: &str) -> Result<Vec<ContextName>, Error> {
        Ok(listed_contexts(list, self.cluster.kubeconfig.as_deref(), &Environment::from_process())?)
    }

    /// An address, a name or a proof of identity is one cluster's; a token must not be shown to all the others.
    fn suits_several(&self, found: &[ContextName]) -> Result<(), Error> {
        let flags = &self.cluster;
        let of_one = [
            ("--save", self.report.save.is_some()),
            ("--server", flags.server.is_some()),
            ("--cluster", flags.cluster.is_some()),
            ("--tls-server-name", flags.tls_server_name.is_some()),
            ("--user", flags.user.is_some()),
            ("--token", flags.token.is_some()),
            ("--client-certificate", flags.client_certificate.is_some()),
            ("--client-key", flags.client_key.is_some()),
        ];
        match of_one.into_iter().find(|(_, is_typed)| *is_typed) {
            Some((flag, _)) => Err(of_one_cluster(flag, found.iter().map(|context| context.name.as_str()))),
            None => Ok(()),
        }
    }

    fn split(&self, found: Vec<ContextName>) -> Vec<Self> {
        let bars = Bars::of_clusters(found.iter().map(|context| context.name.as_str()));
        let part = |(index, (context, bars)): (usize, (ContextName, Bars))| {
            let mut cluster = self.cluster.clone();
            cluster.context = Some(context.name.clone());
            Self {
                command: self.command,
                cluster,
                report: self.report.clone(),
                // Two contexts may lead to one cluster, where runs are kept by this name.
                run_id: format!("{}-{}", self.run_id, index + 1),
                failure: None,
                interrupt: self.interrupt(),
                place: Some(Place { context, bars }),
                after: After::Nothing,
            }
        };
        found.into_iter().zip(bars).enumerate().map(part).collect()
    }
}

/// Refuses a flag that means one cluster where several are looked at.
pub fn of_one_cluster<'n>(flag: &str, names: impl IntoIterator<Item = &'n str>) -> Error {
    let names: Vec<&str> = names.into_iter().collect();
    let first = names.first().copied().unwrap_or_default();
    Error::Usage {
        message: format!("{flag} is for one cluster, and several contexts are looked at ({})", names.join(", ")),
        hint: format!("leave {flag} out, or look at one context at a time, with --context {first} first"),
    }
}
