//! Verdicts tried by execution: made-up projects are edited, old and new are carried out, and what was
//! called reusable must be what a build over the new inputs gives.
//!
//! `cargo xtask soundness --edits N --seed S [--kind K]`
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a terminal program")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a judge that breaks off has not judged"
)]

mod benchmark;
mod chance;
mod data;
mod edits;
mod judge;
mod pieces;
mod project;
mod query;
mod readers;
mod report;
mod rewrites;
mod run;
mod shrink;
mod state;
mod trial;

use judge::Wanted;
use seeknal_analysis::Memo;
use seeknal_workers::{Program, Workers};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "worker") {
        seeknal_runner::work(std::io::stdin(), std::io::stdout());
        return ExitCode::SUCCESS;
    }
    let value = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1).cloned()
    };
    let number = |name: &str, default: u64| {
        value(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let has = |name: &str| words.iter().any(|word| word == name);
    let wanted = Wanted {
        edits: number("--edits", 500),
        seed: number("--seed", 1),
        kind: value("--kind"),
        shows_needless: has("--show-needless"),
        measures_needless: has("--needless"),
        until_unsafe: has("--until-unsafe"),
    };
    if let Some(kind) = wanted.kind.as_ref().filter(|kind| !edits::kinds().contains(&kind.as_str()))
    {
        println!("there is no kind `{kind}`; those there are: {}", edits::kinds().join(" "));
        return ExitCode::from(2);
    }
    let path = std::env::current_exe().expect("this program");
    let engine = Memo::new(Workers::new(Program { path, arguments: vec!["worker".into()] }, 2));
    // What is written is read once and gone: memory is the place for it, where there is such a folder.
    let shared = std::path::Path::new("/dev/shm");
    let base = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    let folder = Folder(base.join(format!("seeknal-judge-{}", std::process::id())));
    let found = match (value("--benchmark"), value("--extensions")) {
        (Some(name), Some(from)) => {
            let much = (wanted.edits, wanted.seed);
            benchmark::judge((&name, from.as_ref()), much, &engine, &folder.0)
        }
        _ => judge::judge(&wanted, &engine, &folder.0),
    };
    println!("{found}");
    if found.unsafe_verdicts == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A folder that goes with what was written into it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
