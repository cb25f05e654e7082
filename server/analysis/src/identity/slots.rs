//! Leaves of FROM side by side: each has a slot, and what is computed of one of them alone is the same whether it was
//! computed in there or beside the others.

use super::eval::Eval;
use super::expr::At;
use super::functions::{Nature, canonical, nature};
use super::id::{Id, Tag};
use super::value::Value;
use seeknal_syntax::sql::tree::{Expr, ExprKind};
use seeknal_syntax::sql::walk::{self, Part};
use std::collections::BTreeSet;

/// What is computed of a leaf of FROM, beside what is computed of others.
pub(crate) fn of_slot(id: Id, number: usize) -> Id {
    Tag::new("slot").number(number).id(id).end()
}

impl Value {
    /// The same value of a leaf of FROM, beside those of others.
    pub(crate) fn of_slot(&self, number: usize) -> Value {
        let parts = self.parts.iter().map(|part| of_slot(*part, number)).collect();
        let inside = Some((number, self.id));
        Value { id: of_slot(self.id, number), parts, inside, ..self.clone() }
    }
}

impl Eval<'_> {
    /// The leaf of FROM from which alone an expression is computed.
    pub(crate) fn only_slot(&self, expr: &Expr, at: At<'_, '_>) -> Option<usize> {
        let is_made = !matches!(expr.kind, ExprKind::Column(_) | ExprKind::Constant { .. });
        let mut columns = at.scope.items.iter().flat_map(|item| &item.columns);
        let may_be = is_made && self.rigid == 0 && self.within.is_none();
        if !may_be || !columns.any(|column| column.value.inside.is_some()) {
            return None;
        }
        let (mut slots, mut is_plain) = (BTreeSet::new(), true);
        walk::expr(expr, &mut |part| match part {
            Part::Expr(Expr { kind: ExprKind::Column(parts), .. }) => {
                let found = at.scope.find(parts, at.look).ok().and_then(|found| found.value.inside);
                is_plain &= found.is_some();
                slots.extend(found.map(|(number, _)| number));
            }
            Part::Expr(Expr { kind: ExprKind::Call(call), .. }) => {
                let nature = nature(canonical(&call.name), call.arguments.len());
                is_plain &= matches!(nature, Some(Nature::Scalar(_)));
            }
            Part::Expr(Expr { kind, .. }) => {
                is_plain &= matches!(
                    kind,
                    ExprKind::Constant { .. }
                        | ExprKind::Operator(..)
                        | ExprKind::Cast { .. }
                        | ExprKind::Case(..)
                );
            }
            _ => is_plain = false,
        });
        slots.pop_first().filter(|_| is_plain && slots.is_empty())
    }
}
