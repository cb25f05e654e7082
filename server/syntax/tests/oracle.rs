//! Our reading of YAML beside PyYAML's values and serde_yaml's shapes.
//!
//! `fixtures/yaml/oracle.jsonl` holds documents with PyYAML's answers (`cargo xtask oracle --record`
//! writes it); `SEEKNAL_ORACLE` may name another such file, which the suite makes anew each time.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use seeknal_syntax::yaml::{Node, NodeKind, Value, construct, parse};
use seeknal_syntax::{Severity, codes};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};

fn encode(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(digits) => json!({ "int": digits }),
        Value::Float(value) if value.is_nan() => json!({ "float": "nan" }),
        Value::Float(value) => json!({ "float": format!("{:016x}", value.to_bits()) }),
        Value::Timestamp(iso) => json!({ "time": iso }),
        Value::Text(text) => json!({ "str": text }),
        Value::List(items) => Json::Array(items.iter().map(encode).collect()),
        Value::Map(entries) => {
            let pairs: Vec<Json> =
                entries.iter().map(|(key, value)| json!([encode(key), encode(value)])).collect();
            json!({ "map": pairs })
        }
    }
}

/// The shape of a node: how many keys or items, and what they hold. Scalars are all alike.
fn shape(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Scalar(_) | NodeKind::Broken => json!("."),
        NodeKind::Sequence(items) => Json::Array(items.iter().map(|item| shape(item)).collect()),
        NodeKind::Mapping(entries) => {
            Json::Array(entries.iter().map(|entry| json!({ "": shape(&entry.value) })).collect())
        }
        NodeKind::Alias(target) => target.as_ref().map_or(json!("."), |target| shape(target)),
    }
}

fn serde_shape(value: &serde_yaml::Value) -> Json {
    match value {
        serde_yaml::Value::Sequence(items) => Json::Array(items.iter().map(serde_shape).collect()),
        serde_yaml::Value::Mapping(entries) => Json::Array(
            entries.iter().map(|(_, value)| json!({ "": serde_shape(value) })).collect(),
        ),
        serde_yaml::Value::Tagged(tagged) => serde_shape(&tagged.value),
        _ => json!("."),
    }
}

#[derive(Default, Debug)]
struct Tally {
    documents: usize,
    values_compared: usize,
    shapes_compared: usize,
    refused_by_both: usize,
    /// PyYAML refuses, we read on without an error.
    read_beyond: Vec<String>,
    /// We report an error, PyYAML does not.
    refused_alone: Vec<String>,
    different: Vec<String>,
}

fn compare(line: &str, tally: &mut Tally) {
    let case: Json = serde_json::from_str(line).expect("a line is JSON");
    let text = case["text"].as_str().expect("a text");
    let tree = parse(text);
    tally.documents += 1;
    let errors: Vec<_> =
        tree.problems.iter().filter(|one| one.code.severity == Severity::Error).collect();
    let root = tree.documents.first().and_then(|document| document.root.as_ref());
    if case.get("error").is_some() {
        match errors.is_empty() {
            true => tally.read_beyond.push(format!("{text:?}: {}", case["error"])),
            false => tally.refused_by_both += 1,
        }
    } else if !errors.is_empty() {
        tally.refused_alone.push(format!("{text:?}: {errors:?}"));
    } else {
        let ours = root.map_or(Json::Null, |root| encode(&construct(root)));
        tally.values_compared += 1;
        if ours != case["value"] {
            tally.different.push(format!("{text:?}\n ours   {ours}\n PyYAML {}", case["value"]));
        }
    }
    let repeated = tree.problems.iter().any(|one| one.code == codes::REPEATED_KEY);
    if let (Ok(theirs), Some(root), true, false) =
        (serde_yaml::from_str::<serde_yaml::Value>(text), root, errors.is_empty(), repeated)
    {
        tally.shapes_compared += 1;
        if shape(root) != serde_shape(&theirs) {
            tally.different.push(format!("{text:?}\n ours {}\n serde {theirs:?}", shape(root)));
        }
    }
}

fn run(file: &Path, documents_min: usize) {
    let lines =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut tally = Tally::default();
    lines.lines().for_each(|line| compare(line, &mut tally));
    println!(
        "{}: {} documents, {} values and {} shapes compared, {} refused by both",
        file.display(),
        tally.documents,
        tally.values_compared,
        tally.shapes_compared,
        tally.refused_by_both
    );
    let first = |list: &[String]| list.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        tally.different.is_empty(),
        "{} differ:\n{}",
        tally.different.len(),
        first(&tally.different)
    );
    let alone = &tally.refused_alone;
    assert!(alone.is_empty(), "{} refused by us alone:\n{}", alone.len(), first(alone));
    let beyond = &tally.read_beyond;
    assert!(beyond.is_empty(), "{} accepted by us alone:\n{}", beyond.len(), first(beyond));
    assert!(tally.documents >= documents_min, "only {} documents", tally.documents);
    assert!(tally.values_compared * 3 >= tally.documents, "too few values were compared");
}

#[test]
fn recorded_answers_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    run(&root.join("yaml/oracle.jsonl"), 1000);
}

#[test]
fn fresh_answers_agree() {
    match std::env::var_os("SEEKNAL_ORACLE").map(PathBuf::from) {
        Some(file) => run(&file, 1000),
        None => println!("SEEKNAL_ORACLE names no file; the recorded answers stand alone"),
    }
}
