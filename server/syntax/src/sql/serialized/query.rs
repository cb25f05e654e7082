//! Queries.

use super::fields::{Fields, Lost};
use super::{LEVELS_MAX, QUERY_LEVELS, Reader, opaque, types};
use crate::Span;
use crate::sql::tree::{
    Cte, Distinct, Groups, Ident, Limit, Modifiers, Opaque, OrderTerm, Query, RecursiveCte, Select,
    SetKind, SetOperation,
};
use serde_json::Value;

/// What every query node has.
const COMMON: [&str; 3] = ["type", "modifiers", "cte_map"];

impl Reader<'_> {
    /// A statement, or the query in a subquery: both are wrapped the same.
    pub(super) fn statement(&mut self, value: &Value) -> Query {
        let node = Fields::of(value)
            .and_then(|fields| fields.only(&["node", "named_param_map"]))
            .and_then(|fields| fields.need("node"));
        match node {
            Ok(node) => self.query(node),
            Err(lost) => opaque(self, &lost),
        }
    }

    fn query(&mut self, node: &Value) -> Query {
        self.level += QUERY_LEVELS;
        let read = match self.level > LEVELS_MAX {
            true => Err(Lost::new("deep nesting")),
            false => self.try_query(node),
        };
        self.level -= QUERY_LEVELS;
        read.unwrap_or_else(|lost| opaque(self, &lost))
    }

    pub(super) fn opaque(&self, lost: &Lost) -> Opaque {
        let span = lost.at.map_or_else(|| self.places.whole(), |at| self.places.token(at));
        Opaque { construct: lost.construct.clone(), span }
    }

    fn try_query(&mut self, node: &Value) -> Result<Query, Lost> {
        let fields = Fields::of(node)?;
        match fields.text("type") {
            "SELECT_NODE" => Ok(Query::Select(Box::new(self.select(fields)?))),
            "SET_OPERATION_NODE" => Ok(Query::Set(Box::new(self.set(fields)?))),
            "RECURSIVE_CTE_NODE" => Ok(Query::Recursive(Box::new(self.recursive(fields)?))),
            other => Err(Lost::new(other.to_lowercase().replace('_', " "))),
        }
    }

    fn select(&mut self, node: Fields<'_>) -> Result<Select, Lost> {
        let own = [
            "select_list",
            "from_table",
            "where_clause",
            "group_expressions",
            "group_sets",
            "aggregate_handling",
            "having",
            "sample",
            "qualify",
        ];
        node.only(&[&COMMON[..], &own[..]].concat())?;
        // The names of common table expressions are looked for in the order of the text.
        let modifiers = self.modifiers(node)?;
        let items: Vec<_> = node.list("select_list").iter().map(|item| self.expr(item)).collect();
        let from = self.from(node.need("from_table")?);
        let filter = node.get("where_clause").map(|value| self.expr(value));
        let groups = self.groups(node)?;
        let having = node.get("having").map(|value| self.expr(value));
        let qualify = node.get("qualify").map(|value| self.expr(value));
        let exprs = items.iter().chain(&filter).chain(&groups.exprs).chain(&having).chain(&qualify);
        let spans = exprs.map(|expr| expr.span).chain(from.iter().map(|from| from.span));
        let span = spans.reduce(Span::cover).unwrap_or_else(|| self.places.whole());
        let sample = node.get("sample").map(types::said);
        Ok(Select { modifiers, items, from, filter, groups, having, qualify, sample, span })
    }

    fn groups(&mut self, node: Fields<'_>) -> Result<Groups, Lost> {
        let exprs: Vec<_> =
            node.list("group_expressions").iter().map(|item| self.expr(item)).collect();
        let set = |value: &Value| -> Option<Vec<usize>> {
            value.as_array()?.iter().map(|place| usize::try_from(place.as_u64()?).ok()).collect()
        };
        let sets: Option<Vec<Vec<usize>>> = node.list("group_sets").iter().map(set).collect();
        let all = match node.text("aggregate_handling") {
            "STANDARD_HANDLING" => false,
            "FORCE_AGGREGATES" => true,
            _ => return Err(Lost::new("GROUP BY")),
        };
        Ok(Groups { exprs, sets: sets.ok_or_else(|| Lost::new("GROUPING SETS"))?, all })
    }

    fn set(&mut self, node: Fields<'_>) -> Result<SetOperation, Lost> {
        node.only(&[&COMMON[..], &["setop_type", "left", "right", "setop_all"]].concat())?;
        let (kind, by_name) = match node.text("setop_type") {
            "UNION" => (SetKind::Union, false),
            "UNION_BY_NAME" => (SetKind::Union, true),
            "INTERSECT" => (SetKind::Intersect, false),
            "EXCEPT" => (SetKind::Except, false),
            other => return Err(Lost::new(other)),
        };
        let modifiers = self.modifiers(node)?;
        let left = self.query(node.need("left")?);
        let right = self.query(node.need("right")?);
        let span = left.span().cover(right.span());
        Ok(SetOperation {
            modifiers,
            kind,
            all: node.flag("setop_all"),
            by_name,
            left,
            right,
            span,
        })
    }

    fn recursive(&mut self, node: Fields<'_>) -> Result<RecursiveCte, Lost> {
        let own = ["cte_name", "union_all", "left", "right", "aliases", "key_targets"];
        node.only(&[&COMMON[..], &own[..]].concat())?;
        let modifiers = self.modifiers(node)?;
        let start = self.query(node.need("left")?);
        let step = self.query(node.need("right")?);
        let span = start.span().cover(step.span());
        Ok(RecursiveCte {
            modifiers,
            name: node.text("cte_name").to_owned(),
            columns: node.texts("aliases")?,
            all: node.flag("union_all"),
            keys: node.list("key_targets").iter().map(|item| self.expr(item)).collect(),
            start,
            step,
            span,
        })
    }

    fn modifiers(&mut self, node: Fields<'_>) -> Result<Modifiers, Lost> {
        let mut found = Modifiers { ctes: self.ctes(node)?, ..Modifiers::default() };
        for modifier in node.list("modifiers") {
            let fields = Fields::of(modifier)?;
            match fields.text("type") {
                "ORDER_MODIFIER" => found.order = self.order(fields)?,
                "DISTINCT_MODIFIER" => {
                    fields.only(&["type", "distinct_on_targets"])?;
                    let on = fields.list("distinct_on_targets");
                    let on: Vec<_> = on.iter().map(|item| self.expr(item)).collect();
                    let distinct = if on.is_empty() { Distinct::All } else { Distinct::On(on) };
                    found.distinct = Some(distinct);
                }
                kind @ ("LIMIT_MODIFIER" | "LIMIT_PERCENT_MODIFIER") => {
                    fields.only(&["type", "limit", "offset"])?;
                    found.limit = Some(Limit {
                        count: fields.get("limit").map(|value| self.expr(value)),
                        offset: fields.get("offset").map(|value| self.expr(value)),
                        percent: kind == "LIMIT_PERCENT_MODIFIER",
                    });
                }
                other => return Err(Lost::new(other.to_lowercase().replace('_', " "))),
            }
        }
        Ok(found)
    }

    /// The terms of an ORDER BY.
    pub(super) fn order(&mut self, modifier: Fields<'_>) -> Result<Vec<OrderTerm>, Lost> {
        modifier.only(&["type", "orders"])?;
        self.terms(modifier.list("orders"))
    }

    pub(super) fn terms(&mut self, terms: &[Value]) -> Result<Vec<OrderTerm>, Lost> {
        let term = |value: &Value| -> Result<OrderTerm, Lost> {
            let fields = Fields::of(value)?.only(&["type", "null_order", "expression"])?;
            let descending = match fields.text("type") {
                "ORDER_DEFAULT" => None,
                "ASCENDING" => Some(false),
                "DESCENDING" => Some(true),
                other => return Err(Lost::new(other)),
            };
            let nulls_first = match fields.text("null_order") {
                "ORDER_DEFAULT" => None,
                "NULLS FIRST" => Some(true),
                "NULLS LAST" => Some(false),
                other => return Err(Lost::new(other)),
            };
            let expr = self.expr(fields.need("expression")?);
            Ok(OrderTerm { expr, descending, nulls_first })
        };
        terms.iter().map(term).collect()
    }

    fn ctes(&mut self, node: Fields<'_>) -> Result<Vec<Cte>, Lost> {
        let Some(map) = node.get("cte_map") else { return Ok(Vec::new()) };
        let entries = Fields::of(map)?.only(&["map"])?.list("map");
        entries.iter().map(|entry| self.cte(entry)).collect()
    }

    fn cte(&mut self, entry: &Value) -> Result<Cte, Lost> {
        let entry = Fields::of(entry)?.only(&["key", "value"])?;
        let about = Fields::of(entry.need("value")?)?;
        about.only(&["aliases", "query", "materialized", "key_targets"])?;
        let name = entry.text("key").to_owned();
        let mut materialized = match about.text("materialized") {
            "CTE_MATERIALIZE_ALWAYS" => Some(true),
            "CTE_MATERIALIZE_NEVER" => Some(false),
            _ => None,
        };
        if let Some(hint) = self.hints.get_mut(&name.to_lowercase()) {
            hint.used += 1;
            materialized = hint.said.first().copied();
        }
        let span = self.places.cte(&name, self.cte_from);
        self.cte_from = span.map_or(self.cte_from, |span| span.end);
        let span = span.unwrap_or_else(|| self.places.whole());
        let query = self.statement(about.need("query")?);
        Ok(Cte {
            name: Ident { name, span },
            columns: about.texts("aliases")?,
            query,
            materialized,
        })
    }
}
