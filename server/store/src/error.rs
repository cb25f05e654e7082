//! What can go wrong with the state, each with its cure.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What could not be done.
#[derive(Debug)]
pub enum Error {
    /// The file system said no.
    Disk {
        /// To what.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What it said.
        said: io::Error,
    },
    /// A file does not hold what it must.
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A newer program wrote it.
    Newer {
        /// The format that was found.
        version: u64,
    },
    /// Another process is writing.
    Busy {
        /// Who, in words.
        holder: String,
    },
    /// Something that a view refers to is not there any more.
    Missing {
        /// What.
        path: PathBuf,
    },
    /// Somebody else changed the state first.
    Moved {
        /// What moved.
        what: String,
    },
}

/// What could be done, or why not.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Disk { path, doing, said } => {
                let cure = match said.kind() {
                    io::ErrorKind::StorageFull => "; make room on the disk and try again",
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        "; this user must be allowed to write there"
                    }
                    _ => "",
                };
                write!(out, "{}: {doing} failed: {said}{cure}", path.display())
            }
            Error::Damaged { path, why } => {
                write!(out, "{}: {why}; `verify` says what else is wrong", path.display())
            }
            Error::Newer { version } => write!(
                out,
                "a newer seeknal-lsp wrote this state (format {version}); it can be read, and only that one writes it: update this program"
            ),
            Error::Busy { holder } => {
                write!(out, "another process is writing the state: {holder}; wait until it is done")
            }
            Error::Missing { path } => {
                write!(
                    out,
                    "{} is not there any more; apply again, which makes it anew",
                    path.display()
                )
            }
            Error::Moved { what } => {
                write!(out, "{what} was changed by somebody else meanwhile; plan again")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Says what was being done to which path.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T> {
        self.map_err(|said| Error::Disk { path: path.to_owned(), doing, said })
    }
}
