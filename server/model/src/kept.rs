//! Files as they are written down between two runs of the program: what they declare, so that nobody needs to take their
//! texts apart again.

use crate::file::File;
use crate::node::Node;
use seeknal_syntax::LineIndex;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error, Serialize, Serializer};
use std::sync::{Arc, OnceLock};

/// What is written of a file.
#[derive(serde::Serialize)]
struct Written<'f> {
    path: &'f str,
    text: &'f str,
    nodes: &'f [Arc<Node>],
    kept_as: Option<&'f String>,
}

/// The same as it is read.
#[derive(serde::Deserialize)]
struct Read {
    path: Arc<str>,
    text: String,
    nodes: Vec<Arc<Node>>,
    kept_as: Option<String>,
}

/// Only a file that declares nothing but nodes, and in which nothing is wrong, can be written down.
impl Serialize for File {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let File { path, text, nodes, environments, common, problems, kept_as, .. } = self;
        if !(environments.is_empty() && common.is_empty() && problems.is_empty()) {
            return Err(S::Error::custom("there is more in it than nodes"));
        }
        Written { path, text, nodes, kept_as: kept_as.get() }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<File, D::Error> {
        let Read { path, text, nodes, kept_as } = Read::deserialize(from)?;
        Ok(File {
            lines: LineIndex::new(&text),
            path,
            text,
            nodes,
            environments: Vec::new(),
            common: Vec::new(),
            problems: Vec::new(),
            kept_as: kept_as.map_or_else(OnceLock::new, OnceLock::from),
        })
    }
}

/// A hash that is made once.
pub(crate) mod once {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::OnceLock;

    pub(crate) fn serialize<S: Serializer>(
        hash: &OnceLock<blake3::Hash>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        hash.get().map(blake3::Hash::as_bytes).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<OnceLock<blake3::Hash>, D::Error> {
        let hash: Option<[u8; 32]> = Option::deserialize(from)?;
        Ok(hash.map_or_else(OnceLock::new, |hash| OnceLock::from(blake3::Hash::from(hash))))
    }
}
