//! What a query may read, as its readers see it.

use super::eval::Input;
use super::node::{ColumnIdentity, Identities};
use super::value::{Class, Output, Relation, Value};
use crate::query::Query;
use seeknal_model::NodeId;
use seeknal_syntax::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tables by schema and name, both in small letters.
pub(super) type Tables = BTreeMap<(Option<String>, String), Input>;

/// The nodes that a query may read, by the names under which it reads them, and their columns by number.
pub(super) fn tables(
    query: &Query,
    found: &Identities,
) -> Result<(Tables, Vec<(NodeId, String)>), String> {
    let (mut tables, mut origins) = (Tables::new(), Vec::new());
    let mut numbers: HashMap<(NodeId, String), u32> = HashMap::new();
    for (schema, name, id) in &query.reads {
        let unknown = || format!("the columns of `{id}` are unknown");
        let identity = found.get(id).ok_or_else(unknown)?;
        let columns = identity.columns.as_ref().ok_or_else(unknown)?;
        let mut output = |column: &ColumnIdentity| {
            let mut value = Value::new(column.id).of_kind(&column.kind);
            value.class = column.class;
            value.raises = false;
            if column.class != Class::Exact {
                value.loose.insert(id.clone());
            }
            // One node may be read under several names.
            let origin = (id.clone(), column.name.clone());
            let number = numbers.entry(origin).or_insert_with_key(|origin| {
                origins.push(origin.clone());
                u32::try_from(origins.len() - 1).unwrap_or(u32::MAX)
            });
            value.from = [*number].into();
            Output { name: Some(column.name.clone()), value, span: Span::default() }
        };
        let relation = Relation {
            base: identity.rows,
            filters: BTreeSet::new(),
            class: identity.rows_class,
            columns: columns.iter().map(&mut output).collect(),
            order: Vec::new(),
            keys: identity.keys.clone(),
            over: None,
        };
        let key = (schema.as_ref().map(|one| one.to_lowercase()), name.to_lowercase());
        tables.insert(key, Input { id: id.clone(), relation });
    }
    Ok((tables, origins))
}
