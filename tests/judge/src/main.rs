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

mod chance;
mod edits;
mod judge;
mod query;
mod readers;
mod report;
mod run;
mod trial;

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
    let edits = number("--edits", 500);
    let seed = number("--seed", 1);
    let found = judge::judge(edits, seed, value("--kind").as_deref());
    println!("{found}");
    if found.unsafe_verdicts == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
