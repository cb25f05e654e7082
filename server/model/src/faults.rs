//! What is wrong between files.

use crate::codes;
use crate::graph::Repeat;
use crate::nearest::nearest;
use crate::node::{Node, NodeId, Origin, Reference};
use crate::parameters::needed_variable;
use crate::project::{Fault, Project};
use seeknal_syntax::{Edit, Problem, Span};
use std::collections::{BTreeSet, HashMap};

/// Names are compared for likeness only in projects up to this size, and for this many unknown ones:
/// each comparison looks at every name there is.
const LIKENESS_NODES_MAX: usize = 20_000;
const LIKENESS_MAX: usize = 100;

pub(crate) fn between_files(project: &Project) -> Vec<Fault> {
    let mut found = repeated(project);
    found.extend(unknown(project));
    found.extend(waiting(project));
    found.extend(parameters(project));
    found
}

fn fault(node: &Node, problem: Problem) -> Fault {
    Fault { path: node.path.clone(), problem, elsewhere: Vec::new() }
}

/// Adds another place, which may stand in the same file or in another.
fn beside(mut fault: Fault, node: &Node, span: Span, message: String) -> Fault {
    if fault.path == node.path {
        fault.problem = fault.problem.with_related(span, message);
    } else {
        fault.elsewhere.push((node.path.clone(), span, message));
    }
    fault
}

fn repeated(project: &Project) -> Vec<Fault> {
    let told = |repeat: &Repeat<'_>| {
        let (node, first) = (repeat.node, repeat.first);
        let (code, message, other) = match repeat.same {
            true => (
                codes::DUPLICATE_NODE,
                format!("`{}` is declared already; give one of them another name", node.id),
                "the one that counts",
            ),
            false => (
                codes::CASE_ONLY_DIFFERENCE,
                format!(
                    "`{}` and `{}` differ only in case, and SQL takes them for one; rename one of them",
                    node.id, first.id
                ),
                "the other one",
            ),
        };
        let problem = Problem::new(code, node.name_span, message);
        beside(fault(node, problem), first, first.name_span, other.to_owned())
    };
    project.graph().repeats().iter().map(told).collect()
}

fn unknown(project: &Project) -> Vec<Fault> {
    let graph = project.graph();
    let compares = graph.len() <= LIKENESS_NODES_MAX;
    // A node that is gone while its name is typed is missed by all who read it, and sought once.
    let mut near: HashMap<&NodeId, Option<&str>> = HashMap::new();
    let mut found = Vec::new();
    for (node, reference) in graph.unknown() {
        let id = &reference.id;
        if !near.contains_key(id) && compares && near.len() < LIKENESS_MAX {
            near.insert(id, nearest(id.as_str(), graph.ids().map(NodeId::as_str)));
        }
        let near = near.get(id).copied().flatten();
        found.push(fault(node, unknown_ref(reference, near)));
    }
    found
}

fn unknown_ref(reference: &Reference, near: Option<&str>) -> Problem {
    let id = &reference.id;
    let Some(near) = near else {
        let message = format!("there is no node `{id}`; declare it, or read another");
        return Problem::new(codes::UNKNOWN_REF, reference.span, message);
    };
    let message = format!("there is no node `{id}`; did you mean `{near}`?");
    let problem = Problem::new(codes::UNKNOWN_REF, reference.span, message);
    let text = match reference.origin {
        Origin::Model => format!("ref('{near}')"),
        _ => near.to_owned(),
    };
    problem.with_fix(format!("Write {near}"), Edit { span: reference.span, text })
}

/// The expressions in braces that have no value.
fn parameters(project: &Project) -> Vec<Fault> {
    let known: BTreeSet<&str> = project.common().map(|value| value.name.as_str()).collect();
    let graph = project.graph();
    let mut found = Vec::new();
    for node in graph.filled().filter_map(|id| graph.node(id)).chain(graph.others()) {
        for (name, span) in &node.parameters {
            let problem = match needed_variable(name) {
                Some(variable) if project.has_variable(&variable) => None,
                Some(variable) => Some(unset(&variable, *span)),
                None => unknown_parameter(name, *span, &known),
            };
            found.extend(problem.map(|problem| fault(node, problem)));
        }
    }
    found
}

/// Seeknal drops a node that names such a variable.
fn unset(variable: &str, span: Span) -> Problem {
    let message = format!(
        "`{variable}` is not set here and has no default; set it, or write `env:{variable}|` and a default"
    );
    Problem::new(codes::UNSET_VARIABLE, span, message)
}

/// With a common config Seeknal refuses a dotted name that is not in it; without one it leaves the
/// braces as they are.
fn unknown_parameter(name: &str, span: Span, known: &BTreeSet<&str>) -> Option<Problem> {
    let is_dotted = name.contains('.') && !name.contains(['(', ':', ' ', '|']);
    if !is_dotted || known.is_empty() || known.contains(name) {
        return None;
    }
    Some(match nearest(name, known.iter().copied()) {
        Some(near) => {
            let message = format!("the common config has no `{name}`; did you mean `{near}`?");
            let edit = Edit { span, text: near.to_owned() };
            Problem::new(codes::UNKNOWN_PARAMETER, span, message)
                .with_fix(format!("Write {near}"), edit)
        }
        None => {
            let message =
                format!("the common config has no `{name}`; add it below `seeknal/common`");
            Problem::new(codes::UNKNOWN_PARAMETER, span, message)
        }
    })
}

fn waiting(project: &Project) -> Vec<Fault> {
    let mut found = Vec::new();
    for cycle in project.graph().knots() {
        let names: Vec<&str> = cycle.iter().map(|node| node.id.as_str()).collect();
        let (Some(first), Some(last)) = (cycle.first(), cycle.last()) else { continue };
        let message = format!(
            "these nodes wait for each other: {} -> {}; take one of the references out",
            names.join(" -> "),
            first.id
        );
        let site = |from: &Node, to: &Node| {
            to.references.iter().find(|one| one.id == from.id).map_or(to.name_span, |one| one.span)
        };
        let problem = Problem::new(codes::DEPENDENCY_CYCLE, site(last, first), message);
        let mut told = fault(first, problem);
        for pair in cycle.windows(2) {
            let [from, to] = pair else { continue };
            let message = format!("`{}` reads `{}` here", to.id, from.id);
            told = beside(told, to, site(from, to), message);
        }
        found.push(told);
    }
    found
}
