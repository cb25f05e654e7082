//! The canonical rules: each says that two spellings mean the same, under its side condition.

use super::id::{Id, Ids, Tag};
use super::value::{Class, Value, is_floating};

/// `a AND b` is `b AND a`, and `a AND a` is `a`: where both are BOOLEAN, cannot fail, and stay the same.
/// Returns the operands in their one order.
pub(crate) fn sorted_operands(operands: &[Value]) -> Ids {
    sorted(operands, &|one| vec![one.id])
}

/// The same for AND, whose operands may consist of several conditions.
pub(crate) fn sorted_conditions(operands: &[Value]) -> Ids {
    sorted(operands, &Value::conditions)
}

fn sorted(operands: &[Value], ids_of: &dyn Fn(&Value) -> Vec<Id>) -> Ids {
    match operands.iter().all(is_harmless_condition) {
        true => Ids::set(operands.iter().flat_map(ids_of)),
        false => Ids::in_order(operands.iter().map(|one| one.id)),
    }
}

/// Whether a condition may be evaluated before or behind any other.
pub(crate) fn is_harmless_condition(condition: &Value) -> bool {
    condition.is_kind("BOOLEAN") && !condition.raises && condition.class != Class::Unstable
}

/// How a comparison reads from right to left.
fn turned_round(operator: &str) -> Option<&str> {
    let turned = match operator {
        "COMPARE_EQUAL"
        | "COMPARE_NOTEQUAL"
        | "COMPARE_DISTINCT_FROM"
        | "COMPARE_NOT_DISTINCT_FROM" => operator,
        "COMPARE_GREATERTHAN" => "COMPARE_LESSTHAN",
        "COMPARE_GREATERTHANOREQUALTO" => "COMPARE_LESSTHANOREQUALTO",
        "COMPARE_LESSTHAN" => "COMPARE_GREATERTHAN",
        "COMPARE_LESSTHANOREQUALTO" => "COMPARE_GREATERTHANOREQUALTO",
        _ => return None,
    };
    Some(turned)
}

/// Whether `a + b` is `b + a`, or `a * b` is `b * a`: for two operands of one numeric type.
pub(crate) fn swapped(operator: &str, left: &Value, right: &Value) -> bool {
    let is_numeric = left.kind.as_deref().is_some_and(is_numeric);
    matches!(operator, "+" | "*") && is_numeric && same_kind(left, right)
}

/// `CAST(x AS T)` is `x` where x is of that type already.
pub(crate) fn is_redundant_cast(inner: &Value, to: &str) -> bool {
    inner.literal.is_none() && inner.is_kind(to) && is_one_of_a_kind(to)
}

/// Whether a text is a day, or a day with a time, as everybody writes them: reading it cannot fail.
pub(crate) fn is_plain_time(text: &str) -> bool {
    let shape: String =
        text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let within = |from: usize, least: u32, most: u32| {
        part(from, from + 2).is_some_and(|number: u32| (least..=most).contains(&number))
    };
    let is_day = within(5, 1, 12) && within(8, 1, 28) && part(0, 4).is_some_and(|year| year > 0);
    match shape.as_str() {
        "0000-00-00" => is_day,
        "0000-00-00 00:00:00" => {
            is_day && within(11, 0, 23) && within(14, 0, 59) && within(17, 0, 59)
        }
        _ => false,
    }
}

/// `count(1)` is `count(*)`, for any literal but NULL.
pub(crate) fn counts_rows(name: &str, arguments: &[Value], distinct: bool) -> bool {
    let [only] = arguments else { return false };
    name == "count" && !distinct && only.literal == Some(true)
}

/// `x BETWEEN a AND b` is `x >= a AND x <= b`, where all are of one type and x stays the same.
pub(crate) fn between_as_comparisons(input: &Value, low: &Value, high: &Value) -> Option<[Id; 2]> {
    let one_kind = same_kind(input, low) && same_kind(input, high);
    if !one_kind || input.class != Class::Exact {
        return None;
    }
    Some([
        comparison("COMPARE_GREATERTHANOREQUALTO", input, low),
        comparison("COMPARE_LESSTHANOREQUALTO", input, high),
    ])
}

/// The items of an IN list in their one order, where all are of one type and the tested value is exact.
pub(crate) fn list_as_set(tested: &Value, items: &[Value]) -> Option<Ids> {
    let one_kind = items.iter().all(|item| same_kind(tested, item));
    if !one_kind || tested.class != Class::Exact || items.iter().any(|item| item.raises) {
        return None;
    }
    Some(Ids::set(items.iter().map(|item| item.id)))
}

/// A comparison in its one spelling: `a = b` is `b = a` and `a < b` is `b > a`, where both sides are of one known type
/// without collation.
pub(crate) fn comparison(operator: &str, left: &Value, right: &Value) -> Id {
    let tag = |operator: &str, one: &Value, two: &Value| {
        Tag::new("compare").text(operator).id(one.id).id(two.id)
    };
    let straight = tag(operator, left, right);
    match turned_round(operator).filter(|_| same_kind(left, right)) {
        Some(turned) => straight.or_turned(tag(turned, right, left), right.id < left.id),
        None => straight.end(),
    }
}

/// Whether two values are known to be of one type, with one way to compare.
pub(crate) fn same_kind(left: &Value, right: &Value) -> bool {
    match (&left.kind, &right.kind) {
        (Some(one), Some(two)) if one == two => is_one_of_a_kind(one),
        _ => is_as_large(left, right) || is_as_large(right, left),
    }
}

/// Whether a whole number in the text is as large as the whole number beside it.
fn is_as_large(written: &Value, other: &Value) -> bool {
    written.literal == Some(true) && written.is_kind("INTEGER") && other.is_kind("BIGINT")
}

/// Whether comparing two values cannot fail: no side is cast, or only a number to a type that holds it.
pub(crate) fn compares_safely(left: &Value, right: &Value) -> bool {
    let (Some(one), Some(two)) = (left.kind.as_deref(), right.kind.as_deref()) else {
        return false;
    };
    if same_kind(left, right) || (whole_digits(one).is_some() && whole_digits(two).is_some()) {
        return true;
    }
    // Every number has a fraction beside it.
    if is_numeric(one) && is_numeric(two) && (is_floating(one) || is_floating(two)) {
        return true;
    }
    match (digits(one), digits(two)) {
        // Both grow to a decimal with room for either.
        (Some((whole, scale)), Some((other, other_scale))) => {
            whole.max(other) + scale.max(other_scale) <= 38
        }
        _ => false,
    }
}

/// How many digits a number has at most before and behind its point.
fn digits(kind: &str) -> Option<(u32, u32)> {
    if let Some(whole) = whole_digits(kind) {
        return Some((whole, 0));
    }
    let (width, scale) = kind.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
    let (width, scale): (u32, u32) = (width.trim().parse().ok()?, scale.trim().parse().ok()?);
    Some((width.checked_sub(scale)?, scale))
}

/// How many digits whole numbers of a type may have. Those of one sign are not mixed with others.
pub(crate) fn whole_digits(kind: &str) -> Option<u32> {
    match kind {
        "TINYINT" => Some(3),
        "SMALLINT" => Some(5),
        "INTEGER" => Some(10),
        "BIGINT" => Some(19),
        "HUGEINT" => Some(39),
        _ => None,
    }
}

/// The type of what is computed of two whole numbers. Smaller ones are left out: a literal beside them
/// is as small as they are.
pub(crate) fn whole_result(operator: &str, left: &Value, right: &Value) -> Option<&'static str> {
    if !matches!(operator, "+" | "-" | "*" | "//" | "%") {
        return None;
    }
    match (left.kind.as_deref()?, right.kind.as_deref()?) {
        ("INTEGER", "INTEGER") => Some("INTEGER"),
        ("INTEGER" | "BIGINT", "INTEGER" | "BIGINT") => Some("BIGINT"),
        _ => None,
    }
}

fn is_numeric(kind: &str) -> bool {
    whole_digits(kind).is_some() || is_floating(kind) || kind.starts_with("DECIMAL(")
}

/// Types whose name says everything: no collation, no time zone, no parts.
fn is_one_of_a_kind(kind: &str) -> bool {
    is_numeric(kind)
        || matches!(kind, "BOOLEAN" | "VARCHAR" | "DATE" | "TIMESTAMP" | "TIME" | "UUID" | "BLOB")
}
