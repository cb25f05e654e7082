//! The state of a project: immutable objects, definitions, views and operations, and one pointer that moves.
//!
//! Everything is written beside its place, flushed, and given its name; `head` is given its name last, and
//! that is the only moment at which anything changes for anybody. A crash leaves the old state or the new
//! one, and files that nobody refers to. It must not know: YAML, SQL, DuckDB.
#![allow(clippy::disallowed_methods, reason = "this crate reads and writes files")]

mod adopt;
mod collect;
mod disk;
mod error;
mod files;
mod format;
mod layout;
mod outline;
mod packs;
mod real;
mod recent;
mod shown;
mod stage;
mod store;
mod verify;
mod view;
mod write;

pub mod faulty;

pub use adopt::adopted;
pub use collect::{Collected, Retention};
pub use disk::{About, Disk, Held, Kind};
pub use error::{Error, Result};
pub use format::{
    Effect, Environment, Failure, Node, Operation, Outcome, Part, Progress, Shown, View,
};
pub use outline::{NodeOutline, Outline, PartOutline, ViewText, Words};
pub use real::Real;
pub use shown::Ahead;
pub use stage::Stage;
pub use store::Store;
pub use verify::Found;
pub use write::{Draft, Unpublished, Who, Writer};
