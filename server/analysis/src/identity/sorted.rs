//! What sorting does to values: DuckDB makes a column that it sorts by anew from its sort key, and a
//! fraction comes back with one zero where there were two. `-0.0` goes in, `0.0` comes out.

use super::id::{Id, Tag};
use super::items::Item;
use super::scope::{Look, Scope};
use super::value::{Output, is_lossy};
use seeknal_syntax::sql::tree::{Expr, ExprKind, Select, Window};
use seeknal_syntax::sql::walk::{self, Part};
use std::collections::BTreeSet;

/// Whether values of a type may be equal and differ, so that sorting by them may change them. A type
/// that is not known may be any.
pub(crate) fn may_change(kind: Option<&str>) -> bool {
    kind.is_none_or(|kind| {
        let kind = kind.to_ascii_uppercase();
        is_lossy(&kind) || ["DOUBLE", "FLOAT", "REAL"].iter().any(|one| kind.contains(one))
    })
}

/// Columns by which the rows are sorted, as they come out.
pub(crate) fn by_order(outputs: &mut [Output], ordered_by: &BTreeSet<Id>) {
    for output in outputs {
        if ordered_by.contains(&output.value.id) && may_change(output.value.kind.as_deref()) {
            output.value = output.value.seen_as(Tag::new("sorted by itself"));
        }
    }
}

/// The names of columns that the windows of a block sort by, where sorting may change them.
pub(crate) fn by_windows(select: &Select, scope: &Scope<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let order = select.modifiers.order.iter().map(|term| &term.expr);
    for expr in select.items.iter().chain(&select.qualify).chain(order) {
        walk::expr(expr, &mut |part| {
            if let Part::Expr(Expr { kind: ExprKind::Window(window), .. }) = part {
                keys(window).for_each(|key| changed(key, scope, &mut names));
            }
        });
    }
    names
}

fn keys(window: &Window) -> impl Iterator<Item = &Expr> {
    window.partitions.iter().chain(window.order.iter().map(|term| &term.expr))
}

/// Adds the names in a key, unless it is a column that comes out as it went in.
fn changed(key: &Expr, scope: &Scope<'_>, names: &mut BTreeSet<String>) {
    if let ExprKind::Column(parts) = &key.kind
        && let Ok(found) = scope.find(parts, Look::Columns)
        && found.rest == 0
        && !may_change(found.value.kind.as_deref())
    {
        return;
    }
    walk::expr(key, &mut |part| {
        if let Part::Expr(Expr { kind: ExprKind::Column(parts), .. }) = part {
            names.extend(column(parts, scope));
        }
    });
}

/// The name of the column in a name of several parts: behind the table's, before those of fields.
fn column(parts: &[String], scope: &Scope<'_>) -> Option<String> {
    let rest = scope.find(parts, Look::Columns).map_or(0, |found| found.rest);
    let place = parts.len().checked_sub(rest + 1)?;
    parts.get(place).map(|part| part.to_lowercase())
}

/// Columns that speak of what windows sort by, as they come out beside these windows.
pub(crate) fn beside_windows(
    outputs: &mut [Output],
    items: &[Item<'_>],
    (scope, names): (&Scope<'_>, &BTreeSet<String>),
) {
    for (output, item) in outputs.iter_mut().zip(items) {
        let mut speaks = false;
        match item.expr() {
            Some(expr) => walk::expr(expr, &mut |part| {
                if let Part::Expr(Expr { kind: ExprKind::Column(parts), .. }) = part {
                    speaks |= column(parts, scope).is_some_and(|name| names.contains(&name));
                }
            }),
            None => {
                speaks =
                    output.name.as_ref().is_some_and(|name| names.contains(&name.to_lowercase()));
            }
        }
        if speaks && may_change(output.value.kind.as_deref().filter(|_| item.expr().is_none())) {
            let tag = names.iter().fold(Tag::new("beside windows"), |tag, name| tag.text(name));
            output.value = output.value.seen_as(tag);
        }
    }
}
