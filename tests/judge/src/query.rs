//! Made-up queries as values: they can be edited, and written out.

use crate::chance::Chance;
use crate::pieces::{
    CHANCY, CHANCY_GROUPED, CONDITIONS, FILTERS, Family, GROUPED, JOINED, KINDS, NAMES, PLAIN,
    WINDOWED,
};

/// One item of a select list.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The expression.
    pub(crate) expr: String,
    /// Its name.
    pub(crate) name: String,
    /// The family of its values.
    pub(crate) family: Family,
}

/// How two tables are joined.
#[derive(Clone, Debug)]
pub(crate) struct Joined {
    /// `JOIN`, `LEFT JOIN` and so on.
    pub(crate) kind: &'static str,
    /// The condition, with `ON` or `USING`.
    pub(crate) on: String,
    /// What is joined.
    pub(crate) right: Right,
}

/// What is joined to the orders, with an id, a name and a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// The customers.
    Customers,
    /// One of each id.
    Grouped,
    /// The customers, with a region where there is none.
    Filled,
    /// The customers of one region.
    Northern,
    /// The orders once more.
    Orders,
}

/// What stands behind a set operation: the same select list over other rows.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    /// `UNION ALL` and so on.
    pub(crate) kind: &'static str,
    /// Which rows.
    pub(crate) filter: String,
    /// Whether it comes first.
    pub(crate) is_first: bool,
    /// Whether its rows are of the orders themselves, whatever stands between.
    pub(crate) is_direct: bool,
}

/// Which of equal rows are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Distinct {
    /// All.
    No,
    /// One of each.
    All,
    /// The first of each kind.
    On(&'static str),
}

/// A query.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The select list.
    pub(crate) items: Vec<Item>,
    /// A second table, if there is one.
    pub(crate) join: Option<Joined>,
    /// Conditions that all hold.
    pub(crate) filters: Vec<String>,
    /// Keys of groups; their items come first in the list.
    pub(crate) keys: Vec<String>,
    /// Whether there are groups at all.
    pub(crate) is_grouped: bool,
    /// Whether the groups come with totals of totals.
    pub(crate) rollup: bool,
    /// HAVING.
    pub(crate) having: Option<String>,
    /// DISTINCT.
    pub(crate) distinct: Distinct,
    /// A set operation.
    pub(crate) tail: Option<Tail>,
    /// ORDER BY.
    pub(crate) order: Option<String>,
    /// LIMIT.
    pub(crate) limit: Option<usize>,
    /// QUALIFY.
    pub(crate) qualify: Option<String>,
    /// How it is spelled; no spelling means anything.
    pub(crate) style: Style,
}

/// Ways of writing that mean nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Style {
    /// In a CTE or a subquery.
    pub(crate) wrap: usize,
    /// In small letters.
    pub(crate) small: bool,
    /// With a comment.
    pub(crate) comment: bool,
    /// The joined table behind a comma.
    pub(crate) comma: bool,
    /// Keys by their places.
    pub(crate) ordinals: bool,
}

impl Query {
    /// A made-up query.
    pub(crate) fn make(chance: &mut Chance) -> Query {
        let join = chance.percent(45).then(|| join(chance));
        Query::over(join, chance)
    }

    /// A made-up query over the orders and what is joined to them.
    pub(crate) fn over(join: Option<Joined>, chance: &mut Chance) -> Query {
        let mut query = Query {
            items: Vec::new(),
            join,
            filters: Vec::new(),
            keys: Vec::new(),
            is_grouped: chance.percent(30),
            rollup: false,
            having: None,
            distinct: Distinct::No,
            tail: None,
            order: None,
            limit: None,
            qualify: None,
            style: Style::default(),
        };
        if query.is_grouped {
            for _ in 0..chance.below(3) {
                let (expr, family) = query.piece(chance);
                let name = query.new_name(chance);
                query.keys.push(expr.clone());
                query.items.push(Item { expr, name, family });
            }
            query.rollup = !query.keys.is_empty() && chance.percent(12);
            query.having = chance.percent(15).then(|| "count(*) > 1".to_owned());
        }
        for _ in 0..1 + chance.below(4) {
            let item = query.new_item(chance);
            query.items.push(item);
        }
        for _ in 0..chance.below(3) {
            let filter = *chance.one(&FILTERS);
            // Two conditions on one column may leave nothing.
            let about =
                |text: &str| ["status", "quantity", "id", "amount"].map(|one| text.contains(one));
            let shares =
                |other: &String| about(other).iter().zip(about(filter)).any(|(a, b)| *a && b);
            if !query.filters.iter().any(shares) {
                query.filters.push(filter.to_owned());
            }
        }
        if chance.percent(12) {
            query.distinct = Distinct::All;
        } else if !query.is_grouped && chance.percent(4) {
            query.distinct = Distinct::On("o.customer_id");
        }
        if chance.percent(12) && query.distinct == Distinct::No {
            query.tail = Some(tail(chance));
        }
        query.limit = chance.percent(4).then_some(3);
        query.order = chance.percent(15).then(|| "1".to_owned());
        if chance.percent(5) {
            query.style.wrap = 1;
        }
        query
    }

    /// An item that the query could have.
    pub(crate) fn new_item(&self, chance: &mut Chance) -> Item {
        let (expr, family) = if chance.percent(4) {
            let all: &[(&str, Family)] = if self.is_grouped { &CHANCY_GROUPED } else { &CHANCY };
            let (expr, family) = chance.one(all);
            ((*expr).to_owned(), *family)
        } else if self.is_grouped {
            let (expr, family) = chance.one(&GROUPED);
            ((*expr).to_owned(), *family)
        } else if chance.percent(12) {
            let (expr, family) = chance.one(&WINDOWED);
            ((*expr).to_owned(), *family)
        } else if chance.percent(3) {
            ("unnest(o.tags)".to_owned(), Family::Text)
        } else {
            self.piece(chance)
        };
        Item { expr, family, name: self.new_name(chance) }
    }

    /// A value of one row.
    fn piece(&self, chance: &mut Chance) -> (String, Family) {
        let has_customers =
            self.join.as_ref().is_some_and(|join| !["SEMI JOIN", "ANTI JOIN"].contains(&join.kind));
        let (expr, family) = match has_customers && chance.percent(30) {
            true => chance.one(&JOINED),
            false => chance.one(&PLAIN),
        };
        ((*expr).to_owned(), *family)
    }

    /// A name that no item has.
    pub(crate) fn new_name(&self, chance: &mut Chance) -> String {
        for _ in 0..20 {
            let name = *chance.one(&NAMES);
            if !self.items.iter().any(|item| item.name == name) {
                return name.to_owned();
            }
        }
        format!("x{}", self.items.len())
    }

    /// The query as text, over something that has the orders' columns. `with` stands before it.
    pub(crate) fn sql(&self, orders: &str, with: Option<&str>) -> String {
        let own = self.block(orders, &self.filters);
        let mut sql = match &self.tail {
            None => own,
            Some(tail) => {
                let from = if tail.is_direct { "ref('source.orders')" } else { orders };
                let other = self.block(from, std::slice::from_ref(&tail.filter));
                let (one, two) = if tail.is_first { (other, own) } else { (own, other) };
                format!("{one} {} {two}", tail.kind)
            }
        };
        if let Some(order) = &self.order {
            sql.push_str(&format!(" ORDER BY {order}"));
        }
        if let Some(limit) = self.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        let names: Vec<&str> = self.items.iter().map(|item| item.name.as_str()).collect();
        let ctes = with.map(|with| format!("WITH {with} ")).unwrap_or_default();
        sql = match self.style.wrap % 4 {
            1 => {
                let before = with.map(|with| format!("{with}, ")).unwrap_or_default();
                format!("WITH {before}w AS ({sql}) SELECT {} FROM w", names.join(", "))
            }
            2 => format!("{ctes}SELECT {} FROM ({sql}) z", names.join(", ")),
            3 => format!("{ctes}SELECT * FROM ({sql})"),
            _ => format!("{ctes}{sql}"),
        };
        if self.style.small {
            sql = sql.replace("SELECT", "select").replace(" FROM ", "\n  from ");
        }
        if self.style.comment {
            sql = format!("/* why */ {sql} -- done");
        }
        sql
    }

    /// The query without what comes behind a set operation.
    fn block(&self, orders: &str, filters: &[String]) -> String {
        let mut from = format!("{orders} o");
        let mut filters = filters.to_vec();
        if let Some(join) = &self.join {
            let right = match join.right {
                Right::Grouped => {
                    "(SELECT g.id, max(g.region) AS region, max(g.name) AS name FROM ref('source.customers') g GROUP BY g.id) c"
                }
                Right::Filled => {
                    "(SELECT f.id, f.name, coalesce(f.region, 'nowhere') AS region FROM ref('source.customers') f) c"
                }
                Right::Northern => {
                    "(SELECT * FROM ref('source.customers') n WHERE n.region = 'north') c"
                }
                Right::Orders => {
                    "(SELECT p.id, p.status AS name, p.status || '!' AS region FROM ref('source.orders') p) c"
                }
                Right::Customers => "ref('source.customers') c",
            };
            let condition = join.on.strip_prefix("ON ");
            match (join.kind, condition) {
                ("JOIN", Some(condition)) if self.style.comma => {
                    from.push_str(&format!(", {right}"));
                    filters.insert(0, condition.to_owned());
                }
                ("CROSS JOIN" | "NATURAL JOIN", _) => {
                    from.push_str(&format!(" {} {right}", join.kind));
                }
                _ => from.push_str(&format!(" {} {right} {}", join.kind, join.on)),
            }
        }
        let items: Vec<String> =
            self.items.iter().map(|item| format!("{} AS {}", item.expr, item.name)).collect();
        let distinct = match self.distinct {
            Distinct::No => String::new(),
            Distinct::All => "DISTINCT ".to_owned(),
            Distinct::On(on) => format!("DISTINCT ON ({on}) "),
        };
        let mut sql = format!("SELECT {distinct}{} FROM {from}", items.join(", "));
        if !filters.is_empty() {
            let all: Vec<String> = filters.iter().map(|one| format!("({one})")).collect();
            sql.push_str(&format!(" WHERE {}", all.join(" AND ")));
        }
        if self.is_grouped && !self.keys.is_empty() {
            sql.push_str(&format!(" GROUP BY {}", self.group_by()));
        }
        if let Some(having) = self.having.as_ref().filter(|_| self.is_grouped) {
            sql.push_str(&format!(" HAVING {having}"));
        }
        if let Some(qualify) = &self.qualify {
            sql.push_str(&format!(" QUALIFY {qualify}"));
        }
        sql
    }

    fn group_by(&self) -> String {
        let place = |key: &String| self.items.iter().position(|item| item.expr == *key);
        let places: Option<Vec<usize>> = self.keys.iter().map(place).collect();
        let keys = match places.filter(|_| self.style.ordinals) {
            Some(places) => {
                places.iter().map(|place| (place + 1).to_string()).collect::<Vec<_>>().join(", ")
            }
            // A constant would be taken for a place.
            None => self.keys.join(", "),
        };
        if self.rollup { format!("ROLLUP ({keys})") } else { keys }
    }

    /// The names of columns of some families; of all, where none is said.
    pub(crate) fn names(&self, families: &[Family]) -> Vec<String> {
        let of =
            self.items.iter().filter(|item| families.is_empty() || families.contains(&item.family));
        of.map(|item| item.name.clone()).collect()
    }

    /// Every expression and condition of it, to be changed.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        let mut all: Vec<&mut String> = self.items.iter_mut().map(|item| &mut item.expr).collect();
        all.extend(&mut self.filters);
        all.extend(&mut self.keys);
        all.extend(&mut self.having);
        all.extend(&mut self.qualify);
        all.extend(self.tail.as_mut().map(|tail| &mut tail.filter));
        all.extend(self.join.as_mut().map(|join| &mut join.on));
        all
    }

    /// Whether anything speaks of the customers beside the orders.
    pub(crate) fn needs_customers(&self) -> bool {
        let mut own = self.clone();
        own.join = None;
        own.texts().iter().any(|text| text.contains("c."))
    }
}

/// A way to join the customers.
pub(crate) fn join(chance: &mut Chance) -> Joined {
    Joined {
        kind: KINDS[chance.below(KINDS.len())],
        on: (*chance.one(&CONDITIONS)).to_owned(),
        right: match chance.below(10) {
            0..=2 => Right::Grouped,
            3 => Right::Orders,
            _ => Right::Customers,
        },
    }
}

/// A set operation.
pub(crate) fn tail(chance: &mut Chance) -> Tail {
    let kinds = ["UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL"];
    Tail {
        kind: kinds[chance.below(6)],
        filter: (*chance.one(&FILTERS)).to_owned(),
        is_first: chance.percent(20),
        is_direct: chance.percent(40),
    }
}
