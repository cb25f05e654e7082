//! Made-up queries as values: they can be edited, and written out.

use crate::chance::Chance;

/// What family a column's values are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Whole numbers.
    Whole,
    /// Numbers with a fraction.
    Fraction,
    /// Texts.
    Text,
    /// Anything else.
    Other,
}

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
    /// The condition.
    pub(crate) on: String,
    /// Whether the right side is grouped, so that each key stands there once.
    pub(crate) is_grouped: bool,
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
    /// DISTINCT.
    pub(crate) distinct: bool,
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

const WHOLE: [&str; 6] = [
    "o.id",
    "o.customer_id",
    "o.quantity",
    "o.id + o.customer_id",
    "o.quantity * 2",
    "length(o.status)",
];
const FRACTION: [&str; 5] =
    ["o.amount", "o.price", "o.price * 2", "o.amount + o.amount", "coalesce(o.price, 0)"];
const TEXT: [&str; 6] = [
    "o.status",
    "upper(o.status)",
    "o.status || 'x'",
    "coalesce(o.status, 'none')",
    "o.id::VARCHAR",
    "CASE WHEN o.quantity > 2 THEN 'big' ELSE o.status END",
];
const OTHER: [&str; 4] = ["o.day", "o.quantity > 2", "o.tags", "{'a': o.id, 'b': o.status}"];
const JOINED: [&str; 4] = ["c.name", "c.region", "coalesce(c.region, 'nowhere')", "c.id"];
const GROUPED: [(&str, Family); 11] = [
    ("count(*)", Family::Whole),
    ("count(o.status)", Family::Whole),
    ("count(DISTINCT o.status)", Family::Whole),
    ("sum(o.amount)", Family::Fraction),
    ("sum(o.price)", Family::Fraction),
    ("sum(o.id)", Family::Fraction),
    ("avg(o.quantity)", Family::Fraction),
    ("max(o.status)", Family::Text),
    ("min(o.day)", Family::Other),
    ("first(o.id)", Family::Whole),
    ("sum(o.quantity) FILTER (WHERE o.quantity > 1)", Family::Fraction),
];
const WINDOWED: [(&str, Family); 7] = [
    ("row_number() OVER (PARTITION BY o.status ORDER BY o.quantity)", Family::Whole),
    ("rank() OVER (ORDER BY o.amount)", Family::Whole),
    ("count(*) OVER (PARTITION BY o.status)", Family::Whole),
    ("sum(o.amount) OVER (PARTITION BY o.customer_id)", Family::Fraction),
    ("lag(o.quantity) OVER (ORDER BY o.id)", Family::Whole),
    ("max(o.quantity) OVER ()", Family::Whole),
    (
        "sum(o.quantity) OVER (ORDER BY o.id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        Family::Fraction,
    ),
];
/// Conditions of all kinds; those with a cast can fail.
pub(crate) const FILTERS: [&str; 12] = [
    "o.quantity > 1",
    "o.status = 'paid'",
    "o.status <> 'void'",
    "o.quantity BETWEEN 1 AND 4",
    "o.quantity >= 1",
    "o.id < o.customer_id",
    "o.status IN ('paid', 'open')",
    "o.status LIKE 'p%'",
    "o.amount IS NOT NULL",
    "o.price > 0.5 OR o.quantity > 3",
    "EXISTS (SELECT 1 FROM ref('source.customers') k WHERE k.id = o.customer_id)",
    "o.customer_id NOT IN (SELECT k.id FROM ref('source.customers') k WHERE k.region = 'north')",
];
/// Names, some of which other tables have too.
const NAMES: [&str; 14] = [
    "id",
    "customer_id",
    "a",
    "b",
    "v",
    "k",
    "name",
    "region",
    "status",
    "total",
    "n",
    "net",
    "amount",
    "u",
];

impl Query {
    /// A made-up query.
    pub(crate) fn make(chance: &mut Chance) -> Query {
        let mut query = Query {
            items: Vec::new(),
            join: None,
            filters: Vec::new(),
            keys: Vec::new(),
            is_grouped: chance.percent(30),
            distinct: false,
            order: None,
            limit: None,
            qualify: None,
            style: Style::default(),
        };
        if chance.percent(45) {
            query.join = Some(join(chance));
        }
        if query.is_grouped {
            for _ in 0..1 + chance.below(2) {
                let item = plain_item(chance, &query);
                query.keys.push(item.expr.clone());
                query.items.push(item);
            }
        }
        for _ in 0..1 + chance.below(4) {
            let item = query.new_item(chance);
            query.items.push(item);
        }
        for _ in 0..chance.below(3) {
            query.filters.push((*chance.one(&FILTERS)).to_owned());
        }
        query.distinct = chance.percent(10);
        if chance.percent(10) {
            query.limit = Some(3);
        }
        if chance.percent(15) {
            query.order = Some("1".to_owned());
        }
        query
    }

    /// An item that the query could have.
    pub(crate) fn new_item(&self, chance: &mut Chance) -> Item {
        let (expr, family) = if self.is_grouped {
            let (expr, family) = chance.one(&GROUPED);
            ((*expr).to_owned(), *family)
        } else if chance.percent(12) {
            let (expr, family) = chance.one(&WINDOWED);
            ((*expr).to_owned(), *family)
        } else {
            let item = plain_item(chance, self);
            (item.expr, item.family)
        };
        Item { expr, family, name: self.new_name(chance) }
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

    /// The query as text.
    pub(crate) fn sql(&self) -> String {
        let mut from = "ref('source.orders') o".to_owned();
        let mut filters = self.filters.clone();
        if let Some(join) = &self.join {
            let right = match join.is_grouped {
                true => {
                    "(SELECT g.id, max(g.region) AS region, max(g.name) AS name FROM ref('source.customers') g GROUP BY g.id) c"
                }
                false => "ref('source.customers') c",
            };
            if self.style.comma && join.kind == "JOIN" {
                from.push_str(&format!(", {right}"));
                filters.insert(0, join.on.clone());
            } else {
                from.push_str(&format!(" {} {right} ON {}", join.kind, join.on));
            }
        }
        let items: Vec<String> =
            self.items.iter().map(|item| format!("{} AS {}", item.expr, item.name)).collect();
        let distinct = if self.distinct { "DISTINCT " } else { "" };
        let mut sql = format!("SELECT {distinct}{} FROM {from}", items.join(", "));
        if !filters.is_empty() {
            let all: Vec<String> = filters.iter().map(|one| format!("({one})")).collect();
            sql.push_str(&format!(" WHERE {}", all.join(" AND ")));
        }
        if self.is_grouped && !self.keys.is_empty() {
            let keys: Vec<String> = match self.style.ordinals
                && self.keys.iter().all(|key| self.place(key).is_some())
            {
                true => self.keys.iter().filter_map(|key| self.place(key)).collect(),
                false => self.keys.clone(),
            };
            sql.push_str(&format!(" GROUP BY {}", keys.join(", ")));
        }
        if let Some(qualify) = &self.qualify {
            sql.push_str(&format!(" QUALIFY {qualify}"));
        }
        if let Some(order) = &self.order {
            sql.push_str(&format!(" ORDER BY {order}"));
        }
        if let Some(limit) = self.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        let names: Vec<&str> = self.items.iter().map(|item| item.name.as_str()).collect();
        sql = match self.style.wrap % 4 {
            1 => format!("WITH w AS ({sql}) SELECT {} FROM w", names.join(", ")),
            2 => format!("SELECT {} FROM ({sql}) z", names.join(", ")),
            3 => format!("SELECT * FROM ({sql})"),
            _ => sql,
        };
        if self.style.small {
            sql = sql.replace("SELECT", "select").replace(" FROM ", "\n  from ");
        }
        if self.style.comment {
            sql = format!("/* why */ {sql} -- done");
        }
        sql
    }

    fn place(&self, key: &str) -> Option<String> {
        let place = self.items.iter().position(|item| item.expr == key)?;
        Some((place + 1).to_string())
    }

    /// The names of columns of a family.
    pub(crate) fn names(&self, family: Option<Family>) -> Vec<String> {
        let of = self.items.iter().filter(|item| family.is_none_or(|family| item.family == family));
        of.map(|item| item.name.clone()).collect()
    }
}

/// A way to join the customers.
pub(crate) fn join(chance: &mut Chance) -> Joined {
    let kinds: [&'static str; 6] =
        ["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"];
    let conditions = [
        "o.customer_id = c.id",
        "o.customer_id = c.id",
        "c.id = o.customer_id",
        "o.customer_id = c.id AND c.region = 'north'",
        "o.id > c.id",
    ];
    Joined {
        kind: kinds[chance.below(6)],
        on: (*chance.one(&conditions)).to_owned(),
        is_grouped: chance.percent(35),
    }
}

fn plain_item(chance: &mut Chance, query: &Query) -> Item {
    let mut of = |list: &[&str], family| ((*chance.one(list)).to_owned(), family);
    let (expr, family) = match (
        query.join.is_some(),
        of(&["w", "f", "t", "o", "j", "w", "t"], Family::Other).0.as_str(),
    ) {
        (_, "w") => of(&WHOLE, Family::Whole),
        (_, "f") => of(&FRACTION, Family::Fraction),
        (_, "o") => of(&OTHER, Family::Other),
        (true, "j") => of(&JOINED, Family::Text),
        _ => of(&TEXT, Family::Text),
    };
    Item { expr, family, name: query.new_name(chance) }
}
