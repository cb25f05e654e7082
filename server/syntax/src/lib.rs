//! Text becomes trees with byte ranges, and parsing cannot fail.
//!
//! A file being typed is broken most of the time, so every function here takes any text and
//! returns a tree together with the problems found on the way: spanned YAML, the SQL regions inside
//! it with an exact map between SQL and file, SQL tokens and `ref('…')` sites, the SQL tree as a
//! type, and positions in the encodings editors use. It must not know: what keys mean, files on
//! disk.

mod decode;
mod line_index;
mod offset_map;
mod problem;
mod span;

pub mod codes;
pub mod embed;
pub mod limits;
pub mod sql;
pub mod template;
pub mod yaml;

pub use decode::{Decoded, decode};
pub use line_index::{Encoding, LineIndex, Position};
pub use offset_map::{MappedText, OffsetMap};
pub use problem::{Code, Edit, Fix, Problem, Related, Severity};
pub use span::{Span, slice};
