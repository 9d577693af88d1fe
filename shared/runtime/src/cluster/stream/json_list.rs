//! A JSON list, split while it arrives, from a server or from a file.

use super::json_value::JsonValue;
use super::partial::Partial;
use super::{Envelope, Malformed};

const BYTE_ORDER_MARK: &[u8; 3] = b"\xef\xbb\xbf";

/// Splits one JSON list into the exact bytes of its items.
#[derive(Debug, Default)]
pub struct JsonListSplitter {
    state: State,
    value: JsonValue,
    partial: Partial,
    key: String,
    envelope: Envelope,
    /// How many bytes of a byte order mark came before anything else.
    mark: usize,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Start,
    /// Behind the opening brace: a key, or the end of an empty object.
    FirstKey,
    NextKey,
    Key,
    Colon,
    BeforeValue,
    Value,
    BehindValue,
    /// Behind the opening bracket of the items: an item, or the end of an empty list.
    FirstItem,
    NextItem,
    Item,
    BehindItem,
    End,
}

impl JsonListSplitter {
    /// Takes the next bytes and gives `take` each item that they complete, byte for byte as it was written.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        while let Some(first) = bytes.first() {
            let used = match self.state {
                State::Key | State::Value | State::Item => self.content(bytes, take)?,
                _ => self.token(*first)?,
            };
            bytes = &bytes[used..];
        }
        Ok(())
    }

    /// Says that no more bytes come. Fails unless the object was closed.
    pub fn finish(self) -> Result<Envelope, Malformed> {
        match self.state {
            State::End => Ok(self.envelope),
            State::Start => Err(Malformed("an empty answer")),
            _ => Err(Malformed("the list ends before its end")),
        }
    }

    /// What the list said of itself so far; its kind may stand behind the items.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Takes one byte of what stands between contents; 0 when the byte already belongs to one.
    fn token(&mut self, byte: u8) -> Result<usize, Malformed> {
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            return Ok(1);
        }
        let next = match (self.state, byte) {
            (State::Start, b'{') if matches!(self.mark, 0 | 3) => State::FirstKey,
            (State::Start, _) => return self.byte_order_mark(byte),
            (State::FirstKey | State::NextKey, b'"') => State::Key,
            (State::FirstKey | State::BehindValue, b'}') => State::End,
            (State::Colon, b':') => State::BeforeValue,
            (State::BeforeValue, b'[') if self.key == "items" => self.open_items()?,
            (State::BeforeValue, _) if begins_a_value(byte) => State::Value,
            (State::BehindValue, b',') => State::NextKey,
            (State::FirstItem | State::BehindItem, b']') => State::BehindValue,
            (State::FirstItem | State::NextItem, _) if begins_a_value(byte) => State::Item,
            (State::BehindItem, b',') => State::NextItem,
            (State::End, _) => return Err(Malformed("bytes after the end of the list")),
            _ => return Err(Malformed("this is no JSON object")),
        };
        self.state = next;
        Ok(usize::from(!matches!(next, State::Key | State::Value | State::Item)))
    }

    fn byte_order_mark(&mut self, byte: u8) -> Result<usize, Malformed> {
        if BYTE_ORDER_MARK.get(self.mark) != Some(&byte) {
            return Err(Malformed("this is no JSON object"));
        }
        self.mark += 1;
        Ok(1)
    }

    fn open_items(&mut self) -> Result<State, Malformed> {
        if self.envelope.has_items {
            return Err(Malformed("two lists in one answer"));
        }
        self.envelope.has_items = true;
        Ok(State::FirstItem)
    }

    fn content(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
        let Some(end) = self.value.end(bytes) else {
            self.partial.extend(bytes)?;
            return Ok(bytes.len());
        };
        self.value = JsonValue::default();
        self.complete(&bytes[..end], take)?;
        Ok(end)
    }

    fn complete(&mut self, last: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        let (envelope, key) = (&mut self.envelope, &mut self.key);
        let mut read = Ok(());
        self.state = match self.state {
            State::Key => {
                self.partial.complete(last, &mut |bytes| read = read_key(bytes, key))?;
                State::Colon
            }
            State::Item => {
                self.partial.complete(last, take)?;
                State::BehindItem
            }
            _ => {
                self.partial.complete(last, &mut |bytes| read = envelope.read_json(key, bytes))?;
                State::BehindValue
            }
        };
        read
    }
}

/// Tells whether a byte may begin a value, so that a stray comma or bracket is not taken for one.
fn begins_a_value(byte: u8) -> bool {
    matches!(byte, b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

fn read_key(bytes: &[u8], key: &mut String) -> Result<(), Malformed> {
    *key = serde_json::from_slice(bytes).map_err(|_| Malformed("a key of the list is undecodable"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{cut, sizes};
    use super::*;

    fn split(body: &[u8], sizes: impl IntoIterator<Item = usize>) -> Result<(Vec<String>, Envelope), Malformed> {
        let mut splitter = JsonListSplitter::default();
        let mut items = Vec::new();
        for piece in cut(body, sizes) {
            splitter.push(piece, &mut |item| items.push(String::from_utf8(item.to_vec()).unwrap()))?;
        }
        splitter.finish().map(|envelope| (items, envelope))
    }

    /// Splits in one piece, byte by byte and at random places; all must agree.
    fn split_everyhow(body: &str) -> Result<(Vec<String>, Envelope), Malformed> {
        let whole = split(body.as_bytes(), [body.len()]);
        assert_eq!(split(body.as_bytes(), std::iter::repeat(1)), whole, "byte by byte: {body}");
        for seed in 1..30 {
            assert_eq!(split(body.as_bytes(), sizes(seed, 40)), whole, "seed {seed}: {body}");
        }
        whole
    }

    const PODS: [&str; 4] = [
        r#"{"metadata":{"name":"a","items":[1,2]},"items":{"items":[]},"text":"]}\"{[\\"}"#,
        "{ \"metadata\" : {\n    \"name\": \"b\\u0022 ü\"\n  } }",
        r#"{"kind":"List","metadata":{"continue":"not this"},"items":[{"x":"\\\\\""}]}"#,
        "{}",
    ];

    fn body() -> String {
        let metadata = r#""metadata":{"resourceVersion":"42","continue":"next","remainingItemCount":7}"#;
        format!(r#"{{"kind":"PodList","apiVersion":"v1",{metadata},"items":[{}]}}"#, PODS.join(","))
    }

    #[test]
    fn every_item_comes_out_byte_for_byte() {
        let (items, envelope) = split_everyhow(&body()).unwrap();
        assert_eq!(items, PODS);
        assert_eq!((envelope.kind.as_str(), envelope.api_version.as_str()), ("PodList", "v1"));
        assert_eq!((envelope.resource_version.as_str(), envelope.continue_token.as_str()), ("42", "next"));
    }

    #[test]
    fn keys_may_come_in_any_order_and_any_layout() {
        let pretty = format!(
            "\u{feff}\n {{\r\n\t\"items\" : [\n {}\n ,{} ] ,\n \"note\": [true, {{\"items\": [9]}}], \"kind\" : \"X\\u004cist\",\n\
             \"count\": -1.5e3 , \"metadata\": {{}}, \"apiVersion\": null }} \n\n",
            PODS[0], PODS[1]
        );
        let (items, envelope) = split_everyhow(&pretty).unwrap();
        assert_eq!(items, PODS[..2]);
        assert_eq!((envelope.kind.as_str(), envelope.api_version.as_str()), ("XList", ""));
    }

    #[test]
    fn no_items_are_told_from_no_list() {
        for body in [r#"{"items":null}"#, r#"{"items":[]}"#, r#"{ "items" : [ ] }"#, r#"{"\u0069tems":[]}"#] {
            let (items, envelope) = split_everyhow(body).unwrap();
            assert!(items.is_empty() && envelope.has_items, "{body}");
        }
        for body in ["{}", r#"{"kind":"Pod","metadata":{"name":"a"},"spec":{"items":[1]}}"#] {
            let (items, envelope) = split_everyhow(body).unwrap();
            assert!(items.is_empty() && !envelope.has_items, "{body}");
        }
    }

    #[test]
    fn items_that_are_no_objects_are_handed_over_for_judgement() {
        let (items, _) = split_everyhow(r#"{"items":[1, "a,]", null,[{}] ,true]}"#).unwrap();
        assert_eq!(items, ["1", "\"a,]\"", "null", "[{}]", "true"]);
    }

    #[test]
    fn every_cut_and_everything_appended_is_noticed() {
        let body = body();
        for length in 0..body.len() {
            assert!(split(&body.as_bytes()[..length], std::iter::repeat(9)).is_err(), "cut at {length}");
        }
        for more in ["}", "{}", ",", "x", "\0", "\u{feff}"] {
            assert!(split_everyhow(&format!("{body}{more}")).is_err(), "appended {more:?}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for body in [
            "",
            " ",
            "[]",
            "null",
            "<html>",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            r#"{"items":[1,]}"#,
            r#"{"items":[,1]}"#,
            r#"{"items":[1 2]}"#,
            r#"{"items":[]]}"#,
            r#"{"items":{}}"#,
            r#"{"items":[],"items":[]}"#,
            r#"{"metadata":7}"#,
            r#"{"a":tru}"#,
            r#"{"a":{]}"#,
            r#"{"items":[1}"#,
        ] {
            assert!(split_everyhow(body).is_err(), "{body}");
        }
    }
}
