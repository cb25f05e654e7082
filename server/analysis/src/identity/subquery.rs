//! Subqueries as values.

use super::eval::{Eval, Opaque};
use super::expr::At;
use super::functions::{Nature, canonical, nature};
use super::id::Tag;
use super::items::aggregates;
use super::rules;
use super::value::Value;
use seeknal_syntax::sql::tree::{Expr, ExprKind, Query, Subquery};

impl Eval<'_> {
    pub(crate) fn subquery(
        &mut self,
        subquery: &Subquery,
        at: At<'_, '_>,
    ) -> Result<Value, Opaque> {
        let child = match &subquery.child {
            Some(child) => Some(self.expr(child, at)?),
            None => None,
        };
        let (relation, mut raises) =
            self.watched(|eval| eval.query(&subquery.query, Some(at.scope)));
        let relation = relation?;
        let mut class = relation.class;
        let mut tag = Tag::new("subquery")
            .text(&subquery.kind)
            .maybe(subquery.comparison.as_deref())
            .ids(child.iter().map(|one| one.id))
            .id(relation.rows());
        let is_test = subquery.kind == "EXISTS" || subquery.kind == "NOT_EXISTS";
        // Whether there is a row does not depend on what the row holds.
        if !is_test {
            for column in &relation.columns {
                class = class.max(column.value.class);
                if child.is_some() {
                    class = class.max(self.discretely(&column.value));
                }
                tag = tag.id(column.value.id).maybe(column.value.kind.as_deref());
            }
        }
        for value in child.iter() {
            class = class.max(self.discretely(value));
        }
        let columns = relation.columns.iter().map(|column| &column.value);
        let mut value = Value::new(tag.end()).made_of(columns.filter(|_| !is_test).chain(&child));
        value.class = class;
        match (relation.columns.as_slice(), &child) {
            (_, None) if is_test => value = value.of_kind("BOOLEAN"),
            ([only], Some(child)) => {
                raises |= child.raises || !rules::compares_safely(child, &only.value);
                value = value.of_kind("BOOLEAN");
            }
            ([only], None) => {
                // A second row is an error.
                raises |= !gives_one_row(&subquery.query);
                value.kind.clone_from(&only.value.kind);
                value.lossy = only.value.lossy;
            }
            (_, child) => {
                raises = true;
                if child.is_some() {
                    value = value.of_kind("BOOLEAN");
                }
            }
        }
        value.raises = raises;
        Ok(value)
    }
}

/// Whether a query has exactly one row, whatever it reads: it aggregates everything.
fn gives_one_row(query: &Query) -> bool {
    let Query::Select(select) = query else { return false };
    let groups = &select.groups;
    let modifiers = &select.modifiers;
    groups.exprs.is_empty()
        && groups.sets.is_empty()
        && !groups.all
        && select.having.is_none()
        && select.qualify.is_none()
        && modifiers.limit.is_none()
        && select.items.iter().any(aggregates)
        // A list that is taken apart gives as many rows as it has elements.
        && !select.items.iter().any(takes_apart)
}

fn takes_apart(item: &Expr) -> bool {
    matches!(&item.kind, ExprKind::Call(call)
        if nature(canonical(&call.name), call.arguments.len()) == Some(Nature::SetReturning))
}
