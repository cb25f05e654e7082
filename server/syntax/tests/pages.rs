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

use seeknal_syntax::sql::{depth_problem, tokens};
use seeknal_syntax::{Encoding, LineIndex, Problem, codes, decode, yaml};
use std::fs;
use std::path::{Path, PathBuf};

struct Block {
    info: String,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("codes")
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(info) if !inside => {
                found.push(Block { info: info.to_owned(), text: String::new() });
                inside = true;
            }
            Some(_) => inside = false,
            None if inside => {
                let block = found.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    found
}

/// The bytes of an example. `escaped` ones write bytes as `\xE9`, `repeated` ones stand for many.
fn bytes(block: &Block) -> Vec<u8> {
    let words: Vec<&str> = block.info.split(' ').collect();
    match words.as_slice() {
        [_, "escaped"] => {
            let mut parts = block.text.split("\\x");
            let mut bytes = parts.next().unwrap().as_bytes().to_vec();
            for part in parts {
                bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
                bytes.extend(&part.as_bytes()[2..]);
            }
            bytes
        }
        [_, "repeated", count] => {
            let one = if block.text.len() > 2 { &block.text } else { block.text.trim_end() };
            one.repeat(count.parse().unwrap()).into_bytes()
        }
        _ => block.text.clone().into_bytes(),
    }
}

fn problems(block: &Block) -> (String, Vec<Problem>) {
    let decoded = decode(&bytes(block));
    let mut found = decoded.problems;
    match block.info.starts_with("sql") {
        true => found.extend(depth_problem(&tokens(&decoded.text))),
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
    let mut pages: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".md", ""))
        .collect();
    pages.sort();
    let mut names: Vec<&str> = codes::ALL.iter().map(|code| code.name).collect();
    names.sort_unstable();
    assert_eq!(pages, names);
}

#[test]
fn every_page_is_right() {
    for code in codes::ALL {
        let name = code.name;
        let page = fs::read_to_string(folder().join(format!("{name}.md"))).unwrap();
        assert!(page.starts_with(&format!("# {name}\n\n")), "{name}");
        let blocks = blocks(&page);
        let [bad, message, good] = blocks.as_slice() else {
            panic!("{name} has {} blocks", blocks.len())
        };
        let (text, found) = problems(bad);
        let messages: Vec<String> = found.iter().map(|problem| shown(&text, problem)).collect();
        assert_eq!(messages.join("\n"), message.text.trim_end(), "{name}");
        assert_eq!(found[0].code.name, name);
        let (_, left) = problems(good);
        assert!(left.is_empty(), "the good example of {name} has {left:?}");
    }
}
