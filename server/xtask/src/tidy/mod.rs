//! Rules that a compiler does not hold: who may depend on whom, how long a file may be, what every
//! crate and every diagnostic must bring. Each returns the sentences of what breaks it.

mod dependencies;
mod edges;
mod files;
mod metadata;

use crate::Failure;

/// A rule and what breaks it.
pub type Rule = (&'static str, fn() -> Result<Vec<String>, Failure>);

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    ("crates depend in one direction", edges::workspace),
    ("outside crates stay in their room", edges::outside),
    ("licences are known", dependencies::licences),
    ("sources are the public registry", dependencies::sources),
    ("one version of each crate", dependencies::duplicates),
    ("the chosen names have the chosen bodies", dependencies::chosen),
    ("files stay small", files::sizes),
    ("crates say what they are", files::headers),
    ("the top level holds what was agreed", files::top_level),
];

/// Checks every rule and prints what breaks one.
#[allow(clippy::print_stdout, reason = "a chore says what it found")]
pub fn run() -> Result<(), Failure> {
    let mut broken = 0;
    for (name, rule) in RULES {
        for sentence in rule()? {
            println!("{name}: {sentence}");
            broken += 1;
        }
    }
    match broken {
        0 => Ok(()),
        _ => Err(format!("{broken} things to tidy")),
    }
}
