//! One decision on colour for everything that is printed.

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use sre_core::report::Tone;

/// What `--color` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    Off,
}

/// What the decision rests on besides the choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// Standard output is a terminal.
    pub is_terminal: bool,
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `TERM` is `dumb`.
    pub is_dumb: bool,
}

impl Surroundings {
    /// Looks at the process.
    pub fn of_process() -> Self {
        Self {
            is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdout()),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            is_dumb: std::env::var_os("TERM").is_some_and(|value| value == "dumb"),
        }
    }
}

impl Colour {
    /// Decides: an explicit choice wins over the surroundings.
    pub fn decide(choice: ColourChoice, around: Surroundings) -> Self {
        let on = match choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto => around.is_terminal && !around.no_color && !around.is_dumb,
        };
        if on { Self::On } else { Self::Off }
    }

    /// Paints words in a tone, or leaves them as they are.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let style = style(tone);
        if self == Self::Off || style.is_plain() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

fn style(tone: Tone) -> Style {
    let coloured = |colour: AnsiColor| Style::new().fg_color(Some(colour.into())).bold();
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Faint => Style::new().dimmed(),
        Tone::Critical => coloured(AnsiColor::Red),
        Tone::Warning => coloured(AnsiColor::Yellow),
        Tone::Unknown => coloured(AnsiColor::Magenta),
        Tone::Good => coloured(AnsiColor::Green),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_wins_over_the_surroundings() {
        let around = Surroundings { is_terminal: true, no_color: true, is_dumb: false };
        assert_eq!(Colour::decide(ColourChoice::Auto, around), Colour::Off);
        assert_eq!(Colour::decide(ColourChoice::Always, around), Colour::On);
        assert_eq!(
            Colour::decide(ColourChoice::Never, Surroundings { is_terminal: true, ..Default::default() }),
            Colour::Off
        );
    }

    #[test]
    fn auto_needs_a_terminal_that_can() {
        let terminal = Surroundings { is_terminal: true, ..Default::default() };
        assert_eq!(Colour::decide(ColourChoice::Auto, terminal), Colour::On);
        assert_eq!(Colour::decide(ColourChoice::Auto, Surroundings::default()), Colour::Off);
        assert_eq!(Colour::decide(ColourChoice::Auto, Surroundings { is_dumb: true, ..terminal }), Colour::Off);
    }
}
