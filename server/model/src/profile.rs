//! Profiles: what sources are given besides what their nodes say.
//!
//! A default never becomes part of a node: it is joined with the node's own params when somebody
//! asks for them, and what is joined shows no secret.

use crate::kinds::{self, PROFILES};
use crate::node::{Node, entry};
use crate::table::{Field, Shape};
use crate::variables::Variables;
use seeknal_syntax::yaml::{self, Value, construct};
use std::fmt;
use std::sync::Arc;

/// A profile as read. One that does not exist is one that gives nothing.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    root: Option<Arc<yaml::Node>>,
}

/// A param of a source.
#[derive(Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value, variables filled in.
    pub value: Value,
    /// Whether the profile gives it rather than the node.
    pub from_profile: bool,
}

impl fmt::Debug for Param {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} = {}", self.name, self.shown())
    }
}

/// A variable without value that a param needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// The param.
    pub param: String,
    /// The variable.
    pub variable: String,
}

/// Types of source that share their defaults.
const SAME: [[&str; 2]; 2] = [["postgres", "postgresql"], ["json", "jsonl"]];

/// Words that name a secret where they end a key.
pub const SECRET_WORDS: [&str; 6] =
    ["password", "passwd", "secret", "token", "api_key", "credential"];

impl Profile {
    /// Reads a profile. What is wrong in it is said where the file is read.
    pub fn read(text: &str) -> Profile {
        let tree = yaml::parse(text);
        Profile { root: tree.documents.into_iter().find_map(|document| document.root) }
    }

    /// The folders outside of projects whose data files may be looked into.
    pub fn data_folders(&self) -> Vec<String> {
        let field = self.root.as_deref().and_then(|root| entry(root, "data_folders"));
        match field.map(|entry| construct(&entry.value)) {
            Some(Value::List(items)) => items.iter().filter_map(text).collect(),
            _ => Vec::new(),
        }
    }

    /// The names of its connections.
    pub fn connections(&self) -> Vec<String> {
        let all = self.root.as_deref().and_then(|root| entry(root, "connections"));
        let keys = all.map(|entry| yaml::merged(&entry.value)).unwrap_or_default();
        keys.into_iter().filter_map(|(key, _)| text(&key)).collect()
    }

    /// The params of a source: the profile's for its type, and over them the node's own.
    pub fn params(&self, source: &Node, variables: &Variables) -> Result<Vec<Param>, Unset> {
        let kind = source.text("source").unwrap_or_default().to_lowercase();
        let mut params: Vec<Param> = Vec::new();
        for (name, value) in self.defaults(&kind) {
            let value = filled(&value, variables)
                .map_err(|variable| Unset { param: name.clone(), variable })?;
            params.push(Param { name, value, from_profile: true });
        }
        let own = source.field("params").map(yaml::merged).unwrap_or_default();
        for (name, value) in
            own.into_iter().filter_map(|(key, entry)| Some((text(&key)?, construct(&entry.value))))
        {
            params.retain(|param| param.name != name);
            params.push(Param { name, value, from_profile: false });
        }
        Ok(params)
    }

    fn defaults(&self, kind: &str) -> Vec<(String, Value)> {
        let alike = SAME.iter().find(|pair| pair.contains(&kind));
        let names = alike.map_or_else(|| vec![kind], |pair| pair.to_vec());
        let Some(all) = self.root.as_deref().and_then(|root| entry(root, "source_defaults")) else {
            return Vec::new();
        };
        // Defaults under the very name win over those of its twin.
        let exact = entry(&all.value, kind);
        let found = exact.or_else(|| names.iter().find_map(|name| entry(&all.value, name)));
        let entries = found.map(|entry| yaml::merged(&entry.value)).unwrap_or_default();
        entries
            .into_iter()
            .filter_map(|(key, entry)| Some((text(&key)?, construct(&entry.value))))
            .collect()
    }
}

impl Param {
    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        let name = self.name.to_lowercase();
        let declared = |fields: &[Field]| {
            fields.iter().any(|field| field.name == name && matches!(field.shape, Shape::Secret))
        };
        SECRET_WORDS.iter().any(|word| name.contains(word))
            || declared(PROFILES)
            || kinds::find("source").is_some_and(|kind| declared(kind.fields))
    }

    /// The value for people; stars for one that must not be shown.
    pub fn shown(&self) -> String {
        if self.is_secret() { "***".to_owned() } else { shown(&self.value) }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(digits) => digits.clone(),
        Value::Float(value) => value.to_string(),
        Value::Timestamp(text) | Value::Text(text) => text.clone(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        // A mapping may hold a secret under any key.
        Value::Map(entries) => format!("{} keys", entries.len()),
    }
}

fn text(key: &Value) -> Option<String> {
    match key {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A value with its variables filled in: in texts and in mappings, never in lists.
fn filled(value: &Value, variables: &Variables) -> Result<Value, String> {
    Ok(match value {
        Value::Text(text) => Value::Text(variables.fill(text)?),
        Value::Map(entries) => {
            let fill = |(key, value): &(Value, Value)| Ok((key.clone(), filled(value, variables)?));
            Value::Map(entries.iter().map(fill).collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{File, NodeId, Project};

    const PROFILE: &str = "connections:\n  main: {type: postgresql}\nsource_defaults:\n  postgres:\n    \
        connection: main\n    schema: ${SCHEMA:public}\n    password: $PG_PASSWORD\n    tags: [$X]\n";

    fn params(inline: &str, variables: &[(&str, &str)]) -> Result<Vec<Param>, Unset> {
        let text =
            format!("kind: source\nname: o\nsource: postgresql\ntable: o\nparams: {inline}\n");
        let project = Project::new([File::read("seeknal/o.yml", text.as_bytes())]);
        let node = project.node(&NodeId::new("source.o")).unwrap();
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Profile::read(PROFILE).params(node, &Variables::new(pairs))
    }

    #[test]
    fn the_nodes_own_params_win_over_the_profiles() {
        let found = params("{schema: sales}", &[("PG_PASSWORD", "hunter2")]).unwrap();
        let all: Vec<String> = found.iter().map(|param| format!("{param:?}")).collect();
        assert_eq!(all, ["connection = main", "password = ***", "tags = [$X]", "schema = sales"]);
        assert!(found.iter().any(|param| param.value == Value::Text("hunter2".to_owned())));
        let from: Vec<bool> = found.iter().map(|param| param.from_profile).collect();
        assert_eq!(from, [true, true, true, false]);
    }

    #[test]
    fn a_variable_without_value_is_named_with_its_param() {
        let unset = Unset { param: "password".to_owned(), variable: "PG_PASSWORD".to_owned() };
        assert_eq!(params("{}", &[]), Err(unset));
    }

    #[test]
    fn a_profile_that_cannot_be_read_gives_nothing() {
        for text in ["", "- a\n", "source_defaults: [", "connections: 3\n"] {
            assert_eq!(Profile::read(text).connections(), Vec::<String>::new(), "{text}");
        }
        assert_eq!(Profile::read(PROFILE).connections(), ["main"]);
    }
}
