//! How a node's rows are written, so that what is stored does not depend on the order in which they come.
//!
//! Parquet's dictionaries take `0.0` and `-0.0` for one value, whichever came first; so a fraction is stored
//! with one zero, and where fractions stand inside of other values, without dictionaries.

use crate::session::{EngineError, Session};
use seeknal_analysis::{Column, named_apart};
use std::path::Path;

impl Session {
    /// Writes what a query yields to a Parquet file.
    pub fn write(&self, query: &str, file: &Path) -> Result<(), EngineError> {
        let columns = self.columns(query)?;
        self.write_known(query, columns, file)
    }

    /// The same where its columns are known.
    pub fn write_known(
        &self,
        query: &str,
        columns: Vec<Column>,
        file: &Path,
    ) -> Result<(), EngineError> {
        self.execute(&copy(query, columns, file))
    }
}

/// The same for what somebody says that a query yields: where it yields something else, what is written has its
/// columns, or nothing is written.
pub(crate) fn copy_known(query: &str, columns: &[Column], file: &Path) -> String {
    let fractions: Vec<&Column> = columns.iter().filter(|one| is_fraction(&one.kind)).collect();
    let (options, file) = (options(columns), path(file));
    if fractions.is_empty() {
        return format!("COPY ({query}\n) TO '{file}' ({options})");
    }
    let one_zero = |column: &&Column| {
        let name = format!("\"{}\"", column.name.replace('"', "\"\""));
        format!("CASE WHEN {name} = 0 THEN 0 ELSE {name} END AS {name}")
    };
    let fractions: Vec<String> = fractions.iter().map(one_zero).collect();
    let fractions = fractions.join(", ");
    format!("COPY (SELECT * REPLACE ({fractions}) FROM ({query}\n)) TO '{file}' ({options})")
}

fn options(columns: &[Column]) -> &'static str {
    let holds = |kind: &str| ["DOUBLE", "FLOAT", "HUGEINT"].iter().any(|one| kind.contains(one));
    let is_inside = |column: &Column| holds(&column.kind) && !is_fraction(&column.kind);
    match columns.iter().any(is_inside) {
        true => "FORMAT parquet, DICTIONARY_SIZE_LIMIT 0",
        false => "FORMAT parquet",
    }
}

fn path(file: &Path) -> String {
    file.to_string_lossy().replace('\'', "''")
}

/// The statement that writes what a query yields.
pub(crate) fn copy(query: &str, mut columns: Vec<Column>, file: &Path) -> String {
    let (options, file) = (options(&columns), path(file));
    if !columns.iter().any(|column| is_fraction(&column.kind)) {
        return format!("COPY ({query}\n) TO '{file}' ({options})");
    }
    named_apart(&mut columns);
    let (mut places, mut items) = (Vec::new(), Vec::new());
    for (number, Column { name, kind }) in columns.iter().enumerate() {
        let name = name.replace('"', "\"\"");
        places.push(format!("c{number}"));
        items.push(match is_fraction(kind) {
            true => format!("CASE WHEN c{number} = 0 THEN 0 ELSE c{number} END AS \"{name}\""),
            false => format!("c{number} AS \"{name}\""),
        });
    }
    let (items, places) = (items.join(", "), places.join(", "));
    format!("COPY (SELECT {items} FROM ({query}\n) AS t({places})) TO '{file}' ({options})")
}

/// Whether a type is stored as a fraction. Numbers of 128 bits are, and have one zero; but who takes a column for
/// one of them may err, and what comes back does not tell.
fn is_fraction(kind: &str) -> bool {
    matches!(kind, "DOUBLE" | "FLOAT" | "HUGEINT" | "UHUGEINT")
}

#[cfg(test)]
mod tests {
    use crate::session::Session;

    fn written(query: &str) -> (String, String) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("seeknal-output-{}-{number}.parquet", std::process::id());
        let file = std::env::temp_dir().join(name);
        let session = Session::open().unwrap();
        session.write(query, &file).unwrap();
        let from = format!("read_parquet('{}')", file.display());
        let rows = format!("SELECT string_agg(t::VARCHAR, ' ') FROM {from} t");
        let types = format!(
            "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE FROM {from})"
        );
        let found = (session.text(&rows).unwrap(), session.text(&types).unwrap());
        std::fs::remove_file(file).unwrap();
        found
    }

    /// Rows with both zeros, more often than there are values, so that a dictionary would be made.
    fn zeros(item: &str) -> String {
        format!(
            "SELECT {item} AS x FROM range(40) r(i), (VALUES ('-0.0'::DOUBLE), (0.0), (1.5)) t(z) ORDER BY i, z::VARCHAR"
        )
    }

    #[test]
    fn a_fraction_is_stored_with_one_zero() {
        let (rows, types) = written(&zeros("z"));
        assert_eq!(types, "x DOUBLE");
        assert!(
            !rows.contains("-0.0")
                && rows.starts_with("{'x': 0.0} {'x': 0.0} {'x': 1.5} {'x': 0.0}"),
            "{rows}"
        );
        let (rows, types) = written(
            "SELECT '-0.0'::FLOAT AS a, 'nan'::DOUBLE AS b, NULL::DOUBLE AS c, '-inf'::DOUBLE AS d",
        );
        assert_eq!(
            (rows.as_str(), types.as_str()),
            ("{'a': 0.0, 'b': nan, 'c': NULL, 'd': -inf}", "a FLOAT, b DOUBLE, c DOUBLE, d DOUBLE")
        );
    }

    #[test]
    fn a_fraction_inside_of_another_value_is_stored_as_it_is() {
        for (item, zero) in [
            ("[z]", "{'x': [-0.0]}"),
            ("{'a': z}", "{'x': {'a': -0.0}}"),
            ("MAP {'k': [z]}", "{'x': {k=[-0.0]}}"),
        ] {
            let (rows, _) = written(&zeros(item));
            assert_eq!(rows.matches(zero).count(), 40, "{item}: {rows}");
        }
    }

    /// Names, order and comments are those of the query.
    #[test]
    fn nothing_else_of_a_query_changes() {
        let (rows, types) = written(
            "SELECT i AS id, i * 0.5::DOUBLE AS \"a \"\"b\"\"\", i AS id FROM range(3) t(i) ORDER BY i DESC -- by id",
        );
        assert_eq!(types, "id BIGINT, a \"b\" DOUBLE, id_1 BIGINT");
        let expected = "{'id': 2, 'a \"b\"': 1.0, 'id_1': 2} {'id': 1, 'a \"b\"': 0.5, 'id_1': 1} {'id': 0, 'a \"b\"': 0.0, 'id_1': 0}";
        assert_eq!(rows, expected);
        let (rows, types) = written("WITH x AS (SELECT 1 AS one) SELECT one, one FROM x");
        assert_eq!(
            (rows.as_str(), types.as_str()),
            ("{'one': 1, 'one_1': 1}", "one INTEGER, one_1 INTEGER")
        );
    }
}
