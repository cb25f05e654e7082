//! The shop in a repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that goes when the test ends.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// One with the shop in a folder of it.
    pub(crate) fn with_shop(inner: &str) -> (Folder, PathBuf) {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let base =
            std::env::temp_dir().join(format!("seeknal-plan-{}-{number}", std::process::id()));
        let shop = if inner.is_empty() { base.clone() } else { base.join(inner) };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shop"), &shop);
        (Folder(base), shop)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

pub(crate) fn git(folder: &Path, args: &[&str]) {
    let own =
        ["-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(own).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn committed(folder: &Path) {
    git(folder, &["init", "-q", "."]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "one"]);
}
