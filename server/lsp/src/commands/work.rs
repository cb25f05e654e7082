//! Commands that build something or change what is shown.

use super::arguments::Arguments;
use super::desk::{Desk, End};
use crate::proto::MessageType;
use crate::uris;
use crate::view::View;
use seeknal_model::NodeId;
use seeknal_service::Planned;
use seeknal_service::carry::{
    self, Applied, ApplyOptions, Back, Export, PlanOptions, RunOptions, Trouble,
};
use seeknal_service::told::{plan as plans, rows, work as words};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const PRODUCTION: &str = "prod";

/// How long after a plan DuckDB stands ready for whoever applies it.
const READY: Duration = Duration::from_secs(300);

pub(crate) fn plan(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let name = desk.environment(arguments);
    let (loaded, unsaved) = desk.edited(&root, view)?;
    let site = desk.site(&root, &format!("plan {name}"))?;
    let options = PlanOptions {
        ttl_seconds: arguments.number("ttl_hours").map(|hours| hours.saturating_mul(3_600)),
        profile: arguments.text("profile"),
    };
    let planned = desk.with_crew(|crew| carry::plan(&site, loaded, name, options, crew))?;
    let text = plan_page(&planned, &unsaved, Some(name));
    desk.show((&root, arguments), &format!("plan-{name}.md"), &text)?;
    let what = match planned.plan.is_empty() {
        true => "no changes".to_owned(),
        false => plans::summary(planned.plan.summary()),
    };
    let open = match unsaved.is_empty() {
        true => String::new(),
        false => format!(" (with {} not saved)", unsaved.join(", ")),
    };
    desk.say(MessageType::INFO, &format!("Plan for '{name}': {what}{open}"));
    if !planned.plan.steps.is_empty() {
        desk.hands()?.engine.warm_for(READY);
    }
    Ok(plan_json(&planned, &unsaved, text))
}

/// A plan for programs, with its page.
pub(super) fn plan_json(planned: &Planned, unsaved: &[String], text: String) -> Value {
    let mut said = planned.json();
    said["unsaved"] = unsaved.into();
    said["text"] = text.into();
    said
}

/// A plan as a page.
pub(super) fn plan_page(planned: &Planned, unsaved: &[String], name: Option<&str>) -> String {
    let mut page = match name {
        Some(name) => format!("# Plan for `{name}`\n\n"),
        None => "# What the edits do\n\n".to_owned(),
    };
    if !unsaved.is_empty() {
        page.push_str(&format!(
            "With texts that are not saved: `{}`. What is applied must be saved first.\n\n",
            unsaved.join("`, `")
        ));
    }
    page + &plans::markdown(planned)
}

pub(crate) fn apply(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let name = desk.environment(arguments);
    let loaded = desk.all_saved(&root, view)?;
    desk.must_be_trusted(&root, arguments)?;
    let site = desk.site(&root, &format!("apply {name}"))?;
    let options = ApplyOptions {
        plan: arguments.text("plan"),
        is_dry: arguments.flag("dry_run"),
        is_forced: arguments.flag("force"),
        is_refreshed: arguments.flag("refresh"),
    };
    let told = desk.with_crew(|crew| carry::apply(&site, |_| Ok(loaded), name, options, crew))?;
    let text = match options.is_dry {
        true => words::dry(&told),
        false => words::applied(name, &told),
    };
    Ok(ended(desk, (&told, &[]), text))
}

/// Says how work ended, and gives it for programs.
fn ended(desk: &Desk, (told, exports): (&Applied, &[Export]), text: String) -> Value {
    let is_whole = told.is_whole() && exports.iter().all(|one| one.done.is_ok());
    let kind = if is_whole { MessageType::INFO } else { MessageType::WARNING };
    let why = told.failed.first().map(|(node, why)| format!("{node}: {why}\n"));
    // A corner of the editor has room for the beginning only, and how it ended comes first.
    let (counts, end) = text.split_once('\n').unwrap_or((&text, ""));
    desk.say(kind, &format!("{}{}\n{counts}", why.unwrap_or_default(), end.trim_end()));
    let mut said = words::json(told, exports);
    said["text"] = text.into();
    said
}

pub(crate) fn run(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let loaded = desk.all_saved(&root, view)?;
    desk.must_be_trusted(&root, arguments)?;
    let site = desk.site(&root, "run")?;
    let mut options = RunOptions {
        is_full: arguments.flag("full"),
        is_dry: arguments.flag("dry_run"),
        is_confirmed: arguments.flag("confirmed"),
    };
    let once = desk.with_crew(|crew| carry::run(&site, |_| Ok(loaded), options, crew));
    let (told, exports) = match once {
        Err(Trouble::Unconfirmed(sentences)) => {
            let question = format!("Run on production? {}", sentences.join("; "));
            desk.must_be_confirmed(arguments, &question, "Run")?;
            options.is_confirmed = true;
            // Whoever was asked may have written something before the answer.
            let loaded = desk.all_saved(&root, view)?;
            desk.with_crew(|crew| carry::run(&site, |_| Ok(loaded), options, crew))?
        }
        other => other?,
    };
    let text = match options.is_dry {
        true => words::dry(&told),
        false => words::ran(&told, &exports),
    };
    Ok(ended(desk, (&told, &exports), text))
}

pub(crate) fn promote(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let from = desk.environment(arguments);
    let to = arguments.text("to").unwrap_or(PRODUCTION);
    Desk::must_be_saved(&root, view)?;
    desk.must_be_trusted(&root, arguments)?;
    let site = desk.site(&root, &format!("promote {from} {to}"))?;
    let preview = desk.with_crew(|crew| carry::promotion(&site, (from, to), crew.analyst))?;
    let text = words::previewed((from, to), &preview);
    if arguments.flag("dry_run") {
        let mut said = words::preview_json(&preview, false);
        said["text"] = text.into();
        return Ok(said);
    }
    if to == PRODUCTION {
        let question = format!("Promote '{from}' to production? {}", preview.words());
        desk.must_be_confirmed(arguments, &question, "Promote")?;
    }
    carry::promote(&site, (from, to), &preview)?;
    let exports = match to == PRODUCTION {
        true => desk.with_crew(|crew| carry::resume(&site, crew))?,
        false => Vec::new(),
    };
    let text = words::promoted((from, to), &exports);
    let is_whole = exports.iter().all(|one| one.done.is_ok());
    desk.say(if is_whole { MessageType::INFO } else { MessageType::WARNING }, &text);
    let mut said = words::preview_json(&preview, true);
    said["exports"] = exports.iter().map(words::export_json).collect();
    said["text"] = text.into();
    Ok(said)
}

pub(crate) fn rollback(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, _) = desk.root(arguments)?;
    let name = arguments.text("environment").unwrap_or(PRODUCTION);
    let is_dry = arguments.flag("dry_run");
    if !is_dry {
        desk.must_be_trusted(&root, arguments)?;
    }
    let site = desk.site(&root, &format!("rollback {name}"))?;
    let back = Back::find(&site, name, arguments.text("to"))?;
    let mut said = words::back_json(name, &back, is_dry);
    said["text"] = words::back(name, &back).into();
    if is_dry {
        return Ok(said);
    }
    if name == PRODUCTION {
        let question = format!("Roll back? {}", words::back(name, &back).trim_end());
        desk.must_be_confirmed(arguments, &question, "Roll Back")?;
    }
    carry::rollback(&site, &back)?;
    let exports = desk.with_crew(|crew| carry::resume(&site, crew))?;
    let text = words::rolled_back(name, &back, &exports);
    desk.say(MessageType::INFO, &text);
    said["text"] = text.into();
    Ok(said)
}

pub(crate) fn test(desk: &Desk, arguments: &Arguments) -> Result<Value, End> {
    let (root, view) = desk.root(arguments)?;
    let name = arguments.text("environment").unwrap_or(PRODUCTION);
    let only = match arguments.text("node") {
        Some(node) => Some((desk.edited(&root, view)?.0, NodeId::new(node))),
        None => None,
    };
    desk.must_be_trusted(&root, arguments)?;
    let site = desk.site(&root, "test")?;
    let one = only.as_ref().map(|(loaded, id)| (&loaded.project, id));
    let trials = desk.with_crew(|crew| carry::test(&site, name, one, crew))?;
    let count = rows::count(&trials);
    let text = rows::summary(name, count);
    let kind = if count.failed > 0 { MessageType::WARNING } else { MessageType::INFO };
    desk.say(kind, &(rows::wrong(&trials) + &text));
    let mut said = rows::count_json(name, count);
    said["checks"] = rows::trials_json(&trials);
    said["text"] = text.into();
    if desk.is_stopped() {
        said["stopped"] = "cancelled".into();
    }
    Ok(said)
}

/// The node that is named, or that stands at a place of a file.
pub(super) fn node_of(
    (root, view): (&Path, Option<&View>),
    arguments: &Arguments,
) -> Result<NodeId, End> {
    if let Some(node) = arguments.text("node") {
        return Ok(NodeId::new(node));
    }
    let range = arguments.range("range");
    let (Some(view), Some(uri), Some(range)) = (view, arguments.path("uri"), range) else {
        return Err(End::wrong("`node` is missing, or `uri` and `range`".to_owned()));
    };
    let file = uris::relative(&uri, root).and_then(|path| view.project().file(&path));
    let found = file.and_then(|file| {
        let offset = view.offset(file, range.start);
        file.nodes.iter().find(|node| node.root.span.touches(offset))
    });
    found.map(|node| node.id.clone()).ok_or_else(|| End::refused("there is no node at this place"))
}

/// The JSON of something with a text beside it.
pub(super) fn with_text(mut said: Value, text: String) -> Value {
    if !said.is_object() {
        said = json!({});
    }
    said["text"] = text.into();
    said
}
