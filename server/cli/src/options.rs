//! Options that several commands share, and the ways of printing.

use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// How a plan is made.
#[derive(Args)]
pub(crate) struct PlanArguments {
    /// The project's folder
    #[arg(long, visible_alias = "project-path", default_value = ".")]
    pub(crate) project: PathBuf,
    /// What to compare with: `auto`, `git:` with a revision, an environment, or a manifest
    #[arg(long, default_value = "auto")]
    pub(crate) against: String,
    /// After how many hours without use the environment may go
    #[arg(long, value_name = "HOURS", requires = "environment")]
    pub(crate) ttl: Option<u64>,
    /// The profile of the environment
    #[arg(long, value_name = "FILE", requires = "environment")]
    pub(crate) profile: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(crate) format: PlanFormat,
    /// End with 10 when there are changes
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Write what the project is now to a file, to compare with later
    #[arg(long, value_name = "FILE")]
    pub(crate) write_manifest: Option<PathBuf>,
}

/// How a plan is applied.
#[derive(Args)]
pub(crate) struct ApplyArguments {
    /// Only if this is the plan
    #[arg(long, value_name = "ID")]
    pub(crate) plan: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Apply what the project says now, whatever was planned
    #[arg(long)]
    pub(crate) force: bool,
    /// Read data that moved on since production was built
    #[arg(long)]
    pub(crate) refresh: bool,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}

/// How an environment is promoted.
#[derive(Args)]
pub(crate) struct PromoteArguments {
    /// The environment whose state is shown
    #[arg(required_unless_present = "resume")]
    pub(crate) from: Option<String>,
    /// The environment that shows it
    #[arg(default_value = "prod")]
    pub(crate) to: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Build on data that moved on before it is shown
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Write files for others that were not written yet
    #[arg(long)]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
}

/// How work is done.
#[derive(Args)]
pub(crate) struct WorkArguments {
    /// The project's folder
    #[arg(long, visible_alias = "project-path", default_value = ".")]
    pub(crate) project: PathBuf,
    /// How many nodes are worked on at once; as many as there are processors without it
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
    pub(crate) parallel: Option<usize>,
    /// The same
    #[arg(long, value_name = "N", hide = true)]
    pub(crate) max_workers: Option<usize>,
    /// How many megabytes of memory queries may take
    #[arg(long, value_name = "MB")]
    pub(crate) memory: Option<u64>,
    /// What always happens: a node that fails stops those that read it, and no other
    #[arg(long)]
    pub(crate) continue_on_error: bool,
    /// Begin nothing new once this file is there
    #[arg(long, value_name = "FILE")]
    pub(crate) stop_file: Option<PathBuf>,
    /// Begin nothing new once this command succeeds; it is run between nodes
    #[arg(long, value_name = "COMMAND")]
    pub(crate) stop_command: Option<String>,
    /// Say nothing but what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// How to print what happens
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

impl WorkArguments {
    /// What looks, and shows nothing of its work.
    pub(crate) fn quiet(project: &Path) -> WorkArguments {
        WorkArguments {
            project: project.to_owned(),
            parallel: None,
            max_workers: None,
            memory: None,
            continue_on_error: false,
            stop_file: None,
            stop_command: None,
            quiet: true,
            format: Format::Text,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsFormat {
    /// A table for people
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
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
