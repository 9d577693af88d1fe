//! `change cordon`.

use super::{look, nodes, target};
use sre_core::plan::{Step, cordon};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Let no new pods on a node
  kubectl sre change cordon node-1 --yes --reason 'disk is failing'";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The node
    #[arg(value_name = "NODE")]
    node: String,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::of_kind(&args.node, "Node")?;
    let acting = session.act().await?;
    let node = look::object(&acting, &named).await?;
    let all = nodes::all(&acting).await?;
    let steps: Vec<Step> = cordon(&node, "asked for".to_owned()).into_iter().collect();
    let notes = vec![nodes::others(&all, &named.name)];
    acting.changed(format!("cordon Node {}", named.name), steps, notes, &args.change).await
}
