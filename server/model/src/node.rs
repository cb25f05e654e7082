//! A node as declared.

use crate::table::Kind;
use crate::{kinds, names};
use seeknal_syntax::sql::{RefSite, refs};
use seeknal_syntax::{MappedText, Span, embed, slice, template, yaml};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// `kind.name`, by which nodes read each other.
#[derive(Clone)]
pub struct NodeId {
    /// The hash of the text, by which ids are told apart: texts lie all over the memory and begin alike.
    hash: u64,
    text: Arc<str>,
}

/// Nodes by their ids, for as long as somebody looks at them.
pub type NodeMap<'n, V> = HashMap<&'n NodeId, V, foldhash::fast::RandomState>;

/// Some nodes' ids, for as long as somebody looks at them.
pub type NodeSet<'n> = HashSet<&'n NodeId, foldhash::fast::RandomState>;

impl NodeId {
    /// The id of a text.
    pub fn new(id: &str) -> NodeId {
        NodeId { hash: NodeId::hash_of(id), text: id.into() }
    }

    pub(crate) fn hash_of(id: &str) -> u64 {
        foldhash::fast::FixedState::default().hash_one(id)
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}

impl PartialEq for NodeId {
    fn eq(&self, other: &NodeId) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for NodeId {}

impl PartialOrd for NodeId {
    fn partial_cmp(&self, other: &NodeId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NodeId {
    fn cmp(&self, other: &NodeId) -> Ordering {
        match Arc::ptr_eq(&self.text, &other.text) {
            true => Ordering::Equal,
            false => self.text.cmp(&other.text),
        }
    }
}

impl Hash for NodeId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<NodeId, D::Error> {
        <&str>::deserialize(from).map(names::id)
    }
}

/// A node of the project.
#[derive(Debug, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its kind.
    #[serde(serialize_with = "kind_as_name", deserialize_with = "kind_by_name")]
    pub kind: &'static Kind,
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub name_span: Span,
    /// The path of its file.
    pub path: Arc<str>,
    /// Everything that is declared of it, with places.
    pub root: Arc<yaml::Node>,
    /// What it reads, in the order in which it is written.
    pub references: Vec<Reference>,
    /// The expressions in `{{ … }}` that it names, each with its place: in its SQL and in its
    /// `params`, where alone Seeknal fills them in.
    pub parameters: Vec<(String, Span)>,
    /// Its SQL, where it has any.
    pub sql: Option<Sql>,
    /// Its Python function, where it is one.
    pub body: Option<Body>,
    /// A hash of what it says, where somebody asked for it.
    #[serde(with = "crate::kept::once")]
    pub(crate) said: OnceLock<blake3::Hash>,
}

fn kind_as_name<S: Serializer>(kind: &&'static Kind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.name)
}

fn kind_by_name<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Kind, D::Error> {
    kinds::find(<&str>::deserialize(from)?).ok_or_else(|| D::Error::custom("there is no such kind"))
}

/// The Python function of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Body {
    /// Its text with the decorators.
    pub text: String,
    /// The hash of that text: what the node computes changed only if this did.
    pub hash: blake3::Hash,
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Body::new(&text)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> String {
        body.text
    }
}

impl Body {
    pub(crate) fn new(text: &str) -> Body {
        // A file saved with other line ends computes the same.
        let text = text.replace("\r\n", "\n");
        Body { hash: blake3::hash(text.as_bytes()), text }
    }
}

/// The SQL of a node.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sql {
    /// The text with its way to the file.
    pub text: MappedText,
    /// Where it reads nodes by `ref()`.
    pub refs: Vec<RefSite>,
    /// Where it stands.
    pub span: Span,
}

impl Sql {
    /// Where the text reads nodes by `ref()` once something is filled in.
    pub fn refs_in(&self, filled: &str) -> Cow<'_, [RefSite]> {
        match filled == self.text.text {
            true => Cow::Borrowed(&self.refs),
            false => Cow::Owned(refs(filled)),
        }
    }
}

/// One place at which a node reads another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The id that is written there.
    pub id: NodeId,
    /// Where the id stands.
    pub span: Span,
    /// In which way.
    pub origin: Origin,
}

/// The ways of reading another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// An item of `inputs`.
    Inputs,
    /// An item of `depends_on`, which counts where there are no inputs.
    DependsOn,
    /// `model: ref('…')`.
    Model,
    /// `source:` of an aggregation.
    Source,
    /// `training.label_source`.
    LabelSource,
    /// `ctx.ref('…')` in Python.
    ContextRef,
    /// `ref('…')` in SQL.
    Sql,
    /// `input_0` or `__THIS__` in SQL, an input by its place.
    SqlInput,
    /// A qualified name in SQL, such as `FROM transform.orders`. It reads a node only where there
    /// is one of that id.
    SqlName,
}

impl Node {
    /// The hash of what it says, which whoever asks for it makes once.
    pub fn said(&self, hash: impl FnOnce(&Node) -> blake3::Hash) -> blake3::Hash {
        *self.said.get_or_init(|| hash(self))
    }

    /// The value of a key, aliases and merge keys resolved.
    pub fn field(&self, key: &str) -> Option<&yaml::Node> {
        entry(&self.root, key).map(|entry| entry.value.as_ref())
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.field(key)?.scalar().map(|scalar| scalar.text.as_str())
    }
}

/// The expressions in the SQL and the `params` of a node.
pub(crate) fn parameters(text: &str, root: &yaml::Node, sql: Option<&Sql>) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut add = |mapped: &MappedText| {
        for site in template::sites(&mapped.text) {
            let name = slice(&mapped.text, site.expression).to_owned();
            found.push((name, mapped.map.span_to_file(site.expression)));
        }
    };
    if let Some(sql) = sql {
        add(&sql.text);
    }
    if let Some(params) = entry(root, "params") {
        params.value.walk(&mut |node| {
            if node.scalar().is_some_and(|scalar| scalar.text.contains("{{"))
                && let Some(mapped) = embed::embedded(text, node)
            {
                add(&mapped);
            }
        });
    }
    found
}

/// The entry of a key in a mapping, merge keys resolved.
pub(crate) fn entry<'n>(mapping: &'n yaml::Node, key: &str) -> Option<&'n yaml::Entry> {
    yaml::find(mapping, key)
}
