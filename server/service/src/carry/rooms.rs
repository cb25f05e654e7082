//! Folders for what is made only to be looked at.

use super::site::Trouble;
use crate::cache_folder;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// A folder of the user's. It goes with whoever made it.
pub(super) struct Rooms {
    folder: PathBuf,
    next: AtomicUsize,
}

/// A folder that is older belongs to a process that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3_600);

impl Rooms {
    pub(super) fn new() -> Rooms {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let base = cache_folder().unwrap_or_else(std::env::temp_dir).join("previews");
        for left in std::fs::read_dir(&base).into_iter().flatten().flatten() {
            let changed = left.metadata().and_then(|about| about.modified());
            let age = changed.ok().and_then(|then| SystemTime::now().duration_since(then).ok());
            if age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = std::fs::remove_dir_all(left.path());
            }
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("{}-{number}", std::process::id()));
        Rooms { folder, next: AtomicUsize::new(0) }
    }

    pub(super) fn folder(&self) -> Result<PathBuf, Trouble> {
        let said = |error: std::io::Error| {
            Trouble::Unreadable(format!("{}: {error}", self.folder.display()))
        };
        std::fs::create_dir_all(&self.folder).map_err(said)?;
        self.folder.canonicalize().map_err(said)
    }

    pub(super) fn room(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        folder.join(format!("{number}.parquet"))
    }
}

impl Drop for Rooms {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
