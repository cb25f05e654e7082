//! Deliberate errors: each takes something out of what decides a verdict, or lets a rule hold too often.

/// A deliberate error in one place of `server/analysis/src`.
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// The kind of edits that it misjudges.
    pub(super) kind: &'static str,
    pub(super) file: &'static str,
    /// A text that stands once in the file; what is changed is the first of its kind behind it.
    pub(super) behind: &'static str,
    /// What is written there.
    pub(super) from: &'static str,
    /// What is done instead.
    pub(super) to: Instead,
}

/// What is done in the place of what is written.
pub(super) enum Instead {
    /// This expression.
    This(&'static str),
    /// Nothing: it is a link of a chain that makes a hash.
    Nothing,
}

use Instead::{Nothing, This};

const fn fault(
    (name, kind): (&'static str, &'static str),
    (file, behind): (&'static str, &'static str),
    from: &'static str,
    to: Instead,
) -> Fault {
    Fault { name, kind, file, behind, from, to }
}

const RULES: &str = "identity/rules.rs";
const EXPR: &str = "identity/expr.rs";
const WINDOW: &str = "identity/window.rs";
const JOIN: &str = "identity/join.rs";
const SELECT: &str = "identity/select.rs";
const MEANT: &str = "identity/meant.rs";
const NODE: &str = "identity/node.rs";
const STEPS: &str = "changes/steps.rs";
const EVAL: &str = "identity/eval.rs";
const ITS_FILTER: &str = ".ids(filter.iter().map(|one| one.id))";
const IN_SWAPPED: (&str, &str) = (RULES, "fn swapped");

pub(super) const FAULTS: &[Fault] = &[
    // Rules that hold too often.
    fault(
        ("condition-inside-any-join", "condition-inside"),
        (JOIN, "fn looks_at_all"),
        "matches!(join.kind, JoinKind::Left | JoinKind::Semi | JoinKind::Anti)",
        This("true"),
    ),
    fault(("one-of-each-below-all", "distinct"), (EVAL, "fn operand"), "set.all", This("false")),
    fault(
        ("swaps-every-operator", "operands-swapped"),
        IN_SWAPPED,
        "matches!(operator, \"+\" | \"*\")",
        This("true"),
    ),
    fault(
        ("swaps-lists", "operands-swapped"),
        IN_SWAPPED,
        "is_numeric && same_kind(left, right)",
        This("true"),
    ),
    fault(
        ("turns-at-least-into-less", "comparison-strictness"),
        (RULES, "\"COMPARE_GREATERTHANOREQUALTO\" => "),
        "\"COMPARE_LESSTHANOREQUALTO\"",
        This("\"COMPARE_LESSTHAN\""),
    ),
    fault(
        ("drops-every-cast", "cast"),
        (RULES, "fn is_redundant_cast"),
        "inner.is_kind(to) && is_one_of_a_kind(to)",
        This("true"),
    ),
    fault(
        ("counts-columns-as-rows", "count"),
        (RULES, "fn counts_rows"),
        "only.literal == Some(true)",
        This("true"),
    ),
    fault(
        ("counts-null-as-rows", "count"),
        (RULES, "fn counts_rows"),
        "only.literal == Some(true)",
        This("only.literal.is_some()"),
    ),
    fault(
        ("splits-mixed-between", "between-mixed"),
        (RULES, "fn between_as_comparisons"),
        "!one_kind",
        This("false"),
    ),
    fault(
        ("between-leaves-out-its-end", "between"),
        (RULES, "fn between_as_comparisons"),
        "\"COMPARE_LESSTHANOREQUALTO\"",
        This("\"COMPARE_LESSTHAN\""),
    ),
    fault(
        ("in-list-of-one", "in-list"),
        (RULES, "fn list_as_set"),
        "Some(Ids::set(items.iter().map(|item| item.id)))",
        This("Some(Ids::set(items.iter().take(1).map(|item| item.id)))"),
    ),
    fault(
        ("or-as-and", "connective"),
        (EXPR, "(\"CONJUNCTION_OR\", _) if !rigid => {"),
        "rules::sorted_operands(&values)",
        This("{ let ids = rules::sorted_operands(&values); parts = ids.all().to_vec(); ids }"),
    ),
    fault(
        ("looks-up-what-is-there-twice", "add-join"),
        (JOIN, "let is_key = "),
        "right.keys.iter().any(is_key)",
        This("true"),
    ),
    fault(
        ("lower-is-upper", "function-other"),
        ("identity/functions.rs", "pub(crate) fn canonical"),
        "ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name)",
        This("if name == \"lower\" { \"upper\" } else { name }"),
    ),
    // Inputs left out of what a value is.
    fault(("literal", "constant"), ("identity/numbers.rs", "fn constant"), ".maybe(text)", Nothing),
    fault(
        ("function-name", "function-other"),
        (EXPR, "names.fold(Tag::new(\"call\")"),
        ".text(name)",
        Nothing,
    ),
    fault(
        ("operator-name", "comparison-other"),
        (RULES, "Tag::new(\"compare\")"),
        ".text(operator)",
        Nothing,
    ),
    fault(("cast-type", "cast-type"), (EXPR, "let tag = Tag::new(\"cast\")"), ".text(to)", Nothing),
    fault(
        ("try-cast", "try-cast"),
        (EXPR, "let tag = Tag::new(\"cast\")"),
        ".number(usize::from(try_cast))",
        Nothing,
    ),
    fault(
        ("else-of-case", "case"),
        (EXPR, "let rest = self.expr(rest, at)?;"),
        "pure(\"case\", &parts)",
        This("pure(\"case\", parts.get(..parts.len() - 1).unwrap_or_default())"),
    ),
    fault(
        ("aggregate-distinct", "aggregate"),
        (EXPR, "Tag::new(\"aggregate\")"),
        ".number(usize::from(call.distinct))",
        Nothing,
    ),
    fault(
        ("aggregate-filter", "aggregate"),
        (EXPR, "Tag::new(\"aggregate\")"),
        ITS_FILTER,
        Nothing,
    ),
    fault(
        ("aggregate-order", "aggregate-order"),
        (EXPR, "Tag::new(\"aggregate\")"),
        ".ids(order)",
        Nothing,
    ),
    fault(
        ("window-partition", "window"),
        (WINDOW, "Tag::new(\"window\")"),
        ".these(&partition_ids)",
        Nothing,
    ),
    fault(("window-order", "window"), (WINDOW, "Tag::new(\"window\")"), ".ids(order)", Nothing),
    fault(
        ("window-bounds", "window"),
        (WINDOW, "Tag::new(\"window\")"),
        ".ids(bounds.iter().map(|one| one.id))",
        Nothing,
    ),
    fault(
        ("window-frame", "window"),
        (WINDOW, "Tag::new(\"window\")"),
        "window.frame.iter().fold(tag, |tag, word| tag.text(word))",
        This("tag"),
    ),
    fault(
        ("window-nulls", "window"),
        (WINDOW, "Tag::new(\"window\")"),
        ".number(usize::from(window.ignore_nulls))",
        Nothing,
    ),
    fault(
        ("window-rows", "filter-behind-windows"),
        (WINDOW, "Tag::new(\"window\")"),
        ".id(at.rows.windowed)",
        Nothing,
    ),
    fault(
        ("order-direction", "order"),
        (EXPR, "Tag::new(\"term\")"),
        ".number(usize::from(term.descending.unwrap_or(false)))",
        Nothing,
    ),
    fault(
        ("order-nulls", "order"),
        (EXPR, "Tag::new(\"term\")"),
        ".number(usize::from(term.nulls_first.unwrap_or(false)))",
        Nothing,
    ),
    fault(
        ("subquery-comparison", "subquery"),
        ("identity/subquery.rs", "Tag::new(\"subquery\")"),
        ".maybe(subquery.comparison.as_deref())",
        Nothing,
    ),
    fault(
        ("subquery-rows", "constant"),
        ("identity/subquery.rs", "Tag::new(\"subquery\")"),
        ".id(relation.rows())",
        Nothing,
    ),
    fault(
        ("subquery-columns", "subquery"),
        ("identity/subquery.rs", "Tag::new(\"subquery\")"),
        "tag = tag.id(column.value.id).maybe(column.value.kind.as_deref())",
        This("()"),
    ),
    // Inputs left out of which rows there are.
    fault(
        ("filters", "add-filter"),
        ("identity/value.rs", "pub(crate) fn filtered"),
        "Tag::new(\"filter\").id(base).set(filters).end()",
        This("base"),
    ),
    fault(
        ("having", "having"),
        (SELECT, "scope.clause = Clause::Having;"),
        "self.filter(having, &scope, grouped, &mut stage)?",
        This("()"),
    ),
    fault(
        ("qualify", "qualify"),
        (SELECT, "scope.clause = Clause::Qualify;"),
        "self.filter(qualify, &scope, grouped, &mut stage)?",
        This("()"),
    ),
    fault(
        ("group-keys", "add-key"),
        ("identity/groups.rs", "Tag::new(\"group\")"),
        ".these(keys)",
        Nothing,
    ),
    fault(
        ("grouping-sets", "rollup"),
        ("identity/groups.rs", "Tag::new(\"group\")"),
        ".text(sets)",
        Nothing,
    ),
    fault(
        ("distinct-columns", "add-column"),
        (SELECT, "// One of each kind is one of each group."),
        "Ids::set(ids)",
        This("Ids::set(ids.take(0))"),
    ),
    fault(
        ("distinct-on", "distinct-on"),
        (SELECT, "Tag::new(\"distinct on\")"),
        ".set(&on)",
        Nothing,
    ),
    fault(
        ("limit-count", "limit"),
        (SELECT, "Tag::new(\"limit\")"),
        ".ids(parts.iter().map(|part| part.id))",
        Nothing,
    ),
    fault(("join-kind", "join-kind"), (JOIN, "Tag::new(\"join\")"), ".text(&word(join))", Nothing),
    fault(
        ("join-condition", "join-condition"),
        (JOIN, "Tag::new(\"join\")"),
        ".these(&ids)",
        Nothing,
    ),
    fault(
        ("join-right-side", "join-grouped"),
        (JOIN, "Tag::new(\"join\")"),
        ".id(right_rows)",
        Nothing,
    ),
    fault(
        ("lookup-condition", "join-condition"),
        (JOIN, "Tag::new(\"found\")"),
        ".these(condition)",
        Nothing,
    ),
    fault(("set-kind", "set-kind"), (EVAL, "Tag::new(\"set\")"), ".text(word)", Nothing),
    fault(
        ("set-right-side", "constant"),
        (EVAL, "Tag::new(\"set\")"),
        ".id(right.rows())",
        Nothing,
    ),
    fault(
        ("set-columns", "add-column"),
        (EVAL, "if !keeps_all {"),
        "rows = rows.id(one.value.id).id(two.value.id)",
        This("()"),
    ),
    // Wrappers dropped.
    fault(
        ("slot-of-inner-joins", "other-side"),
        ("identity/from.rs", "let slot = |value: &Value| match building.many {"),
        "value.of_slot(number)",
        This("value.clone()"),
    ),
    fault(
        ("slot-of-outer-joins", "other-side"),
        (JOIN, "fn both_sides"),
        "value.of_slot(number)",
        This("value.clone()"),
    ),
    fault(
        ("store-at-the-boundary", "sum-to-node"),
        (NODE, "true => output.value.id,"),
        "Tag::new(\"store\").text(kind).id(output.value.id).end()",
        This("output.value.id"),
    ),
    // Inputs left out of what is compared.
    fault(
        ("names-of-columns", "rename-column"),
        (MEANT, "for column in self.columns.iter().flatten() {"),
        ".text(&column.name)",
        Nothing,
    ),
    fault(
        ("declared-order", "order"),
        (MEANT, "Tag::new(\"output\")"),
        ".ids(self.order.iter().copied())",
        Nothing,
    ),
    fault(("bonds", "order"), (STEPS, "let is_kept = "), "decided.keeps(id)", This("true")),
    fault(
        ("order-of-a-limit", "order"),
        (SELECT, "fn limited"),
        "self.is_ordered = true",
        This("()"),
    ),
    fault(
        ("what-fails", "drop-column"),
        (STEPS, "let Some((before, then)) = then else {"),
        "new.schemas.problem(id)",
        This("None"),
    ),
    fault(
        ("what-means-something-else", "add-column"),
        ("changes/effects.rs", "fn broken("),
        "reasons::rebound(node, now, then)",
        This("Vec::<Reason>::new()"),
    ),
    fault(
        ("values-in-what-is-opaque", "common-value"),
        (NODE, "fn opaque"),
        "with(tag, filled)",
        This("tag"),
    ),
    fault(
        ("distinct-over-anything", "distinct"),
        (SELECT, "fn is_each_once"),
        "stage.keys.iter().any(|key| key.is_subset(&columns))",
        This("true"),
    ),
    fault(
        ("places-of-inputs", "inputs-turned"),
        (NODE, "fn inputs"),
        "one.origin == Origin::Inputs",
        This("false"),
    ),
];
