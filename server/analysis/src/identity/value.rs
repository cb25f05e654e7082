//! Values and relations as hashes, with what decides whether they may be trusted to stay the same.

use super::id::{Id, Tag};
use crate::stored::is_plain;
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far a second computation over the same data gives the same.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Class {
    /// The same bits.
    #[default]
    Exact,
    /// The same but for the last digits.
    Float,
    /// Anything.
    Unstable,
}

/// A value that an expression gives for each row.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) id: Id,
    pub(crate) class: Class,
    /// Its type, where it is known.
    pub(crate) kind: Option<Arc<str>>,
    /// Whether computing it can fail.
    pub(crate) raises: bool,
    /// Whether values that are equal may differ, as 1 month and 30 days do.
    pub(crate) lossy: bool,
    /// Inputs whose columns give it what is not the same each time.
    pub(crate) loose: BTreeSet<NodeId>,
    /// The columns of inputs that it is computed from, by their numbers.
    pub(crate) from: Arc<[u32]>,
    /// Whether it is a literal, and whether that is something else than NULL.
    pub(crate) literal: Option<bool>,
    /// The conditions that it consists of, where all of them must hold.
    pub(crate) parts: Vec<Id>,
    /// The leaf of FROM that alone it follows from, by its number, and what it is in that leaf's own rows.
    pub(crate) inside: Option<(usize, Id)>,
}

impl Value {
    pub(crate) fn new(id: Id) -> Value {
        Value {
            id,
            class: Class::Exact,
            kind: None,
            raises: true,
            lossy: true,
            loose: BTreeSet::new(),
            from: Arc::default(),
            literal: None,
            parts: Vec::new(),
            inside: None,
        }
    }

    /// The conditions that all must hold for it to hold.
    pub(crate) fn conditions(&self) -> Vec<Id> {
        if self.parts.is_empty() { vec![self.id] } else { self.parts.clone() }
    }

    /// What it takes over from the values it is made of.
    pub(crate) fn made_of<'v>(mut self, parts: impl IntoIterator<Item = &'v Value>) -> Value {
        for part in parts {
            self.class = self.class.max(part.class);
            self.loose.extend(part.loose.iter().cloned());
            self.comes_from(&part.from);
        }
        self
    }

    /// Adds columns of inputs that it is computed from.
    pub(crate) fn comes_from(&mut self, more: &Arc<[u32]>) {
        match (self.from.is_empty(), more.is_empty()) {
            (_, true) => {}
            (true, false) => self.from = more.clone(),
            (false, false) if more.iter().all(|one| self.from.contains(one)) => {}
            (false, false) => {
                let all: BTreeSet<u32> = self.from.iter().chain(more.iter()).copied().collect();
                self.from = all.into_iter().collect();
            }
        }
    }

    pub(crate) fn of_kind(mut self, kind: &str) -> Value {
        self.lossy = is_lossy(kind);
        self.kind = Some(kind.into());
        self
    }

    /// The same value seen through another constructor.
    pub(crate) fn seen_as(&self, tag: Tag) -> Value {
        Value { id: tag.id(self.id).end(), parts: Vec::new(), inside: None, ..self.clone() }
    }

    pub(crate) fn is_kind(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }
}

/// Whether equal values of a type may differ.
pub(crate) fn is_lossy(kind: &str) -> bool {
    if is_plain(kind) {
        return false;
    }
    let kind = kind.to_ascii_uppercase();
    // A list, struct or map is as good as what it holds; JSON text is compared as text.
    ["INTERVAL", "TIMETZ", "TIME WITH TIME ZONE", "UNION", "VARIANT", "BIT"]
        .iter()
        .any(|lossy| kind.contains(lossy))
        || (kind.contains(['(', '[']) && (kind.contains("DOUBLE") || kind.contains("FLOAT")))
}

/// Whether a type has fractions whose last digits depend on the order of adding, and two zeros.
pub(crate) fn is_floating(kind: &str) -> bool {
    let is = |one: &&str| kind.eq_ignore_ascii_case(one);
    ["DOUBLE", "FLOAT", "REAL", "FLOAT4", "FLOAT8"].iter().any(is)
}

/// A column of a relation.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// Its name; nothing where the engine makes one up.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) value: Value,
    /// Where it is said.
    pub(crate) span: Span,
}

/// The rows of a base for which conditions hold, in whatever order they are asked.
pub(crate) fn filtered(base: Id, filters: &BTreeSet<Id>) -> Id {
    match filters.is_empty() {
        true => base,
        false => Tag::new("filter").id(base).set(filters).end(),
    }
}

/// Rows with columns.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) base: Id,
    /// Conditions on the rows of the base, in any order.
    pub(crate) filters: BTreeSet<Id>,
    /// How far the rows stay the same.
    pub(crate) class: Class,
    pub(crate) columns: Vec<Output>,
    /// The declared order of the outermost query.
    pub(crate) order: Vec<Id>,
    /// Sets of values that are different in each row, by construction.
    pub(crate) keys: Vec<BTreeSet<Id>>,
    /// The input of which it is a scan with filters and projections, and nothing else.
    pub(crate) over: Option<NodeId>,
}

impl Relation {
    /// What decides which rows there are.
    pub(crate) fn rows(&self) -> Id {
        filtered(self.base, &self.filters)
    }
}
