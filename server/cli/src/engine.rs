//! DuckDB for everybody who asks: this very program, started again as a worker.

use seeknal_analysis::Memo;
use seeknal_runner::{Program, Workers};
use seeknal_service::Analyst;
use std::sync::Arc;

/// How many queries are bound at once.
const WORKERS: usize = 2;

/// Whoever knows the columns of nodes; nothing where this program cannot find itself.
pub(crate) fn analyst() -> Option<Arc<Analyst>> {
    let path = std::env::current_exe().ok()?;
    let program = Program { path, arguments: vec!["worker".into()] };
    let workers = Arc::new(Memo::new(Workers::new(program, WORKERS)));
    Some(Arc::new(Analyst::new(workers.clone(), workers, WORKERS)))
}
