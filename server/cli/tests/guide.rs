//! `tests/spec/guide.md`: the whole way from a plan to production and back, and all that could go wrong on it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::repository::Folder;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use xtask::console::{play, printed, steps};

#[test]
fn the_guide_runs_as_written() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spec/guide.md");
    let text = fs::read_to_string(&page).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_seeknal-lsp")).parent().unwrap();
    let (_folder, shop) = Folder::with_shop("");
    let steps = steps(&text);
    assert!(steps.len() > 90, "{}", steps.len());
    if std::env::var_os("SEEKNAL_WRITE").is_none() {
        for step in &steps {
            play(step, ("tests/spec/guide.md", programs), &shop).unwrap();
        }
        return;
    }
    let mut commands = steps.iter();
    let (mut written, mut inside) = (String::new(), false);
    for line in text.lines() {
        inside = line == "```console" || (inside && line != "```");
        if !inside || line == "```console" {
            let _ = writeln!(written, "{line}");
        } else if line.starts_with("$ ") {
            let out = printed(commands.next().unwrap(), programs, &shop).unwrap();
            let _ = writeln!(written, "{line}");
            written.push_str(out.trim_end());
            written.push_str(if out.trim_end().is_empty() { "" } else { "\n" });
        }
    }
    fs::write(page, written).unwrap();
}
