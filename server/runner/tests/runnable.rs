//! The example project and made-up ones hold SQL and data that DuckDB runs.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use seeknal_runner::Session;
use seeknal_syntax::sql::refs;
use seeknal_syntax::yaml::{Value, construct, parse};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use xtask::generate::{Size, write};

/// A node as far as running it needs: what it reads, and how it is made.
struct Node {
    id: String,
    inputs: Vec<String>,
    made: Made,
}

enum Made {
    Csv(PathBuf),
    Sql(String),
}

fn field<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(known, _)| *known == Value::Text(key.to_owned())).map(|(_, value)| value)
}

fn text(value: &Value, key: &str) -> Option<String> {
    match field(value, key) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn node(root: &Path, file: &Path) -> Option<Node> {
    let source = fs::read_to_string(file).unwrap();
    let tree = parse(&source);
    assert!(tree.problems.is_empty(), "{}: {:?}", file.display(), tree.problems);
    let value = construct(tree.documents[0].root.as_ref().unwrap());
    let kind = text(&value, "kind").unwrap();
    let made = match kind.as_str() {
        "source" => Made::Csv(root.join(text(&value, "table").unwrap())),
        "transform" => Made::Sql(text(&value, "transform").unwrap()),
        _ => return None,
    };
    let inputs = match field(&value, "inputs") {
        Some(Value::List(items)) => items.iter().filter_map(|item| text(item, "ref")).collect(),
        _ => Vec::new(),
    };
    Some(Node { id: format!("{kind}.{}", text(&value, "name").unwrap()), inputs, made })
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => yaml_files(&path, found),
            false => found.push(path),
        }
    }
}

/// Runs every source and transform after what it reads, each as a table under its id.
fn run(root: &Path) -> (Session, usize) {
    let mut files = Vec::new();
    yaml_files(&root.join("seeknal"), &mut files);
    let mut waiting: BTreeMap<String, Node> = files
        .iter()
        .filter_map(|file| node(root, file))
        .map(|node| (node.id.clone(), node))
        .collect();
    let session = Session::open().unwrap();
    let count = waiting.len();
    while !waiting.is_empty() {
        let ready: Vec<String> = waiting
            .values()
            .filter(|node| node.inputs.iter().all(|input| !waiting.contains_key(input)))
            .map(|node| node.id.clone())
            .collect();
        assert!(!ready.is_empty(), "the nodes {:?} wait for each other", waiting.keys());
        for id in ready {
            let node = waiting.remove(&id).unwrap();
            let sql = format!("CREATE TABLE \"{id}\" AS {}", query(&node.made));
            session.execute(&sql).unwrap_or_else(|error| panic!("{id}: {error}\n{sql}"));
        }
    }
    (session, count)
}

fn query(made: &Made) -> String {
    match made {
        Made::Csv(path) => format!("SELECT * FROM read_csv('{}')", path.display()),
        Made::Sql(sql) => {
            let mut out = sql.clone();
            for site in refs(sql).into_iter().rev() {
                out.replace_range(site.span.start..site.span.end, &format!("\"{}\"", site.id));
            }
            out
        }
    }
}

#[test]
fn the_shop_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shop");
    let (session, count) = run(&root);
    assert_eq!(count, 5);
    let days = "SELECT string_agg(day || ' ' || order_count || ' ' || revenue, ', ' ORDER BY day) \
                FROM \"transform.daily_revenue\"";
    assert_eq!(
        session.text(days).unwrap(),
        "2026-03-01 2 169.9, 2026-03-02 3 331.99, 2026-03-03 3 449.35, 2026-03-04 1 44.44"
    );
}

#[test]
fn made_up_projects_run_and_have_rows() {
    for (nodes, seed) in [(60, 1), (60, 2), (400, 3)] {
        let name = format!("seeknal-runnable-{}-{seed}", std::process::id());
        let root = std::env::temp_dir().join(name);
        write(&Size { nodes, seed }, &root).unwrap();
        let (session, count) = run(&root);
        let wide = "SELECT (count(*) FILTER (WHERE width BETWEEN 5 AND 20))::VARCHAR FROM \
                    (SELECT count(*) AS width FROM information_schema.columns GROUP BY table_name)";
        assert_eq!(session.text(wide).unwrap(), count.to_string(), "5 to 20 columns each");
        let filled = "SELECT (avg((estimated_size > 0)::INT) > 0.6)::VARCHAR FROM duckdb_tables()";
        assert_eq!(session.text(filled).unwrap(), "true", "most tables have rows");
        fs::remove_dir_all(&root).unwrap();
    }
}
