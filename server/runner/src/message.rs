//! What a worker and whoever started it say to each other: a length, then JSON.

use seeknal_analysis::{Answer, Ask, Column, Table, Wrong};
use serde_json::{Value, json};
use std::io::{self, Read, Write};

/// The longest message that is taken.
const BYTES_MAX: u32 = 64 << 20;

pub(crate) fn write(to: &mut impl Write, message: &Value) -> io::Result<()> {
    let bytes = message.to_string().into_bytes();
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&bytes)?;
    to.flush()
}

/// The next message; nothing when the other side is gone or speaks nonsense.
pub(crate) fn read(from: &mut impl Read) -> Option<Value> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    let mut bytes = vec![0; usize::try_from(length).ok().filter(|_| length <= BYTES_MAX)?];
    from.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

pub(crate) fn ask(ask: &Ask) -> Value {
    let tables = ask.tables.as_ref().map(|tables| {
        let table = |table: &Table| {
            json!({ "schema": table.schema, "name": table.name, "columns": columns(&table.columns) })
        };
        tables.iter().map(table).collect::<Vec<Value>>()
    });
    json!({ "sql": ask.sql, "tables": tables })
}

pub(crate) fn read_ask(value: &Value) -> Option<Ask> {
    let table = |value: &Value| {
        Some(Table {
            schema: value["schema"].as_str().map(str::to_owned),
            name: value["name"].as_str()?.to_owned(),
            columns: read_columns(&value["columns"])?,
        })
    };
    let tables = match &value["tables"] {
        Value::Array(tables) => Some(tables.iter().map(table).collect::<Option<Vec<Table>>>()?),
        _ => None,
    };
    Some(Ask { sql: value["sql"].as_str()?.to_owned(), tables })
}

pub(crate) fn answer(answer: &Answer) -> Value {
    match answer {
        Answer::Columns(all) => json!({ "columns": columns(all) }),
        Answer::Unknown(reason) => json!({ "unknown": reason }),
        Answer::Wrong(wrong) => json!({ "wrong": {
            "kind": wrong.kind,
            "subtype": wrong.subtype,
            "message": wrong.message,
            "position": wrong.position,
            "name": wrong.name,
            "candidates": wrong.candidates,
        } }),
    }
}

pub(crate) fn read_answer(value: &Value) -> Option<Answer> {
    if let Some(reason) = value["unknown"].as_str() {
        return Some(Answer::Unknown(reason.to_owned()));
    }
    if let Some(columns) = read_columns(&value["columns"]) {
        return Some(Answer::Columns(columns));
    }
    let wrong = value.get("wrong")?;
    let text = |key: &str| wrong[key].as_str().unwrap_or_default().to_owned();
    let candidates = wrong["candidates"].as_array()?;
    Some(Answer::Wrong(Box::new(Wrong {
        kind: text("kind"),
        subtype: text("subtype"),
        message: text("message"),
        position: wrong["position"].as_u64().and_then(|place| usize::try_from(place).ok()),
        name: text("name"),
        candidates: candidates.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
    })))
}

fn columns(columns: &[Column]) -> Value {
    columns.iter().map(|column| json!([column.name, column.kind])).collect()
}

fn read_columns(value: &Value) -> Option<Vec<Column>> {
    let column = |pair: &Value| {
        Some(Column { name: pair[0].as_str()?.to_owned(), kind: pair[1].as_str()?.to_owned() })
    };
    value.as_array()?.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_is_heard() {
        let column = Column { name: "a \"b\"".into(), kind: "INTEGER".into() };
        let table =
            Table { schema: Some("s".into()), name: "t".into(), columns: vec![column.clone()] };
        for tables in [None, Some(vec![]), Some(vec![table])] {
            let said = Ask { sql: "SELECT 'é'".into(), tables };
            let mut wire = Vec::new();
            write(&mut wire, &ask(&said)).unwrap();
            assert_eq!(read_ask(&read(&mut wire.as_slice()).unwrap()), Some(said));
        }
        let wrong = Wrong {
            kind: "binder".into(),
            subtype: "X".into(),
            message: "m".into(),
            position: Some(7),
            name: "n".into(),
            candidates: vec!["c".into()],
        };
        for said in [
            Answer::Columns(vec![column]),
            Answer::Unknown("why".into()),
            Answer::Wrong(Box::new(wrong)),
        ] {
            assert_eq!(read_answer(&answer(&said)), Some(said));
        }
        assert_eq!(read(&mut &[255u8, 255, 255, 255, 0][..]), None);
    }
}
