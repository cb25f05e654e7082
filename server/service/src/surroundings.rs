//! What surrounds a project: its profile and its variables.

use chrono::NaiveDate;
use seeknal_model::{Profile, Variables};
use std::path::{Path, PathBuf};

/// How many folders above the root may hold the `.env` file.
const DOTENV_PARENTS: usize = 3;

/// Which profile is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// A file that is named outright.
    pub file: Option<&'a Path>,
    /// The environment that is worked in.
    pub environment: Option<&'a str>,
}

/// The variables of the process with those that `.env` adds: the root's, or that of the first of a
/// few folders above which has one.
pub fn variables(root: &Path) -> Variables {
    // What is no Unicode cannot be named in a file either.
    let process = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut all = Variables::new(process);
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let found = whole
        .ancestors()
        .take(1 + DOTENV_PARENTS)
        .map(|folder| folder.join(".env"))
        .find(|file| file.is_file());
    if let Some(Ok(bytes)) = found.map(std::fs::read) {
        all.add_dotenv(&String::from_utf8_lossy(&bytes));
    }
    all
}

/// The profile of a project with the file it comes from. The first that exists counts: the one that
/// is named, the environment's in the root and then in the base folder, the root's, the base
/// folder's. A named one that cannot be read is an error; no profile at all is one that gives
/// nothing.
pub fn profile(
    root: &Path,
    choice: Choice<'_>,
    variables: &Variables,
) -> Result<(Profile, Option<PathBuf>), String> {
    if let Some(file) = choice.file {
        let bytes = crate::read(file)?;
        return Ok((Profile::read(&String::from_utf8_lossy(&bytes)), Some(file.to_owned())));
    }
    let base = base(variables);
    let named = choice.environment.map(|name| format!("profiles-{name}.yml"));
    let mut places = Vec::new();
    for name in named.as_deref().into_iter().chain(["profiles.yml"]) {
        places.push(root.join(name));
        places.extend(base.as_ref().map(|base| base.join(name)));
    }
    let Some(file) = places.into_iter().find(|file| file.is_file()) else {
        return Ok((Profile::default(), None));
    };
    let bytes = crate::read(&file)?;
    Ok((Profile::read(&String::from_utf8_lossy(&bytes)), Some(file)))
}

/// The folder in which a user keeps profiles for every project.
fn base(variables: &Variables) -> Option<PathBuf> {
    let named = variables.get("SEEKNAL_BASE_CONFIG_PATH").filter(|path| !path.is_empty());
    let home = variables.get("HOME").or_else(|| variables.get("USERPROFILE"));
    named.map(PathBuf::from).or_else(|| Some(Path::new(home?).join(".seeknal")))
}

/// The day on which this is asked, where the user is.
pub fn today() -> NaiveDate {
    chrono::Local::now().date_naive()
}
