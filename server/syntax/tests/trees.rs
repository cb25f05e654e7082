//! Queries as DuckDB shows them, recorded, as trees: what stands at each place is what the tree says.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use seeknal_syntax::slice;
use seeknal_syntax::sql::serialized;
use seeknal_syntax::sql::tree::{ExprKind, Query, TableKind};
use seeknal_syntax::sql::walk::{Part, opaque, walk};
use serde_json::{Value, json};
use std::path::Path;

fn recorded() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/trees/queries.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let both = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["sql"].as_str().unwrap().to_owned(), line["shown"].as_str().unwrap().to_owned())
    };
    text.lines().map(both).collect()
}

/// A name as it may stand in SQL, without its quotes and in small letters.
fn plain(text: &str) -> String {
    text.replace('"', "").to_lowercase()
}

#[test]
fn names_stand_where_the_tree_says() {
    let (mut columns, mut tables, mut calls) = (0, 0, 0);
    for (sql, shown) in recorded() {
        let tree = serialized::read(&shown, &sql).unwrap();
        walk(&tree, &mut |part| match part {
            Part::Expr(expr) => match &expr.kind {
                // The parser gives some names to what it makes up itself, at no place.
                ExprKind::Column(parts) if expr.span.len() < sql.len() => {
                    columns += 1;
                    assert_eq!(plain(slice(&sql, expr.span)), plain(&parts.join(".")), "{sql}");
                }
                ExprKind::Call(call) => {
                    let text = plain(slice(&sql, expr.span));
                    if text.starts_with(&format!("{}(", call.name)) {
                        calls += 1;
                        assert!(text.ends_with(')'), "{sql}: {text}");
                    }
                }
                _ => {}
            },
            Part::Table(table) => {
                if let TableKind::Named(parts) = &table.kind {
                    tables += 1;
                    assert_eq!(plain(slice(&sql, table.span)), plain(&parts.join(".")), "{sql}");
                }
            }
            Part::Query(_) => {}
        });
    }
    assert!(columns > 60 && tables > 40 && calls > 20, "{columns} {tables} {calls}");
}

#[test]
fn what_is_not_known_is_opaque_by_name_and_never_passed_over() {
    // Whatever another version of DuckDB may add to any object.
    let mut tried = 0;
    for (sql, shown) in recorded() {
        if !opaque(&serialized::read(&shown, &sql).unwrap()).is_empty() {
            continue;
        }
        let mut places = Vec::new();
        objects(&serde_json::from_str(&shown).unwrap(), String::new(), &mut places);
        for place in places.iter().filter(|place| place.contains("/statements/0/")).step_by(2) {
            let mut changed: Value = serde_json::from_str(&shown).unwrap();
            changed.pointer_mut(place).unwrap()["brand_new"] = json!("x");
            let tree = serialized::read(&changed.to_string(), &sql);
            let now = tree.map(|tree| opaque(&tree).len()).unwrap_or(usize::MAX);
            // Types and values that are written out whole keep what is new in their text.
            let is_whole =
                ["type_info", "sample", "/value/value"].iter().any(|one| place.contains(one));
            assert!(now > 0 || is_whole, "{sql} {place}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

fn objects(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                objects(inner, format!("{place}/{key}"), found);
            }
            found.push(place);
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                objects(inner, format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_hint_that_duckdb_does_not_show_is_found_in_the_text() {
    let shown = recorded().into_iter().find_map(|(sql, shown)| {
        sql.starts_with("WITH a AS (SELECT id FROM orders) ").then_some(shown)
    });
    let shown = shown.unwrap_or_else(|| panic!("no query with a common table expression"));
    let hint = |sql: &str| match serialized::read(&shown, sql).unwrap() {
        Query::Select(select) => select.modifiers.ctes.first().map(|cte| cte.materialized),
        _ => None,
    };
    assert_eq!(hint("WITH a AS (SELECT 1) SELECT * FROM a"), Some(None));
    assert_eq!(hint("WITH \"A\" AS MATERIALIZED (SELECT 1) SELECT * FROM a"), Some(Some(true)));
    assert_eq!(hint("WITH a(x) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a"), Some(Some(false)));
    // A hint that belongs to nothing in the tree makes it unclear.
    assert_eq!(hint("WITH b AS MATERIALIZED (SELECT 1) SELECT * FROM a"), None);
}

#[test]
fn what_is_deep_or_no_json_is_refused_and_harms_nobody() {
    for text in ["", "{", "null", "[]", "{\"error\":false,\"statements\":[{}]}"] {
        let read = serialized::read(text, "SELECT 1");
        assert!(read.is_err() || matches!(read, Ok(Query::Opaque(_))), "{text}");
    }
    assert!(serialized::read(&"[".repeat(1_000_000), "").is_err());
    let deep = format!("{}1{}", "[".repeat(1_900), "]".repeat(1_900));
    assert!(serialized::read(&deep, "").is_err());
}
