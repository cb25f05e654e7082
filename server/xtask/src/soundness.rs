//! Verdicts tried by execution, by the judge in `tests/judge`.

use crate::{Failure, process, root};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many edits a run of the suite tries.
const FRESH_EDITS: &str = "150";

/// Runs the judge with its own words: `--edits N --seed S [--kind K]`.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let judge = ["run", "--quiet", "--package", "seeknal-judge", "--"];
    process::show("cargo", &[judge.as_slice(), words].concat(), &root())
}

/// Tries edits that were never tried before.
#[allow(clippy::print_stdout, reason = "the seed is what repeats a failure")]
pub fn fresh() -> Result<(), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = now.to_string();
    println!("cargo xtask soundness --edits {FRESH_EDITS} --seed {seed}");
    run(&["--edits", FRESH_EDITS, "--seed", &seed])
}
