//! The SQL of a node as an engine can read it.

use seeknal_model::{Meaning, Node, NodeId, Origin, Project, Surroundings};
use seeknal_syntax::sql::{TokenKind, refs, tokens};
use seeknal_syntax::yaml::{self, construct};
use seeknal_syntax::{MappedText, Span, slice, template};

/// A query with the nodes it reads, and its way back to the file.
#[derive(Clone, Debug)]
pub struct Query {
    /// The text: expressions in braces filled in, `ref()` replaced by names of tables.
    pub text: MappedText,
    /// The tables by which it may read nodes: the schema, where one is said, the name, and the node.
    pub reads: Vec<(Option<String>, String, NodeId)>,
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
    Some(filled(project, node, &sql.text, around).and_then(|text| tables(node, &text)))
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
fn tables(node: &Node, filled: &MappedText) -> Result<Query, String> {
    if statements(&filled.text) > 1 {
        return Err("there are several statements".to_owned());
    }
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
    for site in refs(&filled.text) {
        let id = NodeId::new(&site.id);
        let place = inputs.iter().position(|input| **input == id);
        let name = match place {
            Some(place) => format!("input_{place}"),
            // Read without being declared: a table of its own, by the text of the reference alone.
            None => format!("\"ref {}\"", site.id.replace('"', "")),
        };
        if place.is_none() {
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
    Ok(Query { text, reads })
}

/// The inputs by their places.
fn inputs(node: &Node) -> Vec<&NodeId> {
    let inputs = node.references.iter().filter(|one| one.origin == Origin::Inputs);
    inputs.map(|one| &one.id).collect()
}

/// How many statements a text has; what follows the last semicolon counts if there is anything.
fn statements(sql: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for token in tokens(sql) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Symbol if slice(sql, token.span) == ";" => inside = false,
            _ if !inside => {
                inside = true;
                count += 1;
            }
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::{File, Variables};
    use std::collections::BTreeMap;

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
        assert_eq!(read("SELECT 1; SELECT 2").unwrap_err(), "there are several statements");
        assert!(read("SELECT '{{ today }}'; -- no more").is_ok());
    }
}
