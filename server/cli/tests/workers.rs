//! Workers as processes: what they answer, what they refuse, and what cannot hurt whoever asks.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "a test")]

use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Table};
use seeknal_workers::{Program, Workers};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn workers() -> Workers {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_seeknal-worker"));
    Workers::new(Program { path, arguments: vec!["worker".into()] }, 1)
}

fn ask(sql: &str) -> Ask {
    let column = |name: &str, kind: &str| Column { name: name.into(), kind: kind.into() };
    let columns = vec![column("amount", "DECIMAL(10,2)"), column("status", "VARCHAR")];
    Ask {
        sql: sql.into(),
        tables: Some(vec![Table { schema: None, name: "input_0".into(), columns }]),
    }
}

/// An answer in a line.
fn told(answer: Answer) -> String {
    match answer {
        Answer::Columns(columns) => {
            let all: Vec<String> =
                columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
            all.join(", ")
        }
        Answer::Unknown(reason) => format!("unknown: {reason}"),
        Answer::Wrong(wrong) => {
            let place = wrong.position.map_or("nowhere".to_owned(), |place| place.to_string());
            format!("{} {} at {place} {:?}", wrong.kind, wrong.subtype, wrong.candidates)
        }
    }
}

#[test]
fn queries_have_the_columns_that_duckdb_gives_them() {
    let workers = workers();
    for (sql, expected) in [
        ("SELECT * FROM input_0", "amount DECIMAL(10,2), status VARCHAR"),
        ("FROM input_0 SELECT sum(amount) AS s", "s DECIMAL(38,2)"),
        (
            "WITH a AS (SELECT 1 AS x) SELECT x, [x] FROM a, range(3) AS r(y)",
            "x INTEGER, main.list_value(x) INTEGER[]",
        ),
        ("SELECT 'a' AS \"b c\" -- no more", "b c VARCHAR"),
    ] {
        assert_eq!(told(workers.bind(&ask(sql))), expected, "{sql}");
    }
}

/// Which errors say where they are. Those that do not are placed by their name, or at the query.
#[test]
fn errors_say_what_and_mostly_where() {
    let workers = workers();
    for (sql, expected) in [
        ("SELECT FROM input_0", "parser  at nowhere []"),
        ("SELECT amount amount amount", "parser SYNTAX_ERROR at 21 []"),
        ("SELECT amout FROM input_0", "binder COLUMN_NOT_FOUND at 7 [\"amount\", \"status\"]"),
        ("SELECT x.amount FROM input_0", "binder  at 7 []"),
        ("SELECT fooo(1)", "catalog MISSING_ENTRY at 7 [\"floor\"]"),
        ("SELECT * FROM nope", "catalog MISSING_ENTRY at 14 [\"input_0"),
        ("SELECT amount + status FROM input_0", "binder NO_MATCHING_FUNCTION at 14"),
        ("SELECT status, sum(amount) FROM input_0", "binder  at 7 []"),
        ("SELECT (SELECT 1, 2)", "binder  at 7 []"),
        ("SELECT 1 UNION SELECT 1, 2", "binder  at nowhere []"),
        ("SELECT * EXCLUDE (zz) FROM input_0", "binder  at nowhere []"),
        ("SELECT * FROM input_0 a JOIN input_0 b USING (zz)", "binder  at nowhere []"),
        ("SELECT amount FROM input_0 a, input_0 b", "binder  at 7 []"),
        ("SELECT amount::FOO FROM input_0", "catalog MISSING_ENTRY at 15"),
    ] {
        let found = told(workers.bind(&ask(sql)));
        assert!(found.starts_with(expected), "{sql}: {found}");
    }
}

#[test]
fn what_is_no_plain_select_is_unknown_and_never_an_error() {
    let workers = workers();
    let secret = std::env::temp_dir().join(format!("seeknal-secret-{}.csv", std::process::id()));
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let place = secret.display().to_string();
    let written = std::env::temp_dir().join(format!("seeknal-written-{}", std::process::id()));
    let target = written.display().to_string();
    let mut all: Vec<String> = [
        "",
        ";",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "DROP TABLE input_0",
        "CREATE TABLE x (a INT)",
        "INSERT INTO input_0 VALUES (1, 'a')",
        "SET threads = 4",
        "RESET lock_configuration",
        "PRAGMA database_list",
        "CALL enable_logging()",
        "ATTACH ':memory:' AS x",
        "LOAD json",
        "INSTALL httpfs",
        "EXPLAIN SELECT 1",
        "DESCRIBE input_0",
        "SHOW TABLES",
        "SUMMARIZE input_0",
        "PIVOT input_0 ON status USING sum(amount)",
        "SELECT * FROM (PIVOT input_0 ON status USING sum(amount))",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('input_0')",
        "SELECT * FROM enable_logging(storage := 'file')",
        "SELECT * FROM pragma_version()",
        "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'x')",
        "SELECT * FROM sqlite_scan('x.db', 'y')",
        "SELECT (SELECT count(*) FROM glob('/*'))",
        "WITH a AS (FROM read_text('/etc/passwd')) FROM a",
        "SELECT * FROM input_0 WHERE EXISTS (FROM read_blob('/etc/passwd'))",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("SELECT * FROM '{place}'"));
    all.push(format!("SELECT * FROM read_csv('{place}')"));
    all.push(format!("COPY (SELECT 1) TO '{target}'"));
    all.push(format!("EXPORT DATABASE '{target}'"));
    all.push(format!("SELECT 1; COPY (SELECT 1) TO '{target}'"));
    all.push(format!("SELECT * FROM sniff_csv('{place}')"));
    for sql in &all {
        let answer = workers.bind(&ask(sql));
        assert!(matches!(answer, Answer::Unknown(_)), "{sql}: {answer:?}");
    }
    assert!(!written.exists(), "nothing was written");
    // The types of columns come from files; one that is more than a type makes no table.
    let mut evil = ask("SELECT * FROM input_0");
    evil.tables.as_mut().unwrap()[0].columns[0].kind =
        format!("INT); COPY (SELECT 1) TO '{target}'; --");
    assert!(matches!(workers.bind(&evil), Answer::Unknown(_) | Answer::Columns(_)));
    assert!(!written.exists(), "nothing was written");
    assert_eq!(workers.lost(), 0);
    let found = workers.bind(&ask("SELECT status FROM input_0"));
    assert_eq!(told(found), "status VARCHAR", "the worker is as it was");
    std::fs::remove_file(secret).unwrap();
}

#[test]
fn only_the_files_that_are_named_are_looked_into() {
    let folder = std::env::temp_dir().join(format!("seeknal-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (named, other) = (folder.join("a.csv"), folder.join("b.csv"));
    std::fs::write(&named, "id,day\n1,2024-03-31\n").unwrap();
    std::fs::write(&other, "x\n1\n").unwrap();
    let read = |path: &PathBuf| format!("SELECT * FROM read_csv('{}')", path.display());
    let found = workers().columns(&[
        (named.clone(), read(&named)),
        (named.clone(), read(&other)),
        (folder.join("none.csv"), read(&folder.join("none.csv"))),
    ]);
    let told: Vec<Option<String>> =
        found.into_iter().map(|one| one.map(|columns| told(Answer::Columns(columns)))).collect();
    assert_eq!(told, [Some("id BIGINT, day DATE".to_owned()), None, None]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_query_that_costs_a_worker_is_given_up_and_not_tried_again() {
    let workers = workers();
    let sum = vec!["1"; 900].join(" + ");
    let begun = Instant::now();
    let answer = workers.bind(&ask(&format!("SELECT {sum} AS x")));
    assert!(matches!(answer, Answer::Unknown(_)), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    let nested = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let answer = workers.bind(&ask(&nested));
    assert!(!matches!(answer, Answer::Columns(_)), "{answer:?}");
    assert_eq!(
        told(workers.bind(&ask("SELECT 1 AS one"))),
        "one INTEGER",
        "a worker is there again"
    );
}

#[test]
fn a_worker_that_hangs_is_killed_and_its_query_not_tried_again() {
    // It says that it is ready, and then nothing more.
    let script = r#"printf '\016\000\000\000{"ready":true}'; exec sleep 600"#;
    let program = Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
    let workers = Workers::new(program, 1);
    for _ in 0..20 {
        let answer = workers.bind(&ask("SELECT 1"));
        assert_eq!(told(answer), "unknown: DuckDB takes too long to bind it");
    }
    assert_eq!(workers.lost(), 1);
    let begun = Instant::now();
    drop(workers);
    assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits for the sleeper");
}

#[test]
fn many_may_ask_at_once() {
    let workers = Arc::new(workers());
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let workers = workers.clone();
            std::thread::spawn(move || {
                for round in 0..20 {
                    let sql = format!("SELECT {number} AS a{round}");
                    assert_eq!(told(workers.bind(&ask(&sql))), format!("a{round} INTEGER"));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_program_that_is_no_worker_is_said_to_be_none() {
    let program = Program { path: "/bin/true".into(), arguments: Vec::new() };
    let workers = Workers::new(program, 2);
    for _ in 0..5 {
        let answer = workers.bind(&ask("SELECT 1"));
        assert_eq!(told(answer), "unknown: DuckDB's worker does not start");
    }
}

/// Any text at all: pieces of queries in any order, and queries with something left out or put in.
///
/// `SEEKNAL_TEXTS=50000 cargo test --package seeknal-cli --test workers` tries more.
#[test]
fn no_text_harms_the_worker() {
    const PIECES: [&str; 40] = [
        "SELECT",
        "FROM",
        "input_0",
        "amount",
        "status",
        "(",
        ")",
        ",",
        "*",
        "'a",
        "'",
        "\"",
        "--",
        "/*",
        "*/",
        "$$",
        "[",
        "]",
        "{",
        "}",
        "::",
        "INTEGER",
        "WITH",
        "AS",
        "OVER",
        "UNION",
        "1e999",
        "0x",
        "\u{0}",
        "é",
        "\u{202e}",
        ";",
        "?",
        "$1",
        "lambda",
        "CASE",
        "PIVOT",
        "COLUMNS(*)",
        "\\",
        "-",
    ];
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/selects.sql");
    let corpus = std::fs::read_to_string(file).unwrap();
    let corpus: Vec<&str> = corpus.lines().filter(|line| line.len() < 300).collect();
    let texts = std::env::var("SEEKNAL_TEXTS").map_or(3_000, |count| count.parse().unwrap());
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit as u64).unwrap()
    };
    let workers = workers();
    for number in 0..texts {
        let text = if number % 2 == 0 {
            let pieces: Vec<&str> = (0..below(30)).map(|_| PIECES[below(PIECES.len())]).collect();
            pieces.join(if number % 4 == 0 { " " } else { "" })
        } else {
            let mut letters: Vec<char> = corpus[below(corpus.len())].chars().collect();
            let (from, length) = (below(letters.len().max(1)), below(5));
            letters.splice(from..(from + length).min(letters.len()), PIECES[below(40)].chars());
            letters.into_iter().collect()
        };
        let _ = (workers.parse(&text), workers.bind(&ask(&text)));
        assert_eq!(workers.lost(), 0, "{text:?}");
    }
    assert_eq!(told(workers.bind(&ask("SELECT status FROM input_0"))), "status VARCHAR");
}
