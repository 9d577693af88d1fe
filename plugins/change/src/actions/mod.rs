//! Single changes to what is named, one file each: what is typed, what is looked at, what becomes the plan.

mod cordon;
mod database;
mod db_slow_log;
mod db_terminate_idle;
mod delete_pod;
mod drain;
mod label;
mod look;
mod nodes;
mod owned;
mod restart;
mod set_env;
mod set_image;
mod shift_traffic;
mod taint;
mod target;
mod template;
mod uncordon;
mod update_strategy;

use clap::Subcommand;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// What is to be done.
#[derive(Subcommand, Debug)]
pub(crate) enum Doing {
    /// Have the controller replace all pods of a workload, as its strategy says
    #[command(after_help = restart::EXAMPLES)]
    Restart(restart::Args),
    /// Delete a pod, which its controller makes anew
    #[command(after_help = delete_pod::EXAMPLES)]
    DeletePod(delete_pod::Args),
    /// Set environment variables of containers, or take them away
    #[command(after_help = set_env::EXAMPLES)]
    SetEnv(set_env::Args),
    /// Set the images of containers
    #[command(after_help = set_image::EXAMPLES)]
    SetImage(set_image::Args),
    /// Set labels of a node or another object, or take them away
    #[command(after_help = label::EXAMPLES)]
    Label(label::Args),
    /// Set taints of a node, or take them away
    #[command(after_help = taint::EXAMPLES)]
    Taint(taint::Args),
    /// Let no new pods on a node
    #[command(after_help = cordon::EXAMPLES)]
    Cordon(cordon::Args),
    /// Let new pods on a node again
    #[command(after_help = uncordon::EXAMPLES)]
    Uncordon(uncordon::Args),
    /// Cordon a node and evict its pods, one after another, within disruption budgets
    #[command(after_help = drain::EXAMPLES)]
    Drain(drain::Args),
    /// Change how a workload replaces its pods
    #[command(after_help = update_strategy::EXAMPLES)]
    UpdateStrategy(update_strategy::Args),
    /// Move shares of the traffic of a VirtualService or an HTTPRoute between its destinations
    #[command(after_help = shift_traffic::EXAMPLES)]
    ShiftTraffic(shift_traffic::Args),
    /// End the sessions of a PostgreSQL server that have done nothing for a while; the plan lists them
    #[command(after_help = db_terminate_idle::EXAMPLES)]
    DbTerminateIdle(db_terminate_idle::Args),
    /// Have a PostgreSQL server log the statements that take long
    #[command(after_help = db_slow_log::EXAMPLES)]
    DbSlowLog(db_slow_log::Args),
}

/// Plans it, and carries it out if it is approved.
pub(crate) async fn report(session: &Session, doing: Doing) -> Result<Report, Error> {
    match doing {
        Doing::Restart(args) => restart::report(session, args).await,
        Doing::DeletePod(args) => delete_pod::report(session, args).await,
        Doing::SetEnv(args) => set_env::report(session, args).await,
        Doing::SetImage(args) => set_image::report(session, args).await,
        Doing::Label(args) => label::report(session, args).await,
        Doing::Taint(args) => taint::report(session, args).await,
        Doing::Cordon(args) => cordon::report(session, args).await,
        Doing::Uncordon(args) => uncordon::report(session, args).await,
        Doing::Drain(args) => drain::report(session, args).await,
        Doing::UpdateStrategy(args) => update_strategy::report(session, args).await,
        Doing::ShiftTraffic(args) => shift_traffic::report(session, args).await,
        Doing::DbTerminateIdle(args) => db_terminate_idle::report(session, args).await,
        Doing::DbSlowLog(args) => db_slow_log::report(session, args).await,
    }
}
