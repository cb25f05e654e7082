//! Where each node of a drawing stands: data flows from left to right.

use super::{has_rows, is_by_node, points};
use seeknal_analysis::lineage::{Lineage, Point};
use seeknal_model::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// How wide a letter is at the size that is used.
const LETTER: usize = 8;
const HEAD: usize = 34;
const ROW: usize = 22;
const GAP_ACROSS: usize = 90;
const GAP_DOWN: usize = 24;
const MARGIN: usize = 24;
/// How much room a line takes that only passes by.
const PASS: usize = 18;
/// How often the order within the columns of the drawing is bettered, forth and back.
const SWEEPS: usize = 6;

/// A node with its rows.
pub(crate) struct Card<'l> {
    pub(crate) node: &'l NodeId,
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// What is shown in it; nothing where nodes are shown as such.
    pub(crate) points: Vec<&'l Point>,
}

impl Card<'_> {
    /// How high a point lies whose line is drawn at its side.
    pub(crate) fn middle(&self, point: &Point) -> usize {
        match self.points.iter().position(|one| *one == point) {
            Some(place) => self.top + HEAD + place * ROW + ROW / 2,
            None => self.top + HEAD / 2,
        }
    }
}

/// What stands in a drawing at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot<'l> {
    Node(&'l NodeId),
    /// The lines between two nodes that are further apart.
    Pass(&'l NodeId, &'l NodeId),
}

/// A gap in which a line passes others: from left to right at a height.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) height: usize,
}

/// A drawing: its cards and its size.
pub(crate) struct Drawing<'l> {
    pub(crate) cards: BTreeMap<&'l NodeId, Card<'l>>,
    /// Where lines between two nodes pass others.
    pub(crate) passes: BTreeMap<(&'l NodeId, &'l NodeId), Vec<Pass>>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Puts every node to the right of all that it reads, near to those that it is linked with.
pub(crate) fn drawing(lineage: &Lineage) -> Drawing<'_> {
    let mut inside: BTreeMap<&NodeId, Vec<&Point>> = BTreeMap::new();
    for point in points(lineage) {
        let shown = inside.entry(&point.node).or_default();
        if point.column.is_some() || (!is_by_node(lineage) && has_rows(&point.node)) {
            shown.push(point);
        }
    }
    let between = lineage.links.iter().map(|link| (&link.from.node, &link.to.node));
    let edges: BTreeSet<(&NodeId, &NodeId)> = between.filter(|(from, to)| from != to).collect();
    let depths = depths(&edges, inside.keys().copied().collect());
    let (mut layers, steps) = layers(&edges, &depths);
    for sweep in 0..SWEEPS {
        better(&mut layers, &steps, sweep % 2 == 0);
    }
    place(&layers, inside)
}

/// How far from the left each node stands: behind all that it reads, and as near as can be to what reads it.
fn depths<'l>(
    edges: &BTreeSet<(&'l NodeId, &'l NodeId)>,
    nodes: BTreeSet<&'l NodeId>,
) -> BTreeMap<&'l NodeId, usize> {
    let mut waits: BTreeMap<&NodeId, usize> = nodes.iter().map(|node| (*node, 0)).collect();
    let mut next: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
    for (from, to) in edges {
        *waits.entry(to).or_default() += 1;
        next.entry(from).or_default().push(to);
    }
    let free = waits.iter().filter(|(_, count)| **count == 0);
    let mut order: Vec<&NodeId> = free.map(|(node, _)| *node).collect();
    let mut depths: BTreeMap<&NodeId, usize> = order.iter().map(|node| (*node, 0)).collect();
    let mut at = 0;
    while let Some(node) = order.get(at).copied() {
        let depth = depths.get(node).copied().unwrap_or_default();
        for reader in next.get(node).into_iter().flatten() {
            let known = depths.entry(reader).or_default();
            *known = (*known).max(depth + 1);
            if let Some(count) = waits.get_mut(reader) {
                *count -= 1;
                if *count == 0 {
                    order.push(reader);
                }
            }
        }
        at += 1;
    }
    for node in order.iter().rev() {
        let readers = next.get(node).into_iter().flatten();
        let nearest = readers.filter_map(|reader| depths.get(reader)).min().copied();
        if let (Some(nearest), Some(depth)) = (nearest, depths.get_mut(node)) {
            *depth = (*depth).max(nearest.saturating_sub(1));
        }
    }
    depths
}

type Layers<'l> = Vec<Vec<Slot<'l>>>;

/// The nodes by their depths, with room for lines that pass, and what is linked from layer to layer.
fn layers<'l>(
    edges: &BTreeSet<(&'l NodeId, &'l NodeId)>,
    depths: &BTreeMap<&'l NodeId, usize>,
) -> (Layers<'l>, BTreeSet<(Slot<'l>, Slot<'l>)>) {
    let count = depths.values().max().map_or(0, |deepest| deepest + 1);
    let mut layers: Layers<'_> = vec![Vec::new(); count];
    let mut put = |depth: usize, slot| {
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(slot);
        }
    };
    for (node, depth) in depths {
        put(*depth, Slot::Node(node));
    }
    let mut steps = BTreeSet::new();
    for (from, to) in edges {
        let depth = |node: &NodeId| depths.get(node).copied().unwrap_or_default();
        let mut last = Slot::Node(from);
        for between in depth(from) + 1..depth(to) {
            let pass = Slot::Pass(from, to);
            put(between, pass);
            steps.insert((last, pass));
            last = pass;
        }
        steps.insert((last, Slot::Node(to)));
    }
    (layers, steps)
}

/// Orders each layer by the middle of those that it is linked with in the layer before, or behind.
fn better<'l>(
    layers: &mut [Vec<Slot<'l>>],
    steps: &BTreeSet<(Slot<'l>, Slot<'l>)>,
    is_forward: bool,
) {
    let mut linked: BTreeMap<Slot<'_>, Vec<Slot<'_>>> = BTreeMap::new();
    for (from, to) in steps {
        let (one, other) = if is_forward { (to, from) } else { (from, to) };
        linked.entry(*one).or_default().push(*other);
    }
    let count = layers.len();
    let order: Vec<usize> =
        if is_forward { (0..count).collect() } else { (0..count).rev().collect() };
    let mut places: BTreeMap<Slot<'_>, f64> = BTreeMap::new();
    for number in order {
        let Some(layer) = layers.get_mut(number) else { continue };
        let mut weighed: Vec<(f64, Slot<'_>)> = Vec::new();
        for (place, slot) in layer.iter().enumerate() {
            let others = linked.get(slot).into_iter().flatten();
            let known: Vec<f64> = others.filter_map(|other| places.get(other).copied()).collect();
            let middle = match known.is_empty() {
                true => as_fraction(place, layer.len()),
                false => known.iter().sum::<f64>() / as_number(known.len()),
            };
            weighed.push((middle, *slot));
        }
        weighed.sort_by(|(one, _), (two, _)| one.total_cmp(two));
        *layer = weighed.into_iter().map(|(_, slot)| slot).collect();
        let count = layer.len();
        places.extend(layer.iter().enumerate().map(|(at, slot)| (*slot, as_fraction(at, count))));
    }
}

fn as_number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// A place in a layer, from 0 to 1, whatever its length.
fn as_fraction(place: usize, count: usize) -> f64 {
    (as_number(place) + 0.5) / as_number(count.max(1))
}

fn place<'l>(
    layers: &[Vec<Slot<'l>>],
    mut inside: BTreeMap<&'l NodeId, Vec<&'l Point>>,
) -> Drawing<'l> {
    let heights: BTreeMap<&NodeId, usize> = inside
        .iter()
        .map(|(node, points)| {
            (*node, HEAD + points.len() * ROW + usize::from(!points.is_empty()) * 6)
        })
        .collect();
    let height = |slot: &Slot<'_>| match slot {
        Slot::Node(node) => heights.get(node).copied().unwrap_or_default() + GAP_DOWN,
        Slot::Pass(..) => PASS,
    };
    let tall = |layer: &Vec<Slot<'_>>| -> usize { layer.iter().map(height).sum() };
    let whole = layers.iter().map(tall).max().unwrap_or_default();
    let (mut cards, mut passes) = (BTreeMap::new(), BTreeMap::new());
    let mut left = MARGIN;
    for layer in layers {
        let mut top = MARGIN + (whole - tall(layer)) / 2;
        let width =
            28 + LETTER * layer.iter().map(|slot| letters(slot, &inside)).max().unwrap_or(0);
        for slot in layer {
            match *slot {
                Slot::Node(node) => {
                    let points = inside.remove(node).unwrap_or_default();
                    let height = height(slot) - GAP_DOWN;
                    cards.insert(node, Card { node, left, top, width, height, points });
                }
                Slot::Pass(from, to) => {
                    let passed: &mut Vec<_> = passes.entry((from, to)).or_default();
                    passed.push(Pass { left, right: left + width, height: top });
                }
            }
            top += height(slot);
        }
        left += width + GAP_ACROSS;
    }
    let width = left.saturating_sub(GAP_ACROSS) + MARGIN;
    Drawing { cards, passes, width, height: whole.saturating_sub(GAP_DOWN) + 2 * MARGIN }
}

/// How many letters the longest line in a slot has.
fn letters(slot: &Slot<'_>, inside: &BTreeMap<&NodeId, Vec<&Point>>) -> usize {
    let Slot::Node(node) = slot else { return 0 };
    let names = inside.get(node).into_iter().flatten().map(|point| point.column.as_deref());
    let names = names.map(|name| name.unwrap_or("rows").chars().count());
    names.chain([node.as_str().chars().count()]).max().unwrap_or_default()
}
