//! DuckDB for everybody who asks: the program beside this one, which links with it.

use crate::check::unreadable;
use crate::exit::Exit;
use crate::options::WorkArguments;
use seeknal_analysis::{Binder, FileReader, Memo};
use seeknal_service::{Analyst, Hands, Kept, cache_folder};
use seeknal_workers::{Jobs, Program, Workers};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// How many queries are bound at once.
const WORKERS: usize = 2;

/// The program in which DuckDB runs; nothing where this one cannot find itself.
fn program() -> Option<Program> {
    let name = format!("seeknal-worker{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::current_exe().ok()?.with_file_name(name);
    Some(Program { path, arguments: vec!["worker".into()] })
}

/// The version of DuckDB, or why there is none.
pub(crate) fn version() -> Result<String, String> {
    let path = program().ok_or("this program cannot find itself")?.path;
    let mut call = Command::new(&path);
    let output = call.arg("--version").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", path.display()))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(said(&output.stderr)),
    }
}

/// Whoever knows the columns of nodes; nothing where this program cannot find itself.
pub(crate) fn analyst() -> Option<Arc<Analyst>> {
    let workers = Workers::new(program()?, WORKERS);
    Some(match cache_folder() {
        Some(folder) => {
            let engine = seeknal_workers::engine();
            let analyst = analyst_of(Kept::new(workers, &folder, &engine));
            Arc::new(analyst.remembering(&folder, &engine))
        }
        None => Arc::new(analyst_of(workers)),
    })
}

fn analyst_of(engine: impl Binder + FileReader + 'static) -> Analyst {
    let engine = Arc::new(Memo::new(engine));
    Analyst::new(engine.clone(), engine, WORKERS)
}

/// What commands are carried out with; nothing where this program cannot find itself.
pub(crate) fn hands() -> Option<Hands> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Some(Hands {
        engine: Arc::new(Jobs::new(program()?)),
        analyst: analyst()?,
        lanes: threads,
        threads,
        memory: most_memory(),
    })
}

/// The same as the options of a command say; how to end where it cannot be had.
pub(crate) fn hands_for(work: &WorkArguments) -> Result<Hands, Exit> {
    let mut hands = hands()
        .ok_or_else(|| unreadable("this program cannot find itself, and so cannot start DuckDB"))?;
    let lanes = work.max_workers.or(work.parallel).filter(|lanes| *lanes > 0);
    hands.lanes = lanes.unwrap_or(hands.lanes);
    hands.memory = work.memory.map(|megabytes| megabytes << 20).or(hands.memory);
    Ok(hands)
}

/// Says between nodes why nothing new is begun, if a file or a command of the user's says so.
pub(crate) fn breaker(work: &WorkArguments) -> Box<dyn Fn() -> Option<String> + Sync> {
    let (file, command) = (work.stop_file.clone(), work.stop_command.clone());
    Box::new(move || {
        let file = file.as_ref().filter(|file| file.exists());
        let command = command.as_ref().filter(|command| succeeds(command));
        let said = |what: String| format!("{what} says so");
        file.map(|file| said(file.display().to_string()))
            .or_else(|| command.map(|command| said(format!("`{command}`"))))
    })
}

/// Whether a command of the user's succeeds.
fn succeeds(command: &str) -> bool {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut call = Command::new(shell);
    call.args([flag, command]).stdin(Stdio::null());
    call.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Four fifths of the machine's memory, for all queries together; nothing where the system does not say.
fn most_memory() -> Option<u64> {
    let about = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = total.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024 / 5 * 4)
}
