//! A project as typed nodes: what its files declare, how nodes read each other, what is wrong.
//!
//! It takes texts with their paths and returns values. A [`Project`] is cheap to clone and is
//! changed file by file; a file that did not change keeps its nodes. It must not know: time,
//! history, files on disk.

mod by_node;
mod common;
mod cycle;
mod environment;
mod faults;
mod file;
mod forms;
mod graph;
mod kept;
mod lower;
pub mod names;
mod nearest;
mod needs;
mod node;
mod parameters;
mod profile;
mod project;
mod python;
mod python_depth;
mod reach;
mod same;
mod settings;
mod sql_names;
mod validate;
mod variables;

pub mod codes;
pub mod kinds;
pub mod reference;
pub mod table;

pub use by_node::ByNode;
pub use common::CommonValue;
pub use environment::Environment;
pub use file::{FOLDERS, File, Role, role, settings_fields};
pub use graph::{Edge, Graph};
pub use node::{Body, Node, NodeId, NodeMap, NodeSet, Origin, Reference, Sql};
pub use parameters::{Meaning, Surroundings, is_decided_by_run};
pub use profile::{Param, Profile, SECRET_WORDS, Unset};
pub use project::{Fault, Project};
pub use reach::Reach;
pub use same::Same;
pub use settings::Settings;
pub use variables::Variables;
