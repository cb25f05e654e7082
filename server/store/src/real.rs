//! The file system of this machine.

use crate::disk::{About, Disk, Held, Kind};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

impl Disk for Real {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn about(&self, path: &Path) -> io::Result<About> {
        let about = fs::symlink_metadata(path)?;
        let kind = match about.file_type() {
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_dir() => Kind::Folder,
            _ => Kind::File,
        };
        let changed = about.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let changed = u64::try_from(changed.as_nanos()).unwrap_or(u64::MAX);
        Ok(About { kind, bytes: about.len(), changed })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries: io::Result<Vec<fs::DirEntry>> = fs::read_dir(path)?.collect();
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries?.into_iter().map(name).collect();
        names.sort();
        Ok(names)
    }

    fn target(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn hash(&self, path: &Path) -> io::Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut File::open(path)?, &mut hasher)?;
        Ok(hasher.finalize())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::write(path, bytes)
    }

    #[cfg(unix)]
    fn flush(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Elsewhere only whoever may write may flush.
    #[cfg(not(unix))]
    fn flush(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    #[cfg(unix)]
    fn flush_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Where folders cannot be opened, names are flushed with the files.
    #[cfg(not(unix))]
    fn flush_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn flushes_at_once(&self) -> usize {
        8
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    #[cfg(unix)]
    fn link(&self, target: &Path, at: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(target, at)
    }

    /// As another name of the same link, where the system gives links names: that takes half as long.
    #[cfg(target_os = "linux")]
    fn link_again(&self, link: &Path, at: &Path) -> io::Result<()> {
        match fs::hard_link(link, at) {
            // A file system may have no such names, or no more of them.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                self.link(&self.target(link)?, at)
            }
            linked => linked,
        }
    }

    #[cfg(windows)]
    fn link(&self, target: &Path, at: &Path) -> io::Result<()> {
        let whole = at.parent().map_or_else(|| target.to_owned(), |folder| folder.join(target));
        match whole.is_dir() {
            true => std::os::windows::fs::symlink_dir(target, at),
            false => std::os::windows::fs::symlink_file(target, at),
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.about(path)?.kind {
            Kind::Folder => fs::remove_dir(path),
            Kind::File | Kind::Link => fs::remove_file(path),
        }
    }

    fn protect(&self, path: &Path) -> io::Result<()> {
        let mut rights = fs::metadata(path)?.permissions();
        rights.set_readonly(true);
        fs::set_permissions(path, rights)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Held>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
