//! Names that are read by the thousand, each of which lies in the memory once.

use crate::node::NodeId;
use serde::de::Deserialize;
use serde::{Deserializer, Serializer};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What one thread has read so far.
#[derive(Default)]
struct Shared {
    names: HashSet<Arc<str>, foldhash::fast::FixedState>,
    ids: HashMap<u64, NodeId, foldhash::fast::FixedState>,
}

thread_local! {
    static SHARED: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// Reads something in which the same names stand again and again.
pub fn sharing<T>(read: impl FnOnce() -> T) -> T {
    SHARED.set(Some(Shared::default()));
    let read = read();
    SHARED.set(None);
    read
}

/// A name, shared with those that are the same.
fn name(text: &str) -> Arc<str> {
    SHARED.with_borrow_mut(|shared| {
        let Some(Shared { names, .. }) = shared else { return text.into() };
        if let Some(known) = names.get(text) {
            return known.clone();
        }
        let name: Arc<str> = text.into();
        names.insert(name.clone());
        name
    })
}

/// An id, shared with those that are the same.
pub(crate) fn id(text: &str) -> NodeId {
    SHARED.with_borrow_mut(|shared| {
        let Some(Shared { ids, .. }) = shared else { return NodeId::new(text) };
        let hash = NodeId::hash_of(text);
        let known = ids.entry(hash).or_insert_with(|| NodeId::new(text));
        if known.as_str() == text { known.clone() } else { NodeId::new(text) }
    })
}

/// How a name is written down.
pub fn serialize<S: Serializer>(name: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(name)
}

/// How it is read, shared where many are read.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
    <&str>::deserialize(from).map(name)
}

/// Names that need not be there.
pub mod maybe {
    use super::*;
    use serde::Serialize;

    /// How it is written down.
    pub fn serialize<S: Serializer>(name: &Option<Arc<str>>, to: S) -> Result<S::Ok, S::Error> {
        name.as_deref().serialize(to)
    }

    /// How it is read.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Arc<str>>, D::Error> {
        Ok(Option::<&str>::deserialize(from)?.map(name))
    }
}

/// Columns of nodes.
pub mod columns {
    use super::*;
    use serde::Serialize;

    /// A column of a node each.
    type Columns = Arc<[(NodeId, Arc<str>)]>;

    /// How they are written down.
    pub fn serialize<S: Serializer>(columns: &Columns, to: S) -> Result<S::Ok, S::Error> {
        columns.serialize(to)
    }

    /// How they are read.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Columns, D::Error> {
        let read: Vec<(NodeId, &str)> = Vec::deserialize(from)?;
        Ok(read.into_iter().map(|(id, column)| (id, name(column))).collect())
    }
}
