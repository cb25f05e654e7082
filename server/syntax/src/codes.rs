//! The kinds of problem that this crate finds. Each has a page in `codes/`, which is also a test.

use crate::{Code, Severity};

const fn code(name: &'static str, severity: Severity) -> Code {
    Code { name, severity }
}

/// A file that is not UTF-8 text.
pub const TEXT_ENCODING: Code = code("text-encoding", Severity::Error);
/// A file larger than a pipeline file can sensibly be.
pub const TEXT_TOO_LARGE: Code = code("text-too-large", Severity::Error);
/// Text that is not YAML.
pub const YAML_SYNTAX: Code = code("yaml-syntax", Severity::Error);
/// Collections nested past the limit.
pub const YAML_TOO_DEEP: Code = code("yaml-too-deep", Severity::Error);
/// An alias that names no earlier anchor.
pub const UNKNOWN_ALIAS: Code = code("unknown-alias", Severity::Error);
/// The same anchor twice in one document.
pub const REPEATED_ANCHOR: Code = code("repeated-anchor", Severity::Error);
/// Aliases that would multiply into too much.
pub const ALIAS_EXPANSION: Code = code("alias-expansion", Severity::Error);
/// The same key twice in one mapping.
pub const REPEATED_KEY: Code = code("repeated-key", Severity::Warning);
/// A key that is a list or a mapping.
pub const UNHASHABLE_KEY: Code = code("unhashable-key", Severity::Error);
/// A merge key whose value cannot be merged.
pub const MERGE_KEY: Code = code("merge-key", Severity::Error);
/// A plain scalar that YAML 1.1 and YAML 1.2 read differently.
pub const AMBIGUOUS_SCALAR: Code = code("ambiguous-scalar", Severity::Information);
/// A scalar that looks like a value of some type and is none.
pub const UNREADABLE_SCALAR: Code = code("unreadable-scalar", Severity::Error);
/// A tag that Seeknal's reader refuses.
pub const UNSUPPORTED_TAG: Code = code("unsupported-tag", Severity::Error);
/// SQL nested past the limit.
pub const SQL_TOO_DEEP: Code = code("sql-too-deep", Severity::Error);

/// Every code, in the order of the reference.
pub const ALL: &[Code] = &[
    TEXT_ENCODING,
    TEXT_TOO_LARGE,
    YAML_SYNTAX,
    YAML_TOO_DEEP,
    UNKNOWN_ALIAS,
    REPEATED_ANCHOR,
    ALIAS_EXPANSION,
    REPEATED_KEY,
    UNHASHABLE_KEY,
    MERGE_KEY,
    AMBIGUOUS_SCALAR,
    UNREADABLE_SCALAR,
    UNSUPPORTED_TAG,
    SQL_TOO_DEEP,
];
