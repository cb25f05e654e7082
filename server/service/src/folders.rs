//! The user's own folders, where each system has them.

use std::env::{consts::OS, var_os};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

/// The files of a folder with their times and sizes, the oldest first.
pub(crate) fn by_age(folder: &Path) -> Vec<(PathBuf, SystemTime, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, SystemTime, u64)> = entries
        .filter_map(|entry| {
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((entry.path(), about.modified().ok()?, about.len()))
        })
        .collect();
    found.sort_by(|one, two| (one.1, &one.0).cmp(&(two.1, &two.0)));
    found
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
