//! Plans carried out: applied to an environment, promoted, run, rolled back; and environments themselves.
//!
//! Each command works without the state's lock, writes outputs that nobody refers to, and takes the lock for
//! the moment in which it publishes. What it stood on must still be so then; otherwise it is refused, and
//! nothing has changed.

mod apply;
mod beside;
mod effects;
mod environments;
mod exports;
mod plan;
mod preview;
mod promote;
mod rollback;
mod rooms;
mod rows;
mod run;
mod site;

pub use apply::{Applied, ApplyOptions, apply};
pub use environments::{
    About, Removed, Version, cleanup, delete, list, pin, set_stopped, status, versions,
};
pub use exports::{Export, resume};
pub use plan::{PlanOptions, plan};
pub use preview::{Part, Previewed, preview};
pub use promote::{Preview, promote, promotion};
pub use rollback::{Back, rollback};
pub use rows::{Answered, Trial, answer, test};
pub use run::{RunOptions, run};
pub use site::{Site, Trouble};

use std::time::Duration;

/// How long a command waits for another one that publishes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
