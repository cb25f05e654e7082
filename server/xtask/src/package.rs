//! `cargo xtask package vscode`: the extension as one file, with the server and its library inside.

use crate::{Failure, demo, editors, process, root, suite};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds everything and packs it; says where it lies.
#[allow(clippy::print_stdout, reason = "a chore says what it did")]
pub fn vscode() -> Result<(), Failure> {
    let server = demo::build()?;
    editors::extension()?;
    println!("{}", packed(&server)?.display());
    Ok(())
}

/// Packs the extension that was built with a server, and gives the file.
pub(crate) fn packed(server: &Path) -> Result<PathBuf, Failure> {
    let stage = suite::target().join("vsix/stage");
    let _ = fs::remove_dir_all(&stage);
    let from = root().join("editors/vscode");
    for folder in ["dist", "syntaxes"] {
        demo::copy_folder(&from.join(folder), &stage.join(folder))?;
    }
    // What lies beside the server is what it starts, with the library of that, and nothing else.
    let beside = server.parent().unwrap_or(server);
    demo::copy_folder(beside, &stage.join("server"))?;
    let schema = process::read(&server.to_string_lossy(), &["schema", "node"], &root())?;
    write(&stage.join("schemas/node.json"), &schema)?;
    for (file, name) in [
        (from.join("package.json"), "package.json"),
        (from.join("README.md"), "README.md"),
        (root().join("CHANGELOG.md"), "CHANGELOG.md"),
        (root().join("LICENSE"), "LICENSE"),
    ] {
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        write(&stage.join(name), &text)?;
    }
    let target = target();
    let out = suite::target().join(format!("vsix/seeknal-lsp-{target}.vsix"));
    let _ = fs::remove_file(&out);
    let program = from.join("node_modules/.bin/vsce").to_string_lossy().into_owned();
    let args = ["package", "--no-dependencies", "--allow-missing-repository", "--target", &target];
    let out_text = out.to_string_lossy().into_owned();
    // It has a warning for Node 20 and a list of files to say, which matter only where it fails.
    process::read(&program, &[&args[..], &["--out", &out_text]].concat(), &stage)?;
    match out.is_file() {
        true => Ok(out),
        false => Err(format!("{} was not made", out.display())),
    }
}

/// What the editor's shops call this machine.
fn target() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(at)?;
    fs::write(path, text).map_err(at)
}
