//! The outside: whoever knows what a query means.

use seeknal_syntax::sql::{serialized, tree};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub kind: String,
}

/// A table that a query may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The schema it lies in, where the query says one.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A question: what does this query yield?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// One query.
    pub sql: String,
    /// The tables there are; nothing where not all are known, and then only the syntax is asked for.
    pub tables: Option<Vec<Table>>,
}

impl Ask {
    /// The hash of the question. Each part is led by its length, so that no two questions run together.
    pub fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut part = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        part(&self.sql);
        part(if self.tables.is_some() { "tables" } else { "syntax" });
        for table in self.tables.iter().flatten() {
            part(table.schema.as_deref().unwrap_or_default());
            part(&table.name);
            part(&table.columns.len().to_string());
            for column in &table.columns {
                part(&column.name);
                part(&column.kind);
            }
        }
        hasher.finalize()
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// These columns.
    Columns(Vec<Column>),
    /// Nothing: it would fail.
    Wrong(Box<Wrong>),
    /// That cannot be told, for this reason.
    Unknown(String),
}

/// Why a query would fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The kind of error, in the engine's word: `parser`, `binder`, `catalog` and so on.
    pub kind: String,
    /// The finer kind, where there is one.
    pub subtype: String,
    /// What the engine says.
    pub message: String,
    /// The byte in the query at which it says so.
    pub position: Option<usize>,
    /// The name that it is about.
    pub name: String,
    /// Names that may have been meant.
    pub candidates: Vec<String>,
}

/// How the engine shows what it reads in a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shown {
    /// As this JSON.
    Json(String),
    /// Not at all: it is no SQL.
    Wrong(Box<Wrong>),
    /// That cannot be told, for this reason.
    Unknown(String),
}

impl Shown {
    /// How the query is read that is shown like this.
    pub fn read(self, sql: &str) -> Parsed {
        match self {
            Shown::Json(json) => match serialized::read(&json, sql) {
                Ok(tree) => Parsed::Tree(Arc::new(tree)),
                Err(reason) => Parsed::Unknown(reason),
            },
            Shown::Wrong(wrong) => Parsed::Wrong(wrong),
            Shown::Unknown(reason) => Parsed::Unknown(reason),
        }
    }
}

/// How a query is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// As this tree.
    Tree(Arc<tree::Query>),
    /// Not at all: it is no SQL.
    Wrong(Box<Wrong>),
    /// That cannot be shown, for this reason.
    Unknown(String),
}

/// Whoever knows what a query means.
pub trait Binder: Send + Sync {
    /// How the engine shows a query, whatever tables there are.
    fn shown(&self, sql: &str) -> Shown;

    /// How a query is read.
    fn parse(&self, sql: &str) -> Parsed {
        self.shown(sql).read(sql)
    }

    /// What a query yields. It takes milliseconds as a rule, and never longer than a second or two.
    fn bind(&self, ask: &Ask) -> Answer;

    /// Why nobody answers at all, where that is so.
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// Whoever can look into data files.
pub trait FileReader: Send + Sync {
    /// The columns of files, each with the query that reads it; nothing for one that cannot be read.
    fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>>;

    /// The hash of all that a file holds; nothing for one that cannot be read.
    fn hash(&self, file: &Path) -> Option<String>;
}
