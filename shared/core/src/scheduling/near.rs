//! Words that were probably meant.

/// The word that is nearest to a wanted one, when it is so near that a typing error explains the difference.
pub fn nearest_word<'a>(wanted: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let tolerated = (wanted.chars().count() / 3).clamp(1, 3);
    let near = words.into_iter().map(|word| (distance(wanted, word), word));
    near.filter(|(distance, _)| (1..=tolerated).contains(distance)).min().map(|(_, word)| word)
}

/// How many letters must be changed, added or left out to come from one word to the other, letter case aside.
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = above + 1;
        for (at, other) in right.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[at + 1];
            row[at + 1] = changed.min(corner + 1).min(row[at] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        assert_eq!(nearest_word("disktyp", ["zone", "disktype"]), Some("disktype"));
        assert_eq!(nearest_word("sdd", ["ssd", "hdd"]), Some("hdd"), "of two as near, the first by name");
        assert_eq!(nearest_word("ssd", ["nvme"]), None);
        assert_eq!(nearest_word("ssd", ["ssd"]), None, "the word itself is no correction");
    }
}
