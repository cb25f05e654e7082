//! GROUP BY.

use super::clauses::Clause;
use super::eval::{Eval, Opaque};
use super::expr::At;
use super::id::{Id, Ids, Tag};
use super::items::{Item, aggregates};
use super::scope::{Look, Scope};
use super::select::{Stage, ordinal, rows_at};
use super::value::Value;
use seeknal_syntax::sql::tree::{ExprKind, Select};

impl Eval<'_> {
    /// GROUP BY. Gives the rows that go into groups, if there are any groups.
    pub(crate) fn grouped(
        &mut self,
        select: &Select,
        items: &[Item<'_>],
        scope: &mut Scope<'_>,
        stage: &mut Stage,
    ) -> Result<Option<Id>, Opaque> {
        let groups = &select.groups;
        let has_keys = groups.all || !groups.exprs.is_empty() || !groups.sets.is_empty();
        let aggregates = items.iter().any(Item::aggregates)
            || select.having.is_some()
            || select
                .qualify
                .iter()
                .chain(select.modifiers.order.iter().map(|term| &term.expr))
                .any(aggregates);
        if !has_keys && !aggregates {
            return Ok(None);
        }
        scope.clause = Clause::GroupBy;
        let before = stage.rows();
        let rows = rows_at(stage, None);
        let mut keys: Vec<Value> = Vec::new();
        if groups.all {
            for item in items.iter().filter(|item| !item.aggregates()) {
                keys.push(self.item(item, At { scope, rows, look: Look::Columns })?);
            }
        }
        for expr in &groups.exprs {
            let by_alias = |name: &str| items.iter().find(|item| item.is_called(name));
            let value = match (ordinal(expr), &expr.kind) {
                (Some(place), _) => {
                    let item = items.get(place.wrapping_sub(1));
                    let item = item.ok_or_else(|| "GROUP BY a place that is none".to_owned())?;
                    self.item(item, At { scope, rows, look: Look::Columns })?
                }
                (None, ExprKind::Column(parts)) => {
                    let at = At { scope, rows, look: Look::Columns };
                    // A column comes before an output name.
                    let is_column = scope.find(parts, Look::Columns).is_ok();
                    match parts.as_slice() {
                        [name] if !is_column => match by_alias(name) {
                            Some(item) => self.item(item, at)?,
                            None => self.expr(expr, at)?,
                        },
                        _ => self.expr(expr, at)?,
                    }
                }
                _ => self.expr(expr, At { scope, rows, look: Look::Columns })?,
            };
            keys.push(value);
        }
        for key in &keys {
            let class = self.as_key(key);
            // Two zeros are one key.
            stage.class = stage.class.max(class);
        }
        let only_constants = keys.iter().all(|key| key.literal.is_some());
        let is_global = !has_keys || (groups.all && only_constants);
        let is_plain = groups.sets.len() <= 1;
        // A constant beside another key tells no group from another. Alone it does: over no rows there is none.
        if is_plain && self.rigid == 0 && !only_constants {
            keys.retain(|key| key.literal.is_none());
        }
        let ids = keys.iter().map(|key| key.id);
        let ids = match is_plain && self.rigid == 0 {
            true => Ids::set(ids),
            false => Ids::in_order(ids),
        };
        let sets = if is_plain { String::new() } else { format!("{:?}", groups.sets) };
        let word = if is_global { "one group" } else { "groups" };
        stage.seal(one_of_each(word, before, &ids, &sets));
        stage.keys = if is_plain { vec![ids.all().iter().copied().collect()] } else { Vec::new() };
        Ok(Some(before))
    }
}

/// One row for each group.
pub(crate) fn one_of_each(word: &str, before: Id, keys: &Ids, sets: &str) -> Id {
    Tag::new("group").text(word).id(before).these(keys).text(sets).end()
}
