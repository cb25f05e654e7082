//! Texts that an editor opens: they lie in a folder of the user's, one for each project.

use crate::cache_folder;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a text that an editor is to open, over the one that was there under this name.
pub fn to_be_shown(root: &Path, name: &str, text: &str) -> Result<PathBuf, String> {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let hash = blake3::hash(real.as_os_str().as_encoded_bytes()).to_hex();
    let base = cache_folder().unwrap_or_else(std::env::temp_dir);
    let folder = base.join("shown").join(hash.get(..12).unwrap_or_default());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c);
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let (path, fresh) =
        (folder.join(&name), folder.join(format!(".{name}.{}", std::process::id())));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&fresh, text))
        .and_then(|()| fs::rename(&fresh, &path));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = fs::remove_file(&fresh);
            Err(format!("{}: {error}", path.display()))
        }
    }
}
