//! Files that are there as a whole or not at all.

use crate::disk::{Disk, Kind};
use crate::error::{Doing, Result};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

/// A path beside which nobody else writes.
pub(crate) fn fresh(tmp: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Another process may have had this one's number before a crash.
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let time = time.unwrap_or_default().as_nanos();
    tmp.join(format!("{}-{time:x}-{number}", std::process::id()))
}

/// Makes a folder where there is none. Nothing is flushed.
pub(crate) fn make_folder(disk: &dyn Disk, path: &Path) -> Result<()> {
    match disk.make_folder(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.doing("making a folder", path),
    }
}

/// Makes a folder with all above it, each flushed where it is named. The first existing one is not ours.
pub(crate) fn make_folders(disk: &dyn Disk, path: &Path) -> Result<()> {
    match disk.about(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).doing("looking", path),
    }
    let parent = path.parent().unwrap_or(Path::new("/"));
    make_folders(disk, parent)?;
    make_folder(disk, path)?;
    disk.flush_folder(parent).doing("flushing a folder", parent)
}

/// Writes a file beside its place, flushes it and gives it its name. The folder is not flushed yet.
pub(crate) fn write_whole(
    disk: &dyn Disk,
    (tmp, path): (&Path, &Path),
    bytes: &[u8],
) -> Result<()> {
    let fresh = fresh(tmp);
    let written = disk
        .write(&fresh, bytes)
        .doing("writing", &fresh)
        .and_then(|()| disk.flush(&fresh).doing("flushing", &fresh))
        .and_then(|()| disk.rename(&fresh, path).doing("naming", path));
    if written.is_err() {
        let _ = disk.remove(&fresh);
    }
    written
}

/// Something to do with files.
pub(crate) type Work<'w> = Box<dyn FnOnce() -> Result<()> + Send + 'w>;

/// Does things that do not wait for each other: all at once where the disk takes that, else in their order.
pub(crate) fn all_of(disk: &dyn Disk, mut works: Vec<Work<'_>>) -> Result<()> {
    if disk.flushes_at_once() == 1 {
        return works.into_iter().try_for_each(|work| work());
    }
    let Some(own) = works.pop() else { return Ok(()) };
    thread::scope(|scope| {
        let others: Vec<_> = works.into_iter().map(|work| scope.spawn(work)).collect();
        let own = own();
        // What panics there panics here.
        let joined =
            others.into_iter().map(|one| one.join().unwrap_or_else(|why| resume_unwind(why)));
        joined.collect::<Result<()>>().and(own)
    })
}

/// Flushes folders, each once, in any order.
pub(crate) fn flush_folders(disk: &dyn Disk, folders: &BTreeSet<PathBuf>) -> Result<()> {
    let flush = |some: &[&PathBuf]| {
        some.iter()
            .try_for_each(|folder| disk.flush_folder(folder).doing("flushing a folder", folder))
    };
    let all: Vec<&PathBuf> = folders.iter().collect();
    let size = all.len().div_ceil(disk.flushes_at_once());
    if size <= 1 || size == all.len() {
        return flush(&all);
    }
    thread::scope(|scope| {
        let lanes: Vec<_> = all.chunks(size).map(|some| scope.spawn(|| flush(some))).collect();
        // What broke off flushed nothing that anybody could rely on.
        let joined = lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|_| flush(&all)));
        joined.collect()
    })
}

/// Removes whatever stands at a path, with all below it. Nothing there is fine.
pub(crate) fn remove_all(disk: &dyn Disk, path: &Path) -> Result<()> {
    let about = match disk.about(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        about => about.doing("looking", path)?,
    };
    if about.kind == Kind::Folder {
        for name in disk.list(path).doing("listing", path)? {
            remove_all(disk, &path.join(name))?;
        }
    }
    disk.remove(path).doing("removing", path)
}

/// Points a link elsewhere in one step.
pub(crate) fn point(disk: &dyn Disk, tmp: &Path, (target, at): (&Path, &Path)) -> Result<()> {
    if disk.target(at).is_ok_and(|now| now == target) {
        return Ok(());
    }
    let fresh = fresh(tmp);
    let pointed = disk
        .link(target, &fresh)
        .doing("making a link", &fresh)
        .and_then(|()| disk.rename(&fresh, at).doing("naming", at));
    if pointed.is_err() {
        let _ = disk.remove(&fresh);
    }
    pointed
}
