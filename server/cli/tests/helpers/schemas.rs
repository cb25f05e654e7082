//! What is printed beside the schema that the program prints of it. The words of JSON Schema that these
//! schemas use are few; a library for all of them takes longer to compile than this whole workspace.

use serde_json::Value;
use std::process::Command;

/// Holds a value against the schema of a name, in which every key must stand.
pub(crate) fn holds(of: &str, value: &Value) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_seeknal-lsp")).args(["schema", of]).output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = errors(&schema, &schema, value, "");
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

fn errors(whole: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, asked) in schema.as_object().unwrap() {
        let is_right = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "type" => is_of_type(value, asked.as_str().unwrap()),
            "enum" => asked.as_array().unwrap().contains(value),
            "minimum" => value.as_u64() >= asked.as_u64(),
            "minItems" => {
                value.as_array().is_some_and(|all| all.len() as u64 >= asked.as_u64().unwrap())
            }
            "maxItems" => {
                value.as_array().is_some_and(|all| all.len() as u64 <= asked.as_u64().unwrap())
            }
            "$ref" => {
                let target =
                    whole.pointer(asked.as_str().unwrap().trim_start_matches('#')).unwrap();
                found.extend(errors(whole, target, value, at));
                true
            }
            "anyOf" => {
                let mut ways = asked.as_array().unwrap().iter();
                ways.any(|one| errors(whole, one, value, at).is_empty())
            }
            "required" => {
                let mut keys = asked.as_array().unwrap().iter();
                keys.all(|key| value.get(key.as_str().unwrap()).is_some())
            }
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(errors(whole, asked, item, &format!("{at}/{place}")));
                }
                true
            }
            "properties" => {
                // Keys may come in later versions; in a test each must be known.
                for (key, inner) in value.as_object().into_iter().flatten() {
                    match asked.get(key) {
                        Some(schema) => {
                            found.extend(errors(whole, schema, inner, &format!("{at}/{key}")))
                        }
                        None => found.push(format!("{at}: the schema does not have `{key}`")),
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    found.extend(errors(whole, asked, inner, &format!("{at}/{key}")));
                }
                true
            }
            other => panic!("the schema uses `{other}`, which this test does not know"),
        };
        if !is_right {
            found.push(format!("{at}: {value} is not what `{word}` asks for: {asked}"));
        }
    }
    found
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("the schema uses the type `{other}`, which this test does not know"),
    }
}
