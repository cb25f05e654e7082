//! The half of DuckDB's processes that everybody else sees.
//!
//! [`Workers`] bind queries and [`Jobs`] carry steps out, each in processes that are killed and replaced; what cost
//! one is remembered. The other half is the crate `runner`: a program that does without it starts in half the time.
//! It must not know: DuckDB's interface, LSP, the history of the state directory.
#![allow(clippy::disallowed_methods, reason = "this crate starts processes")]

mod engine;
mod jobs;
mod workers;

pub mod message;
pub mod words;

pub use engine::{PINNED, engine};
pub use jobs::Jobs;
pub use workers::{Program, Workers};
