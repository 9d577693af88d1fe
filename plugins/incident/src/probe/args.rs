//! What was typed, and what it means.

use crate::pods;
use clap::ValueEnum;
use sre_core::probe::{self, Asked, What};
use sre_core::resource::Resource;
use sre_runtime::args::{ChangeFlags, FailOn};
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # does the name resolve, is the port open, as the client sees it
  kubectl sre incident probe dns db.shop --client deployment/api -n shop
  kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop

  # what a URL answers, whether a database takes connections; nobody logs in
  kubectl sre incident probe http http://web.shop:8080/health --client pod/api-7d4b9c-x2x7z -n shop
  kubectl sre incident probe postgres db.shop --client deployment/api -n shop
  kubectl sre incident probe redis cache.shop --client deployment/api -n shop

  # where the image of the client has nothing to ask with: the pod that would be made, and made
  kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop --throwaway --dry-run
  kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop --yes";

/// The image of a throwaway pod where no profile names one: it has curl, nslookup and nc.
const IMAGE: &str = "docker.io/curlimages/curl:8.11.1";

/// What to type where a client is none.
const CLIENT: &str = "type for example: kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop";

/// What is asked, from where.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ProbeArgs {
    /// What is spoken
    #[arg(value_enum, value_name = "PROTOCOL")]
    protocol: Protocol,
    /// A name for dns, a URL for http, HOST:PORT for tcp, HOST or HOST:PORT for postgres (5432) and redis (6379)
    #[arg(value_name = "TARGET")]
    target: String,
    /// Who cannot reach it: a workload, of which a pod that runs is taken, or a pod
    #[arg(long, value_name = "TYPE/NAME")]
    client: Option<String>,
    /// The container to ask from, where the pod has several
    #[arg(short, long, value_name = "CONTAINER")]
    container: Option<String>,
    /// Ask from a pod that is made for it and deleted after it, even where the client's own could
    #[arg(long)]
    throwaway: bool,
    #[command(flatten)]
    change: ChangeFlags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    /// Whether a name is resolved, and to what
    Dns,
    /// What a URL answers
    Http,
    /// Whether a connection is made
    Tcp,
    /// Whether a PostgreSQL server takes connections
    Postgres,
    /// Whether a Redis server gives a sign of life
    Redis,
}

/// What it means.
pub(super) struct Request {
    pub(super) asked: Asked,
    pub(super) client: (Resource, String),
    pub(super) container: Option<String>,
    pub(super) throwaway: bool,
    pub(super) image: String,
    pub(super) fail_on: FailOn,
    pub(super) change: ChangeFlags,
}

fn usage(message: String) -> Error {
    Error::Usage { message, hint: CLIENT.to_owned() }
}

impl ProbeArgs {
    /// Makes a request of what was typed.
    ///
    /// # Errors
    /// Fails when a target or a client is none, or the profile cannot be read.
    pub(super) fn validate(self, session: &Session) -> Result<Request, Error> {
        if let Some(from) = &session.report_flags().from {
            let message = format!("--from {from} names what was stored of a cluster, and nobody can be asked there");
            return Err(Error::Usage { message, hint: "the client is named by --client TYPE/NAME".to_owned() });
        }
        let what = match self.protocol {
            Protocol::Dns => What::Dns,
            Protocol::Http => What::Http,
            Protocol::Tcp => What::Tcp,
            Protocol::Postgres => What::Postgres,
            Protocol::Redis => What::Redis,
        };
        let asked = probe::asked(what, &self.target).map_err(usage)?;
        let client =
            self.client.ok_or_else(|| usage("from where? --client TYPE/NAME names who cannot reach it".to_owned()))?;
        let profile = session.profile(&[])?;
        Ok(Request {
            asked,
            client: pods::named(&client, CLIENT)?,
            container: self.container,
            throwaway: self.throwaway,
            image: profile.probe_image.unwrap_or_else(|| IMAGE.to_owned()),
            fail_on: session.report_flags().fail_on,
            change: self.change,
        })
    }
}
