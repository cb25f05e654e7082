//! The made-up project is the same every time and has the shape it promises.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use std::collections::{BTreeMap, BTreeSet};
use xtask::generate::{File, Size, project};

fn nodes(files: &[File]) -> Vec<&File> {
    files.iter().filter(|file| file.path.starts_with("seeknal/")).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let text = |seed| -> String {
        project(&Size { nodes: 300, seed })
            .iter()
            .map(|f| format!("{}\n{}", f.path, f.text))
            .collect()
    };
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn there_are_as_many_nodes_as_asked_for_under_distinct_paths() {
    for count in [1, 2, 10, 137, 1000] {
        let files = project(&Size { nodes: count, seed: 3 });
        assert_eq!(nodes(&files).len(), count);
        let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths.len(), files.len());
    }
}

#[test]
fn all_kinds_occur_and_chains_are_deep() {
    let files = project(&Size { nodes: 1000, seed: 11 });
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut depths: BTreeMap<String, usize> = BTreeMap::new();
    for file in nodes(&files) {
        let field = |key: &str| file.text.lines().find_map(|line| line.strip_prefix(key));
        let (kind, name) = (field("kind: ").unwrap(), field("name: ").unwrap());
        *kinds.entry(kind).or_default() += 1;
        let inputs = file.text.lines().filter_map(|line| line.strip_prefix("  - ref: "));
        let depth = inputs.map(|input| depths[input] + 1).max().unwrap_or(0);
        depths.insert(format!("{kind}.{name}"), depth);
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    assert!(kinds["transform"] > 500, "{kinds:?}");
    assert!(depths.values().max().unwrap() > &5, "{:?}", depths.values().max());
}
