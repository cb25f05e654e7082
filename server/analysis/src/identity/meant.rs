//! What a node means, as readers and people see it.

use super::clauses::Clause;
use super::eval::Bond;
use super::id::{Id, Tag};
use super::scope::{Read, Site};
use super::tape::Tape;
use super::value::Class;
use seeknal_model::{NodeId, names};
use seeknal_syntax::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

/// A column of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnIdentity {
    /// What defines its values.
    pub id: Id,
    /// The rest, which stays what it was for as long as nobody edits the node, and is shared by all that it was.
    pub(super) about: Arc<AboutColumn>,
}

/// What is known of a column beside what defines its values.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutColumn {
    /// Its name.
    #[serde(with = "names")]
    pub name: Arc<str>,
    /// Its type as it is stored.
    #[serde(with = "names")]
    pub kind: Arc<str>,
    /// How far a second build gives the same.
    pub class: Class,
    /// Where it is said in the file.
    pub span: Span,
    /// The columns of inputs that its values are computed from, in whatever part of its expression, as places in the
    /// node's `origins`.
    pub(super) from: Arc<[u32]>,
}

impl Deref for ColumnIdentity {
    type Target = AboutColumn;

    fn deref(&self) -> &AboutColumn {
        &self.about
    }
}

impl ColumnIdentity {
    pub(super) fn new(id: Id, about: AboutColumn) -> ColumnIdentity {
        ColumnIdentity { id, about: Arc::new(about) }
    }

    /// A column of a name and a type that follows from no columns of others.
    pub(super) fn alone(
        id: Id,
        (name, kind): (&str, &str),
        class: Class,
        span: Span,
    ) -> ColumnIdentity {
        let (name, kind) = (name.into(), kind.into());
        ColumnIdentity::new(id, AboutColumn { name, kind, class, span, from: Arc::default() })
    }

    /// Whether another has the same name and type. As a rule nothing of them is even two.
    pub(crate) fn is_called_like(&self, other: &ColumnIdentity) -> bool {
        Arc::ptr_eq(&self.about, &other.about)
            || (self.name == other.name && self.kind == other.kind)
    }

    /// The same, and whether a second build gives the same as far.
    pub(super) fn is_shaped_like(&self, other: &ColumnIdentity) -> bool {
        Arc::ptr_eq(&self.about, &other.about)
            || (self.class == other.class && self.is_called_like(other))
    }
}

/// What a node means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its columns in order; nothing where they are unknown.
    pub columns: Option<Vec<ColumnIdentity>>,
    /// What decides which rows there are.
    pub rows: Id,
    /// How far a second build gives the same rows.
    pub rows_class: Class,
    /// The declared order of its rows.
    pub order: Vec<Id>,
    /// What else defines it: its kind and the fields that no query says.
    pub fields: Id,
    /// Inputs of which it must see the very build that is served.
    pub bonds: Arc<BTreeMap<NodeId, Bond>>,
    /// The columns of what it reads.
    #[serde(with = "names::columns")]
    pub(super) origins: Arc<[(NodeId, Arc<str>)]>,
    /// Where each name of its query landed, with places in the file.
    pub sites: Arc<[Site]>,
    /// What it reads, with places in the file.
    pub reads: Arc<[Read]>,
    /// The input that it only filters and projects.
    pub over: Option<NodeId>,
    /// Why it cannot be seen through.
    pub opaque: Option<String>,
    /// The clauses of its outermost query, each with what it decides and its place in the file.
    pub clauses: Vec<(Clause, Id, Span)>,
    /// What it says once expressions in braces are filled in.
    pub said: Id,
    /// Values that are different in each row.
    pub(super) keys: Vec<BTreeSet<Id>>,
    /// The hash of all that a reader can see.
    pub(super) output: Id,
    /// How it follows from what it reads, where that was taken down.
    #[serde(skip)]
    pub(super) tape: TakenDown,
}

/// A tape, which says nothing of what a node means.
#[derive(Clone, Debug, Default)]
pub(super) struct TakenDown(pub(super) Option<Arc<Tape>>);

impl PartialEq for TakenDown {
    fn eq(&self, _: &TakenDown) -> bool {
        true
    }
}

impl Eq for TakenDown {}

impl Identity {
    /// What a reader can see of a node: rows, columns with names and types, order, kind.
    pub fn output(&self) -> Id {
        self.output
    }

    /// The same once nothing is added to it any more.
    pub(super) fn sealed(mut self) -> Identity {
        let mut tag =
            Tag::new("output").id(self.rows).id(self.fields).ids(self.order.iter().copied());
        tag = tag.number(usize::from(self.columns.is_some()));
        for column in self.columns.iter().flatten() {
            tag = tag.text(&column.name).text(&column.kind).id(column.id);
        }
        self.output = tag.end();
        self
    }

    /// Every hash in it that may follow from what it reads, but for keys, which are some of its columns.
    pub(super) fn each_id(&mut self, each: &mut dyn FnMut(&mut Id)) {
        each(&mut self.rows);
        each(&mut self.output);
        self.order.iter_mut().for_each(&mut *each);
        self.columns.iter_mut().flatten().for_each(|column| each(&mut column.id));
        self.clauses.iter_mut().for_each(|(_, id, _)| each(id));
    }

    /// The same for other inputs, where its node says what it said and only hashes may differ.
    /// `both` gives what an input meant before, and what it means now.
    pub(super) fn again<'i>(
        &self,
        both: &dyn Fn(&NodeId) -> Option<(&'i Identity, &'i Identity)>,
    ) -> Option<Identity> {
        let tape = self.tape.0.as_ref()?;
        let inputs: Vec<(&Identity, &Identity)> =
            tape.inputs.iter().map(both).collect::<Option<_>>()?;
        let mut again = tape.again(self, &inputs)?;
        let columns = || self.columns.iter().flatten().zip(again.columns.iter().flatten());
        let named = |id: &Id| Some(columns().find(|(then, _)| then.id == *id)?.1.id);
        let key = |key: &BTreeSet<Id>| key.iter().map(named).collect::<Option<_>>();
        again.keys = self.keys.iter().map(key).collect::<Option<_>>()?;
        Some(again)
    }

    /// Whether readers find in it all that they find in another.
    pub(super) fn looks_like(&self, other: &Identity) -> bool {
        let columns = || self.columns.iter().flatten().zip(other.columns.iter().flatten());
        // What is alike in `output` has as many columns.
        self.output() == other.output()
            && self.rows_class == other.rows_class
            && self.keys == other.keys
            && columns().all(|(one, two)| one.class == two.class)
    }

    /// Whether two say the same but for where it stands in the text.
    pub(crate) fn means(&self, other: &Identity) -> bool {
        let same_landings = || {
            let pairs = || self.sites.iter().zip(other.sites.iter());
            self.sites.len() == other.sites.len()
                && pairs().all(|(one, two)| one.name == two.name && one.landing == two.landing)
        };
        self.looks_like(other) && self.bonds == other.bonds && same_landings()
    }

    /// The columns of inputs that the values of a column are computed from, in whatever part of its expression.
    pub fn origins(&self, column: &ColumnIdentity) -> impl Iterator<Item = &(NodeId, Arc<str>)> {
        column.from.iter().filter_map(|place| self.origins.get(*place as usize))
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnIdentity> {
        let is_it = |one: &&ColumnIdentity| {
            // Who reads a column holds the very text.
            std::ptr::eq(&*one.name, name) || one.name.eq_ignore_ascii_case(name)
        };
        self.columns.iter().flatten().find(is_it)
    }
}
