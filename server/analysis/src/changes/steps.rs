//! Which outputs are still right, upstream first.

use super::names::Names;
use super::reasons;
use super::{Action, Reason, Side, Step};
use crate::identity::{Bond, Identity, fields};
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Node, NodeId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What is done with each node that an edit reaches.
pub(crate) struct Steps {
    steps: Vec<Step>,
    places: HashMap<NodeId, usize>,
}

impl Steps {
    pub(crate) fn of(old: Side<'_>, new: Side<'_>, names: &Names) -> Steps {
        let mut found = Steps { steps: Vec::new(), places: HashMap::new() };
        let reached = reached(old, new, names);
        for id in new.project.graph().sorted(&reached) {
            let Some(node) = new.project.node(&id) else { continue };
            if let Some(step) = step(old, new, names, (node, &found)) {
                found.places.insert(id, found.steps.len());
                found.steps.push(step);
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

    /// The nodes that an edit reaches, upstream first; those that are gone are left out.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &NodeId> {
        let here = self.steps.iter().filter(|step| self.places.contains_key(&step.node));
        here.map(|step| &step.node)
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
fn reached<'s>(old: Side<'s>, new: Side<'s>, names: &'s Names) -> HashSet<&'s NodeId> {
    let graph = new.project.graph();
    let means_other =
        old.identities.differing(new.identities).filter(|(_, then, now)| match (then, now) {
            (Some(then), Some(now)) => !now.means(then),
            _ => true,
        });
    let others = means_other.map(|(id, ..)| id).chain(names.changed());
    let mut found: HashSet<&NodeId> = others.filter(|id| graph.node(id).is_some()).collect();
    found.extend(graph.behind(found.clone()));
    let old_readers = old.project.graph().behind(&names.removed);
    found.extend(
        old_readers
            .into_iter()
            .filter_map(|reader| graph.node(&names.now(reader)?))
            .map(|node| &node.id),
    );
    found
}

fn step(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (node, found): (&Arc<Node>, &Steps),
) -> Option<Step> {
    let id = &node.id;
    let now = new.identities.get(id)?;
    let with = |action, reasons| Some(Step { node: id.clone(), action, reasons });
    let Some(then_id) = names.then(id) else {
        let reason = reasons::at_name(node, "added", "it is new".to_owned());
        return with(built(node), vec![reason]);
    };
    let then = old.identities.get(&then_id)?;
    if let Some(problem) = new.schemas.problem(id) {
        return with(Action::Fails, vec![reasons::would_fail(node, problem)]);
    }
    let inputs = inputs(node);
    let missing = inputs
        .iter()
        .find(|input| new.project.node(input).is_none() && old.project.node(input).is_some());
    if let Some(missing) = missing {
        return with(Action::Fails, vec![reasons::gone(node, missing)]);
    }
    let waits_for = inputs
        .iter()
        .find(|input| matches!(found.action(input), Some(Action::Fails | Action::Waits)));
    if let Some(input) = waits_for {
        return with(Action::Waits, vec![reasons::waits(node, input)]);
    }
    let breaker = bonds(old, new, names, (now, then), found);
    if now.output() == then.output() && breaker.is_none() {
        let before = old.project.node(&then_id)?;
        let differs = |class| fields(node, &[class], &[]) != fields(before, &[class], &[]);
        if node.kind.has_rows && differs(FieldClass::Target) {
            let message = "is written elsewhere or otherwise besides".to_owned();
            return with(Action::Export, vec![reasons::at_name(node, "target", message)]);
        }
        if node.kind.has_rows && differs(FieldClass::Check) {
            let message = "something else is asserted of it".to_owned();
            return with(Action::Check, vec![reasons::at_name(node, "check", message)]);
        }
        let reasons = vec![reasons::unchanged(node, now)];
        return with(Action::Reuse, reasons);
    }
    let reasons = reasons::built(old, new, names, (node, now, then), breaker);
    with(built(node), reasons)
}

/// What is done with a node whose output is not right any more.
fn built(node: &Node) -> Action {
    match node.kind.name {
        "rule" | "semantic_model" | "metric" => Action::Check,
        "exposure" => Action::Export,
        _ => Action::Build,
    }
}

fn inputs(node: &Node) -> Vec<NodeId> {
    let mut ids: Vec<NodeId> = node.references.iter().map(|one| one.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The first input of which a node must see the very build that is served, and does not.
fn bonds(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (now, then): (&Identity, &Identity),
    found: &Steps,
) -> Option<(NodeId, Bond)> {
    let mut all: BTreeMap<NodeId, Bond> = now.bonds.clone();
    for (id, bond) in &then.bonds {
        let Some(id) = names.now(id) else { return Some((id.clone(), *bond)) };
        all.entry(id).or_insert(*bond);
    }
    all.into_iter().find(|(id, bond)| {
        let is_kept = found.keeps(id)
            || (*bond == Bond::Sequence && keeps_sequence(old, new, names, (id, found)));
        !is_kept
    })
}

/// Whether the rows of a node come in the order in which they came: it only filters and projects one
/// input, it did so before, its rows are the same, and those of the input come as they came.
fn keeps_sequence(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (id, found): (&NodeId, &Steps),
) -> bool {
    if found.keeps(id) {
        return true;
    }
    let both = || {
        let now = new.identities.get(id)?;
        let then = old.identities.get(&names.then(id)?)?;
        let over = now.over.as_ref()?;
        let before = names.now(then.over.as_ref()?)?;
        (*over == before && now.rows == then.rows).then(|| over.clone())
    };
    both().is_some_and(|over| keeps_sequence(old, new, names, (&over, found)))
}
