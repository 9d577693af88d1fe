//! Blocks to lines: wrapping, tones.

use super::colour::{Colour, ColourChoice, Surroundings};
use super::neutralised;
use sre_core::report::{Block, Span};
use unicode_width::UnicodeWidthStr;

/// How wide to write and whether in colour.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns to wrap at; `None` when standard output is no terminal, where lines are left whole.
    pub width: Option<usize>,
    /// Whether tones are painted.
    pub colour: Colour,
}

/// Narrower than this a terminal does not know its width (containers and CI report 0).
const NARROWEST: u16 = 40;

impl Layout {
    /// The layout of this process's standard output.
    pub fn of_process(choice: ColourChoice) -> Self {
        let around = Surroundings::of_process();
        let width = around.is_terminal.then(columns).flatten();
        Self { width, colour: Colour::decide(choice, around) }
    }
}

/// `COLUMNS` if it is set, else what the terminal says, else a usual width.
fn columns() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let seen =
        || console::Term::stdout().size_checked().map(|(_, columns)| columns).filter(|width| *width >= NARROWEST);
    Some(told.or_else(|| seen().map(usize::from)).unwrap_or(120))
}

/// Writes blocks as text, every line ended.
pub fn render(blocks: &[Block], layout: &Layout) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Heading(spans) => {
                out.push('\n');
                line(&mut out, 0, spans, layout);
            }
            Block::Line { indent, spans } => line(&mut out, *indent, spans, layout),
            Block::Command { indent, command, note } => command_line(&mut out, *indent, command, note, layout),
            Block::Space => out.push('\n'),
        }
    }
    out
}

fn command_line(out: &mut String, indent: usize, command: &str, note: &str, layout: &Layout) {
    out.push_str(&"  ".repeat(indent));
    out.push_str(&neutralised(command));
    if !note.is_empty() {
        out.push_str("   ");
        out.push_str(&layout.colour.paint(sre_core::report::Tone::Faint, &format!("# {}", neutralised(note))));
    }
    out.push('\n');
}

/// Wraps between words; a word longer than the line stays whole, so that names can be copied.
fn line(out: &mut String, indent: usize, spans: &[Span], layout: &Layout) {
    let margin = "  ".repeat(indent);
    let hang = "  ".repeat(indent + 1);
    let limit = layout.width.unwrap_or(usize::MAX);
    out.push_str(&margin);
    let mut column = margin.len();
    for span in spans {
        let text = neutralised(&span.text);
        for (index, word) in text.split(' ').enumerate() {
            let width = word.width();
            let space = usize::from(index > 0);
            if column + space + width > limit && column > hang.len() {
                out.push('\n');
                out.push_str(&hang);
                column = hang.len();
            } else if space == 1 {
                out.push(' ');
                column += 1;
            }
            out.push_str(&layout.colour.paint(span.tone, word));
            column += width;
        }
    }
    out.push('\n');
}
