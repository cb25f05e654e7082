//! What is readable and still not what its author sees.

use super::merge::is_merge;
use super::message;
use super::resolve::{Resolved, resolve, resolve_12};
use super::tree::{Entry, Node, NodeKind, Scalar, Style, Tree};
use super::value::{Value, construct};
use crate::{Edit, Problem, Span, codes};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) const CORE: &str = "tag:yaml.org,2002:";
const TAGS: &[&str] = &["str", "int", "float", "bool", "null", "timestamp", "seq", "map"];

/// Adds a problem for every line in which a tab stands between the words of the document. The
/// parser bears it, Seeknal's reader does not.
pub(super) fn tabs(text: &str, tree: &Tree, problems: &mut Vec<Problem>) {
    if !text.contains('\t') {
        return;
    }
    let mut covered: Vec<Span> = tree.comments.clone();
    for root in tree.documents.iter().filter_map(|document| document.root.as_ref()) {
        root.walk(&mut |node| match node.kind {
            NodeKind::Scalar(_) | NodeKind::Broken => covered.push(node.span),
            _ => {}
        });
    }
    covered.sort();
    let line_of = |at| text.get(..at).unwrap_or_default().rfind('\n').map_or(0, |end| end + 1);
    let errors = problems.iter().filter(|problem| problem.code == codes::YAML_SYNTAX);
    let named: HashSet<usize> = errors.map(|problem| line_of(problem.span.start)).collect();
    let between_words = |at: usize| {
        let before = covered.partition_point(|span| span.start <= at);
        !covered.iter().take(before).rev().take(4).any(|span| at < span.end)
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let tabs = line.match_indices('\t').map(|(at, _)| start + at);
        let found = tabs.into_iter().find(|at| between_words(*at));
        if let Some(at) = found.filter(|_| !line.trim().is_empty() && !named.contains(&start)) {
            problems.push(Problem::new(codes::YAML_SYNTAX, Span::new(at, at + 1), message::TAB));
        }
        start += line.len();
    }
}

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
                if is_flow(text, node, entries.first().map(|entry| &entry.key)) {
                    let nodes = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
                    nodes.for_each(|node| in_brackets(node, problems));
                }
            }
            NodeKind::Sequence(items) => {
                items.iter().for_each(|item| scalar(item, false, problems));
                if is_flow(text, node, items.first()) {
                    items.iter().for_each(|item| in_brackets(item, problems));
                }
            }
            _ => {}
        }
    });
    scalar(root, false, problems);
}

/// Whether a collection is written in brackets. One without them begins where its first part does.
fn is_flow(text: &str, node: &Node, first: Option<&Arc<Node>>) -> bool {
    let bracket = crate::slice(text, node.span).starts_with(['[', '{']);
    bracket && first.is_none_or(|first| first.span.start > node.span.start)
}

/// Between brackets PyYAML takes a question mark for the start of a key and stops at a colon, where
/// YAML 1.2 has a text.
fn in_brackets(node: &Node, problems: &mut Vec<Problem>) {
    let NodeKind::Scalar(scalar) = &node.kind else { return };
    if scalar.style != Style::Plain {
        return;
    }
    let shown = shown(&scalar.text);
    let (code, reads) = match scalar.text.chars().next() {
        Some('?') => (codes::AMBIGUOUS_SCALAR, "takes it for a key"),
        Some(':') => (codes::UNREADABLE_SCALAR, "stops at it"),
        _ => return,
    };
    let message =
        format!("in brackets `{shown}` is text to YAML 1.2 and Seeknal's reader {reads}; quote it");
    problems.push(quoted(Problem::new(code, node.span, message), scalar));
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
        let text = shown(&scalar.text);
        let message = format!("`{text}` looks like a {kind} and is none; quote it");
        problems.push(quoted(Problem::new(codes::UNREADABLE_SCALAR, node.span, message), scalar));
        return;
    }
    let other = resolve_12(&scalar.text);
    if !read.same(&other) {
        let message = format!(
            "`{}` is {} here and {} to YAML 1.2; quote it if it is meant as text",
            shown(&scalar.text),
            shown(&read.describe()),
            shown(&other.describe())
        );
        problems.push(quoted(Problem::new(codes::AMBIGUOUS_SCALAR, node.span, message), scalar));
    }
}

/// Offers the quoted form: in double quotes, or in single ones where those would need escapes.
fn quoted(problem: Problem, scalar: &Scalar) -> Problem {
    if scalar.text.contains(char::is_control) {
        return problem;
    }
    let span = problem.span;
    let text = match scalar.text.contains(['"', '\\']) {
        true => format!("'{}'", scalar.text.replace('\'', "''")),
        false => format!("\"{}\"", scalar.text),
    };
    problem.with_fix(format!("Write {}", shown(&text)), Edit { span, text })
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
            let name = shown(crate::slice(text, entry.key.span));
            let message =
                format!("`{name}` stands here twice; the last one wins, remove the other");
            let problem = Problem::new(codes::REPEATED_KEY, entry.key.span, message);
            problems.push(problem.with_related(first.span, "the first one"));
        } else {
            same.push((key, &entry.key));
        }
    }
}

/// A text of the file in a message: one line, and not a long one.
fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", crate::slice(line, Span::new(0, at))),
        None if line.len() < text.len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

fn merge(entry: &Entry, problems: &mut Vec<Problem>) {
    let Some(target) = entry.value.target() else { return };
    let fits = match &target.kind {
        NodeKind::Mapping(_) | NodeKind::Broken => true,
        NodeKind::Sequence(items) => items.iter().all(|item| {
            item.target()
                .is_none_or(|item| matches!(item.kind, NodeKind::Mapping(_) | NodeKind::Broken))
        }),
        _ => false,
    };
    if !fits {
        let message =
            "`<<` merges a mapping or a list of mappings; name one, as in `<<: *defaults`";
        problems.push(Problem::new(codes::MERGE_KEY, entry.value.span, message));
    }
}

fn tag(node: &Node, problems: &mut Vec<Problem>) {
    let Some(tag) = &node.tag else { return };
    let core = tag.name.strip_prefix(CORE);
    if core.is_none_or(|name| !TAGS.contains(&name)) && tag.name != "!" {
        let message = format!("Seeknal's reader knows no `{}`; remove the tag", shown(&tag.name));
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
        let text = shown(&scalar.text);
        let message = format!("`{text}` cannot be read as `{wanted}`; remove the tag");
        problems.push(Problem::new(codes::UNREADABLE_SCALAR, node.span, message));
    }
}
