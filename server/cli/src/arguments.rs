//! What can be asked of the program.

use crate::exit::Exit;
use crate::options::{
    ApplyArguments, Format, GraphFormat, LineageFormat, PlanArguments, PromoteArguments,
    RowsFormat, SchemaOf, WorkArguments,
};
use clap::{Parser, Subcommand};
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
        /// The environment that is planned, against production; without it nothing is kept
        environment: Option<String>,
        #[command(flatten)]
        options: PlanArguments,
    },
    /// Carry out the plan of an environment
    Apply {
        /// The environment
        environment: String,
        #[command(flatten)]
        options: ApplyArguments,
    },
    /// Show in production, or in another environment, what an environment shows
    Promote(PromoteArguments),
    /// Bring production up to date with the project and its data
    Run {
        /// Apply the plan of this environment instead, as `apply` does
        #[arg(long)]
        env: Option<String>,
        /// Make everything again
        #[arg(long, short)]
        full: bool,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Go on though something breaks or data would be lost
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        work: WorkArguments,
    },
    /// Show again what an environment showed before
    Rollback {
        /// The environment
        #[arg(default_value = "prod")]
        environment: String,
        /// What it showed after an operation: `v` with its number, its id, or the id of the view
        #[arg(long, value_name = "ID")]
        to: Option<String>,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        work: WorkArguments,
    },
    /// Environments: planned, applied and promoted, listed and removed
    #[command(subcommand)]
    Env(EnvCommand),
    /// Let nothing new begin in this project, whoever runs it, until `start`
    Stop {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
    },
    /// Let work go on after `stop`
    Start {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
    },
    /// Say what every environment shows, and what is still to be done outside
    Status {
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Say what an environment showed of a node, and since when
    Versions {
        /// The node, as `kind.name`
        node: String,
        /// The environment
        #[arg(long, default_value = "prod")]
        env: String,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Try every rule and audit over what an environment shows
    Test {
        /// The environment
        #[arg(default_value = "prod")]
        environment: String,
        /// The same, as an option
        #[arg(long, conflicts_with = "environment")]
        env: Option<String>,
        #[command(flatten)]
        work: WorkArguments,
    },
    /// Ask a question in SQL over what an environment shows
    Query {
        /// One SELECT; outputs are tables called `kind.name`
        sql: String,
        /// The environment
        #[arg(long, default_value = "prod")]
        env: String,
        /// The project's folder
        #[arg(long, default_value = ".")]
        project: PathBuf,
        /// How many rows at most
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
        /// How to print it
        #[arg(long, value_enum, default_value_t = RowsFormat::Text)]
        format: RowsFormat,
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
    /// Serve an editor over standard input and output
    Lsp {
        /// What editors say to servers that speak in several ways
        #[arg(long, hide = true)]
        stdio: bool,
    },
}

impl Command {
    /// Whether it runs SQL of the project or publishes something, and so ends in good order when it is
    /// interrupted.
    pub(crate) fn works(&self) -> bool {
        use Command::{Apply, Env, Plan, Promote, Query, Rollback, Run, Test};
        matches!(
            self,
            Apply { .. }
                | Env(_)
                | Plan { .. }
                | Promote(_)
                | Query { .. }
                | Rollback { .. }
                | Run { .. }
                | Test { .. }
        )
    }
}

/// Commands for environments; most have a shorter name as well.
#[derive(Subcommand)]
pub(crate) enum EnvCommand {
    /// The same as `plan ENV`
    Plan {
        /// The environment
        environment: String,
        #[command(flatten)]
        options: PlanArguments,
    },
    /// The same as `apply ENV`
    Apply {
        /// The environment
        environment: String,
        #[command(flatten)]
        options: ApplyArguments,
    },
    /// The same as `promote`
    Promote(PromoteArguments),
    /// Every environment with how far it is
    List {
        /// The project's folder
        #[arg(long, visible_alias = "project-path", default_value = ".")]
        project: PathBuf,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Remove an environment
    Delete {
        /// The environment
        environment: String,
        /// Do not ask
        #[arg(long, short, visible_alias = "force")]
        yes: bool,
        /// The project's folder
        #[arg(long, visible_alias = "project-path", default_value = ".")]
        project: PathBuf,
    },
    /// Remove every environment that was not used for as long as it may stay
    Cleanup {
        /// Say which, and remove none
        #[arg(long)]
        dry_run: bool,
        /// The project's folder
        #[arg(long, visible_alias = "project-path", default_value = ".")]
        project: PathBuf,
    },
    /// Let an environment stay however long it is not used
    Pin {
        /// The environment
        environment: String,
        /// Not any more
        #[arg(long)]
        off: bool,
        /// The project's folder
        #[arg(long, visible_alias = "project-path", default_value = ".")]
        project: PathBuf,
    },
}
