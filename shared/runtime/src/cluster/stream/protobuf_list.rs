//! A Kubernetes protobuf list, split while it arrives.
//!
//! Such a body is the four bytes `k8s\0` and a `runtime.Unknown`, whose `raw` field is the list message
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>).

use super::partial::Partial;
use super::varint::Varint;
use super::{Envelope, Malformed};

const MAGIC: &[u8; 4] = b"k8s\0";

/// Splits one protobuf list into the exact bytes of its items.
#[derive(Debug, Default)]
pub struct ProtobufListSplitter {
    state: State,
    varint: Varint,
    partial: Partial,
    /// What is left of `raw`, while the splitter is inside of it.
    raw_left: Option<u64>,
    /// The server writes the content type last and always, so that its presence shows that nothing is missing.
    content_type_seen: bool,
    envelope: Envelope,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Magic { seen: usize },
    Key,
    Length(Field),
    Integer,
    Bytes { field: Field, left: u64 },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Field {
    TypeMeta,
    Raw,
    ContentEncoding,
    ContentType,
    ListMeta,
    Item,
    Other,
}

impl Default for State {
    fn default() -> Self {
        State::Magic { seen: 0 }
    }
}

impl ProtobufListSplitter {
    /// Takes the next bytes and gives `take` each item that they complete.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        while let Some(first) = bytes.first() {
            let used = match self.state {
                State::Bytes { .. } => self.content(bytes, take)?,
                _ => self.token(*first)?,
            };
            bytes = &bytes[used..];
            // An empty field is complete with its length: no byte of its own will come.
            if let State::Bytes { field, left: 0 } = self.state {
                self.complete(field, &[], take)?;
            }
        }
        Ok(())
    }

    /// Says that no more bytes come. Fails unless everything added up exactly.
    pub fn finish(self) -> Result<Envelope, Malformed> {
        let at_boundary = matches!(self.state, State::Key) && self.raw_left.is_none() && self.varint.is_empty();
        if at_boundary && self.envelope.has_items && self.content_type_seen {
            return Ok(self.envelope);
        }
        Err(Malformed("the list ends before its end"))
    }

    /// Subtracts what was used from `raw`, which may not be left in the middle of a field.
    fn count(&mut self, used: u64) -> Result<(), Malformed> {
        if let Some(left) = self.raw_left.as_mut() {
            *left = left.checked_sub(used).ok_or(Malformed("a field reaches beyond its list"))?;
        }
        Ok(())
    }

    /// Takes one byte of what stands around the contents.
    fn token(&mut self, byte: u8) -> Result<usize, Malformed> {
        if let State::Magic { seen } = self.state {
            return self.magic(seen, byte).map(|()| 1);
        }
        self.count(1)?;
        match (self.varint.push(byte)?, self.state) {
            (None, _) => {}
            (Some(length), State::Length(field)) => self.length(field, length)?,
            (Some(_), State::Integer) => self.boundary(),
            (Some(key), _) => self.key(key)?,
        }
        Ok(1)
    }

    fn magic(&mut self, seen: usize, byte: u8) -> Result<(), Malformed> {
        if MAGIC[seen] != byte {
            return Err(Malformed("this is no Kubernetes protobuf"));
        }
        self.state = if seen + 1 == MAGIC.len() { State::Key } else { State::Magic { seen: seen + 1 } };
        Ok(())
    }

    fn key(&mut self, key: u64) -> Result<(), Malformed> {
        let field = self.field(key >> 3)?;
        self.state = match key & 7 {
            0 if field == Field::Other => State::Integer,
            1 if field == Field::Other => State::Bytes { field, left: 8 },
            2 => State::Length(field),
            5 if field == Field::Other => State::Bytes { field, left: 4 },
            _ => return Err(Malformed("a field of a type that it cannot have")),
        };
        Ok(())
    }

    fn field(&self, number: u64) -> Result<Field, Malformed> {
        Ok(match (self.raw_left.is_some(), number) {
            (_, 0) => return Err(Malformed("a field with the number 0")),
            (true, 1) => Field::ListMeta,
            (true, 2) => Field::Item,
            (false, 1) => Field::TypeMeta,
            (false, 2) => Field::Raw,
            (false, 3) => Field::ContentEncoding,
            (false, 4) => Field::ContentType,
            _ => Field::Other,
        })
    }

    fn length(&mut self, field: Field, length: u64) -> Result<(), Malformed> {
        match field {
            Field::Raw if self.envelope.has_items => return Err(Malformed("two lists in one answer")),
            Field::Raw => {
                self.enter_list(length);
                return Ok(());
            }
            Field::ContentEncoding if length > 0 => return Err(Malformed("a list in an unknown content encoding")),
            Field::ContentType => self.content_type_seen = true,
            _ => {}
        }
        if self.raw_left.is_some_and(|left| length > left) {
            return Err(Malformed("a field reaches beyond its list"));
        }
        self.state = State::Bytes { field, left: length };
        Ok(())
    }

    fn enter_list(&mut self, length: u64) {
        self.envelope.has_items = true;
        self.raw_left = Some(length);
        self.boundary();
    }

    fn content(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
        let State::Bytes { field, left } = self.state else { return Ok(0) };
        let used = left.min(bytes.len() as u64);
        self.count(used)?;
        let (bytes, left) = (&bytes[..used as usize], left - used);
        if left == 0 {
            self.complete(field, bytes, take)?;
        } else {
            self.state = State::Bytes { field, left };
            if field.is_read() {
                self.partial.extend(bytes)?;
            }
        }
        Ok(used as usize)
    }

    fn complete(&mut self, field: Field, last: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        let envelope = &mut self.envelope;
        let mut read = Ok(());
        match field {
            Field::Item => self.partial.complete(last, take)?,
            Field::ListMeta => self.partial.complete(last, &mut |bytes| read = envelope.read_list_meta(bytes))?,
            Field::TypeMeta => self.partial.complete(last, &mut |bytes| read = envelope.read_type_meta(bytes))?,
            _ => {}
        }
        self.boundary();
        read
    }

    /// Stands between two fields; leaves the list when it is over.
    fn boundary(&mut self) {
        self.state = State::Key;
        if self.raw_left == Some(0) {
            self.raw_left = None;
        }
    }
}

impl Field {
    fn is_read(self) -> bool {
        matches!(self, Field::Item | Field::ListMeta | Field::TypeMeta)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, pieces, protobuf_body};
    use super::*;

    fn split(body: &[u8], sizes: impl IntoIterator<Item = usize>) -> Result<(Vec<Vec<u8>>, Envelope), Malformed> {
        let mut splitter = ProtobufListSplitter::default();
        let mut items = Vec::new();
        for piece in samples::cut(body, sizes) {
            splitter.push(piece, &mut |item| items.push(item.to_vec()))?;
        }
        splitter.finish().map(|envelope| (items, envelope))
    }

    #[test]
    fn every_item_comes_out_whatever_the_pieces() {
        let items = pieces(40, 300);
        let body = protobuf_body(&items, "next");
        for seed in 1..40 {
            let (split, envelope) = split(&body, samples::sizes(seed, 200)).unwrap();
            assert_eq!(split, items, "seed {seed}");
            assert_eq!((envelope.kind.as_str(), envelope.api_version.as_str()), ("PodList", "v1"));
            assert_eq!((envelope.resource_version.as_str(), envelope.continue_token.as_str()), ("42", "next"));
        }
        assert_eq!(split(&body, std::iter::repeat(1)).unwrap().0, items);
        assert_eq!(split(&body, [body.len()]).unwrap().0, items);
    }

    #[test]
    fn empty_items_and_empty_lists_are_lists() {
        let empty_items = vec![Vec::new(), Vec::new()];
        assert_eq!(split(&protobuf_body(&empty_items, ""), std::iter::repeat(1)).unwrap().0, empty_items);
        assert!(split(&protobuf_body(&[], ""), std::iter::repeat(3)).unwrap().1.has_items);
    }

    #[test]
    fn every_cut_and_every_appended_byte_is_noticed() {
        let body = protobuf_body(&pieces(5, 20), "");
        for length in 0..body.len() {
            assert!(split(&body[..length], std::iter::repeat(4)).is_err(), "cut at {length}");
        }
        for byte in 0..=255 {
            assert!(split(&[body.as_slice(), &[byte]].concat(), [body.len() + 1]).is_err(), "appended {byte}");
        }
    }

    #[test]
    fn lengths_that_do_not_add_up_are_noticed() {
        let items = pieces(3, 20);
        for (offset, why) in [(-1, "raw too short"), (1, "raw too long")] {
            let body = samples::protobuf_body_with(&items, "", offset);
            assert!(split(&body, std::iter::repeat(8)).is_err(), "{why}");
        }
    }

    #[test]
    fn fields_of_newer_servers_are_skipped() {
        let mut list = samples::list_message(&pieces(1, 9), "");
        list.extend([
            0x78, 0x96, 0x01, 0x81, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0x8d, 0x01, 1, 2, 3, 4, 0x92, 0x01, 2, 9, 9,
        ]);
        let (items, _) = split(&samples::unknown(&list, list.len()), std::iter::repeat(2)).unwrap();
        assert_eq!(items, pieces(1, 9));
    }

    #[test]
    fn a_flipped_byte_never_panics() {
        let body = protobuf_body(&pieces(4, 12), "token");
        for position in 0..body.len() {
            for bit in 0..8 {
                let mut damaged = body.clone();
                damaged[position] ^= 1 << bit;
                if let Ok((items, _)) = split(&damaged, std::iter::repeat(16)) {
                    assert!(items.len() <= 8);
                }
            }
        }
    }
}
