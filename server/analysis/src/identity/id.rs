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

/// One constructor of a tree, filled part by part. What is hashed is put together first: it is short, and handed on
/// with each part.
pub(crate) struct Tag(Vec<u8>);

/// So much most of them take.
const USUAL_BYTES: usize = 192;

impl Tag {
    pub(crate) fn new(constructor: &str) -> Tag {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.extend_from_slice(SCHEME.as_bytes());
        Tag(bytes).text(constructor)
    }

    pub(crate) fn text(mut self, text: &str) -> Tag {
        self.0.push(b't');
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
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
        self.0.push(b'n');
        self.0.extend_from_slice(&(number as u64).to_le_bytes());
        self
    }

    pub(crate) fn id(mut self, id: Id) -> Tag {
        self.0.push(b'i');
        self.0.extend_from_slice(&id.0);
        self
    }

    pub(crate) fn ids(self, ids: impl IntoIterator<Item = Id>) -> Tag {
        let (mut tag, mut count) = (self.number(0), 0_u64);
        let behind = tag.0.len();
        for id in ids {
            tag = tag.id(id);
            count += 1;
        }
        // How many there are stands in front of them.
        if let Some(place) = tag.0.get_mut(behind - size_of::<u64>()..behind) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        tag
    }

    pub(crate) fn end(self) -> Id {
        Id(*blake3::hash(&self.0).as_bytes())
    }
}
