//! What a node says beside its query, as hashes.

use super::id::{Id, Tag};
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Meaning, Node, Project, Surroundings, is_decided_by_run, kinds};
use seeknal_syntax::yaml::{self, Value as Yaml, construct};
use seeknal_syntax::{slice, template};

/// The hash of a node's fields of some classes, without those that are said elsewhere.
pub(crate) fn fields(node: &Node, classes: &[FieldClass], without: &[&str]) -> Id {
    let mut entries: Vec<(String, Id)> = Vec::new();
    for (key, entry) in yaml::merged(&node.root) {
        let Yaml::Text(key) = key else { continue };
        let identifying = ["kind", "name", "inputs", "change"].contains(&key.as_str());
        if identifying || without.contains(&key.as_str()) {
            continue;
        }
        let field = kinds::fields(node.kind).find(|field| field.name == key);
        // A key that nobody knows may mean something to somebody.
        let class = field.map_or(FieldClass::Data, |field| field.class);
        if classes.contains(&class) {
            entries.push((key, yaml_id(&without_secrets(construct(&entry.value)))));
        }
    }
    entries.sort();
    let tag = Tag::new("fields").number(entries.len());
    entries.into_iter().fold(tag, |tag, (key, id)| tag.text(&key).id(id)).end()
}

/// What stands in the place of the expressions that a node names, where anything does that a run does not decide anew.
pub(super) fn filled_in(project: &Project, node: &Node, around: &Surroundings<'_>) -> Option<Id> {
    let lasting = |name: &&str| !is_decided_by_run(name);
    let names = node.parameters.iter().map(|(name, _)| name.as_str()).filter(lasting);
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return None;
    }
    let mut tag = Tag::new("filled in");
    for name in names {
        let meaning = project.meaning(name, around);
        tag = tag.text(name).text(&format!("{meaning:?}"));
        // What stands there may name others, which are filled in before it runs.
        let (Meaning::Value(text) | Meaning::Variable(text)) = &meaning else { continue };
        for site in template::sites(text) {
            let inner = slice(text, site.expression);
            if lasting(&inner) {
                tag = tag.text(inner).text(&format!("{:?}", project.meaning(inner, around)));
            }
        }
    }
    Some(tag.end())
}

/// A value without what opens a door but leads to the same room.
fn without_secrets(value: Yaml) -> Yaml {
    match value {
        Yaml::Map(mut entries) => {
            entries.retain(|(key, _)| *key != Yaml::Text("password".to_owned()));
            Yaml::Map(entries)
        }
        other => other,
    }
}

/// The hash of a value in YAML; keys of a map in any order are the same map.
fn yaml_id(value: &Yaml) -> Id {
    match value {
        Yaml::Null => Tag::new("null").end(),
        Yaml::Bool(flag) => Tag::new("bool").number(usize::from(*flag)).end(),
        Yaml::Int(text) => Tag::new("int").text(text).end(),
        Yaml::Float(number) => Tag::new("float").text(&number.to_bits().to_string()).end(),
        Yaml::Timestamp(text) => Tag::new("time").text(text).end(),
        Yaml::Text(text) => Tag::new("text").text(text).end(),
        Yaml::List(items) => Tag::new("list").ids(items.iter().map(yaml_id)).end(),
        Yaml::Map(entries) => {
            let mut entries: Vec<(Id, Id)> =
                entries.iter().map(|(key, value)| (yaml_id(key), yaml_id(value))).collect();
            entries.sort();
            Tag::new("map").ids(entries.into_iter().flat_map(|(key, value)| [key, value])).end()
        }
    }
}

/// Whether what a node wrote before holds more than can be computed now.
pub(crate) fn keeps_history(node: &Node) -> bool {
    let keeps = |value: &Yaml| match value {
        Yaml::Map(fields) => fields.iter().any(|(key, value)| {
            *key == Yaml::Text("mode".to_owned())
                && matches!(value, Yaml::Text(mode)
                    if ["append", "incremental_by_time", "upsert_by_key"].contains(&mode.as_str()))
        }),
        _ => false,
    };
    ["materialization", "materializations"].iter().any(|key| match node.field(key).map(construct) {
        Some(Yaml::List(items)) => items.iter().any(keeps),
        Some(value) => keeps(&value),
        None => false,
    })
}
