//! What the store asks of a file system, and no more: each call is one step that can fail, and nothing is
//! safe from a loss of power before it was flushed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    File,
    /// A folder.
    Folder,
    /// A link to another path.
    Link,
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// What it is; a link is not followed.
    pub kind: Kind,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was changed, in nanoseconds since 1970.
    pub changed: u64,
}

/// A lock that ends when it is dropped, or when the process dies.
pub type Held = Box<dyn Send>;

/// A file system.
pub trait Disk: Send + Sync {
    /// All bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// What stands there.
    fn about(&self, path: &Path) -> io::Result<About>;
    /// The names in a folder, in order.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Where a link leads.
    fn target(&self, path: &Path) -> io::Result<PathBuf>;
    /// The hash of a file's bytes.
    fn hash(&self, path: &Path) -> io::Result<blake3::Hash>;
    /// Makes a file of these bytes, or puts them in place of those that it had. Not flushed.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Flushes the bytes of a file.
    fn flush(&self, path: &Path) -> io::Result<()>;
    /// Flushes the names in a folder.
    fn flush_folder(&self, path: &Path) -> io::Result<()>;
    /// How many folders it flushes at once: each waits, and a disk takes many in one go.
    fn flushes_at_once(&self) -> usize {
        1
    }
    /// Gives something another name, in place of what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a link.
    fn link(&self, target: &Path, at: &Path) -> io::Result<()>;
    /// Makes a link to where another one leads, which is written the same way.
    fn link_again(&self, link: &Path, at: &Path) -> io::Result<()> {
        self.link(&self.target(link)?, at)
    }
    /// Makes a folder whose parent is there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file, a link or an empty folder.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Takes away everybody's right to write to a file.
    fn protect(&self, path: &Path) -> io::Result<()>;
    /// Locks a file that is made for that; nothing where another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<Held>>;
}

impl<D: Disk + ?Sized> Disk for Arc<D> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        (**self).read(path)
    }
    fn about(&self, path: &Path) -> io::Result<About> {
        (**self).about(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        (**self).list(path)
    }
    fn target(&self, path: &Path) -> io::Result<PathBuf> {
        (**self).target(path)
    }
    fn hash(&self, path: &Path) -> io::Result<blake3::Hash> {
        (**self).hash(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        (**self).write(path, bytes)
    }
    fn flush(&self, path: &Path) -> io::Result<()> {
        (**self).flush(path)
    }
    fn flush_folder(&self, path: &Path) -> io::Result<()> {
        (**self).flush_folder(path)
    }
    fn flushes_at_once(&self) -> usize {
        (**self).flushes_at_once()
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        (**self).rename(from, to)
    }
    fn link(&self, target: &Path, at: &Path) -> io::Result<()> {
        (**self).link(target, at)
    }
    fn link_again(&self, link: &Path, at: &Path) -> io::Result<()> {
        (**self).link_again(link, at)
    }
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        (**self).make_folder(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        (**self).remove(path)
    }
    fn protect(&self, path: &Path) -> io::Result<()> {
        (**self).protect(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Held>> {
        (**self).lock(path)
    }
}
