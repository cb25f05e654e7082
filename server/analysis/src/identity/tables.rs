//! Tables, table functions and VALUES as rows with named columns.

use super::clauses::Clause;
use super::eval::{Bond, Eval, Opaque, renamed};
use super::expr::At;
use super::from::{Region, leaf_of, rows_of};
use super::id::Tag;
use super::scope::{Item, Landing, Look, Scope, ScopeColumn, Site};
use super::value::{Class, Value};
use seeknal_syntax::sql::tree::{Call, Expr, TableRef};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Eval<'_> {
    pub(crate) fn named(&mut self, parts: &[String], table: &TableRef) -> Result<Region, Opaque> {
        let (schema, name) = match parts {
            [name] => (None, name.to_lowercase()),
            [schema, name] => (Some(schema.to_lowercase()), name.to_lowercase()),
            _ => return Err(format!("the table {}", parts.join("."))),
        };
        let alias = table.alias.clone().or_else(|| parts.last().cloned());
        let own_schema = if table.alias.is_some() { None } else { schema.clone() };
        let known = self.named.iter().rev().find(|one| schema.is_none() && one.name == name);
        if let Some(known) = known {
            let mut relation = known.relation.clone();
            self.raised |= known.raises;
            // What follows the order of rows may see those of a named query in another order than
            // those of a subquery in its place.
            let tag = || Tag::new("named").text(&format!("{:?}", known.hint));
            if relation.class == Class::Unstable || self.rigid > 0 {
                relation.base = tag().id(relation.rows()).end();
                relation.filters.clear();
            }
            // Each reading of such a value may give something else, and a hint decides whether it does.
            for column in &mut relation.columns {
                if column.value.class == Class::Unstable {
                    column.value = column.value.seen_as(tag());
                }
            }
            renamed(&mut relation, &table.columns)?;
            return Ok(leaf_of(relation, None, (alias, None)));
        }
        let Some((id, mut relation)) = self.inputs.read(schema.as_deref(), &name) else {
            return Err(format!("the table {}", parts.join(".")));
        };
        let names: Vec<Option<Arc<str>>> =
            relation.columns.iter().map(|column| column.name.clone()).collect();
        renamed(&mut relation, &table.columns)?;
        self.note(vec![(id.clone(), None)], table.span, Clause::From);
        if !table.columns.is_empty() {
            // Names given by place mean whatever stands there.
            let places = names.iter().flatten().take(table.columns.len());
            let keys = places.map(|name| name.to_lowercase()).collect();
            let name = alias.clone().unwrap_or_default();
            self.sites.push(Site {
                span: table.span,
                name: name.into(),
                landing: Landing::Places(keys),
            });
        }
        if relation.class == Class::Unstable {
            self.bind_to(&id, Bond::Unstable);
        }
        relation.over = Some(id.clone());
        let mut leaf = leaf_of(relation, Some(id), (alias, own_schema));
        for item in &mut leaf.items {
            for (column, name) in item.columns.iter_mut().zip(&names) {
                column.origin.clone_from(name);
            }
        }
        Ok(leaf)
    }

    pub(crate) fn function(
        &mut self,
        call: &Call,
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Region, Opaque> {
        let column = match call.name.as_str() {
            name @ ("range" | "generate_series" | "unnest") => name,
            other => return Err(format!("the table function {other}()")),
        };
        if call.arguments.iter().any(|argument| argument.alias.is_some()) {
            return Err(format!("{column}() with options"));
        }
        let empty = Scope::default();
        let scope = outer.unwrap_or(&empty);
        let at = At { scope, rows: rows_of(Class::Exact), look: Look::Columns };
        let arguments = self.exprs(&call.arguments, at)?;
        let class = arguments.iter().map(|one| one.class).max().unwrap_or_default();
        let base = Tag::new("table function").text(column).ids(arguments.iter().map(|one| one.id));
        let base = base.end();
        let mut value = Value::new(Tag::new("made").id(base).end()).made_of(&arguments);
        value.lossy = arguments.iter().any(|one| one.lossy);
        let name = table.columns.first().cloned().unwrap_or_else(|| column.to_owned());
        let columns =
            vec![ScopeColumn { name: Some(name.into()), value, origin: None, is_merged: false }];
        let alias = table.alias.clone().or_else(|| Some(column.to_owned()));
        let items = vec![Item { name: alias, schema: None, columns, node: None }];
        Ok(Region {
            base,
            filters: BTreeSet::new(),
            class,
            items,
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        })
    }

    pub(crate) fn values(
        &mut self,
        rows: &[Vec<Expr>],
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Region, Opaque> {
        let empty = Scope::default();
        let scope = outer.unwrap_or(&empty);
        let at = At { scope, rows: rows_of(Class::Exact), look: Look::Columns };
        let mut columns: Vec<Vec<Value>> = Vec::new();
        for row in rows {
            let cells = self.exprs(row, at)?;
            columns.resize_with(cells.len().max(columns.len()), Vec::new);
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        let named = |(place, cells): (usize, &Vec<Value>)| {
            let tag = Tag::new("cells").ids(cells.iter().map(|cell| cell.id));
            let mut value = Value::new(tag.end()).made_of(cells);
            let first = cells.first().and_then(|cell| cell.kind.clone());
            if cells.iter().all(|cell| cell.kind == first) {
                value.kind = first;
                value.lossy = cells.iter().any(|cell| cell.lossy);
            }
            let name = table.columns.get(place).cloned().unwrap_or_else(|| format!("col{place}"));
            ScopeColumn { name: Some(name.into()), value, origin: None, is_merged: false }
        };
        let columns: Vec<ScopeColumn> = columns.iter().enumerate().map(named).collect();
        let class = Class::Exact;
        let base = Tag::new("values").number(rows.len()).end();
        let items = vec![Item { name: table.alias.clone(), schema: None, columns, node: None }];
        Ok(Region {
            base,
            filters: BTreeSet::new(),
            class,
            items,
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        })
    }
}
