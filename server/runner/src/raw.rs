//! The one place that speaks to DuckDB's own interface: the crate for it shows no progress.
#![allow(unsafe_code, reason = "this is DuckDB's interface for C")]

use crate::session::EngineError;
use duckdb::{Connection, ffi};
use seeknal_analysis::Column;
use seeknal_workers::PINNED;
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr;
use std::sync::Arc;

/// A database in memory with one connection, closed when nobody has it any more.
struct Handles {
    database: ffi::duckdb_database,
    connection: ffi::duckdb_connection,
}

// SAFETY: DuckDB allows progress to be asked for from another thread while a query runs on the connection, and
// other connections to be made and used meanwhile, and that is all that is done from there; statements of this one
// come from one thread only, which `Raw` sees to by not being `Sync`.
unsafe impl Send for Handles {}
// SAFETY: as above.
unsafe impl Sync for Handles {}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: both were opened together and nobody else has them.
        unsafe {
            ffi::duckdb_disconnect(&raw mut self.connection);
            ffi::duckdb_close(&raw mut self.database);
        }
    }
}

/// An open connection with pinned settings, of which the progress can be seen.
pub(crate) struct Raw {
    handles: Arc<Handles>,
    /// Statements come from one thread.
    _one_thread: std::marker::PhantomData<std::cell::Cell<()>>,
}

/// Another connection to the same database, for another thread.
pub(crate) struct Beside {
    /// It is closed before the database may be.
    connection: Connection,
    _database: Arc<Handles>,
}

impl Deref for Beside {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// Sees how far a query is.
pub(crate) struct Gauge(Arc<Handles>);

/// What a query yielded, with every cell as text.
pub(crate) type Rows = (Vec<String>, Vec<Vec<Option<String>>>);

impl Raw {
    pub(crate) fn open() -> Result<Raw, EngineError> {
        let mut handles = Handles { database: ptr::null_mut(), connection: ptr::null_mut() };
        // SAFETY: the places are valid, and no path means that the database lives in memory. What was not
        // opened is null, which closing accepts.
        let is_open = unsafe {
            ffi::duckdb_open(ptr::null(), &raw mut handles.database) == ffi::DuckDBSuccess
                && ffi::duckdb_connect(handles.database, &raw mut handles.connection)
                    == ffi::DuckDBSuccess
        };
        if !is_open {
            return Err(EngineError::new("DuckDB does not open a database in memory"));
        }
        #[allow(clippy::arc_with_non_send_sync, reason = "it is both, as said above")]
        let handles = Arc::new(handles);
        let raw = Raw { handles, _one_thread: std::marker::PhantomData };
        for setting in PINNED {
            raw.execute(setting)?;
        }
        raw.execute("SET enable_progress_bar = true")?;
        raw.execute("SET enable_progress_bar_print = false")?;
        raw.execute("SET progress_bar_time = 0")?;
        Ok(raw)
    }

    /// A connection for what is asked beside the statements of this one.
    pub(crate) fn beside(&self) -> Result<Beside, EngineError> {
        // SAFETY: the database is open, and stays so for as long as its handles are kept.
        let connection = unsafe { Connection::open_from_raw(self.handles.database)? };
        Ok(Beside { connection, _database: self.handles.clone() })
    }

    pub(crate) fn gauge(&self) -> Gauge {
        Gauge(self.handles.clone())
    }

    /// Runs statements, and gives how many rows the last one wrote.
    pub(crate) fn execute(&self, sql: &str) -> Result<u64, EngineError> {
        self.asked(sql, |result| {
            // SAFETY: the result is that of a query that succeeded.
            unsafe { ffi::duckdb_rows_changed(result) }
        })
    }

    /// What a query yields.
    pub(crate) fn rows(&self, sql: &str) -> Result<Rows, EngineError> {
        self.asked(sql, |result| {
            // SAFETY: the result is that of a query that succeeded, and columns and rows are asked for only
            // as far as it has any. Texts are copied before they are freed.
            unsafe {
                let (columns, rows) =
                    (ffi::duckdb_column_count(result), ffi::duckdb_row_count(result));
                let names = (0..columns).map(|column| {
                    CStr::from_ptr(ffi::duckdb_column_name(result, column))
                        .to_string_lossy()
                        .into_owned()
                });
                let cell = |column, row| {
                    let text = ffi::duckdb_value_varchar(result, column, row);
                    if text.is_null() {
                        return None;
                    }
                    let said = CStr::from_ptr(text).to_string_lossy().into_owned();
                    ffi::duckdb_free(text.cast());
                    Some(said)
                };
                let row = |row| (0..columns).map(|column| cell(column, row)).collect();
                (names.collect(), (0..rows).map(row).collect())
            }
        })
    }

    /// The columns that a query yields, and runs nothing of it.
    pub(crate) fn columns(&self, query: &str) -> Result<Vec<Column>, EngineError> {
        const BEFORE: &str = "DESCRIBE ";
        let told = |error: EngineError| {
            // The line is shown with the word, and the mark below it stands as far to the right.
            let said = error.to_string().replacen(&format!("LINE 1: {BEFORE}"), "LINE 1: ", 1);
            let (said, gap) = (said, " ".repeat(BEFORE.len()));
            EngineError::new(&match said.contains("LINE 1: ") {
                true => said.replacen(&format!("\n{gap}"), "\n", 1),
                false => said,
            })
        };
        let (_, rows) = self.rows(&format!("{BEFORE}{query}")).map_err(told)?;
        let column = |row: Vec<Option<String>>| {
            let mut cells = row.into_iter().flatten();
            Some(Column { name: cells.next()?, kind: cells.next()? })
        };
        Ok(rows.into_iter().filter_map(column).collect())
    }

    /// The same in a fraction of the time, where all types are of those that most columns have; nothing elsewhere.
    pub(crate) fn plain_columns(&self, query: &str) -> Option<Vec<Column>> {
        let text = CString::new(query).ok()?;
        let mut statement: ffi::duckdb_prepared_statement = ptr::null_mut();
        // SAFETY: the connection is open and the text ends with NUL. The statement is destroyed exactly once, also
        // where it was not made, and names and types are asked for only as far as it has any; each is freed once.
        unsafe {
            let connection = self.handles.connection;
            let state = ffi::duckdb_prepare(connection, text.as_ptr(), &raw mut statement);
            let column = |place| {
                let name = ffi::duckdb_prepared_statement_column_name(statement, place);
                let mut kind = ffi::duckdb_prepared_statement_column_logical_type(statement, place);
                let said =
                    (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned());
                ffi::duckdb_free(name.cast_mut().cast());
                let plain = plain_kind(kind);
                ffi::duckdb_destroy_logical_type(&raw mut kind);
                Some(Column { name: said?, kind: plain? })
            };
            let columns = match state == ffi::DuckDBSuccess {
                true => {
                    let count = ffi::duckdb_prepared_statement_column_count(statement);
                    (0..count).map(column).collect()
                }
                false => None,
            };
            ffi::duckdb_destroy_prepare(&raw mut statement);
            columns
        }
    }

    fn asked<T>(
        &self,
        sql: &str,
        look: impl FnOnce(*mut ffi::duckdb_result) -> T,
    ) -> Result<T, EngineError> {
        let text = CString::new(sql)
            .map_err(|_| EngineError::new("a NUL byte stands in the query; take it out"))?;
        let mut place = MaybeUninit::<ffi::duckdb_result>::zeroed();
        let result = place.as_mut_ptr();
        // SAFETY: the connection is open, the text ends with NUL, and the result is destroyed exactly once,
        // whether the query succeeded or not.
        unsafe {
            let state = ffi::duckdb_query(self.handles.connection, text.as_ptr(), result);
            let answer = if state == ffi::DuckDBSuccess {
                Ok(look(result))
            } else {
                let said = ffi::duckdb_result_error(result);
                Err(EngineError::new(&match said.is_null() {
                    true => "DuckDB does not say why".to_owned(),
                    false => CStr::from_ptr(said).to_string_lossy().into_owned(),
                }))
            };
            ffi::duckdb_destroy_result(result);
            answer
        }
    }
}

/// The name of a type that many columns have.
///
/// # Safety
///
/// The type is one that DuckDB gave and that was not destroyed.
unsafe fn plain_kind(kind: ffi::duckdb_logical_type) -> Option<String> {
    // SAFETY: the caller says so; the alias is freed once.
    let (number, is_own, (width, scale)) = unsafe {
        let alias = ffi::duckdb_logical_type_get_alias(kind);
        let is_own = alias.is_null();
        ffi::duckdb_free(alias.cast());
        let number = ffi::duckdb_get_type_id(kind);
        let decimal = match number == ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL {
            true => (ffi::duckdb_decimal_width(kind), ffi::duckdb_decimal_scale(kind)),
            false => (0, 0),
        };
        (number, is_own, decimal)
    };
    // JSON is a text of another name.
    let name = match number {
        _ if !is_own => return None,
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN => "BOOLEAN",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_TINYINT => "TINYINT",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT => "SMALLINT",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTEGER => "INTEGER",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT => "BIGINT",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_FLOAT => "FLOAT",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE => "DOUBLE",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR => "VARCHAR",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE => "DATE",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIME => "TIME",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP => "TIMESTAMP",
        ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => return Some(format!("DECIMAL({width},{scale})")),
        _ => return None,
    };
    Some(name.to_owned())
}

impl Gauge {
    /// How many percent are done; nothing where that is not known.
    pub(crate) fn percent(&self) -> Option<f64> {
        // SAFETY: the connection lives as long as this does.
        let progress = unsafe { ffi::duckdb_query_progress(self.0.connection) };
        (progress.percentage >= 0.0).then(|| progress.percentage.min(100.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_answered_and_errors_are_words() {
        let raw = Raw::open().unwrap();
        let (names, rows) = raw.rows("SELECT 1 AS a, NULL AS b, 'é''x' AS c").unwrap();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(rows, [[Some("1".to_owned()), None, Some("é'x".to_owned())]]);
        let columns = raw.columns("SELECT 1 AS a, 2.5 AS b").unwrap();
        assert_eq!(columns[1].kind, "DECIMAL(2,1)");
        assert!(raw.execute("SELECT nothing").unwrap_err().to_string().contains("nothing"));
        assert!(raw.execute("SELECT '\0'").unwrap_err().to_string().contains("NUL"));
    }

    /// What is asked in the quick way is what the engine says in its own.
    #[test]
    fn columns_of_usual_types_are_told_quickly_and_rightly() {
        let raw = Raw::open().unwrap();
        let plain = "SELECT true AS \"a \"\"b\", 1::TINYINT AS c, 2::SMALLINT AS d, 3 AS e, 4::BIGINT AS f, \
             1.5::FLOAT AS g, 1e3 AS h, 'é' AS \"ö\", DATE '2020-01-01' AS j, TIME '10:00' AS k, \
             TIMESTAMP '2020-01-01' AS l, 12.345 AS m, 1::DECIMAL(38,0) AS n, 1 AS e";
        assert_eq!(raw.plain_columns(plain), Some(raw.columns(plain).unwrap()));
        for other in ["[1]", "{'a': 1}", "'{}'::JSON", "1::HUGEINT", "'a'::ENUM('a')", "now()"] {
            assert_eq!(
                raw.plain_columns(&format!("SELECT 1 AS one, {other} AS x")),
                None,
                "{other}"
            );
        }
        assert_eq!(raw.plain_columns("SELECT nothing"), None);
        assert_eq!(raw.plain_columns("SELECT '\0'"), None);
        assert_eq!(raw.rows("SELECT 1 AS a").unwrap().0, ["a"]);
    }

    #[test]
    fn a_long_query_tells_how_far_it_is() {
        let raw = Raw::open().unwrap();
        raw.execute("CREATE TABLE t AS SELECT range AS x FROM range(3000000)").unwrap();
        let gauge = raw.gauge();
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (told, until) = std::sync::mpsc::channel();
        let watched = done.clone();
        let watch = std::thread::spawn(move || {
            while !watched.load(std::sync::atomic::Ordering::SeqCst) {
                if let Some(percent) = gauge.percent() {
                    let _ = told.send(percent);
                }
            }
        });
        raw.execute("CREATE TABLE u AS SELECT x, md5(x::VARCHAR) AS y FROM t ORDER BY y").unwrap();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        watch.join().unwrap();
        let seen: Vec<f64> = until.try_iter().collect();
        assert!(seen.iter().any(|percent| *percent > 0.0 && *percent < 100.0), "{}", seen.len());
    }
}
