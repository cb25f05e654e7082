//! What several tests need.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "not every test needs all"
)]

pub(crate) mod editor;
pub(crate) mod program;
pub(crate) mod repository;
pub(crate) mod schemas;
pub(crate) mod server;
pub(crate) mod states;
