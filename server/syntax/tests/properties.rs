//! What holds for every text, tried on very many texts. Each test prints how many it tried and
//! fails when that is fewer than it promises.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

mod invariants;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

/// Pieces that YAML and SQL are made of, and what breaks them.
const PIECES: &[&str] = &[
    "kind",
    "name",
    "a",
    ": ",
    ":",
    "- ",
    "-",
    "\n",
    "\n  ",
    "\n    ",
    "  ",
    " ",
    "'",
    "''",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "|",
    ">",
    "|-\n",
    ">+\n",
    "|2\n",
    ">\n  ",
    "#",
    " # c",
    "&a ",
    "*a",
    "<<: ",
    "\t",
    "é",
    "𝄞",
    "\r\n",
    "\r",
    "\n---\n",
    "\n...\n",
    "!!str ",
    "!x ",
    "\\n",
    "\\",
    "\\x41",
    "\\uD834\\uDD1E",
    "%YAML 1.1\n",
    "? ",
    "yes",
    "012",
    "1:30",
    "2026-01-01",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "{{ x }}",
    "{{",
    "}}",
    "SELECT ",
    "ref('a.b')",
    "(",
    ")",
    "--",
    "/*",
    "*/",
    "$$",
    ";",
    "\0",
    "~",
    "=",
    "@",
    "`",
    "E'",
];

fn pieced() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Runs `check` on `cases` values of a strategy and says so.
fn try_many<S: Strategy>(name: &str, cases: u32, strategy: &S, check: impl Fn(S::Value)) {
    let ran = Cell::new(0u32);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(strategy, |value| {
        ran.set(ran.get() + 1);
        check(value);
        Ok(())
    });
    println!("{name}: {} cases", ran.get());
    result.unwrap();
    assert!(ran.get() >= cases, "{name} ran only {} of {cases}", ran.get());
}

#[test]
fn any_bytes_give_a_tree() {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    try_many("random bytes", 4000, &bytes, |bytes| invariants::bytes(&bytes));
}

#[test]
fn any_text_of_yaml_pieces_gives_a_tree() {
    try_many("yaml pieces", 100_000, &pieced(), |text| invariants::yaml(&text));
}

#[test]
fn any_text_of_sql_pieces_gives_tokens() {
    try_many("sql pieces", 8000, &pieced(), |text| invariants::sql(&text));
}

#[test]
fn any_position_goes_there_and_back() {
    try_many("positions", 4000, &pieced(), |text| invariants::positions(&text));
}

#[test]
fn every_prefix_of_every_fixture_gives_a_tree() {
    let mut tried = 0;
    for file in fixtures() {
        let text = seeknal_syntax::decode(&fs::read(&file).unwrap()).text;
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for end in ends {
            invariants::yaml(&text[..end]);
            tried += 1;
        }
        invariants::positions(&text);
        invariants::sql(&text);
    }
    println!("prefixes: {tried} cases");
    assert!(tried > 4000, "only {tried} prefixes");
}

#[test]
fn what_fuzzing_found_and_started_from_holds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut tried = 0;
    for folder in ["seeds", "findings"] {
        for file in files(&fuzz.join(folder)) {
            let bytes = fs::read(&file).unwrap();
            let target = file.parent().and_then(Path::file_name).unwrap_or_default();
            match target.to_str() {
                Some("yaml") => invariants::bytes(&bytes),
                Some("sql") => invariants::sql(&String::from_utf8_lossy(&bytes)),
                Some("positions") => invariants::positions(&String::from_utf8_lossy(&bytes)),
                other => panic!("{} belongs to no target: {other:?}", file.display()),
            }
            tried += 1;
        }
    }
    println!("seeds and findings: {tried} cases");
    assert!(tried >= 10, "only {tried} seeds and findings");
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let is_yaml =
        |file: &PathBuf| file.extension().is_some_and(|end| end == "yml" || end == "yaml");
    files(&root).into_iter().filter(is_yaml).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}
