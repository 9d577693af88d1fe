//! The one thing that has begun and is not whole yet.

use super::Malformed;

/// The most bytes of one item; etcd stores 1.5 MB by default, so that more is a bomb and not an object.
const LIMIT: usize = 64 << 20;

/// The capacity that is kept for the next item; a giant must not cost its size for the rest of the list.
const KEPT: usize = 256 << 10;

/// Collects the bytes of something that is spread over several pushes.
#[derive(Debug, Default)]
pub struct Partial {
    bytes: Vec<u8>,
}

impl Partial {
    /// Adds the next bytes. Fails when no object can be that large.
    pub fn extend(&mut self, more: &[u8]) -> Result<(), Malformed> {
        if self.bytes.len() + more.len() > LIMIT {
            return Err(Malformed("an item is larger than 64 MiB"));
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    /// Gives `take` the whole, of which `last` is the end, and forgets it; without a copy if it came in one piece.
    pub fn complete(&mut self, last: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        if self.bytes.is_empty() {
            take(last);
            return Ok(());
        }
        self.extend(last)?;
        take(&self.bytes);
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_giant_leaves_no_capacity_behind() {
        let mut partial = Partial::default();
        partial.extend(&vec![1; 8 << 20]).unwrap();
        let mut length = 0;
        partial.complete(&[1], &mut |whole| length = whole.len()).unwrap();
        assert_eq!(length, (8 << 20) + 1);
        assert!(partial.bytes.capacity() <= KEPT);
    }

    #[test]
    fn what_no_object_can_be_is_refused() {
        let mut partial = Partial::default();
        partial.extend(&vec![0; LIMIT]).unwrap();
        assert!(partial.extend(&[0]).is_err());
    }
}
