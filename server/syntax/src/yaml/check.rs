//! What is readable and still not what its author sees.

use super::merge::is_merge;
use super::resolve::{Resolved, resolve, resolve_12};
use super::tree::{Entry, Node, NodeKind, Scalar, Style};
use super::value::{Value, construct};
use crate::{Edit, Problem, codes};
use std::collections::HashMap;

pub(super) const CORE: &str = "tag:yaml.org,2002:";
const TAGS: &[&str] = &["str", "int", "float", "bool", "null", "timestamp", "seq", "map"];

/// Adds a problem for every value below `root` that deserves one.
pub(super) fn values(text: &str, root: &Node, problems: &mut Vec<Problem>) {
    root.walk(&mut |node| {
        tag(node, problems);
        match &node.kind {
            NodeKind::Mapping(entries) => {
                mapping(text, entries, problems);
                for entry in entries.iter().filter(|entry| !is_merge(&entry.key)) {
                    scalar(&entry.key, true, problems);
                }
                entries.iter().for_each(|entry| scalar(&entry.value, false, problems));
            }
            NodeKind::Sequence(items) => {
                items.iter().for_each(|item| scalar(item, false, problems));
            }
            _ => {}
        }
    });
    scalar(root, false, problems);
}

fn scalar(node: &Node, is_key: bool, problems: &mut Vec<Problem>) {
    let NodeKind::Scalar(scalar) = &node.kind else { return };
    line_breaks(node, scalar, problems);
    if scalar.style != Style::Plain || node.tag.is_some() {
        return;
    }
    let read = resolve(&scalar.text);
    if let Resolved::Unreadable(kind) = read {
        if is_key && scalar.text == "=" {
            return;
        }
        let message = format!("`{}` looks like a {kind} and is none; quote it", scalar.text);
        problems.push(quoted(Problem::new(codes::UNREADABLE_SCALAR, node.span, message), scalar));
        return;
    }
    let other = resolve_12(&scalar.text);
    if !read.same(&other) {
        let message = format!(
            "`{}` is {} here and {} to YAML 1.2; quote it if it is meant as text",
            scalar.text,
            read.describe(),
            other.describe()
        );
        problems.push(quoted(Problem::new(codes::AMBIGUOUS_SCALAR, node.span, message), scalar));
    }
}

/// Offers the quoted form. What these scalars are made of needs no escapes.
fn quoted(problem: Problem, scalar: &Scalar) -> Problem {
    let span = problem.span;
    let text = format!("\"{}\"", scalar.text);
    problem.with_fix(format!("Write {text}"), Edit { span, text })
}

/// Three characters end a line in YAML 1.1 and not in YAML 1.2.
fn line_breaks(node: &Node, scalar: &Scalar, problems: &mut Vec<Problem>) {
    let Some(found) = scalar.text.chars().find(|c| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'))
    else {
        return;
    };
    if scalar.style == Style::DoubleQuoted {
        return;
    }
    let message = format!(
        "U+{:04X} ends a line for Seeknal's reader and not in YAML 1.2; remove it",
        u32::from(found)
    );
    problems.push(Problem::new(codes::AMBIGUOUS_SCALAR, node.span, message));
}

fn mapping(text: &str, entries: &[Entry], problems: &mut Vec<Problem>) {
    let mut seen: HashMap<String, Vec<(Value, &Node)>> = HashMap::new();
    for entry in entries {
        if is_merge(&entry.key) {
            merge(entry, problems);
            continue;
        }
        if matches!(entry.key.kind, NodeKind::Broken) {
            continue;
        }
        let key = construct(&entry.key);
        if !key.can_be_key() {
            let message = "a list or mapping cannot be a key; write its text as the key";
            problems.push(Problem::new(codes::UNHASHABLE_KEY, entry.key.span, message));
            continue;
        }
        let same = seen.entry(key.bucket()).or_default();
        if let Some((_, first)) = same.iter().find(|(known, _)| known.same_key(&key)) {
            let name = crate::slice(text, entry.key.span);
            let message = format!("`{name}` stands here twice; the last one wins, remove the other");
            let problem = Problem::new(codes::REPEATED_KEY, entry.key.span, message);
            problems.push(problem.with_related(first.span, "the first one"));
        } else {
            same.push((key, &entry.key));
        }
    }
}

fn merge(entry: &Entry, problems: &mut Vec<Problem>) {
    let Some(target) = entry.value.target() else { return };
    let fits = match &target.kind {
        NodeKind::Mapping(_) | NodeKind::Broken => true,
        NodeKind::Sequence(items) => items.iter().all(|item| {
            item.target().is_none_or(|item| {
                matches!(item.kind, NodeKind::Mapping(_) | NodeKind::Broken)
            })
        }),
        _ => false,
    };
    if !fits {
        let message = "`<<` merges a mapping or a list of mappings; name one, as in `<<: *defaults`";
        problems.push(Problem::new(codes::MERGE_KEY, entry.value.span, message));
    }
}

fn tag(node: &Node, problems: &mut Vec<Problem>) {
    let Some(tag) = &node.tag else { return };
    let core = tag.name.strip_prefix(CORE);
    if core.is_none_or(|name| !TAGS.contains(&name)) && tag.name != "!" {
        let message = format!("Seeknal's reader knows no `{}`; remove the tag", tag.name);
        problems.push(Problem::new(codes::UNSUPPORTED_TAG, tag.span, message));
        return;
    }
    let (NodeKind::Scalar(scalar), Some(wanted)) = (&node.kind, core) else { return };
    let read = resolve(&scalar.text);
    let fits = match wanted {
        "int" => matches!(read, Resolved::Int(_)),
        "float" => matches!(read, Resolved::Float(_)),
        "bool" => matches!(read, Resolved::Bool(_)),
        "timestamp" => matches!(read, Resolved::Timestamp(_)),
        "seq" | "map" => false,
        _ => true,
    };
    if !fits {
        let message = format!("`{}` cannot be read as `{wanted}`; remove the tag", scalar.text);
        problems.push(Problem::new(codes::UNREADABLE_SCALAR, node.span, message));
    }
}
