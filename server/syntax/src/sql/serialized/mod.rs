//! DuckDB's parse, which it shows as JSON (`json_serialize_sql`), as a tree.
//!
//! Nothing is passed over: an object with a field or a class that is not known here becomes
//! `Opaque`, by name, and what stands around it stays readable.

mod expr;
mod fields;
mod places;
mod query;
mod table;
mod types;

use crate::sql::tree::Query;
use fields::Lost;
use places::Places;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::thread;

/// Brackets of JSON inside each other that any stack holds.
const SHALLOW: usize = 120;

/// More brackets inside each other than this are not read.
const DEEPEST: usize = 2_000;

/// The stack for texts that are deeper than [`SHALLOW`].
const STACK_BYTES: usize = 64 << 20;

/// Expressions inside each other that are followed. Whoever walks over a tree has only a small stack.
const LEVELS_MAX: usize = 200;

/// What a query inside another counts for among them: whoever walks over it needs more stack.
const QUERY_LEVELS: usize = 4;

/// Which state of this crate makes the trees. What another one made of a query may be something else.
pub const STATE: &str = env!("SEEKNAL_SYNTAX_STATE");

/// Whether what DuckDB shows of a query is so flat that its tree fits any stack, whoever reads or writes it.
pub fn is_shallow(json: &str) -> bool {
    depth(json) < SHALLOW
}

/// The tree of a query from what DuckDB shows of it, or why there is none.
pub fn read(json: &str, sql: &str) -> Result<Query, String> {
    match depth(json) {
        0..SHALLOW => convert(json, sql),
        SHALLOW..DEEPEST => thread::scope(|scope| {
            let named = thread::Builder::new().name("deep".to_owned()).stack_size(STACK_BYTES);
            let reading = named.spawn_scoped(scope, || convert(json, sql));
            let read = reading.map_err(|_| "there is no memory".to_owned())?;
            read.join().unwrap_or_else(|_| Err("it is nested too deeply".to_owned()))
        }),
        _ => Err("it is nested too deeply".to_owned()),
    }
}

fn convert(json: &str, sql: &str) -> Result<Query, String> {
    let mut source = serde_json::Deserializer::from_str(json);
    source.disable_recursion_limit();
    let document = Value::deserialize(&mut source).map_err(|error| error.to_string())?;
    if document["error"] == Value::Bool(true) {
        return Err(document["error_message"]
            .as_str()
            .unwrap_or("DuckDB cannot show it")
            .to_owned());
    }
    let [statement] = document["statements"].as_array().map(Vec::as_slice).unwrap_or_default()
    else {
        return Err("it is not one statement".to_owned());
    };
    let places = Places::new(sql);
    let mut hints: HashMap<String, Hint> = HashMap::new();
    for (name, hint) in places.materialized() {
        hints.entry(name.to_lowercase()).or_default().said.push(hint);
    }
    let mut reader = Reader { places, hints, level: 0, cte_from: 0 };
    let query = reader.statement(statement);
    match reader.hints.values().find(|hint| !hint.is_clear()) {
        Some(_) => Ok(opaque(&reader, &Lost::new("MATERIALIZED"))),
        None => Ok(query),
    }
}

fn opaque(reader: &Reader<'_>, lost: &Lost) -> Query {
    Query::Opaque(reader.opaque(lost))
}

/// What is said of how common table expressions of one name are evaluated, and how many there are.
#[derive(Default)]
struct Hint {
    said: Vec<bool>,
    used: usize,
}

impl Hint {
    /// Whether it is clear which expression each hint belongs to.
    fn is_clear(&self) -> bool {
        self.used == self.said.len() && self.said.windows(2).all(|pair| pair.first() == pair.last())
    }
}

struct Reader<'a> {
    places: Places<'a>,
    hints: HashMap<String, Hint>,
    level: usize,
    /// Behind the last common table expression that was found in the text.
    cte_from: usize,
}

/// How many brackets stand inside each other, those in texts left out.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
