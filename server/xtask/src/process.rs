//! Runs other programs and turns what they say into one sentence.

use crate::Failure;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `program` with its output shown; an exit code other than 0 is a failure.
pub fn show(program: &str, args: &[&str], folder: &Path) -> Result<(), Failure> {
    let status = command(program, args, folder)
        .status()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{program} {}` ended with {status}", args.join(" ")))
}

/// Runs `program` and returns what it printed to its standard output.
pub fn read(program: &str, args: &[&str], folder: &Path) -> Result<String, Failure> {
    let output = command(program, args, folder)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("`{program} {}` ended with {}: {said}", args.join(" "), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(program: &str, args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args.iter().map(OsStr::new)).current_dir(folder).stdin(Stdio::null());
    command
}
