//! Values against the shapes that the tables declare.

use crate::codes;
use crate::kinds;
use crate::lower::{first_word, is_id};
use crate::nearest::{distance, nearest};
use crate::node::entry;
use crate::table::{Class, Field, Kind, Shape};
use seeknal_syntax::sql::{TokenKind, refs, tokens};
use seeknal_syntax::yaml::{self, NodeKind, Resolved, Scalar, Style, Value, resolve};
use seeknal_syntax::{Edit, Problem, Span, slice};

/// Adds a problem for each value of a node that is not as its kind says.
pub(crate) fn node(
    text: &str,
    kind: &'static Kind,
    root: &yaml::Node,
    problems: &mut Vec<Problem>,
) {
    let fields: Vec<Field> = kinds::fields(kind).copied().collect();
    let mut walker = Walker { text, problems };
    let place = entry(root, "kind").map_or(root.span, |entry| entry.value.span);
    walker.mapping(root, &fields, Keys::Closed, place);
    walker.dates(root);
}

/// Adds a problem for each value of a mapping that is not as its fields say.
pub(crate) fn mapping(
    text: &str,
    node: &yaml::Node,
    fields: &[Field],
    problems: &mut Vec<Problem>,
) {
    let mut walker = Walker { text, problems };
    match node.target().map(|target| &target.kind) {
        Some(NodeKind::Mapping(_)) => walker.mapping(node, fields, Keys::Closed, node.span),
        Some(NodeKind::Broken) | None => {}
        Some(_) => {
            let message = "this is no mapping; write `key: value`";
            let span = first_word(text, node.span);
            walker.report(Problem::new(codes::WRONG_TYPE, span, message));
        }
    }
}

/// Whether keys that are not declared are a mistake.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    Closed,
    Open,
}

struct Walker<'t> {
    text: &'t str,
    problems: &'t mut Vec<Problem>,
}

impl Walker<'_> {
    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The entries of a mapping against known keys; `place` is where an absent key is missed.
    fn mapping(&mut self, node: &yaml::Node, fields: &[Field], keys: Keys, place: Span) {
        let entries = yaml::merged(node);
        for (key, entry) in &entries {
            let Value::Text(name) = key else {
                if keys == Keys::Closed {
                    let message = "keys are words; quote this one if it is meant";
                    self.report(Problem::new(codes::UNKNOWN_KEY, entry.key.span, message));
                }
                continue;
            };
            match fields.iter().find(|field| field.name == name) {
                Some(field) => self.field(field, entry),
                None => self.unknown_key(name, entry.key.span, fields, keys),
            }
        }
        for field in fields.iter().filter(|field| field.required) {
            let there = entries.iter().any(|(key, _)| *key == Value::Text(field.name.to_owned()));
            let tutorial = field.name == "transform" && entry(node, "sql").is_some();
            if !there && !tutorial && field.name != "kind" {
                let place = first_word(self.text, place);
                let what = field.shape.called();
                let message = format!("`{}` is missing here; add it, it takes {what}", field.name);
                self.report(Problem::new(codes::MISSING_FIELD, place, message));
            }
        }
    }

    fn unknown_key(&mut self, name: &str, span: Span, fields: &[Field], keys: Keys) {
        let near = nearest(name, fields.iter().map(|field| field.name));
        let near = near.filter(|near| keys == Keys::Closed || distance(name, near) == 1);
        match near {
            Some(near) => {
                let message = format!("nothing reads the key `{name}`; did you mean `{near}`?");
                let edit = Edit { span, text: near.to_owned() };
                let problem = Problem::new(codes::UNKNOWN_KEY, span, message);
                self.report(problem.with_fix(format!("Write {near}"), edit));
            }
            None if keys == Keys::Closed => {
                let message = format!("nothing reads the key `{name}`; remove it");
                self.report(Problem::new(codes::UNKNOWN_KEY, span, message));
            }
            None => {}
        }
    }

    fn field(&mut self, field: &Field, entry: &yaml::Entry) {
        if field.class == Class::Ignored {
            let message = format!("Seeknal ignores `{}`: {}", field.name, lower_first(field.doc));
            let message = message.trim_end_matches('.').to_owned();
            self.report(Problem::new(codes::SEEKNAL_IGNORES_THIS, entry.key.span, message));
        }
        let Some(value) = entry.value.target() else { return };
        if is_null(value) {
            self.null(field, entry);
            return;
        }
        self.value(field.shape, value, entry.key.span);
    }

    /// A key without a value is a key that is absent, unless it is needed.
    fn null(&mut self, field: &Field, entry: &yaml::Entry) {
        let written = slice(self.text, entry.value.span);
        let takes_null = matches!(field.shape, Shape::OneOf(words) if words.contains(&"null"));
        if takes_null && !written.is_empty() {
            let message = format!("an unquoted `{written}` is nothing at all; quote it");
            let edit = Edit { span: entry.value.span, text: "\"null\"".to_owned() };
            let problem = Problem::new(codes::UNQUOTED_NULL, entry.value.span, message);
            self.report(problem.with_fix("Write \"null\"", edit));
        } else if field.required {
            let what = field.shape.called();
            let message = format!("`{}` has no value; it takes {what}", field.name);
            self.report(Problem::new(codes::MISSING_FIELD, entry.key.span, message));
        }
    }

    fn value(&mut self, shape: Shape, node: &yaml::Node, key: Span) {
        // What could not be read is reported already.
        let Some(node) = node.target().filter(|node| !matches!(node.kind, NodeKind::Broken)) else {
            return;
        };
        match shape {
            Shape::Any => {}
            Shape::Map(fields) if matches!(node.kind, NodeKind::Mapping(_)) => {
                self.mapping(node, fields, Keys::Closed, node.span);
            }
            Shape::Open(fields) if matches!(node.kind, NodeKind::Mapping(_)) => {
                self.mapping(node, fields, Keys::Open, node.span);
            }
            Shape::MapOf(inner) if matches!(node.kind, NodeKind::Mapping(_)) => {
                for (_, entry) in yaml::merged(node) {
                    if !is_null(&entry.value) {
                        self.value(*inner, &entry.value, entry.key.span);
                    }
                }
            }
            Shape::List(inner) | Shape::Filled(inner) if node.items().is_some() => {
                self.list(shape, *inner, node, key);
            }
            Shape::Either(shapes) => match shapes.iter().find(|one| takes(**one, node)) {
                Some(fitting) => self.value(*fitting, node, key),
                None => self.wrong_type(shape, node),
            },
            _ => match node.scalar() {
                Some(scalar) if !is_collection(shape) => self.scalar(shape, scalar, node.span),
                _ => self.wrong_type(shape, node),
            },
        }
    }

    fn list(&mut self, shape: Shape, inner: Shape, node: &yaml::Node, key: Span) {
        let items = node.items().unwrap_or_default();
        if items.is_empty() && matches!(shape, Shape::Filled(_)) {
            let message = format!("this list is empty; it takes at least {}", inner.called());
            self.report(Problem::new(codes::MISSING_FIELD, key, message));
        }
        for item in items.iter().filter(|item| !is_null(item)) {
            self.value(inner, item, item.span);
        }
    }

    fn wrong_type(&mut self, shape: Shape, node: &yaml::Node) {
        let found = match &node.kind {
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Sequence(_) => "a list",
            _ => "a single value",
        };
        let span = first_word(self.text, node.span);
        if let (Shape::Map([only]), Some(scalar)) = (shape, node.scalar()) {
            let message = format!("write `{}: {}`; this item is a mapping", only.name, scalar.text);
            let edit = Edit { span: Span::at(node.span.start), text: format!("{}: ", only.name) };
            let problem = Problem::new(codes::WRONG_TYPE, span, message);
            return self.report(problem.with_fix(format!("Write {}:", only.name), edit));
        }
        let message = format!("{found} stands here; this key takes {}", shape.called());
        self.report(Problem::new(codes::WRONG_TYPE, span, message));
    }

    fn scalar(&mut self, shape: Shape, scalar: &Scalar, span: Span) {
        let resolved = match scalar.style {
            Style::Plain => resolve(&scalar.text),
            _ => Resolved::Text,
        };
        let text = scalar.text.as_str();
        let wrong = match shape {
            Shape::Flag => (!matches!(resolved, Resolved::Bool(_)) && !templated(text))
                .then_some(codes::WRONG_TYPE),
            Shape::Whole(least) => {
                let fits = matches!(&resolved, Resolved::Int(digits)
                    if digits.parse::<i64>().is_ok_and(|number| number >= least));
                (!fits && !templated(text)).then_some(codes::WRONG_TYPE)
            }
            Shape::Number => {
                let fits = matches!(resolved, Resolved::Int(_) | Resolved::Float(_));
                (!fits && !templated(text)).then_some(codes::WRONG_TYPE)
            }
            Shape::Identifier => (!is_identifier(text)).then_some(codes::BAD_NAME),
            Shape::Reference => (!is_id(text)).then_some(codes::BAD_REFERENCE),
            Shape::RefCall => refs(text).is_empty().then_some(codes::BAD_REFERENCE),
            Shape::Duration => (!is_duration(text)).then_some(codes::BAD_DURATION),
            Shape::Path => (!is_path(text)).then_some(codes::BAD_PATH),
            Shape::Secret => (!text.is_empty() && !named(text)).then_some(codes::SECRET_IN_CLEAR),
            Shape::Sql | Shape::Expression => is_empty_sql(text).then_some(codes::EMPTY_SQL),
            Shape::OneOf(words) => return self.one_of(words, text, span),
            _ => None,
        };
        if let Some(code) = wrong {
            let span = first_line(self.text, span);
            self.report(Problem::new(code, span, sentence(code, shape, text)));
        }
    }

    fn one_of(&mut self, words: &'static [&'static str], text: &str, span: Span) {
        if templated(text) || words.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            return;
        }
        let all = words.join(", ");
        match nearest(text, words.iter().copied()) {
            Some(near) => {
                let message = format!("`{text}` is none of {all}; did you mean `{near}`?");
                let edit = Edit { span, text: near.to_owned() };
                let problem = Problem::new(codes::UNKNOWN_VALUE, span, message);
                self.report(problem.with_fix(format!("Write {near}"), edit));
            }
            None => {
                let message = format!("`{}` is none of {all}; write one of them", short(text));
                self.report(Problem::new(
                    codes::UNKNOWN_VALUE,
                    first_line(self.text, span),
                    message,
                ));
            }
        }
    }

    /// Seeknal writes what it read as JSON, which has no dates, and stops half way.
    fn dates(&mut self, root: &yaml::Node) {
        let mut found = Vec::new();
        root.walk(&mut |node| {
            if let NodeKind::Scalar(scalar) = &node.kind
                && scalar.style == Style::Plain
                && node.tag.is_none()
                && matches!(resolve(&scalar.text), Resolved::Timestamp(_))
            {
                found.push((node.span, scalar.text.clone()));
            }
        });
        for (span, text) in found {
            let message =
                format!("Seeknal's plan fails on the unquoted date {}; quote it", short(&text));
            let edit = Edit { span, text: format!("\"{text}\"") };
            let problem = Problem::new(codes::UNQUOTED_DATE, span, message);
            self.report(problem.with_fix(format!("Write \"{text}\""), edit));
        }
    }
}

fn sentence(code: seeknal_syntax::Code, shape: Shape, text: &str) -> String {
    let text = short(text);
    match code.name {
        "bad-name" => format!("`{text}` is no name that SQL takes; use letters, digits and `_`"),
        "bad-reference" => format!(
            "`{text}` names no node; write {}",
            shape.called().trim_start_matches("a node as ")
        ),
        "bad-duration" => {
            format!("`{text}` is no duration; write one such as `30s`, `5m`, `24h` or `2d`")
        }
        "bad-path" if text.is_empty() => {
            "nothing is named here; write a path or a table".to_owned()
        }
        "bad-path" => {
            "this path has a character that Seeknal refuses: a quote, `;`, `--` or `/*`".to_owned()
        }
        "secret-in-clear" => {
            "a secret stands here in clear; name a variable, as in `${PASSWORD}`".to_owned()
        }
        "empty-sql" => "there is no statement here; write a SELECT".to_owned(),
        _ => format!("`{text}` stands here; this key takes {}", shape.called()),
    }
}

/// Whether a shape takes the kind of value that is written, whatever the value.
fn takes(shape: Shape, node: &yaml::Node) -> bool {
    match &node.kind {
        NodeKind::Mapping(_) => {
            matches!(shape, Shape::Map(_) | Shape::Open(_) | Shape::MapOf(_) | Shape::Any)
        }
        NodeKind::Sequence(_) => matches!(shape, Shape::List(_) | Shape::Filled(_) | Shape::Any),
        _ => !is_collection(shape),
    }
}

fn is_collection(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Map(_) | Shape::Open(_) | Shape::MapOf(_) | Shape::List(_) | Shape::Filled(_)
    )
}

pub(crate) fn is_null(node: &yaml::Node) -> bool {
    let Some(scalar) = node.scalar() else { return false };
    scalar.style == Style::Plain && node.tag.is_none() && resolve(&scalar.text) == Resolved::Null
}

/// A value that is filled in when the project is loaded.
fn templated(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}

/// A secret that is only named.
fn named(text: &str) -> bool {
    templated(text) || text.starts_with('$')
}

pub(crate) fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && text.len() <= 128 && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_duration(text: &str) -> bool {
    let number = text.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or(text);
    number.trim_end().parse::<f64>().is_ok_and(|value| value >= 0.0 && value.is_finite())
}

fn is_path(text: &str) -> bool {
    let refused = ["'", "\"", ";", "--", "/*", "*/"];
    !text.is_empty() && text.len() <= 4096 && !refused.iter().any(|one| text.contains(one))
}

fn is_empty_sql(text: &str) -> bool {
    // Where a word begins there is something, and as a rule one does.
    if text.trim_start().starts_with(|first: char| first.is_ascii_alphabetic()) {
        return false;
    }
    let solid = |kind| !matches!(kind, TokenKind::Comment | TokenKind::Symbol);
    !tokens(text).iter().any(|token| {
        solid(token.kind) || slice(text, token.span) != ";" && token.kind == TokenKind::Symbol
    })
}

fn first_line(text: &str, span: Span) -> Span {
    let shown = slice(text, span);
    Span::new(span.start, span.start + shown.find(['\n', '\r']).unwrap_or(shown.len()))
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(40).collect()
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}
