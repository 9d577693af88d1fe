//! A panic is our fault: one line that says so and how to report it, never a stack trace.

use crate::exit::Exit;
use crate::ui;

/// Lets every panic end the process so.
pub fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        ui::complain(
            &format!("internal error{place}; this is a fault of kubectl-sre {}", env!("CARGO_PKG_VERSION")),
            &[],
            Some("please report this line with the command that you typed; nothing was changed in the cluster"),
        );
        std::process::exit(Exit::Internal as i32);
    }));
}
