//! Sizes and headers of files.

use crate::{Failure, root};
use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 800;
const LIB_LINES_MAX: usize = 80;
const TOP_LEVEL: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "editors",
    "fixtures",
    "rustfmt.toml",
    "server",
    "target",
    "tests",
];

pub(super) fn sizes() -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for file in rust_files()? {
        let lines = read(&file)?.lines().count();
        let is_lib = file.ends_with("src/lib.rs");
        let most = if is_lib { LIB_LINES_MAX } else { FILE_LINES_MAX };
        if lines > most {
            broken.push(format!("{} has {lines} lines, {most} at most", shown(&file)));
        }
    }
    Ok(broken)
}

/// Every crate root and every program opens with a paragraph on what it is.
pub(super) fn headers() -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for file in rust_files()? {
        let is_root =
            ["src/lib.rs", "src/main.rs", "build.rs"].iter().any(|end| file.ends_with(end));
        if is_root && !read(&file)?.starts_with("//! ") {
            broken.push(format!("{} opens without a paragraph on what it is", shown(&file)));
        }
    }
    Ok(broken)
}

pub(super) fn top_level() -> Result<Vec<String>, Failure> {
    let listing = fs::read_dir(root()).map_err(|error| error.to_string())?;
    Ok(listing
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .map(|name| format!("{name} is not one of the agreed names"))
        .collect())
}

fn rust_files() -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for top in ["server", "tests", "editors"] {
        collect(&root().join(top), &mut found);
    }
    match found.is_empty() {
        true => Err("no Rust file was found to tidy".to_owned()),
        false => Ok(found),
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let skipped =
            path.file_name().is_some_and(|name| name == "target" || name == "node_modules");
        if path.is_dir() && !skipped {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}
