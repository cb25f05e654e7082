//! The user's own folders, where each system has them.

use std::env::{consts::OS, var_os};
use std::path::PathBuf;

/// Where answers are kept that could be had again; nothing where the user has no folder.
pub fn cache_folder() -> Option<PathBuf> {
    let way = ("LOCALAPPDATA", "Library/Caches", ("XDG_CACHE_HOME", ".cache"));
    folder("SEEKNAL_CACHE_DIR", way)
}

/// Where is kept what the user said. It is no cache: nobody clears it away.
pub(crate) fn user_folder() -> Option<PathBuf> {
    let way = ("APPDATA", "Library/Application Support", ("XDG_STATE_HOME", ".local/state"));
    folder("SEEKNAL_USER_DIR", way)
}

/// The folder that a variable of ours names, else ours below the one that the system has for such things.
fn folder(
    own: &str,
    (windows, macos, (variable, below)): (&str, &str, (&str, &str)),
) -> Option<PathBuf> {
    let set = |name: &str| var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(own) = set(own) {
        return Some(own);
    }
    let base = match OS {
        "windows" => set(windows),
        "macos" => set("HOME").map(|home| home.join(macos)),
        _ => set(variable).or_else(|| Some(set("HOME")?.join(below))),
    };
    base.map(|base| base.join("seeknal-lsp"))
}
