//! DuckDB, and the only crate that knows it.
//!
//! Queries are bound and jobs are done in processes of their own ([`work`]), because binding can take minutes and
//! gigabytes whatever it is told, and an abort in C++ is no panic. Whoever asks them links with nothing of this: that
//! half is the crate `workers`. It must not know: LSP, the history of the state directory.
#![allow(clippy::disallowed_methods, reason = "this crate reads and writes files")]

mod job;
mod limits;
mod output;
mod raw;
mod reading;
mod session;
mod worker;

pub use session::{EngineError, Session, engine_version};
pub use worker::work;
