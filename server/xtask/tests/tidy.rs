//! The tidy rules as ordinary tests, so that plain `cargo test` is the whole gate.

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
