//! Asking before production changes or something is removed.

use crate::exit::Exit;
use crate::render;
use std::io::{IsTerminal, stdin};

/// Whether somebody agrees. Where nobody can be asked, only `--yes` does.
pub(crate) fn confirmed(question: &str, is_said: bool) -> Result<bool, Exit> {
    if is_said {
        return Ok(true);
    }
    if !stdin().is_terminal() {
        render::err("refused: nobody is there to be asked; `--yes` says so beforehand\n");
        return Err(Exit::Refused);
    }
    render::err(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let _ = stdin().read_line(&mut answer);
    let is_yes = ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
    if !is_yes {
        render::err("Nothing was changed.\n");
    }
    Ok(is_yes)
}
