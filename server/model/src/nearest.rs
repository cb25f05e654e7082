//! The word that was probably meant.

/// The known word that a mistyped one is nearest to, if any is near enough to be meant.
pub(crate) fn nearest<'w>(
    typed: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let folded: Vec<char> = typed.to_lowercase().chars().collect();
    let exact: Vec<char> = typed.chars().collect();
    let mut allowed = (exact.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, usize, &str)> = None;
    let mut lower: Vec<char> = Vec::new();
    for word in known {
        // Most words differ too much in length alone.
        let length = if word.is_ascii() { word.len() } else { word.chars().count() };
        if length.abs_diff(exact.len()) > allowed {
            continue;
        }
        lower.clear();
        match word.is_ascii() {
            true => lower.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase()))),
            false => lower.extend(word.chars().flat_map(char::to_lowercase)),
        }
        let (one, two) = apart(&folded, &lower);
        if !may_be_near(one, two, allowed) {
            continue;
        }
        let Some(distance) = letters(one, two, allowed) else { continue };
        let as_written: Vec<char> = word.chars().collect();
        let case = letters(&exact, &as_written, usize::MAX).unwrap_or(usize::MAX);
        if best.is_none_or(|(least, least_case, _)| (distance, case) < (least, least_case)) {
            best = Some((distance, case, word));
            allowed = distance;
        }
    }
    best.map(|(_, _, word)| word)
}

/// Two words without how both begin and how both end. Names of one project are alike for most of their length.
fn apart<'w>(one: &'w [char], two: &'w [char]) -> (&'w [char], &'w [char]) {
    let begin = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let (one, two) = (one.get(begin..).unwrap_or_default(), two.get(begin..).unwrap_or_default());
    let end = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
    let without = |word: &'w [char]| word.get(..word.len() - end).unwrap_or_default();
    (without(one), without(two))
}

/// Whether two words are not too far apart already by the letters they have, in whatever order. This
/// is quick, and settles most of ten thousand names.
fn may_be_near(one: &[char], two: &[char], allowed: usize) -> bool {
    let mut counts = [0i16; 64];
    let slot = |letter: char| letter as usize % 64;
    one.iter().for_each(|letter| counts[slot(*letter)] += 1);
    two.iter().for_each(|letter| counts[slot(*letter)] -= 1);
    // A changed letter is one too many and one too few.
    let apart: usize = counts.iter().map(|count| usize::from(count.unsigned_abs())).sum();
    apart <= allowed * 2
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour, upper and
/// lower case being one.
pub(crate) fn distance(one: &str, two: &str) -> usize {
    let fold = |text: &str| -> Vec<char> { text.to_lowercase().chars().collect() };
    letters(&fold(one), &fold(two), usize::MAX).unwrap_or(usize::MAX)
}

/// The same for letters as they are; nothing where it is more than allowed.
fn letters(one: &[char], two: &[char], allowed: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, b) in two.iter().enumerate() {
            let change = above[j] + usize::from(a != b);
            let mut best = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *b && two[j - 1] == *a {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        // It can only grow from here, but for a swap, which reaches one row back.
        let least = row.iter().chain(&above).min().copied().unwrap_or_default();
        if least > allowed {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_near() {
        let keys = ["name", "inputs", "description", "transform"];
        assert_eq!(nearest("trasnform", keys), Some("transform"));
        assert_eq!(nearest("input", keys), Some("inputs"));
        assert_eq!(nearest("Name", keys), Some("name"));
        assert_eq!(nearest("owner", keys), None);
        assert_eq!(nearest("goood", ["GOOD", "good"]), Some("good"));
        assert_eq!(nearest("node_12", ["node_21", "node_123", "node_3"]), Some("node_21"));
    }

    /// What both have in common at their ends changes nothing, letters that changed places included.
    #[test]
    fn ends_that_are_alike_cost_nothing() {
        let words = ["", "a", "ab", "ba", "aba", "abab", "baba", "bab", "aabb", "abba", "abcab"];
        for one in words {
            for two in words {
                let (x, y): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
                let (short, cut) = apart(&x, &y);
                let whole = letters(&x, &y, usize::MAX);
                assert_eq!(letters(short, cut, usize::MAX), whole, "{one} {two}");
            }
        }
    }
}
