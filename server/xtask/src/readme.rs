//! Plays the README with the shipped binary on a copy of the fixtures.

use crate::console::{play, steps};
use crate::{Failure, demo, root, suite};

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
        play(step, ("README.md", binary.parent().unwrap_or(&stage)), &stage)?;
    }
    println!("{} commands of README.md printed what it says", steps.len());
    Ok(())
}
