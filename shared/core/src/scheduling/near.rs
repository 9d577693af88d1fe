//! Words that were probably meant.

/// The word that is nearest to a wanted one, when it is so near that a typing error explains the difference.
pub fn nearest_word<'a>(wanted: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let tolerated = (wanted.chars().count() / 3).clamp(1, 3);
    let near = words.into_iter().map(|word| (distance(wanted, word), word));
    near.filter(|(distance, _)| (1..=tolerated).contains(distance)).min().map(|(_, word)| word)
}

/// How many letters must be changed, added, left out or swapped to come from one word to the other, letter case aside.
fn distance(left: &str, right: &str) -> usize {
    strsim::osa_distance(&left.to_lowercase(), &right.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        assert_eq!(nearest_word("disktyp", ["zone", "disktype"]), Some("disktype"));
        assert_eq!(nearest_word("sdd", ["ssd", "hdd"]), Some("hdd"), "of two as near, the first by name");
        assert_eq!(nearest_word("nmae", ["name"]), Some("name"), "two letters that are swapped are one error");
        assert_eq!(nearest_word("ssd", ["nvme"]), None);
        assert_eq!(nearest_word("ssd", ["ssd"]), None, "the word itself is no correction");
    }
}
