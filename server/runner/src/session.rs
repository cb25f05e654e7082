//! One in-memory DuckDB connection whose answers do not depend on the host.

use duckdb::Connection;
use seeknal_analysis::Column;
use seeknal_workers::PINNED;
use std::fmt;

/// What DuckDB answered instead of a result.
#[derive(Debug)]
pub struct EngineError(String);

impl EngineError {
    pub(crate) fn new(said: &str) -> EngineError {
        EngineError(said.to_owned())
    }
}

impl EngineError {
    /// Whether it is said before anything runs, because the query does not fit what there is.
    pub(crate) fn is_before_it_runs(&self) -> bool {
        ["Binder Error", "Catalog Error", "Parser Error"].iter().any(|one| self.0.starts_with(one))
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for EngineError {}

impl From<duckdb::Error> for EngineError {
    fn from(error: duckdb::Error) -> Self {
        EngineError(error.to_string())
    }
}

/// An open connection with pinned settings.
pub struct Session {
    connection: Connection,
}

impl Session {
    /// Opens a database that lives in memory and ends with the session.
    pub fn open() -> Result<Session, EngineError> {
        let connection = Connection::open_in_memory()?;
        for setting in PINNED {
            connection.execute_batch(setting)?;
        }
        Ok(Session { connection })
    }

    /// Runs statements for their effect.
    pub fn execute(&self, sql: &str) -> Result<(), EngineError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    /// The columns that a query yields, and runs nothing of it.
    pub fn columns(&self, query: &str) -> Result<Vec<Column>, EngineError> {
        let mut statement = self.connection.prepare(&format!("DESCRIBE {query}"))?;
        let rows =
            statement.query_map([], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))?;
        Ok(rows.collect::<duckdb::Result<Vec<Column>>>()?)
    }

    /// Runs a query that yields one text in one row.
    pub fn text(&self, sql: &str) -> Result<String, EngineError> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}

/// The version of the DuckDB library in use, as it names itself.
pub fn engine_version() -> Result<String, EngineError> {
    Session::open()?.text("SELECT version()")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_pinned_release() {
        assert_eq!(engine_version().unwrap(), "v1.5.5");
        assert!(seeknal_workers::engine().starts_with("DuckDB 1.5.5;"));
    }

    #[test]
    fn every_pinned_setting_holds() {
        let session = Session::open().unwrap();
        for setting in PINNED {
            let (name, value) =
                setting.trim_start_matches("SET ").split_once(" = ").expect("name = value");
            let current = session.text(&format!("SELECT current_setting('{name}')::VARCHAR"));
            let current = current.unwrap().to_lowercase();
            assert_eq!(current, value.trim_matches('\'').to_lowercase(), "{name}");
        }
    }

    #[test]
    fn a_wrong_query_is_an_error_in_words() {
        let session = Session::open().unwrap();
        let error = session.text("SELECT nothing FROM nowhere").unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
