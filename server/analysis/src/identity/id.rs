//! Hashes of trees: tagged and length-prefixed, so that no two trees run together.

use super::tape::{self, Hashed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Hashes of different schemes are never compared.
pub(super) const SCHEME: &str = "seeknal identity 1";
/// What stands before each part.
const TEXT: u8 = b't';
const NUMBER: u8 = b'n';
const ID: u8 = b'i';

/// The hash of what something means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(pub(super) [u8; 32]);

impl Id {
    /// Enough of it to tell it from most others.
    pub(super) fn beginning(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(out, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// Identities in an order, or as a set, whose order is that of their hashes.
pub(crate) struct Ids {
    all: Vec<Id>,
    is_set: bool,
}

impl Ids {
    /// In the order in which they come.
    pub(crate) fn in_order(all: impl IntoIterator<Item = Id>) -> Ids {
        Ids { all: all.into_iter().collect(), is_set: false }
    }

    /// Each once, in no order.
    pub(crate) fn set(all: impl IntoIterator<Item = Id>) -> Ids {
        let mut all: Vec<Id> = all.into_iter().collect();
        all.sort();
        all.dedup();
        Ids { all, is_set: true }
    }

    /// In no order.
    pub(crate) fn bag(all: impl IntoIterator<Item = Id>) -> Ids {
        let mut all: Vec<Id> = all.into_iter().collect();
        all.sort();
        Ids { all, is_set: true }
    }

    pub(crate) fn all(&self) -> &[Id] {
        &self.all
    }
}

/// One constructor of a tree, filled part by part. What is hashed is put together first: it is short, and handed on
/// with each part.
pub(crate) struct Tag {
    bytes: Vec<u8>,
    /// Where sets begin, with their numbers.
    sets: Vec<usize>,
}

/// So much most of them take.
const USUAL_BYTES: usize = 192;

impl Tag {
    pub(crate) fn new(constructor: &str) -> Tag {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.extend_from_slice(SCHEME.as_bytes());
        Tag { bytes, sets: Vec::new() }.text(constructor)
    }

    pub(crate) fn text(mut self, text: &str) -> Tag {
        self.bytes.push(TEXT);
        self.bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
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
        self.bytes.push(NUMBER);
        self.bytes.extend_from_slice(&(number as u64).to_le_bytes());
        self
    }

    pub(crate) fn id(mut self, id: Id) -> Tag {
        self.bytes.push(ID);
        self.bytes.extend_from_slice(&id.0);
        self
    }

    pub(crate) fn ids(self, ids: impl IntoIterator<Item = Id>) -> Tag {
        let (mut tag, mut count) = (self.number(0), 0_u64);
        let behind = tag.bytes.len();
        for id in ids {
            tag = tag.id(id);
            count += 1;
        }
        // How many there are stands in front of them.
        if let Some(place) = tag.bytes.get_mut(behind - size_of::<u64>()..behind) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        tag
    }

    /// Identities whose order is theirs, or that of their hashes.
    pub(crate) fn these(mut self, ids: &Ids) -> Tag {
        if ids.is_set {
            self.sets.push(self.bytes.len());
        }
        self.ids(ids.all.iter().copied())
    }

    /// What a set holds, which comes in the order of its hashes.
    pub(crate) fn set(mut self, ids: &BTreeSet<Id>) -> Tag {
        self.sets.push(self.bytes.len());
        self.ids(ids.iter().copied())
    }

    pub(crate) fn end(self) -> Id {
        let id = hashed(&self.bytes);
        tape::take(|| Hashed { bytes: self.bytes, sets: self.sets, turned: None, id });
        id
    }

    /// The hash of this, or of the same said the other way round: which, the two last identities decide.
    pub(crate) fn or_turned(self, turned: Tag, is_turned: bool) -> Id {
        let id = hashed(if is_turned { &turned.bytes } else { &self.bytes });
        tape::take(|| Hashed {
            bytes: self.bytes,
            sets: self.sets,
            turned: Some(turned.bytes),
            id,
        });
        id
    }
}

/// The hash of what was put together.
pub(super) fn hashed(bytes: &[u8]) -> Id {
    Id(*blake3::hash(bytes).as_bytes())
}

/// Where identities stand in what was put together.
pub(super) fn places(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = SCHEME.len();
    std::iter::from_fn(move || {
        loop {
            let (what, behind) = (bytes.get(at)?, at + 1);
            at = match *what {
                ID => {
                    at = behind + size_of::<Id>();
                    return Some(behind);
                }
                NUMBER => behind + size_of::<u64>(),
                _ => behind + size_of::<u64>() + number_at(bytes, behind)?,
            };
        }
    })
}

/// The number that stands at a place.
pub(super) fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + size_of::<u64>())?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(bytes)).ok()
}
