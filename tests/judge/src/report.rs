//! What came out of many edits.

use std::collections::BTreeMap;
use std::fmt;

/// Why something may be built needlessly, beginning with what rules out the others.
pub(crate) const WHY: [&str; 3] = [
    "behind what is not seen through, follows the order of rows or is different each time",
    "behind a node that came out different, of which a reader shows nothing",
    "although nothing came out different",
];

/// What came out.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) edits: u64,
    pub(crate) skipped: u64,
    /// Readers that were reused, and those built although they came out the same everywhere.
    pub(crate) reused: u64,
    pub(crate) needless: u64,
    pub(crate) built: u64,
    pub(crate) opaque: u64,
    pub(crate) unsafe_verdicts: u64,
    /// The edits behind which the law let something be reused.
    pub(crate) allowed: u64,
    /// The edits behind which something was built needlessly, by why that is.
    pub(crate) why: [u64; WHY.len()],
    pub(crate) kinds: BTreeMap<&'static str, Row>,
    pub(crate) causes: BTreeMap<String, (u64, String)>,
    pub(crate) reports: Vec<String>,
}

/// What came out of one kind of edit.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) edits: u64,
    /// Those behind which something could have been reused, and those of them that built such a thing.
    pub(crate) reusable: u64,
    pub(crate) needless: u64,
    pub(crate) wrong: u64,
}

impl Found {
    /// How many edits of a kind were tried.
    pub(crate) fn of(&self, kind: &str) -> u64 {
        self.kinds.get(kind).map_or(0, |row| row.edits)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.reports {
            writeln!(out, "{report}\n")?;
        }
        let heads = ["kind", "edits", "reusable", "needless", "unsafe"];
        writeln!(
            out,
            "{:<22} {:>7} {:>9} {:>9} {:>7}",
            heads[0], heads[1], heads[2], heads[3], heads[4]
        )?;
        let (mut reusable, mut needless) = (0, 0);
        for (kind, row) in &self.kinds {
            let Row { edits, wrong, .. } = row;
            writeln!(
                out,
                "{kind:<22} {edits:>7} {:>9} {:>9} {wrong:>7}",
                row.reusable, row.needless
            )?;
            reusable += row.reusable;
            needless += row.needless;
        }
        let mut causes: Vec<_> = self.causes.iter().collect();
        causes.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (cause, (count, example)) in causes.iter().take(30) {
            writeln!(out, "needless {count:>6}  {cause}   ({example})")?;
        }
        // The first of them is what the law asks for.
        let free: u64 = self.why.iter().skip(1).sum();
        if let Some(share) = (free * 1_000).checked_div(self.allowed) {
            writeln!(
                out,
                "the law lets something be reused behind {} edits; behind {free} of them ({}.{} %) something was built needlessly",
                self.allowed,
                share / 10,
                share % 10
            )?;
        }
        // Of the benchmarks' queries nobody asks why.
        let told = self.why.iter().zip(WHY).filter(|_| self.why != [0; WHY.len()]);
        for (count, why) in told {
            writeln!(out, "edits with needless builds: {count} {why}")?;
        }
        writeln!(
            out,
            "readers: {} reused, {} built, {} of them needlessly; {} nodes not seen through",
            self.reused, self.built, self.needless, self.opaque
        )?;
        write!(
            out,
            "{} edits ({} more could not be run): something downstream was reusable in {reusable}, built needlessly in {needless}; {} unsafe",
            self.edits, self.skipped, self.unsafe_verdicts
        )
    }
}
