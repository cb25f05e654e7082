//! The process in which jobs are done: it reads and writes in the folders that it was started with, and
//! nowhere else.
//!
//! Settings alone do not confine SQL, so a node's own text must first be shown by DuckDB's parse to be one
//! SELECT over the tables that it was given.

use crate::output::{copy, copy_known};
use crate::raw::{Beside, Gauge, Raw};
use crate::reading::harm;
use crate::session::EngineError;
use crate::worker::quoted;
use seeknal_analysis::{Answer, Column, is_plain, stored as kept_as};
use seeknal_plan::engine::{Done, Format, Input, Job, Limits, Size, Temporary};
use seeknal_workers::message;
use seeknal_workers::words::{done_json, read_job, read_limits};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often it is told how far a job is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Queries are nested as deep as DuckDB lets them be, and their trees are read by descending.
const STACK_BYTES: usize = 32 << 20;

/// Does jobs until there are no more.
pub(crate) fn serve(
    limits: &Value,
    Opened { raw, reader }: Opened,
    mut from: impl Read + Send,
    to: impl Write + Send,
) {
    let to = Mutex::new(to);
    let say = |message: &Value| message::write(&mut *locked(&to), message).is_ok();
    let Some(limits) = read_limits(limits) else { return };
    let Ok(narrow) = Hands::of(raw, &limits, 1) else { return };
    // What all threads are for comes seldom.
    let mut wide: Option<Hands> = None;
    if !say(&json!({ "ready": true })) {
        return;
    }
    let (hand_over, jobs) = sync_channel(1);
    let watched = Watched::default();
    thread::scope(|scope| {
        // The next job is looked at while one is done.
        let look = move || {
            while let Some(job) = message::read(&mut from).and_then(|job| read_job(&job)) {
                let harm = harm_in(&reader, &job);
                if hand_over.send((job, harm)).is_err() {
                    return;
                }
            }
        };
        if thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, look).is_err() {
            return;
        }
        let teller = scope.spawn(|| watched.tell(&say));
        for (job, harm) in jobs {
            let hands = match (size(&job), limits.threads) {
                (Size::Small, _) | (_, 0 | 1) => &narrow,
                (Size::Large, threads) => {
                    match wide.take().map_or_else(|| Hands::of(Raw::open()?, &limits, threads), Ok)
                    {
                        Ok(hands) => &*wide.insert(hands),
                        Err(_) => &narrow,
                    }
                }
            };
            let answer = match harm.and_then(|why| still(&narrow, &job, why)) {
                Some(why) => json!({ "failed": format!("this is not run: {why}") }),
                None => answer(hands, &job, &watched),
            };
            if !say(&answer) {
                break;
            }
        }
        watched.is_over.store(true, Ordering::SeqCst);
        teller.thread().unpark();
    });
}

/// Why the text of a job is not run, asked once more: what was asked beside a job that takes all the memory there is may
/// not have been answered.
fn still(hands: &Hands, job: &Job, why: String) -> Option<String> {
    let Ok(reader) = hands.raw.beside() else { return Some(why) };
    thread::scope(|scope| {
        let again = move || harm_in(&reader, job);
        match thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, again) {
            Ok(asked) => asked.join().unwrap_or(Some(why)),
            Err(_) => Some(why),
        }
    })
}

/// The job that is done, for those who say how far it is.
#[derive(Default)]
struct Watched {
    job: Mutex<Option<Gauge>>,
    is_over: AtomicBool,
}

impl Watched {
    /// Says how far jobs are, for as long as there are any. To start a thread for each takes as long as a tenth of a
    /// small query.
    fn tell(&self, say: &impl Fn(&Value) -> bool) {
        while !self.is_over.load(Ordering::SeqCst) {
            thread::park_timeout(TELL_EVERY);
            // What is said of a job comes before its answer, which waits for this.
            let job = locked(&self.job);
            if let Some(percent) = job.as_ref().and_then(Gauge::percent) {
                say(&json!({ "percent": percent }));
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does a job, of which others say meanwhile how far it is.
fn answer(hands: &Hands, job: &Job, watched: &Watched) -> Value {
    *locked(&watched.job) = Some(hands.raw.gauge());
    let answer = hands.done(job);
    *locked(&watched.job) = None;
    match answer {
        Ok(done) => done_json(&done),
        Err(error) => json!({ "failed": error.to_string() }),
    }
}

/// Why the text of a job is not run: each query must be one SELECT that reads nothing but the tables of the job and
/// what was made before it.
fn harm_in(reader: &Beside, job: &Job) -> Option<String> {
    let (Job::Build { inputs, before, query, .. } | Job::Rows { inputs, before, query, .. }) = job
    else {
        return None;
    };
    let mut names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    for made in before {
        if let Some(why) = harm_of(reader, &made.query, &names) {
            return Some(why);
        }
        names.push(&made.name);
    }
    harm_of(reader, query, &names)
}

fn harm_of(reader: &Beside, query: &str, names: &[&str]) -> Option<String> {
    match harm(reader, query, names) {
        Ok(harm) => harm,
        Err(Answer::Wrong(wrong)) => Some(wrong.message),
        Err(Answer::Unknown(reason)) => Some(reason),
        Err(Answer::Columns(_)) => None,
    }
}

/// What takes time to open, and needs nothing to be said before.
pub(crate) struct Opened {
    raw: Raw,
    /// It only reads queries.
    reader: Beside,
}

impl Opened {
    pub(crate) fn open() -> Result<Opened, EngineError> {
        let raw = Raw::open()?;
        let reader = raw.beside()?;
        // What is asked of it takes half the time without.
        reader.execute_batch("PRAGMA disable_optimizer")?;
        Ok(Opened { raw, reader })
    }
}

/// An engine that may touch what its limits allow.
struct Hands {
    raw: Raw,
}

fn size(job: &Job) -> Size {
    match job {
        Job::Read { size, .. } | Job::Build { size, .. } | Job::Rows { size, .. } => *size,
        Job::Export { .. } => Size::Small,
    }
}

impl Hands {
    fn of(raw: Raw, limits: &Limits, threads: usize) -> Result<Hands, EngineError> {
        let list = |paths: &[PathBuf]| {
            let all: Vec<String> = paths.iter().map(|path| text(path)).collect();
            format!("[{}]", all.join(", "))
        };
        raw.execute(&format!("SET threads = {threads}"))?;
        if let Some(bytes) = limits.memory {
            raw.execute(&format!("SET memory_limit = '{bytes}B'"))?;
        }
        // What was written once stays as it is, and is read by many.
        raw.execute("SET parquet_metadata_cache = true")?;
        raw.execute(&format!("SET temp_directory = {}", text(&limits.spill)))?;
        raw.execute(&format!("SET allowed_paths = {}", list(&limits.files)))?;
        raw.execute(&format!("SET allowed_directories = {}", list(&limits.folders)))?;
        raw.execute("SET enable_external_access = false; SET lock_configuration = true")?;
        Ok(Hands { raw })
    }

    /// Does a job. What it made besides a file is gone afterwards.
    fn done(&self, job: &Job) -> Result<Done, EngineError> {
        match self.at_once(job) {
            Some(Err(error)) if error.is_before_it_runs() => {}
            Some(done) => return done,
            None => {}
        }
        self.raw.execute("BEGIN")?;
        let done = self.work(job);
        self.raw.execute("ROLLBACK")?;
        done
    }

    /// Does a job without making anything but a file, where it reads nothing but files and somebody knows what it
    /// yields. A small query takes less time than it takes to make a view of each of its inputs and to ask for its
    /// columns. Nothing where it is no such job, or yields something else.
    fn at_once(&self, job: &Job) -> Option<Result<Done, EngineError>> {
        let (query, known, is_sure, out) = match job {
            Job::Read { query, yields: Some(known), out, .. } => {
                (Cow::Borrowed(query.as_str()), known, false, out)
            }
            Job::Build { inputs, before, query, yields: Some(known), is_sure, out, .. } => (
                over_files(inputs, query).filter(|_| before.is_empty())?.into(),
                known,
                *is_sure,
                out,
            ),
            Job::Rows { inputs, before, query, most, is_typed, .. } => {
                let query = over_files(inputs, query).filter(|_| before.is_empty())?;
                let columns = match is_typed {
                    true => self.raw.plain_columns(&query)?,
                    false => Vec::new(),
                };
                return Some(self.first_rows(&query, *most, columns));
            }
            _ => return None,
        };
        let statement = copy_known(&query, known, out);
        if is_sure && known.iter().all(is_usual) {
            let done = |rows| Done { rows, columns: known.clone(), cells: Vec::new() };
            return Some(self.raw.execute(&statement).map(done));
        }
        match self.copied(&statement, out) {
            Ok(done) if !comes_back(known, &done.columns) => None,
            done => Some(done),
        }
    }

    fn first_rows(
        &self,
        query: &str,
        most: usize,
        columns: Vec<Column>,
    ) -> Result<Done, EngineError> {
        let limited =
            format!("SELECT COLUMNS(*)::VARCHAR FROM (SELECT * FROM ({query}\n) LIMIT {most})");
        let (_, cells) = self.raw.rows(&limited)?;
        Ok(Done { rows: cells.len() as u64, columns, cells })
    }

    fn work(&self, job: &Job) -> Result<Done, EngineError> {
        match job {
            Job::Read { query, out, .. } => self.written(query, out),
            Job::Build { inputs, before, query, out, .. } => {
                self.prepare(inputs, before)?;
                self.written(query, out)
            }
            Job::Rows { inputs, before, query, most, .. } => {
                self.prepare(inputs, before)?;
                let columns = self.raw.columns(query)?;
                self.first_rows(query, *most, columns)
            }
            Job::Export { files, format, out } => {
                let options = match format {
                    Format::Csv => "FORMAT csv, HEADER",
                    Format::Parquet => "FORMAT parquet",
                    Format::Json => "FORMAT json, ARRAY true",
                    Format::Jsonl => "FORMAT json, ARRAY false",
                };
                let from = stored(files);
                let rows = self.raw.execute(&format!(
                    "COPY (SELECT * FROM {from}) TO {} ({options})",
                    text(out)
                ))?;
                Ok(Done { rows, ..Done::default() })
            }
        }
    }

    /// Makes what a query may read.
    fn prepare(&self, inputs: &[Input], before: &[Temporary]) -> Result<(), EngineError> {
        for Input { schema, name, files } in inputs {
            let mut place = quoted(name);
            if let Some(schema) = schema {
                let schema = quoted(schema);
                self.raw.execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
                place = format!("{schema}.{place}");
            }
            self.raw.execute(&format!("CREATE VIEW {place} AS SELECT * FROM {}", stored(files)))?;
        }
        for Temporary { name, query, is_view } in before {
            let kind = if *is_view { "VIEW" } else { "TABLE" };
            self.raw.execute(&format!("CREATE TEMP {kind} {} AS {query}\n", quoted(name)))?;
        }
        Ok(())
    }

    fn written(&self, query: &str, out: &Path) -> Result<Done, EngineError> {
        let columns = self.raw.columns(query)?;
        self.copied(&copy(query, columns, out), out)
    }

    /// Writes a file with a statement, and looks at what came of it.
    fn copied(&self, statement: &str, out: &Path) -> Result<Done, EngineError> {
        let rows = self.raw.execute(statement)?;
        let file = format!("SELECT * FROM {}", stored(&[out.to_owned()]));
        let columns = match self.raw.plain_columns(&file) {
            Some(columns) => columns,
            None => self.raw.columns(&file)?,
        };
        Ok(Done { rows, columns, cells: Vec::new() })
    }
}

/// A query over files instead of over tables, if that is what all of them are.
fn over_files(inputs: &[Input], query: &str) -> Option<String> {
    let named = |Input { schema, name, files }: &Input| match schema {
        Some(_) => None,
        None => {
            Some(format!("{} AS NOT MATERIALIZED (SELECT * FROM {})", quoted(name), stored(files)))
        }
    };
    let named: Vec<String> = inputs.iter().map(named).collect::<Option<_>>()?;
    let named = named.join(", ");
    let blank = |c: char| c.is_ascii_whitespace();
    let (first, rest) = query.trim_start_matches(blank).split_once(blank)?;
    match first.to_ascii_uppercase().as_str() {
        _ if named.is_empty() => Some(query.to_owned()),
        "SELECT" => Some(format!("WITH {named} {query}")),
        "WITH" if !is_recursive(rest) => Some(format!("WITH {named}, {rest}")),
        _ => None,
    }
}

/// Whether what follows WITH, or a comment behind it, may say that it is recursive.
fn is_recursive(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word = rest.get(..9).unwrap_or_default();
    word.eq_ignore_ascii_case("recursive") || rest.starts_with(['-', '/'])
}

/// Whether columns come back as somebody knew that they would.
fn comes_back(known: &[Column], found: &[Column]) -> bool {
    let same = |(known, found): (&Column, &Column)| {
        known.name == found.name && kept_as(&known.kind) == found.kind
    };
    known.len() == found.len() && known.iter().zip(found).all(same)
}

/// Whether a column comes back as it is, without a look.
fn is_usual(column: &Column) -> bool {
    let kind = column.kind.as_str();
    is_plain(kind) || (kind.starts_with("DECIMAL(") && kind.ends_with(')'))
}

/// Files that were written before, as a table.
fn stored(files: &[PathBuf]) -> String {
    let files: Vec<String> = files.iter().map(|file| text(file)).collect();
    format!("read_parquet([{}], hive_partitioning = false)", files.join(", "))
}

/// A path as a text in SQL.
fn text(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_over_tables_is_one_over_files() {
        let input = |schema: Option<&str>, name: &str| Input {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            files: vec!["/a".into()],
        };
        let inputs = [input(None, "input_0"), input(None, "ref \"x")];
        let with = "WITH \"input_0\" AS NOT MATERIALIZED (SELECT * FROM read_parquet(['/a'], hive_partitioning = false)), \
             \"ref \"\"x\" AS NOT MATERIALIZED (SELECT * FROM read_parquet(['/a'], hive_partitioning = false))";
        let over = |query: &str| over_files(&inputs, query);
        assert_eq!(over(" select 1").unwrap(), format!("{with}  select 1"));
        assert_eq!(
            over("with a AS (SELECT 1) FROM a").unwrap(),
            format!("{with}, a AS (SELECT 1) FROM a")
        );
        for other in [
            "WITH RECURSIVE a AS (SELECT 1) FROM a",
            "WITH -- x\n recursive a AS (SELECT 1) FROM a",
            "WITH/**/a AS (SELECT 1) FROM a",
            "-- x\nSELECT 1",
            "(SELECT 1)",
            "",
        ] {
            assert_eq!(over(other), None, "{other}");
        }
        assert_eq!(over_files(&[input(Some("s"), "t")], "SELECT 1 FROM s.t"), None);
        assert_eq!(over_files(&[], "SELECT 1 ").as_deref(), Some("SELECT 1 "));
    }
}
