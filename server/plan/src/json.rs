//! A plan for programs. `PLAN.md` says what each key means, and they stay.

use crate::{Moved, Plan, Summary};
use seeknal_analysis::changes::{Change, Place, Reason, Step, What};
use seeknal_model::{File, Project};
use seeknal_syntax::{Encoding, Span};
use serde_json::{Value, json};

impl Plan {
    /// The plan as JSON; the projects say on which lines things stand. Lines and columns count from 1,
    /// columns in characters.
    pub fn json(&self, old: &Project, new: &Project) -> Value {
        let of = |reasons: &[Reason]| -> Vec<Value> {
            reasons.iter().map(|one| reason(one, old, new)).collect()
        };
        let Summary { breaking, non_breaking, metadata, added, removed, build, reuse, fails } =
            self.summary();
        json!({
            "id": self.id,
            "environment": self.about.environment,
            "against": self.about.against,
            "changes": self.changes.iter().map(|one| change(one, &of)).collect::<Vec<_>>(),
            "steps": self.steps.iter().map(|one| step(one, &of)).collect::<Vec<_>>(),
            "data": self.data.iter().map(Moved::json).collect::<Vec<_>>(),
            "estimate": self.estimate.map(|estimate| estimate.json()),
            "summary": {
                "breaking": breaking,
                "non_breaking": non_breaking,
                "metadata": metadata,
                "added": added,
                "removed": removed,
                "build": build,
                "reuse": reuse,
                "fails": fails,
            },
        })
    }
}

fn change(change: &Change, of: &dyn Fn(&[Reason]) -> Vec<Value>) -> Value {
    let pairs = |pairs: &[(String, String)]| -> Vec<Value> {
        pairs.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect()
    };
    let columns = &change.columns;
    let retyped: Vec<Value> = columns
        .retyped
        .iter()
        .map(|(name, from, to)| json!({ "name": name, "from": from, "to": to }))
        .collect();
    let (what, before) = match &change.what {
        What::Added => ("added", None),
        What::Removed => ("removed", None),
        What::Modified => ("modified", None),
        What::Renamed(before) => ("renamed", Some(before.as_str())),
    };
    json!({
        "node": change.node.as_str(),
        "change": what,
        "renamed_from": before,
        "category": change.category.word().to_lowercase(),
        "destructive": change.is_destructive,
        "provisional": change.is_provisional,
        "columns": {
            "added": columns.added,
            "removed": columns.removed,
            "renamed": pairs(&columns.renamed),
            "respelled": pairs(&columns.respelled),
            "retyped": retyped,
            "redefined": columns.redefined,
            "displaced": columns.displaced,
            "reordered": columns.is_reordered,
        },
        "rows_changed": change.rows_changed,
        "reasons": of(&change.reasons),
    })
}

fn step(step: &Step, of: &dyn Fn(&[Reason]) -> Vec<Value>) -> Value {
    json!({
        "node": step.node.as_str(),
        "action": step.action.word(),
        "reasons": of(&step.reasons),
    })
}

fn reason(reason: &Reason, old: &Project, new: &Project) -> Value {
    let at = |place: &Option<Place>| place.as_ref().and_then(|place| place_json(place, old, new));
    let place = at(&reason.place);
    let part = |key: &str| place.as_ref().and_then(|place| place.get(key)).cloned();
    json!({
        "code": reason.code,
        "message": reason.message,
        "file": part("file"),
        "range": part("range"),
        "related": at(&reason.related),
    })
}

fn place_json(place: &Place, old: &Project, new: &Project) -> Option<Value> {
    let file = if place.is_old { old } else { new }.file(&place.path)?;
    let path = place.path.as_ref() as &str;
    Some(json!({ "file": path, "old": place.is_old, "range": range(file, place.span) }))
}

/// A range as JSON, with its bytes. Lines and columns count from 1, columns in characters.
pub fn range(file: &File, span: Span) -> Value {
    let place = |offset| {
        let position = file.lines.position(&file.text, offset, Encoding::Utf32);
        json!({ "line": position.line + 1, "column": position.column + 1 })
    };
    json!({ "start": place(span.start), "end": place(span.end), "bytes": [span.start, span.end] })
}
