//! What comes back of columns when a node's rows were written to Parquet and read again.

use crate::binder::Column;
use std::collections::HashMap;

/// Gives each column a name of its own, as the engine does when it writes: the second `id` is `id_1`.
pub fn named_apart(columns: &mut [Column]) {
    let mut used: HashMap<String, usize> = HashMap::new();
    for column in columns {
        let key = column.name.to_ascii_lowercase();
        if let Some(mut number) = used.get(&key).copied() {
            let mut name = format!("{}_{number}", column.name);
            number += 1;
            while used.contains_key(&name.to_ascii_lowercase()) {
                name = format!("{}_{number}", column.name);
                number += 1;
            }
            used.insert(key, number);
            column.name = name;
        }
        used.insert(column.name.to_ascii_lowercase(), 1);
    }
}

/// Whether a type is one of those that most columns have, which come back as they were written, and are equal only
/// where they are the same but for fractions.
pub fn is_plain(kind: &str) -> bool {
    matches!(kind, "VARCHAR" | "INTEGER" | "BIGINT" | "DOUBLE" | "DATE" | "TIMESTAMP" | "BOOLEAN")
}

/// The type that readers of a node see for a column of this type.
pub fn stored(kind: &str) -> String {
    if is_plain(kind) {
        return kind.to_owned();
    }
    let kind = kind.trim();
    // A list of a type is a list of what is stored of it, and an array is stored as a list.
    if let Some(open) = kind.strip_suffix(']').and_then(|rest| rest.rfind('[')) {
        let is_size = kind
            .get(open + 1..kind.len() - 1)
            .is_some_and(|size| size.chars().all(|character| character.is_ascii_digit()));
        if let (true, Some(inner)) = (is_size, kind.get(..open)) {
            return format!("{}[]", stored(inner));
        }
    }
    let upper = kind.to_ascii_uppercase();
    match upper.as_str() {
        "HUGEINT" | "UHUGEINT" => "DOUBLE",
        "BIT" | "BIGNUM" | "TIME_NS" => "VARCHAR",
        "TIMESTAMP_S" | "TIMESTAMP_MS" => "TIMESTAMP",
        "\"NULL\"" | "NULL" => "INTEGER",
        _ if upper.starts_with("ENUM(") => "VARCHAR",
        _ => kind,
    }
    .to_owned()
}

/// Whether every value of a type comes back as it was written.
pub(crate) fn is_exact(kind: &str) -> bool {
    if is_plain(kind) {
        return true;
    }
    let kind = kind.trim().to_ascii_uppercase();
    if let Some(inner) = kind.strip_suffix("[]") {
        return is_exact(inner);
    }
    if kind.starts_with("DECIMAL(") {
        return true;
    }
    matches!(
        kind.as_str(),
        "BOOLEAN"
            | "TINYINT"
            | "SMALLINT"
            | "INTEGER"
            | "BIGINT"
            | "UTINYINT"
            | "USMALLINT"
            | "UINTEGER"
            | "UBIGINT"
            | "FLOAT"
            | "DOUBLE"
            | "VARCHAR"
            | "BLOB"
            | "DATE"
            | "TIME"
            | "TIMESTAMP"
            | "TIMESTAMP_NS"
            | "TIMESTAMP WITH TIME ZONE"
            | "UUID"
    )
}

#[cfg(test)]
mod tests {
    use super::{named_apart, stored};
    use crate::binder::Column;

    #[test]
    fn each_column_gets_a_name_of_its_own() {
        for (before, after) in [
            ("id id ID", "id id_1 ID_2"),
            ("id id_1 id", "id id_1 id_2"),
            ("id id id_1", "id id_1 id_1_1"),
            ("id_1 id id", "id_1 id id_2"),
        ] {
            let column = |name: &str| Column { name: name.to_owned(), kind: "DATE".to_owned() };
            let mut columns: Vec<Column> = before.split(' ').map(column).collect();
            named_apart(&mut columns);
            let names: Vec<&str> = columns.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names.join(" "), after);
        }
    }

    #[test]
    fn types_are_those_that_come_back() {
        for (written, read) in [
            ("HUGEINT", "DOUBLE"),
            ("HUGEINT[]", "DOUBLE[]"),
            ("INTEGER[3]", "INTEGER[]"),
            ("INTEGER[3][2]", "INTEGER[][]"),
            ("ENUM('a', 'b]')", "VARCHAR"),
            ("TIMESTAMP_MS", "TIMESTAMP"),
            ("\"NULL\"", "INTEGER"),
            ("DECIMAL(38,2)", "DECIMAL(38,2)"),
            ("STRUCT(a INTEGER[])", "STRUCT(a INTEGER[])"),
        ] {
            assert_eq!(stored(written), read, "{written}");
        }
    }
}
