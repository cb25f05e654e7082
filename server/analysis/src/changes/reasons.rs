//! Why a node is built, in sentences that a person believes.

use super::steps::{Decided, Reached};
use super::{Place, Reason, Side, compare};
use crate::identity::{Bond, Class, Clause, Identity, Landing, Read, Site};
use seeknal_model::{Node, NodeId};
use seeknal_syntax::{Problem, Span};
use std::collections::HashSet;
use std::sync::Arc;

pub(crate) fn at(node: &Node, span: Span) -> Option<Place> {
    Some(Place { path: node.path.clone(), span, is_old: false })
}

/// A place in the text that was there before.
pub(crate) fn was_at(node: &Node, span: Span) -> Option<Place> {
    Some(Place { path: node.path.clone(), span, is_old: true })
}

pub(crate) fn at_name(node: &Node, code: &'static str, message: String) -> Reason {
    Reason { code, message, place: at(node, node.name_span), related: None }
}

pub(crate) fn would_fail(node: &Node, problem: &Problem) -> Reason {
    let message = format!("would fail: {}", problem.message);
    Reason { code: "fails", message, place: at(node, problem.span), related: None }
}

pub(crate) fn gone(node: &Node, missing: &NodeId) -> Reason {
    let reference = node.references.iter().find(|one| one.id == *missing);
    let span = reference.map_or(node.name_span, |one| one.span);
    let message = format!("would fail: there is no `{missing}` any more");
    Reason { code: "gone", message, place: at(node, span), related: None }
}

pub(crate) fn waits(node: &Node, input: &NodeId) -> Reason {
    let span = node.references.iter().find(|one| one.id == *input).map(|one| one.span);
    let place = at(node, span.unwrap_or(node.name_span));
    let message = format!("waits for `{input}`, and keeps what it has until then");
    Reason { code: "waits", message, place, related: None }
}

pub(crate) fn unchanged(node: &Node, now: &Identity) -> Reason {
    let mut columns: Vec<String> = Vec::new();
    for read in now.reads.iter() {
        let name = read.column.as_ref().map(|column| format!("`{column}`"));
        columns.extend(name.filter(|name| !columns.contains(name)));
    }
    let message = match columns.as_slice() {
        [] => "it means what it meant".to_owned(),
        [one] => format!("{one} and the rows it reads are what they were"),
        [first, .., last] if columns.len() <= 3 => {
            let middle = columns.get(1..columns.len() - 1).unwrap_or_default();
            let list = middle.iter().fold(first.clone(), |list, one| format!("{list}, {one}"));
            format!("{list} and {last}, and the rows it reads, are what they were")
        }
        _ => format!("all {} columns and the rows it reads are what they were", columns.len()),
    };
    at_name(node, "unchanged", message)
}

/// Why a node that was there before is built.
pub(crate) fn built(
    new: Side<'_>,
    reached: &Reached<'_>,
    is_modified: bool,
    (decided, breaker): (Decided<'_, '_>, Option<&(NodeId, Bond)>),
) -> Vec<Reason> {
    let Reached { node, now, then: Some((before, then)) } = *reached else { return Vec::new() };
    let mut found = Vec::new();
    if is_modified {
        found.extend(own((node, now), (before, then)));
    } else {
        found.extend(rebound(node, now, then));
        found.extend(read(node, now, decided));
        found.extend(stars(node, now, then));
    }
    if let (Some((input, bond)), true) = (breaker, found.is_empty()) {
        found.push(bound(new, node, now, (input, *bond)));
    }
    if found.is_empty() {
        let message = match &now.opaque {
            Some(reason) => {
                format!("it cannot be seen through ({reason}), and what it reads changed")
            }
            None => "what it reads changed".to_owned(),
        };
        found.push(at_name(node, "changed", message));
    }
    found
}

/// What a changed node itself does otherwise.
pub(crate) fn own(
    (node, now): (&Node, &Identity),
    (before, then): (&Node, &Identity),
) -> Vec<Reason> {
    let mut found = Vec::new();
    let columns = compare::columns(then, now);
    let place =
        |name: &str| at(node, now.column(name).map_or(node.name_span, |column| column.span));
    let was = |name: &str| then.column(name).and_then(|column| was_at(before, column.span));
    let mut say = |code, name: &str, message: String| {
        found.push(Reason { code, message, place: place(name), related: was(name) });
    };
    for name in &columns.added {
        say("column-added", name, format!("adds `{name}`"));
    }
    for name in &columns.removed {
        say("column-removed", name, format!("drops `{name}`"));
    }
    for (then, now) in &columns.renamed {
        say("column-renamed", now, format!("calls `{then}` now `{now}`"));
    }
    for (then, now) in &columns.respelled {
        say("column-respelled", now, format!("spells `{then}` now `{now}`"));
    }
    for (name, then, now) in &columns.retyped {
        say("column-retyped", name, format!("`{name}` is {now} instead of {then}"));
    }
    for name in &columns.displaced {
        say("column-displaced", name, format!("`{name}` means another column now"));
    }
    for name in &columns.redefined {
        say("column-redefined", name, format!("defines `{name}` anew"));
    }
    if columns.is_reordered {
        say("columns-reordered", "", "puts its columns in another order".to_owned());
    }
    if now.rows != then.rows {
        found.push(rows_changed((node, now), (before, then)));
    }
    if now.order != then.order {
        found.push(at_name(node, "order-changed", "puts its rows in another order".to_owned()));
    }
    if now.fields != then.fields {
        found.push(at_name(node, "fields-changed", "is set up otherwise".to_owned()));
    }
    found
}

/// That a node has other rows, and by which clause of its query.
fn rows_changed((node, now): (&Node, &Identity), (old_node, then): (&Node, &Identity)) -> Reason {
    if !node.kind.has_rows {
        let message = match node.kind.name {
            "rule" => "asserts something else",
            "exposure" => "is written otherwise",
            _ => "is set up otherwise",
        };
        return at_name(node, "fields-changed", message.to_owned());
    }
    if let Some(reason) = now.opaque.as_ref().or(then.opaque.as_ref()) {
        let message = format!("may have other rows: it cannot be seen through ({reason})");
        return at_name(node, "rows-changed", message);
    }
    // The first clause behind which the rows are others is the one that made them so.
    let before = |clause: Clause| then.clauses.iter().find(|(one, ..)| *one == clause);
    let clause =
        now.clauses.iter().find(|(word, id, _)| before(*word).is_none_or(|(_, was, _)| was != id));
    let gone =
        then.clauses.iter().find(|(word, ..)| !now.clauses.iter().any(|(one, ..)| one == word));
    match (clause, gone) {
        (Some((clause, _, span)), _) => Reason {
            code: "rows-changed",
            message: format!("has other rows: {} changed", clause.word()),
            place: at(node, *span),
            related: before(*clause).and_then(|(_, _, span)| was_at(old_node, *span)),
        },
        (None, Some((clause, _, span))) => Reason {
            code: "rows-changed",
            message: format!("has other rows: {} is gone", clause.word()),
            place: at(node, node.name_span),
            related: was_at(old_node, *span),
        },
        (None, None) => at_name(node, "rows-changed", "has other rows".to_owned()),
    }
}

/// Names of an unchanged text that mean something else now.
pub(crate) fn rebound(node: &Node, now: &Identity, then: &Identity) -> Vec<Reason> {
    let mut found: Vec<Reason> = Vec::new();
    // As a rule every name lands where it landed.
    if Arc::ptr_eq(&now.sites, &then.sites) || now.sites == then.sites {
        return found;
    }
    for site in now.sites.iter() {
        let mut before = sites_at(then, site).map(|one| &one.landing).peekable();
        if before.peek().is_none() || before.any(|landing| *landing == site.landing) {
            continue;
        }
        let message = match &site.landing {
            Landing::Keys(keys) => format!("its NATURAL join now meets on {}", listed(keys)),
            Landing::Places(names) => {
                format!("the columns of `{}`, taken by place, are now {}", site.name, listed(names))
            }
            landing => format!("`{}` now means {}", site.name, meaning(landing)),
        };
        let place = at(node, site.span);
        if !found.iter().any(|one| one.place == place) {
            found.push(Reason { code: "rebound", message, place, related: None });
        }
    }
    found
}

fn sites_at<'i>(identity: &'i Identity, site: &'i Site) -> impl Iterator<Item = &'i Site> {
    identity.sites.iter().filter(move |one| one.span == site.span && one.name == site.name)
}

fn meaning(landing: &Landing) -> String {
    match landing {
        Landing::Column(depth, relation, name) => {
            let relation = relation.split_once(':').map_or(&**relation, |(_, name)| name);
            let outward = if *depth > 0 { " of the query around it" } else { "" };
            match relation.is_empty() {
                true => format!("the column `{name}`{outward}"),
                false => format!("`{relation}.{name}`{outward}"),
            }
        }
        Landing::Alias(name) => format!("the output column `{name}`"),
        Landing::Row(_, name) => format!("a whole row of `{name}`"),
        Landing::Parameter => "a parameter of the lambda".to_owned(),
        Landing::Keyword => "what the engine knows by that name".to_owned(),
        Landing::Keys(names) | Landing::Places(names) => listed(names),
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What a node reads that changed.
fn read(node: &Node, now: &Identity, decided: Decided<'_, '_>) -> Vec<Reason> {
    let mut found: Vec<Reason> = Vec::new();
    // A node reads many columns of few inputs, and of none that no edit reaches anything else.
    let mut inputs: Vec<Input<'_>> = Vec::new();
    for read in now.reads.iter() {
        let known = inputs.iter().position(|one| one.id == &read.node);
        let place = known.unwrap_or_else(|| {
            let reached = decided.reached(&read.node).filter(|one| one.then.is_some());
            inputs.push(Input { id: &read.node, reached, said: Vec::new() });
            inputs.len() - 1
        });
        let Some(input) = inputs.get_mut(place) else { continue };
        let Some(Reached { node: of, now: after, then: Some((_, before)) }) = input.reached else {
            continue;
        };
        if input.said.contains(&read.column.as_deref()) {
            continue;
        }
        input.said.push(read.column.as_deref());
        found.extend(column_read(node, read, (of, before, after)));
        if known.is_none() && after.rows != before.rows {
            let place = at(node, read.span).filter(|place| !place.span.is_empty());
            let place = place.or_else(|| at(node, node.name_span));
            let message = format!("`{}` has other rows", read.node);
            found.push(Reason { code: "rows-changed", message, place, related: None });
        }
    }
    if inputs.len() > 1 {
        // Columns of one name may say the same of two inputs.
        let mut seen = HashSet::new();
        let is_first: Vec<bool> =
            found.iter().map(|reason| seen.insert(&*reason.message)).collect();
        let mut is_first = is_first.into_iter();
        found.retain(|_| is_first.next().unwrap_or_default());
    }
    found
}

/// An input of a node, with the columns of it that were spoken of.
struct Input<'i> {
    id: &'i NodeId,
    reached: Option<&'i Reached<'i>>,
    said: Vec<Option<&'i str>>,
}

fn column_read(
    node: &Node,
    read: &Read,
    (input, before, after): (&Node, &Identity, &Identity),
) -> Option<Reason> {
    let name = read.column.as_ref()?;
    let (now, then) = (after.column(name)?, before.column(name)?);
    if now.id == then.id && now.kind == then.kind && now.name == then.name {
        return None;
    }
    let message = match (now.kind == then.kind, now.id == then.id) {
        (false, _) => format!("reads `{name}`, which is {} instead of {}", now.kind, then.kind),
        (true, true) => format!("reads `{}`, which is spelled `{}` now", then.name, now.name),
        (true, false) => format!("reads `{name}`, which `{}` defines anew", read.node),
    };
    let place = at(node, read.span).filter(|place| !place.span.is_empty());
    let place = place.or_else(|| at(node, node.name_span));
    Some(Reason { code: "column-read", message, place, related: at(input, now.span) })
}

/// Columns that an unchanged text gives otherwise.
fn stars(node: &Node, now: &Identity, then: &Identity) -> Vec<Reason> {
    if compare::is_shaped_alike(then, now) {
        return Vec::new();
    }
    let columns = compare::columns(then, now);
    let mut found = Vec::new();
    if !columns.added.is_empty() {
        let message = format!("now also gives {}", listed(&columns.added));
        found.push(at_name(node, "star", message));
    }
    if !columns.displaced.is_empty() {
        let message = format!("gives other columns as {}", listed(&columns.displaced));
        found.push(at_name(node, "star", message));
    }
    if columns.is_reordered {
        found.push(at_name(node, "star", "gives its columns in another order".to_owned()));
    }
    found
}

fn bound(new: Side<'_>, node: &Node, now: &Identity, (input, bond): (&NodeId, Bond)) -> Reason {
    let message = match bond {
        _ if now.opaque.is_some() => {
            let reason = now.opaque.as_deref().unwrap_or_default();
            format!("it cannot be seen through ({reason}), and `{input}` is built again")
        }
        Bond::Sequence => {
            format!(
                "what it keeps of equal rows follows the order of `{input}`, which is built again"
            )
        }
        Bond::Digits => {
            format!("it decides by sums of fractions of `{input}`, whose last digits may differ")
        }
        Bond::Unstable => {
            let loose = now.reads.iter().find_map(|read| {
                let column = read.column.as_ref().filter(|_| read.node == *input)?;
                let meant = new.identities.get(input)?.column(column)?;
                (meant.class != Class::Exact).then(|| (column.clone(), meant.class))
            });
            match loose {
                Some((column, Class::Float)) => format!(
                    "decides by `{column}`, a sum of fractions whose last digits may differ when `{input}` is built"
                ),
                _ if node.kind.name == "exposure" => format!("`{input}` is built again"),
                _ if !node.kind.has_rows => format!("`{input}` is built again"),
                Some((column, _)) => {
                    format!("reads `{column}`, which is different each time `{input}` is built")
                }
                None => format!("the rows of `{input}` may be others each time it is built"),
            }
        }
    };
    let span = node.references.iter().find(|one| one.id == *input).map(|one| one.span);
    let place = at(node, span.unwrap_or(node.name_span));
    Reason { code: "built-again", message, place, related: None }
}
