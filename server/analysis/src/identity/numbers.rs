//! Numbers in the text that are what they are beside others.

use super::id::{Id, Tag};
use super::rules::whole_digits;
use super::value::Value;
use seeknal_syntax::sql::tree::{Expr, ExprKind};

/// What a constant is, as its text has it.
pub(crate) fn constant(kind: &str, text: Option<&str>) -> Id {
    Tag::new("constant").text(kind).maybe(text).end()
}

/// Numbers in the text that become a DOUBLE beside others, as that.
pub(crate) fn beside_doubles(written: &[Expr], values: &mut [Value]) {
    let is_double = |value: &Value| value.literal.is_none() && value.is_kind("DOUBLE");
    if !values.iter().any(is_double) {
        return;
    }
    let numbers: Option<Vec<Option<f64>>> = written
        .iter()
        .zip(&*values)
        .map(|(written, value)| match is_double(value) {
            true => Some(None),
            false => as_double(written, value).map(Some),
        })
        .collect();
    for (value, number) in values.iter_mut().zip(numbers.into_iter().flatten()) {
        if let Some(number) = number {
            let id = constant("DOUBLE", Some(&number.to_string()));
            *value = Value { id, ..value.clone().of_kind("DOUBLE") };
        }
    }
}

/// A number in the text as it is beside a DOUBLE: `2` and `2.0` are the same there. Those that a DOUBLE does not
/// hold to the last digit are left alone, and so are those that each run decides.
fn as_double(written: &Expr, value: &Value) -> Option<f64> {
    let ExprKind::Constant { kind, value: Some(text) } = &written.kind else { return None };
    if value.id != constant(kind, Some(text)) {
        return None;
    }
    let scale = match kind.strip_prefix("DECIMAL(") {
        Some(rest) => rest.strip_suffix(')')?.split_once(',')?.1.trim().parse().ok()?,
        None if whole_digits(kind).is_some() => 0,
        None => return None,
    };
    let digits: i64 = text.parse().ok()?;
    let is_held = digits.unsigned_abs() < 1 << 53 && scale <= 15;
    is_held.then(|| digits as f64 / 10_f64.powi(scale))
}
