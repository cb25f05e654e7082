//! FROM as rows with named columns.
//!
//! Inner and cross joins of one block are one region: its leaves in order, and the conditions of all
//! joins pooled with WHERE. Every other join is a leaf of its own.

use super::clauses::Clause;
use super::eval::{Eval, Opaque, renamed};
use super::expr::{At, Rows};
use super::id::{Id, Tag};
use super::join::part_of;
use super::scope::{Item, Look, Merged, Scope, ScopeColumn};
use super::select::conjuncts;
use super::slots::of_slot;
use super::value::{Class, Relation, Value, filtered};
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{Join, JoinCondition, JoinKind, TableKind, TableRef};
use std::collections::BTreeSet;

/// The rows that a block starts from, and the names it may use.
pub(crate) struct Region {
    pub(crate) base: Id,
    pub(crate) filters: BTreeSet<Id>,
    pub(crate) class: Class,
    pub(crate) items: Vec<Item>,
    pub(crate) merged: Vec<Merged>,
    pub(crate) keys: Vec<BTreeSet<Id>>,
    pub(crate) over: Option<NodeId>,
}

impl Region {
    /// No FROM: one row.
    pub(crate) fn nothing() -> Region {
        Region {
            base: Tag::new("one row").end(),
            filters: BTreeSet::new(),
            class: Class::Exact,
            items: Vec::new(),
            merged: Vec::new(),
            keys: Vec::new(),
            over: None,
        }
    }

    pub(crate) fn rows(&self) -> Id {
        filtered(self.base, &self.filters)
    }
}

/// How many leaves a tree of inner joins has.
fn leaves(table: &TableRef) -> usize {
    match &table.kind {
        TableKind::Join(join) if is_inner(join) => leaves(&join.left) + leaves(&join.right),
        _ => 1,
    }
}

fn is_inner(join: &Join) -> bool {
    !join.asof && matches!(join.kind, JoinKind::Inner | JoinKind::Cross)
}

/// A region being built: its leaves so far.
struct Building<'p> {
    scope: Scope<'p>,
    rows: Vec<Id>,
    filters: BTreeSet<Id>,
    class: Class,
    conditions: Vec<Value>,
    /// Whether there is more than one leaf, so that columns say from which they are.
    many: bool,
}

impl Eval<'_> {
    pub(crate) fn region(
        &mut self,
        table: &TableRef,
        outer: Option<&Scope<'_>>,
    ) -> Result<Region, Opaque> {
        let many = leaves(table) > 1;
        if !many {
            return self.leaf(table, outer);
        }
        let scope = Scope { outer, clause: Clause::JoinOn, ..Scope::default() };
        let mut building = Building {
            scope,
            rows: Vec::new(),
            filters: BTreeSet::new(),
            class: Class::Exact,
            conditions: Vec::new(),
            many,
        };
        self.grow(table, &mut building)?;
        let Building { scope, rows, mut filters, mut class, conditions, .. } = building;
        let mut base = Tag::new("pairs").ids(rows).end();
        for condition in &conditions {
            class = class.max(self.discretely(condition));
        }
        if !conditions.is_empty() {
            self.pooled(&conditions, &mut base, &mut filters);
        }
        let Scope { items, merged, .. } = scope;
        Ok(Region { base, filters, class, items, merged, keys: Vec::new(), over: None })
    }

    /// Adds the leaves and conditions of a tree of inner joins.
    fn grow(&mut self, table: &TableRef, building: &mut Building<'_>) -> Result<(), Opaque> {
        match &table.kind {
            TableKind::Join(join) if is_inner(join) => {
                if table.alias.is_some() || table.sample.is_some() {
                    return Err("a join with a name or a sample".to_owned());
                }
                let start = building.scope.items.len();
                self.grow(&join.left, building)?;
                let middle = building.scope.items.len();
                self.grow(&join.right, building)?;
                self.meet(join, table.span, (start, middle), building)
            }
            _ => {
                let number = building.rows.len();
                let leaf = match &table.kind {
                    TableKind::Named(_) => self.leaf(table, None)?,
                    // What stands further left may be used, as with LATERAL.
                    _ => {
                        let before = building.scope.clone();
                        self.leaf(table, Some(&before))?
                    }
                };
                building.class = building.class.max(leaf.class);
                // A condition on the rows of one side is one on all pairs.
                if self.rigid == 0 {
                    let filters = leaf.filters.iter().map(|id| of_slot(*id, number));
                    building.filters.extend(filters);
                    building.rows.push(leaf.base);
                } else {
                    building.rows.push(leaf.rows());
                }
                let first = building.scope.items.len();
                let slot = |value: &Value| match building.many {
                    true => value.of_slot(number),
                    false => value.clone(),
                };
                building
                    .scope
                    .items
                    .extend(leaf.items.into_iter().map(|item| slotted(item, &slot)));
                building.scope.merged.extend(leaf.merged.into_iter().map(|merged| Merged {
                    value: slot(&merged.value),
                    place: (merged.place.0 + first, merged.place.1),
                    ..merged
                }));
                Ok(())
            }
        }
    }

    /// The condition under which the rows of an inner join meet.
    fn meet(
        &mut self,
        join: &Join,
        span: Span,
        (start, middle): (usize, usize),
        building: &mut Building<'_>,
    ) -> Result<(), Opaque> {
        let keys = self.keys(join, span, &building.scope, (start, middle))?;
        if let JoinCondition::On(on) = &join.condition {
            let visible = part_of(&building.scope, start);
            let at = At { scope: &visible, rows: rows_of(building.class), look: Look::Columns };
            building.conditions.extend(self.exprs(conjuncts(on), at)?);
        }
        for key in keys {
            let condition = self.merge(&mut building.scope, &key, (start, middle), join.kind)?;
            building.conditions.push(condition);
        }
        Ok(())
    }

    fn leaf(&mut self, table: &TableRef, outer: Option<&Scope<'_>>) -> Result<Region, Opaque> {
        if table.sample.is_some() {
            return Err("a sample".to_owned());
        }
        match &table.kind {
            TableKind::Named(parts) => self.named(parts, table),
            TableKind::Subquery(query) => {
                let empty = Scope::default();
                let mut relation = self.query(query, Some(outer.unwrap_or(&empty)))?;
                renamed(&mut relation, &table.columns)?;
                Ok(leaf_of(relation, None, (table.alias.clone(), None)))
            }
            TableKind::Function(call, false) => self.function(call, table, outer),
            TableKind::Function(..) => Err("WITH ORDINALITY".to_owned()),
            TableKind::Values(rows) => self.values(rows, table, outer),
            TableKind::Join(join) if table.alias.is_none() => self.join(join, table.span, outer),
            TableKind::Join(_) => Err("a join with a name".to_owned()),
            TableKind::Opaque(opaque) => Err(opaque.construct.clone()),
        }
    }
}

pub(crate) fn slotted(item: Item, slot: &dyn Fn(&Value) -> Value) -> Item {
    let column = |column: ScopeColumn| ScopeColumn { value: slot(&column.value), ..column };
    Item { columns: item.columns.into_iter().map(column).collect(), ..item }
}

pub(crate) fn leaf_of(
    relation: Relation,
    node: Option<NodeId>,
    (name, schema): (Option<String>, Option<String>),
) -> Region {
    let Relation { base, filters, class, columns, keys, over, .. } = relation;
    let columns = columns
        .into_iter()
        .map(|output| ScopeColumn {
            name: output.name,
            value: output.value,
            origin: None,
            is_merged: false,
        })
        .collect();
    let items = vec![Item { name, schema, columns, node }];
    Region { base, filters, class, items, merged: Vec::new(), keys, over }
}

/// Rows in places where no aggregate and no window can stand.
pub(crate) fn rows_of(class: Class) -> Rows<'static> {
    let none = Tag::new("no rows").end();
    Rows { grouped: none, windowed: none, class, keys: &[] }
}
