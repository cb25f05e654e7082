//! What queries mean: the columns that each node yields, and what is wrong with its SQL.
//!
//! DuckDB decides that, and this crate does not know DuckDB: it asks through the small trait
//! [`Binder`], with a query and the columns of the tables that the query reads. Everything else is a
//! function of a project. It must not know: LSP, files on disk, DuckDB.

mod binder;
mod bound;
mod declares;
mod flow;
mod kept;
mod lanes;
mod memo;
mod profile;
mod query;
mod refused;
mod schemas;
mod sources;
mod stored;
mod wrong;

pub mod changes;
pub mod checks;
pub mod codes;
pub mod identity;
pub mod lineage;

pub use binder::{Answer, Ask, Binder, Column, FileReader, Parsed, Shown, Table, Wrong};
pub use kept::{KeptNode, recalled};
pub use memo::Memo;
pub use profile::profile_query;
pub use query::{Made, Query, query};
pub use refused::HARMLESS;
pub use schemas::{Asking, Output, Schemas, SourceColumns, schemas, source_columns};
pub use sources::{DataFile, data_file, declared, last_run};
pub use stored::{is_plain, named_apart, stored};
