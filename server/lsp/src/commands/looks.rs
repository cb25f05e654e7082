//! Commands that look: what is wrong, what edits do, rows, lineage.

use super::arguments::Arguments;
use super::desk::{Desk, End};
use super::work::{node_of, plan_json, plan_page, with_text};
use crate::proto::MessageType;
use seeknal_analysis::lineage::{Look, Point, lineage as found};
use seeknal_ide::lineage as drawn;
use seeknal_service::carry::{self, Part};
use seeknal_service::told::rows;
use seeknal_service::{Against, Checked, Planned, load, report};
use seeknal_syntax::Span;
use serde_json::{Value, json};

/// How many rows are shown where nobody says it, and at most.
const ROWS: u64 = 100;
const ROWS_MAX: u64 = 10_000;

/// Reads every project anew, lays what is open in editors over it, and says what is wrong. When it
/// is stopped, its answer is what it had by then.
pub(crate) fn check(desk: &Desk, _: &Arguments) -> Result<Value, End> {
    let stop = || desk.is_stopped();
    let analyst = desk.hands.as_ref().map(|hands| &*hands.analyst);
    let mut all = Vec::new();
    let mut unread = Vec::new();
    for (done, (root, view)) in desk.roots.iter().enumerate() {
        desk.progress.report(&root.display().to_string(), done, desk.roots.len());
        match load(root, &stop) {
            Ok(Some(mut loaded)) => {
                let open = view.names.open.keys();
                let current = open.filter_map(|path| view.project().file(path));
                loaded.project = loaded.project.with_files(current.cloned());
                all.push(Checked::of(loaded, analyst, &stop));
            }
            Ok(None) => break,
            Err(sentence) => unread.push(sentence),
        }
        if stop() {
            break;
        }
    }
    let mut answer = report::json(&all);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("projects".to_owned(), all.len().into());
        fields.insert("cancelled".to_owned(), stop().into());
        if let Some(list) = fields.get_mut("unread").and_then(Value::as_array_mut) {
            list.extend(unread.into_iter().map(Value::from));
        }
    }
    Ok(answer)
}

pub(crate) fn show_plan(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let (loaded, unsaved) = desk.edited(&root, view)?;
    let analyst = &desk.hands()?.analyst;
    let against = match arguments.text("against") {
        Some(word) => Against::read(word),
        None => analyst.against(&root),
    };
    let planned = Planned::of(loaded, (&against, None), analyst, &|| desk.is_stopped());
    if desk.is_stopped() {
        return Err(End::Stopped);
    }
    let planned = planned.map_err(End::refused)?;
    let text = plan_page(&planned, &unsaved, None);
    desk.show((&root, arguments), "plan.md", &text)?;
    Ok(plan_json(&planned, &unsaved, text))
}

pub(crate) fn preview(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let node = node_of((&root, view), arguments)?;
    let part = match (arguments.text("cte"), arguments.range("range")) {
        (Some(cte), _) => Part::Cte(cte.to_owned()),
        (None, Some(range)) => selected(view, &node, range)?,
        (None, None) => Part::Whole,
    };
    let most = arguments.number("limit").unwrap_or(ROWS).min(ROWS_MAX);
    let most = usize::try_from(most).unwrap_or(0);
    desk.must_be_trusted(&root, arguments)?;
    let (loaded, _) = desk.edited(&root, view)?;
    let site = desk.site(&root, "preview")?;
    let environment = Some(desk.environment(arguments));
    let found = desk.with_crew(|crew| {
        carry::preview(&site, &loaded, (&node, &part), (environment, most), crew)
    })?;
    let what = match &part {
        Part::Whole => format!("`{node}`"),
        Part::Cte(name) => format!("`{name}` of `{node}`"),
        Part::Selected(_) => format!("A part of `{node}`"),
    };
    let text = rows::page(&what, &found);
    desk.show((&root, arguments), &format!("preview-{node}.md"), &text)?;
    let mut said = rows::json(&found.answered);
    said["node"] = node.as_str().into();
    said["made"] = found.made.iter().map(|id| Value::from(id.as_str())).collect();
    Ok(with_text(said, text))
}

/// The bytes of a node's file that a range of the editor means.
fn selected(
    view: Option<&crate::view::View>,
    node: &seeknal_model::NodeId,
    range: crate::proto::Range,
) -> Result<Part, End> {
    let gone = || End::refused(format!("`{node}` is in no file that is open"));
    let view = view.ok_or_else(gone)?;
    let file = view.project().node(node).and_then(|node| view.project().file(&node.path));
    let file = file.ok_or_else(gone)?;
    let (start, end) = (view.offset(file, range.start), view.offset(file, range.end));
    Ok(Part::Selected(Span::new(start, end.max(start))))
}

pub(crate) fn lineage(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let (loaded, _) = desk.edited(&root, view)?;
    let meaning = desk.hands()?.analyst.meaning(&root, &loaded.project, &|| desk.is_stopped());
    if desk.is_stopped() {
        return Err(End::Stopped);
    }
    let word = arguments.must("point")?;
    let start = Point::named(&loaded.project, &meaning.identities, word).map_err(End::refused)?;
    let (up, down) = (arguments.flag("up"), arguments.flag("down"));
    let depth = arguments.number("depth").and_then(|depth| usize::try_from(depth).ok());
    let look = Look { up: up || !down, down: down || !up, depth };
    let all = found(&loaded.project, &meaning.identities, start, look);
    let text = drawn::text(&all, look);
    match desk.draws {
        true => {
            desk.show((&root, arguments), &format!("lineage-{word}.svg"), &drawn::svg(&all))?;
        }
        false => {
            let page = format!("# Lineage of `{word}`\n\n```\n{text}```\n");
            desk.show((&root, arguments), &format!("lineage-{word}.md"), &page)?;
        }
    }
    let mut said = drawn::json(&all);
    said["svg"] = drawn::svg(&all).into();
    Ok(with_text(said, text))
}

pub(crate) fn refresh_sources(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let (loaded, _) = desk.edited(&root, view)?;
    let analyst = &desk.hands()?.analyst;
    analyst.look_into_files_again(&root);
    analyst.schemas(&root, &loaded.project, &|| desk.is_stopped());
    let sources = loaded.project.declared().filter(|node| node.kind.name == "source").count();
    desk.say(MessageType::INFO, &format!("Looked into the data of {sources} sources again."));
    Ok(json!({ "sources": sources }))
}

pub(crate) fn set_baseline(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let word = arguments.must("against")?;
    let against = Against::read(word);
    let (loaded, _) = desk.edited(&root, view)?;
    // One that cannot be had is said at once, and the one before stays.
    let name = against.name(&root, &loaded.project).map_err(End::refused)?;
    desk.hands()?.analyst.compare_with(&root, against);
    desk.say(MessageType::INFO, &format!("Edits are compared with {name}."));
    Ok(json!({ "against": name }))
}
