//! Which outputs are still right, upstream first.

use super::names::Names;
use super::reasons;
use super::{Action, Reason, Side, Step};
use crate::identity::{Bond, Identity, fields};
use crate::lanes::in_lanes;
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Node, NodeId, NodeMap, NodeSet, Reach};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A node that an edit reaches, beside what it was.
pub(crate) struct Reached<'s> {
    pub(crate) node: &'s Arc<Node>,
    pub(crate) now: &'s Identity,
    /// What it was and meant; nothing where it was not there.
    pub(crate) then: Option<(&'s Arc<Node>, &'s Identity)>,
}

/// What is done with each node that an edit reaches.
#[derive(Default)]
pub(crate) struct Steps<'s> {
    steps: Vec<Step>,
    /// The nodes of the first steps, those that are there, and the places of these.
    reached: Vec<Reached<'s>>,
    places: NodeMap<'s, usize>,
    /// Whether anything would fail.
    fails: bool,
}

impl<'s> Steps<'s> {
    pub(crate) fn of(old: Side<'s>, new: Side<'s>, names: &'s Names, lanes: usize) -> Steps<'s> {
        let mut found = Steps::default();
        let mut unsaid = Vec::new();
        let (graph, reach) = (new.project.graph(), reach(old, new, names));
        for node in reach.ids().iter().filter_map(|id| graph.node(id)) {
            let Some(reached) = beside(old, new, names, node) else { continue };
            let place = found.steps.len();
            let step = match step(old, new, names, (&reached, &found)) {
                Ok(step) => step,
                Err(breaker) => {
                    unsaid.push((place, breaker));
                    Step { node: node.id.clone(), action: built(node), reasons: Vec::new() }
                }
            };
            found.fails |= matches!(step.action, Action::Fails | Action::Waits);
            found.places.insert(&node.id, place);
            found.reached.push(reached);
            found.steps.push(step);
        }
        // Why they are built hangs on what is done with others, and decides nothing.
        let all: Vec<&(usize, Breaker)> = unsaid.iter().collect();
        let said = in_lanes(&all, (lanes, LANE_NODES_MIN), |(place, breaker)| {
            let reached = found.reached.get(*place)?;
            let is_modified = names.modified.contains(&reached.node.id);
            Some((*place, reasons::built(new, reached, is_modified, (&found, breaker.as_ref()))))
        });
        for (place, reasons) in said {
            if let Some(step) = found.steps.get_mut(place) {
                step.reasons = reasons;
            }
        }
        for id in &names.removed {
            let Some(node) = old.project.node(id) else { continue };
            if node.kind.has_rows {
                let message = "it is not declared any more".to_owned();
                let reason = Reason { code: "removed", message, place: None, related: None };
                let step = Step { node: id.clone(), action: Action::Drop, reasons: vec![reason] };
                found.steps.push(step);
            }
        }
        found
    }

    /// What is done with a node; nothing where no edit reaches it.
    pub(crate) fn action(&self, id: &NodeId) -> Option<Action> {
        let place = self.places.get(id)?;
        self.steps.get(*place).map(|step| step.action)
    }

    /// A node with what it was; nothing where no edit reaches it.
    pub(crate) fn reached(&self, id: &NodeId) -> Option<&Reached<'s>> {
        self.reached.get(*self.places.get(id)?)
    }

    /// The nodes that an edit reaches, upstream first, each with what is done; those that are gone are left out.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Reached<'s>, Action)> {
        self.reached.iter().zip(&self.steps).map(|(reached, step)| (reached, step.action))
    }

    /// Whether the output that a view serves for a node stays the very same.
    fn keeps(&self, id: &NodeId) -> bool {
        // Writing an output elsewhere and asserting something of it leave it as it is.
        matches!(self.action(id), None | Some(Action::Reuse | Action::Export | Action::Check))
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

/// The nodes that say or mean something else, and everything that reads them.
fn reach<'s>(old: Side<'s>, new: Side<'s>, names: &'s Names) -> Arc<Reach> {
    let graph = new.project.graph();
    let old_readers = old.project.graph().behind(&names.removed).into_iter();
    let mut roots: NodeSet<'s> = old_readers.filter_map(|reader| names.now(reader)).collect();
    roots.extend(names.changed());
    roots.retain(|id| graph.node(id).is_some());
    let reach = graph.reach(roots.iter().copied());
    let means_other = |then: Option<&Identity>, now: Option<&Identity>| match (then, now) {
        (Some(then), Some(now)) => !now.means(then),
        _ => true,
    };
    // As a rule nothing means anything else but what says something else, and what reads that.
    let differing = old.identities.differing(new.identities);
    let others = differing.filter(|(id, then, now)| {
        reach.place(id).is_none() && graph.node(id).is_some() && means_other(*then, *now)
    });
    let others: Vec<&NodeId> = others.map(|(id, ..)| id).collect();
    match others.is_empty() {
        true => reach,
        false => graph.reach(roots.into_iter().chain(others)),
    }
}

/// A node beside what it was; nothing where one of both is not known.
fn beside<'s>(
    old: Side<'s>,
    new: Side<'s>,
    names: &Names,
    node: &'s Arc<Node>,
) -> Option<Reached<'s>> {
    let now = new.identities.get(&node.id)?;
    let then = match names.then(&node.id) {
        Some(id) if names.is_same(id) => Some((node, &**old.identities.get(id)?)),
        Some(id) => Some((old.project.node(id)?, &**old.identities.get(id)?)),
        None => None,
    };
    Some(Reached { node, now, then })
}

/// The input that binds a node to its build, if one does.
type Breaker = Option<(NodeId, Bond)>;

/// Fewer nodes than this are not worth a thread of their own.
const LANE_NODES_MIN: usize = 64;

/// What is done with a node; where it is built because it means something else, or an input is built to which it is
/// bound, that input.
fn step(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (reached, found): (&Reached<'_>, &Steps<'_>),
) -> Result<Step, Breaker> {
    let Reached { node, now, then } = *reached;
    let id = &node.id;
    let with = |action, reasons| Ok(Step { node: id.clone(), action, reasons });
    let Some((before, then)) = then else {
        let reason = reasons::at_name(node, "added", "it is new".to_owned());
        return with(built(node), vec![reason]);
    };
    if let Some(problem) = new.schemas.problem(id) {
        return with(Action::Fails, vec![reasons::would_fail(node, problem)]);
    }
    let inputs = || node.references.iter().map(|one| &one.id);
    if let Some(missing) = inputs().filter(|input| names.is_gone(input)).min() {
        return with(Action::Fails, vec![reasons::gone(node, missing)]);
    }
    let holds =
        |input: &&NodeId| matches!(found.action(input), Some(Action::Fails | Action::Waits));
    if let Some(input) = inputs().filter(|_| found.fails).filter(holds).min() {
        return with(Action::Waits, vec![reasons::waits(node, input)]);
    }
    let breaker = bonds(old, new, names, (now, then), found);
    if now.output() == then.output() && breaker.is_none() {
        let differs = |class| fields(node, &[class], &[]) != fields(before, &[class], &[]);
        // A file that is the very same says the same.
        let is_other = node.kind.has_rows && !Arc::ptr_eq(node, before);
        if is_other && differs(FieldClass::Target) {
            let message = "is written elsewhere or otherwise besides".to_owned();
            return with(Action::Export, vec![reasons::at_name(node, "target", message)]);
        }
        if is_other && differs(FieldClass::Check) {
            let message = "something else is asserted of it".to_owned();
            return with(Action::Check, vec![reasons::at_name(node, "check", message)]);
        }
        let reasons = vec![reasons::unchanged(node, now)];
        return with(Action::Reuse, reasons);
    }
    Err(breaker)
}

/// What is done with a node whose output is not right any more.
fn built(node: &Node) -> Action {
    match node.kind.name {
        "rule" | "semantic_model" | "metric" => Action::Check,
        "exposure" => Action::Export,
        _ => Action::Build,
    }
}

/// The first input of which a node must see the very build that is served, and does not.
fn bonds(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (now, then): (&Identity, &Identity),
    found: &Steps<'_>,
) -> Breaker {
    // As a rule there is none.
    if now.bonds.is_empty() && then.bonds.is_empty() {
        return None;
    }
    let breaks = |(id, bond): &(&NodeId, &Bond)| {
        let is_kept = found.keeps(id)
            || (**bond == Bond::Sequence && keeps_sequence(old, new, names, (id, found)));
        !is_kept
    };
    let cloned = |(id, bond): (&NodeId, &Bond)| (id.clone(), *bond);
    let is_same = |id: &NodeId| names.now(id) == Some(id);
    if Arc::ptr_eq(&now.bonds, &then.bonds) && now.bonds.keys().all(is_same) {
        return now.bonds.iter().find(breaks).map(cloned);
    }
    let mut all: BTreeMap<&NodeId, &Bond> = now.bonds.iter().collect();
    for (id, bond) in then.bonds.iter() {
        let Some(now) = names.now(id) else { return Some((id.clone(), *bond)) };
        all.entry(now).or_insert(bond);
    }
    all.into_iter().find(breaks).map(cloned)
}

/// Whether the rows of a node come in the order in which they came: it only filters and projects one
/// input, it did so before, its rows are the same, and those of the input come as they came.
fn keeps_sequence(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (id, found): (&NodeId, &Steps<'_>),
) -> bool {
    if found.keeps(id) {
        return true;
    }
    let both = || {
        let now = new.identities.get(id)?;
        let then = old.identities.get(names.then(id)?)?;
        let over = now.over.as_ref()?;
        let before = names.now(then.over.as_ref()?)?;
        (over == before && now.rows == then.rows).then(|| over.clone())
    };
    both().is_some_and(|over| keeps_sequence(old, new, names, (&over, found)))
}
