//! The JSON Schemas of what this crate prints.

/// Of a plan.
pub const PLAN: &str = include_str!("../schemas/plan.json");

/// Of a difference.
pub const DIFF: &str = include_str!("../schemas/diff.json");
