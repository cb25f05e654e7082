//! Values as Seeknal's reader gives them.

use super::merge::merged;
use super::resolve::{Resolved, resolve};
use super::tree::{Node, NodeKind, Scalar, Style};

/// A value without places.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing; also what stands for a node that could not be read.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number in decimal digits.
    Int(String),
    /// A fractional number.
    Float(f64),
    /// A date or a time in ISO form.
    Timestamp(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys with values in the order in which Python keeps them.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// Whether two values are one key to Python, for which `1`, `1.0` and `true` are one.
    pub fn same_key(&self, other: &Value) -> bool {
        match (self.as_number(), other.as_number()) {
            (Some(one), Some(two)) => one == two,
            _ => self == other,
        }
    }

    /// Whether it can be a key.
    pub fn can_be_key(&self) -> bool {
        !matches!(self, Value::List(_) | Value::Map(_))
    }

    /// Keys that may be the same share a bucket, so that ten thousand of them are not compared in
    /// pairs.
    pub(super) fn bucket(&self) -> String {
        match self {
            Value::Text(text) => format!("text {text}"),
            Value::Timestamp(iso) => format!("time {iso}"),
            Value::Bool(value) => format!("number {}", u8::from(*value)),
            Value::Int(digits) => format!("number {digits}"),
            Value::Float(value) => format!("number {value}"),
            Value::Null | Value::List(_) | Value::Map(_) => String::new(),
        }
    }

    fn as_number(&self) -> Option<Number<'_>> {
        match self {
            Value::Bool(value) => Some(Number::Whole(if *value { "1" } else { "0" })),
            Value::Int(digits) => Some(Number::Whole(digits)),
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Some(Number::Round(*value))
            }
            _ => None,
        }
    }
}

enum Number<'v> {
    Whole(&'v str),
    Round(f64),
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Number::Whole(one), Number::Whole(two)) => one == two,
            (Number::Round(one), Number::Round(two)) => one == two,
            (Number::Whole(digits), Number::Round(value))
            | (Number::Round(value), Number::Whole(digits)) => {
                digits.parse::<i64>().is_ok_and(|whole| whole as f64 == *value)
            }
        }
    }
}

/// The value of a node, aliases and merge keys resolved.
pub fn construct(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            scalar_value(scalar, node.tag.as_ref().map(|tag| tag.name.as_str()))
        }
        NodeKind::Sequence(items) => {
            Value::List(items.iter().map(|item| construct(item)).collect())
        }
        NodeKind::Mapping(_) => Value::Map(
            merged(node)
                .iter()
                .map(|(key, entry)| (key.clone(), construct(&entry.value)))
                .collect(),
        ),
        NodeKind::Alias(target) => target.as_ref().map_or(Value::Null, |target| construct(target)),
        NodeKind::Broken => Value::Null,
    }
}

fn scalar_value(scalar: &Scalar, tag: Option<&str>) -> Value {
    let plain = scalar.style == Style::Plain;
    let core = tag.map(|tag| tag.strip_prefix(super::check::CORE).unwrap_or(tag));
    match core {
        None if plain => from_resolved(resolve(&scalar.text), scalar),
        None | Some("str" | "!") => Value::Text(scalar.text.clone()),
        Some("null") => Value::Null,
        Some(_) => from_resolved(resolve(&scalar.text), scalar),
    }
}

fn from_resolved(resolved: Resolved, scalar: &Scalar) -> Value {
    match resolved {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(digits) => Value::Int(digits),
        Resolved::Float(value) => Value::Float(value),
        Resolved::Timestamp(iso) => Value::Timestamp(iso),
        Resolved::Text | Resolved::Unreadable(_) => Value::Text(scalar.text.clone()),
    }
}
