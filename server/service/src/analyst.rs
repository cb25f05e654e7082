//! The columns of a project's nodes, with what lies on disk looked into.

use crate::baseline::{Against, Baseline};
use crate::live::Compared;
use crate::remembered::{Memory, Remembered};
use crate::seeknal::Pieces;
use crate::sight::{Seen, Sight};
use crate::surroundings::{today, variables};
use crate::{Loaded, load_again};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{
    Asking, Binder, Column, FileReader, Schemas, SourceColumns, data_file, declared, last_run,
    schemas, source_columns,
};
use seeknal_model::{Node, NodeId, Project, Same, Surroundings};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long what lies outside of the project's texts is taken for what it was: data files, and git's commits.
const OUTSIDE_LASTS: Duration = Duration::from_secs(2);

/// The columns of sources, and when the disk was asked for them.
struct Sources {
    asked: Instant,
    nodes: OrdMap<NodeId, Same<Node>>,
    columns: SourceColumns,
}

/// What the nodes of a project mean.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// Their columns.
    pub schemas: Arc<Schemas>,
    /// Their identities.
    pub identities: Arc<Identities>,
}

/// Asks an engine for columns, and looks into a data file again only when it changed.
pub struct Analyst {
    binder: Arc<dyn Binder>,
    files: Arc<dyn FileReader>,
    pub(crate) lanes: usize,
    seen: Mutex<HashMap<Seen, Option<Arc<[Column]>>>>,
    /// What sources of a project had when the disk was asked last.
    sources: Mutex<HashMap<PathBuf, Arc<Sources>>>,
    /// What was found last in each project: only what changed is asked for again.
    last: Mutex<HashMap<PathBuf, Arc<Schemas>>>,
    /// What each project is compared with while it is edited.
    pub(crate) compared: Mutex<HashMap<PathBuf, Compared>>,
    /// What somebody chose to compare a project with.
    pub(crate) chosen: Mutex<HashMap<PathBuf, Against>>,
    /// What was written of nodes last.
    pub(crate) pieces: Pieces,
    /// Where projects are remembered from one process to the next.
    memory: Option<Memory>,
    /// What the nodes of remembered projects meant.
    recalled: Mutex<HashMap<PathBuf, Arc<Identities>>>,
}

impl Analyst {
    /// One that asks these, so much at once.
    pub fn new(binder: Arc<dyn Binder>, files: Arc<dyn FileReader>, lanes: usize) -> Analyst {
        Analyst {
            binder,
            files,
            lanes,
            seen: Mutex::default(),
            sources: Mutex::default(),
            last: Mutex::default(),
            compared: Mutex::default(),
            chosen: Mutex::default(),
            pieces: Pieces::default(),
            memory: None,
            recalled: Mutex::default(),
        }
    }

    /// The same, which keeps what it finds out of projects for the next process, and goes on from what the last one
    /// found out. `engine` says whose answers they are.
    #[must_use]
    pub fn remembering(mut self, cache: &Path, engine: &str) -> Analyst {
        self.memory = Some(Memory::new(cache, engine));
        self
    }

    /// Reads a project; what the last process knew of it need not be found out again.
    pub fn load(
        &self,
        root: &Path,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Loaded>, String> {
        let recalled = self.memory.as_ref().and_then(|memory| memory.recall(root));
        let known = recalled.map(|Remembered { project, schemas, identities, pieces }| {
            self.pieces.recall(pieces.into_iter().filter_map(|(id, text)| {
                let columns = schemas.columns(&id).map(|columns| &**columns);
                Some((project.node(&id)?.clone(), columns.unwrap_or_default(), text))
            }));
            let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last().insert(root.to_owned(), Arc::new(schemas));
            let recalled = || self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
            recalled().insert(root.to_owned(), Arc::new(identities));
            project
        });
        load_again(root, &known.unwrap_or_default(), stop)
    }

    /// Keeps what was found out of a project for the next process.
    pub(crate) fn remember(&self, loaded: &Loaded, meaning: &Meaning) {
        let known = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = known.get(&loaded.root).map(|one| one.columns.clone());
        drop(known);
        // What an engine that broke could not say is known the next time.
        let memory = self.memory.as_ref().filter(|_| self.trouble().is_none());
        if let (Some(memory), Some(sources)) = (memory, sources) {
            memory.remember(loaded, meaning, &sources);
        }
    }

    /// The columns of every node of a project, and what is wrong with its SQL. `stop` is asked between
    /// nodes.
    pub fn schemas(
        &self,
        root: &Path,
        project: &Project,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Arc<Schemas> {
        self.schemas_within(root, project, OUTSIDE_LASTS, stop)
    }

    /// The same while somebody types, who waits for no disk: data files are what they were when somebody
    /// last looked around.
    pub fn schemas_typed(
        &self,
        root: &Path,
        project: &Project,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Arc<Schemas> {
        self.schemas_within(root, project, Duration::MAX, stop)
    }

    fn schemas_within(
        &self,
        root: &Path,
        project: &Project,
        lasts: Duration,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Arc<Schemas> {
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last().get(root).cloned().unwrap_or_default();
        let sources = self.sources_within(root, project, lasts);
        let found = self.asking(root, &sources.columns, stop, |asking| {
            Arc::new(schemas(project, asking, &before))
        });
        if found.is_whole() {
            last().insert(root.to_owned(), found.clone());
        }
        found
    }

    /// What the nodes of a project mean.
    pub fn meaning(
        &self,
        root: &Path,
        project: &Project,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Meaning {
        let schemas = self.schemas(root, project, stop);
        // Where it is being edited, what nobody edited means what it meant.
        let known = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(root).map(|one| one.last.identities.clone());
        drop(known);
        let recalled = || self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
        let before = before.or_else(|| recalled().get(root).cloned()).unwrap_or_default();
        self.meaning_after(root, project, schemas, (&before, stop))
    }

    /// The same where the columns are known, made from what was found before.
    pub(crate) fn meaning_after(
        &self,
        root: &Path,
        project: &Project,
        schemas: Arc<Schemas>,
        (before, stop): (&Identities, &(dyn Fn() -> bool + Sync)),
    ) -> Meaning {
        let identities = self.asking(root, &SourceColumns::new(), stop, |asking| {
            Arc::new(identities(project, &schemas, asking, before))
        });
        Meaning { schemas, identities }
    }

    /// What the nodes of a project meant as it was before; what is the same now is not asked again.
    pub fn meant(
        &self,
        root: &Path,
        baseline: &Baseline,
        now: &Meaning,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Meaning {
        let project = &baseline.project;
        let columns = match &baseline.sources {
            Some(known) => {
                source_columns(project, |node| Some(known.get(&node.id)?.as_slice().into()))
            }
            None => self.sources(root, project.graph().sources()),
        };
        self.asking(root, &columns, stop, |asking| {
            let schemas = Arc::new(schemas(project, asking, &now.schemas));
            let identities = identities(project, &schemas, asking, &now.identities);
            Meaning { schemas, identities: Arc::new(identities) }
        })
    }

    /// Asks with everything that surrounds a project.
    fn asking<T>(
        &self,
        root: &Path,
        sources: &SourceColumns,
        stop: &(dyn Fn() -> bool + Sync),
        ask: impl FnOnce(Asking<'_>) -> T,
    ) -> T {
        let variables = variables(root);
        let overrides = BTreeMap::new();
        let around = Surroundings { overrides: &overrides, variables: &variables, today: today() };
        let binder = self.binder.as_ref();
        ask(Asking { around: &around, sources, binder, stop, lanes: self.lanes })
    }

    /// Why nobody looks at SQL, where that is so.
    pub fn trouble(&self) -> Option<String> {
        self.binder.trouble()
    }

    /// Forgets a project that is not looked at any more.
    pub fn forget(&self, root: &Path) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.compared.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.recalled.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.memory.iter().for_each(|memory| memory.forget(root));
    }

    /// Looks into every data file anew when it is asked for next.
    pub fn look_into_files_again(&self, root: &Path) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.last.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
    }

    /// Whether it is long ago that somebody looked at what lies outside of a project's texts.
    pub fn is_due(&self, root: &Path) -> bool {
        let known = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(root).is_some_and(|one| one.asked.elapsed() >= OUTSIDE_LASTS)
    }

    /// Looks at what lies outside of a project's texts: data files, git's commits, the state. Says whether
    /// anything is another than it was, so that what is shown may be wrong.
    pub fn look_around(&self, root: &Path, project: &Project) -> bool {
        let nodes = project.graph().sources();
        let columns = self.sources(root, nodes);
        let known = || self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(root).cloned();
        let moved = before.as_ref().is_none_or(|before| before.columns != columns);
        let columns = before.filter(|_| !moved).map_or(columns, |before| before.columns.clone());
        let sources = Sources { asked: Instant::now(), nodes: nodes.clone(), columns };
        known().insert(root.to_owned(), Arc::new(sources));
        self.has_begun_anew(root) || moved
    }

    /// The columns of sources as they were at most so long ago; where a node is another, its columns now.
    /// Typing must not ask the disk for each letter.
    fn sources_within(&self, root: &Path, project: &Project, lasts: Duration) -> Arc<Sources> {
        let known = || self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let now = project.graph().sources();
        let before = known().get(root).filter(|old| old.asked.elapsed() < lasts).cloned();
        let sources = match before {
            None => {
                let columns = self.sources(root, now);
                Sources { asked: Instant::now(), nodes: now.clone(), columns }
            }
            // As a rule no letter is about a source.
            Some(before) if before.nodes.diff(now).next().is_none() => return before,
            Some(before) => {
                let mut columns = before.columns.clone();
                let mut other = OrdMap::new();
                for item in before.nodes.diff(now) {
                    match item {
                        DiffItem::Remove(id, _) => columns.remove(id),
                        DiffItem::Add(id, node) | DiffItem::Update { new: (id, node), .. } => {
                            other.insert(id.clone(), node.clone());
                            columns.remove(id)
                        }
                    };
                }
                columns.extend(self.sources(root, &other));
                Sources { asked: before.asked, nodes: now.clone(), columns }
            }
        };
        let sources = Arc::new(sources);
        known().insert(root.to_owned(), sources.clone());
        sources
    }

    /// The columns of sources: those of the data file where it can be read, else the declared ones, else
    /// those that it had when Seeknal ran last.
    fn sources(&self, root: &Path, nodes: &OrdMap<NodeId, Same<Node>>) -> SourceColumns {
        if nodes.is_empty() {
            return SourceColumns::new();
        }
        let known = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let files = self.files_of(root, nodes);
        let mut unknown: Vec<Seen> =
            files.values().filter(|seen| !known().contains_key(*seen)).cloned().collect();
        unknown.sort_by(|one, two| one.path.cmp(&two.path));
        unknown.dedup();
        known().extend(self.look_into(unknown));
        let columns = |node: &Node| {
            let seen = files.get(&node.id).and_then(|seen| known().get(seen).cloned().flatten());
            seen.or_else(|| declared(node).map(Arc::from))
        };
        nodes.iter().filter_map(|(id, node)| Some((id.clone(), columns(node)?))).collect()
    }

    /// The file that tells the columns of each source, where there is one.
    fn files_of(&self, root: &Path, nodes: &OrdMap<NodeId, Same<Node>>) -> HashMap<NodeId, Seen> {
        let mut files: HashMap<NodeId, Seen> = HashMap::new();
        let (mut sight, mut inside) = (Sight::of(root), Sight::inside(root));
        for (id, node) in nodes {
            let own = data_file(node).and_then(|file| sight.seen(&file));
            // What it says of itself is newer than what it gave once.
            let last = || match declared(node) {
                Some(_) => None,
                None => inside.seen(&last_run(node)),
            };
            if let Some(seen) = own.or_else(last) {
                files.insert(id.clone(), seen);
            }
        }
        files
    }

    /// The data file of each source that has one.
    pub(crate) fn data_files(&self, root: &Path, project: &Project) -> BTreeMap<NodeId, PathBuf> {
        let mut sight = Sight::of(root);
        let sources = project.graph().sources().iter();
        let file = |(id, node): (&NodeId, &Same<Node>)| {
            Some((id.clone(), sight.seen(&data_file(node)?)?.path))
        };
        sources.filter_map(file).collect()
    }

    /// The hash of all that a file holds.
    pub(crate) fn hash(&self, file: &Path) -> Option<String> {
        self.files.hash(file)
    }

    /// The columns of data files, some at a time.
    fn look_into(&self, files: Vec<Seen>) -> Vec<(Seen, Option<Arc<[Column]>>)> {
        let size = files.len().div_ceil(self.lanes.max(1)).max(LANE_FILES_MIN);
        let look = |files: &[Seen]| {
            let asked: Vec<(PathBuf, String)> =
                files.iter().map(|seen| (seen.path.clone(), seen.query.clone())).collect();
            self.files.columns(&asked)
        };
        let found: Vec<Option<Vec<Column>>> = thread::scope(|scope| {
            let start = |files| (scope.spawn(move || look(files)), files);
            let lanes: Vec<_> = files.chunks(size).map(start).collect();
            // A lane that broke off has found nothing, and each file keeps its place.
            let found = lanes
                .into_iter()
                .map(|(lane, files)| lane.join().unwrap_or_else(|_| vec![None; files.len()]));
            found.flatten().collect()
        });
        let columns = found.into_iter().map(|one| one.map(Arc::from));
        files.into_iter().zip(columns).collect()
    }
}

/// Fewer files than this are not worth a worker of their own.
const LANE_FILES_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use std::env::temp_dir;
    use std::fs;

    /// It finds in each file one column, with the file's name.
    struct Names;

    impl FileReader for Names {
        fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
            let column = |(path, _): &(PathBuf, String)| {
                let name = path.file_name()?.to_str()?.to_owned();
                Some(vec![Column { name, kind: "DATE".to_owned() }])
            };
            files.iter().map(column).collect()
        }

        fn hash(&self, _: &std::path::Path) -> Option<String> {
            None
        }
    }

    impl Binder for Names {
        fn shown(&self, _: &str) -> seeknal_analysis::Shown {
            seeknal_analysis::Shown::Unknown(String::new())
        }

        fn bind(&self, _: &seeknal_analysis::Ask) -> seeknal_analysis::Answer {
            seeknal_analysis::Answer::Unknown(String::new())
        }
    }

    #[test]
    fn a_source_has_the_columns_of_its_file_else_its_own_else_those_of_the_last_run() {
        let root = temp_dir().join(format!("seeknal-last-{}", std::process::id()));
        let cache = root.join("target/cache/source");
        fs::create_dir_all(&cache).unwrap();
        for name in ["a", "b", "c"] {
            fs::write(cache.join(format!("{name}.parquet")), "").unwrap();
        }
        fs::write(root.join("a.csv"), "").unwrap();
        let texts = [
            ("a", "source: csv\ntable: a.csv\n"),
            ("b", "source: postgresql\ntable: x.b\ncolumns: {own: DATE}\n"),
            ("c", "source: postgresql\ntable: x.c\n"),
            ("d", "source: postgresql\ntable: x.d\n"),
        ];
        let file = |(name, rest): &(&str, &str)| {
            let text = format!("kind: source\nname: {name}\n{rest}");
            seeknal_model::File::read(&format!("seeknal/{name}.yml"), text.as_bytes())
        };
        let project = Project::new(texts.iter().map(file));
        let found = Analyst::new(Arc::new(Names), Arc::new(Names), 1)
            .sources(&root, project.graph().sources());
        let name = |id: &str| found.get(&NodeId::new(id)).map(|columns| columns[0].name.clone());
        assert_eq!(name("source.a").as_deref(), Some("a.csv"));
        assert_eq!(name("source.b").as_deref(), Some("own"));
        assert_eq!(name("source.c").as_deref(), Some("c.parquet"));
        assert_eq!(name("source.d"), None);
        fs::remove_dir_all(&root).unwrap();
    }
}
