//! The SQL of a node as an engine can read it.

use seeknal_model::{Meaning, Node, NodeId, Origin, Project, Sql, Surroundings};
use seeknal_syntax::sql::{TokenKind, tokens};
use seeknal_syntax::yaml::{self, construct};
use seeknal_syntax::{MappedText, Span, slice, template};

/// A query with the nodes it reads, and its way back to the file.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is made for the time of the query, in order.
    pub before: Vec<Made>,
    /// The text: expressions in braces filled in, `ref()` replaced by names of tables.
    pub text: MappedText,
    /// The tables by which it may read nodes: the schema, where one is said, the name, and the node.
    pub reads: Vec<(Option<String>, String, NodeId)>,
}

/// A table or view that lives as long as the connection.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// The query behind it.
    pub text: MappedText,
    /// Whether it is a view, whose query runs each time it is read.
    pub is_view: bool,
}

/// The query of a node, or why there is none. A node without SQL has none and no reason.
pub fn query(
    project: &Project,
    node: &Node,
    around: &Surroundings<'_>,
) -> Option<Result<Query, String>> {
    let sql = node.sql.as_ref()?;
    if node.field("transform").is_none() {
        return Some(Err("nobody says how the tutorial's `sql` names its inputs".to_owned()));
    }
    Some(filled(project, node, &sql.text, around).and_then(|text| tables(node, sql, &text)))
}

/// The text with every expression in braces replaced by its value.
fn filled(
    project: &Project,
    node: &Node,
    sql: &MappedText,
    around: &Surroundings<'_>,
) -> Result<MappedText, String> {
    let own = node.field("params");
    let mut open = None;
    for site in template::sites(&sql.text) {
        let name = slice(&sql.text, site.expression);
        if value(project, own, name, around).is_none() {
            open = Some(name);
        }
    }
    match open {
        Some(name) => Err(format!("`{{{{ {name} }}}}` is known only when it runs")),
        None => Ok(template::render(sql, &|name| value(project, own, name, around))),
    }
}

fn value(
    project: &Project,
    own: Option<&yaml::Node>,
    name: &str,
    around: &Surroundings<'_>,
) -> Option<String> {
    let params = own.map(yaml::merged).unwrap_or_default();
    let is_named = |key: &yaml::Value| *key == yaml::Value::Text(name.to_owned());
    if let Some((_, entry)) = params.iter().find(|(key, _)| is_named(key)) {
        return match construct(&entry.value) {
            yaml::Value::Text(text) if !text.contains("{{") => Some(text),
            yaml::Value::Int(text) | yaml::Value::Timestamp(text) => Some(text),
            yaml::Value::Bool(true) => Some("True".to_owned()),
            yaml::Value::Bool(false) => Some("False".to_owned()),
            _ => None,
        };
    }
    match project.meaning(name, around) {
        Meaning::Value(value) | Meaning::Variable(value) if !value.contains("{{") => Some(value),
        _ => None,
    }
}

/// The text with `ref()` replaced by the names that Seeknal gives to inputs.
fn tables(node: &Node, sql: &Sql, filled: &MappedText) -> Result<Query, String> {
    let inputs: Vec<&NodeId> = inputs(node);
    let mut reads: Vec<(Option<String>, String, NodeId)> = Vec::new();
    for (place, id) in inputs.iter().enumerate() {
        reads.push((None, format!("input_{place}"), (*id).clone()));
    }
    if let [only] = inputs.as_slice() {
        reads.push((None, "__THIS__".to_owned(), (*only).clone()));
    }
    if node.kind.name == "feature_group"
        && let Some(first) = inputs.first()
    {
        reads.push((None, "source".to_owned(), (*first).clone()));
    }
    let mut text = MappedText::default();
    let mut from = 0;
    for site in sql.refs_in(&filled.text).iter() {
        let id = NodeId::new(&site.id);
        let place = inputs.iter().position(|input| **input == id);
        let name = match place {
            Some(place) => format!("input_{place}"),
            // Read without being declared: a table of its own, by the text of the reference alone.
            None => format!("\"ref {}\"", site.id.replace('"', "")),
        };
        if place.is_none() {
            // Nobody would wait for it, nor hear that it means something else.
            if !node.references.iter().any(|one| one.id == id) {
                return Err(format!("`{id}` is named only by what stands in braces"));
            }
            reads.push((None, name.trim_matches('"').to_owned(), id));
        }
        text.push_part(filled, Span::new(from, site.span.start));
        text.push_replaced(&name, filled.map.span_to_file(site.span));
        from = site.span.end;
    }
    text.push_part(filled, Span::new(from, filled.text.len()));
    for one in node.references.iter().filter(|one| one.origin == Origin::SqlName) {
        if let Some((schema, name)) = one.id.as_str().split_once('.') {
            reads.push((Some(schema.to_owned()), name.to_owned(), one.id.clone()));
        }
    }
    reads.dedup();
    let mut statements = split(&text);
    let Some(last) = statements.pop() else { return Ok(Query { before: Vec::new(), text, reads }) };
    if statements.is_empty() {
        return Ok(Query { before: Vec::new(), text, reads });
    }
    let before: Option<Vec<Made>> = statements.iter().map(temporary).collect();
    let before = before.ok_or_else(|| {
        "only CREATE TEMP TABLE or VIEW … AS may stand before its query".to_owned()
    })?;
    Ok(Query { before, text: last, reads })
}

/// The inputs by their places.
fn inputs(node: &Node) -> Vec<&NodeId> {
    let inputs = node.references.iter().filter(|one| one.origin == Origin::Inputs);
    inputs.map(|one| &one.id).collect()
}

/// The statements of a text; what follows the last semicolon counts if there is anything.
fn split(text: &MappedText) -> Vec<MappedText> {
    let mut found = Vec::new();
    if let Some(only) = only_statement(&text.text) {
        let mut part = MappedText::default();
        part.push_part(text, only);
        return vec![part];
    }
    let mut inside: Option<Span> = None;
    let mut end = |span: Option<Span>| {
        let mut part = MappedText::default();
        if let Some(span) = span {
            part.push_part(text, span);
            found.push(part);
        }
    };
    for token in tokens(&text.text) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Symbol if slice(&text.text, token.span) == ";" => end(inside.take()),
            _ => inside = Some(inside.map_or(token.span, |span| span.cover(token.span))),
        }
    }
    end(inside);
    found
}

/// Where the one statement of a text stands, if that is plain to see: nothing in it ends a statement or begins a
/// comment, and no letter at its ends may be blank to the engine.
fn only_statement(text: &str) -> Option<Span> {
    let blank = |c: char| c.is_ascii_whitespace();
    let start = text.len() - text.trim_start_matches(blank).len();
    let solid = text.trim_matches(blank);
    let is_plain = |c: Option<char>| c.is_some_and(|c| c.is_ascii_graphic());
    let is_one = ![";", "--", "/*"].iter().any(|sign| solid.contains(sign));
    let is_only = is_one && is_plain(solid.chars().next()) && is_plain(solid.chars().next_back());
    is_only.then(|| Span::new(start, start + solid.len()))
}

/// The name and the query of a table or view that lives as long as the connection.
fn temporary(statement: &MappedText) -> Option<Made> {
    let text = statement.text.as_str();
    let mut solid = tokens(text);
    solid.retain(|token| token.kind != TokenKind::Comment);
    let words: Vec<String> =
        solid.iter().map(|token| slice(text, token.span).to_lowercase()).collect();
    let mut at = 0;
    let mut skip = |phrase: &[&str]| {
        let rest = words.get(at..).unwrap_or_default();
        let found = phrase.len() <= rest.len() && phrase.iter().zip(rest).all(|(a, b)| a == b);
        at += if found { phrase.len() } else { 0 };
        found
    };
    let is_create = skip(&["create", "or", "replace"]) || skip(&["create"]);
    let is_temporary = skip(&["temp"]) || skip(&["temporary"]);
    let is_view = is_create && is_temporary && skip(&["view"]);
    if !(is_create && is_temporary && (is_view || skip(&["table"]))) {
        return None;
    }
    skip(&["if", "not", "exists"]);
    let (name, behind) = (solid.get(at)?, solid.get(at + 1)?);
    if name.kind == TokenKind::Text || words.get(at + 1)? != "as" {
        return None;
    }
    let name = slice(text, name.span).trim_matches('"').to_owned();
    let mut query = MappedText::default();
    query.push_part(statement, Span::new(behind.span.end, text.len()));
    Some(Made { name, text: query, is_view })
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::{File, Variables};
    use std::collections::BTreeMap;

    fn plain(text: &str) -> MappedText {
        let mut mapped = MappedText::default();
        mapped.push_replaced(text, Span::at(0));
        mapped
    }

    fn read(sql: &str) -> Result<(String, Vec<String>), String> {
        let text = format!(
            "kind: transform\nname: x\ninputs:\n  - ref: source.a\n  - ref: source.b\nparams: {{limit: 5}}\n\
             transform: |\n  {sql}\n"
        );
        let project = Project::new([File::read("seeknal/x.yml", text.as_bytes())]);
        let node = project.declared().next().unwrap();
        let overrides = BTreeMap::new();
        let variables = Variables::default();
        let today = "2024-03-31".parse().unwrap();
        let around = Surroundings { overrides: &overrides, variables: &variables, today };
        query(&project, node, &around).unwrap().map(|query| {
            let reads = query.reads.into_iter().map(|(schema, name, id)| match schema {
                Some(schema) => format!("{schema}/{name}={id}"),
                None => format!("{name}={id}"),
            });
            (query.text.text.trim_end().to_owned(), reads.collect())
        })
    }

    #[test]
    fn references_become_the_names_that_seeknal_gives() {
        let (text, reads) =
            read("SELECT * FROM ref('source.b') JOIN transform.c USING (id) WHERE x > {{ limit }} AND ref('source.z').y").unwrap();
        assert_eq!(
            text,
            "SELECT * FROM input_1 JOIN transform.c USING (id) WHERE x > 5 AND \"ref source.z\".y"
        );
        assert_eq!(
            reads,
            [
                "input_0=source.a",
                "input_1=source.b",
                "ref source.z=source.z",
                "transform/c=transform.c"
            ]
        );
    }

    #[test]
    fn what_only_a_run_knows_makes_no_query() {
        assert_eq!(
            read("SELECT {{ run_id }}").unwrap_err(),
            "`{{ run_id }}` is known only when it runs"
        );
        assert_eq!(
            read("SELECT 1; SELECT 2").unwrap_err(),
            "only CREATE TEMP TABLE or VIEW … AS may stand before its query"
        );
        assert!(read("SELECT '{{ today }}'; -- no more").is_ok());
    }

    #[test]
    fn what_is_made_for_the_time_of_a_query_stands_before_it() {
        let text = plain(
            "CREATE OR REPLACE TEMP TABLE a AS SELECT ';' AS x;\n\
             create temporary view if not exists \"b\" as from a; -- then\nSELECT * FROM b;",
        );
        let parts = split(&text);
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts[2], "SELECT * FROM b");
        let made = |part: &_| temporary(part).map(|made| (made.name, made.text.text, made.is_view));
        assert_eq!(made(&parts[0]), Some(("a".to_owned(), " SELECT ';' AS x".to_owned(), false)));
        assert_eq!(made(&parts[1]), Some(("b".to_owned(), " from a".to_owned(), true)));
        for other in ["CREATE TABLE a AS SELECT 1", "CREATE TEMP TABLE a (b INT)", "SELECT 1", ""] {
            assert_eq!(made(&plain(other)), None, "{other}");
        }
    }
}
