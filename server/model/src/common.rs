//! The common config of a project: values that nodes name in `{{ … }}`.

use crate::codes;
use crate::kinds::{COMMON_RULES, COMMON_SOURCES, COMMON_TRANSFORMATIONS};
use crate::lower::first_word;
use crate::node::entry;
use crate::table::Field;
use crate::validate;
use seeknal_syntax::yaml::{self, NodeKind, Resolved, Style, resolve};
use seeknal_syntax::{Problem, Span};

/// A value that `{{ name }}` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonValue {
    /// Its name, such as `orders.table` or `rules.paid`.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

pub(crate) struct Read {
    pub(crate) values: Vec<CommonValue>,
    pub(crate) problems: Vec<Problem>,
}

/// What the three files hold: their key, the fields of an item, and the names that items give.
struct Shelf {
    key: &'static str,
    fields: &'static [Field],
    value: &'static str,
    prefix: &'static str,
}

const SHELVES: [Shelf; 3] = [
    Shelf { key: "sources", fields: COMMON_SOURCES, value: "ref", prefix: "" },
    Shelf { key: "rules", fields: COMMON_RULES, value: "value", prefix: "rules." },
    Shelf {
        key: "transformations",
        fields: COMMON_TRANSFORMATIONS,
        value: "sql",
        prefix: "transforms.",
    },
];

/// Reads one of the files of `seeknal/common`.
pub(crate) fn file(path: &str, text: &str) -> Read {
    let tree = yaml::parse(text);
    let mut read = Read { values: Vec::new(), problems: tree.problems };
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let Some(shelf) = SHELVES.iter().find(|shelf| shelf.key == stem) else { return read };
    let Some(root) = tree.documents.iter().find_map(|document| document.root.as_ref()) else {
        return read;
    };
    let Some(list) = entry(root, shelf.key).map(|entry| &entry.value) else {
        let span = first_word(text, root.span);
        let message = format!(
            "this file has no `{}`; begin with `{}:` and a list below it",
            shelf.key, shelf.key
        );
        read.problems.push(Problem::new(codes::MISSING_FIELD, span, message));
        return read;
    };
    let Some(items) = list.items() else {
        if !matches!(list.kind, NodeKind::Broken) {
            let span = first_word(text, list.span);
            let message = format!("`{}` takes a list; begin each item with `- id:`", shelf.key);
            read.problems.push(Problem::new(codes::WRONG_TYPE, span, message));
        }
        return read;
    };
    for item in items {
        validate::mapping(text, item, shelf.fields, &mut read.problems);
        shelf.values(item, &mut read);
    }
    read
}

impl Shelf {
    fn values(&self, item: &yaml::Node, read: &mut Read) {
        let Some(id) = text_of(item, "id") else { return };
        let id = id.0.trim();
        if let Some((value, span)) = text_of(item, self.value) {
            let suffix = if self.prefix.is_empty() { ".ref" } else { "" };
            let name = format!("{}{id}{suffix}", self.prefix);
            read.values.push(CommonValue { name, value: value.to_owned(), span });
        }
        let Some(params) = entry(item, "params") else { return };
        for (key, entry) in yaml::merged(&params.value) {
            let yaml::Value::Text(key) = key else { continue };
            let Some(scalar) = entry.value.scalar() else { continue };
            let plain = scalar.style == Style::Plain && entry.value.tag.is_none();
            if plain && resolve(&scalar.text) != Resolved::Text {
                let message = "values of the common config are texts, and Seeknal drops the whole file; quote this one";
                let span = entry.value.span;
                let edit = seeknal_syntax::Edit { span, text: format!("\"{}\"", scalar.text) };
                let problem = Problem::new(codes::WRONG_TYPE, span, message);
                read.problems.push(problem.with_fix("Quote it", edit));
            }
            let name = format!("{id}.{key}");
            let span = entry.value.span;
            read.values.push(CommonValue { name, value: scalar.text.clone(), span });
        }
    }
}

fn text_of<'n>(node: &'n yaml::Node, key: &str) -> Option<(&'n str, Span)> {
    let value = &entry(node, key)?.value;
    value.scalar().map(|scalar| (scalar.text.as_str(), value.span))
}
