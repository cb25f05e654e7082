//! The `seeknal-lsp` program: arguments in, printed answers and exit codes out.
#![allow(clippy::disallowed_methods, reason = "the program reads files and the environment")]

mod arguments;
mod check;
mod confirm;
mod diff;
mod engine;
mod environments;
mod exit;
mod lineage;
mod nodes;
mod options;
mod plan;
mod progress;
mod render;
mod report;
mod rows;
mod schema;
mod show;
mod state;
mod work;

use arguments::{Arguments, Command, EnvCommand};
use clap::Parser;
use exit::Exit;
use seeknal_analysis::lineage::Look;
use seeknal_service::Choice;
use seeknal_service::carry::RunOptions;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help) => {
            let _ = help.print();
            return if help.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    match &arguments.command {
        Some(command) if command.works() => {}
        _ => exit::interruptible(),
    }
    let exit = match arguments.command {
        _ if arguments.version => version(),
        None if arguments.stdio => serve(),
        None => Exit::Usage,
        Some(command) if command.works() => worked(command),
        Some(command) => looked(command),
    };
    exit.at_once()
}

/// Commands that build or change something, or run SQL.
fn worked(command: Command) -> Exit {
    match command {
        Command::Plan { environment, options } => plan::run(environment.as_deref(), &options),
        Command::Apply { environment, options } => work::apply(&environment, &options),
        Command::Promote(options) => work::promote(&options),
        Command::Run { env, full, dry_run, yes, work } => {
            let options = RunOptions { is_full: full, is_dry: dry_run, is_confirmed: yes };
            work::run(env.as_deref(), options, work)
        }
        Command::Rollback { environment, to, dry_run, yes, work } => {
            work::rollback(&environment, to.as_deref(), (dry_run, yes), &work)
        }
        Command::Env(command) => environment(command),
        Command::Test { environment, env, work } => {
            rows::test(env.as_deref().unwrap_or(&environment), &work)
        }
        Command::Query { sql, env, project, limit, format } => {
            rows::query(&project, (&env, &sql), (limit, format))
        }
        _ => Exit::Usage,
    }
}

fn environment(command: EnvCommand) -> Exit {
    match command {
        EnvCommand::Plan { environment, options } => plan::run(Some(&environment), &options),
        EnvCommand::Apply { environment, options } => work::apply(&environment, &options),
        EnvCommand::Promote(options) => work::promote(&options),
        EnvCommand::List { project, format } => environments::list(&project, format),
        EnvCommand::Delete { environment, yes, project } => {
            environments::delete(&project, &environment, yes)
        }
        EnvCommand::Cleanup { dry_run, project } => environments::cleanup(&project, dry_run),
        EnvCommand::Pin { environment, off, project } => {
            environments::pin(&project, &environment, !off)
        }
    }
}

/// Commands that look, and serve whoever looks.
fn looked(command: Command) -> Exit {
    match command {
        Command::Check { path, format } => check::run(&path, format),
        Command::List { kind, project } => nodes::list(&project, kind.as_deref()),
        Command::Show { node, project, profile, env } => {
            let choice = Choice { file: profile.as_deref(), environment: env.as_deref() };
            show::run(&project, &node, choice)
        }
        Command::Graph { project, format } => nodes::graph(&project, format),
        Command::Lineage { point, project, up, down, depth, format } => {
            // Neither way alone is both ways.
            let look = Look { up: up || !down, down: down || !up, depth };
            lineage::run(&project, &point, look, format)
        }
        Command::Diff { node, project, against, format } => {
            diff::run(&project, node.as_deref(), &against, format)
        }
        Command::History { project, most, format } => state::history(&project, most, format),
        Command::Verify { project, mend } => state::verify(&project, mend),
        Command::Gc { project } => state::collect(&project),
        Command::Stop { project } => environments::stop(&project, true),
        Command::Start { project } => environments::stop(&project, false),
        Command::Status { project, format } => environments::status(&project, format),
        Command::Versions { node, env, project, format } => {
            environments::versions(&project, (&env, &node), format)
        }
        Command::Schema { of } => {
            render::out(&schema::schema(of));
            Exit::Done
        }
        Command::Lsp { .. } => serve(),
        _ => Exit::Usage,
    }
}

/// Serves an editor. One that leaves without saying so is one that was cut off.
fn serve() -> Exit {
    match seeknal_lsp::serve(std::io::stdin(), std::io::stdout(), engine::hands()) {
        seeknal_lsp::End::ShutDown => Exit::Done,
        seeknal_lsp::End::CutOff => Exit::Found,
    }
}

fn version() -> Exit {
    let engine = engine::version().unwrap_or_else(|why| format!("does not start: {why}"));
    render::out(&format!("seeknal-lsp {} (DuckDB {engine})\n", env!("CARGO_PKG_VERSION")));
    Exit::Done
}
