//! Edits of every kind.

use crate::chance::Chance;
use crate::query::{FILTERS, Query, join};

/// An edit of one kind; it says whether it could be made.
pub(crate) struct Edit {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Makes it.
    pub(crate) make: fn(&mut Query, &mut Chance) -> bool,
}

/// Every kind of edit.
pub(crate) const EDITS: &[Edit] = &[
    Edit { name: "add-column", make: add_column },
    Edit { name: "add-column-first", make: add_column_first },
    Edit { name: "drop-column", make: drop_column },
    Edit { name: "rename-column", make: rename_column },
    Edit { name: "redefine-column", make: redefine_column },
    Edit {
        name: "reorder-columns",
        make: |query, chance| {
            query.items.len() > 1 && {
                let last = query.items.len() - 1;
                query.items.swap(0, chance.below(last) + 1);
                true
            }
        },
    },
    Edit { name: "exchange-names", make: exchange_names },
    Edit {
        name: "add-filter",
        make: |query, chance| {
            query.filters.push((*chance.one(&FILTERS)).to_owned());
            true
        },
    },
    Edit { name: "drop-filter", make: |query, _| query.filters.pop().is_some() },
    Edit {
        name: "reorder-filters",
        make: |query, _| {
            query.filters.reverse();
            query.filters.len() > 1
        },
    },
    Edit { name: "change-constant", make: change_constant },
    Edit { name: "turn-comparison", make: turn_comparison },
    Edit {
        name: "between-spelled-out",
        make: |query, _| {
            replace(query, "o.quantity BETWEEN 1 AND 4", "o.quantity >= 1 AND o.quantity <= 4")
        },
    },
    Edit {
        name: "in-list-reordered",
        make: |query, _| replace(query, "('paid', 'open')", "('open', 'paid', 'open')"),
    },
    Edit {
        name: "wrap",
        make: |query, chance| {
            let before = query.style.wrap;
            query.style.wrap = chance.below(4);
            before != query.style.wrap
        },
    },
    Edit {
        name: "small-letters",
        make: |query, _| {
            query.style.small = !query.style.small;
            true
        },
    },
    Edit {
        name: "comment",
        make: |query, _| {
            query.style.comment = !query.style.comment;
            true
        },
    },
    Edit {
        name: "comma-join",
        make: |query, _| {
            query.style.comma = !query.style.comma;
            query.join.as_ref().is_some_and(|join| join.kind == "JOIN")
        },
    },
    Edit {
        name: "join-kind",
        make: |query, chance| {
            query.join.as_mut().is_some_and(|one| {
                one.kind = join(chance).kind;
                true
            })
        },
    },
    Edit {
        name: "join-condition",
        make: |query, chance| {
            query.join.as_mut().is_some_and(|one| {
                one.on = join(chance).on;
                true
            })
        },
    },
    Edit {
        name: "join-grouped",
        make: |query, _| {
            query.join.as_mut().is_some_and(|one| {
                one.is_grouped = !one.is_grouped;
                true
            })
        },
    },
    Edit {
        name: "add-join",
        make: |query, chance| {
            query.join.is_none() && {
                query.join = Some(join(chance));
                true
            }
        },
    },
    Edit {
        name: "drop-join",
        make: |query, _| {
            !query.sql().contains("c.name")
                && !query.sql().contains("c.region")
                && query.join.take().is_some()
        },
    },
    Edit { name: "condition-to-where", make: condition_to_where },
    Edit {
        name: "keys-reordered",
        make: |query, _| {
            query.keys.reverse();
            query.keys.len() > 1
        },
    },
    Edit {
        name: "keys-by-place",
        make: |query, _| {
            query.style.ordinals = !query.style.ordinals;
            query.is_grouped
        },
    },
    Edit {
        name: "add-key",
        make: |query, _| {
            query.is_grouped && {
                query.keys.push("o.day".to_owned());
                true
            }
        },
    },
    Edit {
        name: "drop-key",
        make: |query, _| {
            query.is_grouped
                && query.keys.len() > 1
                && query.keys.pop().is_some_and(|key| {
                    query.items.retain(|item| item.expr != key);
                    !query.items.is_empty()
                })
        },
    },
    Edit {
        name: "distinct",
        make: |query, _| {
            query.distinct = !query.distinct;
            true
        },
    },
    Edit {
        name: "order",
        make: |query, chance| {
            query.order =
                chance.percent(60).then(|| (1 + chance.below(query.items.len())).to_string());
            true
        },
    },
    Edit {
        name: "limit",
        make: |query, chance| {
            query.limit = chance.percent(60).then(|| 1 + chance.below(5));
            true
        },
    },
    Edit {
        name: "qualify",
        make: |query, _| {
            !query.is_grouped && {
                query.qualify = match query.qualify {
                    Some(_) => None,
                    None => Some(
                        "row_number() OVER (PARTITION BY o.customer_id ORDER BY o.quantity) = 1"
                            .to_owned(),
                    ),
                };
                true
            }
        },
    },
    Edit {
        name: "cast",
        make: |query, chance| {
            let place = chance.below(query.items.len());
            query.items.get_mut(place).is_some_and(|item| {
                item.expr = format!("({})::VARCHAR", item.expr);
                true
            })
        },
    },
    Edit {
        name: "function-alias",
        make: |query, _| {
            replace(query, "length(", "len(")
                || replace(query, "upper(", "ucase(")
                || replace(query, "coalesce(", "ifnull(")
        },
    },
    Edit {
        name: "sum-swapped",
        make: |query, _| replace(query, "o.id + o.customer_id", "o.customer_id + o.id"),
    },
    Edit { name: "count-spelled", make: |query, _| replace(query, "count(*)", "count(1)") },
];

fn add_column(query: &mut Query, chance: &mut Chance) -> bool {
    let item = query.new_item(chance);
    query.items.push(item);
    true
}

fn add_column_first(query: &mut Query, chance: &mut Chance) -> bool {
    let item = query.new_item(chance);
    query.items.insert(0, item);
    true
}

fn drop_column(query: &mut Query, chance: &mut Chance) -> bool {
    if query.items.len() < 2 {
        return false;
    }
    let place = chance.below(query.items.len());
    query.items.remove(place);
    true
}

fn rename_column(query: &mut Query, chance: &mut Chance) -> bool {
    let name = query.new_name(chance);
    let place = chance.below(query.items.len());
    query.items.get_mut(place).is_some_and(|item| {
        item.name = name;
        true
    })
}

fn redefine_column(query: &mut Query, chance: &mut Chance) -> bool {
    let fresh = query.new_item(chance);
    let from = if query.is_grouped { query.keys.len().min(query.items.len() - 1) } else { 0 };
    let place = from + chance.below(query.items.len() - from);
    query.items.get_mut(place).is_some_and(|item| {
        item.expr = fresh.expr;
        true
    })
}

fn exchange_names(query: &mut Query, _: &mut Chance) -> bool {
    let [first, .., last] = query.items.as_mut_slice() else { return false };
    std::mem::swap(&mut first.name, &mut last.name);
    true
}

fn change_constant(query: &mut Query, _: &mut Chance) -> bool {
    replace(query, "> 1", "> 2")
        || replace(query, "'paid'", "'open'")
        || replace(query, "* 2", "* 3")
}

fn turn_comparison(query: &mut Query, _: &mut Chance) -> bool {
    replace(query, "o.id < o.customer_id", "o.customer_id > o.id")
        || replace(query, "o.status = 'paid'", "'paid' = o.status")
        || replace(query, "o.customer_id = c.id", "c.id = o.customer_id")
}

fn condition_to_where(query: &mut Query, _: &mut Chance) -> bool {
    let Some(join) = &mut query.join else { return false };
    let Some((first, second)) =
        join.on.split_once(" AND ").map(|(a, b)| (a.to_owned(), b.to_owned()))
    else {
        return false;
    };
    join.on = first;
    query.filters.push(second);
    true
}

/// Writes something else in every place where a text stands.
fn replace(query: &mut Query, from: &str, to: &str) -> bool {
    let mut found = false;
    let mut change = |text: &mut String| {
        found |= text.contains(from);
        *text = text.replace(from, to);
    };
    query.items.iter_mut().for_each(|item| change(&mut item.expr));
    query.filters.iter_mut().for_each(&mut change);
    query.keys.iter_mut().for_each(&mut change);
    if let Some(join) = &mut query.join {
        change(&mut join.on);
    }
    found
}
