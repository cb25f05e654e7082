//! Values whose form Seeknal checks only when a node runs.

use crate::codes;
use crate::lower::first_word;
use crate::node::entry;
use crate::table::Kind;
use crate::validate::is_null;
use seeknal_syntax::sql::{TokenKind, tokens};
use seeknal_syntax::{Problem, slice, yaml};
use std::collections::HashMap;

/// Words with which a query or a filter is refused.
const WRITING: [&str; 16] = [
    "insert", "update", "delete", "drop", "alter", "create", "truncate", "grant", "revoke", "copy",
    "vacuum", "analyze", "exec", "execute", "union", "attach",
];

/// Adds a problem for each value of a node that has another form than it needs.
pub(crate) fn check(text: &str, kind: &Kind, root: &yaml::Node, problems: &mut Vec<Problem>) {
    let mut forms = Forms { text, problems };
    match kind.name {
        "source" => forms.source(root),
        "metric" => forms.filter(root),
        "semantic_model" => forms.semantic_model(root),
        "second_order_aggregation" => forms.features(root),
        "rule" => forms.rule(root),
        _ => {}
    }
    for target in ["materialization", "materializations"].iter().flat_map(|key| all(root, key)) {
        forms.target(target);
    }
}

struct Forms<'t> {
    text: &'t str,
    problems: &'t mut Vec<Problem>,
}

fn text_of<'n>(node: &'n yaml::Node, key: &str) -> Option<(&'n str, &'n yaml::Node)> {
    let value = &entry(node, key)?.value;
    Some((value.scalar()?.text.as_str(), value))
}

/// The items of a list, or the one value that stands for a list of one.
fn all<'n>(node: &'n yaml::Node, key: &str) -> Vec<&'n yaml::Node> {
    let Some(value) = entry(node, key).and_then(|entry| entry.value.target()) else {
        return Vec::new();
    };
    match value.items() {
        Some(items) => items.iter().filter_map(|item| item.target()).collect(),
        None => vec![value],
    }
}

impl Forms<'_> {
    fn refuse(&mut self, node: &yaml::Node, message: &str) {
        let span = first_word(self.text, node.span);
        self.problems.push(Problem::new(codes::REFUSED_VALUE, span, message));
    }

    fn source(&mut self, root: &yaml::Node) {
        let kind = text_of(root, "source").map_or("", |(text, _)| text).to_lowercase();
        let query = entry(root, "params").and_then(|params| text_of(&params.value, "query"));
        if let Some((query, node)) = query.filter(|(query, _)| !query.contains("{{")) {
            let first = words(query).next().unwrap_or_default();
            if !matches!(first.as_str(), "select" | "with") {
                self.refuse(node, "the database only answers queries; begin with SELECT or WITH");
            }
        }
        let table = text_of(root, "table").filter(|(table, _)| !table.contains("{{"));
        if let Some((table, node)) = table
            && kind == "iceberg"
            && table.split('.').filter(|part| !part.is_empty()).count() != 3
        {
            self.refuse(node, "an Iceberg table has three parts; write `catalog.namespace.table`");
        }
    }

    fn target(&mut self, target: &yaml::Node) {
        let postgres = text_of(target, "type").is_some_and(|(text, _)| text == "postgresql");
        let Some((table, node)) = text_of(target, "table") else { return };
        let parts = table.split('.').filter(|part| !part.is_empty()).count();
        if postgres && parts != 2 && !table.contains("{{") {
            self.refuse(node, "a PostgreSQL target names schema and table; write `schema.table`");
        }
    }

    fn filter(&mut self, metric: &yaml::Node) {
        let Some((filter, node)) = text_of(metric, "filter") else { return };
        let written = words(filter).find(|word| WRITING.contains(&word.as_str()));
        let marks = ["--", "/*", "*/", ";"].iter().find(|mark| filter.contains(**mark));
        let found = written.map(|word| word.to_uppercase());
        if let Some(found) = found.or_else(|| marks.map(|mark| (*mark).to_owned())) {
            let message =
                format!("Seeknal refuses a filter with `{found}` in it; write a condition");
            self.refuse(node, &message);
        }
    }

    fn semantic_model(&mut self, root: &yaml::Node) {
        for metric in all(root, "metrics") {
            self.filter(metric);
        }
        for (key, what) in
            [("entities", "entity"), ("dimensions", "dimension"), ("measures", "measure")]
        {
            let mut first: HashMap<&str, &yaml::Node> = HashMap::new();
            for item in all(root, key) {
                let Some((name, node)) = text_of(item, "name") else { continue };
                if let Some(first) = first.get(name) {
                    let message = format!(
                        "there is a {what} `{name}` already; give one of them another name"
                    );
                    let problem = Problem::new(codes::REPEATED_NAME, node.span, message);
                    self.problems.push(problem.with_related(first.span, "the other one"));
                } else {
                    first.insert(name, node);
                }
            }
        }
    }

    fn features(&mut self, root: &yaml::Node) {
        let computes =
            ["basic", "window", "ratio", "since", "source_feature", "percentile", "delta"];
        let features = entry(root, "features").map(|entry| yaml::merged(&entry.value));
        for (_, feature) in features.unwrap_or_default() {
            let given =
                |key: &&str| entry(&feature.value, key).is_some_and(|one| !is_null(&one.value));
            if feature.value.entries().is_some() && !computes.iter().any(given) {
                let message =
                    "this feature computes nothing; add `basic`, `window`, `ratio` or `since`";
                self.refuse(&feature.key, message);
            }
        }
    }

    fn rule(&mut self, root: &yaml::Node) {
        for check in all(root, "rule").into_iter().flat_map(|rule| all(rule, "checks")) {
            let given = |key| entry(check, key).is_some_and(|one| !is_null(&one.value));
            if check.entries().is_some() && !given("warn") && !given("fail") {
                self.refuse(check, "this check asserts nothing; add `warn`, `fail` or both");
            }
        }
    }
}

/// The words of SQL in lower case, comments and texts left out.
fn words(sql: &str) -> impl Iterator<Item = String> + '_ {
    let tokens = tokens(sql).into_iter();
    let is_word = |kind| matches!(kind, TokenKind::Keyword | TokenKind::Word);
    tokens
        .filter(move |token| is_word(token.kind))
        .map(|token| slice(sql, token.span).to_lowercase())
}
