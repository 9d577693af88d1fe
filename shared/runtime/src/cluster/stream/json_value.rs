//! Finds where one JSON value ends, without understanding it.

use memchr::memchr2;

/// Follows one value over any number of pushes.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonValue {
    depth: usize,
    inside: Inside,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Inside {
    #[default]
    Nothing,
    /// A number or a word: over at the first byte that cannot belong to it.
    Scalar,
    String,
    /// A string, right behind a backslash.
    Escape,
}

impl JsonValue {
    /// Gives how many of these bytes end the value, or nothing when it goes on behind them.
    pub fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            at += match self.inside {
                Inside::String => self.string(&bytes[at..]),
                Inside::Escape => self.escape(),
                Inside::Scalar => scalar(&bytes[at..]),
                Inside::Nothing => self.structure(&bytes[at..]),
            };
            if self.is_over(bytes.get(at)) {
                return Some(at);
            }
        }
        None
    }

    /// A scalar is over only when the byte behind it is known.
    fn is_over(&self, next: Option<&u8>) -> bool {
        match self.inside {
            Inside::Scalar => next.is_some_and(ends_scalar),
            inside => self.depth == 0 && inside == Inside::Nothing,
        }
    }

    /// Runs to the end of a string, which in this format is where most bytes are.
    fn string(&mut self, bytes: &[u8]) -> usize {
        match memchr2(b'"', b'\\', bytes) {
            None => bytes.len(),
            Some(found) => {
                self.inside = if bytes[found] == b'"' { Inside::Nothing } else { Inside::Escape };
                found + 1
            }
        }
    }

    fn escape(&mut self) -> usize {
        self.inside = Inside::String;
        1
    }

    /// Runs to the next string, or to the bracket that ends the value.
    fn structure(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => self.inside = Inside::String,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ if self.depth == 0 => self.inside = Inside::Scalar,
                _ => continue,
            }
            if self.depth == 0 || self.inside != Inside::Nothing {
                return at + 1;
            }
        }
        bytes.len()
    }
}

fn scalar(bytes: &[u8]) -> usize {
    bytes.iter().position(ends_scalar).unwrap_or(bytes.len())
}

fn ends_scalar(byte: &u8) -> bool {
    matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        for value in [r#""a\"}b\\""#, "[1,[2],{}]", r#"{"a":"]}","b":[{"c":null}]}"#, "-1.5e3", "true", "null", r#""""#]
        {
            let text = format!("{value},more");
            assert_eq!(JsonValue::default().end(text.as_bytes()), Some(value.len()), "{value}");
            let mut bytewise = JsonValue::default();
            let end = text.bytes().position(|byte| bytewise.end(&[byte]).is_some());
            let scalar_needs_one_more = usize::from(!value.ends_with(['"', ']', '}']));
            assert_eq!(end, Some(value.len() - 1 + scalar_needs_one_more), "{value}");
        }
    }

    #[test]
    fn what_is_not_over_says_so() {
        for value in [r#""a\""#, "[1,[2]", r#"{"a":"}""#, "12"] {
            assert_eq!(JsonValue::default().end(value.as_bytes()), None, "{value}");
        }
    }
}
