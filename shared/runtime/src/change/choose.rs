//! Choosing what is meant, where nobody named it.

use super::Acting;
use crate::error::Error;
use crate::ui::{self, Question};
use sre_core::report::{Block, Span, Tone};

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is named on the command line: `deployment/web`.
    pub name: String,
    /// How bad that is.
    pub tone: Tone,
    /// How it is.
    pub said: String,
}

impl Acting {
    /// Lets the person at the terminal choose one of several things, which are shown in their order with their numbers
    /// from 1; `hint` is what to type instead.
    ///
    /// # Errors
    /// Says that nothing was chosen, or that the answer cannot be read.
    pub async fn choose(&self, candidates: &[Candidate], hint: &str) -> Result<usize, Error> {
        let nothing = || Error::Usage { message: "nothing was chosen".to_owned(), hint: hint.to_owned() };
        let Some(question) = Question::of_process() else { return Err(nothing()) };
        question.show(&ui::render(&numbered(candidates), self.layout()));
        let count = candidates.len();
        loop {
            let answer = question.ask(&format!("Which? [1-{count}, or nothing]")).await?;
            match answer.as_deref() {
                None | Some("") => return Err(nothing()),
                Some(typed) => match typed.parse::<usize>() {
                    Ok(number) if (1..=count).contains(&number) => return Ok(number - 1),
                    _ => question.show(&format!("{typed:?} is none of them\n")),
                },
            }
        }
    }

    /// Asks the person at the terminal for a number; `hint` is what to type instead.
    ///
    /// # Errors
    /// Says that none was given, or that the answer cannot be read.
    pub async fn ask_number(&self, what: &str, hint: &str) -> Result<u16, Error> {
        let nothing = || Error::Usage { message: "no number was given".to_owned(), hint: hint.to_owned() };
        let Some(question) = Question::of_process() else { return Err(nothing()) };
        loop {
            let answer = question.ask(what).await?;
            match answer.as_deref() {
                None | Some("") => return Err(nothing()),
                Some(typed) => match typed.parse() {
                    Ok(number) => return Ok(number),
                    Err(_) => question.show(&format!("{typed:?} is no number of replicas\n")),
                },
            }
        }
    }
}

fn numbered(candidates: &[Candidate]) -> Vec<Block> {
    let line = |(index, it): (usize, &Candidate)| {
        let number = Span::faint(format!("{:>3}  ", index + 1));
        let name = Span::new(Tone::Strong, format!("{}  ", it.name));
        Block::Line { indent: 0, spans: vec![number, name, Span::new(it.tone, it.said.clone())] }
    };
    candidates.iter().enumerate().map(line).collect()
}
