//! What a query may read, as its readers see it.

use super::all::Upstream;
use super::meant::{ColumnIdentity, Identity};
use super::value::{Class, Output, Relation, Value, is_lossy};
use crate::query::Query;
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The nodes that a query may read, by the names under which it reads them.
pub(super) struct Inputs(Vec<Input>);

struct Input {
    /// Both in small letters.
    schema: Option<String>,
    name: String,
    id: NodeId,
    identity: Arc<Identity>,
    /// The number of its first column. One node may be read under several names.
    first: u32,
}

impl Inputs {
    /// Those of a query; the reason where the columns of one are unknown.
    pub(super) fn of(query: &Query, found: &Upstream<'_>) -> Result<Inputs, String> {
        let (mut all, mut next): (Vec<Input>, u32) = (Vec::new(), 0);
        for (schema, name, id) in &query.reads {
            let known = all.iter().find(|one| one.id == *id);
            let (identity, first) = match known {
                Some(known) => (known.identity.clone(), known.first),
                None => {
                    let identity = found.get(id).filter(|one| one.columns.is_some());
                    let identity =
                        identity.ok_or_else(|| format!("the columns of `{id}` are unknown"))?;
                    let first = next;
                    next += identity.columns.iter().flatten().map(|_| 1).sum::<u32>();
                    (identity.clone(), first)
                }
            };
            let schema = schema.as_ref().map(|one| one.to_lowercase());
            all.push(Input { schema, name: name.to_lowercase(), id: id.clone(), identity, first });
        }
        Ok(Inputs(all))
    }

    /// The nodes, each once.
    pub(super) fn nodes(&self) -> BTreeSet<&NodeId> {
        self.0.iter().map(|one| &one.id).collect()
    }

    /// The columns in the order of their numbers.
    pub(super) fn columns(&self) -> Vec<(NodeId, Arc<str>)> {
        let mut all: Vec<(NodeId, Arc<str>)> = Vec::new();
        for Input { id, identity, first, .. } in &self.0 {
            // What is read under a second name has its numbers already.
            if *first as usize == all.len() {
                let columns = identity.columns.iter().flatten();
                all.extend(columns.map(|column| (id.clone(), column.name.clone())));
            }
        }
        all
    }

    /// The node behind a name, as its readers see it. Of two with one name the later counts.
    pub(super) fn read(&self, schema: Option<&str>, name: &str) -> Option<(NodeId, Relation)> {
        let is = |one: &&Input| one.schema.as_deref() == schema && one.name == name;
        let Input { id, identity, first, .. } = self.0.iter().rev().find(is)?;
        let output = |(number, column): (u32, &ColumnIdentity)| {
            let mut value = Value::new(column.id);
            value.kind = Some(column.kind.clone());
            value.lossy = is_lossy(&column.kind);
            value.class = column.class;
            value.raises = false;
            if column.class != Class::Exact {
                value.loose.insert(id.clone());
            }
            value.from = [number].into();
            Output { name: Some(column.name.clone()), value, span: Span::default() }
        };
        let relation = Relation {
            base: identity.rows,
            filters: BTreeSet::new(),
            class: identity.rows_class,
            columns: (*first..).zip(identity.columns.iter().flatten()).map(output).collect(),
            order: Vec::new(),
            keys: identity.keys.clone(),
            over: None,
        };
        Some((id.clone(), relation))
    }
}
