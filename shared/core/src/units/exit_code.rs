//! Exit codes of processes, in words.

/// Says what an exit code means: the shells' and runtimes' conventions, 128 + n for signal n, and Windows' own.
///
/// Source: <https://tldp.org/LDP/abs/html/exitcodes.html>; a process is free to mean something else by a low one.
pub fn exit_code_words(code: i32) -> String {
    let words = match code {
        0 => "ended by itself, without an error",
        1 => "an error of its own",
        2 => "an error of its own, or wrong usage",
        125 => "the runtime could not run it",
        126 => "found, but cannot be executed",
        127 => "the command was not found",
        128 => "could not be started",
        255 => "an error of its own, out of the usual range",
        -1_073_741_819 => "access violation",
        -1_073_741_515 => "a library was not found",
        -1_073_741_510 => "stopped from outside",
        _ => return signal(code).map_or_else(|| "an error of its own".to_owned(), |name| format!("killed by {name}")),
    };
    words.to_owned()
}

fn signal(code: i32) -> Option<String> {
    let number = code.checked_sub(128).filter(|number| (1..=64).contains(number))?;
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL, an illegal instruction",
        5 => "SIGTRAP",
        6 => "SIGABRT, it gave up by itself",
        7 => "SIGBUS",
        8 => "SIGFPE, an arithmetic error",
        9 => "SIGKILL",
        11 => "SIGSEGV, a wrong memory access",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return Some(format!("signal {number}")),
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conventions_and_signals_are_told_apart() {
        let all = [
            (0, "ended by itself, without an error"),
            (3, "an error of its own"),
            (127, "the command was not found"),
            (137, "killed by SIGKILL"),
            (139, "killed by SIGSEGV, a wrong memory access"),
            (143, "killed by SIGTERM"),
            (162, "killed by signal 34"),
            (200, "an error of its own"),
            (i32::MIN, "an error of its own"),
        ];
        for (code, words) in all {
            assert_eq!(exit_code_words(code), words, "{code}");
        }
    }
}
