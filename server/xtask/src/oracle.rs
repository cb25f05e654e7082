//! PyYAML beside our reading of YAML: documents with its answers, made anew and compared.

use crate::{Failure, cache, process, root};
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const PYYAML: &str = "6.0.3";
const FRESH_CASES: &str = "5000";
const RECORDED_SEED: &str = "20261121";
const RECORDED_CASES: &str = "1200";

/// `--record` writes the documents that plain tests use; otherwise fresh ones are compared.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    match words {
        [] => fresh(),
        ["--record"] => {
            let answers = answers(RECORDED_SEED, RECORDED_CASES)?;
            let file = root().join("fixtures/yaml/oracle.jsonl");
            fs::write(&file, answers).map_err(|error| format!("{}: {error}", file.display()))
        }
        ["--seed", seed, "--cases", cases] => compare(seed, cases),
        _ => Err("oracle takes nothing, `--record`, or `--seed S --cases N`".to_owned()),
    }
}

/// Compares documents that were never compared before.
pub fn fresh() -> Result<(), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    compare(&now.to_string(), FRESH_CASES)
}

#[allow(clippy::print_stdout, reason = "the seed is what repeats a failure")]
fn compare(seed: &str, cases: &str) -> Result<(), Failure> {
    println!("cargo xtask oracle --seed {seed} --cases {cases}");
    let file = cache().join("oracle.jsonl");
    fs::write(&file, answers(seed, cases)?).map_err(|error| error.to_string())?;
    let name = format!("SEEKNAL_ORACLE={}", file.display());
    let test = ["test", "--package", "seeknal-syntax", "--test", "oracle", "--", "--nocapture"];
    process::show("env", &[&[name.as_str(), "cargo"], test.as_slice()].concat(), &root())
}

fn answers(seed: &str, cases: &str) -> Result<String, Failure> {
    let python = python()?;
    let script = root().join("server/syntax/tests/oracle.py");
    process::read(&python.to_string_lossy(), &[&script.to_string_lossy(), seed, cases], &root())
}

/// A Python with the pinned PyYAML, in a virtual environment of its own in the cache folder.
#[allow(clippy::print_stdout, reason = "an install is said")]
fn python() -> Result<PathBuf, Failure> {
    let home = cache().join(format!("tools/pyyaml-{PYYAML}"));
    let python = home.join("bin/python");
    let probe = "import yaml, sys; sys.exit(0)";
    if process::read(&python.to_string_lossy(), &["-c", probe], &root()).is_ok() {
        return Ok(python);
    }
    println!("installing PyYAML {PYYAML} into {}", home.display());
    process::read("python3", &["-m", "venv", "--clear", &home.to_string_lossy()], &root())?;
    let package = format!("pyyaml=={PYYAML}");
    let interpreter = python.to_string_lossy().into_owned();
    process::read(&interpreter, &["-m", "pip", "install", "--quiet", &package], &root())?;
    Ok(python)
}
