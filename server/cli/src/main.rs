//! The `seeknal-lsp` program: arguments in, printed answers and exit codes out.
#![allow(clippy::disallowed_methods, reason = "the program reads files and the environment")]

mod arguments;
mod check;
mod diff;
mod engine;
mod exit;
mod lineage;
mod nodes;
mod plan;
mod render;
mod report;
mod schema;
mod show;
mod state;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use seeknal_analysis::lineage::Look;
use seeknal_service::Choice;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit::interruptible();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help) => {
            let _ = help.print();
            return if help.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let exit = match arguments.command {
        _ if arguments.version => version(),
        Some(Command::Check { path, format }) => check::run(&path, format),
        Some(Command::List { kind, project }) => nodes::list(&project, kind.as_deref()),
        Some(Command::Show { node, project, profile, env }) => {
            let choice = Choice { file: profile.as_deref(), environment: env.as_deref() };
            show::run(&project, &node, choice)
        }
        Some(Command::Graph { project, format }) => nodes::graph(&project, format),
        Some(Command::Lineage { point, project, up, down, depth, format }) => {
            // Neither way alone is both ways.
            let look = Look { up: up || !down, down: down || !up, depth };
            lineage::run(&project, &point, look, format)
        }
        Some(Command::Plan {
            environment,
            project,
            against,
            format,
            exit_code,
            write_manifest,
        }) => plan::run(&plan::Asked {
            project: &project,
            environment: environment.as_deref(),
            against: &against,
            format,
            exit_code,
            write_manifest,
        }),
        Some(Command::Diff { node, project, against, format }) => {
            diff::run(&project, node.as_deref(), &against, format)
        }
        Some(Command::History { project, most, format }) => state::history(&project, most, format),
        Some(Command::Verify { project, mend }) => state::verify(&project, mend),
        Some(Command::Gc { project }) => state::collect(&project),
        Some(Command::Schema { of }) => {
            render::out(&schema::schema(of));
            Exit::Done
        }
        Some(Command::Worker) => {
            seeknal_runner::work(std::io::stdin(), std::io::stdout());
            Exit::Done
        }
        Some(Command::Lsp { .. }) => serve(),
        None if arguments.stdio => serve(),
        None => Exit::Usage,
    };
    exit.into()
}

/// Serves an editor. One that leaves without saying so is one that was cut off.
fn serve() -> Exit {
    match seeknal_lsp::serve(std::io::stdin(), std::io::stdout(), engine::analyst()) {
        seeknal_lsp::End::ShutDown => Exit::Done,
        seeknal_lsp::End::CutOff => Exit::Found,
    }
}

fn version() -> Exit {
    let engine = match seeknal_runner::engine_version() {
        Ok(version) => version,
        Err(error) => format!("does not start: {error}"),
    };
    render::out(&format!("seeknal-lsp {} (DuckDB {engine})\n", env!("CARGO_PKG_VERSION")));
    Exit::Done
}
