//! `cargo xtask test`: everything CI checks, part by part, and a table of what each cost.

use crate::{
    Failure, cache, corpus, demo, editors, oracle, process, readme, root, setup, soundness,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const COLD_BUDGET: Duration = Duration::from_secs(25 * 60);
const WARM_BUDGET: Duration = Duration::from_secs(8 * 60);
const FUZZ_SECONDS: &str = "20";
const FUZZ_VERSION: &str = "0.13.2";

struct Part {
    name: &'static str,
    run: fn() -> Result<(), Failure>,
}

const PARTS: &[Part] = &[
    Part { name: "setup", run: setup::run },
    Part { name: "format", run: format },
    Part { name: "lints", run: lints },
    Part { name: "tests", run: tests },
    Part { name: "yaml oracle", run: oracle::fresh },
    Part { name: "corpus", run: corpus::run },
    Part { name: "soundness", run: soundness::fresh },
    Part { name: "fuzz", run: fuzz },
    Part { name: "demo", run: demo::run },
    Part { name: "readme", run: readme::run },
    Part { name: "editors", run: editors::fresh },
];

/// Runs every part in order; the first failure ends the run after the table is printed.
#[allow(clippy::print_stdout, reason = "the table is the result")]
pub fn run() -> Result<(), Failure> {
    let marker = target().join("seeknal-suite-passed");
    let warm = marker.is_file();
    let start = Instant::now();
    let mut rows = Vec::new();
    let mut failure = None;
    for part in PARTS {
        println!("== {}", part.name);
        let begun = Instant::now();
        let result = (part.run)();
        rows.push((part.name, begun.elapsed(), result.is_ok()));
        if let Err(sentence) = result {
            failure = Some(format!("{}: {sentence}", part.name));
            break;
        }
    }
    println!("\n{:<14} {:>8}  result", "part", "seconds");
    for (name, spent, passed) in rows {
        let result = if passed { "passed" } else { "failed" };
        println!("{name:<14} {:>8.1}  {result}", spent.as_secs_f64());
    }
    let (kind, budget) = if warm { ("warm", WARM_BUDGET) } else { ("cold", COLD_BUDGET) };
    let (spent, budget) = (start.elapsed().as_secs_f64(), budget.as_secs());
    println!("{:<14} {spent:>8.1}  of {budget} ({kind})", "total");
    if let Some(failure) = failure {
        return Err(failure);
    }
    std::fs::write(&marker, "").map_err(|error| format!("{}: {error}", marker.display()))
}

/// The folder cargo builds into, as it tells itself.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn cargo(args: &[&str]) -> Result<(), Failure> {
    process::show("cargo", args, &root())
}

fn format() -> Result<(), Failure> {
    cargo(&["fmt", "--all", "--check"])
}

fn lints() -> Result<(), Failure> {
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn tests() -> Result<(), Failure> {
    // Tests make repositories, as users have them.
    if process::read("git", &["--version"], &root()).is_err() {
        editors::debian(&["git"])?;
    }
    cargo(&["test", "--workspace"])
}

/// Runs each fuzz target for a while from its committed seeds. A finding is a failure; its input
/// is printed by the fuzzer and belongs into `findings/`, where a plain test replays it.
fn fuzz() -> Result<(), Failure> {
    let tool = fuzz_tool()?;
    let folder = root().join("server/syntax/fuzz");
    for target in fuzz_targets(&folder)? {
        // What earlier runs found worth keeping, outside the checkout.
        let corpus = target_for_fuzz().join("corpus").join(&target);
        std::fs::create_dir_all(&corpus).map_err(|error| error.to_string())?;
        let time = format!("-max_total_time={FUZZ_SECONDS}");
        let corpus = corpus.to_string_lossy();
        let seeds = folder.join("seeds").join(&target);
        let seeds = seeds.to_string_lossy();
        let fuzz_dir = folder.to_string_lossy();
        let build = target_for_fuzz();
        let build = build.to_string_lossy();
        process::show(
            &tool.to_string_lossy(),
            &[
                "run",
                "--sanitizer",
                "none",
                "--fuzz-dir",
                &fuzz_dir,
                "--target-dir",
                &build,
                &target,
                &corpus,
                &seeds,
                "--",
                &time,
                "-max_len=4096",
                "-timeout=10",
                "-verbosity=0",
                "-print_final_stats=1",
            ],
            &root(),
        )?;
    }
    Ok(())
}

fn target_for_fuzz() -> PathBuf {
    target().join("fuzz")
}

fn fuzz_targets(folder: &Path) -> Result<Vec<String>, Failure> {
    let listing = std::fs::read_dir(folder.join("fuzz_targets"))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = listing
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(format!("{} holds no fuzz target", folder.display()));
    }
    Ok(names)
}

/// `cargo-fuzz` of the pinned version, installed into the cache folder when it is not there.
#[allow(clippy::print_stdout, reason = "an install is said")]
fn fuzz_tool() -> Result<PathBuf, Failure> {
    let home = cache().join(format!("tools/cargo-fuzz-{FUZZ_VERSION}"));
    let tool = home.join("bin/cargo-fuzz");
    if !tool.is_file() {
        println!("installing cargo-fuzz {FUZZ_VERSION} into {}", home.display());
        let home = home.to_string_lossy();
        cargo(&[
            "install",
            "--quiet",
            "--locked",
            "--root",
            &home,
            "cargo-fuzz",
            "--version",
            FUZZ_VERSION,
        ])?;
    }
    Ok(tool)
}
