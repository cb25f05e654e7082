//! YAML with byte ranges and recovery.
//!
//! Valid text is read by granit-parser, whose events become the tree. A document with an error is
//! read again by its indentation outline, block by block, so that an error costs the smallest
//! block that holds it and the rest keeps its nodes. Values are what PyYAML's `safe_load` makes of
//! them, because that is Seeknal's reader; it follows YAML 1.1, and where YAML 1.2 would read
//! something else a problem says so.

mod build;
mod check;
mod merge;
mod message;
mod number;
mod outline;
mod resolve;
mod timestamp;
mod tree;
mod value;

pub use merge::{Merged, find, merged};
pub use resolve::{Resolved, resolve};
pub use tree::{Anchor, Document, Entry, Node, NodeKind, Scalar, Style, Tag, Tree};
pub use value::{Value, construct};

use crate::limits;

/// Reads a text. Whatever it is, there is a tree.
pub fn parse(text: &str) -> Tree {
    let mut tree = build::documents(text);
    let mut problems = std::mem::take(&mut tree.problems);
    check::tabs(text, &tree, &mut problems);
    for document in &tree.documents {
        if let Some(root) = &document.root {
            check::values(text, root, &mut problems);
        }
    }
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    problems.truncate(limits::PROBLEMS_MAX);
    tree.problems = problems;
    tree
}
