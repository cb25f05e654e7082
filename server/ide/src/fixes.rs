//! The edits that cure what is wrong.

use seeknal_model::{Fault, File};
use seeknal_syntax::{Fix, Problem, Span};

/// A fix with the problem it cures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFix {
    /// The problem.
    pub problem: Problem,
    /// The edits.
    pub fix: Fix,
}

/// The fixes of a file's faults that touch a range.
pub fn fixes(faults: &[Fault], file: &File, range: Span) -> Vec<OfferedFix> {
    let touches = |span: Span| span.start <= range.end && range.start <= span.end;
    let here = faults.iter().filter(|fault| fault.path == file.path);
    here.filter(|fault| touches(fault.problem.span))
        .filter_map(|fault| {
            let fix = fault.problem.fix.clone()?;
            Some(OfferedFix { problem: fault.problem.clone(), fix })
        })
        .collect()
}
