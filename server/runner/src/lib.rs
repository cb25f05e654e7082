//! DuckDB, and the only crate that knows it.
//!
//! Today it opens sessions with every result-bearing setting pinned and says which engine is
//! linked. It must not know: LSP, the history of the state directory.

mod session;

pub use session::{EngineError, Session, engine_version};
