//! What is wrong between files.

use crate::codes;
use crate::cycle::cycles;
use crate::nearest::nearest;
use crate::node::{Node, NodeId, Origin, Reference};
use crate::parameters::needed_variable;
use crate::project::{Fault, Project};
use seeknal_syntax::{Edit, Problem, Span};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Names are compared for likeness only in projects up to this size, and for this many unknown ones:
/// each comparison looks at every name there is.
const LIKENESS_NODES_MAX: usize = 20_000;
const LIKENESS_REFS_MAX: usize = 100;

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
    let mut found = Vec::new();
    let mut by_fold: HashMap<String, Vec<&Arc<Node>>> = HashMap::new();
    for node in project.declared() {
        let like = by_fold.entry(node.id.as_str().to_ascii_lowercase()).or_default();
        if let Some(first) = like.iter().find(|one| one.id == node.id) {
            let message =
                format!("`{}` is declared already; give one of them another name", node.id);
            let problem = Problem::new(codes::DUPLICATE_NODE, node.name_span, message);
            let message = "the one that counts".to_owned();
            found.push(beside(fault(node, problem), first, first.name_span, message));
            continue;
        }
        if let Some(first) = like.first() {
            let message = format!(
                "`{}` and `{}` differ only in case, and SQL takes them for one; rename one of them",
                node.id, first.id
            );
            let problem = Problem::new(codes::CASE_ONLY_DIFFERENCE, node.name_span, message);
            let message = "the other one".to_owned();
            found.push(beside(fault(node, problem), first, first.name_span, message));
        }
        like.push(node);
    }
    found
}

fn unknown(project: &Project) -> Vec<Fault> {
    let mut found = Vec::new();
    let graph = project.graph();
    let ids: Vec<NodeId> = graph.nodes().iter().map(|node| node.id.clone()).collect();
    for node in project.declared() {
        let mut told: Vec<&NodeId> = Vec::new();
        for reference in &node.references {
            let is_name = reference.origin == Origin::SqlName;
            if is_name || project.node(&reference.id).is_some() || told.contains(&&reference.id) {
                continue;
            }
            told.push(&reference.id);
            let compares = ids.len() <= LIKENESS_NODES_MAX && found.len() < LIKENESS_REFS_MAX;
            let known = ids.iter().filter(|_| compares).map(NodeId::as_str);
            let near = nearest(reference.id.as_str(), known);
            found.push(fault(node, unknown_ref(reference, near)));
        }
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
    let known: BTreeSet<&str> =
        project.files().flat_map(|file| &file.common).map(|value| value.name.as_str()).collect();
    let mut found = Vec::new();
    for node in project.declared() {
        let Some(file) = project.file(&node.path) else { continue };
        for (name, span) in node.parameters(&file.text) {
            let problem = match needed_variable(&name) {
                Some(variable) if project.has_variable(&variable) => None,
                Some(variable) => Some(unset(&variable, span)),
                None => unknown_parameter(&name, span, &known),
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
    for cycle in cycles(project.graph()) {
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
