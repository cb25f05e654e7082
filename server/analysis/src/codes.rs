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

/// Every code, in the order of the reference.
pub const ALL: &[Code] = &[SQL_SYNTAX, UNKNOWN_COLUMN, UNKNOWN_NAME, WRONG_ARGUMENTS, SQL_ERROR];
