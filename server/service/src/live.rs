//! What an edit does while it is typed: beside what the project was when its branch began.

use crate::baseline::{Against, Baseline};
use crate::git::Git;
use crate::planned::side;
use crate::{Analyst, Meaning, State, seeknal};
use seeknal_analysis::Schemas;
use seeknal_analysis::identity::Identities;
use seeknal_model::Project;
use seeknal_plan::{About, Plan};
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// What a project is compared with while it is edited.
#[derive(Clone)]
pub(crate) struct Compared {
    /// Which state of what decides it; nothing where there is nothing.
    began: Option<String>,
    /// Nothing where there is nothing to compare with.
    beside: Option<Beside>,
}

/// What a project was, what its nodes meant then, and what they meant last.
#[derive(Clone)]
struct Beside {
    baseline: Arc<Baseline>,
    meant: Meaning,
    last: Meaning,
}

/// What is known of a project while it is edited.
#[derive(Debug)]
pub struct Live {
    /// What the edits do.
    pub plan: Plan,
    /// What its nodes mean.
    pub identities: Arc<Identities>,
}

impl Analyst {
    /// The plan of a project as it is being edited, whose columns are known; nothing where it was stopped,
    /// and nothing for a project that is not in git and has no manifest: all of it would be new.
    pub fn live(
        &self,
        root: &Path,
        project: &Project,
        schemas: &Arc<Schemas>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Live> {
        let known = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(root).cloned();
        // Typing must not start a process a letter: somebody looks around now and then.
        let beginning = match &before {
            Some(one) => one.began.clone(),
            None => beginning(root, &self.against(root)),
        };
        let same = before.filter(|one| one.began == beginning);
        let baseline = match &same {
            Some(same) => same.beside.as_ref().map(|beside| beside.baseline.clone()),
            None => beginning.as_ref().and_then(|_| began(root, project, &self.against(root))),
        };
        let mut found = Compared { began: beginning, beside: None };
        // Without anything to compare with, nobody needs to know what the nodes mean.
        if let Some(baseline) = baseline {
            let beside = same.and_then(|same| same.beside);
            let last = beside.as_ref().map(|one| one.last.identities.clone()).unwrap_or_default();
            let now = self.meaning_after(root, project, schemas.clone(), (&last, stop));
            let meant = match beside {
                Some(beside) => beside.meant,
                None => self.meant(root, &baseline, &now, stop),
            };
            found.beside = Some(Beside { baseline, meant, last: now });
        }
        // What was stopped is not whole, and is not kept.
        if stop() {
            return None;
        }
        known().insert(root.to_owned(), found.clone());
        let Beside { baseline, meant, last } = found.beside?;
        let about = About {
            environment: None,
            against: baseline.name.clone(),
            unknown: baseline.unknown.clone(),
        };
        let plan =
            seeknal_plan::glance(side(&baseline.project, &meant), side(project, &last), about);
        Some(Live { plan, identities: last.identities })
    }
}

impl Analyst {
    /// What a project is compared with while it is edited.
    pub fn against(&self, root: &Path) -> Against {
        let chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.get(root).cloned().unwrap_or(Against::Auto)
    }

    /// Compares a project with something else from now on.
    pub fn compare_with(&self, root: &Path, against: Against) {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).insert(root.to_owned(), against);
        self.look_again(root);
    }

    /// Whether what a project is compared with is another than it was, which is then forgotten.
    pub(crate) fn has_begun_anew(&self, root: &Path) -> bool {
        let known = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = known().get(root).map(|one| one.began.clone()) else { return false };
        let is_other = before != beginning(root, &self.against(root));
        if is_other {
            self.look_again(root);
        }
        is_other
    }

    /// Forgets with what a project was compared: something was done, and it may be another now.
    pub fn look_again(&self, root: &Path) {
        self.compared.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
    }
}

/// What decides with what a project is compared, as something to compare; nothing where there is nothing.
fn beginning(root: &Path, against: &Against) -> Option<String> {
    let manifest = root.join(seeknal::PLACE).metadata().ok();
    let parts = [
        State::of(root, None).head(),
        manifest.map(|about| format!("{:?} {}", about.modified().ok(), about.len())),
        Git::of(root).ok().map(|git| git.commits()),
    ];
    let is_something = *against != Against::Auto || parts.iter().any(Option::is_some);
    is_something.then(|| format!("{against:?} {parts:?}"))
}

/// What a project was when its branch began; nothing where it has no commit.
fn began(root: &Path, project: &Project, against: &Against) -> Option<Arc<Baseline>> {
    let baseline = Baseline::find(against, root, project).ok()?;
    baseline.project.files().next()?;
    Some(Arc::new(baseline))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Shown};
    use seeknal_model::File;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// It counts how often it is asked what a query means.
    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl Binder for Counts {
        fn shown(&self, _: &str) -> Shown {
            self.0.fetch_add(1, Ordering::SeqCst);
            Shown::Unknown(String::new())
        }

        fn bind(&self, _: &Ask) -> Answer {
            let column = Column { name: "one".to_owned(), kind: "INTEGER".to_owned() };
            Answer::Columns(vec![column])
        }
    }

    impl FileReader for Counts {
        fn columns(&self, files: &[(PathBuf, String)]) -> Vec<Option<Vec<Column>>> {
            vec![None; files.len()]
        }

        fn hash(&self, _: &std::path::Path) -> Option<String> {
            None
        }
    }

    /// Where there is nothing to compare with, typing does not make anybody find out what queries mean.
    #[test]
    fn outside_of_git_nothing_is_found_out() {
        let counts = Arc::new(Counts::default());
        let analyst = Analyst::new(counts.clone(), counts.clone(), 1);
        let root = std::env::temp_dir().join(format!("seeknal-live-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let text = "kind: transform\nname: a\ntransform: SELECT 1 AS one\n";
        let project = Project::new([File::read("seeknal/a.yml", text.as_bytes())]);
        let schemas = analyst.schemas(&root, &project, &|| false);
        for _ in 0..3 {
            assert!(analyst.live(&root, &project, &schemas, &|| false).is_none());
        }
        assert_eq!(counts.0.load(Ordering::SeqCst), 0);
        analyst.meaning(&root, &project, &|| false);
        assert_eq!(counts.0.load(Ordering::SeqCst), 1, "the count counts");
        std::fs::remove_dir_all(&root).unwrap();
    }
}
