//! The process in which DuckDB reads queries: it binds one after the other and runs none of them.
//!
//! It is started with the files that it may look into, sets DuckDB up so that it can look into nothing
//! else, and then answers. Before a query is bound, DuckDB's own parse must show that it is one SELECT
//! that reads tables and a few harmless table functions; anything else is unknown, by name.

use crate::job;
use crate::limits;
use crate::reading::{harm, shown};
use duckdb::Connection;
use seeknal_analysis::{Answer, Ask, Column, Table, Wrong};
use seeknal_workers::{PINNED, message};
use serde_json::{Value, json};
use std::io::{Read, Write};

/// Errors that say that a query would fail. Others may be the worker's own trouble.
const TELLING: [&str; 3] = ["parser", "binder", "catalog"];

/// Answers questions until there are no more.
pub fn work(mut from: impl Read + Send, mut to: impl Write + Send) {
    limits::die_with_parent();
    let Some(mut start) = message::read(&mut from) else { return };
    let mut opened = None;
    if start.get("warm").is_some() {
        opened = job::Opened::open().ok();
        let Some(next) = message::read(&mut from) else { return };
        start = next;
    }
    if start.get("job").is_some() {
        let Some(opened) = opened.or_else(|| job::Opened::open().ok()) else { return };
        return job::serve(&start["job"], opened, from, to);
    }
    limits::little_memory();
    let files: Vec<&str> =
        start["files"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Ok(engine) = Engine::open(&files) else { return };
    if message::write(&mut to, &json!({ "ready": true })).is_err() {
        return;
    }
    while let Some(question) = message::read(&mut from) {
        let answer = match question["parse"].as_str() {
            Some(sql) => match shown(&engine.connection, sql) {
                Ok(tree) => json!({ "tree": tree }),
                Err(answer) => message::answer(&answer),
            },
            None => {
                let Some(ask) = message::read_ask(&question) else { return };
                message::answer(&engine.answer(&ask, !files.is_empty()))
            }
        };
        if message::write(&mut to, &answer).is_err() {
            return;
        }
    }
}

struct Engine {
    connection: Connection,
}

impl Engine {
    fn open(files: &[&str]) -> duckdb::Result<Engine> {
        let connection = Connection::open_in_memory()?;
        let quoted: Vec<String> =
            files.iter().map(|file| format!("'{}'", file.replace('\'', "''"))).collect();
        for setting in PINNED {
            connection.execute_batch(setting)?;
        }
        connection.execute_batch(&format!(
            "SET threads = 1; SET memory_limit = '512MB'; SET temp_directory = '';
             PRAGMA disable_optimizer; SET errors_as_json = true;
             SET allowed_paths = [{}]; SET enable_external_access = false;
             SET lock_configuration = true;",
            quoted.join(", ")
        ))?;
        Ok(Engine { connection })
    }

    fn answer(&self, ask: &Ask, may_read_files: bool) -> Answer {
        let tables = ask.tables.iter().flatten();
        let names: Vec<&str> = tables.map(|table| table.name.as_str()).collect();
        match harm(&self.connection, &ask.sql, &names) {
            Err(answer) => return answer,
            Ok(Some(reason)) if !may_read_files => return Answer::Unknown(reason),
            Ok(_) => {}
        }
        let Some(tables) = &ask.tables else {
            return Answer::Unknown("not every table is known".to_owned());
        };
        if self.connection.execute_batch("BEGIN").is_err() {
            return Answer::Unknown("the engine is in trouble".to_owned());
        }
        let answer = match self.make(tables) {
            Ok(()) => self.describe(&ask.sql),
            Err(_) => Answer::Unknown("a type of a column is none that DuckDB knows".to_owned()),
        };
        let _ = self.connection.execute_batch("ROLLBACK");
        answer
    }

    fn make(&self, tables: &[Table]) -> duckdb::Result<()> {
        for table in tables {
            let mut name = quoted(&table.name);
            if let Some(schema) = &table.schema {
                let schema = quoted(schema);
                self.connection.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
                name = format!("{schema}.{name}");
            }
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|column| format!("{} {}", quoted(&column.name), column.kind))
                .collect();
            let columns = columns.join(", ");
            self.connection.execute_batch(&format!("CREATE TABLE {name} ({columns})"))?;
        }
        Ok(())
    }

    /// Binds a query that is known to be one SELECT, and runs nothing of it.
    fn describe(&self, sql: &str) -> Answer {
        const BEFORE: &str = "DESCRIBE ";
        let columns = || -> duckdb::Result<Vec<Column>> {
            let mut statement = self.connection.prepare(&format!("{BEFORE}{sql}"))?;
            let rows = statement
                .query_map([], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))?;
            rows.collect()
        };
        match columns() {
            Ok(columns) => Answer::Columns(columns),
            Err(error) => wrong(&error.to_string(), BEFORE.len()),
        }
    }
}

/// What an error says. It is JSON behind the word for its kind.
fn wrong(said: &str, before: usize) -> Answer {
    let json = said.find('{').and_then(|start| said.get(start..));
    let Some(error) = json.and_then(|json| serde_json::from_str::<Value>(json).ok()) else {
        return Answer::Unknown("DuckDB could not say".to_owned());
    };
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    let kind = text("exception_type").to_lowercase();
    let message = text("exception_message");
    // What an extension would bring may be there when it runs.
    if !TELLING.contains(&kind.as_str()) || message.contains("extension") {
        return Answer::Unknown(format!("DuckDB could not bind it ({kind})"));
    }
    Answer::Wrong(Box::new(Wrong {
        kind,
        subtype: text("error_subtype"),
        message,
        position: position(&error["position"]).and_then(|place| place.checked_sub(before)),
        name: text("name"),
        candidates: text("candidates")
            .split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect(),
    }))
}

pub(crate) fn position(value: &Value) -> Option<usize> {
    value.as_str()?.parse().ok()
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
