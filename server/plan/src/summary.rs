//! A plan in numbers.

use crate::Plan;
use seeknal_analysis::changes::{Action, Category, Change, What};

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

impl Plan {
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
