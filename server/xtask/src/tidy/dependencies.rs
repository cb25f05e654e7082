//! What the workspace builds with: licences, where it comes from, and no crate twice unawares.

use super::metadata::packages;
use crate::{Failure, root};
use std::collections::BTreeMap;

/// Licences that may be shipped with an Apache-2.0 program. An expression passes when one of its
/// alternatives is made of these alone.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    // It asks that changes to its own files be shown, and nothing of what they are built into.
    "MPL-2.0+",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that stand in the lock file in more than one version, and why that is borne.
const TWICE: &[(&str, &str)] = &[
    ("base64", "the duckdb crate's arrow and its build script's download client differ"),
    ("embedded-io", "postcard names two of them for devices; neither is built here"),
    ("foldhash", "follows hashbrown"),
    ("getrandom", "ring and ahash below duckdb, and proptest, each have another"),
    ("hashbrown", "the duckdb crate's hashlink is a release behind indexmap"),
    ("linux-raw-sys", "follows rustix"),
    ("r-efi", "follows getrandom on a platform we do not build for"),
    (
        "rand",
        "the Python parser's table of character names is built with an older one than proptest has",
    ),
    ("rand_core", "follows rand"),
    ("rustix", "the duckdb crate's table printer is a release behind its archive reader"),
    ("syn", "derive macros are moving from 2 to 3"),
    ("windows-sys", "crates that support Windows each name their own; not built here"),
];

/// The names the project chose, the packages that carry them, and their versions.
const CHOSEN: &[(&str, &str, &str)] = &[
    ("tower-lsp", "tower-lsp-server", "^0.23"),
    ("serde_yaml", "yaml_serde", "^0.10"),
    ("duckdb", "duckdb", "=1.10505.0"),
    ("ropey", "ropey", "^1.6"),
    ("dashmap", "dashmap", "^6"),
    ("petgraph", "petgraph", "^0.8"),
    ("blake3", "blake3", "^1.8"),
    ("sqlparser", "sqlparser", "^0.63"),
    ("granit-parser", "granit-parser", "^2.1"),
];

pub(super) fn licences() -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for package in packages()? {
        let expression = package.license.unwrap_or_default();
        if !acceptable(&expression) {
            broken.push(format!("{} {} is `{expression}`", package.name, package.version));
        }
    }
    Ok(broken)
}

fn acceptable(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], "").replace('/', " OR ");
    flat.split(" OR ").any(|choice| choice.split(" AND ").all(|one| LICENCES.contains(&one.trim())))
}

pub(super) fn sources() -> Result<Vec<String>, Failure> {
    let strange = packages()?
        .into_iter()
        .filter(|package| package.source.as_ref().is_some_and(|one| !one.starts_with("registry+")));
    Ok(strange.map(|package| format!("{} comes from {:?}", package.name, package.source)).collect())
}

pub(super) fn duplicates() -> Result<Vec<String>, Failure> {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages()? {
        versions.entry(package.name).or_default().push(package.version);
    }
    versions.retain(|_, list| list.len() > 1);
    let mut broken: Vec<String> = TWICE
        .iter()
        .filter(|(name, _)| !versions.contains_key(*name))
        .map(|(name, _)| format!("{name} stands once now; take it off the list"))
        .collect();
    for (name, list) in versions {
        if !TWICE.iter().any(|(known, _)| *known == name) {
            broken.push(format!("{name} stands in versions {}", list.join(", ")));
        }
    }
    Ok(broken)
}

/// A name on the list may be absent until a crate needs it; another body or version may not.
pub(super) fn chosen() -> Result<Vec<String>, Failure> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).map_err(|e| e.to_string())?;
    let missing = |(name, ..): &&(&str, &str, &str)| {
        !manifest.lines().any(|line| line.starts_with(&format!("{name} = ")))
    };
    let mut broken: Vec<String> = CHOSEN
        .iter()
        .filter(missing)
        .map(|(name, ..)| format!("{name} is not declared in Cargo.toml"))
        .collect();
    for package in packages()?.iter().filter(|package| package.in_workspace()) {
        for used in &package.dependencies {
            let name = used.rename.as_deref().unwrap_or(&used.name);
            let Some((_, body, version)) = CHOSEN.iter().find(|(known, ..)| *known == name) else {
                continue;
            };
            if used.name != *body || used.requirement != *version {
                let found = format!("{} {}", used.name, used.requirement);
                broken.push(format!("{} builds {name} on {found}", package.name));
            }
        }
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::acceptable;

    #[test]
    fn an_expression_needs_one_acceptable_choice() {
        assert!(acceptable("MIT OR Apache-2.0"));
        assert!(acceptable("MIT/Apache-2.0"));
        assert!(acceptable("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(acceptable("GPL-3.0 OR MIT"));
        assert!(!acceptable("GPL-3.0"));
        assert!(!acceptable("MIT AND GPL-3.0"));
        assert!(!acceptable(""));
    }
}
