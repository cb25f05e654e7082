//! Queries as relations: what each column is, and what decides which rows there are.

use super::clauses::Clause;
use super::id::{Id, Tag};
use super::inputs::Inputs;
use super::scope::{Read, Scope, Site};
use super::select::comes_back;
use super::value::{Class, Relation, Value};
use crate::binder::Column;
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use seeknal_syntax::sql::tree::{Cte, Distinct, Query, SetKind, SetOperation};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why a query cannot be seen through.
pub(crate) type Opaque = String;

/// Why a node must be built whenever an input was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bond {
    /// The order of the input's rows decides what it yields.
    Sequence,
    /// It uses a sum of fractions in a comparison, a key or a text.
    Digits,
    /// It reads what is different after each build.
    Unstable,
}

/// A named subquery, or what was made before the query.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) relation: Relation,
    /// What was said of making it once or each time.
    pub(crate) hint: Option<bool>,
    /// Whether carrying it out can fail.
    pub(crate) raises: bool,
}

/// A value in the text of a query that each run decides.
#[derive(Clone, Debug)]
pub(crate) struct RunScoped {
    pub(crate) span: Span,
    /// What is written in its place.
    pub(crate) written: String,
    /// Whether it was met as part of a literal.
    pub(crate) is_seen: bool,
}

/// What is found on the way through a query.
pub(crate) struct Eval<'a> {
    /// What it may read.
    pub(crate) inputs: &'a Inputs,
    /// The node's name for its unstable calls.
    pub(crate) lineage: Id,
    pub(crate) unstable_calls: usize,
    pub(crate) named: Vec<Named>,
    pub(crate) sites: Vec<Site>,
    pub(crate) reads: Vec<Read>,
    pub(crate) bonds: BTreeMap<NodeId, Bond>,
    /// Whether something depends on the order of rows.
    pub(crate) is_ordered: bool,
    /// How many blocks around hold something that is not the same each time.
    pub(crate) rigid: usize,
    /// The leaf of FROM in whose own rows an expression is looked at.
    pub(crate) within: Option<usize>,
    /// Whether anything that was looked at can fail.
    pub(crate) raised: bool,
    /// The columns of inputs, by number, that the output column which is looked at has named so far, in whatever clause of it.
    pub(crate) touched: BTreeSet<u32>,
    /// The query that is looked at.
    pub(crate) sql: &'a str,
    /// Values in the text that each run decides.
    pub(crate) run_scoped: Vec<RunScoped>,
    /// The clauses of the outermost query, each with what it decides.
    pub(crate) clauses: Vec<(Clause, Id, Span)>,
    /// The types of the outermost query's columns, as the engine gives them.
    pub(crate) kinds: Option<&'a [Column]>,
}

impl Eval<'_> {
    pub(crate) fn bind_to(&mut self, node: &NodeId, bond: Bond) {
        let known = self.bonds.entry(node.clone()).or_insert(bond);
        *known = (*known).max(bond);
    }

    /// A query inside `outer`, or the outermost one.
    pub(crate) fn query(
        &mut self,
        query: &Query,
        outer: Option<&Scope<'_>>,
    ) -> Result<Relation, Opaque> {
        let kinds = if outer.is_none() { self.kinds.take() } else { None };
        match query {
            Query::Select(select) => self.select(select, outer, kinds),
            Query::Set(set) => self.set(set, outer, kinds),
            Query::Recursive(_) => Err("a recursive query".to_owned()),
            Query::Opaque(opaque) => Err(opaque.construct.clone()),
        }
    }

    /// Named subqueries become known for as long as `then` runs.
    pub(crate) fn with_ctes<T>(
        &mut self,
        ctes: &[Cte],
        outer: Option<&Scope<'_>>,
        then: impl FnOnce(&mut Self) -> Result<T, Opaque>,
    ) -> Result<T, Opaque> {
        let before = self.named.len();
        for cte in ctes {
            // Its own scope is that of the block around; it is not the outermost query.
            let empty = Scope::default();
            let (relation, raises) =
                self.watched(|eval| eval.query(&cte.query, Some(outer.unwrap_or(&empty))));
            let mut relation = relation?;
            relation.order.clear();
            renamed(&mut relation, &cte.columns)?;
            let name = cte.name.name.to_lowercase();
            let hint = cte.materialized;
            self.named.push(Named { name, relation, hint, raises });
        }
        let result = then(self);
        self.named.truncate(before);
        result
    }

    /// What `look` gives, and whether anything that it looked at can fail.
    pub(crate) fn watched<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = std::mem::take(&mut self.raised);
        let found = look(self);
        let raises = self.raised;
        self.raised |= before;
        (found, raises)
    }

    fn set(
        &mut self,
        set: &SetOperation,
        outer: Option<&Scope<'_>>,
        kinds: Option<&[Column]>,
    ) -> Result<Relation, Opaque> {
        self.with_ctes(&set.modifiers.ctes, outer, |eval| {
            let empty = Scope::default();
            let inside = Some(outer.unwrap_or(&empty));
            let left = eval.operand(set, &set.left, inside)?;
            let right = eval.operand(set, &set.right, inside)?;
            let relation = eval.united(set, left, right, kinds)?;
            eval.finished(relation, &set.modifiers, outer)
        })
    }

    /// An operand. Where one of each kind is left in the end it does not matter whether it was one before.
    fn operand(
        &mut self,
        set: &SetOperation,
        query: &Query,
        outer: Option<&Scope<'_>>,
    ) -> Result<Relation, Opaque> {
        let start = self.found_so_far();
        let own = self.query(query, outer)?;
        let Query::Select(select) = query else { return Ok(own) };
        if set.all || self.rigid > 0 || select.modifiers.distinct != Some(Distinct::All) {
            return Ok(own);
        }
        let mut all = select.clone();
        all.modifiers.distinct = None;
        let all = self.once_more(&start, |eval| eval.query(&Query::Select(all), outer))?;
        let is_plain = all.class == Class::Exact && all.columns.iter().all(comes_back);
        Ok(if is_plain { all } else { own })
    }

    fn united(
        &mut self,
        set: &SetOperation,
        left: Relation,
        right: Relation,
        kinds: Option<&[Column]>,
    ) -> Result<Relation, Opaque> {
        if set.by_name {
            return Err("UNION BY NAME".to_owned());
        }
        if left.columns.len() != right.columns.len() {
            return Err("operands of different width".to_owned());
        }
        let word = match (set.kind, set.all) {
            (SetKind::Union, true) => "union all",
            (SetKind::Union, false) => "union",
            (SetKind::Intersect, true) => "intersect all",
            (SetKind::Intersect, false) => "intersect",
            (SetKind::Except, true) => "except all",
            (SetKind::Except, false) => "except",
        };
        let keeps_all = word == "union all";
        let mut class = left.class.max(right.class);
        let mut rows = Tag::new("set").text(word).id(left.rows()).id(right.rows());
        let mut columns = Vec::new();
        for (place, (one, two)) in left.columns.iter().zip(&right.columns).enumerate() {
            let tag = Tag::new("operands")
                .text(word)
                .id(one.value.id)
                .id(two.value.id)
                .maybe(one.value.kind.as_deref())
                .maybe(two.value.kind.as_deref());
            let mut value = Value::new(tag.end()).made_of([&one.value, &two.value]);
            value.raises = one.value.raises || two.value.raises;
            value.lossy = one.value.lossy || two.value.lossy;
            if one.value.kind == two.value.kind {
                value.kind.clone_from(&one.value.kind);
            }
            self.raised |= value.kind.is_none();
            if let Some(column) = kinds.and_then(|kinds| kinds.get(place)) {
                value = value.of_kind(&column.kind);
            }
            let mut output = super::value::Output { value: value.clone(), ..one.clone() };
            if !keeps_all {
                super::select::as_key_column(&mut output);
                rows = rows.id(one.value.id).id(two.value.id);
                class = class.max(self.as_key(&value));
            }
            columns.push(output);
        }
        let keys = match word {
            "union" | "intersect" | "except" => {
                vec![columns.iter().map(|column| column.value.id).collect::<BTreeSet<Id>>()]
            }
            _ => Vec::new(),
        };
        let base = rows.end();
        let filters = BTreeSet::new();
        Ok(Relation { base, filters, class, columns, order: Vec::new(), keys, over: None })
    }

    /// What a value makes of rows when it decides which of them are one: equal values that differ, and
    /// fractions with varying digits, leave it open which row stays.
    pub(crate) fn as_key(&mut self, value: &Value) -> Class {
        let class = self.discretely(value);
        if value.lossy {
            self.is_ordered = true;
            return Class::Unstable;
        }
        class
    }

    /// What a value makes of rows when they are chosen by it.
    pub(crate) fn discretely(&mut self, value: &Value) -> Class {
        let bond = match value.class {
            Class::Exact => return Class::Exact,
            Class::Float => Bond::Digits,
            Class::Unstable => Bond::Unstable,
        };
        for node in &value.loose {
            self.bind_to(node, bond);
        }
        Class::Unstable
    }

    /// A value of the node's that is different each time it is asked for.
    pub(crate) fn unstable_call(&mut self, what: Id) -> Value {
        let number = self.unstable_calls;
        self.unstable_calls += 1;
        let mut value =
            Value::new(Tag::new("call of its own").id(self.lineage).number(number).id(what).end());
        value.class = Class::Unstable;
        value
    }

    /// Takes down that columns of inputs are read.
    pub(crate) fn note(
        &mut self,
        reads: Vec<(NodeId, Option<Arc<str>>)>,
        span: Span,
        clause: Clause,
    ) {
        let read = |(node, column)| Read { node, column, span, clause };
        self.reads.extend(reads.into_iter().map(read));
    }
}

/// New names for the columns of a relation, from the first on.
pub(crate) fn renamed(relation: &mut Relation, names: &[String]) -> Result<(), Opaque> {
    if names.len() > relation.columns.len() {
        return Err("more names than columns".to_owned());
    }
    for (column, name) in relation.columns.iter_mut().zip(names) {
        column.name = Some(name.as_str().into());
    }
    Ok(())
}
