//! The clauses of a query.

use serde::{Deserialize, Serialize};

/// A clause in which something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Clause {
    /// None that could be named.
    #[default]
    None,
    /// The tables.
    From,
    /// A join as a whole.
    Join,
    /// The condition of a join.
    JoinOn,
    /// The columns that a join has in common.
    JoinUsing,
    /// The condition for rows.
    Where,
    /// What rows are put together by.
    GroupBy,
    /// The condition for groups.
    Having,
    /// The condition for what windows give.
    Qualify,
    /// The columns.
    Select,
    /// All columns of something.
    Star,
    /// What is different in each row.
    DistinctOn,
    /// What rows are sorted by.
    OrderBy,
}

impl Clause {
    /// How it is written.
    pub fn word(self) -> &'static str {
        match self {
            Clause::None => "",
            Clause::From => "FROM",
            Clause::Join => "JOIN",
            Clause::JoinOn => "JOIN ON",
            Clause::JoinUsing => "JOIN USING",
            Clause::Where => "WHERE",
            Clause::GroupBy => "GROUP BY",
            Clause::Having => "HAVING",
            Clause::Qualify => "QUALIFY",
            Clause::Select => "SELECT",
            Clause::Star => "SELECT *",
            Clause::DistinctOn => "DISTINCT ON",
            Clause::OrderBy => "ORDER BY",
        }
    }
}
