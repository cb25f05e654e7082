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

/// What a project is compared with while it is edited, and what its nodes meant last.
#[derive(Clone)]
pub(crate) struct Compared {
    /// How often somebody said that it may be another, and which time it was found out behind. What the nodes
    /// mean holds whatever they are compared with.
    turn: usize,
    found_behind: usize,
    /// Which state of what decides it; nothing where there is nothing.
    began: Option<String>,
    /// What it was and what its nodes meant then; nothing where there is nothing to compare with.
    beside: Option<(Arc<Baseline>, Meaning)>,
    pub(crate) last: Meaning,
}

impl Compared {
    fn is_known(&self) -> bool {
        self.turn == self.found_behind
    }
}

/// What is known of a project while it is edited.
#[derive(Debug)]
pub struct Live {
    /// What the edits do; nothing for a project that is not in git and has no manifest and no state: all of it
    /// would be new.
    pub plan: Option<Plan>,
    /// What its nodes mean.
    pub identities: Arc<Identities>,
}

impl Analyst {
    /// What is known of a project as it is being edited, whose columns are known; nothing where it was stopped.
    pub fn live(
        &self,
        root: &Path,
        project: &Project,
        schemas: &Arc<Schemas>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Live> {
        let known = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(root).cloned();
        let turn = before.as_ref().map_or(0, |one| one.turn);
        let last = before.as_ref().map(|one| one.last.identities.clone());
        let last = last.unwrap_or_else(|| Arc::new(Identities::of_edits()));
        let now = self.meaning_after(root, project, schemas.clone(), (&last, stop));
        // Typing must not start a process a letter: somebody looks around now and then.
        let (began, beside) = match before {
            Some(one) if one.is_known() => (one.began, one.beside),
            _ => {
                let beginning = beginning(root, &self.against(root));
                let baseline =
                    beginning.as_ref().and_then(|_| began(root, project, &self.against(root)));
                let meant = |baseline: Arc<Baseline>| {
                    let meant = self.meant(root, &baseline, &now, stop);
                    (baseline, meant)
                };
                (beginning, baseline.map(meant))
            }
        };
        // What was stopped is not whole, and is not kept.
        if stop() {
            return None;
        }
        let mut found =
            Compared { turn, found_behind: turn, began, beside: beside.clone(), last: now.clone() };
        let mut all = known();
        // Somebody may have said so while this was found out.
        found.turn = all.get(root).map_or(turn, |one| one.turn);
        all.insert(root.to_owned(), found);
        drop(all);
        let plan = beside.map(|(baseline, meant)| {
            let about = About {
                environment: None,
                against: baseline.name.clone(),
                unknown: baseline.unknown.clone(),
            };
            let (old, new) = (side(&baseline.project, &meant), side(project, &now));
            seeknal_plan::glance(old, new, about, self.lanes)
        });
        Some(Live { plan, identities: now.identities })
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
        let before = known().get(root).filter(|one| one.is_known()).map(|one| one.began.clone());
        let Some(before) = before else { return false };
        let is_other = before != beginning(root, &self.against(root));
        if is_other {
            self.look_again(root);
        }
        is_other
    }

    /// Forgets with what a project was compared: something was done, and it may be another now.
    pub fn look_again(&self, root: &Path) {
        let mut known = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = known.get_mut(root) {
            one.turn += 1;
        }
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
    // It is kept for long, and nobody asks it for more.
    Some(Arc::new(Baseline { view: None, ..baseline }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_analysis::{Answer, Ask, Binder, Column, FileReader, Shown};
    use seeknal_model::{File, NodeId};
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

    /// Where there is nothing to compare with, there is no plan; what the nodes mean is known all the same, and
    /// asked for once.
    #[test]
    fn outside_of_git_it_is_known_what_nodes_mean() {
        let counts = Arc::new(Counts::default());
        let analyst = Analyst::new(counts.clone(), counts.clone(), 1);
        let root = std::env::temp_dir().join(format!("seeknal-live-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let text = "kind: transform\nname: a\ntransform: SELECT 1 AS one\n";
        let project = Project::new([File::read("seeknal/a.yml", text.as_bytes())]);
        let schemas = analyst.schemas(&root, &project, &|| false);
        assert!(analyst.live(&root, &project, &schemas, &|| true).is_none(), "it was stopped");
        for _ in 0..3 {
            let live = analyst.live(&root, &project, &schemas, &|| false).unwrap();
            assert!(live.plan.is_none());
            assert!(live.identities.get(&NodeId::new("transform.a")).is_some());
        }
        assert_eq!(counts.0.load(Ordering::SeqCst), 1);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
