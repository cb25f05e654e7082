//! One file of a project with what it declares.

use crate::codes;
use crate::common::{self, CommonValue};
use crate::environment::Environment;
use crate::kinds;
use crate::lower::Lowered;
use crate::node::Node;
use crate::table::Field;
use crate::{lower, python, validate};
use seeknal_syntax::{LineIndex, Problem, Span, decode, yaml};
use std::sync::{Arc, OnceLock};

/// What a file is to a project.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// It declares nodes or environments.
    Nodes,
    /// Functions in it are nodes.
    Python,
    /// It holds values that nodes name.
    Common,
    /// It is the project file or a profile.
    Settings,
    /// It belongs to something else and is not read.
    Other,
}

/// The folder that Seeknal reads.
const TOP: &str = "seeknal";

/// Folders beside it in which the tutorial has nodes and environments.
const TUTORIAL_FOLDERS: [&str; 3] = ["environments", "pipelines", "transforms"];

/// Every folder of a project in which files are looked for.
pub const FOLDERS: [&str; 4] = [TOP, "environments", "pipelines", "transforms"];

/// Folders below `seeknal/` whose files are no nodes.
const OTHER_FOLDERS: [&str; 4] = ["common", "sql_pairs", "templates", "tests"];

/// The files of the common config.
const COMMON_FILES: [&str; 3] =
    ["common/sources.yml", "common/rules.yml", "common/transformations.yml"];

/// The role of a file by its path from the project's root, with `/` between folders.
pub fn role(path: &str) -> Role {
    if settings_fields(path).is_some() {
        return Role::Settings;
    }
    let Some((top, rest)) = path.split_once('/') else { return Role::Other };
    if top != TOP && !TUTORIAL_FOLDERS.contains(&top) {
        return Role::Other;
    }
    let folder = rest.split_once('/').map_or("", |(folder, _)| folder);
    let name = rest.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("yml") if top == TOP && COMMON_FILES.contains(&rest) => Role::Common,
        _ if top == TOP && OTHER_FOLDERS.contains(&folder) => Role::Other,
        Some("yml" | "yaml") => Role::Nodes,
        Some("py") if !name.starts_with('_') => Role::Python,
        _ => Role::Other,
    }
}

/// The keys of a file in the project's root that is a setting.
pub fn settings_fields(path: &str) -> Option<&'static [Field]> {
    let stem = path.strip_suffix(".yml")?;
    match stem {
        "seeknal_project" => Some(kinds::PROJECT),
        "profiles" => Some(kinds::PROFILES),
        _ if stem.starts_with("profiles-") && !stem.contains('/') => Some(kinds::PROFILES),
        _ => None,
    }
}

/// What is wrong in the project file or a profile. One without content is one that sets nothing.
fn settings_problems(text: &str, fields: &'static [Field]) -> Vec<Problem> {
    let tree = yaml::parse(text);
    let mut problems = tree.problems;
    if let Some(root) = tree.documents.iter().find_map(|document| document.root.as_ref()) {
        validate::mapping(text, root, fields, &mut problems);
    }
    problems
}

/// A file as read.
#[derive(Debug)]
pub struct File {
    /// Its path from the project's root.
    pub path: Arc<str>,
    /// Its text.
    pub text: String,
    /// Its lines.
    pub lines: LineIndex,
    /// The nodes it declares.
    pub nodes: Vec<Arc<Node>>,
    /// The environments it declares.
    pub environments: Vec<Arc<Environment>>,
    /// The values it gives to `{{ … }}`.
    pub common: Vec<CommonValue>,
    /// What is wrong in it, whatever other files say.
    pub problems: Vec<Problem>,
    /// The name under which its text is kept, where somebody asked for it.
    pub(crate) kept_as: OnceLock<String>,
}

/// What else is wrong with a secret is not said: a message may repeat its text.
fn without_secrets(problems: &mut Vec<Problem>) {
    let is_secret = |problem: &Problem| problem.code == codes::SECRET_IN_CLEAR;
    let secrets: Vec<Span> =
        problems.iter().filter(|one| is_secret(one)).map(|one| one.span).collect();
    problems.retain(|problem| {
        let inside =
            |secret: &Span| secret.start <= problem.span.start && problem.span.end <= secret.end;
        is_secret(problem) || !secrets.iter().any(inside)
    });
}

impl File {
    /// Reads a file of nodes.
    pub fn read(path: &str, bytes: &[u8]) -> File {
        let decoded = decode(bytes);
        let path: Arc<str> = path.into();
        let mut problems = decoded.problems;
        let (mut lowered, mut values) = (Lowered::default(), Vec::new());
        let refused = decoded.text.is_empty() && !problems.is_empty();
        match role(&path) {
            // What is wrong with the bytes is all there is to say.
            _ if refused => {}
            Role::Settings => {
                let fields = settings_fields(&path).unwrap_or_default();
                problems.extend(settings_problems(&decoded.text, fields));
            }
            Role::Common => {
                let read = common::file(&path, &decoded.text);
                problems.extend(read.problems);
                values = read.values;
            }
            Role::Python => {
                lowered = python::file(&path, &decoded.text);
            }
            Role::Nodes | Role::Other => {
                lowered = lower::file(&path, &decoded.text);
            }
        }
        let Lowered { nodes, environments, problems: found } = lowered;
        problems.extend(found);
        without_secrets(&mut problems);
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        let lines = LineIndex::new(&decoded.text);
        let (text, kept_as) = (decoded.text, OnceLock::new());
        File { path, lines, nodes, environments, common: values, problems, text, kept_as }
    }

    /// The name under which its text is kept: whoever keeps texts names it once.
    pub fn kept_as(&self, name: impl FnOnce(&File) -> String) -> &str {
        self.kept_as.get_or_init(|| name(self))
    }
}
