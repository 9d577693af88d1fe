//! How people name several objects at once.

use crate::object::ObjectRef;

/// Names objects as reports write them, with `*` for any letters of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPattern(String);

impl ObjectPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split('/').count();
        if (2..=3).contains(&parts) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("{text} names no objects; write Kind/namespace/name or Kind/name, with * for any letters"))
    }

    /// Whether an object is called like that.
    pub fn matches(&self, object: &ObjectRef) -> bool {
        let name = object.to_string();
        let (patterns, parts): (Vec<&str>, Vec<&str>) = (self.0.split('/').collect(), name.split('/').collect());
        patterns.len() == parts.len() && patterns.iter().zip(parts).all(|(pattern, part)| is_like(pattern, part))
    }
}

/// Whether a word is like a pattern, in which `*` stands for any letters.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_letters_of_one_part() {
        let service = ObjectRef::namespaced("Service", "shop", "legacy-web-2");
        let matches = |text: &str| ObjectPattern::parse(text).expect("a pattern").matches(&service);
        for pattern in ["Service/shop/legacy-web-2", "Service/*/legacy-*", "*/shop/*-web-*", "Service/shop/*2"] {
            assert!(matches(pattern), "{pattern}");
        }
        for pattern in ["Service/shop/legacy", "Service/*", "Service/shop/*-3", "Service/sh*x/*", "Service/shop/web*"] {
            assert!(!matches(pattern), "{pattern}");
        }
        assert!(!is_like("a*a", "a"), "one letter is not two");
    }
}
