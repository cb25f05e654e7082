//! The identity of one node.

use super::all::Upstream;
use super::clauses::Clause;
use super::eval::{Bond, Eval, RunScoped};
use super::fields::{fields, filled_in, keeps_history};
use super::id::{Id, Tag};
use super::inputs::Inputs;
use super::made;
use super::meant::{AboutColumn, ColumnIdentity, Identity, TakenDown};
use super::scope::{Read, Site};
use super::tape::{self, Tape};
use super::value::{Class, Output, Relation};
use crate::binder::{Answer, Ask, Column, Parsed};
use crate::bound;
use crate::query::{Made, Query, query};
use crate::schemas::{Asking, Entry, Schemas};
use crate::stored::{is_exact, named_apart, stored};
use seeknal_model::table::Class as FieldClass;
use seeknal_model::{Node, NodeId, Origin, Project, is_decided_by_run};
use seeknal_syntax::yaml::{self, Value as Yaml};
use seeknal_syntax::{MappedText, Span, slice, template};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a node reads: its inputs by their places, since a query may call the first of them `input_0`, then the rest.
fn inputs(node: &Node, found: &Upstream<'_>) -> Vec<(NodeId, Option<Arc<Identity>>)> {
    let (placed, others): (Vec<_>, Vec<_>) =
        node.references.iter().partition(|one| one.origin == Origin::Inputs);
    let others: BTreeSet<&NodeId> = others.into_iter().map(|one| &one.id).collect();
    let ids = placed.into_iter().map(|one| &one.id).chain(others);
    ids.map(|id| (id.clone(), found.get(id).cloned())).collect()
}

/// What a node means, where that is known of all that it reads.
pub(super) fn identity(
    project: &Project,
    node: &Arc<Node>,
    (schemas, found): (&Schemas, &Upstream<'_>),
    asking: Asking<'_>,
) -> Identity {
    let look = || looked_into(project, node, (schemas, found), asking).sealed();
    if !found.takes_down {
        return look();
    }
    let (mut identity, hashed) = tape::taken(look);
    // Why a query cannot be seen through may be gone the next time.
    let may_be_seen = identity.opaque.is_some() && node.sql.is_some();
    let inputs = inputs(node, found).into_iter();
    let inputs: Option<Vec<_>> = inputs.map(|(id, input)| Some((id, input?))).collect();
    let tape =
        inputs.filter(|_| !may_be_seen).and_then(|inputs| Tape::of(&mut identity, hashed, &inputs));
    Identity { tape: TakenDown(tape.map(Arc::new)), ..identity }
}

fn looked_into(
    project: &Project,
    node: &Arc<Node>,
    (schemas, found): (&Schemas, &Upstream<'_>),
    asking: Asking<'_>,
) -> Identity {
    // A query that is seen through says it itself.
    let filled = || filled_in(project, node, asking.around);
    if node.kind.name == "source" {
        return source(node, filled(), schemas);
    }
    let whole = |reason: &str| opaque(project, (node, filled()), reason, (schemas, found));
    let known = schemas.known(node);
    let asked = match known.and_then(|known| known.query.clone()) {
        Some(query) => Some(query),
        None => query(project, node, asking.around).map(|query| query.map(Arc::new)),
    };
    match asked {
        Some(Ok(query)) => {
            let said = said(&query, file_with_braces(project, node));
            let seen = seen_through(project, (node, known), &query, (schemas, found), asking);
            Identity { said, ..seen.unwrap_or_else(|reason| whole(&reason)) }
        }
        Some(Err(reason)) => whole(&reason),
        None if node.kind.has_rows => whole("it has no SQL"),
        None => without_rows((node, filled()), found),
    }
}

/// The hash of a query as it is filled in; what each run decides stays as it is written.
fn said(query: &Query, file: Option<&str>) -> Id {
    let mut tag = Tag::new("said");
    let before = query.before.iter().map(|made| &made.text);
    for text in before.chain([&query.text]) {
        let (mut rest, mut from) = (String::new(), 0);
        for RunScoped { span, written, .. } in run_scoped(text, file) {
            rest.push_str(slice(&text.text, Span::new(from, span.start)));
            rest.push_str(&written);
            from = span.end;
        }
        rest.push_str(slice(&text.text, Span::new(from, text.text.len())));
        tag = tag.text(&rest);
    }
    tag.end()
}

/// Data from outside: where it lies and how it is read. Its name is no part of it.
fn source(node: &Node, filled: Option<Id>, schemas: &Schemas) -> Identity {
    let locator = fields(node, &[FieldClass::Data], &[]);
    let rows = with(Tag::new("source").id(locator), filled).end();
    let columns = schemas.columns(&node.id).map(|columns| {
        let column = |column: &Column| {
            let id = Tag::new("column of").id(rows).text(&column.name).text(&column.kind).end();
            let place = declared_at(node, &column.name);
            ColumnIdentity::alone(id, (&column.name, &column.kind), Class::Exact, place)
        };
        columns.iter().map(column).collect()
    });
    let fields = Tag::new("kind").text(node.kind.name).end();
    Identity { columns, said: filled.unwrap_or(fields), ..plain(rows, fields) }
}

/// What is said, with what stands in the place of its expressions, where it names any.
fn with(tag: Tag, filled: Option<Id>) -> Tag {
    match filled {
        Some(filled) => tag.id(filled),
        None => tag,
    }
}

fn plain(rows: Id, fields: Id) -> Identity {
    Identity {
        columns: None,
        rows,
        rows_class: Class::Exact,
        order: Vec::new(),
        fields,
        origins: Arc::default(),
        bonds: Arc::default(),
        sites: Arc::default(),
        reads: Arc::default(),
        over: None,
        opaque: None,
        clauses: Vec::new(),
        said: fields,
        keys: Vec::new(),
        output: rows,
        tape: TakenDown::default(),
    }
}

/// A node whose query is seen through.
fn seen_through(
    project: &Project,
    (node, known): (&Arc<Node>, Option<&Entry>),
    query: &Query,
    (schemas, found): (&Schemas, &Upstream<'_>),
    asking: Asking<'_>,
) -> Result<Identity, String> {
    let inputs = Inputs::of(query, found)?;
    let kinds = match known.and_then(|known| known.computed.as_ref()) {
        Some(computed) => computed.clone(),
        None => engine_columns(query, schemas, asking)?.into(),
    };
    let lineage = Tag::new("lineage").text(node.id.as_str()).end();
    let mut eval = Eval {
        inputs: &inputs,
        lineage,
        unstable_calls: 0,
        named: Vec::new(),
        sites: Vec::new(),
        reads: Vec::new(),
        bonds: BTreeMap::new(),
        is_ordered: false,
        rigid: 0,
        within: None,
        raised: false,
        kinds: None,
        touched: BTreeSet::new(),
        sql: "",
        run_scoped: Vec::new(),
        clauses: Vec::new(),
    };
    let file = file_with_braces(project, node);
    let mut said = (Vec::new(), Vec::new());
    for Made { name, text, is_view } in &query.before {
        (eval.run_scoped, eval.sql) = (run_scoped(text, file), &text.text);
        let tree = parsed(asking, text)?;
        let empty = super::scope::Scope::default();
        let (relation, raises) = eval.watched(|eval| eval.query(&tree, Some(&empty)));
        let mut relation = relation?;
        all_seen(&eval)?;
        relation.order.clear();
        found_in(&mut eval, text, &mut said);
        // A table is made once; a view is read as often as it is named.
        let hint = Some(!is_view);
        let name = name.to_lowercase();
        eval.named.push(super::eval::Named { name, relation, hint, raises });
    }
    let tree = parsed(asking, &query.text)?;
    eval.kinds = Some(&kinds);
    (eval.run_scoped, eval.sql) = (run_scoped(&query.text, file), &query.text.text);
    let relation = eval.query(&tree, None)?;
    all_seen(&eval)?;
    found_in(&mut eval, &query.text, &mut said);
    (eval.sites, eval.reads) = said;
    if relation.columns.len() != kinds.len() {
        return Err("the engine counts other columns".to_owned());
    }
    let own_fields = || {
        let fields = fields(node, &[FieldClass::Data], &["transform", "inputs", "params"]);
        Tag::new("fields").text(node.kind.name).id(fields).end()
    };
    let fields = known.map_or_else(own_fields, |known| *known.fields.get_or_init(own_fields));
    Ok(finished(node, eval, relation, (&kinds, fields, &query.text)))
}

fn finished(
    node: &Arc<Node>,
    mut eval: Eval<'_>,
    relation: Relation,
    (kinds, fields, text): (&[Column], Id, &MappedText),
) -> Identity {
    for column in &relation.columns {
        if column.value.class == Class::Unstable {
            for input in &column.value.loose {
                eval.bind_to(input, Bond::Unstable);
            }
        }
    }
    if eval.is_ordered {
        for input in eval.inputs.nodes() {
            eval.bind_to(input, Bond::Sequence);
        }
    }
    // What is added to what was there before is more than one build gives.
    let grows = keeps_history(node);
    let boundary = |(output, Column { name, kind }): (&Output, &Column)| {
        let id = match is_exact(kind) {
            true => output.value.id,
            false => Tag::new("store").text(kind).id(output.value.id).end(),
        };
        let about = AboutColumn {
            name: output.name.clone().unwrap_or_else(|| name.as_str().into()),
            kind: stored(kind).into(),
            class: if grows { Class::Unstable } else { output.value.class },
            span: text.map.span_to_file(output.span),
            from: output.value.from.clone(),
        };
        ColumnIdentity::new(id, about)
    };
    let columns: Vec<ColumnIdentity> = relation.columns.iter().zip(kinds).map(boundary).collect();
    // What is stored as another type may be the same in two rows, and so may all that comes to what was
    // there before.
    let is_kept = |id: &Id| {
        let mut pairs = relation.columns.iter().zip(&columns);
        pairs.any(|(from, to)| from.value.id == *id && to.id == *id)
    };
    let is_key = |key: &&BTreeSet<Id>| !grows && key.iter().all(is_kept);
    let keys = relation.keys.iter().filter(is_key).cloned().collect();
    Identity {
        columns: Some(columns),
        rows: relation.rows(),
        rows_class: if grows { Class::Unstable } else { relation.class },
        order: relation.order.clone(),
        keys,
        over: relation.over.clone(),
        clauses: eval
            .clauses
            .iter()
            .map(|(word, id, span)| (*word, *id, text.map.span_to_file(*span)))
            .collect(),
        origins: eval.inputs.columns().into(),
        bonds: eval.bonds.into(),
        sites: eval.sites.into(),
        reads: eval.reads.into(),
        ..plain(Tag::new("node").text(node.kind.name).end(), fields)
    }
}

/// The text of a node's file, where anything of the node stands in braces.
fn file_with_braces<'p>(project: &'p Project, node: &Node) -> Option<&'p str> {
    if node.parameters.is_empty() {
        return None;
    }
    project.file(&node.path).map(|file| file.text.as_ref())
}

/// The values in a query that each run decides, with what is written in their place.
fn run_scoped(text: &MappedText, file: Option<&str>) -> Vec<RunScoped> {
    let Some(file) = file else { return Vec::new() };
    let is_scoped = |written: &str| {
        let sites = template::sites(written);
        sites.iter().any(|site| is_decided_by_run(slice(written, site.expression)))
    };
    let replaced = text.map.replaced().into_iter();
    let written = replaced.map(|(span, place)| (span, slice(file, place).to_owned()));
    written
        .filter(|(_, written)| is_scoped(written))
        .map(|(span, written)| RunScoped { span, written, is_seen: false })
        .collect()
}

/// Whether all that each run decides stands in literals, where its value changes nothing else.
fn all_seen(eval: &Eval<'_>) -> Result<(), String> {
    match eval.run_scoped.iter().find(|one| !one.is_seen) {
        Some(open) => Err(format!("`{}` stands for more than a value", open.written)),
        None => Ok(()),
    }
}

/// Moves what was found in a query to what was said before, with places in the file.
fn found_in(eval: &mut Eval<'_>, text: &MappedText, said: &mut (Vec<Site>, Vec<Read>)) {
    let site = |site: Site| Site { span: text.map.span_to_file(site.span), ..site };
    said.0.extend(eval.sites.drain(..).map(site));
    let read = |read: Read| Read { span: text.map.span_to_file(read.span), ..read };
    said.1.extend(eval.reads.drain(..).map(read));
}

fn parsed(
    asking: Asking<'_>,
    text: &MappedText,
) -> Result<Arc<seeknal_syntax::sql::tree::Query>, String> {
    match asking.binder.parse(&text.text) {
        Parsed::Tree(tree) => Ok(tree),
        Parsed::Wrong(wrong) => Err(wrong.message),
        Parsed::Unknown(reason) => Err(reason),
    }
}

/// The columns that the engine gives a query, with types as they are computed.
fn engine_columns(
    query: &Query,
    schemas: &Schemas,
    asking: Asking<'_>,
) -> Result<Vec<Column>, String> {
    let mut tables = bound::tables(query, schemas).0.ok_or("not every table is known")?;
    for Made { name, text, .. } in &query.before {
        let ask = Ask { sql: text.text.clone(), tables: Some(tables.clone()) };
        let Answer::Columns(columns) = asking.binder.bind(&ask) else {
            return Err(format!("`{name}` cannot be bound"));
        };
        tables.push(crate::binder::Table { schema: None, name: name.clone(), columns });
    }
    let ask = Ask { sql: query.text.text.clone(), tables: Some(tables) };
    match asking.binder.bind(&ask) {
        Answer::Columns(mut columns) => {
            named_apart(&mut columns);
            Ok(columns)
        }
        Answer::Wrong(wrong) => Err(wrong.message),
        Answer::Unknown(reason) => Err(reason),
    }
}

/// A node that cannot be seen through: its text and all that it may read.
fn opaque(
    project: &Project,
    (node, filled): (&Arc<Node>, Option<Id>),
    reason: &str,
    (schemas, found): (&Schemas, &Upstream<'_>),
) -> Identity {
    let made = made::columns(node);
    let without: &[&str] = if made.is_some() { &made::SAY_COLUMNS } else { &[] };
    let mut tag = Tag::new("opaque")
        .text(node.kind.name)
        .id(fields(node, &[FieldClass::Data], without))
        .maybe(node.sql.as_ref().map(|sql| sql.text.text.as_str()))
        .maybe(node.body.as_ref().map(|body| body.text.as_str()));
    if node.body.is_some() {
        // A function may call whatever stands in the other Python files.
        for file in project.files().filter(|file| file.path.ends_with(".py")) {
            tag = tag.text(&file.path).text(&file.text);
        }
    }
    let (tag, bonds, reads) = with_inputs(with(tag, filled), node, found);
    let rows = tag.end();
    let made = made.map(|made| {
        let column = |made: made::Made| {
            let id = Tag::new("opaque column").id(rows).id(made.id).end();
            ColumnIdentity::alone(id, (&made.name, ""), Class::Unstable, made.span)
        };
        made.into_iter().map(column).collect()
    });
    let columns = schemas.columns(&node.id).map(|columns| {
        let column = |column: &Column| {
            let id = Tag::new("opaque column").id(rows).text(&column.name).end();
            let called = (column.name.as_str(), column.kind.as_str());
            ColumnIdentity::alone(id, called, Class::Unstable, node.name_span)
        };
        columns.iter().map(column).collect()
    });
    let fields = Tag::new("kind").text(node.kind.name).end();
    Identity {
        columns: columns.or(made),
        rows_class: Class::Unstable,
        bonds: bonds.into(),
        reads: reads.into(),
        opaque: Some(reason.to_owned()),
        said: filled.unwrap_or(fields),
        ..plain(rows, fields)
    }
}

/// Adds all that a node may read, of which it must see the very objects that are served.
fn with_inputs(
    mut tag: Tag,
    node: &Node,
    found: &Upstream<'_>,
) -> (Tag, BTreeMap<NodeId, Bond>, Vec<Read>) {
    let (mut bonds, mut reads) = (BTreeMap::new(), Vec::new());
    for (id, input) in inputs(node, found) {
        tag = tag.number(usize::from(input.is_some()));
        let Some(input) = input else { continue };
        tag = tag.id(input.output());
        bonds.insert(id.clone(), Bond::Unstable);
        let at = node.references.iter().find(|one| one.id == id).map(|one| one.span);
        let span = at.unwrap_or(node.name_span);
        reads.push(Read { node: id, column: None, span, clause: Clause::None });
    }
    (tag, bonds, reads)
}

/// A node that yields no rows: what it says, and what it reads of its inputs.
fn without_rows((node, filled): (&Arc<Node>, Option<Id>), found: &Upstream<'_>) -> Identity {
    let classes = [FieldClass::Data, FieldClass::Check, FieldClass::Target];
    let tag = Tag::new("without rows").text(node.kind.name).id(fields(node, &classes, &[]));
    let (tag, bonds, reads) = with_inputs(with(tag, filled), node, found);
    let fields = Tag::new("kind").text(node.kind.name).end();
    Identity {
        bonds: bonds.into(),
        reads: reads.into(),
        columns: Some(Vec::new()),
        said: filled.unwrap_or(fields),
        ..plain(tag.end(), fields)
    }
}

fn declared_at(node: &Node, name: &str) -> Span {
    let entries = node.field("columns").map(yaml::merged).unwrap_or_default();
    let is = |key: &Yaml| *key == Yaml::Text(name.to_owned());
    let entry = entries.iter().find(|(key, _)| is(key));
    entry.map_or(node.name_span, |(_, entry)| entry.key.span)
}
