//! Values by the ids of nodes.

use crate::node::NodeId;
use equivalent::{Comparable, Equivalent};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Values by the ids of nodes. A clone costs nothing, and what two of them differ by is found without looking at what
/// they share. Ids are compared by their hashes: their texts lie all over the memory and begin alike.
#[derive(Clone, Debug)]
pub struct ByNode<V> {
    all: OrdMap<Hashed, V>,
    /// What has taken the place of some of these. To put many values into a tree copies nearly all of it, and goes to
    /// every value that it holds.
    instead: Arc<Instead<V>>,
}

type Instead<V> = HashMap<NodeId, V, foldhash::fast::FixedState>;

/// Fewer values than this are put into the tree.
const MANY: usize = 16;

/// What stands beside the tree may be so many times smaller than it.
const SMALLER: usize = 4;

/// An id in the order of hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hashed(NodeId);

impl PartialOrd for Hashed {
    fn partial_cmp(&self, other: &Hashed) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Hashed {
    fn cmp(&self, other: &Hashed) -> Ordering {
        in_order(&self.0, &other.0)
    }
}

struct Sought<'s>(&'s NodeId);

impl Equivalent<Hashed> for Sought<'_> {
    fn equivalent(&self, key: &Hashed) -> bool {
        *self.0 == key.0
    }
}

impl Comparable<Hashed> for Sought<'_> {
    fn compare(&self, key: &Hashed) -> Ordering {
        in_order(self.0, &key.0)
    }
}

fn in_order(one: &NodeId, two: &NodeId) -> Ordering {
    one.hash().cmp(&two.hash()).then_with(|| one.cmp(two))
}

impl<V> Default for ByNode<V> {
    fn default() -> ByNode<V> {
        ByNode { all: OrdMap::new(), instead: Arc::default() }
    }
}

impl<V> ByNode<V> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everything, in an order of its own that is the same each time.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeId, &V)> {
        self.all.iter().map(|(key, value)| (&key.0, self.instead.get(&key.0).unwrap_or(value)))
    }

    /// The value of a node.
    pub fn get(&self, id: &NodeId) -> Option<&V> {
        self.instead.get(id).or_else(|| self.all.get(&Sought(id)))
    }

    /// Whether a node has a value.
    pub fn contains(&self, id: &NodeId) -> bool {
        self.all.contains_key(&Sought(id))
    }
}

impl<V: Clone> ByNode<V> {
    /// The value of a node, to be changed.
    pub fn get_mut(&mut self, id: &NodeId) -> Option<&mut V> {
        match self.instead.contains_key(id) {
            true => Arc::make_mut(&mut self.instead).get_mut(id),
            false => self.all.get_mut(&Sought(id)),
        }
    }

    /// Gives a node a value; returns the one it had.
    pub fn insert(&mut self, id: NodeId, value: V) -> Option<V> {
        let instead = self.no_longer_instead(&id);
        instead.or(self.all.insert(Hashed(id), value))
    }

    /// Takes the value of a node away, and returns it.
    pub fn remove(&mut self, id: &NodeId) -> Option<V> {
        let instead = self.no_longer_instead(id);
        instead.or(self.all.remove(&Sought(id)))
    }

    fn no_longer_instead(&mut self, id: &NodeId) -> Option<V> {
        let is_there = self.instead.contains_key(id);
        is_there.then(|| Arc::make_mut(&mut self.instead).remove(id))?
    }

    /// Gives many nodes values.
    pub fn insert_all(&mut self, values: Vec<(NodeId, V)>) {
        if values.len() < MANY {
            values.into_iter().for_each(|(id, value)| drop(self.insert(id, value)));
            return;
        }
        let mut instead = HashMap::clone(&self.instead);
        for (id, value) in values {
            match self.contains(&id) {
                true => instead.insert(id, value),
                false => self.all.insert(Hashed(id), value),
            };
        }
        if instead.len().saturating_mul(SMALLER) > self.len() {
            for (id, value) in instead.drain() {
                self.all.insert(Hashed(id), value);
            }
        }
        self.instead = Arc::new(instead);
    }
}

impl<V: PartialEq> ByNode<V> {
    /// The nodes whose values are others in another map, with both.
    pub fn diff<'v>(
        &'v self,
        now: &'v ByNode<V>,
    ) -> impl Iterator<Item = (&'v NodeId, Option<&'v V>, Option<&'v V>)> {
        let is_beside =
            move |id: &NodeId| [self, now].iter().any(|one| one.instead.contains_key(id));
        let inside = self.all.diff(&now.all).map(|item| match item {
            DiffItem::Add(key, now) => (&key.0, None, Some(now)),
            DiffItem::Update { old: (_, then), new: (key, now) } => (&key.0, Some(then), Some(now)),
            DiffItem::Remove(key, then) => (&key.0, Some(then), None),
        });
        let is_shared = Arc::ptr_eq(&self.instead, &now.instead);
        let new = now.instead.keys().filter(|id| !self.instead.contains_key(id));
        let beside = self.instead.keys().chain(new).filter(move |_| !is_shared);
        let beside = beside.map(|id| (id, self.get(id), now.get(id)));
        let inside = inside.filter(move |(id, ..)| !is_beside(id));
        inside.chain(beside.filter(|(_, then, now)| then != now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// What is put in, also much at once, found, taken out and different is what a plain map says.
    #[test]
    fn it_is_a_map() {
        let mut map: ByNode<usize> = ByNode::default();
        let mut plain = BTreeMap::new();
        let mut kept = Vec::new();
        for number in 0..6_000 {
            let (one, value) = (id(number * 7_919 % 1_000), number);
            match number % 3 {
                0 => assert_eq!(map.remove(&one), plain.remove(&one)),
                _ => assert_eq!(map.insert(one.clone(), value), plain.insert(one, value)),
            }
            if number % 50 == 0 {
                // Those that are many stand beside the tree, and too many in it.
                let ids = (0..number % 300).map(|one| id(number / 7 + one));
                let values: Vec<(NodeId, usize)> = ids.map(|id| (id, number)).collect();
                plain.extend(values.clone());
                map.insert_all(values);
                kept.push((map.clone(), plain.clone()));
            }
        }
        let stood_beside = kept.iter().filter(|(map, _)| !map.instead.is_empty()).count();
        assert!((20..120).contains(&stood_beside), "{stood_beside} of {}", kept.len());
        let (last, plain_last) = (&map, &plain);
        for (map, plain) in &kept {
            assert_eq!(map.len(), plain.len());
            let mut all: Vec<_> = map.iter().collect();
            all.sort();
            assert_eq!(all, plain.iter().collect::<Vec<_>>());
            assert!((0..1_000).map(id).all(|id| map.get(&id) == plain.get(&id)));
            let mut found: Vec<_> = map.diff(last).collect();
            found.sort();
            let ids: BTreeSet<&NodeId> = plain.keys().chain(plain_last.keys()).collect();
            let both = ids.into_iter().map(|id| (id, plain.get(id), plain_last.get(id)));
            assert_eq!(found, both.filter(|(_, then, now)| then != now).collect::<Vec<_>>());
        }
    }

    fn id(number: usize) -> NodeId {
        NodeId::new(&format!("transform.n{number}"))
    }
}
