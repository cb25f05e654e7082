//! Every code has a page, and every page is right: its first example has the problem, with the
//! message that stands under it, and its last one has not.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use seeknal_syntax::sql::depth_problem;
use seeknal_syntax::{Encoding, LineIndex, Problem, codes, decode, yaml};
use std::path::Path;
use xtask::pages::{Block, Page, read};

fn pages() -> Vec<Page> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("codes")).unwrap()
}

fn problems(block: &Block) -> (String, Vec<Problem>) {
    let decoded = decode(&block.bytes());
    let mut found = decoded.problems;
    match block.info.starts_with("sql") {
        true => found.extend(depth_problem(&decoded.text)),
        false => found.extend(yaml::parse(&decoded.text).problems),
    }
    (decoded.text, found)
}

fn shown(text: &str, problem: &Problem) -> String {
    let place = LineIndex::new(text).position(text, problem.span.start, Encoding::Utf32);
    let word = problem.code.severity.word();
    format!("{}:{} {word}: {}", place.line + 1, place.column + 1, problem.message)
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let mut names: Vec<&str> = codes::ALL.iter().map(|code| code.name).collect();
    names.sort_unstable();
    let pages: Vec<String> = pages().into_iter().map(|page| page.code).collect();
    assert_eq!(pages, names);
}

#[test]
fn every_page_is_right() {
    for page in pages() {
        let (text, found) = problems(&page.bad);
        let messages: Vec<String> = found.iter().map(|problem| shown(&text, problem)).collect();
        assert_eq!(messages.join("\n"), page.message, "{}", page.code);
        assert_eq!(found[0].code.name, page.code);
        let (_, left) = problems(&page.good);
        assert!(left.is_empty(), "the good example of {} has {left:?}", page.code);
    }
}
