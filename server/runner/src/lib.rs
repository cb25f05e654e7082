//! DuckDB, and the only crate that knows it.
//!
//! Queries are bound in worker processes ([`work`]), because binding can take minutes and gigabytes
//! whatever it is told, and an abort in C++ is no panic. [`Workers`] is the half that everybody else
//! sees: it kills and replaces workers and remembers what cost one. It must not know: LSP, the history
//! of the state directory.
#![allow(clippy::disallowed_methods, reason = "this crate starts processes")]

mod job;
mod jobs;
mod limits;
mod message;
mod output;
mod raw;
mod session;
mod worker;
mod workers;

pub use jobs::Jobs;
pub use session::{EngineError, Session, engine, engine_version};
pub use worker::work;
pub use workers::{Program, Workers};
