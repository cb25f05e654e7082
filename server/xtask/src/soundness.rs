//! Verdicts tried by execution, by the judge in `tests/judge`.

use crate::{Failure, corpus, process, root, seeded};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many edits a run of the suite tries.
const FRESH_EDITS: &str = "500";
/// How many edits of a benchmark's queries.
const BENCHMARK_EDITS: &str = "100";
/// How many deliberate errors a run of the suite tries to find.
const FAULTS_A_RUN: usize = 3;

/// Runs the judge with its own words, `--edits N --seed S [--kind K | --benchmark tpch|tpcds]`, or tries it with
/// `--seed-faults [--seed S] [NAME …]`.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    if let ["--seed-faults", rest @ ..] = words {
        return match rest {
            ["--seed", seed, names @ ..] => {
                let seed = seed.parse().map_err(|_| format!("a seed is a number, not `{seed}`"))?;
                seeded::run(names, seed)
            }
            names => seeded::run(names, 1),
        };
    }
    let judge = ["run", "--quiet", "--package", "seeknal-judge", "--"];
    let mut all = [judge.as_slice(), words].concat();
    let extensions = match words.contains(&"--benchmark") {
        true => corpus::extensions()?.to_string_lossy().into_owned(),
        false => String::new(),
    };
    if !extensions.is_empty() {
        all.extend(["--extensions", &extensions]);
    }
    process::show("cargo", &all, &root())
}

/// Tries edits that were never tried before, and whether the judge would see it if they were misjudged.
#[allow(clippy::print_stdout, reason = "the seed is what repeats a failure")]
pub fn fresh() -> Result<(), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = now.to_string();
    println!("cargo xtask soundness --edits {FRESH_EDITS} --seed {seed}");
    run(&["--edits", FRESH_EDITS, "--seed", &seed])?;
    println!("cargo xtask soundness --benchmark tpch --edits {BENCHMARK_EDITS} --seed {seed}");
    run(&["--benchmark", "tpch", "--edits", BENCHMARK_EDITS, "--seed", &seed])?;
    println!("cargo xtask soundness --seed-faults --seed {seed} (some of them)");
    seeded::some(FAULTS_A_RUN, now)
}
