//! Values by the ids of nodes.

use crate::node::NodeId;
use equivalent::{Comparable, Equivalent};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::cmp::Ordering;

/// Values by the ids of nodes. A clone costs nothing, and what two of them differ by is found without looking at what
/// they share. Ids are compared by their hashes: their texts lie all over the memory and begin alike.
#[derive(Clone, Debug)]
pub struct ByNode<V>(OrdMap<Hashed, V>);

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
        ByNode(OrdMap::new())
    }
}

impl<V> ByNode<V> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything, in an order of its own that is the same each time.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeId, &V)> {
        self.0.iter().map(|(key, value)| (&key.0, value))
    }

    /// The value of a node.
    pub fn get(&self, id: &NodeId) -> Option<&V> {
        self.0.get(&Sought(id))
    }

    /// Whether a node has a value.
    pub fn contains(&self, id: &NodeId) -> bool {
        self.0.contains_key(&Sought(id))
    }
}

impl<V: Clone> ByNode<V> {
    /// The value of a node, to be changed.
    pub fn get_mut(&mut self, id: &NodeId) -> Option<&mut V> {
        self.0.get_mut(&Sought(id))
    }

    /// Gives a node a value; returns the one it had.
    pub fn insert(&mut self, id: NodeId, value: V) -> Option<V> {
        self.0.insert(Hashed(id), value)
    }

    /// Takes the value of a node away, and returns it.
    pub fn remove(&mut self, id: &NodeId) -> Option<V> {
        self.0.remove(&Sought(id))
    }
}

impl<V: PartialEq> ByNode<V> {
    /// The nodes whose values are others in another map, with both.
    pub fn diff<'v>(
        &'v self,
        now: &'v ByNode<V>,
    ) -> impl Iterator<Item = (&'v NodeId, Option<&'v V>, Option<&'v V>)> {
        self.0.diff(&now.0).map(|item| match item {
            DiffItem::Add(key, now) => (&key.0, None, Some(now)),
            DiffItem::Update { old: (_, then), new: (key, now) } => (&key.0, Some(then), Some(now)),
            DiffItem::Remove(key, then) => (&key.0, Some(then), None),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is put in, found, taken out and different is what a plain map says.
    #[test]
    fn it_is_a_map() {
        let id = |number: usize| NodeId::new(&format!("transform.n{number}"));
        let mut map: ByNode<usize> = ByNode::default();
        let mut plain = std::collections::BTreeMap::new();
        for number in 0..3_000 {
            let (id, value) = (id(number * 7_919 % 1_000), number);
            match number % 3 {
                0 => assert_eq!(map.remove(&id), plain.remove(&id)),
                _ => assert_eq!(map.insert(id.clone(), value), plain.insert(id, value)),
            }
        }
        assert_eq!(map.len(), plain.len());
        assert!((0..1_000).all(|number| map.get(&id(number)) == plain.get(&id(number))));
        let mut other = map.clone();
        other.insert(id(5_000), 1);
        let gone = map.iter().next().map(|(id, _)| id.clone()).unwrap();
        other.remove(&gone);
        let (first, second) = (id(5_000), gone);
        let mut found: Vec<_> =
            map.diff(&other).map(|(id, then, now)| (id.clone(), then, now)).collect();
        found.sort();
        let mut expected = vec![(first, None, Some(&1)), (second.clone(), map.get(&second), None)];
        expected.sort();
        assert_eq!(found, expected);
    }
}
