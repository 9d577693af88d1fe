//! The body of one answer: inflated if it is packed, split by its encoding.

use super::inflate::Inflate;
use super::{Encoding, Envelope, JsonListSplitter, Malformed, ProtobufListSplitter};

/// Names how a body is packed on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compression {
    None,
    Gzip,
}

/// Reads one list from the bytes of one body.
pub struct BodyReader {
    inflate: Option<Inflate>,
    splitter: Splitter,
}

enum Splitter {
    Protobuf(ProtobufListSplitter),
    Json(JsonListSplitter),
}

impl BodyReader {
    /// Makes a reader for a body that is written and packed like this.
    pub fn new(encoding: Encoding, compression: Compression) -> Self {
        let splitter = match encoding {
            Encoding::Protobuf => Splitter::Protobuf(ProtobufListSplitter::default()),
            Encoding::Json => Splitter::Json(JsonListSplitter::default()),
        };
        let inflate = (compression == Compression::Gzip).then(Inflate::new);
        BodyReader { inflate, splitter }
    }

    /// Takes the next bytes of the body and gives `take` each item that they complete.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        let splitter = &mut self.splitter;
        match &mut self.inflate {
            None => splitter.push(bytes, take),
            Some(inflate) => inflate.push(bytes, &mut |inflated| splitter.push(inflated, take)),
        }
    }

    /// Says that the body is over. Fails when the list, or what it is packed in, is not.
    pub fn finish(self) -> Result<Envelope, Malformed> {
        if let Some(inflate) = &self.inflate {
            inflate.finish()?;
        }
        match self.splitter {
            Splitter::Protobuf(splitter) => splitter.finish(),
            Splitter::Json(splitter) => splitter.finish(),
        }
    }
}

impl Splitter {
    fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        match self {
            Splitter::Protobuf(splitter) => splitter.push(bytes, take),
            Splitter::Json(splitter) => splitter.push(bytes, take),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{gzip, pieces, protobuf_body};
    use super::*;

    fn count(encoding: Encoding, body: &[u8]) -> Result<usize, Malformed> {
        let mut reader = BodyReader::new(encoding, Compression::Gzip);
        let mut items = 0;
        for piece in body.chunks(11) {
            reader.push(piece, &mut |_| items += 1)?;
        }
        reader.finish().map(|_| items)
    }

    #[test]
    fn packed_lists_are_read_in_both_encodings() {
        assert_eq!(count(Encoding::Protobuf, &gzip(&protobuf_body(&pieces(50, 90), ""))), Ok(50));
        assert_eq!(count(Encoding::Json, &gzip(br#"{"items":[{},{},{}]}"#)), Ok(3));
    }

    #[test]
    fn a_whole_list_in_a_cut_gzip_and_a_cut_list_in_a_whole_gzip_are_noticed() {
        let packed = gzip(br#"{"items":[{},{},{}]}"#);
        for length in 0..packed.len() {
            assert!(count(Encoding::Json, &packed[..length]).is_err(), "cut at {length}");
        }
        assert!(count(Encoding::Json, &gzip(br#"{"items":[{},{}]"#)).is_err());
    }
}
