//! A project with texts that are not saved yet.

use seeknal_model::{File, Project};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// A project as its files stand on disk and in editors, brought up to date when somebody asks.
///
/// An edit only notes the new text, so it costs next to nothing however large the project is. The
/// first reader of a snapshot parses what is new; [`Overlaid::settle`] then makes that the base of
/// later edits.
#[derive(Clone, Debug, Default)]
pub struct Overlaid {
    base: Project,
    changes: BTreeMap<Arc<str>, Change>,
    revision: u64,
    current: Option<Snapshot>,
}

/// A text that somebody holds in a form of their own.
pub trait Text: Debug + Send + Sync {
    /// The text, put together when it is read.
    fn text(&self) -> String;
}

#[derive(Clone, Debug)]
struct Change {
    revision: u64,
    new: New,
}

#[derive(Clone, Debug)]
enum New {
    Text(Arc<dyn Text>),
    Bytes(Arc<[u8]>),
    Gone,
}

/// A project at one moment. Cheap to clone; every clone shares what one of them computed.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Project,
    changes: BTreeMap<Arc<str>, Change>,
    revision: u64,
    project: OnceLock<Project>,
}

impl Overlaid {
    /// A project as loaded.
    pub fn new(base: Project) -> Overlaid {
        Overlaid { base, ..Overlaid::default() }
    }

    /// Begins again from what lies on disk.
    pub fn reset(&mut self, base: Project) {
        self.base = base;
        self.changes.clear();
        self.touch();
    }

    /// A file has this text now.
    pub fn set_text(&mut self, path: &Arc<str>, text: Arc<dyn Text>) {
        self.change(path, New::Text(text));
    }

    /// A file has these bytes now.
    pub fn set_bytes(&mut self, path: &Arc<str>, bytes: Arc<[u8]>) {
        self.change(path, New::Bytes(bytes));
    }

    /// A file is gone.
    pub fn remove(&mut self, path: &Arc<str>) {
        self.change(path, New::Gone);
    }

    fn change(&mut self, path: &Arc<str>, new: New) {
        self.touch();
        self.changes.insert(path.clone(), Change { revision: self.revision, new });
    }

    fn touch(&mut self) {
        self.revision += 1;
        self.current = None;
    }

    /// How often it changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The project as it is now.
    pub fn snapshot(&mut self) -> Snapshot {
        let current = self.current.get_or_insert_with(|| {
            Snapshot(Arc::new(Inner {
                base: self.base.clone(),
                changes: self.changes.clone(),
                revision: self.revision,
                project: OnceLock::new(),
            }))
        });
        current.clone()
    }

    /// Takes what a snapshot computed as the new base. Changes that came later stay changes.
    pub fn settle(&mut self, snapshot: &Snapshot) {
        let Some(project) = snapshot.0.project.get() else { return };
        self.base = project.clone();
        self.changes.retain(|_, change| change.revision > snapshot.0.revision);
    }
}

impl Snapshot {
    /// The project. The first call parses what changed.
    pub fn project(&self) -> &Project {
        self.0.project.get_or_init(|| {
            let read = |(path, change): (&Arc<str>, &Change)| {
                let file = match &change.new {
                    New::Text(text) => Some(File::read(path, text.text().as_bytes())),
                    New::Bytes(bytes) => Some(File::read(path, bytes)),
                    New::Gone => None,
                };
                (path.clone(), file)
            };
            match self.0.changes.is_empty() {
                true => self.0.base.clone(),
                false => self.0.base.with_changes(self.0.changes.iter().map(read)),
            }
        })
    }

    /// At which revision it was taken.
    pub fn revision(&self) -> u64 {
        self.0.revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Typed(String);

    impl Text for Typed {
        fn text(&self) -> String {
            self.0.clone()
        }
    }

    fn node(name: &str) -> Arc<dyn Text> {
        Arc::new(Typed(format!("kind: transform\nname: {name}\ntransform: SELECT 1 AS one\n")))
    }

    fn names(snapshot: &Snapshot) -> Vec<String> {
        snapshot.project().declared().map(|node| node.name.clone()).collect()
    }

    #[test]
    fn a_snapshot_stays_as_it_was_taken() {
        let path: Arc<str> = "seeknal/a.yml".into();
        let mut overlaid = Overlaid::default();
        overlaid.set_text(&path, node("one"));
        let first = overlaid.snapshot();
        overlaid.set_text(&path, node("two"));
        let second = overlaid.snapshot();
        overlaid.remove(&path);
        assert_eq!(names(&first), ["one"]);
        assert_eq!(names(&second), ["two"]);
        assert!(names(&overlaid.snapshot()).is_empty());
        assert!(first.revision() < second.revision());
    }

    #[test]
    fn what_a_reader_computed_is_not_computed_again_and_later_edits_stay() {
        let (a, b): (Arc<str>, Arc<str>) = ("seeknal/a.yml".into(), "seeknal/b.yml".into());
        let mut overlaid = Overlaid::default();
        overlaid.set_text(&a, node("a"));
        let snapshot = overlaid.snapshot();
        overlaid.set_text(&b, node("b"));
        let file = snapshot.project().file(&a).unwrap().clone();
        overlaid.settle(&snapshot);
        let later = overlaid.snapshot();
        assert_eq!(names(&later), ["a", "b"]);
        assert!(Arc::ptr_eq(later.project().file(&a).unwrap(), &file));
        assert_eq!(overlaid.changes.len(), 1, "only the later edit is still to be read");
    }
}
