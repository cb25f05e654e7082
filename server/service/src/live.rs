//! What an edit does while it is typed: beside what the project was when its branch began.

use crate::baseline::{Against, Baseline};
use crate::git::Git;
use crate::planned::side;
use crate::{Analyst, Meaning};
use seeknal_analysis::Schemas;
use seeknal_model::Project;
use seeknal_plan::{About, Plan};
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How long what git said of its commits is taken for true: typing must not start a process a letter.
const COMMITS_LAST: Duration = Duration::from_secs(2);

/// What a project is compared with, with what its nodes meant then and what they meant last.
#[derive(Clone)]
pub(crate) struct Compared {
    asked: Instant,
    commits: String,
    baseline: Arc<Baseline>,
    meant: Meaning,
    last: Meaning,
}

impl Analyst {
    /// The plan of a project as it is being edited, whose columns are known; nothing where it was stopped,
    /// and nothing for a project that is not in git: all of it would be new.
    pub fn live(
        &self,
        root: &Path,
        project: &Project,
        schemas: &Arc<Schemas>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Plan> {
        let known = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(root).cloned();
        let identities = before.as_ref().map(|one| one.last.identities.clone()).unwrap_or_default();
        let now = self.meaning_after(root, project, schemas.clone(), (&identities, stop));
        let mut compared = match before {
            Some(before) if before.asked.elapsed() < COMMITS_LAST => before,
            before => {
                let commits = Git::of(root).ok()?.commits();
                match before.filter(|before| before.commits == commits) {
                    Some(before) => Compared { asked: Instant::now(), ..before },
                    None => self.compared_with(root, project, (commits, &now), stop)?,
                }
            }
        };
        if stop() {
            return None;
        }
        compared.last = now;
        known().insert(root.to_owned(), compared.clone());
        let Compared { baseline, meant, last, .. } = compared;
        let about = About { environment: None, against: baseline.name.clone() };
        Some(seeknal_plan::build(side(&baseline.project, &meant), side(project, &last), about))
    }

    fn compared_with(
        &self,
        root: &Path,
        project: &Project,
        (commits, now): (String, &Meaning),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Compared> {
        let baseline = Arc::new(Baseline::find(&Against::Auto, root, project).ok()?);
        // A repository without a commit has nothing to compare with.
        baseline.project.files().next()?;
        let meant = self.meant(root, &baseline, now, stop);
        if stop() {
            return None;
        }
        Some(Compared { asked: Instant::now(), commits, baseline, meant, last: now.clone() })
    }
}
