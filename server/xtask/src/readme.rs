//! Plays the README: every `$` line of its `console` blocks is run, in order, in one folder, and
//! what it prints must be what the README says. A documentation that is wrong fails the build.

use crate::{Failure, demo, root, suite};
use std::path::Path;
use std::process::Command;

/// A command of the README with the output that stands under it.
struct Step {
    line: usize,
    command: String,
    expected: String,
}

/// Plays the walk-through with the shipped binary on a copy of the fixtures.
#[allow(clippy::print_stdout, reason = "a chore says what it did")]
pub fn run() -> Result<(), Failure> {
    let text = std::fs::read_to_string(root().join("README.md")).map_err(|e| e.to_string())?;
    let steps = steps(&text);
    if steps.is_empty() {
        return Err("README.md has no console block to play".to_owned());
    }
    let binary = demo::build()?;
    let stage = suite::target().join("readme");
    let _ = std::fs::remove_dir_all(&stage);
    demo::copy_folder(&root().join("fixtures"), &stage.join("fixtures"))?;
    demo::copy_folder(&root().join("tests/lsp"), &stage.join("tests/lsp"))?;
    for step in &steps {
        play(step, &binary, &stage)?;
    }
    println!("{} commands of README.md printed what it says", steps.len());
    Ok(())
}

fn play(step: &Step, binary: &Path, stage: &Path) -> Result<(), Failure> {
    let folder = binary.parent().unwrap_or(stage);
    let old = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {}; }} 2>&1", step.command)])
        .current_dir(stage)
        .env("PATH", format!("{}:{old}", folder.display()))
        .output()
        .map_err(|error| format!("cannot start sh: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed.trim_end() == step.expected.trim_end() {
        return Ok(());
    }
    Err(format!(
        "README.md:{}: `{}` printed\n{}\nbut the README says\n{}",
        step.line,
        step.command,
        printed.trim_end(),
        step.expected.trim_end()
    ))
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    line: number + 1,
                    command: command.to_owned(),
                    expected: String::new(),
                }),
                (None, Some(step)) => {
                    step.expected.push_str(line);
                    step.expected.push('\n');
                }
                (None, None) => {}
            },
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_their_output_are_found() {
        let text = "a\n```console\n$ one\nout\n$ two\n```\n```sh\n$ three\n```\n";
        let found = steps(text);
        let pairs: Vec<_> =
            found.iter().map(|s| (s.line, s.command.as_str(), s.expected.as_str())).collect();
        assert_eq!(pairs, [(3, "one", "out\n"), (5, "two", "")]);
    }

    #[test]
    fn a_different_output_is_named_with_its_line() {
        let step = Step { line: 7, command: "echo one".into(), expected: "two\n".into() };
        let here = root();
        let failure = play(&step, &here.join("no-binary"), &here).unwrap_err();
        assert!(failure.contains("README.md:7") && failure.contains("one"), "{failure}");
    }
}
