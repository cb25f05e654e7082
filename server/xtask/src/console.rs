//! Console blocks in pages: every `$` line is run, in order, in one folder, and what it prints must be what
//! the page says. Documentation that is wrong fails the build.

use crate::Failure;
use std::path::Path;
use std::process::Command;

/// A command of a page with the output that stands under it.
pub struct Step {
    /// Where it stands.
    pub line: usize,
    /// The command.
    pub command: String,
    /// What the page says that it prints.
    pub expected: String,
}

/// Every command of a page's console blocks.
pub fn steps(text: &str) -> Vec<Step> {
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

/// What a command prints in a folder, with the programs of another one at hand.
pub fn printed(step: &Step, programs: &Path, stage: &Path) -> Result<String, Failure> {
    let old = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {}; }} 2>&1 < /dev/null", step.command)])
        .current_dir(stage)
        .env("PATH", format!("{}:{old}", programs.display()))
        .output()
        .map_err(|error| format!("cannot start sh: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, and complains where it does not print what its page says.
pub fn play(step: &Step, (page, programs): (&str, &Path), stage: &Path) -> Result<(), Failure> {
    let printed = printed(step, programs, stage)?;
    if printed.trim_end() == step.expected.trim_end() {
        return Ok(());
    }
    Err(format!(
        "{page}:{}: `{}` printed\n{}\nbut the page says\n{}",
        step.line,
        step.command,
        printed.trim_end(),
        step.expected.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;

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
        let failure = play(&step, ("README.md", &here), &here).unwrap_err();
        assert!(failure.contains("README.md:7") && failure.contains("one"), "{failure}");
    }
}
