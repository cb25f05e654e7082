//! DuckDB for everybody who asks: this very program, started again as a worker.

use crate::check::unreadable;
use crate::exit::Exit;
use crate::options::WorkArguments;
use seeknal_analysis::{Binder, FileReader, Memo};
use seeknal_runner::{Jobs, Program, Workers};
use seeknal_service::{Analyst, Crew, Event, Kept, cache_folder};
use std::sync::Arc;
use std::sync::atomic::Ordering;

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

/// All that a crew is made of.
pub(crate) struct Hands {
    engine: Jobs,
    analyst: Arc<Analyst>,
    lanes: usize,
    threads: usize,
    memory: Option<u64>,
    stop: Box<dyn Fn() -> bool + Sync>,
    breaker: Box<dyn Fn() -> Option<String> + Sync>,
}

/// Everything that work is done with; how to end where that cannot be had.
pub(crate) fn hands(work: &WorkArguments) -> Result<Hands, Exit> {
    let nobody = || unreadable("this program cannot find itself, and so cannot start DuckDB");
    let path = std::env::current_exe().map_err(|_| nobody())?;
    let analyst = analyst().ok_or_else(nobody)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let lanes = work.max_workers.or(work.parallel).filter(|lanes| *lanes > 0).unwrap_or(threads);
    let (file, command) = (work.stop_file.clone(), work.stop_command.clone());
    let breaker = move || {
        let file = file.as_ref().filter(|file| file.exists());
        let command = command.as_ref().filter(|command| succeeds(command));
        let said = |what: String| format!("{what} says so");
        file.map(|file| said(file.display().to_string()))
            .or_else(|| command.map(|command| said(format!("`{command}`"))))
    };
    let is_stopped = crate::exit::stoppable();
    Ok(Hands {
        engine: Jobs::new(Program { path, arguments: vec!["worker".into()] }),
        analyst,
        lanes,
        threads,
        memory: work.memory.map(|megabytes| megabytes << 20).or_else(most_memory),
        stop: Box::new(move || is_stopped.load(Ordering::SeqCst)),
        breaker: Box::new(breaker),
    })
}

impl Hands {
    pub(crate) fn crew<'h>(&'h self, tell: &'h (dyn Fn(Event<'_>) + Sync)) -> Crew<'h> {
        Crew {
            engine: &self.engine,
            analyst: &self.analyst,
            lanes: self.lanes,
            threads: self.threads,
            memory: self.memory,
            tell,
            stop: &*self.stop,
            breaker: &*self.breaker,
        }
    }
}

/// Whether a command of the user's succeeds.
fn succeeds(command: &str) -> bool {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut call = std::process::Command::new(shell);
    call.args([flag, command]).stdin(std::process::Stdio::null());
    call.stdout(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Four fifths of the machine's memory, for all queries together; nothing where the system does not say.
fn most_memory() -> Option<u64> {
    let about = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = total.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024 / 5 * 4)
}
