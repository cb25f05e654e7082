//! The tidy rules as ordinary tests, so that plain `cargo test` is the whole gate.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test reads fixtures, says what it tried and stops at what is wrong"
)]

use xtask::tidy::RULES;

#[test]
fn nothing_breaks_a_rule() {
    let mut broken = Vec::new();
    for (name, rule) in RULES {
        let found = rule().unwrap_or_else(|failure| vec![failure]);
        broken.extend(found.into_iter().map(|sentence| format!("{name}: {sentence}")));
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
