//! Objects of DuckDB's JSON, read so that nothing in them is overlooked.

use serde_json::{Map, Value};

/// What cannot be read: the construct's name, and where it begins, if that is known.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) construct: String,
    pub(super) at: Option<usize>,
}

impl Lost {
    pub(super) fn new(construct: impl Into<String>) -> Lost {
        Lost { construct: construct.into(), at: None }
    }
}

/// One object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Fields<'a>, Lost> {
        value.as_object().map(Fields).ok_or_else(|| Lost::new("an unknown shape"))
    }

    /// Whether the object has nothing but these. What another version of DuckDB adds may change the
    /// meaning, so it must not be passed over.
    pub(super) fn only(self, known: &[&str]) -> Result<Fields<'a>, Lost> {
        let extra = self.0.iter().find(|(key, value)| {
            !known.contains(&key.as_str()) && !is_empty(value) && key.as_str() != "query_location"
        });
        match extra {
            Some((key, _)) => Err(Lost::new(key.replace('_', " "))),
            None => Ok(self),
        }
    }

    /// A value; nothing where it is absent or null.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn need(self, key: &str) -> Result<&'a Value, Lost> {
        self.get(key).ok_or_else(|| Lost::new(format!("no {}", key.replace('_', " "))))
    }

    pub(super) fn text(self, key: &str) -> &'a str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text that says something.
    pub(super) fn said(self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn list(self, key: &str) -> &'a [Value] {
        self.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn texts(self, key: &str) -> Result<Vec<String>, Lost> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let all: Option<Vec<String>> = self.list(key).iter().map(text).collect();
        all.ok_or_else(|| Lost::new(key.replace('_', " ")))
    }

    /// The byte at which it begins, if DuckDB says so. Where it does not, the number is no place.
    pub(super) fn location(self) -> Option<usize> {
        let number = self.get("query_location")?.as_u64()?;
        usize::try_from(number).ok().filter(|place| *place < usize::MAX / 2)
    }
}

/// Whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}
