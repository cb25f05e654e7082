//! The only place that writes to the terminal.

use std::io::{IsTerminal, Write as _};

/// Prints an answer. A reader that went away, as in `| head`, is no fault.
pub(crate) fn out(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints what is wrong with the call or with a file.
pub(crate) fn err(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Whether answers are coloured: on a terminal, unless `NO_COLOR` is set.
pub(crate) fn colours() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !refused
}
