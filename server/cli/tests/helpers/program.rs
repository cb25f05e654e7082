//! The program as a person or a script runs it.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The exit code, and what it said on both ways.
pub(crate) fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// What a command that succeeds prints for programs.
pub(crate) fn json(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(folder, &[args, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// Replaces a text in a file below `seeknal/`, where it must stand.
pub(crate) fn edit(shop: &Path, file: &str, from: &str, to: &str) {
    let path = shop.join("seeknal").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} does not hold {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}
