//! Projects carried out: each node written to Parquet and read back by its readers, as a run does.

use seeknal_runner::Session;
use std::path::{Path, PathBuf};

/// Three sets of data: nothing; ties, NULLs and odd values in every column; more rows.
pub(crate) const DATA: [&str; 3] = [
    "CREATE TABLE customers AS SELECT * FROM (SELECT NULL::BIGINT AS id, ''::VARCHAR AS name, ''::VARCHAR AS region) WHERE false;
     CREATE TABLE orders AS SELECT * FROM (SELECT 1::BIGINT AS id, 1::BIGINT AS customer_id, 1.5::DECIMAL(10,2) AS amount, 1.5::DOUBLE AS price, ''::VARCHAR AS status, 1::INTEGER AS quantity, DATE '2024-01-01' AS day, ['a']::VARCHAR[] AS tags) WHERE false;",
    "CREATE TABLE customers AS SELECT * FROM (VALUES (1::BIGINT, 'Émile'::VARCHAR, 'north'::VARCHAR), (2, 'a', 'south'), (2, 'A', NULL), (NULL, NULL, 'north'), (5, '', ''), (3, 'x''y', 'south')) AS t(id, name, region);
     CREATE TABLE orders AS SELECT * FROM (VALUES
       (1::BIGINT, 1::BIGINT, 1.50::DECIMAL(10,2), 0.0::DOUBLE, 'paid'::VARCHAR, 1::INTEGER, DATE '2024-01-01', ['a']::VARCHAR[]),
       (1, 2, 1.50, -0.0, 'paid', 1, DATE '2024-01-01', ['a']),
       (2, 2, NULL, 'NaN'::DOUBLE, 'Paid', 2, NULL, []),
       (3, NULL, 2.25, NULL, NULL, NULL, DATE '2024-02-29', NULL),
       (NULL, 3, 0.00, 1.5, 'open', 4, DATE '2024-03-31', ['b', NULL]),
       (4, 9, -3.10, 1e300, 'void', 5, DATE '2024-03-31', ['a', 'b']),
       (4, 9, -3.10, 1e300, 'void', 5, DATE '2024-03-31', ['a', 'b']),
       (7, 1, 9.99, 0.1, '', 3, DATE '1999-12-31', ['é'])) AS t(id, customer_id, amount, price, status, quantity, day, tags);",
    "CREATE TABLE customers AS SELECT (i * 7 % 23)::BIGINT AS id, ('n' || (i % 11))::VARCHAR AS name, CASE i % 3 WHEN 0 THEN 'north' WHEN 1 THEN 'south' END AS region FROM range(40) t(i);
     CREATE TABLE orders AS SELECT (i * 13 % 101)::BIGINT AS id, (i * 5 % 29)::BIGINT AS customer_id, ((i * 37 % 1000) / 4)::DECIMAL(10,2) AS amount, (i * 0.1)::DOUBLE AS price, CASE i % 4 WHEN 0 THEN 'paid' WHEN 1 THEN 'open' WHEN 2 THEN 'void' END AS status, (i % 6)::INTEGER AS quantity, DATE '2024-01-01' + (i % 50)::INTEGER AS day, ['t' || (i % 3)]::VARCHAR[] AS tags FROM range(150) t(i);",
];

/// The files of one state of a project over one set of data.
pub(crate) struct Runner {
    session: Session,
    folder: PathBuf,
    next: usize,
    /// The first file that is not one of a source.
    first: usize,
    /// The files of the sources, which never change.
    pub(crate) sources: Vec<(&'static str, PathBuf)>,
}

impl Runner {
    /// One over a set of data, which writes into a folder.
    pub(crate) fn new(data: &str, folder: &Path) -> Runner {
        let session = Session::open().expect("a session");
        session.execute("SET threads = 1").expect("one thread");
        // A file of the same name and size may be another.
        session.execute("SET enable_external_file_cache = false").expect("no cache");
        session.execute(data).expect("data");
        let mut runner =
            Runner { session, folder: folder.to_owned(), next: 0, first: 0, sources: Vec::new() };
        for table in ["orders", "customers"] {
            let file = runner.build(&format!("SELECT * FROM {table}"), &[]).expect("a source");
            runner.sources.push((table, file));
        }
        runner.first = runner.next + 1;
        runner
    }

    /// Forgets what was written for the edit before.
    pub(crate) fn again(&mut self) {
        for number in self.first..=self.next {
            let _ = std::fs::remove_file(self.folder.join(format!("{number}.parquet")));
        }
        self.first = self.next + 1;
    }

    /// Carries a query out over files and gives the file it was written to; the words of the engine
    /// where it fails.
    pub(crate) fn build(
        &mut self,
        sql: &str,
        inputs: &[(String, PathBuf)],
    ) -> Result<PathBuf, String> {
        for (name, file) in inputs {
            let view = format!(
                "CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet('{}')",
                file.display()
            );
            self.session.execute(&view).map_err(|error| error.to_string())?;
        }
        self.next += 1;
        let file = self.folder.join(format!("{}.parquet", self.next));
        let sql = format!("COPY ({sql}) TO '{}' (FORMAT parquet)", file.display());
        self.session.execute(&sql).map_err(|error| error.to_string())?;
        Ok(file)
    }

    /// Names and types in order, and how many rows there are with two sums of their hashes. `loose` columns are rounded.
    pub(crate) fn content(&self, file: &Path, loose: &[String]) -> String {
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
        format!("{columns}\n{rows}")
    }
}
