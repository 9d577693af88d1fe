//! The end of a log, line by line.

use super::{Redactor, unstyled};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Lines that are kept of a log.
const MOST_LINES: usize = 100;

/// Characters that are kept of a line; what is longer is data, and not a sentence.
const LONGEST_LINE: usize = 2_000;

/// The end of a log, the oldest line first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Lines, without those that are empty.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written, as far as the log tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Timestamp>,
    /// What it says.
    pub text: String,
}

impl Tail {
    /// Reads the end of a log as a kubelet gives it, each line with its time in front where that was asked for.
    pub fn of(text: &str) -> Self {
        Self::of_at_most(text, MOST_LINES)
    }

    /// The same, of so many lines.
    pub fn of_at_most(text: &str, most: usize) -> Self {
        let lines = text.split('\n').filter(|line| !line.trim().is_empty()).map(Line::of);
        let lines: Vec<Line> = lines.filter(|line| !line.text.trim().is_empty()).collect();
        let first = lines.len().saturating_sub(most);
        Self { lines: lines.into_iter().skip(first).collect() }
    }

    /// Takes secrets out, and what steers a terminal.
    pub(super) fn redact(&mut self, redactor: &mut Redactor) {
        let mut in_key = false;
        for line in &mut self.lines {
            let text = redactor.redacted(&unstyled(shortened(&line.text, 4 * LONGEST_LINE)), &mut in_key);
            let kept = shortened(&text, LONGEST_LINE);
            line.text = if kept.len() < text.len() { format!("{kept} …") } else { text };
        }
        self.lines.dedup_by(|second, first| second.text == first.text && Redactor::is_placeholder(&first.text));
    }
}

impl Line {
    fn of(line: &str) -> Self {
        let stamped = line.split_once(' ').and_then(|(time, text)| Some((time.parse::<Timestamp>().ok()?, text)));
        match stamped {
            Some((at, text)) => Self { at: Some(at), text: text.trim_end_matches('\r').to_owned() },
            None => Self { at: None, text: line.trim_end_matches('\r').to_owned() },
        }
    }
}

fn shortened(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_times_and_empty_ones_go() {
        let tail = Tail::of("2026-01-02T03:04:05.123456789Z one\r\n2026-01-02T03:04:06Z \n\nplain line\n");
        let seen: Vec<(bool, &str)> = tail.lines.iter().map(|line| (line.at.is_some(), line.text.as_str())).collect();
        assert_eq!(seen, [(true, "one"), (false, "plain line")]);
    }

    #[test]
    fn only_the_end_is_kept_and_a_line_is_cut_after_it_was_redacted() {
        let many: String = (0..150).map(|number| format!("line {number}\n")).collect();
        let tail = Tail::of(&many);
        assert_eq!((tail.lines.len(), tail.lines[0].text.as_str()), (100, "line 50"));
        let mut long = Tail::of(&format!("{} password=hunter2-and-more", "x".repeat(1_980)));
        long.redact(&mut Redactor::default());
        assert!(!long.lines[0].text.contains("hunter2"), "{}", long.lines[0].text);
    }
}
