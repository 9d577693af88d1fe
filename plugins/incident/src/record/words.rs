//! Words of a command line: an id may stand before what is said.

use sre_core::incident::Incident;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;

/// The id that words begin with, if they do, and the others.
pub(super) fn split(words: Vec<String>) -> (Option<String>, Vec<String>) {
    let mut words = words;
    let has_id = words.first().is_some_and(|word| Incidents::is_id(word));
    let id = has_id.then(|| words.remove(0));
    (id, words)
}

/// The one word that is wanted behind the id.
pub(super) fn one(words: Vec<String>, what: &str) -> Result<(Option<String>, String), Error> {
    let (id, rest) = split(words);
    match <[String; 1]>::try_from(rest) {
        Ok([word]) => Ok((id, word)),
        Err(rest) => Err(wanted(&rest, what)),
    }
}

/// The text that is wanted behind the id.
pub(super) fn text(words: Vec<String>, what: &str) -> Result<(Option<String>, String), Error> {
    let (id, rest) = split(words);
    let text = said(&rest.join(" "), what)?;
    Ok((id, text))
}

/// The longest text that is written down.
const LONGEST: usize = 16 << 10;

/// A text that is neither empty nor a file that somebody pasted.
pub(super) fn said(text: &str, what: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(usage(format!("{what} is wanted, and nothing stands there")));
    }
    if text.len() > LONGEST {
        return Err(usage(format!(
            "a text of {} bytes is too long: {LONGEST} at the most; keep a link to it",
            text.len()
        )));
    }
    Ok(text.to_owned())
}

/// Says what is wanted instead of what stands behind the id.
pub(super) fn wanted(rest: &[String], what: &str) -> Error {
    let typed = rest.join(" ");
    usage(format!("{what} is wanted, and before it at most the id of an incident (inc-...), not {typed:?}"))
}

/// Refuses what means nothing for an incident that is over, so that `so`.
pub(super) fn must_be_open(incident: &Incident, so: &str) -> Result<(), Error> {
    if incident.is_open() {
        return Ok(());
    }
    Err(Error::Usage { message: format!("{} is over, so {so}", incident.id), hint: back(incident) })
}

/// The way on where an incident is not over, after all.
pub(super) fn back(incident: &Incident) -> String {
    format!("if it is back: kubectl sre incident reopen {} --reason 'it is back'", incident.id)
}

/// What was typed means nothing.
pub(super) fn usage(message: String) -> Error {
    Error::Usage { message, hint: "see which incidents there are: kubectl sre incident list".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_id_may_stand_before_what_is_said() {
        let said = |typed: &[&str]| text(words(typed), "a text").map_err(|error| error.to_string());
        let id = Some("inc-20261129-3f2a".to_owned());
        assert_eq!(said(&["inc-20261129-3f2a", "it", "is slow"]), Ok((id, "it is slow".to_owned())));
        assert_eq!(said(&["it is slow"]), Ok((None, "it is slow".to_owned())));
        assert!(
            said(&["inc-20261129-3f2a"]).is_err() && said(&["  "]).is_err() && said(&[&"x".repeat(20_000)]).is_err()
        );
        assert!(one(words(&["in-1", "2"]), "a severity").is_err());
    }
}
