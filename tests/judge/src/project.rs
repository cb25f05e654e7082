//! Made-up projects: a node that is edited, what it may stand on, and nodes that read it.

use crate::chance::Chance;
use crate::pieces::LAYERS;
use crate::query::Query;
use crate::readers::{Reader, readers};

/// In which form something stands between the orders and the edited node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Not at all.
    Absent,
    /// As a node.
    Node,
    /// As a CTE.
    Cte,
    /// As a subquery.
    Inline,
}

/// A made-up project.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How the edited node gets the orders.
    pub(crate) form: Form,
    /// What stands between.
    pub(crate) layer: &'static str,
    /// The edited node.
    pub(crate) u: Query,
    /// What the common config says of `rules.least`.
    pub(crate) least: usize,
    /// The nodes that read it, and nodes that read those.
    pub(crate) readers: Vec<Reader>,
}

impl Plan {
    /// A made-up project.
    pub(crate) fn make(chance: &mut Chance) -> Plan {
        let form = match chance.below(10) {
            0..=5 => Form::Absent,
            6 | 7 => Form::Node,
            8 => Form::Cte,
            _ => Form::Inline,
        };
        let layer = *chance.one(&LAYERS);
        let u = Query::make(chance);
        let readers = readers(&u, chance);
        Plan { form, layer, u, least: 2, readers }
    }

    /// Its transforms by name, upstream first.
    pub(crate) fn nodes(&self) -> Vec<(String, String)> {
        let mut nodes = Vec::new();
        let u = match self.form {
            Form::Absent => self.u.sql("ref('source.orders')", None),
            Form::Node => {
                nodes.push(("s".to_owned(), self.layer.to_owned()));
                self.u.sql("ref('transform.s')", None)
            }
            Form::Cte => self.u.sql("s", Some(&format!("s AS ({})", self.layer))),
            Form::Inline => self.u.sql(&format!("({})", self.layer), None),
        };
        nodes.push(("u".to_owned(), u));
        let readers = self.readers.iter().map(|one| (one.name.clone(), one.sql.clone()));
        nodes.extend(readers);
        nodes
    }
}
