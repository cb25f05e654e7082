//! What came out of many edits.

use std::collections::BTreeMap;
use std::fmt;

/// What came out.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) edits: u64,
    pub(crate) skipped: u64,
    pub(crate) reused: u64,
    pub(crate) built: u64,
    pub(crate) needless: u64,
    pub(crate) opaque: u64,
    pub(crate) unsafe_verdicts: u64,
    /// Of each kind: edits, needless builds, unsafe verdicts.
    pub(crate) kinds: BTreeMap<&'static str, (u64, u64, u64)>,
    pub(crate) causes: BTreeMap<String, u64>,
    pub(crate) reports: Vec<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.reports {
            writeln!(out, "{report}\n")?;
        }
        writeln!(out, "{:<22} {:>7} {:>9} {:>7}", "kind", "edits", "needless", "unsafe")?;
        for (kind, (edits, needless, wrong)) in &self.kinds {
            writeln!(out, "{kind:<22} {edits:>7} {needless:>9} {wrong:>7}")?;
        }
        let mut causes: Vec<(&String, &u64)> = self.causes.iter().collect();
        causes.sort_by(|one, two| two.1.cmp(one.1));
        for (cause, count) in causes.iter().take(12) {
            writeln!(out, "needless {count:>6}  {cause}")?;
        }
        write!(
            out,
            "{} edits ({} more could not be run), {} readers reused, {} built, {} of them needlessly, {} nodes not seen through, {} unsafe",
            self.edits,
            self.skipped,
            self.reused,
            self.built,
            self.needless,
            self.opaque,
            self.unsafe_verdicts
        )
    }
}
