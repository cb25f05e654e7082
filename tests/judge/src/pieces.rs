//! Pieces of queries over `orders o` and `customers c`.

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

use Family::{Fraction, Other, Text, Whole};

/// Expressions over the orders.
pub(crate) const PLAIN: [(&str, Family); 35] = [
    ("o.id", Whole),
    ("o.customer_id", Whole),
    ("o.quantity", Whole),
    ("o.id + o.customer_id", Whole),
    ("o.id - o.customer_id", Whole),
    ("o.quantity * 2", Whole),
    ("length(o.status)", Whole),
    ("o.quantity % 3", Whole),
    ("o.quantity // 2", Whole),
    ("CASE WHEN o.quantity > 2 THEN 1 ELSE 0 END", Whole),
    ("TRY_CAST(o.status AS INTEGER)", Whole),
    ("o.amount", Fraction),
    ("o.price", Fraction),
    ("o.price * 2", Fraction),
    ("o.amount + o.amount", Fraction),
    ("coalesce(o.price, 0)", Fraction),
    ("o.amount * 1.0", Fraction),
    ("nullif(o.amount, 1.5)", Fraction),
    ("o.status", Text),
    ("upper(o.status)", Text),
    ("o.status || 'x'", Text),
    ("coalesce(o.status, 'none')", Text),
    ("o.id::VARCHAR", Text),
    ("CASE WHEN o.quantity > 2 THEN 'big' ELSE o.status END", Text),
    ("CASE o.status WHEN 'paid' THEN 'p' WHEN 'open' THEN 'q' END", Text),
    ("'k'", Text),
    ("o.ordered_at", Other),
    ("o.ordered_at::DATE", Other),
    ("o.quantity > 2", Other),
    ("o.tags", Other),
    ("o.tags[1]", Text),
    ("o.tags + ['z']", Other),
    ("list_transform(o.tags, lambda t: t || '!')", Other),
    ("{'a': o.id, 'b': o.status}", Other),
    ("({'a': o.id, 'b': o.customer_id}).a", Whole),
];

/// Expressions over the customers beside them.
pub(crate) const JOINED: [(&str, Family); 6] = [
    ("c.name", Text),
    ("c.region", Text),
    ("coalesce(c.region, 'nowhere')", Text),
    ("c.id", Whole),
    ("c.region IS NULL", Other),
    ("(SELECT count(*) FROM ref('source.customers') k WHERE k.id = c.id)", Whole),
];

/// Values of groups.
pub(crate) const GROUPED: [(&str, Family); 18] = [
    ("count(*)", Whole),
    ("count(o.status)", Whole),
    ("count(DISTINCT o.status)", Whole),
    ("sum(o.amount)", Fraction),
    ("sum(o.price)", Fraction),
    ("sum(o.id)", Fraction),
    ("sum(DISTINCT o.quantity)", Fraction),
    ("avg(o.quantity)", Fraction),
    ("max(o.status)", Text),
    ("min(o.ordered_at)", Other),
    ("first(o.id ORDER BY o.quantity, o.id)", Whole),
    ("list(o.id ORDER BY o.id)", Other),
    ("count(*)", Whole),
    ("max(o.amount)", Fraction),
    ("sum(o.quantity)", Fraction),
    ("count(*) FILTER (WHERE o.quantity > 1)", Whole),
    ("sum(o.quantity) FILTER (WHERE o.quantity > 1)", Fraction),
    ("'g'", Text),
];

/// Values over windows.
pub(crate) const WINDOWED: [(&str, Family); 9] = [
    ("rank() OVER (ORDER BY o.amount)", Whole),
    ("rank() OVER (PARTITION BY o.status ORDER BY o.price)", Whole),
    ("dense_rank() OVER (PARTITION BY o.status ORDER BY o.amount DESC)", Whole),
    ("rank() OVER (ORDER BY o.id NULLS FIRST)", Whole),
    ("count(*) OVER (PARTITION BY o.status)", Whole),
    ("sum(o.amount) OVER (PARTITION BY o.customer_id)", Fraction),
    ("sum(o.amount) OVER (ORDER BY o.quantity)", Fraction),
    ("max(o.quantity) OVER ()", Whole),
    ("count(*) OVER (ORDER BY o.id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)", Whole),
];

/// What follows the order in which rows happen to come, as a value of one row.
pub(crate) const CHANCY: [(&str, Family); 5] = [
    ("row_number() OVER (PARTITION BY o.status ORDER BY o.quantity)", Whole),
    ("row_number() OVER (ORDER BY o.id NULLS FIRST, o.quantity, o.amount)", Whole),
    ("lag(o.quantity) OVER (ORDER BY o.id)", Whole),
    ("lag(o.quantity IGNORE NULLS) OVER (PARTITION BY o.status ORDER BY o.id, o.quantity)", Whole),
    ("sum(o.quantity) OVER (ORDER BY o.id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", Fraction),
];

/// The same as a value of a group.
pub(crate) const CHANCY_GROUPED: [(&str, Family); 3] = [
    ("first(o.id)", Whole),
    ("string_agg(o.status, ',' ORDER BY o.id DESC)", Text),
    ("arg_max(o.status, o.amount)", Text),
];

/// Conditions of all kinds.
pub(crate) const FILTERS: [&str; 28] = [
    "o.quantity > 1",
    "o.quantity > {{ rules.least }}",
    // Nobody sees through what this function does.
    "length(trim(bar(o.quantity, 0, 8, 8))) > {{ rules.least }}",
    "o.status = 'paid'",
    "o.status <> 'void'",
    "o.status IS NOT DISTINCT FROM 'open'",
    "o.quantity BETWEEN 1 AND 4",
    "o.quantity >= 1",
    "o.id < o.customer_id",
    "o.id BETWEEN 9007199254740993 AND 1e300 OR o.id < 50",
    "o.status IN ('paid', 'open')",
    "o.status NOT IN ('paid', 'open')",
    "o.status LIKE 'p%'",
    "NOT o.status LIKE 'o%'",
    "o.amount IS NOT NULL",
    "o.price > 0.5 OR o.quantity > 3",
    "o.quantity > 2 AND o.amount > 1",
    "o.ordered_at >= TIMESTAMP '2024-01-20 00:00:00'",
    "o.quantity + o.id > 3",
    "TRY_CAST(o.status AS INTEGER) IS NULL",
    "EXISTS (SELECT 1 FROM ref('source.customers') k WHERE k.id = o.customer_id)",
    "NOT EXISTS (SELECT k.id FROM ref('source.customers') k WHERE k.id = o.customer_id AND k.region = 'north')",
    "o.customer_id NOT IN (SELECT k.id FROM ref('source.customers') k WHERE k.region = 'north')",
    "o.customer_id IN (SELECT k.id FROM ref('source.customers') k WHERE k.region = 'north')",
    "o.id > (SELECT min(k.id) FROM ref('source.customers') k)",
    "o.id > ALL (SELECT k.id FROM ref('source.customers') k WHERE k.id < 9)",
    "(SELECT count(*) FROM ref('source.customers') k WHERE k.id = o.customer_id) = 1",
    "list_contains(o.tags, 'a') OR o.tags[1] = 't1'",
];

/// Sums of whole numbers, which are stored as fractions.
pub(crate) const SUMMED: &str = "SELECT id, customer_id, amount, price, status, sum(quantity) AS quantity, ordered_at, tags FROM ref('source.orders') GROUP BY ALL";

/// What a query says of the orders, said where it reads them.
pub(crate) const FILTERED: &str = "SELECT * FROM ref('source.orders') WHERE quantity > 1";
pub(crate) const PRICED: &str =
    "SELECT * REPLACE (coalesce(price, 0) AS price) FROM ref('source.orders')";

/// What may stand between `orders` and the query, with the same columns.
pub(crate) const LAYERS: [&str; 10] = [
    "SELECT * FROM ref('source.orders')",
    "SELECT * FROM ref('source.orders') WHERE quantity > 0",
    "SELECT * FROM ref('source.orders') WHERE quantity >= 0",
    SUMMED,
    "SELECT DISTINCT * FROM ref('source.orders')",
    "SELECT * REPLACE (coalesce(quantity, 0) AS quantity) FROM ref('source.orders')",
    "SELECT x.* FROM ref('source.orders') x LEFT JOIN ref('source.customers') y ON x.customer_id = y.id",
    "SELECT x.* REPLACE (y.status AS status) FROM ref('source.orders') x LEFT JOIN (SELECT id, coalesce(name, 'n') AS status FROM ref('source.customers')) y ON x.customer_id = y.id",
    "SELECT * FROM ref('source.orders') WHERE quantity > 2 UNION ALL SELECT * FROM ref('source.orders') WHERE quantity <= 2",
    "SELECT * FROM ref('source.orders') LIMIT 60",
];

/// What may stand around the edited node's query without touching its columns. Of most nobody sees what
/// they do.
pub(crate) const SHELLS: [&str; 9] = [
    "CREATE TEMP TABLE made AS QUERY; SELECT * FROM made",
    "SELECT z.* FROM (QUERY) z WHERE random() >= 0",
    "SELECT z.* FROM (QUERY) z TABLESAMPLE 100 PERCENT",
    "SELECT z.* FROM (QUERY) z, range(length(trim(bar({{ rules.least }}, 0, 8, 8)))) r",
    "SELECT z.* FROM (QUERY) z, (PIVOT ref('source.customers') ON region IN ('north', 'south') USING count(*) GROUP BY id) p WHERE p.id <= {{ rules.least }}",
    "SELECT z.*, p.north FROM (QUERY) z, (SELECT * FROM ref('source.customers') PIVOT (count(*) FOR region IN ('north', 'west') GROUP BY id)) p WHERE p.id <= {{ rules.least }}",
    "SELECT z.* FROM (QUERY) z, (FROM (UNPIVOT ref('source.customers') ON name, region) LIMIT {{ rules.least }}) x",
    "WITH RECURSIVE deep AS (SELECT 1 AS step UNION ALL SELECT step + 1 FROM deep WHERE step < {{ rules.least }}) SELECT z.* FROM (QUERY) z, deep",
    "SELECT z.* FROM (QUERY) z, (SELECT #2 AS who FROM ref('source.customers') LIMIT {{ rules.least }}) y",
];

/// How the customers are joined, and on what; USING and NATURAL say it themselves.
pub(crate) const KINDS: [&str; 10] = [
    "JOIN",
    "JOIN",
    "LEFT JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "SEMI JOIN",
    "ANTI JOIN",
    "CROSS JOIN",
    "NATURAL JOIN",
];
/// Conditions of joins.
pub(crate) const CONDITIONS: [&str; 7] = [
    "ON o.customer_id = c.id",
    "ON o.customer_id = c.id",
    "ON c.id = o.customer_id",
    "ON o.customer_id = c.id AND c.region = 'north'",
    "ON o.id > c.id",
    "ON c.id = c.id",
    "USING (id)",
];

/// Names, some of which other tables have too.
pub(crate) const NAMES: [&str; 14] = [
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
