//! The columns and the parts of queries that names in SQL mean, and every place of each.

use crate::completion::node_at;
use crate::navigation::Place;
use seeknal_analysis::identity::{ColumnIdentity, Identities, Identity};
use seeknal_model::{File, Node, NodeId, Project};
use seeknal_syntax::sql::{Cte, cte_at};
use seeknal_syntax::{Span, slice};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A project with what its nodes mean. Both are of the same moment.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The project.
    pub project: &'a Project,
    /// What its nodes mean.
    pub identities: &'a Identities,
}

/// A column that is meant somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The node that has it.
    pub(crate) node: NodeId,
    /// Its name there.
    pub(crate) name: Arc<str>,
    /// Where it is meant.
    pub(crate) span: Span,
}

/// The column that is meant at an offset: one of an input that is read there, or one that is made there.
pub(crate) fn column_at(known: Known<'_>, file: &File, offset: usize) -> Option<Column> {
    let node = node_at(file, offset)?;
    let identity = known.identities.get(&node.id)?;
    let reads = identity.reads.iter().filter(|one| one.span.touches(offset));
    let read = reads.filter_map(|one| Some((one, one.column.clone()?)));
    if let Some((read, name)) = read.min_by_key(|(read, _)| read.span.len()) {
        return Some(Column { node: read.node.clone(), name, span: read.span });
    }
    let own = identity.columns.iter().flatten();
    own.filter_map(|column| {
        let span = named(&file.text, column).filter(|span| span.touches(offset))?;
        Some(Column { node: node.id.clone(), name: column.name.clone(), span })
    })
    .next()
}

/// Where the name of an output column stands: behind its expression, or as all of it.
fn named(text: &str, column: &ColumnIdentity) -> Option<Span> {
    let is_name = |word: &str| word.trim_matches('"').eq_ignore_ascii_case(&column.name);
    let rest = slice(text, Span::new(column.span.end, text.len()));
    let mut from = column.span.end + rest.len() - rest.trim_start().len();
    let behind = slice(text, Span::new(from, text.len()));
    if behind.get(..3).is_some_and(|word| word.trim_end().eq_ignore_ascii_case("as")) {
        let name = behind.get(2..).unwrap_or_default();
        from += 2 + name.len() - name.trim_start().len();
    }
    let word = word_at(text, from);
    if is_name(slice(text, word)) {
        return Some(word);
    }
    // A column that keeps its name is made where it is read.
    let own = slice(text, column.span);
    let last = own.rsplit('.').next().unwrap_or(own);
    is_name(last).then(|| Span::new(column.span.end - last.len(), column.span.end))
}

/// The word that begins at a place, with its quotes.
fn word_at(text: &str, from: usize) -> Span {
    let rest = slice(text, Span::new(from, text.len()));
    let length = match rest.strip_prefix('"') {
        Some(inner) => inner.find('"').map_or(0, |end| end + 2),
        None => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
    };
    Span::new(from, from + length)
}

/// Where a column is made.
pub(crate) fn made(known: Known<'_>, column: &Column) -> Option<Place> {
    let node = known.project.node(&column.node)?;
    let file = known.project.file(&node.path)?;
    let identity = known.identities.get(&column.node)?;
    let found = identity.column(&column.name)?;
    let span = named(&file.text, found).unwrap_or(found.span);
    Some(Place { path: node.path.clone(), span })
}

/// Every place at which a column is read.
pub(crate) fn reads(known: Known<'_>, column: &Column) -> Vec<Place> {
    let mut found = Vec::new();
    for id in known.project.graph().readers(&column.node) {
        let (Some(node), Some(identity)) = (known.project.node(&id), known.identities.get(&id))
        else {
            continue;
        };
        let spans = identity.reads.iter().filter(|read| is_of(read, column)).map(|read| read.span);
        found.extend(spans.map(|span| Place { path: node.path.clone(), span }));
    }
    found
}

fn is_of(read: &seeknal_analysis::identity::Read, column: &Column) -> bool {
    let name = read.column.as_ref();
    read.node == column.node && name.is_some_and(|name| name.eq_ignore_ascii_case(&column.name))
}

/// The name in the WITH of a query that is meant at an offset, and every place of it in the file.
pub(crate) fn cte(node: &Node, offset: usize) -> Option<(Cte, Vec<Span>)> {
    let sql = node.sql.as_ref().filter(|sql| sql.span.touches(offset))?;
    let (cte, places) = cte_at(&sql.text.text, sql.text.map.to_text(offset)?)?;
    Some((cte, places.into_iter().map(|place| sql.text.map.span_to_file(place)).collect()))
}

/// A column in a few lines: its type, what it is computed from down to the sources, and who reads it.
pub(crate) fn card(known: Known<'_>, column: &Column) -> Option<String> {
    let identity = known.identities.get(&column.node)?;
    let found = identity.column(&column.name)?;
    let mut text = format!("**{}** `{}`, a column of `{}`", found.name, found.kind, column.node);
    let node = known.project.node(&column.node)?;
    let file = known.project.file(&node.path)?;
    let said = slice(&file.text, found.span);
    let is_said = node.sql.as_ref().is_some_and(|sql| sql.span.touches(found.span.start));
    if is_said && !said.eq_ignore_ascii_case(&found.name) {
        text.push_str(&format!("\n\n```sql\n{said}\n```"));
    }
    let origins = origins(known, identity, found);
    if !origins.is_empty() {
        text.push_str(&format!("\n\nComes from {}", listed(&origins)));
    }
    let readers: BTreeSet<String> = known
        .project
        .graph()
        .readers(&column.node)
        .into_iter()
        .filter(|id| {
            let reads = known.identities.get(id).map(|one| &*one.reads);
            reads.unwrap_or_default().iter().any(|read| is_of(read, column))
        })
        .map(|id| id.to_string())
        .collect();
    text.push_str(&match readers.is_empty() {
        true => "\n\nNo query reads it".to_owned(),
        false => format!("\n\nRead by {}", listed(&readers)),
    });
    Some(text)
}

/// More than this many names are not read.
const LISTED: usize = 8;

fn listed(names: &BTreeSet<String>) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The columns of sources that a column is computed from; where the way ends before, where it ends.
fn origins(known: Known<'_>, identity: &Identity, column: &ColumnIdentity) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<(NodeId, String)> = BTreeSet::new();
    let mut open: Vec<(NodeId, Arc<str>)> = identity.origins(column).cloned().collect();
    if identity.opaque.is_some() {
        return found;
    }
    while let Some((id, name)) = open.pop() {
        if !seen.insert((id.clone(), name.to_lowercase())) {
            continue;
        }
        let before = open.len();
        if let Some(further) = known.identities.get(&id)
            && let Some(column) = further.column(&name)
        {
            open.extend(further.origins(column).cloned());
        }
        if open.len() == before {
            found.insert(format!("{id}.{name}"));
        }
    }
    found
}
