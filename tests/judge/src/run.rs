//! Projects carried out: each node written to Parquet and read back by its readers, as a run does.

use crate::state::Step;
use seeknal_model::NodeId;
use seeknal_runner::Session;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Sources have a hundred rows; of more than this everything was joined with everything, more than once.
const LARGE_BYTES: u64 = 1 << 20;

/// What a node's rows are over one set of data, or the engine's words where it fails.
pub(crate) type Outputs = BTreeMap<NodeId, Result<PathBuf, String>>;

/// Carries queries out over one set of data.
pub(crate) struct Runner {
    session: Session,
    folder: PathBuf,
    /// The number of the last file that was written.
    last: usize,
    /// The file behind each name that queries read.
    views: HashMap<String, PathBuf>,
    contents: HashMap<(PathBuf, Vec<String>), String>,
    /// The files of the sources, which never change.
    pub(crate) sources: Outputs,
}

impl Runner {
    /// One over a set of data, which writes into a folder.
    pub(crate) fn new(session: Session, tables: &[String], folder: &Path) -> Runner {
        std::fs::create_dir_all(folder).expect("a folder");
        session.execute("SET threads = 1").expect("one thread");
        // Everything joined with everything is to fail, not to fill the disk.
        session.execute("SET memory_limit = '1GB'").expect("a limit");
        session.execute("SET temp_directory = ''").expect("no spilling");
        session.execute("SET preserve_insertion_order = true").expect("an order");
        // A file of the same name and size may be another.
        session.execute("SET enable_external_file_cache = false").expect("no cache");
        let mut runner = Runner {
            session,
            folder: folder.to_owned(),
            last: 0,
            views: HashMap::new(),
            contents: HashMap::new(),
            sources: Outputs::new(),
        };
        for table in tables {
            let file = runner.write(&format!("SELECT * FROM {table}")).expect("a source");
            runner.sources.insert(NodeId::new(&format!("source.{table}")), Ok(file));
        }
        runner
    }

    /// A place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.last
    }

    /// Forgets what was written after a mark. No number is given twice.
    pub(crate) fn forget(&mut self, mark: usize) {
        for number in mark + 1..=self.last {
            let _ = std::fs::remove_file(self.file(number));
        }
        if self.contents.len() > 200 {
            self.contents.clear();
        }
    }

    fn file(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number}.parquet"))
    }

    fn write(&mut self, sql: &str) -> Result<PathBuf, String> {
        self.last += 1;
        let file = self.file(self.last);
        self.session.write(sql, &file).map_err(|error| error.to_string())?;
        Ok(file)
    }

    /// Carries a node out over what its inputs are.
    pub(crate) fn build(&mut self, step: &Step, outputs: &Outputs) -> Result<PathBuf, String> {
        for (name, id) in &step.reads {
            let file = match outputs.get(id) {
                Some(Ok(file)) => file,
                Some(Err(error)) => return Err(format!("upstream: {error}")),
                None => return Err(format!("there is no {id}")),
            };
            if self.views.get(name) == Some(file) {
                continue;
            }
            let file = file.clone();
            let view = format!(
                "CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet('{}')",
                file.display()
            );
            self.session.execute(&view).map_err(|error| error.to_string())?;
            self.views.insert(name.clone(), file);
        }
        for statement in &step.before {
            self.session.execute(statement).map_err(|error| error.to_string())?;
        }
        self.write(&step.sql)
    }

    /// Names and types in order, and how many rows there are with two sums of their hashes. `loose`
    /// columns are rounded.
    pub(crate) fn content(&mut self, file: &Path, loose: &[String]) -> String {
        let key = (file.to_owned(), loose.to_vec());
        if let Some(known) = self.contents.get(&key) {
            return known.clone();
        }
        let file = file.display();
        let columns = format!(
            "SELECT coalesce(string_agg(column_name || ' ' || column_type, ', '), '') FROM (DESCRIBE SELECT * FROM read_parquet('{file}'))"
        );
        let columns = self.session.text(&columns).expect("columns");
        let here = |name: &&String| columns.split(", ").any(|one| one == format!("{name} DOUBLE"));
        let replaced: Vec<String> = loose
            .iter()
            .filter(here)
            .map(|name| format!("round(\"{name}\", 4) AS \"{name}\""))
            .collect();
        let star = match replaced.is_empty() {
            true => "*".to_owned(),
            false => format!("* REPLACE ({})", replaced.join(", ")),
        };
        let rows = format!(
            "SELECT count(*) || ' ' || coalesce(sum(hash(x)), 0) || ' ' || coalesce(bit_xor(hash(x || 'x')), 0) FROM (SELECT to_json(t)::VARCHAR || t::VARCHAR AS x FROM (SELECT {star} FROM read_parquet('{file}')) t)"
        );
        let rows = self.session.text(&rows).expect("rows");
        let content = format!("{columns}\n{rows}");
        self.contents.insert(key, content.clone());
        content
    }

    /// Whether two files hold the same, byte for byte.
    pub(crate) fn has_same_bytes(&self, one: &Path, two: &Path) -> bool {
        std::fs::read(one).expect("a file") == std::fs::read(two).expect("a file")
    }

    /// Whether a file is so large that to look at all of it takes longer than many other edits do.
    pub(crate) fn is_large(&self, file: &Path) -> bool {
        std::fs::metadata(file).is_ok_and(|about| about.len() > LARGE_BYTES)
    }

    /// Whether there is any row.
    pub(crate) fn has_rows(&self, file: &Path) -> bool {
        let sql = format!("SELECT (count(*) > 0)::VARCHAR FROM read_parquet('{}')", file.display());
        self.session.text(&sql).expect("a count") == "true"
    }

    /// The values of a column in the order of the file.
    pub(crate) fn sequence(&self, file: &Path, column: &str) -> String {
        let sql = format!(
            "SELECT coalesce(string_agg(coalesce(\"{column}\"::VARCHAR, 'NULL'), ','), '') FROM read_parquet('{}')",
            file.display()
        );
        self.session.text(&sql).expect("a sequence")
    }
}
