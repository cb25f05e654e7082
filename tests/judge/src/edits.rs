//! Edits of every kind.

use crate::chance::Chance;
use crate::pieces::{FILTERED, FILTERS, LAYERS, PRICED, SHELLS, SUMMED, WINDOWED};
use crate::project::{Form, Plan};
use crate::query::{Distinct, Query, Right, join, tail};
use crate::rewrites::{REWRITES, rewrite};

/// An edit of one kind; it says whether it could be made.
type Make = fn(&mut Plan, &mut Chance) -> bool;

/// What every kind of edit is called.
pub(crate) fn kinds() -> Vec<&'static str> {
    let own = SHAPES.iter().map(|(name, _)| *name);
    own.chain(REWRITES.iter().map(|(name, _)| *name)).collect()
}

/// Makes an edit of a kind; says whether it could be made.
pub(crate) fn edit(kind: &str, plan: &mut Plan, chance: &mut Chance) -> bool {
    match SHAPES.iter().find(|(name, _)| *name == kind) {
        Some((_, make)) => make(plan, chance),
        None => {
            let texts = REWRITES.iter().find(|(name, _)| *name == kind).expect("a kind of edit").1;
            rewrite(plan, texts, chance)
        }
    }
}

/// Edits that change what a query consists of. Those that change words only are in `rewrites`.
const SHAPES: &[(&str, Make)] = &[
    ("add-column", |plan, chance| {
        let mut item = plan.u.new_item(chance);
        item.name = new_name(plan, chance);
        plan.u.items.push(item);
        true
    }),
    ("add-column-first", |plan, chance| {
        let mut item = plan.u.new_item(chance);
        item.name = new_name(plan, chance);
        plan.u.items.insert(0, item);
        true
    }),
    ("drop-column", drop_column),
    ("rename-column", rename_column),
    ("redefine-column", redefine_column),
    ("reorder-columns", |plan, chance| {
        let last = plan.u.items.len() - 1;
        plan.u.items.swap(0, chance.below(last) + usize::from(last > 0));
        last > 0
    }),
    ("exchange-names", exchange_names),
    ("cast", |plan, chance| {
        let place = chance.below(plan.u.items.len());
        let item = &mut plan.u.items[place];
        item.expr = format!("({})::VARCHAR", item.expr);
        !plan.u.is_grouped || place >= plan.u.keys.len()
    }),
    ("cast-to-the-same", |plan, _| {
        let same = [("o.id", "BIGINT"), ("o.status", "VARCHAR"), ("o.price", "DOUBLE")];
        let mut is_found = false;
        for item in &mut plan.u.items {
            if let Some((_, kind)) = same.iter().find(|(expr, _)| *expr == item.expr) {
                item.expr = format!("CAST({} AS {kind})", item.expr);
                is_found = true;
            }
        }
        is_found && !plan.u.is_grouped
    }),
    ("add-window", |plan, chance| {
        let name = plan.u.new_name(chance);
        let (expr, family) = *chance.one(&WINDOWED);
        plan.u.items.push(crate::query::Item { expr: expr.to_owned(), name, family });
        !plan.u.is_grouped
    }),
    ("add-unnest", |plan, chance| {
        let item = plan.u.new_item(chance);
        plan.u.items.push(crate::query::Item { expr: "unnest([1, 2])".to_owned(), ..item });
        !plan.u.is_grouped
    }),
    ("add-filter", |plan, chance| {
        plan.u.filters.push((*chance.one(&FILTERS)).to_owned());
        true
    }),
    ("drop-filter", |plan, _| plan.u.filters.pop().is_some()),
    ("reorder-filters", |plan, _| {
        plan.u.filters.reverse();
        plan.u.filters.len() > 1
    }),
    ("repeat-filter", |plan, _| {
        let first = plan.u.filters.first().cloned();
        plan.u.filters.extend(first);
        plan.u.filters.len() > 1
    }),
    ("true-added", |plan, _| {
        plan.u.filters.push("TRUE".to_owned());
        true
    }),
    ("wrap", |plan, chance| {
        let before = plan.u.style.wrap;
        plan.u.style.wrap = chance.below(4);
        before != plan.u.style.wrap
    }),
    ("small-letters", |plan, _| {
        plan.u.style.small = !plan.u.style.small;
        true
    }),
    ("comment", |plan, _| {
        plan.u.style.comment = !plan.u.style.comment;
        true
    }),
    ("comma-join", |plan, _| {
        plan.u.style.comma = !plan.u.style.comma;
        plan.u.join.as_ref().is_some_and(|join| join.kind == "JOIN" && join.on.starts_with("ON"))
    }),
    ("join-kind", |plan, chance| {
        let needs = plan.u.needs_customers();
        plan.u.join.as_mut().is_some_and(|one| {
            let before = one.kind;
            one.kind = join(chance).kind;
            before != one.kind && !(needs && ["SEMI JOIN", "ANTI JOIN"].contains(&one.kind))
        })
    }),
    ("join-condition", |plan, chance| {
        plan.u.join.as_mut().is_some_and(|one| {
            let before = std::mem::replace(&mut one.on, join(chance).on);
            before != one.on && !["CROSS JOIN", "NATURAL JOIN"].contains(&one.kind)
        })
    }),
    ("join-grouped", |plan, _| {
        plan.u.join.as_mut().is_some_and(|one| {
            one.right = match one.right {
                Right::Grouped => Right::Customers,
                _ => Right::Grouped,
            };
            true
        })
    }),
    ("add-join", |plan, chance| {
        plan.u.join.is_none() && {
            plan.u.join = Some(join(chance));
            true
        }
    }),
    ("drop-join", |plan, _| !plan.u.needs_customers() && plan.u.join.take().is_some()),
    ("other-side", |plan, _| {
        let is_same = plan.u.join.as_ref().is_some_and(|join| join.right == Right::Orders);
        let mut is_found = false;
        for item in &mut plan.u.items {
            let other = match item.expr.as_str() {
                "o.status" => "c.name",
                "o.id" => "c.id",
                "c.name" => "o.status",
                "c.id" => "o.id",
                _ => continue,
            };
            item.expr = other.to_owned();
            is_found = true;
        }
        is_same && is_found && !plan.u.is_grouped
    }),
    ("default-inside", |plan, _| {
        // A region that is filled in before the join is NULL behind an outer one.
        let Some(join) = &mut plan.u.join else { return false };
        let is_plain = join.right == Right::Customers && !join.on.contains("region");
        join.right = Right::Filled;
        let mut is_found = false;
        for text in plan.u.texts() {
            is_found |= text.contains("coalesce(c.region, 'nowhere')");
            *text = text.replace("coalesce(c.region, 'nowhere')", "c.region");
        }
        is_plain && is_found
    }),
    ("condition-inside", |plan, _| {
        // Behind an outer join rows are kept that a condition in front of it takes away.
        let Some(join) = &mut plan.u.join else { return false };
        let said = join.on.strip_suffix(" AND c.region = 'north'").map(str::to_owned);
        let Some(on) = said.filter(|_| join.right == Right::Customers) else { return false };
        (join.on, join.right) = (on, Right::Northern);
        !["CROSS JOIN", "NATURAL JOIN"].contains(&join.kind)
    }),
    ("filter-inside", |plan, _| {
        let before = plan.u.filters.len();
        plan.u.filters.retain(|filter| filter != "o.quantity > 1");
        let form = std::mem::replace(&mut plan.form, Form::Inline);
        plan.layer = FILTERED;
        form == Form::Absent && plan.u.filters.len() < before && plan.u.tail.is_none()
    }),
    ("expression-inside", |plan, _| {
        let mut is_found = false;
        for text in plan.u.texts() {
            is_found |= text.contains("coalesce(o.price, 0)");
            *text = text.replace("coalesce(o.price, 0)", "coalesced");
        }
        let is_alone = !plan.u.texts().iter().any(|text| text.contains("o.price"));
        for text in plan.u.texts() {
            *text = text.replace("coalesced", "o.price");
        }
        let form = std::mem::replace(&mut plan.form, Form::Inline);
        plan.layer = PRICED;
        let is_direct = plan.u.tail.as_ref().is_some_and(|tail| tail.is_direct);
        form == Form::Absent && is_found && is_alone && !is_direct
    }),
    ("filter-behind-windows", |plan, _| {
        let has_window = plan.u.items.iter().any(|item| item.expr.contains(" OVER ("));
        plan.u.qualify = plan.u.filters.pop();
        has_window && plan.u.qualify.is_some()
    }),
    ("sum-to-node", |plan, _| {
        let is_divided = plan.u.texts().iter().any(|text| text.contains("o.quantity // 2"));
        let before = std::mem::replace(&mut plan.form, Form::Node);
        before == Form::Cte && plan.layer == SUMMED && is_divided
    }),
    ("condition-to-where", condition_to_where),
    ("keys-reordered", |plan, _| {
        plan.u.keys.reverse();
        plan.u.keys.len() > 1 && !plan.u.style.ordinals
    }),
    ("keys-by-place", |plan, _| {
        plan.u.style.ordinals = !plan.u.style.ordinals;
        !plan.u.keys.is_empty()
    }),
    ("add-key", |plan, _| {
        plan.u.keys.push("o.ordered_at".to_owned());
        plan.u.is_grouped
    }),
    ("add-constant-key", |plan, _| {
        plan.u.keys.push("'c'".to_owned());
        plan.u.is_grouped
    }),
    ("drop-key", |plan, _| {
        plan.u.keys.pop().is_some_and(|key| {
            plan.u.items.retain(|item| item.expr != key);
            !plan.u.items.is_empty()
        })
    }),
    ("rollup", |plan, _| {
        plan.u.rollup = !plan.u.rollup;
        !plan.u.keys.is_empty()
    }),
    ("having", |plan, _| {
        let before = plan.u.having.take();
        plan.u.having = before.is_none().then(|| "count(*) > 1".to_owned());
        plan.u.is_grouped
    }),
    ("group", |plan, _| {
        // The same keys without what is computed of the groups, as DISTINCT would have it.
        let keys = plan.u.keys.clone();
        plan.u.items.retain(|item| keys.contains(&item.expr));
        plan.u.is_grouped && !plan.u.items.is_empty() && {
            plan.u.is_grouped = false;
            plan.u.keys.clear();
            plan.u.distinct = Distinct::All;
            true
        }
    }),
    ("distinct", |plan, _| {
        plan.u.distinct = match plan.u.distinct {
            Distinct::No => Distinct::All,
            _ => Distinct::No,
        };
        true
    }),
    ("distinct-on", |plan, _| {
        let on = ["o.customer_id", "o.status"];
        plan.u.distinct = match plan.u.distinct {
            Distinct::On(one) if one == on[0] => Distinct::On(on[1]),
            _ => Distinct::On(on[0]),
        };
        !plan.u.is_grouped
    }),
    ("order", |plan, chance| {
        let place = 1 + chance.below(plan.u.items.len());
        let direction = *chance.one(&["", " DESC", " NULLS FIRST"]);
        let before = plan.u.order.take();
        plan.u.order = chance.percent(75).then(|| format!("{place}{direction}"));
        before != plan.u.order
    }),
    ("limit", |plan, chance| {
        let before = plan.u.limit.take();
        plan.u.limit = chance.percent(60).then(|| 1 + chance.below(5));
        before != plan.u.limit
    }),
    ("qualify", |plan, _| {
        let all = "row_number() OVER (PARTITION BY o.customer_id ORDER BY o.quantity) = 1";
        let before = plan.u.qualify.take();
        plan.u.qualify = before.is_none().then(|| all.to_owned());
        !plan.u.is_grouped
    }),
    ("add-set", |plan, chance| {
        plan.u.tail.is_none() && {
            plan.u.tail = Some(tail(chance));
            true
        }
    }),
    ("drop-set", |plan, _| plan.u.tail.take().is_some()),
    ("set-kind", |plan, chance| {
        plan.u.tail.as_mut().is_some_and(|one| {
            let before = std::mem::replace(&mut one.kind, tail(chance).kind);
            before != one.kind
        })
    }),
    ("set-operands", |plan, _| {
        plan.u.tail.as_mut().is_some_and(|one| {
            one.is_first = !one.is_first;
            true
        })
    }),
    ("layer-form", |plan, chance| {
        let before = plan.form;
        plan.form = *chance.one(&[Form::Node, Form::Cte, Form::Inline]);
        before != Form::Absent && before != plan.form
    }),
    ("layer-named", |plan, _| {
        // Rows that are alike are counted in the order in which they come.
        let counts = plan.u.items.iter().any(|item| item.expr.starts_with("row_number()"));
        let before = std::mem::replace(&mut plan.form, Form::Cte);
        before == Form::Inline && counts && plan.layer.contains("UNION ALL")
    }),
    ("layer-changed", |plan, chance| {
        let before = plan.layer;
        plan.layer = *chance.one(&LAYERS);
        plan.form != Form::Absent && before != plan.layer
    }),
    ("common-value", |plan, _| {
        plan.least += 1;
        plan.names_least()
    }),
    ("shell", |plan, chance| {
        let before = plan.shell;
        plan.shell = chance.percent(60).then(|| *chance.one(&SHELLS));
        before != plan.shell
    }),
    ("inputs-turned", |plan, chance| {
        let means_something = plan.inputs.are_numbered || chance.percent(10);
        plan.inputs.are_turned = !plan.inputs.are_turned;
        means_something && plan.nodes().iter().any(|node| node.name == "u" && node.inputs.len() > 1)
    }),
    ("inputs-numbered", |plan, _| {
        plan.inputs.are_numbered = !plan.inputs.are_numbered;
        true
    }),
];

/// A name that no column has, rather one that readers have used for something else.
fn new_name(plan: &Plan, chance: &mut Chance) -> String {
    let is_free = |name: &&str| !plan.u.items.iter().any(|item| item.name == *name);
    let captured = plan.readers.iter().filter_map(|reader| reader.bare).find(is_free);
    match captured.filter(|_| chance.percent(60)) {
        Some(name) => name.to_owned(),
        None => plan.u.new_name(chance),
    }
}

fn drop_column(plan: &mut Plan, chance: &mut Chance) -> bool {
    let place = chance.below(plan.u.items.len());
    plan.u.items.len() > 1 && {
        plan.u.items.remove(place);
        true
    }
}

fn rename_column(plan: &mut Plan, chance: &mut Chance) -> bool {
    let name = new_name(plan, chance);
    let place = chance.below(plan.u.items.len());
    plan.u.items[place].name = name;
    true
}

fn redefine_column(plan: &mut Plan, chance: &mut Chance) -> bool {
    let query: &mut Query = &mut plan.u;
    let fresh = query.new_item(chance);
    let keys = if query.is_grouped { query.keys.len() } else { 0 };
    let from = keys.min(query.items.len() - 1);
    let place = from + chance.below(query.items.len() - from);
    let item = &mut query.items[place];
    let before = std::mem::replace(&mut item.expr, fresh.expr);
    before != item.expr
}

fn exchange_names(plan: &mut Plan, _: &mut Chance) -> bool {
    let [first, .., last] = plan.u.items.as_mut_slice() else { return false };
    std::mem::swap(&mut first.name, &mut last.name);
    true
}

fn condition_to_where(plan: &mut Plan, _: &mut Chance) -> bool {
    let Some(join) = &mut plan.u.join else { return false };
    let Some((first, second)) =
        join.on.split_once(" AND ").map(|(a, b)| (a.to_owned(), b.to_owned()))
    else {
        return false;
    };
    join.on = first;
    plan.u.filters.push(second);
    !["CROSS JOIN", "NATURAL JOIN"].contains(&join.kind)
}
