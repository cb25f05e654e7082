//! JSON Schemas: of node files, made from the tables of kinds, for editors that know YAML and not this
//! program; and of what commands print.

use crate::options::SchemaOf;
use seeknal_model::kinds;
use seeknal_model::table::{Class, Field, Kind, Shape};
use serde_json::{Map, Value, json};

/// The schema of something that is read or printed.
pub(crate) fn schema(of: SchemaOf) -> String {
    match of {
        SchemaOf::Node => node(),
        SchemaOf::Plan => seeknal_plan::schemas::PLAN.to_owned(),
        SchemaOf::Diff => seeknal_plan::schemas::DIFF.to_owned(),
        SchemaOf::Lineage => seeknal_ide::lineage::SCHEMA.to_owned(),
    }
}

/// The schema of a file that holds one node.
fn node() -> String {
    let all = || kinds::ALL.iter().chain([&kinds::ENVIRONMENT]);
    let kinds: Vec<Value> = all().map(kind).collect();
    let names: Vec<&str> = all().map(|kind| kind.name).collect();
    let page = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Seeknal node",
        "type": "object",
        "required": ["kind", "name"],
        "properties": { "kind": { "enum": names } },
        "allOf": kinds,
    });
    format!("{page:#}\n")
}

/// What holds when `kind` says so.
fn kind(kind: &'static Kind) -> Value {
    let fields: Vec<&Field> = kinds::fields(kind).collect();
    // A transform may bear the tutorial's `sql` instead.
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| field.required && !matches!(field.shape, Shape::Sql))
        .map(|field| field.name)
        .collect();
    json!({
        "if": { "properties": { "kind": { "const": kind.name } } },
        "then": { "description": kind.doc, "properties": properties(&fields), "required": required },
    })
}

fn properties(fields: &[&Field]) -> Map<String, Value> {
    fields
        .iter()
        .map(|field| {
            let mut value = match field.required {
                true => of(field.shape),
                // An optional key without a value is an absent one.
                false => json!({ "anyOf": [of(field.shape), { "type": "null" }] }),
            };
            if let Value::Object(entries) = &mut value {
                entries.insert("description".to_owned(), json!(field.doc));
                if field.class == Class::Ignored {
                    entries.insert("deprecated".to_owned(), json!(true));
                }
            }
            (field.name.to_owned(), value)
        })
        .collect()
}

fn object(fields: &'static [Field], closed: bool) -> Value {
    let all: Vec<&Field> = fields.iter().collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut value =
        json!({ "type": "object", "properties": properties(&all), "required": required });
    if closed && let Value::Object(entries) = &mut value {
        entries.insert("additionalProperties".to_owned(), json!(false));
    }
    value
}

fn of(shape: Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Flag => json!({ "type": ["boolean", "string"] }),
        Shape::Whole(least) => {
            json!({ "anyOf": [{ "type": "integer", "minimum": least }, { "type": "string" }] })
        }
        Shape::Number => json!({ "type": ["number", "string"] }),
        Shape::Duration => json!({ "type": ["number", "string"] }),
        Shape::OneOf(words) => {
            json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": "\\{\\{" }] })
        }
        Shape::Identifier => json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }),
        Shape::Reference => json!({ "type": "string", "pattern": "^[^.]+\\.[^.]+$" }),
        Shape::RefCall => json!({ "type": "string", "pattern": "^\\s*ref\\(" }),
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Sql | Shape::Expression | Shape::Path | Shape::Secret => json!({ "type": "string" }),
        Shape::List(item) => json!({ "type": "array", "items": of(*item) }),
        Shape::Filled(item) => json!({ "type": "array", "items": of(*item), "minItems": 1 }),
        Shape::Map(fields) => object(fields, true),
        Shape::Open(fields) => object(fields, false),
        Shape::MapOf(value) => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [of(*value), { "type": "null" }] },
        }),
        Shape::Either(shapes) => {
            let all: Vec<Value> = shapes.iter().map(|one| of(*one)).collect();
            json!({ "anyOf": all })
        }
    }
}
