//! Where names land, in DuckDB's order.

use super::clauses::Clause;
use super::functions::is_keyword;
use super::id::Tag;
use super::value::Value;
use seeknal_model::{NodeId, names};
use seeknal_syntax::Span;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What stands in a FROM clause.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The name by which its columns may be qualified.
    pub(crate) name: Option<String>,
    /// The schema of that name, where the query says one.
    pub(crate) schema: Option<String>,
    pub(crate) columns: Vec<ScopeColumn>,
    /// The node it stands for, where it is one.
    pub(crate) node: Option<NodeId>,
}

impl Item {
    /// What people call it: the name that the query gives it, else the node's.
    fn label(&self) -> &str {
        let own = self.name.as_deref().unwrap_or_default();
        match &self.node {
            Some(node) if own.starts_with("input_") || own.starts_with("ref ") => {
                node.as_str().split_once('.').map_or(own, |(_, name)| name)
            }
            _ => own,
        }
    }
}

/// A column of what stands in FROM.
#[derive(Clone, Debug)]
pub(crate) struct ScopeColumn {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) value: Value,
    /// Its name at the node it comes from, where that is another.
    pub(crate) origin: Option<Arc<str>>,
    /// Whether USING has taken it into another.
    pub(crate) is_merged: bool,
}

impl ScopeColumn {
    /// The name under which the node knows it.
    pub(crate) fn known_as(&self) -> Option<Arc<str>> {
        self.origin.clone().or_else(|| self.name.clone())
    }
}

/// A column that USING made of two.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) name: Arc<str>,
    pub(crate) value: Value,
    /// The item and the column in whose place a star shows it.
    pub(crate) place: (usize, usize),
}

/// The names that can be used at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope<'p> {
    pub(crate) items: Vec<Item>,
    pub(crate) merged: Vec<Merged>,
    /// Names given to output columns so far.
    pub(crate) aliases: Vec<(Arc<str>, Value)>,
    /// Parameters of the lambdas around, the innermost last.
    pub(crate) parameters: Vec<Vec<String>>,
    /// The block around this one.
    pub(crate) outer: Option<&'p Scope<'p>>,
    /// What is being read, for people.
    pub(crate) clause: Clause,
}

/// Where a name landed. Two sites of one text that land differently mean different things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Landing {
    /// On a column: blocks outward, the name of the relation, the column's name in small letters.
    Column(usize, #[serde(with = "names")] Arc<str>, #[serde(with = "names")] Arc<str>),
    /// On the name of an output column.
    Alias(#[serde(with = "names")] Arc<str>),
    /// On a whole row.
    Row(usize, #[serde(with = "names")] Arc<str>),
    /// On a parameter of a lambda.
    Parameter,
    /// On something that the engine knows by itself.
    Keyword,
    /// On these keys of a NATURAL join.
    Keys(Vec<String>),
    /// On these columns, by their places.
    Places(Vec<String>),
}

/// A name in the text, and where it landed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Where the name stands in the query.
    pub span: Span,
    /// The name as written.
    #[serde(with = "names")]
    pub name: Arc<str>,
    /// Where it landed.
    pub landing: Landing,
}

/// A column of an input that is read, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The input.
    pub node: NodeId,
    /// The column; nothing for a whole row.
    #[serde(with = "names::maybe")]
    pub column: Option<Arc<str>>,
    /// Where it is read in the query.
    pub span: Span,
    /// In which clause.
    pub clause: Clause,
}

/// What a name stands for.
pub(crate) struct Found {
    pub(crate) value: Value,
    pub(crate) landing: Landing,
    pub(crate) reads: Vec<(NodeId, Option<Arc<str>>)>,
    /// Parts of the name that are fields of the value.
    pub(crate) rest: usize,
}

/// Whether FROM columns come before output names, or behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Columns,
    Aliases,
}

impl Scope<'_> {
    /// What a name of some parts stands for; the reason where that is not clear.
    pub(crate) fn find(&self, parts: &[String], look: Look) -> Result<Found, String> {
        if let [name] = parts
            && let Some(found) = self.parameter(name)
        {
            return Ok(found);
        }
        let mut scope = Some(self);
        let mut depth = 0;
        while let Some(here) = scope {
            let look = if depth == 0 { look } else { Look::Columns };
            if let Some(found) = here.find_here(parts, look)? {
                return Ok(outward(found, depth));
            }
            scope = here.outer;
            depth += 1;
        }
        match parts {
            [name] if is_keyword(name) => Ok(Found {
                value: Value::new(Tag::new("keyword").text(&name.to_lowercase()).end()),
                landing: Landing::Keyword,
                reads: Vec::new(),
                rest: 0,
            }),
            _ => Err(format!("nothing is called `{}`", parts.join("."))),
        }
    }

    fn parameter(&self, name: &str) -> Option<Found> {
        let innermost = self.parameters.iter().rev().enumerate();
        for (depth, names) in innermost {
            if let Some(place) = names.iter().position(|one| one.eq_ignore_ascii_case(name)) {
                let mut value = Value::new(Tag::new("parameter").number(depth).number(place).end());
                value.lossy = true;
                return Some(Found {
                    value,
                    landing: Landing::Parameter,
                    reads: Vec::new(),
                    rest: 0,
                });
            }
        }
        None
    }

    fn find_here(&self, parts: &[String], look: Look) -> Result<Option<Found>, String> {
        let alias = || match parts {
            [name] => self.alias(name),
            _ => None,
        };
        if look == Look::Aliases
            && let Some(found) = alias()
        {
            return Ok(Some(found));
        }
        if let Some(found) = self.qualified(parts)? {
            return Ok(Some(found));
        }
        let Some((name, rest)) = parts.split_first() else { return Ok(None) };
        if let Some(mut found) = self.bare(name)? {
            found.rest = rest.len();
            return Ok(Some(found));
        }
        if let Some(found) = alias() {
            return Ok(Some(found));
        }
        Ok(if rest.is_empty() { self.row(name) } else { None })
    }

    fn alias(&self, name: &str) -> Option<Found> {
        let (alias, value) =
            self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name))?;
        Some(Found {
            value: value.clone(),
            landing: Landing::Alias(alias.to_lowercase().into()),
            reads: Vec::new(),
            rest: 0,
        })
    }

    /// `x.y` as column y of table x, or `s.x.y` as that of table x in schema s.
    fn qualified(&self, parts: &[String]) -> Result<Option<Found>, String> {
        let is = |one: &Option<String>, name: &String| {
            one.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(name))
        };
        for (number, item) in self.items.iter().enumerate() {
            let behind = match parts {
                [schema, table, _, ..] if is(&item.schema, schema) && is(&item.name, table) => 2,
                [table, _, ..] if is(&item.name, table) => 1,
                _ => continue,
            };
            let Some(column) = parts.get(behind) else { continue };
            if item.columns.iter().any(|one| one.name.is_none()) {
                return Err(format!("the names of `{}` are the engine's", parts.join(".")));
            }
            let same = |one: &&ScopeColumn| {
                one.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(column))
            };
            if let Some(found) = item.columns.iter().find(same) {
                let mut found = self.on(number, found);
                found.rest = parts.len() - behind - 1;
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn bare(&self, name: &str) -> Result<Option<Found>, String> {
        if let Some(merged) = self.merged.iter().find(|one| one.name.eq_ignore_ascii_case(name)) {
            let reads = self.merged_reads(name);
            return Ok(Some(Found {
                value: merged.value.clone(),
                landing: Landing::Column(0, "using".into(), name.to_lowercase().into()),
                reads,
                rest: 0,
            }));
        }
        let mut found = None;
        for (number, item) in self.items.iter().enumerate() {
            for column in item.columns.iter().filter(|column| !column.is_merged) {
                let Some(own) = &column.name else {
                    return Err(format!("`{name}` may be a name that the engine makes up"));
                };
                if own.eq_ignore_ascii_case(name) {
                    if found.is_some() {
                        return Err(format!("`{name}` may mean several columns"));
                    }
                    found = Some(self.on(number, column));
                }
            }
        }
        Ok(found)
    }

    fn merged_reads(&self, name: &str) -> Vec<(NodeId, Option<Arc<str>>)> {
        let items = self.items.iter().filter_map(|item| {
            let is = |column: &&ScopeColumn| {
                column.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
            };
            let column = item.columns.iter().find(is)?;
            Some((item.node.clone()?, column.known_as()))
        });
        items.collect()
    }

    fn on(&self, number: usize, column: &ScopeColumn) -> Found {
        let item = self.items.get(number);
        let relation = item.map(Item::label).unwrap_or_default();
        let name = column.name.as_deref().unwrap_or_default();
        let node = item.and_then(|item| item.node.clone());
        Found {
            value: column.value.clone(),
            landing: Landing::Column(
                0,
                format!("{number}:{}", relation.to_lowercase()).into(),
                name.to_lowercase().into(),
            ),
            reads: node.into_iter().map(|node| (node, column.known_as())).collect(),
            rest: 0,
        }
    }

    /// A table's name as its whole row: every column with its name, in order.
    fn row(&self, name: &str) -> Option<Found> {
        let is =
            |item: &&Item| item.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let item = self.items.iter().find(is)?;
        let tag = item.columns.iter().fold(Tag::new("row"), |tag, column| {
            tag.maybe(column.name.as_deref()).id(column.value.id)
        });
        let parts = item.columns.iter().map(|column| &column.value);
        let value = Value::new(tag.end()).made_of(parts);
        Some(Found {
            value,
            landing: Landing::Row(0, name.to_lowercase().into()),
            reads: item.node.iter().map(|node| (node.clone(), None)).collect(),
            rest: 0,
        })
    }
}

/// Something found so many blocks further out.
fn outward(found: Found, depth: usize) -> Found {
    if depth == 0 {
        return found;
    }
    let landing = match found.landing {
        Landing::Column(_, relation, name) => Landing::Column(depth, relation, name),
        Landing::Row(_, name) => Landing::Row(depth, name),
        other => other,
    };
    Found { value: found.value.seen_as(Tag::new("outer").number(depth)), landing, ..found }
}
