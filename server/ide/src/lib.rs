//! Every answer an editor shows, in editor words: byte ranges, labels, texts.
//!
//! Each answer is a function of a project and a place in it; nothing is remembered between two.
//! It must not know: LSP, files on disk, DuckDB.

mod clicks;
mod columns;
mod completion;
mod context;
mod fixes;
mod hover;
pub mod lineage;
mod navigation;
mod sites;
mod symbols;
mod verdicts;

pub use clicks::{Click, Lens, clicks, lenses};
pub use completion::{Completion, CompletionKind, completion};
pub use fixes::{OfferedFix, fixes};
pub use hover::{Hover, Sight, hover};
pub use navigation::{Place, definition, highlights, references};
pub use sites::Known;
pub use symbols::{Found, Symbol, SymbolKind, find_symbols, is_meant, symbols};
pub use verdicts::{Notice, notices};
