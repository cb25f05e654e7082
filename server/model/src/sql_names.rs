//! Nodes that SQL reads by a table name instead of `ref()`.

use crate::codes;
use crate::kinds;
use crate::node::{NodeId, Origin, Reference, Sql, entry};
use seeknal_syntax::sql::{NameKind, names};
use seeknal_syntax::yaml::{self, NodeKind};
use seeknal_syntax::{Edit, MappedText, Problem, Span, template};

/// The references by names such as `transform.orders`, `input_0` and `__THIS__`.
pub(crate) fn by_name(root: &yaml::Node, sql: &Sql, problems: &mut Vec<Problem>) -> Vec<Reference> {
    let plain = without_calls(sql);
    // Most SQL reads by `ref()` alone, and parsing is what costs most here.
    let lower = plain.text.to_ascii_lowercase();
    let by_place = lower.contains("input_") || lower.contains("__this__");
    if !by_place && !kinds::ALL.iter().any(|kind| lower.contains(kind.name)) {
        return Vec::new();
    }
    let all = names(&plain.text);
    let ctes: Vec<String> = all
        .iter()
        .filter(|name| name.kind == NameKind::Cte)
        .filter_map(|name| Some(name.parts.first()?.0.to_ascii_lowercase()))
        .collect();
    let inputs = inputs(root);
    let mut found = Vec::new();
    for name in all.iter().filter(|name| name.kind == NameKind::Table) {
        match name.parts.as_slice() {
            [(kind, start), (table, end)] if kinds::find(kind).is_some() => {
                let span = plain.map.span_to_file(start.cover(*end));
                let id = NodeId::new(&format!("{kind}.{table}"));
                // Only a transform's view is computed again over the reader's inputs.
                if kind == "transform" {
                    problems.push(qualified(&id, span));
                }
                found.push(Reference { id, span, origin: Origin::SqlName });
            }
            [(word, span)] if !ctes.contains(&word.to_ascii_lowercase()) => {
                let span = plain.map.span_to_file(*span);
                match input(word, &inputs) {
                    Some(Ok(Some(id))) => {
                        found.push(Reference { id, span, origin: Origin::SqlInput });
                    }
                    Some(Err(message)) => {
                        problems.push(Problem::new(codes::UNKNOWN_INPUT, span, message));
                    }
                    Some(Ok(None)) | None => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// The text with `{{ … }}` and `ref()` as plain words, which are no SQL to a parser.
fn without_calls(sql: &Sql) -> MappedText {
    let word = |name: &str| Some(name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
    let mut rendered = template::render(&sql.text, &word);
    let sites = sql.refs_in(&rendered.text);
    for site in sites.iter().rev() {
        let filler = format!("r{}", " ".repeat(site.span.len() - 1));
        rendered.text.replace_range(site.span.start..site.span.end, &filler);
    }
    rendered
}

/// The inputs by place; nothing where one cannot be read.
fn inputs(root: &yaml::Node) -> Vec<Option<NodeId>> {
    let id = |item: &yaml::Node| {
        let value = entry(item, "ref").map_or(item, |entry| entry.value.as_ref());
        value.scalar().map(|scalar| NodeId::new(&scalar.text))
    };
    let value = entry(root, "inputs").or_else(|| entry(root, "input")).map(|one| &one.value);
    match value.and_then(|value| value.target()).map(|target| &target.kind) {
        Some(NodeKind::Sequence(items)) => items.iter().map(|item| id(item)).collect(),
        Some(NodeKind::Scalar(scalar)) if !scalar.text.is_empty() => {
            vec![Some(NodeId::new(&scalar.text))]
        }
        _ => Vec::new(),
    }
}

/// What a table name means if it names an input by its place.
fn input(word: &str, inputs: &[Option<NodeId>]) -> Option<Result<Option<NodeId>, String>> {
    let count = inputs.len();
    let plural = if count == 1 { "input" } else { "inputs" };
    if word.eq_ignore_ascii_case("__this__") {
        return Some(match inputs {
            [only] => Ok(only.clone()),
            _ => Err(format!(
                "`__THIS__` is the one input, and this node has {count} {plural}; write `ref('…')`"
            )),
        });
    }
    let digits = word.get(..6).filter(|start| start.eq_ignore_ascii_case("input_"))?;
    let place: usize = word.get(digits.len()..)?.parse().ok()?;
    Some(inputs.get(place).cloned().ok_or_else(|| {
        format!(
            "`{word}` counts from 0, and this node has {count} {plural}; name one that is there"
        )
    }))
}

fn qualified(id: &NodeId, span: Span) -> Problem {
    let message = format!(
        "Seeknal computes `{id}` again from this node's inputs when it is read by its table name; \
         write `ref('{id}')`"
    );
    let edit = Edit { span, text: format!("ref('{id}')") };
    Problem::new(codes::QUALIFIED_READ, span, message).with_fix(format!("Write ref('{id}')"), edit)
}
