//! A project as it was at a revision, from `git` itself.

use crate::baseline::{Baseline, as_it_was};
use seeknal_model::{FOLDERS, Project, Role, role};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// The repository that a project lies in.
pub(crate) struct Git {
    /// The project's folder.
    root: PathBuf,
}

/// A file of a revision.
struct Entry {
    object: String,
    path: String,
}

impl Git {
    /// The repository of a folder; a sentence where there is none.
    pub(crate) fn of(root: &Path) -> Result<Git, String> {
        let git = Git { root: root.to_owned() };
        git.line(&["rev-parse", "--show-prefix"])
            .map_err(|said| format!("{} is not in a repository of git ({said})", root.display()))?;
        Ok(git)
    }

    /// Where the branch left the remote's default branch.
    pub(crate) fn fork(&self) -> Option<String> {
        let default = self.line(&["rev-parse", "--abbrev-ref", "origin/HEAD"]).ok()?;
        self.line(&["merge-base", "--end-of-options", "HEAD", &default]).ok()
    }

    /// Which commits decide what the project is compared with, as something to compare.
    pub(crate) fn commits(&self) -> String {
        self.line(&["rev-parse", "--revs-only", "HEAD", "origin/HEAD"]).unwrap_or_default()
    }

    /// The project as it was at a revision.
    pub(crate) fn baseline(&self, revision: &str, now: &Project) -> Result<Baseline, String> {
        let commit = format!("{revision}^{{commit}}");
        let id = self
            .line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
            .map_err(|_| self.unknown(revision))?;
        let listed = self.read(&["ls-tree", "-r", "-z", "--end-of-options", &id])?;
        let entries = of_project(&String::from_utf8_lossy(&listed));
        let texts = self.texts(&entries)?;
        let short: String = id.chars().take(10).collect();
        let name = match id.starts_with(revision) {
            true => format!("git:{short}"),
            false => format!("git:{revision} ({short})"),
        };
        let other = |(path, bytes): (String, Vec<u8>)| {
            let is_same = now.file(&path).is_some_and(|file| file.text.as_bytes() == bytes);
            (path, (!is_same).then_some(bytes))
        };
        Ok(Baseline::new(name, as_it_was(now, texts.into_iter().map(other).collect())))
    }

    /// Why a revision is not known, and what helps.
    fn unknown(&self, revision: &str) -> String {
        let is_shallow = self.line(&["rev-parse", "--is-shallow-repository"]);
        match is_shallow.as_deref() {
            Ok("true") => format!(
                "git does not know `{revision}`: this clone is shallow; run `git fetch --unshallow`, or let CI fetch with depth 0"
            ),
            _ => format!(
                "git does not know `{revision}`; `git branch --all` and `git tag` list what it knows"
            ),
        }
    }

    /// What lies in some objects, asked of one process.
    fn texts(&self, entries: &[Entry]) -> Result<Vec<(String, Vec<u8>)>, String> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| format!("git cannot be started: {error}"))?;
        let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git cannot be asked".to_owned());
        };
        let wanted: String = entries.iter().map(|entry| format!("{}\n", entry.object)).collect();
        // Whoever writes all before reading any waits for ever.
        let asking = thread::spawn(move || asks.write_all(wanted.as_bytes()));
        let mut answers = BufReader::new(answers);
        let mut texts = Vec::new();
        for entry in entries {
            match answer(&mut answers) {
                Ok(bytes) => texts.push((entry.path.clone(), bytes)),
                Err(said) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("{}: git cannot show it: {said}", entry.path));
                }
            }
        }
        let _ = asking.join();
        let _ = child.wait();
        Ok(texts)
    }

    fn line(&self, args: &[&str]) -> Result<String, String> {
        let said = self.read(args)?;
        Ok(String::from_utf8_lossy(&said).trim_end().to_owned())
    }

    fn read(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        let output = self
            .command(args)
            .output()
            .map_err(|error| format!("git cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(said.lines().next().unwrap_or("it does not say why").to_owned())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(args);
        // Reading takes no lock, fetches nothing that is missing, and asks nobody for a password.
        command.envs([
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The bytes of one object: `<id> blob <size>`, a line feed, the bytes, a line feed.
fn answer(from: &mut impl BufRead) -> Result<Vec<u8>, String> {
    let mut head = String::new();
    from.read_line(&mut head).map_err(|error| error.to_string())?;
    let size = head.split_whitespace().nth(2).and_then(|size| size.parse::<usize>().ok());
    let size = size.ok_or_else(|| head.trim().to_owned())?;
    let mut bytes = vec![0; size + 1];
    from.read_exact(&mut bytes).map_err(|error| error.to_string())?;
    bytes.truncate(size);
    Ok(bytes)
}

/// The files of a listing that belong to the project, as the disk would give them: those of projects
/// inside it are left out, and so are links.
fn of_project(listed: &str) -> Vec<Entry> {
    let entries = listed.split('\0').filter_map(|line| {
        let (about, path) = line.split_once('\t')?;
        let mut parts = about.split(' ');
        let (mode, kind, object) = (parts.next()?, parts.next()?, parts.next()?);
        let is_file = kind == "blob" && mode != "120000";
        is_file.then(|| Entry { object: object.to_owned(), path: path.to_owned() })
    });
    let entries: Vec<Entry> = entries.collect();
    let inner: BTreeSet<String> = entries
        .iter()
        .filter_map(|entry| entry.path.strip_suffix("/seeknal_project.yml"))
        .map(|folder| format!("{folder}/"))
        .collect();
    let is_own = |entry: &Entry| {
        let top = entry.path.split_once('/').map(|(top, _)| top);
        role(&entry.path) != Role::Other
            && top.is_none_or(|top| FOLDERS.contains(&top))
            && !inner.iter().any(|folder| entry.path.starts_with(folder))
    };
    entries.into_iter().filter(is_own).collect()
}
