//! Files of lines that are only ever added to: what was being written when a process was killed is no line yet.

/// The lines that were written to their end.
pub fn whole_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes[..end_of_lines(bytes)].split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Where the last line ends that was written to its end.
pub fn end_of_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_when_it_has_its_end() {
        let lines = |bytes: &'static str| whole_lines(bytes.as_bytes()).collect::<Vec<_>>();
        assert_eq!(lines("a\nb\nc"), [b"a", b"b"]);
        assert_eq!((lines("a").len(), lines("").len(), lines("\n\n").len()), (0, 0, 0));
        assert_eq!(end_of_lines(b"a\nbc"), 2);
    }
}
