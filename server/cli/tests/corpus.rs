//! Many queries, each read and bound by a worker as plain DuckDB would: what one takes the other takes,
//! and nearly everything can be looked into.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

use seeknal_analysis::{Answer, Ask, Binder, Column, Parsed, Table};
use seeknal_runner::Session;
use seeknal_syntax::sql::walk;
use seeknal_workers::{Program, Workers};
use std::path::{Path, PathBuf};

const OPAQUE_MAX: f64 = 0.03;

fn workers() -> Workers {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_seeknal-worker"));
    Workers::new(Program { path, arguments: vec!["worker".into()] }, 1)
}

fn table(name: &str, columns: &[(&str, &str)]) -> Table {
    let column =
        |(name, kind): &(&str, &str)| Column { name: (*name).into(), kind: (*kind).into() };
    Table { schema: None, name: name.into(), columns: columns.iter().map(column).collect() }
}

/// The tables that the queries of this project read.
fn own_tables() -> Vec<Table> {
    let orders = [
        ("id", "BIGINT"),
        ("customer_id", "BIGINT"),
        ("amount", "DECIMAL(10,2)"),
        ("price", "DOUBLE"),
        ("status", "VARCHAR"),
        ("ts", "TIMESTAMP"),
        ("day", "DATE"),
        ("tags", "VARCHAR[]"),
        ("info", "STRUCT(a INTEGER, b VARCHAR)"),
        ("props", "MAP(VARCHAR, INTEGER)"),
        ("doc", "JSON"),
        ("ok", "BOOLEAN"),
    ];
    let customers =
        [("id", "BIGINT"), ("name", "VARCHAR"), ("region", "VARCHAR"), ("since", "DATE")];
    vec![
        table("orders", &orders),
        table("customers", &customers),
        table("events", &[("id", "BIGINT"), ("ts", "TIMESTAMP")]),
    ]
}

/// The queries of this project.
fn own_queries() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/selects.sql");
    let text = std::fs::read_to_string(file).unwrap();
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let text = text.join("\n");
    text.split(";\n").map(|one| one.trim_end_matches(';').to_owned()).collect()
}

/// What became of a set of queries.
#[derive(Default)]
struct Tried {
    all: usize,
    taken: usize,
    opaque: Vec<String>,
}

/// Asks plain DuckDB and a worker about each query.
fn tried(session: &Session, tables: &[Table], queries: &[String]) -> Tried {
    let workers = workers();
    let mut tried = Tried::default();
    for sql in queries {
        tried.all += 1;
        let plain = session.execute(&format!("DESCRIBE {sql}"));
        let answer = workers.bind(&Ask { sql: sql.clone(), tables: Some(tables.to_vec()) });
        match (&plain, &answer) {
            (Ok(()), Answer::Columns(_)) | (Err(_), Answer::Wrong(_)) => {}
            // Whoever does not know says so; DuckDB's word that it is wrong stays with the run.
            (_, Answer::Unknown(reason)) => tried.opaque.push(format!("{sql}: {reason}")),
            _ => panic!("{sql}\n  plain: {plain:?}\n  worker: {answer:?}"),
        }
        if plain.is_err() {
            continue;
        }
        tried.taken += 1;
        match workers.parse(sql) {
            Parsed::Tree(tree) => {
                let spans = walk::opaque(&tree);
                tried.opaque.extend(spans.first().map(|one| format!("{sql}: {}", one.construct)));
            }
            other => tried.opaque.push(format!("{sql}: {other:?}")),
        }
    }
    assert_eq!(workers.lost(), 0);
    tried
}

#[allow(clippy::cast_precision_loss, clippy::print_stdout, reason = "the share is the result")]
fn assert_clear(name: &str, tried: &Tried, at_least: usize) {
    let share = tried.opaque.len() as f64 / tried.all as f64;
    println!(
        "{name}: {} queries, {} taken, {} not looked into",
        tried.all,
        tried.taken,
        tried.opaque.len()
    );
    assert!(tried.all >= at_least, "{name} has only {} queries", tried.all);
    assert!(share <= OPAQUE_MAX, "{name}: {share}\n{}", tried.opaque.join("\n"));
}

fn session(tables: &[Table]) -> Session {
    let session = Session::open().unwrap();
    for table in tables {
        let columns: Vec<String> =
            table.columns.iter().map(|one| format!("\"{}\" {}", one.name, one.kind)).collect();
        let sql = format!("CREATE TABLE \"{}\" ({})", table.name, columns.join(", "));
        session.execute(&sql).unwrap();
    }
    session
}

#[test]
fn queries_of_many_kinds_are_taken_as_duckdb_takes_them() {
    let queries = own_queries();
    let tables = own_tables();
    let tried = tried(&session(&tables), &tables, &queries);
    assert!(tried.taken * 100 >= tried.all * 98, "{} of {}", tried.taken, tried.all);
    assert_clear("our own", &tried, 500);
}

#[test]
fn the_examples_in_the_list_of_functions_are_taken_as_duckdb_takes_them() {
    let session = Session::open().unwrap();
    let examples = "SELECT list('SELECT ' || example ORDER BY example)::JSON::VARCHAR FROM \
                    (SELECT DISTINCT unnest(examples) AS example FROM duckdb_functions())";
    let list = session.text(examples).unwrap();
    let queries: Vec<String> = serde_json::from_str(&list).unwrap();
    let tables = [table("x", &[("A", "INTEGER"), ("B", "INTEGER"), ("x", "INTEGER")])];
    let tried = tried(&self::session(&tables), &tables, &queries);
    assert_clear("examples of functions", &tried, 450);
}

/// The queries of two benchmarks, from extensions of DuckDB that `cargo xtask corpus` fetches.
#[test]
#[ignore = "needs extensions: cargo xtask corpus"]
fn the_queries_of_benchmarks_are_taken_as_duckdb_takes_them() {
    let folder = PathBuf::from(std::env::var("SEEKNAL_EXTENSIONS").unwrap());
    for (name, make, at_least) in
        [("tpch", "CALL dbgen(sf = 0)", 22), ("tpcds", "CALL dsdgen(sf = 0)", 99)]
    {
        let session = Session::open().unwrap();
        let file = folder.join(format!("{name}.duckdb_extension"));
        session.execute(&format!("LOAD '{}'", file.display())).unwrap();
        session.execute(make).unwrap();
        let tables = tables_of(&session);
        let text = session
            .text(&format!(
                "SELECT list(query ORDER BY query_nr)::JSON::VARCHAR FROM {name}_queries()"
            ))
            .unwrap();
        let queries: Vec<String> = serde_json::from_str(&text).unwrap();
        let queries: Vec<String> =
            queries.iter().map(|sql| sql.trim().trim_end_matches(';').to_owned()).collect();
        let tried = tried(&session, &tables, &queries);
        assert_eq!(tried.taken, tried.all);
        assert_clear(name, &tried, at_least);
    }
}

fn tables_of(session: &Session) -> Vec<Table> {
    let text = session
        .text(
            "SELECT list({'t': table_name, 'c': column_name, 'k': data_type} \
             ORDER BY table_name, column_index)::JSON::VARCHAR FROM duckdb_columns() WHERE NOT internal",
        )
        .unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let column = Column { name: text("c"), kind: text("k") };
        match tables.last_mut().filter(|table| table.name == text("t")) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { schema: None, name: text("t"), columns: vec![column] }),
        }
    }
    tables
}

/// Some of the queries as DuckDB shows them, for tests that have no DuckDB.
#[test]
fn the_recorded_trees_are_those_of_today() {
    let session = Session::open().unwrap();
    let mut lines = String::new();
    for sql in own_queries().iter().step_by(7).filter(|sql| sql.len() < 400) {
        let quoted = sql.replace('\'', "''");
        let shown = session.text(&format!("SELECT json_serialize_sql('{quoted}')")).unwrap();
        let line = serde_json::json!({ "sql": sql, "shown": shown });
        lines.push_str(&format!("{line}\n"));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/trees/queries.jsonl");
    if std::env::var_os("SEEKNAL_WRITE").is_some() {
        std::fs::write(&file, &lines).unwrap();
    }
    let recorded = std::fs::read_to_string(&file).unwrap();
    assert!(recorded == lines, "SEEKNAL_WRITE=1 cargo test --package seeknal-cli --test corpus");
}
