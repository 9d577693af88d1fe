//! How bad an incident is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad an incident is: 1 is the worst. The greater is the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Level(u8);

impl Level {
    /// Every level, the worst first.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// How a profile writes it: `sev1`.
    pub fn word(self) -> &'static str {
        ["sev1", "sev2", "sev3", "sev4", "sev5"][usize::from(self.0 - 1)]
    }

    /// What it stands for.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            1 => "complete outage, loss of data, breach of security",
            2 => "partial outage, significant degradation, broken objective",
            3 => "a function fails, minor degradation",
            4 => "a nuisance",
            _ => "nothing that users notice",
        }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        let is_known = (1..=5).contains(&number);
        is_known.then_some(Self(number)).ok_or_else(|| format!("{number} is no severity: 1, the worst, to 5"))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SEV-{}", self.0)
    }
}

/// A severity as somebody said it: who is unsure gets the worse one, which is lowered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which.
    pub level: Level,
    /// Whether it was said with doubt.
    pub unsure: bool,
}

impl Said {
    /// Reads `2`, `SEV-2`, `sev2`; of `2-3` or `2,3` the worse one; `?` is the worst of all.
    ///
    /// # Errors
    /// Says what is wanted.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "?" {
            return Ok(Self { level: Level(1), unsure: true });
        }
        let bare = text.trim().to_ascii_lowercase().replace("sev-", "").replace("sev", "");
        let numbers: Option<Vec<Level>> = bare
            .split([',', '-', '/'])
            .map(|word| word.trim().parse::<u8>().ok().and_then(|number| Level::try_from(number).ok()))
            .collect();
        let numbers = numbers.filter(|all| all.len() <= 2).ok_or_else(|| {
            format!("{text:?} is no severity: 1, the worst, to 5; 2-3 or ? when you are unsure, which takes the worse")
        })?;
        let worst = numbers.iter().min_by_key(|level| level.0).copied().unwrap_or(Level(1));
        Ok(Self { level: worst, unsure: numbers.iter().any(|level| *level != worst) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<(u8, bool)> {
        Said::parse(text).ok().map(|said| (said.level.number(), said.unsure))
    }

    #[test]
    fn who_is_unsure_gets_the_worse_one() {
        for (text, meant) in [
            ("1", (1, false)),
            ("sev3", (3, false)),
            ("SEV-2", (2, false)),
            ("2-3", (2, true)),
            ("3,2", (2, true)),
            ("SEV-4/SEV-5", (4, true)),
            ("?", (1, true)),
            ("2-2", (2, false)),
        ] {
            assert_eq!(said(text), Some(meant), "{text}");
        }
        for wrong in ["", "0", "6", "high", "1-2-3", "2-", "-1", "2?"] {
            assert_eq!(said(wrong), None, "{wrong:?}");
        }
    }
}
