//! What nodes mean, as hashes: two that mean the same have the same, however they are written.
//!
//! An identity covers what defines the values of a column, or which rows there are, all the way down to
//! the sources. What cannot be seen through is opaque: its text is its identity, and whoever reads it is
//! rebuilt with it.

mod all;
mod clauses;
mod eval;
mod expr;
mod fields;
mod from;
mod functions;
mod groups;
mod id;
mod inputs;
mod items;
mod join;
mod made;
mod meant;
mod node;
mod numbers;
mod rigid;
mod rules;
mod scope;
mod select;
mod slots;
mod sorted;
mod subquery;
mod tables;
mod tape;
mod value;
mod window;

pub(crate) use fields::{fields, keeps_history};

pub use all::{Identities, identities};
pub use clauses::Clause;
pub use eval::Bond;
pub use id::Id;
pub use meant::{ColumnIdentity, Identity};
pub use scope::{Landing, Read, Site};
pub use value::Class;
