//! What the program's exit code says.

use std::process::ExitCode;

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// It was done.
    Done = 0,
    /// It ran and found errors.
    Found = 1,
    /// The call is wrong, or the project cannot be read.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
