//! What comes back of a type when a node's rows were written to Parquet and read again.

/// The type that readers of a node see for a column of this type.
pub fn stored(kind: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::stored;

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
