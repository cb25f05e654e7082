//! The protocol's types, in one place, so that another crate for them touches one file.

pub(crate) use tower_lsp::ls_types::*;
