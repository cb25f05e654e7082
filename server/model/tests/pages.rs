//! Every code has a page, and every page is right: its first example has the problem, with the
//! message that stands under it, and its last one has not.
#![allow(clippy::unwrap_used, reason = "a test")]

use seeknal_model::{Fault, File, Project, codes};
use seeknal_syntax::Encoding;
use std::path::Path;
use xtask::pages::{Block, Page, read};

fn pages() -> Vec<Page> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("codes")).unwrap()
}

fn project(block: &Block) -> Project {
    Project::new(block.files().iter().map(|(path, text)| File::read(path, text.as_bytes())))
}

fn shown(project: &Project, fault: &Fault) -> String {
    let file = project.file(&fault.path).unwrap();
    let place = file.lines.position(&file.text, fault.problem.span.start, Encoding::Utf32);
    let word = fault.problem.code.severity.word();
    let name = fault.path.rsplit('/').next().unwrap_or_default();
    let name = if name == "example.yml" { String::new() } else { format!("{name}:") };
    format!("{name}{}:{} {word}: {}", place.line + 1, place.column + 1, fault.problem.message)
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
        let bad = project(&page.bad);
        let found = bad.faults();
        let messages: Vec<String> = found.iter().map(|fault| shown(&bad, fault)).collect();
        assert_eq!(messages.join("\n"), page.message, "{}", page.code);
        assert!(found.iter().any(|fault| fault.problem.code.name == page.code), "{}", page.code);
        let left = project(&page.good).faults();
        assert!(left.is_empty(), "the good example of {} has {left:?}", page.code);
    }
}
