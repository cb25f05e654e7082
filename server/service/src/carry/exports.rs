//! Writing files for others: what is pending is done, and remembered.
//!
//! A file is written in the state's folder first, where nobody sees it, which may be before anybody is to see it; then it
//! gets its name, after the commit that makes it necessary.

use super::effects::{due, fact};
use super::site::{Site, Trouble};
use crate::runs::let_go;
use crate::state::PRODUCTION;
use crate::work::{Crew, Event};
use seeknal_model::NodeId;
use seeknal_plan::engine::{Broken, Format, Job, Lane};
use seeknal_store::{Draft, Effect, Node, Operation, Outcome, Progress, View};
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{ErrorKind, Result as Io};
use std::path::{Path, PathBuf};

/// A file that was written for others, or was to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The exposure.
    pub node: NodeId,
    /// The file as the exposure names it.
    pub file: String,
    /// How many rows, or why it failed.
    pub done: Result<u64, String>,
}

/// Does everything that is pending, and remembers what came of it.
pub fn resume(site: &Site, crew: &Crew<'_>) -> Result<Vec<Export>, Trouble> {
    Writing::new(site, crew, None).go_on(None)
}

/// Files being written one after the other, by one process.
pub(crate) struct Writing<'w> {
    site: &'w Site,
    crew: &'w Crew<'w>,
    lane: Option<Box<dyn Lane>>,
    /// What has no name yet, by the nodes that write it.
    ahead: BTreeMap<String, Result<Fresh, String>>,
}

/// A file in the state's folder, which is gone with this unless it got a name elsewhere.
struct Fresh {
    path: PathBuf,
    rows: u64,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // Where it has its name, nothing is here any more.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl<'w> Writing<'w> {
    /// Whoever writes may have a lane already that sees the outputs.
    pub(crate) fn new(
        site: &'w Site,
        crew: &'w Crew<'w>,
        lane: Option<Box<dyn Lane>>,
    ) -> Writing<'w> {
        Writing { site, crew, lane, ahead: BTreeMap::new() }
    }

    /// Writes what will be due once a view takes another's place. It gets no names yet.
    pub(crate) fn write_ahead(&mut self, before: Option<&View>, view: &View) {
        for effect in due(Vec::new(), &self.site.root, (before, view)) {
            let node = view.nodes.get(&effect.node);
            let Some(node) = node.filter(|node| fact(node, "file").is_some()) else { continue };
            let fresh = self.fresh(node, view);
            self.ahead.insert(effect.node, fresh);
        }
    }

    /// Does everything that is pending, and remembers what came of it. What was written ahead is for the view that is
    /// known, with its id.
    pub(crate) fn go_on(mut self, known: Option<(&str, &View)>) -> Result<Vec<Export>, Trouble> {
        let site = self.site;
        let Some((head, operation)) = site.store.newest()? else { return Ok(Vec::new()) };
        let is_open = |one: &&Effect| one.progress != Progress::Done;
        let open: Vec<Effect> = operation.effects.iter().filter(is_open).cloned().collect();
        let Some(production) = operation.environments.get(PRODUCTION) else {
            return Ok(Vec::new());
        };
        // A view of thousands of nodes is not read for nothing.
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let known = known.filter(|(id, _)| production.view.as_deref() == Some(*id));
        let read = match known {
            Some(_) => None,
            None => {
                self.ahead.clear();
                site.view_of(production)?
            }
        };
        let Some(view) = known.map(|(_, view)| view).or(read.as_ref()) else {
            return Ok(Vec::new());
        };
        let exports: Vec<Export> =
            open.iter().filter_map(|effect| self.one(view, &effect.node)).collect();
        let_go(self.lane.take());
        self.remember((&head, &operation), open, &exports)?;
        Ok(exports)
    }

    /// Writes a file where a node writes one.
    fn one(&mut self, view: &View, id: &str) -> Option<Export> {
        let node = view.nodes.get(id)?;
        let (file, id) = (fact(node, "file")?.to_owned(), NodeId::new(id));
        let fresh = self.ahead.remove(id.as_str()).unwrap_or_else(|| self.fresh(node, view));
        let done = fresh.and_then(|fresh| self.named(&fresh, &file));
        if let Ok(rows) = done {
            (self.crew.tell)(Event::Exported { node: &id, file: &file, rows });
        }
        Some(Export { node: id, file, done })
    }

    /// Remembers what came of effects, unless somebody shows something else meanwhile: then its own effects are what is
    /// pending.
    fn remember(
        &self,
        (head, operation): (&str, &Operation),
        mut effects: Vec<Effect>,
        exports: &[Export],
    ) -> Result<(), Trouble> {
        let writer = self.site.writer()?;
        if self.site.store.head()?.as_deref() != Some(head) {
            return Ok(());
        }
        let failed = |id: &str| {
            let export = exports.iter().find(|one| one.node.as_str() == id)?;
            export.done.clone().err()
        };
        for effect in &mut effects {
            effect.message = failed(&effect.node);
            // One that writes nothing is done.
            effect.progress =
                if effect.message.is_some() { Progress::Failed } else { Progress::Done };
        }
        let is_done = effects.iter().all(|one| one.progress == Progress::Done);
        let draft = Draft {
            kind: "export".to_owned(),
            environments: operation.environments.clone(),
            outcome: if is_done { Outcome::Done } else { Outcome::Failed },
            effects,
            facts: json!({ "environment": PRODUCTION }),
            ..Draft::default()
        };
        writer.operation(draft)?.publish()?;
        Ok(())
    }

    fn lane(&mut self) -> Result<&mut dyn Lane, String> {
        let lane = match self.lane.take() {
            Some(lane) => lane,
            None => self.crew.engine.lane(&self.site.limits(self.crew))?,
        };
        Ok(self.lane.insert(lane).as_mut())
    }

    /// Writes a file in the state's folder, so that nobody reads half of one, and the lane sees nothing outside.
    fn fresh(&mut self, node: &Node, view: &View) -> Result<Fresh, String> {
        let (site, stop) = (self.site, self.crew.stop);
        let reads = fact(node, "reads").ok_or("it reads nothing")?;
        let parts = view.nodes.get(reads).map(|node| node.parts.as_slice());
        let files: Vec<PathBuf> =
            parts.unwrap_or_default().iter().map(|part| site.store.object(&part.key)).collect();
        if files.is_empty() {
            return Err(format!("`{reads}` has no output"));
        }
        let mut fresh = Fresh { path: site.store.fresh(), rows: 0 };
        let job = Job::Export { files, format: format(node), out: fresh.path.clone() };
        match self.lane()?.run(&job, &mut |_| !stop()) {
            Ok(done) => fresh.rows = done.rows,
            Err(Broken::Failed(why) | Broken::Lost(why)) => return Err(why),
            Err(Broken::Stopped) => return Err("it was stopped".to_owned()),
        }
        flushed(&fresh.path).map_err(|error| format!("{}: {error}", fresh.path.display()))?;
        Ok(fresh)
    }

    /// Gives a file its name in the project, and tells how many rows it has.
    fn named(&self, fresh: &Fresh, file: &str) -> Result<u64, String> {
        let place = self.site.root.join(file);
        let folder = folder_of(self.site, &place)?;
        named(&fresh.path, &folder, place.file_name().unwrap_or_default())?;
        Ok(fresh.rows)
    }
}

/// The folder of a file with every link resolved; it is made where it is not there.
fn folder_of(site: &Site, place: &Path) -> Result<PathBuf, String> {
    let folder = place.parent().unwrap_or(&site.root);
    std::fs::create_dir_all(folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| format!("{}: {error}", folder.display()))
}

/// Waits until what stands at a path is safe.
fn flushed(path: &Path) -> Io<()> {
    std::fs::File::open(path)?.sync_all()
}

/// Gives a flushed file its name in a folder, which may lie on another disk.
fn named(fresh: &Path, folder: &Path, name: &OsStr) -> Result<(), String> {
    let place = folder.join(name);
    let moved = match std::fs::rename(fresh, &place) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let beside = folder.join(format!(".{}.{}", name.display(), std::process::id()));
            let copied = std::fs::copy(fresh, &beside).and_then(|_| flushed(&beside));
            let moved = copied.and_then(|()| std::fs::rename(&beside, &place));
            let _ = std::fs::remove_file(if moved.is_ok() { fresh } else { &beside });
            moved
        }
        moved => moved,
    };
    // After a loss of power the old file would stand there, and nobody would write it again. Where folders cannot be
    // opened, names are flushed with the files.
    let safe = moved.and_then(|()| if cfg!(unix) { flushed(folder) } else { Ok(()) });
    safe.map_err(|error| format!("{}: {error}", place.display()))
}

fn format(node: &Node) -> Format {
    match fact(node, "format") {
        Some("parquet") => Format::Parquet,
        Some("json") => Format::Json,
        Some("jsonl") => Format::Jsonl,
        _ => Format::Csv,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::fs;

    /// A place on another disk is written as a whole too, and nothing is left beside it or where it came from.
    #[test]
    fn a_file_gets_its_name_on_another_disk() {
        let id = std::process::id();
        let (here, there) = (
            std::env::temp_dir().join(format!("seeknal-named-{id}")),
            Path::new("/dev/shm").join(format!("seeknal-named-{id}")),
        );
        [&here, &there].iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        let fresh = here.join("fresh");
        let names = |folder: &Path| -> Vec<OsString> {
            fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name()).collect()
        };
        for text in ["one", "two"] {
            fs::write(&fresh, text).unwrap();
            let moved = fs::rename(&fresh, there.join("moved")).unwrap_err();
            assert_eq!(moved.kind(), ErrorKind::CrossesDevices);
            named(&fresh, &there, OsStr::new("a.csv")).unwrap();
            assert_eq!(fs::read_to_string(there.join("a.csv")).unwrap(), text);
            assert_eq!((names(&here).len(), names(&there).len()), (0, 1));
        }
        fs::write(&fresh, "three").unwrap();
        fs::remove_file(there.join("a.csv")).unwrap();
        fs::create_dir_all(there.join("a.csv/inside")).unwrap();
        let why = named(&fresh, &there, OsStr::new("a.csv")).unwrap_err();
        assert!(why.contains("a.csv"), "{why}");
        assert_eq!(names(&there), ["a.csv"]);
        [&here, &there].iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }
}
