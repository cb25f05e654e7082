//! The pages of `tests/spec`: what an edit does, told by the engine that users have.
//!
//! A page has three blocks: the nodes before, those that the edit changes, and the verdict. A key is the
//! name of a transform with its SQL, `kind.name` with its fields, or a file with its text; nothing in the
//! place of a node removes it. Two sources are always there: `orders` and `customers`.
//!
//! `SEEKNAL_WRITE=1 cargo test --package seeknal-cli --test spec` writes the verdicts, to be read.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod helpers;

use helpers::states::*;
use seeknal_analysis::changes::{Changes, Reason, changes};
use seeknal_model::NodeId;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

const CORPUS_SOURCES: &str = "
source.orders:
  source: postgresql
  table: a.orders
  columns: {id: BIGINT, customer_id: BIGINT, amount: 'DECIMAL(10,2)', price: DOUBLE, status: VARCHAR, ts: TIMESTAMP, day: DATE, tags: 'VARCHAR[]', ok: BOOLEAN}
source.customers:
  source: postgresql
  table: a.customers
  columns: {id: BIGINT, name: VARCHAR, region: VARCHAR, since: DATE}
source.events:
  source: postgresql
  table: a.events
  columns: {id: BIGINT, ts: TIMESTAMP}
";

struct Page {
    path: PathBuf,
    text: String,
    before: Map<String, Value>,
    after: Map<String, Value>,
    verdict: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spec")
}

fn pages() -> Vec<Page> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| {
            path.file_name().is_some_and(|name| name != "README.md" && name != "guide.md")
        })
        .map(page)
        .collect()
}

fn page(path: PathBuf) -> Page {
    let text = std::fs::read_to_string(&path).unwrap();
    let block = |fence: &str| {
        let start = text.split_once(&format!("```{fence}\n"));
        let (_, rest) = start.unwrap_or_else(|| panic!("{} has no {fence}", path.display()));
        rest.split_once("```").unwrap().0.to_owned()
    };
    let nodes = |fence: &str| -> Map<String, Value> {
        let block = block(fence);
        seeknal_yaml(&block, &path)
    };
    let (before, after) = (nodes("yaml before"), nodes("yaml after"));
    let verdict = block("text verdict");
    Page { before, after, verdict, path: path.clone(), text: text.clone() }
}

fn told(changes: &Changes) -> String {
    let mut lines = Vec::new();
    let short = |text: &str| text.replace("transform.", "").replace("source.", "");
    let sentences = |reasons: &[Reason]| {
        let all: Vec<&str> = reasons.iter().map(|one| one.message.as_str()).collect();
        all.join("; ")
    };
    for change in &changes.changes {
        let word = change.category.word();
        let word =
            if change.is_destructive { format!("{word} destructive") } else { word.to_owned() };
        lines.push(format!("{word} {}: {}", change.node, sentences(&change.reasons)));
    }
    for step in &changes.steps {
        lines.push(format!("{} {}: {}", step.action.word(), step.node, sentences(&step.reasons)));
    }
    short(&lines.join("\n"))
}

#[test]
fn every_page_holds() {
    let binder = engine(2);
    let writes = std::env::var_os("SEEKNAL_WRITE").is_some();
    let mut wrong = Vec::new();
    for page in pages() {
        let mut before = seeknal_yaml(SOURCES, &page.path);
        before.extend(page.before.clone());
        let mut after = before.clone();
        after.extend(page.after.clone());
        let (old, new) = (state_of_edits(&before, &binder), state(&after, &binder));
        let title = page.path.display().to_string();
        assert_same(&state_after(&after, &binder, &old), &new, &title);
        let found = told(&changes(side(&old), side(&new), 2));
        let same = told(&changes(side(&old), side(&old), 2));
        assert_eq!(same, "", "{} beside itself", page.path.display());
        if found.trim() != page.verdict.trim() {
            if writes {
                let old = format!("```text verdict\n{}```", page.verdict);
                let new = format!("```text verdict\n{found}\n```");
                std::fs::write(&page.path, page.text.replace(&old, &new)).unwrap();
            } else {
                wrong.push(format!("{}\n{found}\n", page.path.display()));
            }
        }
        if std::env::var_os("SEEKNAL_OPAQUE").is_some() {
            for node in new.project.declared() {
                if let Some(reason) =
                    new.identities.get(&node.id).and_then(|one| one.opaque.clone())
                {
                    println!("{}: {} {reason}", page.path.display(), node.id);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// After an edit only the node and what its new identities reach are looked at; an edit that means
/// nothing reaches nobody. Whatever is edited, what is found is what would be found from nothing.
#[test]
fn only_what_an_edit_reaches_is_looked_at_again() {
    let binder = engine(1);
    let mut nodes = seeknal_yaml(SOURCES, Path::new("sources"));
    nodes.insert("n0".into(), "SELECT id, amount, status FROM ref('source.orders')".into());
    for number in 1..20 {
        let sql = format!("SELECT id, amount, status FROM ref('transform.n{}')", number - 1);
        nodes.insert(format!("n{number}"), sql.into());
    }
    let before = state_of_edits(&nodes, &binder);
    assert_eq!(before.identities.computed(), 22);
    for (key, sql, expected) in [
        // The text is another and the meaning is not.
        ("n9", json!("SELECT id, amount, status /* same */ FROM ref('transform.n8')"), 1),
        // One more column, which nobody reads.
        ("n9", json!("SELECT id, amount, status, 1 AS one FROM ref('transform.n8')"), 2),
        // Everything behind it reads the column.
        ("n9", json!("SELECT id, -amount AS amount, status FROM ref('transform.n8')"), 11),
        // Half a line: whoever is behind it knows no columns any more.
        ("n9", json!("SELECT id, FROM WHERE"), 11),
        ("n19", Value::Null, 0),
        ("n0", Value::Null, 19),
        ("new", json!("SELECT id FROM ref('transform.n3')"), 1),
    ] {
        let mut changed = nodes.clone();
        changed.insert(key.into(), sql.clone());
        let after = state_after(&changed, &binder, &before);
        assert_eq!(after.identities.computed(), expected, "{key}: {sql}");
        assert_same(&after, &state(&changed, &binder), key);
        let back = state_after(&nodes, &binder, &after);
        assert_eq!(told(&changes(side(&before), side(&back), 2)), "");
    }
}

/// What a day stands for changes by itself, and that is no edit.
#[test]
fn another_day_is_no_edit() {
    let binder = engine(1);
    let mut nodes = seeknal_yaml(SOURCES, Path::new("sources"));
    let sql = "SELECT id, 'of {{ today }}' AS day, count(*) AS n FROM ref('source.orders') WHERE \
               ordered_at > '{{ yesterday }}'::TIMESTAMP GROUP BY ALL HAVING n > 0";
    nodes.insert("u".into(), sql.into());
    let before = state(&nodes, &binder);
    assert_eq!(before.identities.get(&NodeId::new("transform.u")).unwrap().opaque, None);
    let after = state_on("2024-04-01", &nodes, &binder, &before);
    assert_eq!(told(&changes(side(&before), side(&after), 2)), "");
    nodes.insert("u".into(), sql.replace("of {{", "on {{").into());
    let after = state_after(&nodes, &binder, &before);
    let found = told(&changes(side(&before), side(&after), 2));
    assert!(found.starts_with("NON_BREAKING u: defines `day` anew"), "{found}");
}

/// Whatever DuckDB takes has an identity, and most of it is seen through.
#[test]
fn queries_of_many_kinds_are_seen_through() {
    let binder = engine(2);
    let text = std::fs::read_to_string(folder().join("../corpus/selects.sql")).unwrap();
    let mut nodes = seeknal_yaml(CORPUS_SOURCES, Path::new("sources"));
    let mut deep = "SELECT id FROM orders".to_owned();
    for _ in 0..150 {
        deep = format!("SELECT id FROM ({deep})");
    }
    let lines = text.lines().filter(|line| line.ends_with(';'));
    for (number, sql) in lines.chain([deep.as_str()]).enumerate() {
        let sql = sql.trim_end_matches(';');
        let mut named = sql.to_owned();
        for table in ["orders", "customers", "events"] {
            for before in ["FROM ", "JOIN ", ", "] {
                let (from, to) =
                    (format!("{before}{table}"), format!("{before}ref('source.{table}')"));
                // Qualified names, functions and other words that begin so stay.
                named = replaced_where_alone(&named, &from, &format!("{to} {table}"));
            }
        }
        nodes.insert(format!("q{number}"), named.into());
    }
    let found = state(&nodes, &binder);
    let (mut all, mut open) = (0, Vec::new());
    for node in found.project.declared().filter(|node| node.kind.name == "transform") {
        if found.schemas.columns(&node.id).is_none() {
            continue;
        }
        all += 1;
        let reason = found.identities.get(&node.id).and_then(|one| one.opaque.clone());
        open.extend(
            reason.map(|reason| format!("{}: {reason}", node.sql.as_ref().unwrap().text.text)),
        );
    }
    println!("{} of {all} are not seen through", open.len());
    assert!(all > 350, "{all}");
    if std::env::var_os("SEEKNAL_OPAQUE").is_some() {
        println!("{}", open.join("\n"));
    }
    assert!(open.len() * 100 <= all * 8, "{}", open.join("\n"));
}

/// A text with a name replaced, where the name ends there and no alias follows.
fn replaced_where_alone(text: &str, from: &str, to: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(from) {
        let next = behind.chars().next().unwrap_or(' ');
        let words: Vec<&str> = behind.split_whitespace().collect();
        let keyword =
            |word: &str| word.chars().all(|c| c.is_ascii_uppercase() || "();,".contains(c));
        let alone = (next == ' ' || next == ')')
            && words.first().is_none_or(|word| keyword(word) && *word != "AS");
        found.push_str(before);
        found.push_str(if alone { to } else { from });
        rest = behind;
    }
    found + rest
}
