//! How much of anything is still read. Past these a file is answered in one sentence.

/// The largest file that is read. A pipeline file has a few kilobytes.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How deep YAML collections may nest, each of block and flow style.
pub const YAML_DEPTH_MAX: usize = 64;
/// How many nodes the aliases of one document may stand for in all.
pub const ALIAS_NODES_MAX: u64 = 100_000;
/// How deep parentheses and brackets may nest in SQL.
pub const SQL_DEPTH_MAX: usize = 500;
/// How many digits a whole number may have; Python refuses more as well.
pub const DIGITS_MAX: usize = 4300;
/// How many problems of one file are kept.
pub const PROBLEMS_MAX: usize = 200;
