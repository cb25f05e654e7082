//! Edits that write other words: some mean the same, some do not, and the judge is told of none which.

use crate::chance::Chance;
use crate::project::Plan;

/// Pairs of texts, each of which may be written for the other.
type Texts = &'static [(&'static str, &'static str)];

/// Kinds of edits, each with what is written for what.
pub(crate) const REWRITES: &[(&str, Texts)] = &[
    (
        "constant",
        &[
            ("> 1", "> 2"),
            ("'paid'", "'open'"),
            ("* 2", "* 3"),
            ("'north'", "'south'"),
            ("= 1", "= 2"),
            ("'k'", "'l'"),
            ("2024-01-20", "2024-02-20"),
        ],
    ),
    ("constant-type", &[("* 1.0", "* 1.00"), ("o.price, 0)", "o.price, 0.0)"), ("* 2", "* 2.0")]),
    (
        "comparison-turned",
        &[
            ("o.id < o.customer_id", "o.customer_id > o.id"),
            ("o.status = 'paid'", "'paid' = o.status"),
            ("o.customer_id = c.id", "c.id = o.customer_id"),
            ("o.quantity > 1", "1 < o.quantity"),
            ("o.id > c.id", "c.id < o.id"),
            ("o.id < 50", "50 > o.id"),
            ("k.id < 9", "9 > k.id"),
        ],
    ),
    (
        "comparison-strictness",
        &[
            ("o.quantity > 1", "o.quantity >= 1"),
            ("o.id < o.customer_id", "o.id <= o.customer_id"),
            ("o.id > c.id", "o.id >= c.id"),
            ("o.quantity >= 1", "1 < o.quantity"),
            ("o.id < o.customer_id", "o.customer_id >= o.id"),
        ],
    ),
    (
        "comparison-other",
        &[
            ("o.status <> 'void'", "o.status = 'void'"),
            ("o.status <> 'void'", "o.status IS DISTINCT FROM 'void'"),
            ("o.status = 'paid'", "o.status IS NOT DISTINCT FROM 'paid'"),
            ("LIKE", "ILIKE"),
            ("<> 'void'", "!= 'void'"),
        ],
    ),
    (
        "between",
        &[
            ("o.quantity BETWEEN 1 AND 4", "o.quantity >= 1 AND o.quantity <= 4"),
            ("o.quantity BETWEEN 1 AND 4", "o.quantity > 1 AND o.quantity <= 4"),
            ("o.quantity BETWEEN 1 AND 4", "o.quantity >= 1 AND o.quantity < 4"),
        ],
    ),
    (
        "between-mixed",
        &[(
            "o.id BETWEEN 9007199254740993 AND 1e300 OR",
            "(o.id >= 9007199254740993 AND o.id <= 1e300) OR",
        )],
    ),
    (
        "in-list",
        &[
            ("('paid', 'open')", "('open', 'paid', 'open')"),
            ("('paid', 'open')", "('paid', 'void')"),
            ("('paid', 'open')", "('paid')"),
        ],
    ),
    (
        "connective",
        &[
            ("o.price > 0.5 OR o.quantity > 3", "o.quantity > 3 OR o.price > 0.5"),
            ("o.price > 0.5 OR o.quantity > 3", "o.price > 0.5 AND o.quantity > 3"),
            ("o.quantity > 2 AND o.amount > 1", "o.amount > 1 AND o.quantity > 2"),
            ("o.quantity > 2 AND o.amount > 1", "o.quantity > 2 OR o.amount > 1"),
        ],
    ),
    (
        "negated",
        &[
            ("NOT IN", "IN"),
            ("NOT EXISTS", "EXISTS"),
            ("NOT o.status LIKE", "o.status LIKE"),
            ("IS NOT NULL", "IS NULL"),
            ("c.region IS NULL", "c.region IS NOT NULL"),
        ],
    ),
    (
        "subquery",
        &[
            ("SELECT 1 FROM", "SELECT 'x' FROM"),
            (
                "SELECT k.id FROM ref('source.customers') k WHERE k.id =",
                "SELECT max(k.id) FROM ref('source.customers') k WHERE k.id =",
            ),
            ("min(k.id)", "max(k.id)"),
            ("> ALL (", "> ANY ("),
            ("o.id > ALL", "o.id >= ALL"),
            ("k.id < 9", "k.id < 5"),
            ("k.id = o.customer_id", "k.id = k.id"),
        ],
    ),
    (
        "operands-swapped",
        &[
            ("o.id + o.customer_id", "o.customer_id + o.id"),
            ("o.id - o.customer_id", "o.customer_id - o.id"),
            ("o.tags + ['z']", "['z'] + o.tags"),
            ("o.quantity * 2", "2 * o.quantity"),
            ("o.quantity % 3", "3 % o.quantity"),
            ("o.status || 'x'", "'x' || o.status"),
        ],
    ),
    (
        "operator",
        &[("o.id + o", "o.id - o"), ("o.quantity % 3", "o.quantity // 3"), ("* 2", "+ 2")],
    ),
    (
        "function-alias",
        &[
            ("length(", "len("),
            ("upper(", "ucase("),
            ("coalesce(", "ifnull("),
            ("list_transform(", "list_apply("),
            ("avg(", "mean("),
            ("arg_max(", "max_by("),
        ],
    ),
    (
        "function-other",
        &[
            ("upper(", "lower("),
            ("coalesce(", "nullif("),
            ("length(", "strlen("),
            ("max(o", "min(o"),
            ("rank(", "dense_rank("),
            ("arg_max(", "arg_min("),
            ("first(", "last("),
        ],
    ),
    (
        "cast-type",
        &[("::VARCHAR", "::DOUBLE"), ("::DATE", "::TIMESTAMP"), ("AS INTEGER", "AS BIGINT")],
    ),
    ("try-cast", &[("TRY_CAST(o", "CAST(o")]),
    (
        "case",
        &[
            ("THEN 'big' ELSE o.status END", "THEN o.status ELSE 'big' END"),
            ("WHEN o.quantity > 2", "WHEN o.quantity > 3"),
            ("THEN 1 ELSE 0 END", "THEN 1 END"),
            ("WHEN 'open' THEN 'q'", "WHEN 'void' THEN 'q'"),
        ],
    ),
    (
        "nested",
        &[
            ("'b': o.customer_id}).a", "'b': o.customer_id}).b"),
            ("{'a': o.id, 'b': o.status}", "{'b': o.status, 'a': o.id}"),
            ("o.tags[1]", "o.tags[2]"),
            ("lambda t: t ||", "lambda z: z ||"),
            ("t || '!'", "'!' || t"),
        ],
    ),
    (
        "other-column",
        &[
            ("o.amount", "o.price"),
            ("o.customer_id", "o.id"),
            ("o.quantity", "o.id"),
            ("c.name", "c.region"),
            ("ON c.id = c.id", "ON c.id = o.id"),
        ],
    ),
    (
        "count",
        &[
            ("count(*)", "count(1)"),
            ("count(*)", "count(o.status)"),
            ("count(*)", "count(DISTINCT 1)"),
            ("count(*)", "count(NULL)"),
            ("count(DISTINCT o.status)", "count(o.status)"),
        ],
    ),
    (
        "aggregate",
        &[
            ("sum(DISTINCT o.quantity)", "sum(o.quantity)"),
            ("FILTER (WHERE o.quantity > 1)", "FILTER (WHERE o.quantity > 2)"),
            ("count(*) FILTER (WHERE o.quantity > 1)", "count(*)"),
            ("sum(o.id)", "sum(o.quantity)"),
        ],
    ),
    (
        "aggregate-order",
        &[
            ("first(o.id ORDER BY o.quantity, o.id)", "first(o.id ORDER BY o.id, o.quantity)"),
            ("first(o.id ORDER BY o.quantity, o.id)", "first(o.id ORDER BY o.quantity DESC, o.id)"),
            ("',' ORDER BY o.id DESC)", "',' ORDER BY o.id)"),
        ],
    ),
    (
        "window",
        &[
            ("PARTITION BY o.status ORDER BY", "PARTITION BY o.customer_id ORDER BY"),
            ("(PARTITION BY o.status)", "()"),
            ("ORDER BY o.amount)", "ORDER BY o.amount DESC)"),
            ("ORDER BY o.id NULLS FIRST", "ORDER BY o.id NULLS LAST"),
            ("1 PRECEDING", "2 PRECEDING"),
            ("ROWS BETWEEN", "RANGE BETWEEN"),
            (" IGNORE NULLS", ""),
            ("ORDER BY o.quantity)", "ORDER BY o.quantity ROWS UNBOUNDED PRECEDING)"),
            ("lag(", "lead("),
            ("ORDER BY o.id)", "ORDER BY o.id ASC)"),
        ],
    ),
];

/// Writes one text for another in every place where it stands, one way or the other; says whether it
/// stood anywhere.
pub(crate) fn rewrite(plan: &mut Plan, texts: Texts, chance: &mut Chance) -> bool {
    let both = |(from, to): &(&'static str, &'static str)| [(*from, *to), (*to, *from)];
    let mut ways: Vec<(&str, &str)> = texts.iter().flat_map(both).collect();
    ways.retain(|(from, _)| !from.is_empty());
    ways.retain(|(from, _)| plan.u.texts().iter().any(|text| text.contains(from)));
    if ways.is_empty() {
        return false;
    }
    let (from, to) = *chance.one(&ways);
    for text in plan.u.texts() {
        *text = text.replace(from, to);
    }
    true
}
