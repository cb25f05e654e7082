//! Hashes of trees: tagged and length-prefixed, so that no two trees run together.

use std::fmt;

/// Hashes of different schemes are never compared.
const SCHEME: &str = "seeknal identity 1";

/// The hash of what something means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 32]);

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(out, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// One constructor of a tree, filled part by part.
pub(crate) struct Tag(blake3::Hasher);

impl Tag {
    pub(crate) fn new(constructor: &str) -> Tag {
        let mut hasher = blake3::Hasher::new();
        hasher.update(SCHEME.as_bytes());
        Tag(hasher).text(constructor)
    }

    pub(crate) fn text(mut self, text: &str) -> Tag {
        self.0.update(b"t");
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// A text that may be missing, which is not the empty text.
    pub(crate) fn maybe(self, text: Option<&str>) -> Tag {
        match text {
            Some(text) => self.text("some").text(text),
            None => self.text("none"),
        }
    }

    pub(crate) fn number(mut self, number: usize) -> Tag {
        self.0.update(b"n");
        self.0.update(&(number as u64).to_le_bytes());
        self
    }

    pub(crate) fn id(mut self, id: Id) -> Tag {
        self.0.update(b"i");
        self.0.update(&id.0);
        self
    }

    pub(crate) fn ids(self, ids: impl IntoIterator<Item = Id>) -> Tag {
        let ids: Vec<Id> = ids.into_iter().collect();
        ids.iter().fold(self.number(ids.len()), |tag, id| tag.id(*id))
    }

    pub(crate) fn end(self) -> Id {
        Id(*self.0.finalize().as_bytes())
    }
}
