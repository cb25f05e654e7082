//! How data from outside is read, and what its node says of its columns.

use crate::binder::Column;
use seeknal_model::Node;
use seeknal_syntax::yaml::{self, Value, construct};

/// Words with which the name of a type begins. A text that begins otherwise is a description.
const TYPES: [&str; 40] = [
    "BIGINT",
    "BIT",
    "BLOB",
    "BOOL",
    "BOOLEAN",
    "BYTEA",
    "CHAR",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "FLOAT4",
    "FLOAT8",
    "HUGEINT",
    "INT",
    "INT1",
    "INT2",
    "INT4",
    "INT8",
    "INTEGER",
    "INTERVAL",
    "JSON",
    "LONG",
    "NUMERIC",
    "REAL",
    "SHORT",
    "SMALLINT",
    "STRING",
    "TEXT",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMPTZ",
    "TINYINT",
    "UBIGINT",
    "UINTEGER",
    "USMALLINT",
    "UTINYINT",
    "UUID",
    "VARCHAR",
];

/// A file that a source reads, and the query that reads it once the file's place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// The path as the node gives it.
    pub path: String,
    function: &'static str,
    options: String,
}

impl DataFile {
    /// The query that reads the file at a place.
    pub fn query(&self, place: &str) -> String {
        let DataFile { function, options, .. } = self;
        // A folder called `env=dev` above the file would give it a column.
        let place = place.replace('\'', "''");
        format!("SELECT * FROM {function}('{place}', hive_partitioning = false{options})")
    }
}

/// The file of a source, if it is one that an engine reads by itself.
pub fn data_file(source: &Node) -> Option<DataFile> {
    let path = source.text("table").filter(|path| !path.contains("{{"))?.to_owned();
    let param = |name: &str| {
        let params = source.field("params").map(yaml::merged).unwrap_or_default();
        let wanted = Value::Text(name.to_owned());
        params.into_iter().find(|(key, _)| *key == wanted).map(|(_, entry)| construct(&entry.value))
    };
    let mut options = String::new();
    let function = match source.text("source")?.to_lowercase().as_str() {
        "csv" => {
            if let Some(Value::Text(text)) = param("delimiter").or_else(|| param("delim")) {
                options.push_str(&format!(", delim = '{}'", text.replace('\'', "''")));
            }
            if let Some(Value::Bool(header)) = param("header") {
                options.push_str(&format!(", header = {header}"));
            }
            if let Some(Value::Int(lines)) = param("skip") {
                options.push_str(&format!(", skip = {lines}"));
            }
            "read_csv"
        }
        "parquet" => "read_parquet",
        "json" | "jsonl" => {
            if let Some(Value::Text(format)) = param("format") {
                let format =
                    if format == "newline" { "newline_delimited" } else { format.as_str() };
                options.push_str(&format!(", format = '{}'", format.replace('\'', "''")));
            }
            "read_json"
        }
        _ => return None,
    };
    Some(DataFile { path, function, options })
}

/// The file in which Seeknal keeps what a source gave when it ran last.
pub fn last_run(source: &Node) -> DataFile {
    let path = format!("target/cache/source/{}.parquet", source.name);
    DataFile { path, function: "read_parquet", options: String::new() }
}

/// The columns that a node declares with their types. Where one has only a description, nothing is
/// known of any.
pub fn declared(node: &Node) -> Option<Vec<Column>> {
    let entries = node.field("columns").map(yaml::merged).unwrap_or_default();
    let mut columns = Vec::new();
    for (key, entry) in entries {
        let Value::Text(name) = key else { return None };
        columns.push(Column { name, kind: declared_kind(&entry.value)? });
    }
    Some(columns).filter(|columns| !columns.is_empty())
}

/// The type that an entry of `columns` declares, if it says one.
pub(crate) fn declared_kind(value: &yaml::Node) -> Option<String> {
    let kind = match construct(value) {
        Value::Text(text) => Some(text),
        Value::Map(fields) => fields.into_iter().find_map(|(key, value)| match (key, value) {
            (Value::Text(key), Value::Text(kind)) if key == "dtype" || key == "type" => Some(kind),
            _ => None,
        }),
        _ => None,
    };
    kind.filter(|kind| is_type(kind))
}

/// Whether a text is the name of a type, such as `DECIMAL(10, 2)` or `varchar[]`.
fn is_type(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let known = TYPES.contains(&word.to_ascii_uppercase().as_str());
    known && rest.chars().all(|c| c.is_ascii_digit() || "(), []".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::{File, Project};

    fn node(rest: &str) -> std::sync::Arc<Node> {
        let text = format!("kind: source\nname: a\n{rest}");
        let project = Project::new([File::read("seeknal/a.yml", text.as_bytes())]);
        project.declared().next().unwrap().clone()
    }

    #[test]
    fn a_file_is_read_as_its_node_says() {
        let csv = node(
            "source: csv\ntable: a.csv\nparams: {delimiter: ';', header: true, skip: 2, x: 1}\n",
        );
        let query = data_file(&csv).unwrap().query("/x/it's.csv");
        let expected = "SELECT * FROM read_csv('/x/it''s.csv', hive_partitioning = false, delim = ';', header = true, skip = 2)";
        assert_eq!(query, expected);
        assert_eq!(data_file(&node("source: postgres\ntable: a.b\n")), None);
        assert_eq!(data_file(&node("source: csv\ntable: '{{ x }}'\n")), None);
    }

    #[test]
    fn only_types_are_types() {
        let kinds = |rest| {
            let columns = declared(&node(rest))?;
            Some(columns.into_iter().map(|column| column.kind).collect::<Vec<_>>())
        };
        let all =
            kinds("columns: {a: INTEGER, b: 'decimal(10, 2)', c: {dtype: varchar}, d: 'DATE[]'}\n");
        assert_eq!(all.unwrap(), ["INTEGER", "decimal(10, 2)", "varchar", "DATE[]"]);
        for none in [
            "columns: {a: INTEGER, b: What it is.}\n",
            "columns: {a: 'DATE of birth'}\n",
            "columns: {a: 'INT); DROP'}\n",
            "",
        ] {
            assert_eq!(kinds(none), None, "{none}");
        }
    }
}
