//! YAML as a tree in which everything knows where it stands.

use crate::{Problem, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a file holds: its documents, its comments, and what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The documents, in order. A file without content has none.
    pub documents: Vec<Document>,
    /// The comments, in order, each from `#` to the end of its line.
    pub comments: Vec<Span>,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Problem>,
}

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// From its first to its last byte.
    pub span: Span,
    /// Its root; none when it is empty or nothing of it could be read.
    pub root: Option<Arc<Node>>,
    /// Whether a part of it could not be read.
    pub broken: bool,
}

/// A value with its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    /// Where it stands, without its anchor and tag.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
    /// The tag that stands before it.
    pub tag: Option<Box<Tag>>,
    /// The anchor that stands before it.
    pub anchor: Option<Box<Anchor>>,
}

/// What a node is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum NodeKind {
    /// A text or what a text stands for.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Arc<Node>>),
    /// Keys with values, in order, repeated ones included.
    Mapping(Vec<Entry>),
    /// Text that could not be read. A problem says why.
    Broken,
    /// A reference to an anchored node; without target when there is no such node. It is never written down: what
    /// it shares would be read as many times as it is named. What is left out stands behind all that is counted.
    #[serde(skip)]
    Alias(Option<Arc<Node>>),
}

/// A key with its value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The key.
    pub key: Arc<Node>,
    /// The value; an empty scalar at the colon where none is written.
    pub value: Arc<Node>,
}

/// A text as YAML decodes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scalar {
    /// The text after unescaping, folding and stripping of indentation.
    pub text: String,
    /// How it is written.
    pub style: Style,
    /// Where its content stands. It differs from the node's place in block scalars, which begin
    /// with a header.
    pub content: Span,
}

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A tag such as `!!str`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tag {
    /// Its full name, prefixes resolved.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// An anchor such as `&defaults`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Anchor {
    /// Its name.
    pub name: String,
    /// Where it stands, with the `&`.
    pub span: Span,
}

impl Node {
    pub(crate) fn plain(span: Span, kind: NodeKind) -> Node {
        Node { span, kind, tag: None, anchor: None }
    }

    /// The node itself or, for an alias, what it stands for.
    pub fn target(&self) -> Option<&Node> {
        match &self.kind {
            NodeKind::Alias(target) => target.as_deref(),
            _ => Some(self),
        }
    }

    /// The scalar, also behind an alias.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.target()?.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The items of a list, also behind an alias.
    pub fn items(&self) -> Option<&[Arc<Node>]> {
        match &self.target()?.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping as written, also behind an alias. Merge keys are entries here;
    /// [`super::merged`] resolves them.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.target()?.kind {
            NodeKind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// Calls `visit` for this node and everything in it, outside in, in the order of the text. The
    /// targets of aliases stand elsewhere and are not visited from here.
    pub fn walk(&self, visit: &mut dyn FnMut(&Node)) {
        visit(self);
        match &self.kind {
            NodeKind::Sequence(items) => items.iter().for_each(|item| item.walk(visit)),
            NodeKind::Mapping(entries) => {
                for entry in entries {
                    entry.key.walk(visit);
                    entry.value.walk(visit);
                }
            }
            NodeKind::Scalar(_) | NodeKind::Alias(_) | NodeKind::Broken => {}
        }
    }

    /// The innermost node that touches an offset.
    pub fn at(&self, offset: usize) -> Option<&Node> {
        if !self.span.touches(offset) {
            return None;
        }
        let inner = match &self.kind {
            NodeKind::Sequence(items) => items.iter().find_map(|item| item.at(offset)),
            NodeKind::Mapping(entries) => entries
                .iter()
                .find_map(|entry| entry.key.at(offset).or_else(|| entry.value.at(offset))),
            NodeKind::Scalar(_) | NodeKind::Alias(_) | NodeKind::Broken => None,
        };
        inner.or(Some(self))
    }
}
