//! Where in a file's keys a cursor stands, also in a line that is only begun.
//!
//! The tree has no place for what is not written yet, so this reads lines: how deep the cursor's
//! line is, and which keys above it are shallower.

use seeknal_model::table::{Field, Kind, Shape};
use seeknal_model::{kinds, settings_fields};
use seeknal_syntax::{Span, slice};

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A key is being written; so much of it stands there.
    Key(Span),
    /// The value of the innermost key is being written.
    Value(Span),
    /// A text, such as SQL, in which keys mean nothing.
    Text,
}

/// The keys around a cursor, the outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) keys: Vec<String>,
    pub(crate) at: At,
    /// The keys that stand beside the cursor's already.
    pub(crate) beside: Vec<String>,
}

/// A line taken apart: where its key begins, the key, whether a text block begins after it.
struct Line<'t> {
    /// The column of the first dash, or of the key.
    outer: usize,
    /// The column of the key.
    column: usize,
    key: Option<&'t str>,
    opens_text: bool,
    dashed: bool,
}

impl Line<'_> {
    /// Keys left of this enclose the line. A list may stand as deep as the key it belongs to.
    fn limit(&self) -> usize {
        if self.dashed { self.outer + 1 } else { self.outer }
    }
}

pub(crate) fn context(text: &str, offset: usize) -> Context {
    let offset = offset.min(text.len());
    let start = slice(text, Span::new(0, offset)).rfind('\n').map_or(0, |at| at + 1);
    let before = slice(text, Span::new(start, offset));
    let lines: Vec<&str> = slice(text, Span::new(0, start)).lines().collect();
    let (column, content) = content(before);
    let outer = before.len() - before.trim_start_matches([' ', '\t']).len();
    let limit = if outer == column { column } else { outer + 1 };
    let (mut keys, in_text) = above(&lines, limit);
    let beside = beside(text, &lines, start, column);
    if in_text {
        return Context { keys, at: At::Text, beside: Vec::new() };
    }
    let span = |part: &str| Span::new(offset - part.len(), offset);
    let key = key_of(content);
    keys.extend(key.map(|(key, _)| key.to_owned()));
    let rest = key.map_or(content, |(_, rest)| rest);
    if let Some((inner, part)) = in_braces(rest) {
        keys.extend(inner.map(str::to_owned));
        let at = if inner.is_some() { At::Value(span(part)) } else { At::Key(span(part)) };
        return Context { keys, at, beside: Vec::new() };
    }
    if key.is_none() {
        return Context { keys, at: At::Key(span(content)), beside };
    }
    let part = rest.rsplit(['[', ',']).next().unwrap_or(rest).trim_start();
    let part = part.trim_start_matches(['"', '\'']);
    Context { keys, at: At::Value(span(part)), beside }
}

/// The text of a line behind its indentation and dashes, with the column at which it begins.
fn content(line: &str) -> (usize, &str) {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        match trimmed.strip_prefix('-').filter(|behind| behind.starts_with(' ')) {
            Some(behind) => rest = behind,
            None => return (line.len() - trimmed.len(), trimmed),
        }
    }
}

/// A key with what follows its colon.
fn key_of(content: &str) -> Option<(&str, &str)> {
    let (key, rest) = content.split_once(':')?;
    let is_word =
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c));
    let is_value = rest.is_empty() || rest.starts_with(' ');
    (is_word && is_value).then(|| (key.trim_matches(['"', '\'']), rest.trim_start()))
}

/// Inside `{…` that is not closed: the key whose value is being written, and what of it stands
/// there.
fn in_braces(rest: &str) -> Option<(Option<&str>, &str)> {
    let open =
        rest.rfind('{').filter(|at| !rest.get(*at..).is_some_and(|one| one.contains('}')))?;
    // `{{` begins an expression, not a mapping.
    if rest.get(..open).is_some_and(|before| before.ends_with('{')) {
        return None;
    }
    let inside = rest.get(open + 1..).unwrap_or_default();
    let part = inside.rsplit(',').next().unwrap_or(inside).trim_start();
    match part.split_once(':') {
        Some((key, value)) => Some((Some(key.trim()), value.trim_start())),
        None => Some((None, part)),
    }
}

fn line(text: &str) -> Option<Line<'_>> {
    let (column, content) = content(text.trim_end());
    if content.is_empty() || content.starts_with('#') {
        return None;
    }
    let outer = text.len() - text.trim_start_matches([' ', '\t']).len();
    let found = key_of(content);
    let value = found.map_or(content, |(_, value)| value);
    let opens_text = value.starts_with(['|', '>']) && value.len() <= 3;
    Some(Line {
        outer,
        column,
        key: found.map(|(key, _)| key),
        opens_text,
        dashed: outer != column,
    })
}

/// The keys above that enclose a line, and whether a text block is one of them.
fn above(lines: &[&str], mut limit: usize) -> (Vec<String>, bool) {
    let mut keys = Vec::new();
    for line in lines.iter().rev() {
        if limit == 0 || line.starts_with("---") {
            break;
        }
        let Some(line) = self::line(line) else { continue };
        if line.column < limit && line.key.is_some() {
            keys.extend(line.key.map(str::to_owned));
            if line.opens_text {
                keys.reverse();
                return (keys, true);
            }
            limit = line.limit();
        } else if line.dashed && line.outer < limit {
            limit = line.limit();
        }
    }
    keys.reverse();
    (keys, false)
}

/// The keys at the same depth, up and down from the cursor's line.
fn beside(text: &str, above: &[&str], start: usize, column: usize) -> Vec<String> {
    let mut found = Vec::new();
    for line in above.iter().rev().filter_map(|line| self::line(line)) {
        if line.column == column {
            found.extend(line.key.map(str::to_owned));
        }
        if line.column < column || line.dashed && line.column == column {
            break;
        }
    }
    // The first of these lines is the cursor's own.
    let below = slice(text, Span::new(start, text.len())).lines().skip(1);
    for line in below.filter_map(line) {
        if line.column < column || line.dashed && line.column == column {
            break;
        }
        if line.column == column {
            found.extend(line.key.map(str::to_owned));
        }
    }
    found
}

/// The kind that is declared in the document around an offset.
pub(crate) fn kind_around(text: &str, offset: usize) -> Option<&'static Kind> {
    let document = |at: usize| {
        let before = slice(text, Span::new(0, at.min(text.len())));
        let start = before.rfind("\n---").map_or(0, |at| at + 1);
        let rest = slice(text, Span::new(start, text.len()));
        let end = rest.get(3..).and_then(|rest| rest.find("\n---")).map_or(rest.len(), |at| at + 3);
        rest.get(..end).unwrap_or_default()
    };
    let word = document(offset).lines().find_map(|line| line.strip_prefix("kind:"))?;
    let word = word.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let environment = Some(&kinds::ENVIRONMENT).filter(|kind| kind.name == word);
    kinds::find(word).or(environment)
}

/// The tables in which the keys of a file are declared, the one that counts more first.
pub(crate) fn tables(path: &str, text: &str, offset: usize) -> Vec<&'static [Field]> {
    match settings_fields(path) {
        Some(fields) => vec![fields],
        None => {
            let own = kind_around(text, offset).map(|kind| kind.fields);
            own.into_iter().chain([kinds::COMMON]).collect()
        }
    }
}

/// What may stand behind keys: the shapes of the value, alternatives and items laid open.
pub(crate) fn shapes(tables: &[&'static [Field]], keys: &[String]) -> Vec<Shape> {
    let Some((first, rest)) = keys.split_first() else {
        return tables.iter().map(|fields| Shape::Map(fields)).collect();
    };
    // A kind's own key hides the common one of the same name.
    let found = tables.iter().map(|fields| inner(Shape::Map(fields), first));
    let start = found.into_iter().find(|shapes| !shapes.is_empty()).unwrap_or_default();
    let mut shapes: Vec<Shape> = start.into_iter().flat_map(flat).collect();
    for key in rest {
        shapes = shapes.into_iter().flat_map(|shape| inner(shape, key)).flat_map(flat).collect();
    }
    shapes
}

/// The field of the last of some keys.
pub(crate) fn field(tables: &[&'static [Field]], keys: &[String]) -> Option<&'static Field> {
    let (last, outer) = keys.split_last()?;
    shapes(tables, outer).into_iter().find_map(|shape| match shape {
        Shape::Map(fields) | Shape::Open(fields) => fields.iter().find(|one| one.name == last),
        _ => None,
    })
}

fn inner(shape: Shape, key: &str) -> Vec<Shape> {
    match shape {
        Shape::Map(fields) | Shape::Open(fields) => {
            fields.iter().filter(|field| field.name == key).map(|field| field.shape).collect()
        }
        Shape::MapOf(value) => vec![*value],
        _ => Vec::new(),
    }
}

/// A shape with its alternatives and items laid open.
fn flat(shape: Shape) -> Vec<Shape> {
    match shape {
        Shape::Either(shapes) => shapes.iter().flat_map(|shape| flat(*shape)).collect(),
        Shape::List(item) | Shape::Filled(item) => flat(*item),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context at `|`, as one line.
    fn at(marked: &str) -> String {
        let offset = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1).replace('¦', "|");
        let found = context(&text, offset);
        let keys = found.keys.join(".");
        match found.at {
            At::Key(span) => format!("{keys} key {}", slice(&text, span)),
            At::Value(span) => format!("{keys} value {}", slice(&text, span)),
            At::Text => format!("{keys} text"),
        }
    }

    #[test]
    fn a_cursor_knows_the_keys_around_it() {
        for (marked, expected) in [
            ("|", " key "),
            ("kind: source\nna|", " key na"),
            ("kind: tra|\nname: x\n", "kind value tra"),
            ("inputs:\n  - re|", "inputs key re"),
            ("inputs:\n- ref: source.|", "inputs.ref value source."),
            ("inputs:\n- ref: a\n- |", "inputs key "),
            ("inputs:\n  - ref: a\n    x|", "inputs key x"),
            ("inputs: [{ref: so|}]", "inputs.ref value so"),
            ("inputs: [{|", "inputs key "),
            ("tags: [a, b|]", "tags value b"),
            ("params:\n  schema: x\n  po|\n", "params key po"),
            ("transform: ¦\n  SELECT a\n  FROM ref('|", "transform text"),
            ("transform: ¦\n  SELECT a\n\now|", " key ow"),
            ("features:\n  f:\n    window: [1]\n    ba|", "features.f key ba"),
            ("rule:\n  - type: null\n    params:\n      max|", "rule.params key max"),
            ("kind: a\n---\nna|", " key na"),
            ("name: \"x|", "name value x"),
        ] {
            assert_eq!(at(marked), expected, "{marked}");
        }
    }

    #[test]
    fn keys_beside_are_seen_up_and_down() {
        let text = "rule:\n  - type: range\n    \n    column: a\n  - type: null\n";
        assert_eq!(context(text, 26).beside, ["type", "column"]);
    }
}
