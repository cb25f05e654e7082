//! `cargo xtask …`: the chores of this workspace.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program")]

use std::process::ExitCode;
use xtask::{
    Failure, corpus, demo, editors, generate, oracle, package, readme, setup, soundness, suite,
    tidy,
};

const USAGE: &str = "\
cargo xtask setup                                   fetch the prebuilt DuckDB into .duckdb/
cargo xtask demo                                    set up, build, and show the product at work
cargo xtask test                                    everything CI checks, with a table of times
cargo xtask generate-project --nodes N --seed S DIR write a made-up project with runnable data
cargo xtask oracle [--record | --seed S --cases N]  YAML values beside PyYAML's
cargo xtask corpus                                  queries of benchmarks, read as DuckDB reads them
cargo xtask soundness --edits N --seed S [--kind K] verdicts tried by execution
cargo xtask soundness --seed-faults [NAME …]        the judge tried by deliberate errors
cargo xtask editors [neovim | vscode] [--rounds N]  the whole way in a real Neovim and a real VS Code
cargo xtask package vscode                          the extension with its server as one file
cargo xtask readme                                  play the README's walk-through
cargo xtask tidy                                    edges, sizes, licences, pages";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<(), Failure> {
    match words {
        ["setup"] => setup::run(),
        ["demo"] => demo::run(),
        ["test"] => suite::run(),
        ["editors"] => editors::run(&[]),
        ["editors", rest @ ..] => editors::run(rest),
        ["package", "vscode"] => package::vscode(),
        ["readme"] => readme::run(),
        ["tidy"] => tidy::run(),
        ["corpus"] => corpus::run(),
        ["soundness", rest @ ..] => soundness::run(rest),
        ["oracle", rest @ ..] => oracle::run(rest),
        ["generate-project", "--nodes", nodes, "--seed", seed, dir] => {
            let size =
                generate::Size { nodes: number(nodes, "--nodes")?, seed: number(seed, "--seed")? };
            let written = generate::write(&size, dir.as_ref())?;
            println!("wrote {written} files with {} nodes to {dir}", size.nodes);
            Ok(())
        }
        _ => Err(format!("that is not a call of xtask; these are:\n{USAGE}")),
    }
}

fn number<N: std::str::FromStr>(word: &str, flag: &str) -> Result<N, Failure> {
    word.parse().map_err(|_| format!("{flag} takes a whole number, not `{word}`"))
}
