//! Made-up projects: a node that is edited, what it may stand on, and nodes that read it.

use crate::chance::Chance;
use crate::pieces::{LAYERS, SHELLS};
use crate::query::{Distinct, Query, Tail, tail};
use crate::readers::{Reader, readers};
use seeknal_syntax::sql::refs;

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

/// How a query calls its inputs, and in which order they are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// `input_0` instead of `ref()`, by the places that they would have had in the text.
    pub(crate) are_numbered: bool,
    /// The last first: the text stays.
    pub(crate) are_turned: bool,
}

/// A transform as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its name.
    pub(crate) name: String,
    /// Its query.
    pub(crate) sql: String,
    /// What it lists as its inputs.
    pub(crate) inputs: Vec<String>,
}

impl Written {
    /// A query that lists what it reads.
    pub(crate) fn new(name: &str, sql: &str) -> Written {
        let mut inputs: Vec<String> = Vec::new();
        for site in refs(sql) {
            if !inputs.contains(&site.id) {
                inputs.push(site.id);
            }
        }
        Written { name: name.to_owned(), sql: sql.to_owned(), inputs }
    }

    fn with(mut self, how: Inputs) -> Written {
        if how.are_numbered {
            for (place, id) in self.inputs.iter().enumerate() {
                self.sql = self.sql.replace(&format!("ref('{id}')"), &format!("input_{place}"));
            }
        }
        if how.are_turned {
            self.inputs.reverse();
        }
        self
    }
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
    /// What stands around its query, most often something that nobody sees through.
    pub(crate) shell: Option<&'static str>,
    /// How its query calls its inputs.
    pub(crate) inputs: Inputs,
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
        let mut plan = Plan {
            form,
            layer,
            u: Query::make(chance),
            shell: chance.percent(7).then(|| *chance.one(&SHELLS)),
            inputs: Inputs { are_numbered: chance.percent(12), are_turned: false },
            least: 2,
            readers: Vec::new(),
        };
        if plan.inputs.are_numbered && chance.percent(50) {
            // Inputs of the same columns mean something else when they change places.
            plan.form = Form::Node;
            let tail = Tail { is_direct: true, ..tail(chance) };
            plan.u =
                Query { tail: Some(tail), distinct: Distinct::No, ..Query::over(None, chance) };
        }
        plan.readers = readers(&plan.u, chance);
        plan
    }

    /// Whether anything in it follows from the common config.
    pub(crate) fn names_least(&self) -> bool {
        self.nodes().iter().any(|node| node.sql.contains("rules.least"))
    }

    /// Its transforms, upstream first.
    pub(crate) fn nodes(&self) -> Vec<Written> {
        let mut nodes = Vec::new();
        let u = match self.form {
            Form::Absent => self.u.sql("ref('source.orders')", None),
            Form::Node => {
                nodes.push(Written::new("s", self.layer));
                self.u.sql("ref('transform.s')", None)
            }
            Form::Cte => self.u.sql("s", Some(&format!("s AS ({})", self.layer))),
            Form::Inline => self.u.sql(&format!("({})", self.layer), None),
        };
        let u = self.shell.map_or(u.clone(), |shell| shell.replace("QUERY", &u));
        nodes.push(Written::new("u", &u).with(self.inputs));
        let readers = self.readers.iter().map(|one| Written::new(&one.name, &one.sql));
        nodes.extend(readers);
        nodes
    }
}
