//! A project as a question sees it: it does not change while the answer is worked out.

use crate::convert::range;
use crate::proto::{Location, Position, Uri};
use crate::root::{BoundFaults, Verdict};
use crate::uris;
use seeknal_ide::Known;
use seeknal_model::{File, Project};
use seeknal_service::Snapshot;
use seeknal_syntax::{Encoding, Span};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How a client spells the files of a project.
#[derive(Debug)]
pub(crate) struct Names {
    /// The project's folder.
    pub(crate) root: String,
    /// Open files, with their versions.
    pub(crate) open: HashMap<Arc<str>, (Uri, i32)>,
}

impl Names {
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        match self.open.get(path) {
            Some((uri, _)) => Some(uri.clone()),
            None => uris::below(&self.root, path),
        }
    }
}

/// A project, and for a question about a file that file.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) snapshot: Snapshot,
    pub(crate) names: Arc<Names>,
    pub(crate) bound: Arc<BoundFaults>,
    pub(crate) verdict: Arc<Verdict>,
    pub(crate) path: Arc<str>,
    /// The project's folder.
    pub(crate) root: PathBuf,
    pub(crate) encoding: Encoding,
}

impl View {
    pub(crate) fn project(&self) -> &Project {
        self.snapshot.project()
    }

    pub(crate) fn file(&self) -> Option<&Arc<File>> {
        self.project().file(&self.path)
    }

    /// What the nodes mean, where nothing was edited since that was found out.
    pub(crate) fn known(&self) -> Option<Known<'_>> {
        let (snapshot, identities) = self.verdict.known.as_ref()?;
        let is_now = snapshot.revision() == self.snapshot.revision();
        is_now.then_some(Known { project: snapshot.project(), identities })
    }

    /// The offset of a position in a file.
    pub(crate) fn offset(&self, file: &File, position: Position) -> usize {
        let place = seeknal_syntax::Position {
            line: position.line as usize,
            column: position.character as usize,
        };
        file.lines.offset(&file.text, place, self.encoding)
    }

    pub(crate) fn location(&self, path: &str, span: Span) -> Option<Location> {
        let file = self.project().file(path)?;
        Some(Location::new(self.names.uri(path)?, range(file, span, self.encoding)))
    }
}
