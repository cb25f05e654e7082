//! Whoever carries steps out, as those who decide what is carried out see it.
//!
//! A lane does one job after the other in a process of its own, so that what hangs can be ended and what
//! breaks breaks nothing else.

use seeknal_analysis::Column;
use std::path::PathBuf;
use std::time::Duration;

/// A table that a job may read: files that were written before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The schema it lies in, where one is said.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Its rows, in this order.
    pub files: Vec<PathBuf>,
}

/// What is made for the time of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// Its name.
    pub name: String,
    /// The query behind it.
    pub query: String,
    /// Whether it is a view.
    pub is_view: bool,
}

/// How a file is written for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// With a line of names first.
    Csv,
    /// As outputs are stored.
    Parquet,
    /// One list of objects.
    Json,
    /// An object in each line.
    Jsonl,
}

/// How much a query reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So little that one thread is enough, and then the same rows come in the same order each time.
    Small,
    /// So much that it is worth all threads.
    Large,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Reads data from outside and writes it down.
    Read {
        /// How much there is.
        size: Size,
        /// The query that reads it.
        query: String,
        /// What it yields, where somebody knows that already.
        yields: Option<Vec<Column>>,
        /// Where its rows go.
        out: PathBuf,
    },
    /// Writes what a node's query yields.
    Build {
        /// How much it reads.
        size: Size,
        /// The tables it may read.
        inputs: Vec<Input>,
        /// What is made before it.
        before: Vec<Temporary>,
        /// One SELECT.
        query: String,
        /// What it yields, where somebody knows that already.
        yields: Option<Vec<Column>>,
        /// Whether that was found out over the very columns of its inputs, so that nobody needs to look at what comes
        /// back.
        is_sure: bool,
        /// Where its rows go.
        out: PathBuf,
    },
    /// Gives the first rows of a query.
    Rows {
        /// How much it reads.
        size: Size,
        /// The tables it may read.
        inputs: Vec<Input>,
        /// What is made before it.
        before: Vec<Temporary>,
        /// One SELECT.
        query: String,
        /// How many rows at most.
        most: usize,
        /// Whether anybody wants to know its columns.
        is_typed: bool,
    },
    /// Writes rows to a file for others.
    Export {
        /// The rows, in this order.
        files: Vec<PathBuf>,
        /// How they are written.
        format: Format,
        /// Where to.
        out: PathBuf,
    },
}

/// What came of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// How many rows were written, or found where only rows were asked for.
    pub rows: u64,
    /// The columns as they come back.
    pub columns: Vec<Column>,
    /// The cells, where rows were asked for, as text.
    pub cells: Vec<Vec<Option<String>>>,
}

/// Why a job came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The engine says no, and would say it again.
    Failed(String),
    /// The engine is gone; that may pass.
    Lost(String),
    /// Whoever watches said so.
    Stopped,
}

/// What a lane may take of the machine, and see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many threads a large job may use.
    pub threads: usize,
    /// How many bytes of memory; as many as the engine finds right where it is not said.
    pub memory: Option<u64>,
    /// A folder for what does not fit into memory; it need not be there.
    pub spill: PathBuf,
    /// Files that may be read.
    pub files: Vec<PathBuf>,
    /// Folders in which may be read and written.
    pub folders: Vec<PathBuf>,
}

/// Whoever carries jobs out.
pub trait Engine: Send + Sync {
    /// A lane, or a sentence that says why there is none.
    fn lane(&self, limits: &Limits) -> Result<Box<dyn Lane>, String>;

    /// Begins to make ready for a lane that is asked for soon.
    fn warm(&self) {}

    /// The same for a lane that may be asked for within so long.
    fn warm_for(&self, _: Duration) {}

    /// Ends what was made ready and is not used.
    fn cool(&self) {}

    /// Which engine it is, with all settings that its answers depend on.
    fn name(&self) -> String;
}

/// Does one job after the other.
pub trait Lane: Send {
    /// Does a job. `watch` is told every now and then how many percent are done, where that is known, and
    /// the job is ended where it answers `false`.
    fn run(
        &mut self,
        job: &Job,
        watch: &mut dyn FnMut(Option<f64>) -> bool,
    ) -> Result<Done, Broken>;

    /// Says which job is run after the one that is run next, so that it can begin as soon as that is done. It is a
    /// help, and no more: what came of it is only said to whoever runs it.
    fn foresee(&mut self, _: &Job) {}
}
