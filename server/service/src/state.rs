//! The state of a project: where it lies, and what environments show.

use crate::baseline::Baseline;
use crate::surroundings::variables;
use crate::views;
use seeknal_model::{Project, Settings};
use seeknal_store::{Environment, Real, Retention, Store, Who};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The environment that people rely on.
pub(crate) const PRODUCTION: &str = "prod";

/// Where a project's state lies, and what is kept of it.
#[derive(Clone, Debug)]
pub struct State {
    root: PathBuf,
    folder: PathBuf,
    /// What stays when what nobody needs is removed.
    pub retention: Retention,
}

impl State {
    /// The state of a project: in the folder that is named, else that of `SEEKNAL_STATE_DIR`, else that of
    /// the project file.
    pub fn of(root: &Path, named: Option<&Path>) -> State {
        let text = std::fs::read(root.join("seeknal_project.yml")).unwrap_or_default();
        let settings = Settings::read(&String::from_utf8_lossy(&text));
        let variable = variables(root)
            .get("SEEKNAL_STATE_DIR")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let folder =
            named.map(Path::to_owned).or(variable).unwrap_or_else(|| settings.state_dir.into());
        let Settings { operations, period, grace, .. } = settings;
        let retention = Retention { operations, period, grace };
        State { root: root.to_owned(), folder: root.join(folder), retention }
    }

    /// Opens it; there may be nothing in it yet.
    pub fn open(&self) -> Result<Store, String> {
        let folder = absolute(&self.folder);
        let target = absolute(&self.root).join("target");
        Store::open(Real, &folder, Some(&target)).map_err(|error| error.to_string())
    }

    /// Whether there is anything in it, which is told without touching it.
    pub fn is_there(&self) -> bool {
        self.folder.join("head").is_file()
    }

    /// Which operation is the newest, as something to compare.
    pub(crate) fn head(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join("head")).ok()
    }

    /// What an environment shows, to compare a project with; nothing where there is no such environment.
    pub(crate) fn baseline(&self, name: &str, now: &Project) -> Result<Option<Baseline>, String> {
        if !self.is_there() {
            return Ok(None);
        }
        let store = self.open()?;
        let found = store.environment(name).map_err(|error| error.to_string())?;
        let Some(Environment { view: Some(id), .. }) = found else { return Ok(None) };
        let view = store.view_again(&id).map_err(|error| error.to_string())?;
        let text = |hash: &str| store.text(hash).map_err(|error| error.to_string());
        let baseline = views::baseline(name, &view, &text, now)?;
        Ok(Some(Baseline { view: Some((id, view)), ..baseline }))
    }
}

/// A path that does not depend on where the process stands, with links resolved as far as it exists.
fn absolute(path: &Path) -> PathBuf {
    for folder in path.ancestors() {
        if let Ok(whole) = folder.canonicalize() {
            return whole.join(path.strip_prefix(folder).unwrap_or(Path::new("")));
        }
    }
    path.to_owned()
}

/// A time in milliseconds since 1970, as people where the user is write it.
pub fn when(milliseconds: u64) -> String {
    let time = i64::try_from(milliseconds).ok().and_then(chrono::DateTime::from_timestamp_millis);
    let local = time.map(|time| time.with_timezone(&chrono::Local));
    local
        .map_or_else(|| "some time".to_owned(), |time| time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// Who writes, and when.
pub fn who(root: &Path, command: &str) -> Who {
    let variables = variables(root);
    let actor = variables.get("USER").or_else(|| variables.get("USERNAME")).unwrap_or("somebody");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    Who { actor: actor.to_owned(), command: command.to_owned(), now }
}
