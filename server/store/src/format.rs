//! What the files of the state hold. Keys that are not known are read over, so that an older program can
//! read what a newer one wrote.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file of a node's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The build key: what it was made from.
    pub key: String,
    /// The hash of its bytes.
    pub hash: String,
    /// How many bytes.
    pub bytes: u64,
    /// When it was written, in nanoseconds since 1970.
    pub changed: u64,
    /// How many rows.
    pub rows: u64,
    /// The interval it is of, where there are several.
    #[serde(default)]
    pub interval: Option<String>,
}

/// A node in a view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The hash of the text that declares it.
    pub definition: String,
    /// What it means, as a hash.
    pub identity: String,
    /// Its output.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// The names and types of its columns.
    #[serde(default)]
    pub columns: Vec<(String, String)>,
    /// What else is known of it: what its build took, versions of data.
    #[serde(default)]
    pub facts: Value,
}

/// What stands at a path below `target/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The object of a build key.
    Object(String),
    /// A text, by its hash.
    Text(String),
}

/// A state of all nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Each node by its id.
    pub nodes: BTreeMap<String, Arc<Node>>,
    /// The files of the project that declare them, each with the hash of its text.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What people find below `target/`, by relative path.
    #[serde(default)]
    pub shown: BTreeMap<String, Shown>,
    /// What else is known of it.
    #[serde(default)]
    pub facts: Value,
}

/// A name for a view that moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The view that it shows; nothing where it was planned and never applied.
    #[serde(default)]
    pub view: Option<String>,
    /// The view that it was planned on.
    #[serde(default)]
    pub base: Option<String>,
    /// The hash of its plan's text.
    #[serde(default)]
    pub plan: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: u64,
    /// When it was used last.
    pub used: u64,
    /// After how many seconds without use it may go.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
    /// Whether it stays whatever happens.
    #[serde(default)]
    pub is_pinned: bool,
    /// What else is known of it.
    #[serde(default)]
    pub facts: Value,
}

/// How far an effect on the outside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It was decided and not done yet.
    Pending,
    /// It was done.
    Done,
    /// It was tried and failed.
    Failed,
}

/// Something that happens outside of the state because a view was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The environment whose view it follows from.
    pub environment: String,
    /// The node.
    pub node: String,
    /// What is done, in words of whoever does it.
    pub what: String,
    /// How far it is.
    pub progress: Progress,
    /// What was said when it failed.
    #[serde(default)]
    pub message: Option<String>,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it was meant to.
    #[default]
    Done,
    /// Some nodes failed.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

/// A node that could not be built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The node.
    pub node: String,
    /// Why.
    pub message: String,
}

/// What somebody did, with the state that it led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// How many there were before it.
    pub number: u64,
    /// The operation before it.
    pub parent: Option<String>,
    /// The word for it: run, apply, promote, rollback and so on.
    pub kind: String,
    /// When it was published, in milliseconds since 1970, never before its parent.
    pub time: u64,
    /// Who did it.
    pub actor: String,
    /// How many milliseconds it took.
    pub took: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What failed.
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Every environment as it is after it.
    pub environments: BTreeMap<String, Environment>,
    /// What happens outside because of it or of those before it: all that is pending, and what it did.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// What else is to be remembered of it.
    #[serde(default)]
    pub facts: Value,
}
