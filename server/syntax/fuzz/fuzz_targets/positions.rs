//! Any text as lines and columns.
#![no_main]
#![allow(dead_code, reason = "each target checks a part of what holds")]

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|text: &str| invariants::positions(text));
