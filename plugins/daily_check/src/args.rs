//! What was typed, and what it means.

use crate::checks;
use crate::history::Baseline;
use crate::routine::Routine;
use clap::Args as ClapArgs;
use sre_core::check::{Check, Section};
use sre_core::profile::Profile;
use sre_core::snapshot::NamespaceScope;
use sre_runtime::args::{FailOn, OutputFormat};
use sre_runtime::error::Error;
use sre_runtime::session::{Contexts, Session};

/// One line for the table of commands.
pub const ABOUT: &str = "Look over the whole cluster and say what is wrong, and why";

/// What people type.
pub const EXAMPLES: &str = "\
Examples:
  # the whole cluster of the current context
  kubectl sre daily-check

  # in the evening: also what changed today, and what is planned until tomorrow morning
  kubectl sre daily-check --routine evening

  # one namespace, all evidence
  kubectl sre daily-check -n shop -o wide

  # several clusters in one report: some contexts of the kubeconfig, or all of them
  kubectl sre daily-check --context prod-eu,prod-us
  kubectl sre daily-check --all-contexts

  # keep what was seen, and look at it again later
  kubectl sre daily-check --save monday.tar.zst
  kubectl sre daily-check --from monday.tar.zst

  # objects that somebody sent
  kubectl get all,events -A -o yaml > objects.yaml
  kubectl sre daily-check --from objects.yaml

  # stay, and show what changes, until Ctrl-C
  kubectl sre daily-check --watch

  # without a cluster
  kubectl sre daily-check --from demo

  # a page to mail round
  kubectl sre daily-check -o html > morning.html

  # the smallest rights for it, and a CronJob that runs it every morning
  kubectl sre daily-check --print-rbac > rights.yaml
  kubectl sre daily-check --print-cronjob --image registry.example/kubectl-sre:1 > cronjob.yaml

  # for a script: exit code 1 at a warning
  kubectl sre daily-check -o json --fail-on warning";

/// What was typed.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Which of the routines
    #[arg(long, value_enum, default_value_t, value_name = "ROUTINE")]
    routine: Routine,

    /// Only these sections; opinions are looked at only when named here
    #[arg(long, value_name = "SECTION,...", value_delimiter = ',', value_parser = section_parser())]
    only: Vec<Section>,

    /// All but these sections
    #[arg(long, value_name = "SECTION,...", value_delimiter = ',', value_parser = section_parser(), conflicts_with = "only")]
    skip: Vec<Section>,

    /// Also say which checks found nothing
    #[arg(long)]
    show_ok: bool,

    /// What to compare with: the last run of this cluster and scope, none (and keep nothing), the id of a kept run, or
    /// the file of a report (-o json); live runs take last, stored ones none
    #[arg(long, value_name = "last|none|ID|FILE")]
    baseline: Option<String>,

    /// Also show the findings that the profile excludes, with who answers for them and until when
    #[arg(long)]
    show_excluded: bool,

    /// Look at the clusters of all contexts of the kubeconfig; --context a,b looks at some of them
    #[arg(long, conflicts_with_all = ["print_rbac", "print_cronjob", "watch"])]
    all_contexts: bool,
    /// After the report stay, and show what is new, worse, better or fixed as it happens; with -o json one document a line
    #[arg(long, short = 'w', conflicts_with_all = ["from", "save", "print_cronjob"])]
    watch: bool,

    /// Print the smallest rights that such a run needs, to apply, and look at nothing
    #[arg(long, conflicts_with = "print_cronjob")]
    print_rbac: bool,

    /// Print a CronJob that makes such a run when its routine is due, with its rights, and look at nothing
    #[arg(long, requires = "image")]
    print_cronjob: bool,

    /// The image of --print-cronjob, which holds kubectl-sre
    #[arg(long, value_name = "REF", requires = "print_cronjob", value_parser = image)]
    image: Option<String>,
}

/// The letters that a reference to an image can have.
fn image(text: &str) -> Result<String, String> {
    let is_of_image = |letter: char| letter.is_ascii_alphanumeric() || "._-/:@+[]".contains(letter);
    if !text.is_empty() && text.chars().all(is_of_image) {
        return Ok(text.to_owned());
    }
    Err("no image can be called so; write for example registry.example/kubectl-sre:1".to_owned())
}

fn section_parser() -> impl clap::builder::TypedValueParser<Value = Section> {
    use clap::builder::TypedValueParser as _;
    clap::builder::PossibleValuesParser::new(Section::ALL.map(Section::word)).map(|word| {
        let named = |section: &Section| section.word() == word;
        Section::ALL.into_iter().find(named).unwrap_or(Section::Coverage)
    })
}

/// What it means.
pub struct Request {
    /// What is told besides findings.
    pub routine: Routine,
    /// The checks to run, in the order of the report.
    pub checks: Vec<&'static Check>,
    /// What was asked for, in words; only runs of one scope are compared.
    pub scope: String,
    /// Where to look.
    pub namespaces: NamespaceScope,
    /// Show only findings about objects with these labels.
    pub selector: Option<sre_core::slim::LabelSelector>,
    /// Whether to list what found nothing.
    pub passed: Listing,
    /// What the team says of its system.
    pub profile: Profile,
    /// The selector as it was typed.
    pub labels: Option<String>,
    /// The flags that chose the sections, as they were typed.
    pub sections: Vec<String>,
    /// What to print instead of a report.
    pub manifest: Option<Manifest>,
    /// What to compare with.
    pub baseline: Baseline,
    /// Whether to stay and show what changes.
    pub watch: bool,
    /// Whether to list what the profile excludes.
    pub excluded: Listing,
    /// Which clusters to look at.
    pub contexts: Contexts,
    /// What makes the exit code 1.
    pub fail_on: FailOn,
    /// How much to say.
    pub output: OutputFormat,
}

/// Whether to list what nobody must act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// List it.
    Shown,
    /// Leave it out.
    Hidden,
}

/// Objects to apply, instead of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// The smallest rights.
    Rights,
    /// A CronJob with its rights.
    CronJob {
        /// The image that holds this program.
        image: String,
    },
}

impl Listing {
    fn when(wanted: bool) -> Self {
        if wanted { Self::Shown } else { Self::Hidden }
    }
}

impl Args {
    fn manifest(&self) -> Option<Manifest> {
        match &self.image {
            Some(image) => Some(Manifest::CronJob { image: image.clone() }),
            None => self.print_rbac.then_some(Manifest::Rights),
        }
    }

    fn sections(&self) -> Vec<String> {
        let typed =
            [("--only", &self.only), ("--skip", &self.skip)].into_iter().filter(|(_, sections)| !sections.is_empty());
        let words = |sections: &[Section]| sections.iter().map(|section| section.word()).collect::<Vec<_>>().join(",");
        typed.flat_map(|(flag, sections)| [flag.to_owned(), words(sections)]).collect()
    }

    fn scope(&self, session: &Session) -> String {
        let namespaces = session.namespaces();
        let mut scope = vec![namespaces.one().map_or("all namespaces".to_owned(), |name| format!("namespace {name}"))];
        for (flag, sections) in [("only", &self.only), ("skip", &self.skip)] {
            let mut words: Vec<&str> = sections.iter().map(|section| section.word()).collect();
            words.sort_unstable();
            words.dedup();
            if !words.is_empty() {
                scope.push(format!("{flag} {}", words.join(",")));
            }
        }
        scope.extend(session.labels().map(|labels| format!("labels {labels}")));
        scope.join(", ")
    }

    /// Makes a request of what was typed.
    ///
    /// # Errors
    /// Fails when a selector cannot be read.
    pub fn validate(self, session: &Session) -> Result<Request, Error> {
        let wanted = |check: &&Check| {
            let section = check.section;
            let is_meant = if self.only.is_empty() { section.is_usual() } else { self.only.contains(&section) };
            is_meant && !self.skip.contains(&section)
        };
        if self.print_cronjob && session.report_flags().profile.is_some() {
            return Err(Error::Usage {
                message: "--profile names a file of this machine, which a CronJob does not have".to_owned(),
                hint: "leave --profile out, and mount the file into the printed CronJob".to_owned(),
            });
        }
        let contexts = if self.all_contexts { Contexts::All } else { Contexts::Named };
        if self.print_cronjob && session.names_several(contexts) {
            return Err(Error::Usage {
                message: "a CronJob looks at the cluster that it runs in, and several are named".to_owned(),
                hint: "print it once without --context or --all-contexts, and apply it in each of them".to_owned(),
            });
        }
        let output = session.report_flags().output;
        let follows = matches!(output, OutputFormat::Text | OutputFormat::Json);
        if self.watch && !self.print_rbac && !follows {
            return Err(Error::Usage {
                message: "--watch adds line to line, which only text and JSON can".to_owned(),
                hint: "type -o text or -o json, or leave --watch out".to_owned(),
            });
        }
        let scope = self.scope(session);
        Ok(Request {
            scope,
            routine: self.routine,
            checks: checks::CHECKS.iter().filter(wanted).collect(),
            namespaces: session.namespaces(),
            selector: session.selector()?,
            passed: Listing::when(self.show_ok),
            profile: session.profile(&checks::excludable())?,
            labels: session.labels().map(str::to_owned),
            sections: self.sections(),
            manifest: self.manifest(),
            baseline: Baseline::of(self.baseline.as_deref(), session),
            watch: self.watch,
            excluded: Listing::when(self.show_excluded),
            contexts,
            fail_on: session.report_flags().fail_on,
            output,
        })
    }
}
