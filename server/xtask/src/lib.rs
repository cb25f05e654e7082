//! Sets up, tests, generates and shows the workspace.
//!
//! It depends on no crate of the workspace: it must build before DuckDB is there. What it knows
//! of the product it learns by running the product.
#![allow(clippy::disallowed_methods, reason = "this crate is the one that touches the machine")]

pub mod console;
pub mod corpus;
pub mod demo;
pub mod editors;
pub mod generate;
pub mod oracle;
pub mod package;
pub mod pages;
pub mod process;
pub mod readme;
mod seeded;
pub mod setup;
pub mod soundness;
pub mod suite;
pub mod tidy;

use std::path::PathBuf;

/// What went wrong, as one sentence for the person at the terminal.
pub type Failure = String;

/// The top folder of this workspace.
pub fn root() -> PathBuf {
    // What cargo says as it runs us counts: a binary may have been built in another checkout that
    // shares the target folder. Every package lies two folders below the root.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.ancestors().nth(2).map_or(here.clone(), PathBuf::from)
}

/// The folder outside the checkout in which downloads and tools are kept between runs.
pub fn cache() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    base.join("seeknal-lsp")
}
