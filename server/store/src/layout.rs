//! Where everything lies in the state's folder.

use std::path::{Path, PathBuf};

/// The format that this program writes.
pub(crate) const VERSION: u64 = 2;

/// The folders of the state.
pub(crate) const FOLDERS: [&str; 10] = [
    "objects",
    "definitions",
    "packs",
    "views",
    "generations",
    "shown",
    "ops",
    "tmp",
    "aside",
    "adopted",
];

/// The paths below a state's folder.
#[derive(Clone, Debug)]
pub(crate) struct Layout(pub(crate) PathBuf);

impl Layout {
    pub(crate) fn format(&self) -> PathBuf {
        self.0.join("format")
    }

    pub(crate) fn head(&self) -> PathBuf {
        self.0.join("head")
    }

    pub(crate) fn current(&self) -> PathBuf {
        self.0.join("current")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(crate) fn stop(&self) -> PathBuf {
        self.0.join("stop")
    }

    pub(crate) fn holder(&self) -> PathBuf {
        self.0.join("holder")
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn operation(&self, id: &str) -> PathBuf {
        self.0.join("ops").join(format!("{id}.json"))
    }

    pub(crate) fn view(&self, id: &str) -> PathBuf {
        self.0.join("views").join(format!("{id}.json"))
    }

    pub(crate) fn generation(&self, view: &str) -> PathBuf {
        self.0.join("generations").join(view)
    }

    pub(crate) fn shown(&self, name: &str) -> PathBuf {
        self.0.join("shown").join(name)
    }

    pub(crate) fn object(&self, key: &str) -> PathBuf {
        self.0.join(object(key))
    }

    pub(crate) fn text(&self, hash: &str) -> PathBuf {
        self.0.join("definitions").join(prefix(hash)).join(hash)
    }
}

/// An object's path below the state's folder.
pub(crate) fn object(key: &str) -> PathBuf {
    Path::new("objects").join(prefix(key)).join(format!("{key}.parquet"))
}

/// The folder that it lies in among its like.
pub(crate) fn prefix(hash: &str) -> &str {
    hash.get(..2).unwrap_or("00")
}

/// Whether a word can be the name of a file here: what is read from a file decides no path elsewhere.
pub(crate) fn is_name(word: &str) -> bool {
    word.len() >= 2 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The way from a folder that many levels below the state's own, back to it.
pub(crate) fn back(levels: usize) -> PathBuf {
    std::iter::repeat_n("..", levels).collect()
}
