//! `change set-env`.

use super::{look, owned, target, template};
use sre_core::object::ObjectRef;
use sre_core::plan::{Note, Step, Variables, set_env, template_notes};
use sre_core::profile::{Component, Profile};
use sre_core::report::Report;
use sre_core::scheduling::nearest_word;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # A shorter cache and a larger pool; what would be changed, and what would roll
  kubectl sre change set-env deployment/backend -n kubilitics KUBILITICS_CACHE_TTL=60 KUBILITICS_DATABASE_POOL_SIZE=50 --dry-run
  # Another provider for one container, and a variable that goes
  kubectl sre change set-env deploy/ai -n kubilitics -c ai AI_LLM_PROVIDER=anthropic AI_LLM_TIMEOUT- --yes
  # Values held against what the profile says that each takes
  kubectl sre change set-env deployment/kubilitics-backend -n kubilitics KUBILITICS_CACHE_TTL=60 --profile kubilitics --dry-run";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Deployment, StatefulSet, DaemonSet, ReplicaSet or CronJob
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// What is set, and what goes
    #[arg(value_name = "KEY=VALUE|KEY-", required = true)]
    variables: Vec<String>,
    /// The container; without it all that are no init containers
    #[arg(short, long, value_name = "CONTAINER")]
    container: Option<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &template::KINDS)?;
    let wanted = Variables {
        container: args.container,
        values: args.variables.iter().map(|word| variable(word)).collect::<Result<_, _>>()?,
    };
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let workload = look::object(&acting, &named).await?;
    let object = ObjectRef::namespaced(&named.resource.kind, acting.namespace(), &named.name);
    let knobs = knobs(&session.profile(&[])?, &object, &wanted)?;
    let owners = look::owners_of(&acting, &workload).await;
    let step = set_env(&workload, &wanted, "asked for".to_owned()).map_err(template::refused)?;
    let steps: Vec<Step> = step.into_iter().collect();
    if !steps.is_empty() {
        owned::refuse_kept(&owners, &title)?;
    }
    let names: Vec<&str> = wanted.values.iter().map(|(name, _)| name.as_str()).collect();
    let notes = [knobs, template_notes(&workload), owned::notes(&owners)].concat();
    acting.changed(format!("set {} of {title}", names.join(", ")), steps, notes, &args.change).await
}

/// Holds values against what the profile says that the settings of the component take; what is to be known of them.
fn knobs(profile: &Profile, workload: &ObjectRef, wanted: &Variables) -> Result<Vec<Note>, Error> {
    let own: Vec<&Component> = profile.components.iter().filter(|it| it.holds(workload)).collect();
    let all = || own.iter().flat_map(|it| &it.knobs);
    let (mut wrong, mut notes) = (Vec::new(), Vec::new());
    for (name, value) in &wanted.values {
        match all().find(|it| it.name == *name) {
            Some(knob) => {
                wrong.extend(knob.wrong(value.as_deref()));
                notes.extend(knob.does.iter().map(|does| Note::remark(format!("{name}: {does}"))));
            }
            None if all().next().is_some() => {
                let near = nearest_word(name, all().map(|it| it.name.as_str()));
                let near = near.map_or(String::new(), |near| format!("; is {near} meant?"));
                notes.push(Note::warning(format!("the profile knows no {name} of {}{near}", named(&own))));
            }
            None => {}
        }
    }
    if wrong.is_empty() {
        return Ok(notes);
    }
    let hint = format!("type another value, or change the knobs of {} in the profile", named(&own));
    Err(Error::Refused { why: wrong.join("; "), hint })
}

fn named(components: &[&Component]) -> String {
    components.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(" and ")
}

fn variable(word: &str) -> Result<(String, Option<String>), Error> {
    let parsed = match word.split_once('=') {
        Some((name, value)) => Some((name, Some(value.to_owned()))),
        None => word.strip_suffix('-').map(|name| (name, None)),
    };
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|it| it.is_ascii_graphic());
    match parsed.filter(|(name, _)| is_name(name)) {
        Some((name, value)) => Ok((name.to_owned(), value)),
        None => Err(Error::Usage {
            message: format!("{word:?} neither sets a variable nor takes one away"),
            hint: "type KEY=VALUE to set it, or KEY- to take it away".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_set_and_taken_away_as_with_kubectl() {
        let parsed = |word: &str| variable(word).ok();
        assert_eq!(parsed("A=b=c"), Some(("A".to_owned(), Some("b=c".to_owned()))));
        assert_eq!(parsed("A="), Some(("A".to_owned(), Some(String::new()))));
        assert_eq!(parsed("A-"), Some(("A".to_owned(), None)));
        assert_eq!(parsed("A-="), Some(("A-".to_owned(), Some(String::new()))));
        for wrong in ["A", "=b", "-", "A B=c"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_are_held_against_the_knobs_of_the_profile() {
        let text = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: backend\n  \
                    workloads: [Deployment/shop/web]\n  knobs:\n  \
                    - {name: CACHE_TTL, type: integer, minimum: 1, does: seconds until it is read anew}\n  \
                    - {name: TIMEOUT, type: duration}\n  - {name: PROVIDER, type: enum, values: [a, b], required: true}\n";
        let profile = Profile::parse(text, &[]).expect("a profile");
        let web = ObjectRef::namespaced("Deployment", "shop", "web");
        let asked = |words: &[&str]| {
            let values = words.iter().map(|word| variable(word)).collect::<Result<_, _>>().expect("variables");
            knobs(&profile, &web, &Variables { container: None, values })
        };
        let notes = asked(&["CACHE_TTL=60", "TIMEOUT=30s", "CACHE_TTK=1"]).expect("right");
        let said: Vec<&str> = notes.iter().map(|it| it.text.as_str()).collect();
        let unknown = "the profile knows no CACHE_TTK of backend; is CACHE_TTL meant?";
        assert_eq!(said, ["CACHE_TTL: seconds until it is read anew", unknown]);
        let Err(Error::Refused { why, .. }) = asked(&["TIMEOUT=abc", "CACHE_TTL=0", "PROVIDER-"]) else {
            panic!("a refusal")
        };
        assert!(why.contains("TIMEOUT takes a duration, as 30s, not \"abc\"; CACHE_TTL takes"), "{why}");
        assert!(why.ends_with("; PROVIDER must be set"), "{why}");
        let other = ObjectRef::namespaced("Deployment", "shop", "api");
        let values = vec![("TIMEOUT".to_owned(), Some("abc".to_owned()))];
        assert!(knobs(&profile, &other, &Variables { container: None, values }).expect("not its own").is_empty());
    }
}
