//! A `target/` that Seeknal made itself: it is moved aside as a whole, and stays there to be read.

use crate::disk::Kind;
use crate::error::{Doing, Result};
use crate::format::Operation;
use crate::store::Store;
use std::path::{Path, PathBuf};

/// Files that Seeknal writes into its `target/`, and that are links in ours.
const SEEKNALS: [&str; 2] = ["manifest.json", "run_state.json"];

/// Whether something stands at a path that is no link, and so not ours.
pub(crate) fn is_foreign(store: &Store, path: &Path) -> bool {
    store.disk.about(path).is_ok_and(|about| about.kind != Kind::Link)
}

/// Moves such a folder to `adopted/`: one that holds Seeknal's files, or anything in place of what is to be
/// shown.
pub(crate) fn foreign(
    store: &Store,
    (target, names): (&Path, &[String]),
    operation: &Operation,
) -> Result<()> {
    let seeknals = SEEKNALS.iter().map(|name| (*name).to_owned());
    let mut all = names.iter().cloned().chain(seeknals);
    if !all.any(|name| is_foreign(store, &target.join(name))) {
        return Ok(());
    }
    let folder = store.at.folder("adopted");
    let taken = store.disk.list(&folder).doing("listing", &folder)?.len();
    let place = folder.join(format!("{}-{taken}", operation.time));
    store.disk.rename(target, &place).doing("moving aside", target)?;
    store.disk.flush_folder(&folder).doing("flushing a folder", &folder)?;
    let parent = target.parent().unwrap_or(Path::new("."));
    store.disk.flush_folder(parent).doing("flushing a folder", parent)
}

/// The folders that were adopted, the newest last.
pub fn adopted(store: &Store) -> Vec<PathBuf> {
    let folder = store.at.folder("adopted");
    let names = store.disk.list(&folder).unwrap_or_default();
    names.into_iter().map(|name| folder.join(name)).collect()
}
