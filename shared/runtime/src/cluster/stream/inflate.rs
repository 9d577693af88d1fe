//! gzip, inflated as it arrives.

use flate2::{Decompress, FlushDecompress, Status};

use super::Malformed;

/// How many inflated bytes are handed over at a time.
const PIECE: usize = 64 << 10;

/// The largest window that gzip knows, as a power of two.
const WINDOW_BITS: u8 = 15;

/// Inflates one gzip member and insists on its checksum, its length and its end.
pub struct Inflate {
    state: Decompress,
    piece: Box<[u8]>,
    ended: bool,
}

impl Inflate {
    pub fn new() -> Self {
        Inflate { state: Decompress::new_gzip(WINDOW_BITS), piece: vec![0; PIECE].into_boxed_slice(), ended: false }
    }

    /// Inflates the next compressed bytes into `take`. Fails on damage, a wrong trailer, and bytes after it.
    pub fn push(
        &mut self,
        mut compressed: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        while !compressed.is_empty() {
            if self.ended {
                return Err(Malformed("bytes after the end of the gzip stream"));
            }
            let (read, written) = self.step(compressed)?;
            take(&self.piece[..written])?;
            compressed = &compressed[read..];
        }
        self.drain(take)
    }

    /// Hands over what the inflater still holds after it took the last input byte.
    fn drain(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
        while !self.ended {
            let (_, written) = self.step(&[])?;
            if written == 0 {
                break;
            }
            take(&self.piece[..written])?;
        }
        Ok(())
    }

    fn step(&mut self, compressed: &[u8]) -> Result<(usize, usize), Malformed> {
        let (read_before, written_before) = (self.state.total_in(), self.state.total_out());
        let status = self.state.decompress(compressed, &mut self.piece, FlushDecompress::None);
        self.ended = match status {
            Ok(status) => status == Status::StreamEnd,
            Err(_) => return Err(Malformed("the gzip stream is damaged")),
        };
        let read = (self.state.total_in() - read_before) as usize;
        let written = (self.state.total_out() - written_before) as usize;
        if read == 0 && written == 0 && !self.ended && !compressed.is_empty() {
            return Err(Malformed("the gzip stream is damaged"));
        }
        Ok((read, written))
    }

    /// Says that no more bytes come. Fails when the trailer was not there yet.
    pub fn finish(&self) -> Result<(), Malformed> {
        if self.ended { Ok(()) } else { Err(Malformed("the gzip stream ends before its trailer")) }
    }
}

/// Inflates something small as a whole. Fails on damage, and when it comes to more than `limit` bytes.
pub fn gunzip(compressed: &[u8], limit: usize) -> Result<Vec<u8>, Malformed> {
    let (mut inflate, mut whole) = (Inflate::new(), Vec::new());
    inflate.push(compressed, &mut |bytes| {
        whole.extend_from_slice(bytes);
        if whole.len() > limit { Err(Malformed("more bytes than there may be")) } else { Ok(()) }
    })?;
    inflate.finish().map(|()| whole)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{gzip, pieces};
    use super::*;

    fn inflate(compressed: &[u8], size: usize) -> Result<Vec<u8>, Malformed> {
        let mut inflate = Inflate::new();
        let mut whole = Vec::new();
        for piece in compressed.chunks(size) {
            inflate.push(piece, &mut |bytes| {
                whole.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        inflate.finish().map(|()| whole)
    }

    fn sample() -> Vec<u8> {
        pieces(7, 300_000).concat()
    }

    #[test]
    fn what_was_packed_comes_out_whatever_the_pieces() {
        let packed = gzip(&sample());
        for size in [1, 7, 4096, packed.len()] {
            assert_eq!(inflate(&packed, size), Ok(sample()), "pieces of {size}");
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let packed = gzip(b"a short text, a short text, a short text");
        for length in 0..packed.len() {
            assert!(inflate(&packed[..length], 5).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_wrong_trailer_and_bytes_after_it_are_noticed() {
        let packed = gzip(b"a short text");
        for position in packed.len() - 8..packed.len() {
            let mut damaged = packed.clone();
            damaged[position] ^= 1;
            assert!(inflate(&damaged, 64).is_err(), "flipped at {position}");
        }
        assert!(inflate(&[packed.as_slice(), b"\0"].concat(), 64).is_err());
        assert!(inflate(&[packed.as_slice(), &packed].concat(), 64).is_err());
    }
}
