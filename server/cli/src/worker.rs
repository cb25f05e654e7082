//! `seeknal-worker`: the process in which DuckDB runs. `seeknal-lsp` starts it, and lies beside it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program")]

use signal_hook::consts::SIGINT;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

// On Linux it serves DuckDB as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("worker") => {
            // A terminal sends Ctrl-C to both; whoever started this process ends it.
            let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
            seeknal_runner::work(std::io::stdin(), std::io::stdout());
            ExitCode::SUCCESS
        }
        Some("--version") => match seeknal_runner::engine_version() {
            Ok(version) => {
                println!("{version}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("`seeknal-lsp` starts this program; it does nothing by itself");
            ExitCode::FAILURE
        }
    }
}
