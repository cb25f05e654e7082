//! The workspace as its users meet it: projects found and read from disk, with texts that are not
//! saved yet laid over them, and what surrounds a project (profiles, `.env`).
//!
//! Reading disk is done by plain functions that a worker thread calls. The state that requests are
//! answered from is a value: a [`Snapshot`] never changes, and computing it touches no disk. It
//! must not know: LSP, the terminal, DuckDB.
#![allow(clippy::disallowed_methods, reason = "this crate reads files and the environment")]

mod analyst;
mod baseline;
pub mod carry;
mod data;
mod discover;
mod disk;
mod folders;
mod git;
mod kept;
mod live;
mod manifest;
mod overlaid;
mod parts;
mod planned;
mod remembered;
mod runs;
mod secrets;
mod seeknal;
mod shown;
mod sight;
mod state;
mod surroundings;
mod trust;
mod views;
mod work;

pub mod report;
pub mod told;

pub use analyst::{Analyst, Meaning};
pub use baseline::{Against, Baseline};
pub use discover::{home, marks_project, projects};
pub use disk::{Loaded, load, load_again, read};
pub use folders::cache_folder;
pub use kept::Kept;
pub use live::Live;
pub use manifest::manifest;
pub use overlaid::{Overlaid, Snapshot, Text};
pub use planned::Planned;
pub use report::Checked;
pub use secrets::{concealed, secrets};
pub use shown::to_be_shown;
pub use state::{State, when, who};
pub use surroundings::{Choice, profile, today, variables};
pub use trust::Trust;
pub use views::described;
pub use work::{Crew, Event, Hands, Tried};
