//! Which projects the user lets run their SQL, remembered in the user's own folder.

use crate::folders::user_folder;
use std::fs;
use std::path::{Path, PathBuf};

/// The projects that are trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Where that is remembered; nothing where the user has no folder.
    file: Option<PathBuf>,
}

impl Trust {
    /// What the user said before.
    pub fn of_user() -> Trust {
        Trust { file: user_folder().map(|folder| folder.join("trusted.json")) }
    }

    /// Whether a project is trusted.
    pub fn holds(&self, root: &Path) -> bool {
        let root = real(root);
        self.read().contains(&root)
    }

    /// Remembers that a project is trusted; a sentence where that cannot be kept.
    pub fn add(&self, root: &Path) -> Result<(), String> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut all = self.read();
        all.push(real(root));
        all.sort();
        all.dedup();
        let said = |error: std::io::Error| format!("{}: {error}", file.display());
        fs::create_dir_all(file.parent().unwrap_or(file)).map_err(said)?;
        let fresh = file.with_extension(std::process::id().to_string());
        let text = serde_json::to_vec_pretty(&all).unwrap_or_default();
        fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, file)).map_err(|error| {
            let _ = fs::remove_file(&fresh);
            said(error)
        })
    }

    fn read(&self) -> Vec<String> {
        let text = self.file.as_ref().and_then(|file| fs::read(file).ok()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// A folder as it really is: a link to it is the same project, and another folder under its name is not.
fn real(root: &Path) -> String {
    root.canonicalize().unwrap_or_else(|_| root.to_owned()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_remembered_for_the_folder_that_was_meant() {
        let base = std::env::temp_dir().join(format!("seeknal-trust-{}", std::process::id()));
        let (one, two) = (base.join("one"), base.join("two"));
        fs::create_dir_all(&one).unwrap();
        fs::create_dir_all(&two).unwrap();
        let trust = Trust { file: Some(base.join("user/trusted.json")) };
        assert!(!trust.holds(&one));
        trust.add(&one).unwrap();
        trust.add(&one).unwrap();
        assert!(trust.holds(&one) && !trust.holds(&two));
        assert!(trust.holds(&base.join("two/../one")), "another way to the same folder");
        assert_eq!(trust.read().len(), 1);
        fs::write(base.join("user/trusted.json"), "{").unwrap();
        assert!(!trust.holds(&one), "what cannot be read says nothing");
        fs::remove_dir_all(&base).unwrap();
    }
}
