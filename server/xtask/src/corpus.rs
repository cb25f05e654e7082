//! The queries of two benchmarks, read and bound as DuckDB would.
//!
//! They come with extensions of DuckDB, which PyPI has as wheels. DuckDB checks their signatures when
//! it loads them.

use crate::{Failure, cache, process, root};
use std::fs;
use std::path::{Path, PathBuf};

const RELEASE: &str = "1.5.5";
const NAMES: [&str; 2] = ["tpch", "tpcds"];

/// Fetches the extensions and runs the test that needs them.
pub fn run() -> Result<(), Failure> {
    let name = format!("SEEKNAL_EXTENSIONS={}", extensions()?.display());
    let test = ["test", "--quiet", "--package", "seeknal-cli", "--test", "corpus", "--"];
    let words =
        [&[name.as_str(), "cargo"], test.as_slice(), &["--ignored", "--nocapture"]].concat();
    process::show("env", &words, &root())
}

/// The folder with both extensions, after fetching those that are not there.
pub(crate) fn extensions() -> Result<PathBuf, Failure> {
    let home = cache().join(format!("tools/duckdb-extensions-{RELEASE}"));
    for name in NAMES {
        let file = home.join(format!("{name}.duckdb_extension"));
        if !file.is_file() {
            fetch(name, &home, &file)?;
        }
    }
    Ok(home)
}

/// Unpacks beside the target and renames, so that a broken run leaves no half an extension.
#[allow(clippy::print_stdout, reason = "a download is said")]
fn fetch(name: &str, home: &Path, file: &Path) -> Result<(), Failure> {
    println!("fetching {name} {RELEASE} into {}", home.display());
    let fresh = home.join(format!("{name}.unpacking"));
    fs::create_dir_all(&fresh).map_err(|error| format!("{}: {error}", fresh.display()))?;
    let venv = home.join("venv");
    process::read("python3", &["-m", "venv", "--clear", &venv.to_string_lossy()], &root())?;
    let python = venv.join("bin/python");
    let package = format!("duckdb-extension-{name}=={RELEASE}");
    let target = fresh.to_string_lossy();
    let words = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", &target, &package];
    process::read(&python.to_string_lossy(), &words, &root())?;
    let folder = format!("duckdb_extension_{name}/extensions/v{RELEASE}");
    let found = fresh.join(folder).join(format!("{name}.duckdb_extension"));
    fs::rename(&found, file).map_err(|error| format!("{}: {error}", found.display()))?;
    fs::remove_dir_all(&fresh).map_err(|error| format!("{}: {error}", fresh.display()))
}
