//! SQL as text: tokens, `ref('…')` sites and names for the editor, and the tree that meaning is
//! read from.
//!
//! sqlparser gives tokens and, where it can parse, names with places. It decides no meaning: it
//! brackets everyday operators differently from DuckDB. The tree in [`tree`] is filled from
//! DuckDB's own parse by [`serialized`].

mod ctes;
mod lexicon;
mod names;
mod place;
mod refs;
pub mod serialized;
mod tokens;
pub mod tree;
pub mod walk;

pub use ctes::{Cte, cte_at, ctes};
pub use names::{Name, NameKind, names};
pub use refs::{RefSite, refs};
pub use tokens::{Token, TokenKind, depth_problem, tokens};
