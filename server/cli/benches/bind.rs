//! What a query costs to read and to bind in a worker, beside plain DuckDB in this process.
//!
//! `cargo bench --package seeknal-cli --bench bind`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench takes the time")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use seeknal_analysis::{Ask, Binder, Column, Table};
use seeknal_runner::Session;
use seeknal_workers::{Program, Workers};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/selects.sql");
    let text = std::fs::read_to_string(file).unwrap();
    let queries: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("SELECT") && line.contains("FROM orders"))
        .map(|line| line.trim_end_matches(';'))
        .collect();
    let kinds = ["BIGINT", "BIGINT", "DECIMAL(10,2)", "DOUBLE", "VARCHAR", "TIMESTAMP", "DATE"];
    let names = ["id", "customer_id", "amount", "price", "status", "ts", "day"];
    let column = |(name, kind): (&&str, &&str)| Column {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
    };
    let columns: Vec<Column> = names.iter().zip(&kinds).map(column).collect();
    let session = Session::open().unwrap();
    let list: Vec<String> =
        columns.iter().map(|one| format!("{} {}", one.name, one.kind)).collect();
    session.execute(&format!("CREATE TABLE orders ({})", list.join(", "))).unwrap();
    let tables = Some(vec![Table { schema: None, name: "orders".to_owned(), columns }]);
    let path = PathBuf::from(env!("CARGO_BIN_EXE_seeknal-worker"));
    let workers = Workers::new(Program { path, arguments: vec!["worker".into()] }, 1);
    workers.parse("SELECT 1");
    let mut samples: [Vec<Duration>; 4] = Default::default();
    for sql in queries.iter().cycle().take(queries.len() * ROUNDS) {
        let quoted = sql.replace('\'', "''");
        let mut timed = |place: usize, work: &dyn Fn()| {
            let begun = Instant::now();
            work();
            samples[place].push(begun.elapsed());
        };
        timed(0, &|| {
            let _ = session.text(&format!("SELECT json_serialize_sql('{quoted}')"));
        });
        timed(1, &|| {
            workers.parse(sql);
        });
        timed(2, &|| {
            let _ = session.execute(&format!("DESCRIBE {sql}"));
        });
        timed(3, &|| {
            workers.bind(&Ask { sql: (*sql).to_owned(), tables: tables.clone() });
        });
    }
    println!("{} queries, {ROUNDS} times each, µs", queries.len());
    let names =
        ["read: plain DuckDB", "read: worker, tree", "bind: plain DuckDB", "bind: worker, tables"];
    for (name, samples) in names.iter().zip(&mut samples) {
        samples.sort();
        let of = |percent: usize| samples[(samples.len() - 1) * percent / 100].as_micros();
        println!(
            "  {name:<22} p50 {:>6}  p95 {:>6}  p99 {:>6}  max {:>7}",
            of(50),
            of(95),
            of(99),
            of(100)
        );
    }
}
