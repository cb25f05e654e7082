//! The kinds of problem that this crate finds. Each has a page in `codes/`, which is also a test.

use seeknal_syntax::{Code, Severity};

const fn code(name: &'static str) -> Code {
    Code { name, severity: Severity::Error }
}

/// SQL that DuckDB cannot read.
pub const SQL_SYNTAX: Code = code("sql-syntax");
/// A column that nothing in FROM has.
pub const UNKNOWN_COLUMN: Code = code("unknown-column");
/// A table, function or type that does not exist.
pub const UNKNOWN_NAME: Code = code("unknown-name");
/// A function or operator that does not take such arguments.
pub const WRONG_ARGUMENTS: Code = code("wrong-arguments");
/// Anything else for which DuckDB would refuse the query.
pub const SQL_ERROR: Code = code("sql-error");

/// A statement or table function that no run carries out.
pub const REFUSED_SQL: Code = code("refused-sql");
/// A declared column that the node's SQL does not yield.
pub const DECLARED_COLUMN: Code = Code { name: "declared-column", severity: Severity::Warning };
/// A declared type that is not the one that the node's SQL yields.
pub const DECLARED_TYPE: Code = Code { name: "declared-type", severity: Severity::Warning };

/// Every code, in the order of the reference.
pub const ALL: &[Code] = &[
    SQL_SYNTAX,
    UNKNOWN_COLUMN,
    UNKNOWN_NAME,
    WRONG_ARGUMENTS,
    SQL_ERROR,
    REFUSED_SQL,
    DECLARED_COLUMN,
    DECLARED_TYPE,
];
