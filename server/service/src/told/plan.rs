//! A plan, as people read it.

use crate::Planned;
use seeknal_analysis::changes::{
    Action, Category, Change, ColumnChanges, Place, Reason, Step, What,
};
use seeknal_plan::{Estimate, Moved, Plan, Summary};
use seeknal_syntax::Encoding;
use std::fmt::Write as _;
use std::time::Duration;

/// Nobody waits for less.
const WORTH_SAYING_MS: u64 = 500;

/// A plan as people read it.
pub fn text(planned: &Planned) -> String {
    let Plan { about, changes, steps, .. } = &planned.plan;
    let mut text = match &about.environment {
        Some(name) => format!("Environment Plan: {name}\nCompared with {}\n", about.against),
        None => format!("Compared with {}\n", about.against),
    };
    if planned.plan.is_empty() {
        text.push_str("\nNo changes detected.\n");
        data(&planned.plan, &mut text);
        return text;
    }
    text.push_str("\nChanges detected:\n");
    for change in changes {
        let _ = writeln!(text, "  {}", headline(change));
        if let Some(line) = columns(&change.columns) {
            let _ = writeln!(text, "      columns: {line}");
        }
        for reason in &change.reasons {
            let _ = writeln!(text, "      {}", sentence(reason, planned));
        }
    }
    text.push_str("\nSteps:\n");
    for (number, step) in steps.iter().filter(|step| step.action != Action::Reuse).enumerate() {
        let why = step.reasons.first().map(|one| one.message.as_str()).unwrap_or_default();
        let _ =
            writeln!(text, "  {:>3}. {:<6} {}: {why}", number + 1, step.action.word(), step.node);
    }
    let reused: Vec<&str> = reused(steps).map(|step| step.node.as_str()).collect();
    if !reused.is_empty() {
        let _ = writeln!(text, "       reuse  {}", listed(&reused));
    }
    data(&planned.plan, &mut text);
    let _ = writeln!(text, "\nSummary: {}", summary(planned.plan.summary()));
    let is_long = |one: &Estimate| one.milliseconds >= WORTH_SAYING_MS;
    if let Some(Estimate { milliseconds, known, unknown }) = planned.plan.estimate.filter(is_long) {
        let seconds = Duration::from_millis(milliseconds).as_secs_f64();
        let rest = if unknown > 0 {
            format!(", and {unknown} more that were never built")
        } else {
            String::new()
        };
        let _ = writeln!(text, "Estimate: {seconds:.1} s for {known} to build{rest}");
    }
    text
}

/// Sources whose data is another than it was.
fn data(plan: &Plan, text: &mut String) {
    if !plan.data.is_empty() {
        text.push_str("\nData that is another than it was (no edit):\n");
    }
    for Moved { source, file, was, now } in &plan.data {
        let now = match now {
            Some(now) if now.bytes == was.bytes => "as many bytes, others".to_owned(),
            Some(now) => format!("{} instead of {} bytes", now.bytes, was.bytes),
            None => "it is gone".to_owned(),
        };
        let _ = writeln!(text, "  {source} ({file}): {now}");
    }
}

/// A plan in Markdown.
pub fn markdown(planned: &Planned) -> String {
    let Plan { about, changes, steps, .. } = &planned.plan;
    let mut text = format!("Compared with `{}`: ", about.against);
    if planned.plan.is_empty() {
        text.push_str("no changes.\n");
        return text;
    }
    let _ = writeln!(text, "{}\n", summary(planned.plan.summary()));
    text.push_str("| change | node | why |\n|---|---|---|\n");
    for change in changes {
        let why: Vec<String> = change.reasons.iter().map(|one| cell(&one.message)).collect();
        let word = change.category.word();
        let lost = if change.is_destructive { ", destructive" } else { "" };
        let _ = writeln!(text, "| {word}{lost} | `{}` | {} |", change.node, why.join("<br>"));
    }
    text.push_str("\n| step | node | why |\n|---|---|---|\n");
    for step in steps {
        let why = step.reasons.first().map(|one| cell(&one.message)).unwrap_or_default();
        let _ = writeln!(text, "| {} | `{}` | {why} |", step.action.word(), step.node);
    }
    text
}

/// Words in a cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A change in a line.
pub fn headline(change: &Change) -> String {
    let node = &change.node;
    let lost = if change.is_destructive { ", destructive" } else { "" };
    let open = if change.is_provisional { " (would fail as it stands)" } else { "" };
    match (&change.what, change.category) {
        (What::Added, _) => format!("[NEW] + {node}"),
        (What::Removed, _) => format!("[REMOVED{lost}] - {node}"),
        (_, Category::Breaking) => format!("[BREAKING - rebuilds downstream{lost}] {node}{open}"),
        (_, Category::NonBreaking) => format!("[CHANGED - rebuild this node{lost}] {node}{open}"),
        (_, Category::Metadata) => format!("[METADATA - no rebuild needed] {node}{open}"),
    }
}

/// The words that Seeknal has for changed columns.
fn columns(columns: &ColumnChanges) -> Option<String> {
    let mut parts = Vec::new();
    let mut say = |word: &str, names: &[String]| {
        if !names.is_empty() {
            parts.push(format!("{word}: {}", names.join(", ")));
        }
    };
    let arrow = |(from, to): &(String, String)| format!("{from} -> {to}");
    let retyped = |(name, from, to): &(String, String, String)| format!("{name} ({from} -> {to})");
    say("added", &columns.added);
    say("removed", &columns.removed);
    say("renamed", &columns.renamed.iter().map(arrow).collect::<Vec<_>>());
    say("type changed", &columns.retyped.iter().map(retyped).collect::<Vec<_>>());
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A reason with the place that it is about.
pub fn sentence(reason: &Reason, planned: &Planned) -> String {
    let place = reason.place.as_ref().or(reason.related.as_ref());
    match place.and_then(|place| at(place, planned)) {
        Some(place) => format!("{} ({place})", reason.message),
        None => reason.message.clone(),
    }
}

fn at(place: &Place, planned: &Planned) -> Option<String> {
    let (project, then) = match place.is_old {
        true => (&planned.baseline.project, ", before"),
        false => (&planned.loaded.project, ""),
    };
    let file = project.file(&place.path)?;
    let position = file.lines.position(&file.text, place.span.start, Encoding::Utf32);
    Some(format!("{}:{}{then}", place.path, position.line + 1))
}

fn reused(steps: &[Step]) -> impl Iterator<Item = &Step> {
    steps.iter().filter(|step| step.action == Action::Reuse)
}

/// The first names of a list that may be long.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = names.get(..SHOWN.min(names.len())).unwrap_or_default().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How much of what, in a line.
pub fn summary(summary: Summary) -> String {
    let Summary { breaking, non_breaking, metadata, added, removed, build, reuse, fails } = summary;
    let parts = [
        (breaking, "breaking"),
        (non_breaking, "non-breaking"),
        (metadata, "metadata-only"),
        (added, "new"),
        (removed, "removed"),
        (build, "to build"),
        (reuse, "reused"),
        (fails, "failing or waiting"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    said.join(", ")
}
