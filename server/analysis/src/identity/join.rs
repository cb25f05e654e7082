//! Joins: which rows meet, and what becomes of their columns.

use super::clauses::Clause;
use super::eval::{Eval, Opaque};
use super::expr::At;
use super::from::{Region, rows_of, slotted};
use super::id::{Id, Ids, Tag};
use super::rules;
use super::scope::{Landing, Look, Merged, Scope, ScopeColumn, Site};
use super::select::conjuncts;
use super::slots::of_slot;
use super::value::{Class, Value};
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{Expr, ExprKind, Join, JoinCondition, JoinKind};
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Eval<'_> {
    /// A join that is not simply all pairs for which something holds.
    pub(crate) fn join(
        &mut self,
        join: &Join,
        span: Span,
        outer: Option<&Scope<'_>>,
    ) -> Result<Region, Opaque> {
        if join.asof || join.kind == JoinKind::Positional {
            self.is_ordered = true;
        }
        let left = self.region(&join.left, outer)?;
        let left_scope = Scope {
            items: left.items.clone(),
            merged: left.merged.clone(),
            outer,
            clause: Clause::Join,
            ..Scope::default()
        };
        let right = self.region(&join.right, Some(&left_scope))?;
        let middle = left.items.len();
        let mut scope = both_sides(&left, &right, outer);
        let keys = self.keys(join, span, &scope, (0, middle))?;
        let mut conditions = Vec::new();
        if let JoinCondition::On(on) = &join.condition {
            let at = At { scope: &scope, rows: rows_of(Class::Exact), look: Look::Columns };
            conditions = self.exprs(conjuncts(on), at)?;
        }
        let plain = scope.clone();
        for key in &keys {
            conditions.push(self.merge(&mut scope, key, (0, middle), join.kind)?);
        }
        let mut class = left.class.max(right.class);
        for condition in &conditions {
            class = class.max(self.discretely(condition));
        }
        if join.asof || join.kind == JoinKind::Positional {
            class = Class::Unstable;
        }
        let ids = match self.rigid {
            0 => rules::sorted_operands(&conditions),
            _ => Ids::in_order(conditions.iter().map(|one| one.id)),
        };
        if join.kind == JoinKind::Left
            && !join.asof
            && self.rigid == 0
            && lookup(&plain, &conditions, join, &right, middle).is_some()
        {
            return Ok(looked_up(left, right, scope, &ids));
        }
        // A condition on the side of which every row is looked at may be asked before or behind the join; one on the
        // other side, before it or as the join's own.
        let is_behind = self.rigid == 0 && looks_at_all(join, &conditions);
        let (left_rows, right_rows, behind, ids) = match is_behind {
            true => {
                let own = conditions.iter().flat_map(Value::conditions);
                let ids = Ids::set(own.chain(right.filters.iter().map(|id| of_slot(*id, 1))));
                (left.base, right.base, left.filters.clone(), ids)
            }
            false => (left.rows(), right.rows(), BTreeSet::new(), ids),
        };
        let base =
            Tag::new("join").text(&word(join)).id(left_rows).id(right_rows).these(&ids).end();
        // A row that stays or goes is the row it was.
        if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
            return Ok(Region {
                base,
                filters: behind,
                class,
                items: left.items,
                merged: left.merged,
                keys: left.keys,
                over: None,
            });
        }
        null_supplied(&mut scope, join, &keys, middle);
        let Scope { items, merged, .. } = scope;
        let filters = behind.iter().map(|id| of_slot(*id, 0)).collect();
        Ok(Region { base, filters, class, items, merged, keys: Vec::new(), over: None })
    }

    /// The columns that USING or NATURAL name.
    pub(crate) fn keys(
        &mut self,
        join: &Join,
        span: Span,
        scope: &Scope<'_>,
        (start, middle): (usize, usize),
    ) -> Result<Vec<String>, Opaque> {
        match &join.condition {
            JoinCondition::Using(names) => Ok(names.clone()),
            JoinCondition::Natural => {
                let names = |from: usize, to: usize| -> Result<Vec<String>, Opaque> {
                    let items = scope.items.get(from..to).unwrap_or_default();
                    let columns = items.iter().flat_map(|item| &item.columns);
                    let name = |column: &ScopeColumn| {
                        let unknown = || "NATURAL over a name that the engine makes up".to_owned();
                        column.name.as_ref().map(|name| name.to_lowercase()).ok_or_else(unknown)
                    };
                    columns.filter(|column| !column.is_merged).map(name).collect()
                };
                let right = names(middle, scope.items.len())?;
                let mut keys = names(start, middle)?;
                keys.retain(|name| right.contains(name));
                let site =
                    Site { span, name: "NATURAL".into(), landing: Landing::Keys(keys.clone()) };
                self.sites.push(site);
                Ok(keys)
            }
            JoinCondition::On(_) | JoinCondition::None => Ok(Vec::new()),
        }
    }

    /// Makes one column of two that USING names, and says when they are equal.
    pub(crate) fn merge(
        &mut self,
        scope: &mut Scope<'_>,
        name: &str,
        (start, middle): (usize, usize),
        kind: JoinKind,
    ) -> Result<Value, Opaque> {
        let count = scope.items.len();
        let left_merged = scope.merged.iter().position(|one| {
            one.place.0 >= start && one.place.0 < middle && one.name.eq_ignore_ascii_case(name)
        });
        let right = only_column(scope, name, (middle, count))?;
        let left = match left_merged {
            Some(place) => scope.merged.get(place).map(|one| (one.place, one.value.clone())),
            None => {
                let place = only_column(scope, name, (start, middle))?;
                value_at(scope, place).map(|value| (place, value))
            }
        };
        let (Some((left_place, left)), Some(right_value)) = (left, value_at(scope, right)) else {
            return Err(format!("USING ({name})"));
        };
        for place in [left_place, right] {
            let reads = scope.items.get(place.0).and_then(|item| {
                let column = item.columns.get(place.1)?;
                Some((item.node.clone()?, column.known_as()))
            });
            self.note(reads.into_iter().collect(), Span::default(), Clause::JoinUsing);
        }
        let value = match kind {
            JoinKind::Right => right_value.clone(),
            JoinKind::Full => {
                let tag = Tag::new("operator").text("OPERATOR_COALESCE");
                let mut both = Value::new(tag.ids([left.id, right_value.id]).end())
                    .made_of([&left, &right_value]);
                both.lossy = left.lossy || right_value.lossy;
                if left.kind == right_value.kind {
                    both.kind.clone_from(&left.kind);
                }
                both
            }
            _ => left.clone(),
        };
        hide(scope, right);
        hide(scope, left_place);
        if let Some(place) = left_merged {
            scope.merged.remove(place);
        }
        let name = scope
            .items
            .get(left_place.0)
            .and_then(|item| item.columns.get(left_place.1)?.name.clone())
            .unwrap_or_else(|| name.into());
        scope.merged.push(Merged { name, value, place: left_place });
        let mut equal = Value::new(rules::comparison("COMPARE_EQUAL", &left, &right_value))
            .made_of([&left, &right_value])
            .of_kind("BOOLEAN");
        for side in [&left, &right_value] {
            equal.class = equal.class.max(self.discretely(side));
        }
        equal.raises =
            left.raises || right_value.raises || !rules::compares_safely(&left, &right_value);
        self.raised |= equal.raises;
        Ok(equal)
    }
}

/// Whether a join looks at every left row, under conditions that cannot fail.
fn looks_at_all(join: &Join, conditions: &[Value]) -> bool {
    matches!(join.kind, JoinKind::Left | JoinKind::Semi | JoinKind::Anti)
        && !join.asof
        && conditions.iter().all(rules::is_harmless_condition)
}

fn word(join: &Join) -> String {
    format!("{:?}{}", join.kind, if join.asof { " asof" } else { "" })
}

/// The names of both sides of a join, each column with the side it comes from.
fn both_sides<'p>(left: &Region, right: &Region, outer: Option<&'p Scope<'p>>) -> Scope<'p> {
    let side = |number: usize| move |value: &Value| value.of_slot(number);
    let mut scope = Scope { outer, clause: Clause::JoinOn, ..Scope::default() };
    let middle = left.items.len();
    for (region, number, first) in [(left, 0, 0), (right, 1, middle)] {
        let slot = side(number);
        scope.items.extend(region.items.iter().cloned().map(|item| slotted(item, &slot)));
        scope.merged.extend(region.merged.iter().map(|one| Merged {
            value: slot(&one.value),
            place: (one.place.0 + first, one.place.1),
            ..one.clone()
        }));
    }
    scope
}

/// Wraps the columns of sides that may have no row for the other.
fn null_supplied(scope: &mut Scope<'_>, join: &Join, keys: &[String], middle: usize) {
    let (left_null, right_null) = match join.kind {
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full | JoinKind::Positional => (true, true),
        _ => (false, false),
    };
    for (number, item) in scope.items.iter_mut().enumerate() {
        let nulls = if number < middle { left_null } else { right_null };
        if nulls {
            item.columns.iter_mut().for_each(|column| column.value = or_null(&column.value));
        }
    }
    for merged in &mut scope.merged {
        let nulls = match join.kind {
            // The side that names the key always has it; of both sides there is always one.
            JoinKind::Full | JoinKind::Right if keys.iter().any(|key| **key == *merged.name) => {
                false
            }
            _ if merged.place.0 < middle => left_null,
            _ => right_null,
        };
        if nulls {
            merged.value = or_null(&merged.value);
        }
    }
}

/// Where a LEFT JOIN finds at most one row for each: the right side is unique on exactly the columns
/// that are compared, and both sides of each comparison are of one type.
fn lookup(
    scope: &Scope<'_>,
    conditions: &[Value],
    join: &Join,
    right: &Region,
    middle: usize,
) -> Option<()> {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    let side = |place: (usize, usize)| place.0 < middle;
    let mut pair = |one: (usize, usize), two: (usize, usize)| {
        let (left, right) = if side(one) { (one, two) } else { (two, one) };
        let both = (value_at(scope, left)?, value_at(scope, right)?);
        (side(left) && !side(right)).then(|| pairs.push(both))
    };
    match &join.condition {
        JoinCondition::On(on) => {
            for part in conjuncts(on) {
                let ExprKind::Operator(name, operands) = &part.kind else { return None };
                let [one, two] = operands.as_slice() else { return None };
                if name != "COMPARE_EQUAL" {
                    return None;
                }
                pair(column_place(scope, one)?, column_place(scope, two)?)?;
            }
        }
        JoinCondition::Using(names) => {
            for name in names {
                let left = only_column(scope, name, (0, middle)).ok()?;
                let right = only_column(scope, name, (middle, scope.items.len())).ok()?;
                pair(left, right)?;
            }
        }
        _ => return None,
    }
    let is_sound = |(left, right): &(Value, Value)| rules::same_kind(left, right);
    if conditions.is_empty() || !pairs.iter().all(is_sound) {
        return None;
    }
    // The right side's keys are told in its own rows.
    let slot = |id: &Id| of_slot(*id, 1);
    let compared: BTreeSet<Id> = pairs.iter().map(|(_, right)| right.id).collect();
    let is_key = |key: &BTreeSet<Id>| key.iter().map(slot).collect::<BTreeSet<Id>>() == compared;
    (right.keys.iter().any(is_key) && right.class == Class::Exact).then_some(())
}

/// A LEFT JOIN that keeps every left row once: the right columns beside the rows, not in them.
fn looked_up(left: Region, right: Region, scope: Scope<'_>, condition: &Ids) -> Region {
    let middle = left.items.len();
    let found = Tag::new("found").id(right.rows()).these(condition).end();
    let look = |value: &Value| or_null(&value.seen_as(Tag::new("lookup").id(found)));
    let mut items = left.items;
    items.extend(right.items.into_iter().map(|item| slotted(item, &look)));
    // USING shows one of two columns: the left one, as it is in the left rows.
    let mut merged = left.merged;
    for one in scope.merged {
        let value = items
            .get(one.place.0)
            .and_then(|item| item.columns.get(one.place.1))
            .map(|column| column.value.clone());
        if let Some(value) = value.filter(|_| one.place.0 < middle)
            && !merged.iter().any(|known| known.place == one.place)
        {
            merged.push(Merged { value, ..one });
        }
    }
    for (number, item) in scope.items.iter().enumerate() {
        for (place, column) in item.columns.iter().enumerate().filter(|(_, one)| one.is_merged) {
            if let Some(own) = items.get_mut(number).and_then(|item| item.columns.get_mut(place)) {
                own.is_merged = column.is_merged;
            }
        }
    }
    Region {
        base: left.base,
        filters: left.filters,
        class: left.class.max(right.class),
        items,
        merged,
        keys: left.keys,
        over: None,
    }
}

/// The item and the column that a bare or qualified name means.
fn column_place(scope: &Scope<'_>, expr: &Expr) -> Option<(usize, usize)> {
    let ExprKind::Column(parts) = &expr.kind else { return None };
    let is =
        |one: Option<&str>, name: &String| one.is_some_and(|one| one.eq_ignore_ascii_case(name));
    let mut found = None;
    for (number, item) in scope.items.iter().enumerate() {
        for (place, column) in item.columns.iter().enumerate() {
            let hit = match parts.as_slice() {
                [name] => is(column.name.as_deref(), name),
                [table, name] => {
                    is(item.name.as_deref(), table) && is(column.name.as_deref(), name)
                }
                _ => return None,
            };
            if hit {
                if found.is_some() {
                    return None;
                }
                found = Some((number, place));
            }
        }
    }
    found
}

fn only_column(
    scope: &Scope<'_>,
    name: &str,
    (from, to): (usize, usize),
) -> Result<(usize, usize), Opaque> {
    let mut found = None;
    for number in from..to {
        let columns =
            scope.items.get(number).map(|item| item.columns.as_slice()).unwrap_or_default();
        for (place, column) in columns.iter().enumerate() {
            let is = column.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
            if is && !column.is_merged {
                if found.is_some() {
                    return Err(format!("`{name}` may mean several columns"));
                }
                found = Some((number, place));
            }
        }
    }
    found.ok_or_else(|| format!("USING ({name})"))
}

fn value_at(scope: &Scope<'_>, (item, column): (usize, usize)) -> Option<Value> {
    scope.items.get(item)?.columns.get(column).map(|column| column.value.clone())
}

fn hide(scope: &mut Scope<'_>, (item, column): (usize, usize)) {
    if let Some(column) = scope.items.get_mut(item).and_then(|item| item.columns.get_mut(column)) {
        column.is_merged = true;
    }
}

/// What the left side of a join may not see hidden: the items from one on.
pub(crate) fn part_of<'s, 'p>(scope: &'s Scope<'p>, start: usize) -> Cow<'s, Scope<'p>> {
    if start == 0 && scope.clause == Clause::JoinOn {
        return Cow::Borrowed(scope);
    }
    let mut part = scope.clone();
    for item in part.items.iter_mut().take(start) {
        item.columns.clear();
        item.name = None;
    }
    part.merged.retain(|merged| merged.place.0 >= start);
    part.clause = Clause::JoinOn;
    Cow::Owned(part)
}

/// A value that is NULL where there is no row for it, constants included.
fn or_null(value: &Value) -> Value {
    Value { literal: None, ..value.seen_as(Tag::new("or null")) }
}
