//! DuckDB for everybody who asks: this very program, started again as a worker.

use seeknal_analysis::{Binder, FileReader, Memo};
use seeknal_runner::{Program, Workers};
use seeknal_service::{Analyst, Kept, cache_folder};
use std::sync::Arc;

/// How many queries are bound at once.
const WORKERS: usize = 2;

/// Whoever knows the columns of nodes; nothing where this program cannot find itself.
pub(crate) fn analyst() -> Option<Arc<Analyst>> {
    let path = std::env::current_exe().ok()?;
    let program = Program { path, arguments: vec!["worker".into()] };
    let workers = Workers::new(program, WORKERS);
    Some(match cache_folder() {
        Some(folder) => analyst_of(Kept::new(workers, &folder, &seeknal_runner::engine())),
        None => analyst_of(workers),
    })
}

fn analyst_of(engine: impl Binder + FileReader + 'static) -> Arc<Analyst> {
    let engine = Arc::new(Memo::new(engine));
    Arc::new(Analyst::new(engine.clone(), engine, WORKERS))
}
