//! A project beside what it was: the plan, with both sides of it.

use crate::secrets::concealed;
use crate::{Against, Analyst, Baseline, Loaded, Meaning};
use seeknal_analysis::changes::Side;
use seeknal_model::{NodeId, Project};
use seeknal_plan::{About, NodeDiff, Plan};
use serde_json::Value;

/// A plan with the two states that it leads from and to.
#[derive(Debug)]
pub struct Planned {
    /// The project as it was.
    pub baseline: Baseline,
    /// The project as it is.
    pub loaded: Loaded,
    /// What its nodes mean.
    pub meaning: Meaning,
    /// What its nodes meant.
    pub meant: Meaning,
    /// The way from one to the other.
    pub plan: Plan,
}

impl Planned {
    /// Plans a project against something, for an environment where one is named; a sentence where that cannot
    /// be had.
    pub fn of(
        loaded: Loaded,
        (against, environment): (&Against, Option<&str>),
        analyst: &Analyst,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Planned, String> {
        if let Some(wrong) = environment.filter(|name| !is_environment(name)) {
            return Err(format!(
                "`{wrong}` cannot name an environment: it takes letters, digits, `_` and `-`"
            ));
        }
        let root = loaded.root.clone();
        let baseline = Baseline::find(against, &root, &loaded.project)?;
        let meaning = analyst.meaning(&root, &loaded.project, stop);
        let meant = analyst.meant(&root, &baseline, &meaning, stop);
        if !stop() {
            analyst.remember(&loaded, &meaning);
        }
        let about = About {
            environment: environment.map(str::to_owned),
            against: baseline.name.clone(),
            unknown: baseline.unknown.clone(),
        };
        let plan = seeknal_plan::build(
            side(&baseline.project, &meant),
            side(&loaded.project, &meaning),
            about,
            analyst.lanes,
        );
        let mut plan = plan.estimated(&baseline.took);
        plan.data = analyst.moved(&root, &loaded.project, &baseline.data);
        Ok(Planned { baseline, loaded, meaning, meant, plan })
    }

    /// One node beside what it was, or every changed one, without secrets.
    pub fn diff(&self, node: Option<&NodeId>) -> Vec<NodeDiff<'_>> {
        let old = side(&self.baseline.project, &self.meant);
        self.plan.diff((old, side(&self.loaded.project, &self.meaning)), node, &concealed)
    }

    /// The plan for programs.
    pub fn json(&self) -> Value {
        self.plan.json(&self.baseline.project, &self.loaded.project)
    }
}

/// Whether a word can name an environment. It becomes the name of a folder.
pub(crate) fn is_environment(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

pub(crate) fn side<'a>(project: &'a Project, meaning: &'a Meaning) -> Side<'a> {
    Side { project, schemas: &meaning.schemas, identities: &meaning.identities }
}
