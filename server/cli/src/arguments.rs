//! What can be asked of the program.

use crate::exit::Exit;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Says what each edit to a Seeknal pipeline project does, and carries it out.
#[derive(Parser)]
#[command(name = "seeknal-lsp", disable_version_flag = true, arg_required_else_help = true)]
#[command(after_help = Exit::table())]
pub(crate) struct Arguments {
    /// Print the version of this program and of the DuckDB in it
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    /// Serve an editor over standard input and output, the same as `lsp`
    #[arg(long)]
    pub(crate) stdio: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
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
    /// Show where a node or a column comes from, and everything that is made of it
    Lineage {
        /// The node, as `kind.name`, or one of its columns, as `kind.name.column`
        point: String,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// Only what it comes from
        #[arg(long)]
        up: bool,
        /// Only what is made of it
        #[arg(long)]
        down: bool,
        /// How many nodes far
        #[arg(long, value_name = "N")]
        depth: Option<usize>,
        /// How to print it
        #[arg(long, value_enum, default_value_t = LineageFormat::Text)]
        format: LineageFormat,
    },
    /// Say what edits do: a category for each changed node, and the steps that they make necessary
    Plan {
        /// The environment that is planned; production without it
        environment: Option<String>,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// What to compare with: `auto`, `git:` with a revision, an environment, or a manifest
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
    /// Show what nodes say now beside what they said: column by column, key by key, line by line
    Diff {
        /// The node, as `kind.name`; every changed one without it
        node: Option<String>,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// What to compare with: `auto`, `git:` with a revision, an environment, or a manifest
        #[arg(long, default_value = "auto")]
        against: String,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Say what was done to a project's state, the newest first
    History {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// How many operations
        #[arg(long, value_name = "N", default_value_t = 20)]
        most: usize,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read everything that environments show, and say what is not as it was written
    Verify {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// Put aside what is not, so that it is made again
        #[arg(long)]
        mend: bool,
    },
    /// Remove outputs and states that nobody can come back to; `retention` in the project file says which stay
    Gc {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
    },
    /// Print the JSON Schema of node files, or of what commands print as JSON
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = SchemaOf::Node)]
        of: SchemaOf,
    },
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
pub(crate) enum GraphFormat {
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
pub(crate) enum LineageFormat {
    /// For people
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown pages that draw Mermaid
    Mermaid,
    /// A picture
    Svg,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// For comments on a change
    Markdown,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Files that declare nodes
    Node,
    /// `plan --format json`
    Plan,
    /// `diff --format json`
    Diff,
    /// `lineage --format json`
    Lineage,
}
