//! Whether everything is there as it was written.

use crate::error::{Doing, Error, Result};
use crate::files::fresh;
use crate::format::{Part, Shown, View};
use crate::store::{Store, named};
use crate::write::Who;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl Store {
    /// The objects of a view that are not what they were: gone, or others by size, or by time and content.
    pub fn changed_parts(&self, view: &View) -> Vec<Part> {
        let all = view.nodes.values().flat_map(|node| &node.parts);
        all.filter(|part| !self.is_same(part)).cloned().collect()
    }

    /// Whether the object of a part is what it was, without reading it where its size and time tell.
    pub fn is_same(&self, part: &Part) -> bool {
        let path = self.at.object(&part.key);
        match self.disk.about(&path) {
            Ok(about) if about.bytes != part.bytes => false,
            Ok(about) if about.changed == part.changed => true,
            // A copy of the folder has other times.
            Ok(_) => self.disk.hash(&path).is_ok_and(|hash| hash.to_hex().as_str() == part.hash),
            Err(_) => false,
        }
    }

    /// Puts an object that is not what it was where nobody uses it, and says where that is.
    pub fn set_aside(&self, part: &Part, patience: Duration) -> Result<PathBuf> {
        self.must_be_writable()?;
        let _held = self.lock(patience)?;
        self.move_aside(&self.at.object(&part.key))
    }

    fn move_aside(&self, path: &Path) -> Result<PathBuf> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut fresh = fresh(&self.at.folder("aside")).into_os_string();
        fresh.push(format!("-{name}"));
        let aside = PathBuf::from(fresh);
        if !self.is_there(path) {
            return Ok(aside);
        }
        self.disk.rename(path, &aside).doing("moving aside", path)?;
        // Its new name is safe before its old one goes.
        for folder in [&aside, path].into_iter().filter_map(|path: &Path| path.parent()) {
            self.disk.flush_folder(folder).doing("flushing a folder", folder)?;
        }
        Ok(aside)
    }

    /// Puts aside everything that current environments show and that is not what was written. What stands
    /// below `target/` is made again at once; an output is made again by the next apply.
    pub fn mend(&self, who: &Who, patience: Duration) -> Result<Vec<PathBuf>> {
        let writer = self.writer(who.clone(), patience)?;
        let mut aside = Vec::new();
        let views: BTreeSet<String> =
            writer.environments().into_values().filter_map(|one| one.view).collect();
        for id in &views {
            let view = self.view(id)?;
            for part in self.changed_parts(&view) {
                aside.push(self.move_aside(&self.at.object(&part.key))?);
            }
            let generation = self.at.generation(id);
            let is_changed =
                |(name, shown): (&String, &Shown)| !self.shows(&generation.join(name), shown);
            if self.is_there(&generation) && view.shown.iter().any(is_changed) {
                aside.push(self.move_aside(&generation)?);
            }
        }
        writer.finish()?;
        Ok(aside)
    }

    /// Whether at a path below a generation stands what is to be shown there.
    fn shows(&self, path: &Path, shown: &Shown) -> bool {
        match shown {
            Shown::Text(text) => {
                self.disk.hash(path).is_ok_and(|hash| hash.to_hex().as_str() == text)
            }
            // What stands behind the link is another question.
            Shown::Object(key) => {
                self.disk.target(path).is_ok_and(|to| to.ends_with(crate::layout::object(key)))
            }
        }
    }

    /// Reads everything that an environment shows, and every operation, and says what is not as it must be.
    pub fn verify(&self) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let mut say = |path: &Path, what: &str| {
            found.push(Found { path: path.to_owned(), what: what.to_owned() });
        };
        self.look_for_packs();
        let (mut views, mut plans) = (BTreeSet::new(), BTreeSet::new());
        for (number, one) in self.history().enumerate() {
            let (id, operation) = match one {
                Ok(one) => one,
                Err(error) => {
                    say(&path_of(&error).unwrap_or_else(|| self.at.head()), &error.to_string());
                    break;
                }
            };
            let path = self.at.operation(&id);
            if !named(&self.read(&path)?).starts_with(&id) {
                say(&path, "it is not the operation that was written");
            }
            if number == 0 {
                views.extend(operation.environments.values().filter_map(|one| one.view.clone()));
                plans.extend(operation.environments.into_values().filter_map(|one| one.plan));
            }
        }
        for plan in &plans {
            self.verify_text(plan, "the text of a plan is gone or another; plan again", &mut say);
        }
        for id in &views {
            let path = self.at.view(id);
            match self.read(&path) {
                Ok(bytes) if named(&bytes).starts_with(id.as_str()) => {
                    self.verify_view(id, &self.view(id)?, &mut say);
                }
                Ok(_) => say(&path, "it is not the view that was written"),
                Err(error) => say(&path, &error.to_string()),
            }
        }
        Ok(found)
    }

    fn verify_text(&self, text: &str, what: &str, say: &mut dyn FnMut(&Path, &str)) {
        let path = self.at.text(text);
        let is_same = self.disk.hash(&path).is_ok_and(|hash| hash.to_hex().as_str() == text);
        if !is_same && self.packed(text).is_none_or(|packed| named(&packed) != text) {
            say(&path, what);
        }
    }

    fn verify_view(&self, id: &str, view: &View, say: &mut dyn FnMut(&Path, &str)) {
        let hash = |path: &Path| self.disk.hash(path).map(|hash| hash.to_hex().to_string()).ok();
        for part in view.nodes.values().flat_map(|node| &node.parts) {
            let path = self.at.object(&part.key);
            match hash(&path) {
                Some(now) if now == part.hash => {}
                Some(_) => say(&path, "it is not the output that was written; apply again"),
                None => say(&path, "it is gone; apply again"),
            }
        }
        let definitions = view.nodes.values().map(|node| &node.definition);
        let texts = definitions.chain(view.files.values()).collect::<BTreeSet<_>>();
        let what = "it is not the text that was written, or it is gone";
        texts.into_iter().for_each(|text| self.verify_text(text, what, say));
        for (name, shown) in &view.shown {
            let path = self.at.generation(id).join(name);
            if !self.shows(&path, shown) {
                say(&path, "it does not show what the view shows; `verify --mend` makes it anew");
            }
        }
    }
}

fn path_of(error: &Error) -> Option<PathBuf> {
    match error {
        Error::Disk { path, .. } | Error::Damaged { path, .. } | Error::Missing { path } => {
            Some(path.clone())
        }
        _ => None,
    }
}
