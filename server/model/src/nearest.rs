//! The word that was probably meant.

/// The known word that a mistyped one is nearest to, if any is near enough to be meant.
pub(crate) fn nearest<'w>(
    typed: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let allowed = (typed.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, word)| (*distance, letters(typed, word)))
        .map(|(_, word)| word)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour, upper and
/// lower case being one.
pub(crate) fn distance(one: &str, two: &str) -> usize {
    letters(&one.to_lowercase(), &two.to_lowercase())
}

fn letters(one: &str, two: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let two: Vec<char> = two.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=two.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in two.iter().enumerate() {
            let change = rows[i][j] + usize::from(a != b);
            let mut best = change.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *b && two[j - 1] == *a {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][two.len()]
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
    }
}
