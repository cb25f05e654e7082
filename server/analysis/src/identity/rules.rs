//! The canonical rules: each says that two spellings mean the same, under its side condition.

use super::id::{Id, Tag};
use super::value::{Class, Value, is_floating};

/// `a AND b` is `b AND a`, and `a AND a` is `a`: where both are BOOLEAN, cannot fail, and stay the same.
/// Returns the operands in their one order.
pub(crate) fn sorted_operands(operands: &[Value]) -> Vec<Id> {
    sorted(operands, &|one| vec![one.id])
}

/// The same for AND, whose operands may consist of several conditions.
pub(crate) fn sorted_conditions(operands: &[Value]) -> Vec<Id> {
    sorted(operands, &Value::conditions)
}

fn sorted(operands: &[Value], ids_of: &dyn Fn(&Value) -> Vec<Id>) -> Vec<Id> {
    if !operands.iter().all(is_harmless_condition) {
        return operands.iter().map(|one| one.id).collect();
    }
    let mut ids: Vec<Id> = operands.iter().flat_map(ids_of).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Whether a condition may be evaluated before or behind any other.
pub(crate) fn is_harmless_condition(condition: &Value) -> bool {
    condition.is_kind("BOOLEAN") && !condition.raises && condition.class != Class::Unstable
}

/// `a = b` is `b = a` and `a < b` is `b > a`, where both sides are of one known type without collation.
/// Returns the operator and whether the sides change places.
pub(crate) fn turned_round(operator: &str, left: &Value, right: &Value) -> (String, bool) {
    let turned = match operator {
        "COMPARE_EQUAL"
        | "COMPARE_NOTEQUAL"
        | "COMPARE_DISTINCT_FROM"
        | "COMPARE_NOT_DISTINCT_FROM" => operator,
        "COMPARE_GREATERTHAN" => "COMPARE_LESSTHAN",
        "COMPARE_GREATERTHANOREQUALTO" => "COMPARE_LESSTHANOREQUALTO",
        "COMPARE_LESSTHAN" => "COMPARE_GREATERTHAN",
        "COMPARE_LESSTHANOREQUALTO" => "COMPARE_GREATERTHANOREQUALTO",
        _ => return (operator.to_owned(), false),
    };
    match same_kind(left, right) && right.id < left.id {
        true => (turned.to_owned(), true),
        false => (operator.to_owned(), false),
    }
}

/// `a + b` is `b + a` and `a * b` is `b * a`, for two operands of one numeric type.
pub(crate) fn swapped(operator: &str, left: &Value, right: &Value) -> bool {
    let is_numeric = left.kind.as_deref().is_some_and(is_numeric);
    matches!(operator, "+" | "*") && is_numeric && same_kind(left, right) && right.id < left.id
}

/// `CAST(x AS T)` is `x` where x is of that type already.
pub(crate) fn is_redundant_cast(inner: &Value, to: &str) -> bool {
    inner.literal.is_none() && inner.is_kind(to) && is_one_of_a_kind(to)
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
pub(crate) fn list_as_set(tested: &Value, items: &[Value]) -> Option<Vec<Id>> {
    let one_kind = items.iter().all(|item| same_kind(tested, item));
    if !one_kind || tested.class != Class::Exact || items.iter().any(|item| item.raises) {
        return None;
    }
    let mut ids: Vec<Id> = items.iter().map(|item| item.id).collect();
    ids.sort();
    ids.dedup();
    Some(ids)
}

/// A comparison in its one spelling.
pub(crate) fn comparison(operator: &str, left: &Value, right: &Value) -> Id {
    let (operator, turns) = turned_round(operator, left, right);
    let (left, right) = if turns { (right, left) } else { (left, right) };
    Tag::new("compare").text(&operator).id(left.id).id(right.id).end()
}

/// Whether two values are known to be of one type, with one way to compare.
pub(crate) fn same_kind(left: &Value, right: &Value) -> bool {
    match (&left.kind, &right.kind) {
        (Some(one), Some(two)) => one == two && is_one_of_a_kind(one),
        _ => false,
    }
}

/// Whether comparing two values cannot fail: no side is cast, or only a whole number to a wider one.
pub(crate) fn compares_safely(left: &Value, right: &Value) -> bool {
    let width = |value: &Value| value.kind.as_deref().and_then(whole_digits);
    if same_kind(left, right) {
        return true;
    }
    match (width(left), width(right)) {
        (Some(_), Some(_)) => true,
        (Some(digits), None) => decimal_room(right).is_some_and(|room| room >= digits),
        (None, Some(digits)) => decimal_room(left).is_some_and(|room| room >= digits),
        (None, None) => false,
    }
}

/// How many digits whole numbers of a type may have. Those of one sign are not mixed with others.
fn whole_digits(kind: &str) -> Option<u32> {
    match kind {
        "TINYINT" => Some(3),
        "SMALLINT" => Some(5),
        "INTEGER" => Some(10),
        "BIGINT" => Some(19),
        _ => None,
    }
}

/// How many whole digits fit beside the fraction of a decimal before it cannot grow any more; fractions
/// of other types take any whole number.
fn decimal_room(value: &Value) -> Option<u32> {
    let kind = value.kind.as_deref()?;
    if is_floating(kind) {
        return Some(u32::MAX);
    }
    let (_, scale) = kind.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
    38_u32.checked_sub(scale.trim().parse().ok()?)
}

fn is_numeric(kind: &str) -> bool {
    whole_digits(kind).is_some() || is_floating(kind) || kind.starts_with("DECIMAL(")
}

/// Types whose name says everything: no collation, no time zone, no parts.
fn is_one_of_a_kind(kind: &str) -> bool {
    is_numeric(kind)
        || matches!(kind, "BOOLEAN" | "VARCHAR" | "DATE" | "TIMESTAMP" | "TIME" | "UUID" | "BLOB")
}
