//! The body of a watch, split into its events while it arrives.
//!
//! JSON comes a line an event; protobuf comes with the length of each event before it, in four bytes
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>).

use crate::cluster::stream::{Encoding, Malformed, Partial};

/// Bytes of the length before a protobuf event.
const PREFIX: usize = 4;

/// Splits a body into the exact bytes of its events; what is not complete yet is kept, and nothing else.
pub(super) struct FrameSplitter {
    encoding: Encoding,
    partial: Partial,
    prefix: Vec<u8>,
    /// What is left of the event, while the splitter is inside of one.
    left: Option<usize>,
}

impl FrameSplitter {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding, partial: Partial::default(), prefix: Vec::with_capacity(PREFIX), left: None }
    }

    /// Takes the next bytes and gives `take` each event that they complete. Fails when no event can be that large.
    pub(super) fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        while !bytes.is_empty() {
            let used = match self.encoding {
                Encoding::Json => self.line(bytes, take)?,
                Encoding::Protobuf => self.message(bytes, take)?,
            };
            bytes = &bytes[used..];
        }
        Ok(())
    }

    fn line(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            self.partial.extend(bytes)?;
            return Ok(bytes.len());
        };
        let mut take_event = |event: &[u8]| {
            if !event.trim_ascii().is_empty() {
                take(event);
            }
        };
        self.partial.complete(&bytes[..end], &mut take_event)?;
        Ok(end + 1)
    }

    fn message(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
        let Some(left) = self.left else { return self.length(bytes, take) };
        let used = left.min(bytes.len());
        if used < left {
            self.partial.extend(&bytes[..used])?;
            self.left = Some(left - used);
        } else {
            self.partial.complete(&bytes[..used], take)?;
            self.left = None;
        }
        Ok(used)
    }

    fn length(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Malformed> {
        let used = bytes.len().min(PREFIX - self.prefix.len());
        self.prefix.extend_from_slice(&bytes[..used]);
        if let Ok(prefix) = <[u8; PREFIX]>::try_from(self.prefix.as_slice()) {
            self.prefix.clear();
            match u32::from_be_bytes(prefix) as usize {
                // An empty event is complete with its length: no byte of its own will come.
                0 => take(&[]),
                length => self.left = Some(length),
            }
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::stream::samples::{cut, pieces, sizes};
    use super::*;

    fn split(encoding: Encoding, body: &[u8], sizes: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
        let mut splitter = FrameSplitter::new(encoding);
        let mut events = Vec::new();
        for piece in cut(body, sizes) {
            splitter.push(piece, &mut |event| events.push(event.to_vec())).unwrap();
        }
        events
    }

    #[test]
    fn every_event_comes_out_whatever_the_pieces() {
        let events = pieces(30, 300);
        let length = |event: &Vec<u8>| u32::try_from(event.len()).unwrap().to_be_bytes().to_vec();
        let messages: Vec<u8> = events.iter().flat_map(|event| [length(event), event.clone()].concat()).collect();
        let lines: Vec<Vec<u8>> = (0..30).map(|number| format!("{{\"number\":{number}}}").into_bytes()).collect();
        let text: Vec<u8> = lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
        for seed in 1..30 {
            assert_eq!(split(Encoding::Protobuf, &messages, sizes(seed, 200)), events, "seed {seed}");
            assert_eq!(split(Encoding::Json, &text, sizes(seed, 20)), lines, "seed {seed}");
        }
        assert_eq!(split(Encoding::Protobuf, &messages, std::iter::repeat(1)), events);
        assert_eq!(split(Encoding::Json, &text, [text.len()]), lines);
    }

    #[test]
    fn what_is_not_complete_is_no_event() {
        assert_eq!(split(Encoding::Json, b"{}\n\n{\"a\"", [9]), [b"{}".to_vec()]);
        assert_eq!(split(Encoding::Protobuf, &[0, 0, 0, 1, 7, 0, 0, 0, 2, 9], [10]), [vec![7]]);
    }

    #[test]
    fn an_event_that_no_object_can_be_is_refused() {
        let mut splitter = FrameSplitter::new(Encoding::Protobuf);
        splitter.push(&u32::MAX.to_be_bytes(), &mut |_| panic!("no event")).unwrap();
        let mebibyte = vec![0; 1 << 20];
        assert!((0..65).any(|_| splitter.push(&mebibyte, &mut |_| panic!("no event")).is_err()));
    }
}
