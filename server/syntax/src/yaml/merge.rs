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
