//! The one object that a command takes.

use super::desk::End;
use super::table::{Command, Kind};
use crate::proto::Range;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// The arguments of a command, of which each is one that it takes.
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads them; a sentence that names the wrong one.
    pub(crate) fn of(command: &Command, given: &[Value]) -> Result<Arguments, End> {
        let given = match given {
            [] | [Value::Null] => Map::new(),
            [Value::Object(given)] => given.clone(),
            _ => {
                let id = command.id;
                return Err(End::wrong(format!(
                    "`{id}` takes one object, such as {{\"project\": \"…\"}}"
                )));
            }
        };
        for (name, value) in &given {
            let Some(known) = command.takes().find(|one| one.name == name) else {
                let all: Vec<&str> = command.takes().map(|one| one.name).collect();
                let (id, all) = (command.id, all.join("`, `"));
                return Err(End::wrong(format!("`{id}` does not take `{name}`; it takes `{all}`")));
            };
            let is_right = match known.kind {
                Kind::Text => value.is_string(),
                Kind::Flag => value.is_boolean(),
                Kind::Number => value.is_u64(),
                Kind::Range => serde_json::from_value::<Range>(value.clone()).is_ok(),
            };
            if !is_right && !value.is_null() {
                let word = known.kind.word();
                return Err(End::wrong(format!("`{name}` must be {word}, and is {value}")));
            }
        }
        Ok(Arguments(given))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A text without which nothing can be done.
    pub(crate) fn must(&self, name: &str) -> Result<&str, End> {
        self.text(name).ok_or_else(|| End::wrong(format!("`{name}` is missing")))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool) == Some(true)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_u64)
    }

    pub(crate) fn range(&self, name: &str) -> Option<Range> {
        serde_json::from_value(self.0.get(name)?.clone()).ok()
    }

    /// A path, which may be given as the URI of a file.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let text = self.text(name)?;
        let uri = text.parse().ok().and_then(|uri| crate::uris::path(&uri));
        Some(uri.unwrap_or_else(|| PathBuf::from(text)))
    }
}
