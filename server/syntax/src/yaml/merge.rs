//! Mappings with their merge keys resolved.

use super::tree::{Entry, Node, NodeKind, Style};
use super::value::{Value, construct};
use std::collections::HashMap;

/// The entries of a mapping by key, in the order in which Python keeps them.
pub type Merged<'n> = Vec<(Value, &'n Entry)>;

/// The entries of a mapping, those of merged mappings first; a later entry of the same key takes
/// the place of an earlier one. Entries whose key is no scalar are left out. Anything but a
/// mapping has no entries.
pub fn merged(node: &Node) -> Merged<'_> {
    let mut found: Merged<'_> = Vec::new();
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for entry in flat(node) {
        let key = construct(&entry.key);
        if !key.can_be_key() {
            continue;
        }
        let places = places.entry(key.bucket()).or_default();
        let same = |at: &&usize| found.get(**at).is_some_and(|(known, _)| known.same_key(&key));
        match places.iter().find(same).copied() {
            Some(at) => {
                if let Some(known) = found.get_mut(at) {
                    known.1 = entry;
                }
            }
            None => {
                places.push(found.len());
                found.push((key, entry));
            }
        }
    }
    found
}

/// The entry of a key that is a text: what [`merged`] has under it, without making all of it.
pub fn find<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    let entries = node.entries()?;
    let is_meant = |entry: &&Entry| {
        let word = entry.key.scalar().is_some_and(|scalar| scalar.text == key);
        word && !is_merge(&entry.key) && construct(&entry.key) == Value::Text(key.to_owned())
    };
    // A mapping's own entries count more than merged ones, and later ones more than earlier ones.
    if let Some(own) = entries.iter().rev().find(is_meant) {
        return Some(own);
    }
    if !entries.iter().any(|entry| is_merge(&entry.key)) {
        return None;
    }
    let wanted = Value::Text(key.to_owned());
    merged(node).into_iter().find(|(known, _)| *known == wanted).map(|(_, entry)| entry)
}

/// All entries, those to be merged before the mapping's own.
fn flat(node: &Node) -> Vec<&Entry> {
    let Some(entries) = node.entries() else { return Vec::new() };
    let mut merged = Vec::new();
    for entry in entries.iter().filter(|entry| is_merge(&entry.key)) {
        match entry.value.target().map(|target| &target.kind) {
            Some(NodeKind::Mapping(_)) => merged.extend(flat(&entry.value)),
            Some(NodeKind::Sequence(items)) => {
                merged.extend(items.iter().rev().flat_map(|item| flat(item)));
            }
            _ => {}
        }
    }
    merged.extend(entries.iter().filter(|entry| !is_merge(&entry.key)));
    merged
}

/// Whether a key is the merge key: `<<` without quotes.
pub(super) fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar(scalar)
        if scalar.style == Style::Plain && scalar.text == "<<" && key.tag.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        /// One entry is found as it is found among all.
        #[test]
        fn one_is_found_as_among_all(
            lines in prop::collection::vec("(a|'a'|b|1|'1'|yes|!!str 1|<<): (1|\\*m|\\[\\*m, \\*n\\]|x)", 0..6),
        ) {
            let text = format!("m: &m {{a: 1, c: 2}}\nn: &n {{b: 3, '1': 4}}\n{}\n", lines.join("\n"));
            let tree = parse(&text);
            for root in tree.documents.iter().filter_map(|document| document.root.as_deref()) {
                for key in ["a", "b", "c", "1", "yes", "m", "<<", "none"] {
                    let wanted = Value::Text(key.to_owned());
                    let all = merged(root);
                    let among = all.iter().find(|(known, _)| *known == wanted).map(|(_, entry)| *entry);
                    let one = find(root, key);
                    prop_assert_eq!(one.map(|one| one.value.span), among.map(|one| one.value.span), "{} {}", key, text);
                }
            }
        }
    }
}
