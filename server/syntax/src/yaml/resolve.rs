//! What a plain scalar stands for.

use super::number::{self, Whole};
use super::timestamp::{self, Timestamp};
use crate::limits;

/// The value of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number in decimal digits.
    Int(String),
    /// A fractional number.
    Float(f64),
    /// A date or a time in ISO form.
    Timestamp(String),
    /// The text itself.
    Text,
    /// It has the form of a value of the named type and is none, so Seeknal's reader stops at it.
    Unreadable(&'static str),
}

/// What PyYAML's `safe_load`, that is YAML 1.1, makes of a plain scalar.
pub fn resolve(text: &str) -> Resolved {
    let Some(first) = text.chars().next() else { return Resolved::Null };
    if !matches!(
        first,
        '0'..='9'
            | '+'
            | '-'
            | '.'
            | '~'
            | '='
            | '<'
            | 'n'
            | 'N'
            | 'y'
            | 'Y'
            | 't'
            | 'T'
            | 'f'
            | 'F'
            | 'o'
            | 'O'
    ) {
        return Resolved::Text;
    }
    match text {
        "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        "=" | "<<" => return Resolved::Unreadable("value"),
        _ => {}
    }
    if let Some(whole) = number::whole_11(text) {
        return int(&whole);
    }
    if let Some(value) = number::fraction_11(text) {
        return Resolved::Float(value);
    }
    match timestamp::parse(text) {
        Some(Timestamp::Valid(iso)) => Resolved::Timestamp(iso),
        Some(Timestamp::Impossible) => Resolved::Unreadable("date"),
        None => Resolved::Text,
    }
}

/// What YAML 1.2's core schema makes of it.
pub(super) fn resolve_12(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "true" | "True" | "TRUE" => return Resolved::Bool(true),
        "false" | "False" | "FALSE" => return Resolved::Bool(false),
        _ => {}
    }
    if let Some(whole) = number::whole_12(text) {
        return int(&whole);
    }
    number::fraction_12(text).map_or(Resolved::Text, Resolved::Float)
}

fn int(whole: &Whole<'_>) -> Resolved {
    if whole.digits.len() > limits::DIGITS_MAX {
        return Resolved::Unreadable("number");
    }
    number::decimal(whole).map_or(Resolved::Unreadable("number"), Resolved::Int)
}

impl Resolved {
    /// The value in words, as a message shows it.
    pub(super) fn describe(&self) -> String {
        match self {
            Resolved::Null => "nothing (null)".to_owned(),
            Resolved::Bool(value) => value.to_string(),
            Resolved::Int(digits) => format!("the number {digits}"),
            Resolved::Float(value) => format!("the number {value}"),
            Resolved::Timestamp(iso) => format!("the date {iso}"),
            Resolved::Text => "text".to_owned(),
            Resolved::Unreadable(kind) => format!("an impossible {kind}"),
        }
    }

    /// Whether two values are the same, a NaN being the same as a NaN.
    pub(super) fn same(&self, other: &Resolved) -> bool {
        match (self, other) {
            (Resolved::Float(one), Resolved::Float(two)) => one.to_bits() == two.to_bits(),
            _ => self == other,
        }
    }
}
