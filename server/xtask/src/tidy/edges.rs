//! The direction of dependencies, as the map in `ARCHITECTURE.md` draws it.

use super::metadata::packages;
use crate::Failure;

/// Which crates of the workspace each crate may use. A crate that appears must be entered here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("seeknal-syntax", &[]),
    ("seeknal-model", &["seeknal-syntax"]),
    ("seeknal-analysis", &["seeknal-syntax", "seeknal-model"]),
    ("seeknal-ide", &["seeknal-syntax", "seeknal-model", "seeknal-analysis"]),
    ("seeknal-plan", &["seeknal-syntax", "seeknal-model", "seeknal-analysis"]),
    ("seeknal-store", &[]),
    ("seeknal-workers", &["seeknal-analysis", "seeknal-plan"]),
    ("seeknal-runner", &["seeknal-analysis", "seeknal-plan", "seeknal-workers"]),
    (
        "seeknal-service",
        &[
            "seeknal-syntax",
            "seeknal-model",
            "seeknal-analysis",
            "seeknal-ide",
            "seeknal-plan",
            "seeknal-store",
        ],
    ),
    (
        "seeknal-lsp",
        &[
            "seeknal-syntax",
            "seeknal-model",
            "seeknal-analysis",
            "seeknal-ide",
            "seeknal-plan",
            "seeknal-store",
            "seeknal-service",
        ],
    ),
    (
        "seeknal-cli",
        &[
            "seeknal-syntax",
            "seeknal-model",
            "seeknal-analysis",
            "seeknal-ide",
            "seeknal-plan",
            "seeknal-store",
            "seeknal-service",
            "seeknal-lsp",
            "seeknal-workers",
            "seeknal-runner",
        ],
    ),
    // It tries verdicts by execution, so it holds both the pure crates and the engine.
    (
        "seeknal-judge",
        &[
            "seeknal-syntax",
            "seeknal-model",
            "seeknal-analysis",
            "seeknal-workers",
            "seeknal-runner",
        ],
    ),
    ("xtask", &[]),
];

/// Outside crates that only one crate of the workspace may name.
const ROOMS: &[(&str, &str)] = &[
    ("duckdb", "seeknal-runner"),
    ("tower-lsp", "seeknal-lsp"),
    ("tokio", "seeknal-lsp"),
    ("ropey", "seeknal-lsp"),
    ("clap", "seeknal-cli"),
];

pub(super) fn workspace() -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for package in packages()?.iter().filter(|package| package.in_workspace()) {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            broken.push(format!("{} is not in the map of crates", package.name));
            continue;
        };
        let inside = |name: &str| MAY_USE.iter().any(|(known, _)| *known == name);
        for used in package.dependencies.iter().filter(|used| !used.dev && inside(&used.name)) {
            if !allowed.contains(&used.name.as_str()) {
                broken.push(format!("{} must not use {}", package.name, used.name));
            }
        }
    }
    Ok(broken)
}

pub(super) fn outside() -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for package in packages()?.iter().filter(|package| package.in_workspace()) {
        for used in package.dependencies.iter().filter(|used| !used.dev) {
            let name = used.rename.as_deref().unwrap_or(&used.name);
            if let Some((_, room)) = ROOMS.iter().find(|(known, _)| *known == name)
                && *room != package.name
            {
                broken.push(format!("{} names {name}, which belongs to {room}", package.name));
            }
        }
    }
    Ok(broken)
}
