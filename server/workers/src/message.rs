//! What a worker and whoever started it say to each other: a length, then JSON.

use seeknal_analysis::{Answer, Ask};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, Read, Write};

/// The longest message that is taken.
const BYTES_MAX: u32 = 64 << 20;

/// Says something.
pub fn write(to: &mut impl Write, message: &Value) -> io::Result<()> {
    // In one go: whoever listens wakes up once.
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes.splice(..4, length.to_le_bytes());
    to.write_all(&bytes)?;
    to.flush()
}

/// The next message; nothing when the other side is gone or speaks nonsense.
pub fn read(from: &mut impl Read) -> Option<Value> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    let mut bytes = vec![0; usize::try_from(length).ok().filter(|_| length <= BYTES_MAX)?];
    from.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A question to bind a query.
pub fn ask(ask: &Ask) -> Value {
    json!({ "bind": ask })
}

/// The question to bind a query, if it is one.
pub fn read_ask(value: &Value) -> Option<Ask> {
    Ask::deserialize(&value["bind"]).ok()
}

/// An answer.
pub fn answer(answer: &Answer) -> Value {
    json!({ "answer": answer })
}

/// The answer, if it is one.
pub fn read_answer(value: &Value) -> Option<Answer> {
    Answer::deserialize(&value["answer"]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_analysis::{Column, Table, Wrong};

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
