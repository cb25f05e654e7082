//! What an edit does, as a value to read, keep and compare: changes with their categories, and steps in
//! an order in which they can be taken.
//!
//! It must not know: how a step is carried out, files, time.

mod json;
mod stamp;

use seeknal_analysis::changes::{Action, Category, Change, Changes, Side, Step, What, changes};

/// What a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The environment it is for; nothing for production.
    pub environment: Option<String>,
    /// What the project is compared with.
    pub against: String,
}

/// What becomes of a project's nodes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The hash of all that follows and of what it was made from. Comments and layout, which change
    /// nothing, do not change it.
    pub id: String,
    /// What it is about.
    pub about: About,
    /// Each changed node.
    pub changes: Vec<Change>,
    /// Each changed node and everything that reads it, upstream first.
    pub steps: Vec<Step>,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Changed nodes that break something.
    pub breaking: usize,
    /// Changed nodes that break nothing.
    pub non_breaking: usize,
    /// Changed nodes that compute what they computed.
    pub metadata: usize,
    /// Among all of them those that are new.
    pub added: usize,
    /// And those that are gone.
    pub removed: usize,
    /// Steps that make an output.
    pub build: usize,
    /// Outputs that an edit reaches and that are still right.
    pub reuse: usize,
    /// Nodes that cannot be built as they stand, and those that wait for them.
    pub fails: usize,
}

/// The plan for getting from one state of a project to another. It depends on nothing else.
pub fn build(old: Side<'_>, new: Side<'_>, about: About) -> Plan {
    let Changes { changes, steps } = changes(old, new);
    let mut plan = Plan { id: String::new(), about, changes, steps };
    plan.id = stamp::id(&plan, old.project, new.project);
    plan
}

impl Plan {
    /// Whether anything changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }

    /// How many there are of each.
    pub fn summary(&self) -> Summary {
        let changed =
            |test: &dyn Fn(&Change) -> bool| self.changes.iter().filter(|one| test(one)).count();
        let taken = |actions: &[Action]| {
            self.steps.iter().filter(|step| actions.contains(&step.action)).count()
        };
        Summary {
            breaking: changed(&|one| one.category == Category::Breaking),
            non_breaking: changed(&|one| one.category == Category::NonBreaking),
            metadata: changed(&|one| one.category == Category::Metadata),
            added: changed(&|one| one.what == What::Added),
            removed: changed(&|one| one.what == What::Removed),
            build: taken(&[Action::Build]),
            reuse: taken(&[Action::Reuse]),
            fails: taken(&[Action::Fails, Action::Waits]),
        }
    }
}
