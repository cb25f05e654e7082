//! Types and constants.

use super::fields::{Fields, Lost};
use serde_json::Value;

/// A type as text. Types without parts are spelled as SQL does; where there is more to say than SQL
/// can, DuckDB's own JSON stands behind the name.
pub(super) fn kind(value: &Value) -> Result<String, Lost> {
    let fields = Fields::of(value)?.only(&["id", "type_info"])?;
    let id = fields.text("id").to_owned();
    let Some(info) = fields.get("type_info") else { return Ok(id) };
    let about = Fields::of(info)?;
    let more = || Ok(format!("{id} {}", said(info)));
    match about.text("type") {
        "DECIMAL_TYPE_INFO" if about.only(&["type", "width", "scale"]).is_ok() => {
            Ok(format!("{id}({},{})", about.need("width")?, number(about.get("scale"))))
        }
        "LIST_TYPE_INFO" if id == "LIST" && about.only(&["type", "child_type"]).is_ok() => {
            Ok(format!("{}[]", kind(about.need("child_type")?)?))
        }
        "ARRAY_TYPE_INFO" if about.only(&["type", "child_type", "size"]).is_ok() => {
            Ok(format!("{}[{}]", kind(about.need("child_type")?)?, about.need("size")?))
        }
        "STRUCT_TYPE_INFO" if id == "STRUCT" && about.only(&["type", "child_types"]).is_ok() => {
            let part = |value: &Value| -> Result<String, Lost> {
                let pair = Fields::of(value)?.only(&["first", "second"])?;
                let name = pair.text("first").replace('"', "\"\"");
                Ok(format!("\"{name}\" {}", kind(pair.need("second")?)?))
            };
            let parts: Result<Vec<String>, Lost> =
                about.list("child_types").iter().map(part).collect();
            Ok(format!("STRUCT({})", parts?.join(", ")))
        }
        "UNBOUND_TYPE_INFO" if about.only(&["type", "name"]).is_ok() => {
            Ok(about.text("name").to_owned())
        }
        _ => more(),
    }
}

/// A constant: its type, and its value as text, which NULL has none of.
pub(super) fn constant(value: &Value) -> Result<(String, Option<String>), Lost> {
    let fields = Fields::of(value)?.only(&["type", "is_null", "value"])?;
    let kind = kind(fields.need("type")?)?;
    if fields.flag("is_null") {
        return Ok((kind, None));
    }
    let text = match fields.get("value") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => said(other),
        // An empty text or zero may be left out, but never by this version.
        None => return Err(Lost::new("a constant without a value")),
    };
    Ok((kind, Some(text)))
}

fn number(value: Option<&Value>) -> String {
    value.map_or_else(|| "0".to_owned(), Value::to_string)
}

/// JSON as text, nothing left out.
pub(super) fn said(value: &Value) -> String {
    value.to_string()
}
