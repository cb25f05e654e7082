//! How DuckDB itself reads a query, and what must not be in one.

use crate::worker::position;
use duckdb::Connection;
use seeknal_analysis::{Answer, HARMLESS, Wrong};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// DuckDB's own parse, as it shows it. The text goes in as a value, never as SQL.
pub(crate) fn shown(connection: &Connection, sql: &str) -> Result<String, Answer> {
    let shown = || -> duckdb::Result<String> {
        let mut statement = connection.prepare_cached("SELECT json_serialize_sql(?::VARCHAR)")?;
        statement.query_row([sql], |row| row.get(0))
    };
    let unknown = |reason: &str| Answer::Unknown(reason.to_owned());
    let shown = shown().map_err(|_| unknown("DuckDB does not show how it reads it"))?;
    if !shown.starts_with("{\"error\":true") {
        return Ok(shown);
    }
    let error: Value = serde_json::from_str(&shown)
        .map_err(|_| unknown("DuckDB does not show how it reads it"))?;
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    Err(match text("error_type").as_str() {
        "parser" => Answer::Wrong(Box::new(Wrong {
            kind: text("error_type"),
            subtype: text("error_subtype"),
            message: text("error_message"),
            position: position(&error["position"]),
            name: String::new(),
            candidates: Vec::new(),
        })),
        _ => unknown("it is no plain SELECT"),
    })
}

/// The first thing in a query that must not be bound or run, in words. It must be exactly one SELECT by DuckDB's own
/// parse, over these tables and harmless functions.
pub(crate) fn harm(
    connection: &Connection,
    sql: &str,
    tables: &[&str],
) -> Result<Option<String>, Answer> {
    let unknown = |reason: &str| Answer::Unknown(reason.to_owned());
    let shown = shown(connection, sql)?;
    let mut source = serde_json::Deserializer::from_str(&shown);
    // A sum of a hundred terms is nested more deeply than the reader of JSON allows by itself. DuckDB
    // nests expressions a thousand deep at most, and a worker has the whole stack of a process.
    source.disable_recursion_limit();
    let tree = Light::deserialize(&mut source)
        .map_err(|_| unknown("DuckDB does not show how it reads it"))?;
    match tree.get("statements") {
        Some(Light::List(statements)) if statements.len() == 1 => Ok(forbidden(&tree, tables)),
        _ => Err(unknown("it is not one statement")),
    }
}

/// A tree of which nothing is asked but what stands where: it borrows its words, and has no numbers.
enum Light<'t> {
    Word(Cow<'t, str>),
    List(Vec<Light<'t>>),
    Fields(Vec<(Cow<'t, str>, Light<'t>)>),
    Other,
}

impl Light<'_> {
    fn get(&self, key: &str) -> Option<&Light<'_>> {
        let Light::Fields(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The word under a key, empty where there is none.
    fn word(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Light::Word(word)) => word,
            _ => "",
        }
    }
}

impl<'de> Deserialize<'de> for Light<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Light<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a tree")
    }

    fn visit_borrowed_str<E>(self, word: &'de str) -> Result<Light<'de>, E> {
        Ok(Light::Word(Cow::Borrowed(word)))
    }

    fn visit_str<E>(self, word: &str) -> Result<Light<'de>, E> {
        Ok(Light::Word(Cow::Owned(word.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Light<'de>, E> {
        Ok(Light::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Light<'de>, E> {
        Ok(Light::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Light<'de>, E> {
        Ok(Light::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Light<'de>, E> {
        Ok(Light::Other)
    }

    fn visit_unit<E>(self) -> Result<Light<'de>, E> {
        Ok(Light::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Light<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Light::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Light<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some((key, value)) = fields.next_entry()? {
            let key = match key {
                Light::Word(key) => key,
                _ => Cow::Borrowed(""),
            };
            all.push((key, value));
        }
        Ok(Light::Fields(all))
    }
}

fn forbidden(tree: &Light<'_>, tables: &[&str]) -> Option<String> {
    match tree {
        Light::List(items) => items.iter().find_map(|item| forbidden(item, tables)),
        Light::Fields(fields) => {
            let own = match tree.word("type") {
                "TABLE_FUNCTION" => {
                    let name = tree.get("function")?.word("function_name").to_lowercase();
                    let harmless = HARMLESS.contains(&name.as_str());
                    (!harmless).then(|| format!("it reads from `{name}()` by itself"))
                }
                "SHOW_REF" => Some("it asks about tables".to_owned()),
                // DuckDB reads files and variables of its host by names of tables.
                "BASE_TABLE" => {
                    let name = tree.word("table_name").to_lowercase();
                    let known = tables.iter().any(|table| table.to_lowercase() == name);
                    let is_file = name.contains(['.', '/', '\\', ':', '*']);
                    (is_file && !known).then(|| "it reads a file by itself".to_owned())
                }
                _ => None,
            };
            own.or_else(|| fields.iter().find_map(|(_, value)| forbidden(value, tables)))
        }
        Light::Word(_) | Light::Other => None,
    }
}
