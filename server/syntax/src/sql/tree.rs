//! A query as a tree with places.
//!
//! DuckDB's own parse is converted into this type, so the shapes are DuckDB's: operators are
//! bracketed as it brackets them, and a construct that it does not serialize is [`Query::Opaque`]
//! by name. Whoever matches on these types meets every construct there is.

use crate::Span;
use serde::{Deserialize, Serialize};

/// A query and its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Query {
    /// One SELECT.
    Select(Box<Select>),
    /// Two queries put together.
    Set(Box<SetOperation>),
    /// A query that reads itself.
    Recursive(Box<RecursiveCte>),
    /// What cannot be looked into, by the name of the construct.
    Opaque(Opaque),
}

/// A construct that cannot be looked into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// What it is called in SQL.
    pub construct: String,
    /// Where it stands.
    pub span: Span,
}

/// What every query may carry around its body.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Modifiers {
    /// Named subqueries, in order.
    pub ctes: Vec<Cte>,
    /// DISTINCT, alone or ON expressions.
    pub distinct: Option<Distinct>,
    /// ORDER BY.
    pub order: Vec<OrderTerm>,
    /// LIMIT and OFFSET.
    pub limit: Option<Limit>,
}

/// A named subquery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cte {
    /// Its name.
    pub name: Ident,
    /// New names for its columns.
    pub columns: Vec<String>,
    /// What it stands for.
    pub query: Query,
    /// AS MATERIALIZED or AS NOT MATERIALIZED, where said.
    pub materialized: Option<bool>,
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident {
    /// The name, without quotes.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// DISTINCT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Distinct {
    /// Over all columns.
    All,
    /// ON these expressions.
    On(Vec<Expr>),
}

/// One term of ORDER BY.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderTerm {
    /// What is ordered by.
    pub expr: Expr,
    /// Whether downwards, where said.
    pub descending: Option<bool>,
    /// Whether nulls come first, where said.
    pub nulls_first: Option<bool>,
}

/// LIMIT and OFFSET.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// How many rows, or percent of them.
    pub count: Option<Expr>,
    /// How many rows are skipped.
    pub offset: Option<Expr>,
    /// Whether the count is in percent.
    pub percent: bool,
}

/// One SELECT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Select {
    /// What stands around it.
    pub modifiers: Modifiers,
    /// What it yields.
    pub items: Vec<Expr>,
    /// What it reads; nothing for `SELECT 1`.
    pub from: Option<TableRef>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// GROUP BY.
    pub groups: Groups,
    /// HAVING.
    pub having: Option<Expr>,
    /// QUALIFY.
    pub qualify: Option<Expr>,
    /// TABLESAMPLE or USING SAMPLE, as DuckDB shows it.
    pub sample: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// GROUP BY.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Groups {
    /// The expressions.
    pub exprs: Vec<Expr>,
    /// Which of them make each grouping set, by place in `exprs`. One set for a plain GROUP BY.
    pub sets: Vec<Vec<usize>>,
    /// GROUP BY ALL.
    pub all: bool,
}

/// Two queries put together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetOperation {
    /// What stands around it.
    pub modifiers: Modifiers,
    /// How.
    pub kind: SetKind,
    /// Whether repeated rows stay.
    pub all: bool,
    /// Whether columns meet by name.
    pub by_name: bool,
    /// The first operand.
    pub left: Query,
    /// The second.
    pub right: Query,
    /// Where it stands.
    pub span: Span,
}

/// How queries are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetKind {
    /// UNION.
    Union,
    /// INTERSECT.
    Intersect,
    /// EXCEPT.
    Except,
}

/// A query that reads itself under its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecursiveCte {
    /// What stands around it.
    pub modifiers: Modifiers,
    /// The name under which it reads itself.
    pub name: String,
    /// New names for its columns.
    pub columns: Vec<String>,
    /// Whether repeated rows stay.
    pub all: bool,
    /// Where it starts.
    pub start: Query,
    /// What is repeated.
    pub step: Query,
    /// USING KEY.
    pub keys: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// What a query reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRef {
    /// What kind of thing.
    pub kind: TableKind,
    /// The name given to it.
    pub alias: Option<String>,
    /// New names for its columns.
    pub columns: Vec<String>,
    /// TABLESAMPLE, as DuckDB shows it.
    pub sample: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// What can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TableKind {
    /// A table, view or CTE by its parts.
    Named(Vec<String>),
    /// A subquery.
    Subquery(Query),
    /// A table function, with its arguments, and whether its rows are numbered.
    Function(Box<Call>, bool),
    /// VALUES.
    Values(Vec<Vec<Expr>>),
    /// Two things joined.
    Join(Box<Join>),
    /// What cannot be looked into.
    Opaque(Opaque),
}

/// Two things joined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// The left side.
    pub left: TableRef,
    /// The right side.
    pub right: TableRef,
    /// How rows meet.
    pub kind: JoinKind,
    /// Which rows meet.
    pub condition: JoinCondition,
    /// Whether it is an ASOF join.
    pub asof: bool,
}

/// How rows of two sides meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinKind {
    /// Only pairs.
    Inner,
    /// All rows of the left side.
    Left,
    /// All rows of the right side.
    Right,
    /// All rows of both.
    Full,
    /// Rows of the left side that have a match.
    Semi,
    /// Rows of the left side that have none.
    Anti,
    /// All pairs.
    Cross,
    /// First with first, second with second.
    Positional,
}

/// Which rows meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JoinCondition {
    /// Any.
    None,
    /// ON.
    On(Expr),
    /// USING.
    Using(Vec<String>),
    /// NATURAL.
    Natural,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What kind.
    pub kind: ExprKind,
    /// The name given to it where it is an output column.
    pub alias: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// A column by its parts, `["o", "amount"]`.
    Column(Vec<String>),
    /// A value with the type the engine gave it.
    Constant {
        /// The type.
        kind: String,
        /// The value as text; nothing for NULL.
        value: Option<String>,
    },
    /// A call of a function or operator; operators bear their symbol as name.
    Call(Box<Call>),
    /// A window function.
    Window(Box<Window>),
    /// AND, OR, NOT, comparisons, IN, IS NULL, COALESCE and the like, by DuckDB's name.
    Operator(String, Vec<Expr>),
    /// CAST, TRY_CAST and `::`.
    Cast {
        /// What is cast.
        inner: Box<Expr>,
        /// To which type.
        to: String,
        /// Whether failure gives NULL.
        try_cast: bool,
    },
    /// CASE, as pairs of condition and value and what is left.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    /// A subquery that gives a value.
    Subquery(Box<Subquery>),
    /// `*` and its kin.
    Star(Box<Star>),
    /// A lambda: parameters and body.
    Lambda(Box<Expr>, Box<Expr>),
    /// COLLATE.
    Collate(Box<Expr>, String),
    /// `#1`.
    Positional(u64),
    /// `?`, `$1` or `$name`.
    Parameter(String),
    /// DEFAULT.
    Default,
    /// What cannot be looked into.
    Opaque(Opaque),
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its name, lower case, with its schema where said.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// DISTINCT among the arguments.
    pub distinct: bool,
    /// FILTER (WHERE …).
    pub filter: Option<Expr>,
    /// ORDER BY among the arguments.
    pub order: Vec<OrderTerm>,
}

/// A window function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// The function.
    pub call: Call,
    /// PARTITION BY.
    pub partitions: Vec<Expr>,
    /// ORDER BY.
    pub order: Vec<OrderTerm>,
    /// The frame: start, end and exclusion, by DuckDB's names.
    pub frame: [String; 3],
    /// The expressions of the frame's start and end.
    pub bounds: [Option<Expr>; 2],
    /// IGNORE NULLS.
    pub ignore_nulls: bool,
}

/// A subquery that gives a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subquery {
    /// SCALAR, EXISTS, ANY and the like, by DuckDB's name.
    pub kind: String,
    /// What is compared with its rows.
    pub child: Option<Expr>,
    /// How it is compared.
    pub comparison: Option<String>,
    /// The query.
    pub query: Query,
}

/// `*` and its kin.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Star {
    /// `t` of `t.*`.
    pub relation: Option<String>,
    /// EXCLUDE, by the parts of each name.
    pub exclude: Vec<Vec<String>>,
    /// REPLACE, by column.
    pub replace: Vec<(String, Expr)>,
    /// RENAME, by the parts of each name.
    pub rename: Vec<(Vec<String>, String)>,
    /// Whether it is COLUMNS(…).
    pub is_columns: bool,
    /// What COLUMNS chooses by: a pattern, a list or a lambda.
    pub chosen: Option<Expr>,
}

impl Query {
    /// The place of the whole query.
    pub fn span(&self) -> Span {
        match self {
            Query::Select(select) => select.span,
            Query::Set(set) => set.span,
            Query::Recursive(recursive) => recursive.span,
            Query::Opaque(opaque) => opaque.span,
        }
    }
}
