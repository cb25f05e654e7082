//! Which engine it is, for those who keep its answers.

/// Settings that decide what a query yields. They come from here, never from the host's clock
/// zone or a user's configuration file, so that one definition means one result everywhere.
pub const PINNED: &[&str] = &[
    "SET TimeZone = 'UTC'",
    "SET Calendar = 'gregorian'",
    "SET default_null_order = 'nulls_last'",
    "SET default_order = 'asc'",
    "SET integer_division = false",
    "SET preserve_insertion_order = true",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
];

/// The DuckDB that answers, and the settings that its answers depend on: two engines with the same text
/// give the same answers.
pub fn engine() -> String {
    format!("DuckDB 1.5.5; {}", PINNED.join("; "))
}
