//! Protobuf's variable-length integers, byte by byte.

use super::Malformed;

/// Collects one integer that may be spread over several pushes.
#[derive(Debug, Default)]
pub struct Varint {
    value: u64,
    shift: u32,
}

impl Varint {
    /// Adds one byte, and gives the integer when that was its last one. Fails when it does not fit 64 bits.
    pub fn push(&mut self, byte: u8) -> Result<Option<u64>, Malformed> {
        if self.shift == 63 && byte > 1 {
            return Err(Malformed("an integer of more than 64 bits"));
        }
        self.value |= u64::from(byte & 0x7f) << self.shift;
        if byte & 0x80 != 0 {
            self.shift += 7;
            return Ok(None);
        }
        Ok(Some(std::mem::take(self).value))
    }

    /// Tells whether no integer has begun.
    pub fn is_empty(&self) -> bool {
        self.shift == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<u64>, Malformed> {
        let mut varint = Varint::default();
        bytes.iter().try_fold(None, |_, byte| varint.push(*byte))
    }

    #[test]
    fn integers_of_every_length_are_read() {
        assert_eq!(read(&[0]), Ok(Some(0)));
        assert_eq!(read(&[0xac, 0x02]), Ok(Some(300)));
        assert_eq!(read(&[0xff; 1]), Ok(None));
        let largest = [[0xff; 9].as_slice(), &[1]].concat();
        assert_eq!(read(&largest), Ok(Some(u64::MAX)));
    }

    #[test]
    fn more_than_64_bits_are_refused() {
        assert!(read(&[[0xff; 9].as_slice(), &[2]].concat()).is_err());
        assert!(read(&[0x80; 11]).is_err());
    }
}
