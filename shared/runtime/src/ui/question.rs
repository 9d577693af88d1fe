//! A question to the person at the terminal.

use super::neutralised;
use crate::error::Error;
use std::io::{self, BufRead, IsTerminal, Write};

/// Asks questions on standard error, and reads the answers from standard input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question;

impl Question {
    /// The way to the person, if there is one: both ends are terminals.
    pub fn of_process() -> Option<Self> {
        (io::stdin().is_terminal() && io::stderr().is_terminal()).then_some(Self)
    }

    /// Shows text, as it is.
    pub fn show(self, text: &str) {
        // Nobody can be told that standard error is gone.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Asks, and waits for the answer, without its blanks around; none when the input has ended.
    ///
    /// # Errors
    /// Says that the answer cannot be read.
    pub async fn ask(self, words: &str) -> Result<Option<String>, Error> {
        self.show(&format!("{} ", neutralised(words)));
        let read = || {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).map(|length| (length > 0).then(|| line.trim().to_owned()))
        };
        // A person takes time, and may interrupt meanwhile.
        let answer = tokio::task::spawn_blocking(read).await.map_err(io::Error::other).and_then(|it| it);
        answer.map_err(|source| Error::Local { path: "standard input".into(), source })
    }
}
