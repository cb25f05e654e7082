//! From a name to where it is declared, and to where it is used.

use crate::completion::node_at;
use crate::sites::{self, Known};
use seeknal_model::{File, NodeId, Project};
use seeknal_syntax::Span;
use std::sync::Arc;

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The place in it.
    pub span: Span,
}

/// Where what stands at an offset is declared. What columns mean is known where `known` is there.
pub fn definition(
    project: &Project,
    known: Option<Known<'_>>,
    file: &File,
    offset: usize,
) -> Vec<Place> {
    if let Some((id, _)) = id_at(file, offset) {
        let all = project.declared().filter(|node| node.id == id);
        return all.map(|node| Place { path: node.path.clone(), span: node.name_span }).collect();
    }
    if let Some(name) = parameter_at(file, offset) {
        let places = project.files().flat_map(|file| {
            let values = file.common.iter().filter(|value| value.name == name);
            values.map(|value| Place { path: file.path.clone(), span: value.span })
        });
        return places.collect();
    }
    if let Some((_, places)) = node_at(file, offset).and_then(|node| sites::cte(node, offset)) {
        let first = places.first();
        return first
            .map(|span| Place { path: file.path.clone(), span: *span })
            .into_iter()
            .collect();
    }
    let made = known.and_then(|known| {
        let column = sites::column_at(known, file, offset)?;
        sites::made(known, &column)
    });
    made.into_iter().collect()
}

/// Where what stands at an offset is used; where it is declared only if that is asked for.
pub fn references(
    project: &Project,
    known: Option<Known<'_>>,
    (file, offset): (&File, usize),
    with_declaration: bool,
) -> Vec<Place> {
    let mut found = Vec::new();
    let here = |span: Span| Place { path: file.path.clone(), span };
    if let Some((id, _)) = id_at(file, offset) {
        for node in project.declared() {
            let sites = node.references.iter().filter(|one| one.id == id);
            found.extend(sites.map(|one| Place { path: node.path.clone(), span: one.span }));
        }
    } else if let Some(name) = parameter_at(file, offset) {
        for node in project.declared() {
            let sites = node.parameters.iter().filter(|(one, _)| *one == name);
            found.extend(sites.map(|(_, span)| Place { path: node.path.clone(), span: *span }));
        }
    } else if let Some((_, places)) =
        node_at(file, offset).and_then(|node| sites::cte(node, offset))
    {
        found.extend(places.into_iter().skip(1).map(here));
    } else if let Some(known) = known
        && let Some(column) = sites::column_at(known, file, offset)
    {
        found.extend(sites::reads(known, &column));
    }
    if with_declaration {
        found.extend(definition(project, known, file, offset));
    }
    found.sort();
    found.dedup();
    found
}

/// Every place in a file of what stands at an offset of it.
pub fn highlights(
    project: &Project,
    known: Option<Known<'_>>,
    (file, offset): (&File, usize),
) -> Vec<Span> {
    let all = references(project, known, (file, offset), true).into_iter();
    all.filter(|place| place.path == file.path).map(|place| place.span).collect()
}

/// The node that is named at an offset, by a reference or by its own name.
fn id_at(file: &File, offset: usize) -> Option<(NodeId, Span)> {
    let node = node_at(file, offset)?;
    if node.name_span.touches(offset) {
        return Some((node.id.clone(), node.name_span));
    }
    let reference = node.references.iter().find(|one| one.span.touches(offset))?;
    Some((reference.id.clone(), reference.span))
}

/// The value of the common config that is named at an offset, or declared there.
fn parameter_at(file: &File, offset: usize) -> Option<String> {
    if let Some(value) = file.common.iter().find(|value| value.span.touches(offset)) {
        return Some(value.name.clone());
    }
    let all = &node_at(file, offset)?.parameters;
    all.iter().find(|(_, span)| span.touches(offset)).map(|(name, _)| name.clone())
}
