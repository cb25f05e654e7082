//! One edit after the other: what was said of it, beside what happens.

use crate::chance::Chance;
use crate::data;
use crate::edits::{edit, kinds};
use crate::project::{Plan, Written};
use crate::report::{Found, Row, WHY};
use crate::run::{Outputs, Runner};
use crate::shrink::shrunk;
use crate::state::{Engine, State, transform};
use crate::trial::{Case, Trial, built};
use seeknal_analysis::changes::{Action, Changes};
use seeknal_model::NodeId;
use std::collections::HashSet;
use std::path::Path;

/// How many sets of data a build that looks needless is tried over beside the three.
const MORE: usize = 45;
/// How many edits are tried of one project.
const EDITS_A_PROJECT: usize = 8;

/// What edits are tried.
pub(crate) struct Wanted {
    pub(crate) edits: u64,
    pub(crate) seed: u64,
    pub(crate) kind: Option<String>,
    /// Whether each edit behind which something was built needlessly is shown.
    pub(crate) shows_needless: bool,
    /// Whether a build that looks needless is tried over more data.
    pub(crate) measures_needless: bool,
    /// Whether the first unsafe verdict is enough.
    pub(crate) until_unsafe: bool,
}

/// What carries projects out.
pub(crate) struct Bench<'b> {
    pub(crate) engine: &'b Engine,
    pub(crate) runners: Vec<Runner>,
}

/// A project with all that was built of it.
struct Base {
    plan: Plan,
    state: State,
    /// What was built over each set of data, as far as it was asked for.
    outputs: Vec<Outputs>,
    marks: Vec<usize>,
}

/// What was said of an edit and what came of it.
pub(crate) struct Judged {
    pub(crate) trial: Trial,
    pub(crate) verdict: Changes,
    new: State,
}

/// Tries edits until there are so many.
pub(crate) fn judge(wanted: &Wanted, engine: &Engine, folder: &Path) -> Found {
    let more = if wanted.measures_needless { MORE } else { 0 };
    let mut bench = Bench { engine, runners: data::runners(folder, more) };
    let mut found = Found::default();
    let all = kinds();
    let mut number = 0;
    while found.edits < wanted.edits && number < wanted.edits * 20 {
        number += 1;
        let mut chance = Chance::new(wanted.seed.wrapping_mul(1_000_003).wrapping_add(number));
        // The kind that was tried least is next, so that rare ones are not left behind.
        let mut order: Vec<&'static str> = all.clone();
        let turn = chance.below(order.len());
        order.rotate_left(turn);
        order.sort_by_key(|kind| found.of(kind));
        if let Some(kind) = &wanted.kind {
            order.retain(|one| one == kind);
            order = order.repeat(EDITS_A_PROJECT / 2);
        }
        let Some(wish) = order.first() else { return found };
        let Some(plan) = plan_for(wish, &mut chance) else { continue };
        let Some(mut base) = bench.base(plan) else {
            found.skipped += 1;
            continue;
        };
        let mut tried = 0;
        for kind in order {
            let mut after = base.plan.clone();
            if !edit(kind, &mut after, &mut chance) {
                continue;
            }
            if wanted.kind.is_none() && chance.percent(20) {
                let other = all[chance.below(all.len())];
                edit(other, &mut after, &mut chance);
            }
            let judged = bench.judged(&mut base, &after);
            let needless = told(&mut found, (kind, number), &base, &judged);
            if wanted.shows_needless && !needless.is_empty() {
                let place = if judged.trial.differs { 1 } else { 2 };
                let said = format!("NEEDLESS {kind} #{number} {}: {needless:?}", WHY[place]);
                found.reports.push(report(said, (&base, &after), &judged));
            }
            if !judged.trial.wrong.is_empty() {
                let mut wrong = judged.trial.wrong.clone();
                wrong.dedup();
                let said = format!("UNSAFE {kind} #{number}: {}", wrong.join("; "));
                found.reports.push(report(said, (&base, &after), &judged));
                if found.unsafe_verdicts <= 3 && !wanted.until_unsafe {
                    let page = shrunk(&mut bench, base.plan.clone(), after);
                    found.reports.push(page);
                    // Shrinking has used the same files.
                    break;
                }
            }
            tried += 1;
            if tried == EDITS_A_PROJECT || found.edits >= wanted.edits {
                break;
            }
        }
        bench.forget(&base.marks);
        if wanted.until_unsafe && found.unsafe_verdicts > 0 {
            break;
        }
    }
    found
}

/// A made-up project to which an edit of a kind can be made.
fn plan_for(kind: &str, chance: &mut Chance) -> Option<Plan> {
    (0..20_000).find_map(|_| {
        let plan = Plan::make(chance);
        edit(kind, &mut plan.clone(), &mut Chance::new(1)).then_some(plan)
    })
}

impl Bench<'_> {
    fn state(&self, plan: &Plan) -> State {
        let mut files = data::sources();
        files.push((
            "seeknal/common/rules.yml".to_owned(),
            format!("rules:\n  - id: least\n    value: \"{}\"\n", plan.least),
        ));
        files.extend(plan.nodes().iter().map(transform));
        State::of(&files, self.engine)
    }

    /// A project built over the three sets of data; nothing where any of it fails.
    fn base(&mut self, plan: Plan) -> Option<Base> {
        let state = self.state(&plan);
        let marks: Vec<usize> = self.runners.iter().map(Runner::mark).collect();
        let mut outputs = Vec::new();
        for runner in self.runners.iter_mut().take(3) {
            match built(&state, runner) {
                Some(one) => outputs.push(one),
                None => {
                    self.forget(&marks);
                    return None;
                }
            }
        }
        // A node that never has a row tells nothing; over the first set, which is empty, few have any.
        let shows = |id: &NodeId| {
            let over = self.runners.iter().zip(&outputs);
            over.skip(1).any(|(runner, outputs)| {
                matches!(outputs.get(id), Some(Ok(file)) if runner.has_rows(file))
            })
        };
        if !state.nodes.iter().all(|step| shows(&step.id)) {
            self.forget(&marks);
            return None;
        }
        Some(Base { plan, state, outputs, marks })
    }

    fn forget(&mut self, marks: &[usize]) {
        for (runner, mark) in self.runners.iter_mut().zip(marks) {
            runner.forget(*mark);
        }
    }

    /// Judges one edit of a project.
    fn judged(&mut self, base: &mut Base, after: &Plan) -> Judged {
        let new = self.state(after);
        let verdict = base.state.changes(&new);
        let marks: Vec<usize> = self.runners.iter().map(Runner::mark).collect();
        let edited: Vec<NodeId> =
            ["transform.s", "transform.u"].iter().map(|id| NodeId::new(id)).collect();
        let case = Case {
            old: &base.state,
            new: &new,
            verdict: &verdict,
            edited: &edited,
            sorted: sorted(after, &new),
        };
        let mut trial = Trial::default();
        for (runner, outputs) in self.runners.iter_mut().zip(&base.outputs).take(3) {
            trial.over(&case, runner, outputs);
        }
        // What looks needless may only be so over these data.
        for place in 3..self.runners.len() {
            if trial.fails || !trial.same.values().any(|same| *same) {
                break;
            }
            let Some(runner) = self.runners.get_mut(place) else { break };
            if base.outputs.len() == place {
                let Some(outputs) = built(&base.state, runner) else { break };
                base.outputs.push(outputs);
            }
            let Some(outputs) = base.outputs.get(place) else { break };
            trial.over(&case, runner, outputs);
        }
        let bare = after.readers.iter().filter_map(|reader| {
            Some((NodeId::new(&format!("transform.{}", reader.name)), reader.bare?))
        });
        trial.contract(&case, &bare.collect::<Vec<_>>());
        // What was built of the old project over more data stays for its next edit.
        for (place, (runner, mark)) in self.runners.iter_mut().zip(marks).enumerate() {
            if place < 3 {
                runner.forget(mark);
            }
        }
        Judged { trial, verdict, new }
    }

    /// Judges an edit of a project that was not built yet.
    pub(crate) fn is_wrong(&mut self, before: &Plan, after: &Plan) -> Option<Judged> {
        let mut base = self.base(before.clone())?;
        let judged = self.judged(&mut base, after);
        self.forget(&base.marks);
        (!judged.trial.wrong.is_empty()).then_some(judged)
    }
}

/// The edited node and the column by which it sorts, where readers may count on that.
fn sorted(plan: &Plan, new: &State) -> Option<(NodeId, String)> {
    let id = NodeId::new("transform.u");
    let order = plan
        .u
        .order
        .as_ref()
        .filter(|_| new.identities.get(&id).is_some_and(|one| !one.order.is_empty()))?;
    let place: usize = order.split(' ').next()?.parse().ok()?;
    let item = plan.u.items.get(place.checked_sub(1)?)?;
    Some((id, item.name.clone()))
}

/// Adds an edit to what came out so far; gives the readers that were built needlessly and need not have been.
fn told(
    found: &mut Found,
    (kind, number): (&'static str, u64),
    base: &Base,
    judged: &Judged,
) -> Vec<NodeId> {
    let Judged { trial, verdict, new } = judged;
    found.edits += 1;
    let is_opaque = |id: &NodeId| new.identities.get(id).is_some_and(|one| one.opaque.is_some());
    found.opaque += new.nodes.iter().filter(|step| is_opaque(&step.id)).count() as u64;
    let readers: HashSet<NodeId> = base
        .plan
        .readers
        .iter()
        .map(|one| NodeId::new(&format!("transform.{}", one.name)))
        .collect();
    let reused = verdict
        .steps
        .iter()
        .filter(|step| step.action == Action::Reuse && readers.contains(&step.node));
    let reused = reused.count() as u64;
    let needless =
        trial.same.iter().filter(|(id, same)| **same && !trial.fails && readers.contains(*id));
    let needless: Vec<NodeId> = needless.map(|(id, _)| id.clone()).collect();
    found.reused += reused;
    found.built += trial.same.len() as u64;
    found.needless += needless.len() as u64;
    let row: &mut Row = found.kinds.entry(kind).or_default();
    row.edits += 1;
    row.reusable += u64::from(reused > 0 || !needless.is_empty());
    row.needless += u64::from(!needless.is_empty());
    row.wrong += u64::from(!trial.wrong.is_empty());
    found.unsafe_verdicts += u64::from(!trial.wrong.is_empty());
    let by_law = |id: &NodeId| is_by_law(base, judged, id);
    let free: Vec<NodeId> = needless.iter().filter(|id| !by_law(id)).cloned().collect();
    if !needless.is_empty() {
        let place = match free.is_empty() {
            true => 0,
            false => 2 - usize::from(trial.differs),
        };
        found.why[place] += 1;
    }
    found.allowed += u64::from(reused > 0 || !free.is_empty());
    for id in &needless {
        let step = verdict.steps.iter().find(|step| step.node == *id);
        let code = step.and_then(|step| step.reasons.first()).map(|reason| reason.code);
        let code = if is_opaque(id) { "opaque" } else { code.unwrap_or_default() };
        let cause = match judged.trial.differs {
            _ if by_law(id) => format!("by law: {code}"),
            true => format!("another node, read without effect: {code}"),
            false => format!("{kind}, all the same: {code}"),
        };
        let cause = found.causes.entry(cause).or_default();
        cause.0 += 1;
        if cause.1.is_empty() {
            cause.1 = format!("#{number} {id}");
        }
    }
    free
}

/// Whether no build of a node may be kept: nobody sees through it, or it is bound to a node that is built again, of
/// which each build may give something else.
fn is_by_law(base: &Base, judged: &Judged, id: &NodeId) -> bool {
    let is_built = |id: &NodeId| {
        let step = judged.verdict.steps.iter().find(|step| step.node == *id);
        step.is_some_and(|step| step.action == Action::Build)
    };
    [&base.state, &judged.new].into_iter().any(|state| {
        let identity = state.identities.get(id);
        identity.is_some_and(|one| one.opaque.is_some() || one.bonds.keys().any(is_built))
    })
}

fn report(said: String, (base, after): (&Base, &Plan), judged: &Judged) -> String {
    let texts = |plan: &Plan| -> String {
        let line = |node: Written| format!("    {}: {} {:?}\n", node.name, node.sql, node.inputs);
        plan.nodes().into_iter().map(line).collect()
    };
    let reason = |step: &seeknal_analysis::changes::Step| {
        let reasons: Vec<&str> = step.reasons.iter().map(|one| one.message.as_str()).collect();
        format!("    {} {}: {}\n", step.action.word(), step.node, reasons.join("; "))
    };
    let steps: String = judged.verdict.steps.iter().map(reason).collect();
    format!("{said}\n  before\n{}  after\n{}  said\n{steps}", texts(&base.plan), texts(after))
}
