//! The `seeknal-lsp` program: arguments in, printed answers and exit codes out.
#![allow(clippy::disallowed_methods, reason = "the program reads files and the environment")]

mod check;
mod engine;
mod exit;
mod nodes;
mod plan;
mod render;
mod report;
mod schema;
mod show;

use clap::{Parser, Subcommand, ValueEnum};
use exit::Exit;
use seeknal_service::Choice;
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what each edit to a Seeknal pipeline project does, and carries it out.
#[derive(Parser)]
#[command(name = "seeknal-lsp", disable_version_flag = true, arg_required_else_help = true)]
#[command(after_help = Exit::table())]
struct Arguments {
    /// Print the version of this program and of the DuckDB in it
    #[arg(short = 'V', long)]
    version: bool,
    /// Serve an editor over standard input and output, the same as `lsp`
    #[arg(long)]
    stdio: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Read a project and name every fault in it at its place
    Check {
        /// The project's folder
        #[arg(default_value = ".")]
        path: PathBuf,
        /// How to print what was found
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Name every node, or those of one kind, with its file
    List {
        /// Only nodes of this kind
        kind: Option<String>,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
    },
    /// Show one node: what it reads, what reads it, its SQL
    Show {
        /// The node, as `kind.name`
        node: String,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// Take a source's defaults from this file
        #[arg(long)]
        profile: Option<PathBuf>,
        /// Take them from this environment's profile, if it has one
        #[arg(long)]
        env: Option<String>,
    },
    /// Show who reads whom
    Graph {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// How to print it
        #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
        format: GraphFormat,
    },
    /// Say what edits do: a category for each changed node, and the steps that they make necessary
    Plan {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// What to compare with: `auto`, `git:` with a revision, or a manifest
        #[arg(long, default_value = "auto")]
        against: String,
        /// How to print it
        #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
        format: PlanFormat,
        /// End with 10 when there are changes
        #[arg(long)]
        exit_code: bool,
        /// Write what the project is now to a file, to compare with later
        #[arg(long, value_name = "FILE")]
        write_manifest: Option<PathBuf>,
    },
    /// Print the JSON Schema of node files
    Schema,
    /// Bind queries for the process that started this one
    #[command(hide = true)]
    Worker,
    /// Serve an editor over standard input and output
    Lsp {
        /// What editors say to servers that speak in several ways
        #[arg(long, hide = true)]
        stdio: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// Each node with those it reads, in an order in which they can be built
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown pages that draw Mermaid
    Mermaid,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// For people
    Text,
    /// For comments on a change
    Markdown,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

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
        Some(Command::Plan { project, against, format, exit_code, write_manifest }) => {
            let (project, against) = (project.as_path(), against.as_str());
            plan::run(&plan::Asked { project, against, format, exit_code, write_manifest })
        }
        Some(Command::Schema) => {
            render::out(&schema::schema());
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
