//! The reference page is what the tables say.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads a page")]

use seeknal_model::{kinds, reference};
use std::path::Path;

/// `SEEKNAL_WRITE=1 cargo test --package seeknal-model --test reference` writes the page.
#[test]
fn the_page_is_made_from_the_tables() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("KINDS.md");
    if std::env::var_os("SEEKNAL_WRITE").is_some() {
        std::fs::write(&file, reference::page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), reference::page());
}

#[test]
fn a_key_is_explained_with_its_default() {
    let exposure = kinds::find("rule").unwrap();
    let inputs = kinds::fields(exposure).find(|field| field.name == "tags").unwrap();
    assert_eq!(
        reference::explain(inputs),
        "`tags`: a list, each item a text, `[]` when absent\n\nWords by which nodes are chosen. \
         An edit changes words only."
    );
}
