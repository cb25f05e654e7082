//! Which outputs are still right, upstream first.

use super::names::Names;
use super::reasons;
use super::{Action, Reason, Side, Step};
use crate::flow::{Found, upstream_first};
use crate::identity::{Bond, Identity, fields};
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Node, NodeId, NodeSet, Reach};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A node that an edit reaches, beside what it was.
pub(crate) struct Reached<'s> {
    pub(crate) node: &'s Arc<Node>,
    pub(crate) now: &'s Identity,
    /// What it was and meant; nothing where it was not there.
    pub(crate) then: Option<(&'s Arc<Node>, &'s Identity)>,
}

/// A node that an edit reaches, and what is done with it.
struct Stepped<'s> {
    reached: Reached<'s>,
    step: Step,
}

/// What is done with each node that an edit reaches.
pub(crate) struct Steps<'s> {
    reach: Arc<Reach>,
    found: Vec<OnceLock<Option<Stepped<'s>>>>,
    gone: Vec<Step>,
}

/// The same, as far as it is found out.
#[derive(Clone, Copy)]
pub(crate) struct Decided<'d, 's> {
    reach: &'d Reach,
    found: &'d Found<Option<Stepped<'s>>>,
}

impl<'s> Steps<'s> {
    pub(crate) fn of(old: Side<'s>, new: Side<'s>, names: &'s Names, lanes: usize) -> Steps<'s> {
        let (graph, reach) = (new.project.graph(), reach(old, new, names));
        let found = upstream_first(&reach, lanes, |place, found| {
            let node = reach.ids().get(place).and_then(|id| graph.node(id));
            let reached = node.and_then(|node| beside(old, new, names, node));
            Some(reached.map(|reached| {
                let decided = Decided { reach: &reach, found };
                Stepped { step: step(old, new, names, (&reached, decided)), reached }
            }))
        });
        let dropped = |id: &NodeId| {
            old.project.node(id).filter(|node| node.kind.has_rows)?;
            let message = "it is not declared any more".to_owned();
            let reason = Reason { code: "removed", message, place: None, related: None };
            Some(Step { node: id.clone(), action: Action::Drop, reasons: vec![reason] })
        };
        let gone = names.removed.iter().filter_map(dropped).collect();
        Steps { reach, found, gone }
    }

    fn decided(&self) -> Decided<'_, 's> {
        Decided { reach: &self.reach, found: &self.found }
    }

    /// What is done with a node; nothing where no edit reaches it.
    pub(crate) fn action(&self, id: &NodeId) -> Option<Action> {
        self.decided().action(id)
    }

    /// The nodes that an edit reaches, upstream first, each with what is done; those that are gone are left out.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Reached<'s>, Action)> {
        let all = self.found.iter().filter_map(|one| one.get()?.as_ref());
        all.map(|one| (&one.reached, one.step.action))
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        let all = self.found.into_iter().filter_map(|one| Some(one.into_inner()??.step));
        all.chain(self.gone).collect()
    }
}

impl<'d, 's> Decided<'d, 's> {
    fn of(self, id: &NodeId) -> Option<&'d Stepped<'s>> {
        self.found.get(self.reach.place(id)?)?.get()?.as_ref()
    }

    fn action(self, id: &NodeId) -> Option<Action> {
        self.of(id).map(|one| one.step.action)
    }

    /// A node with what it was; nothing where no edit reaches it.
    pub(crate) fn reached(self, id: &NodeId) -> Option<&'d Reached<'s>> {
        self.of(id).map(|one| &one.reached)
    }

    /// Whether the output that a view serves for a node stays the very same.
    fn keeps(self, id: &NodeId) -> bool {
        // Writing an output elsewhere and asserting something of it leave it as it is.
        matches!(self.action(id), None | Some(Action::Reuse | Action::Export | Action::Check))
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

/// What is done with a node, and why.
fn step<'s>(
    old: Side<'s>,
    new: Side<'s>,
    names: &Names,
    (reached, decided): (&Reached<'s>, Decided<'_, 's>),
) -> Step {
    let Reached { node, now, then } = *reached;
    let id = &node.id;
    let with = |action, reason| Step { node: id.clone(), action, reasons: vec![reason] };
    let Some((before, then)) = then else {
        return with(built(node), reasons::at_name(node, "added", "it is new".to_owned()));
    };
    if let Some(problem) = new.schemas.problem(id) {
        return with(Action::Fails, reasons::would_fail(node, problem));
    }
    let inputs = || node.references.iter().map(|one| &one.id);
    if let Some(missing) = inputs().filter(|input| names.is_gone(input)).min() {
        return with(Action::Fails, reasons::gone(node, missing));
    }
    let holds =
        |input: &&NodeId| matches!(decided.action(input), Some(Action::Fails | Action::Waits));
    if let Some(input) = inputs().filter(holds).min() {
        return with(Action::Waits, reasons::waits(node, input));
    }
    let breaker = bonds(old, new, names, (reached, then), decided);
    if now.output() == then.output() && breaker.is_none() {
        let differs = |class| fields(node, &[class], &[]) != fields(before, &[class], &[]);
        // A file that is the very same says the same.
        let is_other = node.kind.has_rows && !Arc::ptr_eq(node, before);
        if is_other && differs(FieldClass::Target) {
            let message = "is written elsewhere or otherwise besides".to_owned();
            return with(Action::Export, reasons::at_name(node, "target", message));
        }
        if is_other && differs(FieldClass::Check) {
            let message = "something else is asserted of it".to_owned();
            return with(Action::Check, reasons::at_name(node, "check", message));
        }
        return with(Action::Reuse, reasons::unchanged(node, now));
    }
    let is_modified = names.modified.contains(id);
    let reasons = reasons::built(new, reached, is_modified, (decided, breaker.as_ref()));
    Step { node: id.clone(), action: built(node), reasons }
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
    (Reached { node, now, .. }, then): (&Reached<'_>, &Identity),
    decided: Decided<'_, '_>,
) -> Breaker {
    // As a rule there is none.
    if now.bonds.is_empty() && then.bonds.is_empty() {
        return None;
    }
    let breaks = |(id, bond): &(&NodeId, &Bond)| {
        let is_kept = decided.keeps(id)
            || (**bond == Bond::Sequence && keeps_sequence(old, new, names, (id, decided)));
        !is_kept
    };
    let cloned = |(id, bond): (&NodeId, &Bond)| (id.clone(), *bond);
    // Whoever shares them says what it said, and reads what it read.
    let is_same = |id: &NodeId| names.now(id) == Some(id);
    if Arc::ptr_eq(&now.bonds, &then.bonds) && now.bonds.keys().all(is_same) {
        return now.bonds.iter().find(breaks).map(cloned);
    }
    let mut all: BTreeMap<&NodeId, &Bond> = now.bonds.iter().collect();
    for (id, bond) in then.bonds.iter() {
        // What it does not read any more may be decided before or after it.
        let is_read = |now: &&NodeId| node.references.iter().any(|one| one.id == **now);
        match names.now(id).filter(is_read) {
            Some(now) => all.entry(now).or_insert(bond),
            None => return Some((id.clone(), *bond)),
        };
    }
    all.into_iter().find(breaks).map(cloned)
}

/// Whether the rows of a node come in the order in which they came: it only filters and projects one
/// input, it did so before, its rows are the same, and those of the input come as they came.
fn keeps_sequence(
    old: Side<'_>,
    new: Side<'_>,
    names: &Names,
    (id, decided): (&NodeId, Decided<'_, '_>),
) -> bool {
    if decided.keeps(id) {
        return true;
    }
    let both = || {
        let now = new.identities.get(id)?;
        let then = old.identities.get(names.then(id)?)?;
        let over = now.over.as_ref()?;
        let before = names.now(then.over.as_ref()?)?;
        (over == before && now.rows == then.rows).then(|| over.clone())
    };
    both().is_some_and(|over| keeps_sequence(old, new, names, (&over, decided)))
}
