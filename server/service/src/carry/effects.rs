//! What happens outside of the state because production shows something else: files for others.
//!
//! An effect is decided in the operation that shows the new view, and done after it; one that was not done is
//! pending until it is. Doing one twice writes the same file twice.

use super::site::{Site, Trouble, refused};
use crate::runs::let_go;
use crate::state::PRODUCTION;
use crate::work::{Crew, Event};
use seeknal_model::NodeId;
use seeknal_plan::engine::{Broken, Format, Job, Lane};
use seeknal_store::{Draft, Effect, Node, Outcome, Progress, View};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

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

/// What is to be done once a view takes another's place: what was not done yet, and every file whose rows or
/// place are others now.
pub(crate) fn due(pending: Vec<Effect>, before: Option<&View>, view: &View) -> Vec<Effect> {
    let exports = |view: &View, id: &str| {
        let node = view.nodes.get(id)?;
        node.facts.get("export").and_then(Value::as_str).map(str::to_owned)
    };
    let mut all: Vec<Effect> =
        pending.into_iter().filter(|one| view.nodes.contains_key(&one.node)).collect();
    for id in view.nodes.keys() {
        let Some(now) = exports(view, id) else { continue };
        let is_new = before.and_then(|before| exports(before, id)).as_ref() != Some(&now);
        if is_new {
            add(&mut all, id);
        }
    }
    all
}

/// Adds the files that somebody removed.
pub(crate) fn add_missing(due: &mut Vec<Effect>, root: &Path, view: &View) {
    for (id, node) in &view.nodes {
        if fact(node, "file").is_some_and(|file| !root.join(file).exists()) {
            add(due, id);
        }
    }
}

fn fact<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.facts.get(key).and_then(Value::as_str)
}

/// Adds what was found to be due.
pub(crate) fn add_all(due: &mut Vec<Effect>, nodes: &[String]) {
    nodes.iter().for_each(|node| add(due, node));
}

fn add(due: &mut Vec<Effect>, node: &str) {
    if due.iter().all(|one| one.node != node) {
        due.push(Effect {
            environment: PRODUCTION.to_owned(),
            node: node.to_owned(),
            what: "export".to_owned(),
            progress: Progress::Pending,
            message: None,
        });
    }
}

/// Does everything that is pending, and remembers what came of it.
pub fn resume(site: &Site, crew: &Crew<'_>) -> Result<Vec<Export>, Trouble> {
    go_on(site, crew, None, None)
}

/// The same with the view that somebody has read already, and on a lane that sees the outputs.
pub(crate) fn go_on(
    site: &Site,
    crew: &Crew<'_>,
    known: Option<(&str, &View)>,
    lane: Option<Box<dyn Lane>>,
) -> Result<Vec<Export>, Trouble> {
    let Some((head, operation)) = site.store.newest()? else { return Ok(Vec::new()) };
    let is_open = |one: &&Effect| one.progress != Progress::Done;
    let open: Vec<Effect> = operation.effects.iter().filter(is_open).cloned().collect();
    let Some(production) = operation.environments.get(PRODUCTION) else { return Ok(Vec::new()) };
    // A view of thousands of nodes is not read for nothing.
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let known = known.filter(|(id, _)| production.view.as_deref() == Some(*id));
    let read = match known {
        Some(_) => None,
        None => site.view_of(production)?,
    };
    let Some(view) = known.map(|(_, view)| view).or(read.as_ref()) else { return Ok(Vec::new()) };
    let mut exports = Vec::new();
    let mut effects = Vec::new();
    let mut writing = Writing { site, crew, lane };
    for mut effect in open {
        let export = writing.one(view, &effect.node);
        (effect.progress, effect.message) = match &export {
            Some(Export { done: Err(why), .. }) => (Progress::Failed, Some(why.clone())),
            // One that writes nothing is done.
            _ => (Progress::Done, None),
        };
        effects.push(effect);
        exports.extend(export);
    }
    let_go(writing.lane);
    let writer = site.writer()?;
    // Somebody may have shown something else meanwhile, and then its own effects are what is pending.
    if site.store.head()?.as_deref() == Some(head.as_str()) {
        let is_done = effects.iter().all(|one| one.progress == Progress::Done);
        let draft = Draft {
            kind: "export".to_owned(),
            environments: writer.environments(),
            outcome: if is_done { Outcome::Done } else { Outcome::Failed },
            effects,
            facts: json!({ "environment": PRODUCTION }),
            ..Draft::default()
        };
        writer.operation(draft)?.publish()?;
    }
    Ok(exports)
}

/// The folder of a file with every link resolved; it is made where it is not there.
fn folder_of(site: &Site, place: &Path) -> Result<PathBuf, String> {
    let folder = place.parent().unwrap_or(&site.root);
    std::fs::create_dir_all(folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| format!("{}: {error}", folder.display()))
}

/// Files being written one after the other, by one process.
struct Writing<'w> {
    site: &'w Site,
    crew: &'w Crew<'w>,
    lane: Option<Box<dyn Lane>>,
}

impl Writing<'_> {
    fn one(&mut self, view: &View, id: &str) -> Option<Export> {
        let node = view.nodes.get(id)?;
        let (file, id) = (fact(node, "file")?.to_owned(), NodeId::new(id));
        let done = self.written((node, view), &file);
        if let Ok(rows) = done {
            (self.crew.tell)(Event::Exported { node: &id, file: &file, rows });
        }
        Some(Export { node: id, file, done })
    }

    fn lane(&mut self) -> Result<&mut dyn Lane, String> {
        let lane = match self.lane.take() {
            Some(lane) => lane,
            None => self.crew.engine.lane(&self.site.limits(self.crew))?,
        };
        Ok(self.lane.insert(lane).as_mut())
    }

    /// Writes a file in the state's folder and gives it its name, so that nobody reads half of one, and the lane sees
    /// nothing outside.
    fn written(&mut self, (node, view): (&Node, &View), file: &str) -> Result<u64, String> {
        let (site, stop) = (self.site, self.crew.stop);
        let reads = fact(node, "reads").ok_or("it reads nothing")?;
        let parts = view.nodes.get(reads).map(|node| node.parts.as_slice());
        let files: Vec<PathBuf> =
            parts.unwrap_or_default().iter().map(|part| site.store.object(&part.key)).collect();
        if files.is_empty() {
            return Err(format!("`{reads}` has no output"));
        }
        let place = site.root.join(file);
        let folder = folder_of(site, &place)?;
        let fresh = site.store.fresh();
        let job = Job::Export { files, format: format(node), out: fresh.clone() };
        let ended = self.lane()?.run(&job, &mut |_| !stop());
        let name = place.file_name().unwrap_or_default();
        let ended = match ended {
            Ok(done) => named(&fresh, &folder, name).map(|()| done.rows),
            Err(Broken::Failed(why) | Broken::Lost(why)) => Err(why),
            Err(Broken::Stopped) => Err("it was stopped".to_owned()),
        };
        if ended.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
        ended
    }
}

/// Gives a file its name in a folder, which may lie on another disk.
fn named(fresh: &Path, folder: &Path, name: &OsStr) -> Result<(), String> {
    let place = folder.join(name);
    let flushed = |path: &Path| std::fs::File::open(path)?.sync_all();
    let moved = flushed(fresh).and_then(|()| match std::fs::rename(fresh, &place) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let beside = folder.join(format!(".{}.{}", name.display(), std::process::id()));
            let copied = std::fs::copy(fresh, &beside).and_then(|_| flushed(&beside));
            let moved = copied.and_then(|()| std::fs::rename(&beside, &place));
            let _ = std::fs::remove_file(if moved.is_ok() { fresh } else { &beside });
            moved
        }
        moved => moved,
    });
    moved.map_err(|error| format!("{}: {error}", place.display()))
}

fn format(node: &Node) -> Format {
    match fact(node, "format") {
        Some("parquet") => Format::Parquet,
        Some("json") => Format::Json,
        Some("jsonl") => Format::Jsonl,
        _ => Format::Csv,
    }
}

/// What a view shows, as far as it decides which files may be written.
pub(crate) struct Places<'p> {
    /// The files that sources read.
    pub(crate) data: Vec<&'p str>,
    /// The files that nodes write, with the nodes.
    pub(crate) files: Vec<(&'p str, &'p str)>,
    /// What is shown below `target/`.
    pub(crate) shown: Vec<&'p str>,
}

impl<'p> Places<'p> {
    pub(crate) fn of(view: &'p View) -> Places<'p> {
        let data = |node: &'p Node| node.facts.get("data")?.get("file")?.as_str();
        let file = |(id, node): (&'p String, &'p Node)| Some((id.as_str(), fact(node, "file")?));
        Places {
            data: view.nodes.values().filter_map(data).collect(),
            files: view.nodes.iter().filter_map(file).collect(),
            shown: view.shown.keys().map(String::as_str).collect(),
        }
    }
}

/// Refuses to write over what the project is made of, or over what is shown below `target/`.
pub(crate) fn must_be_possible(root: &Path, places: &Places<'_>) -> Result<(), Trouble> {
    let sources: HashSet<PathBuf> =
        places.data.iter().map(|path| plain(&root.join(path))).collect();
    let first = |path: &'_ Path| Some(path.components().next()?.as_os_str().to_owned());
    let mut shown: HashSet<OsString> =
        places.shown.iter().filter_map(|path| first(Path::new(path))).collect();
    shown.insert("environments".into());
    let root_plain = plain(root);
    for (id, file) in &places.files {
        let place = plain(&root.join(file));
        let is_ours = place.strip_prefix(&root_plain).is_ok_and(|path| {
            let is_state = ["seeknal", ".seeknal", ".git"].iter().any(|one| path.starts_with(one));
            let below = path.strip_prefix("target").ok().and_then(first);
            is_state || below.is_some_and(|name| shown.contains(&name))
        });
        if is_ours || sources.contains(&place) {
            return refused(format!(
                "`{id}` would write {file}, which the project itself needs; name another file"
            ));
        }
    }
    Ok(())
}

/// A path without `.` and `..`, as far as that is told by its words.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
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
