//! Commands that build something: `apply`, `run`, `promote`, `rollback`, and planning an environment.

use crate::check::{home_of, open_home, say_unread, unreadable};
use crate::confirm::confirmed;
use crate::engine::{Hands, hands};
use crate::exit::Exit;
use crate::options::{ApplyArguments, Format, PromoteArguments, WorkArguments};
use crate::progress::Progress;
use crate::render;
use seeknal_service::carry::{
    self, Applied, ApplyOptions, Back, Export, Preview, RunOptions, Site, Trouble,
};
use seeknal_service::{Crew, Loaded, when};
use seeknal_store::Error;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// How a command ends that came to nothing, once that was said.
pub(crate) fn troubled(trouble: Trouble) -> Exit {
    match trouble {
        Trouble::Refused(sentences) => {
            for sentence in sentences {
                render::err(&format!("refused: {sentence}\n"));
            }
            Exit::Refused
        }
        Trouble::State(error) => {
            render::err(&format!("error: {error}\n"));
            if matches!(error, Error::Busy { .. }) { Exit::Locked } else { Exit::Found }
        }
        Trouble::Unreadable(sentence) => unreadable(&sentence),
    }
}

/// The site of a project's folder.
pub(crate) fn site(project: &Path, command: &str) -> Result<Site, Exit> {
    let root = home_of(project);
    if !root.is_dir() {
        let sentence = format!("{} is no folder; name the project's folder", root.display());
        return Err(unreadable(&sentence));
    }
    Site::open(root, command).map_err(troubled)
}

pub(crate) fn loaded(project: &Path) -> Result<Loaded, Exit> {
    let loaded = open_home(project).map_err(|sentence| unreadable(&sentence))?;
    say_unread(&loaded);
    Ok(loaded)
}

/// Does something with a crew whose work is shown while it is done.
pub(crate) fn with_crew<T>(
    work: &WorkArguments,
    act: impl FnOnce(&Crew<'_>) -> Result<T, Trouble>,
) -> Result<T, Exit> {
    let hands: Hands = hands(work)?;
    let progress = Progress::new(work.format, work.quiet);
    let tell = |event: seeknal_service::Event<'_>| progress.tell(&event);
    let done = act(&hands.crew(&tell));
    progress.end();
    done.map_err(troubled)
}

pub(crate) fn apply(name: &str, asked: &ApplyArguments) -> Exit {
    ended(applied(name, asked))
}

fn applied(name: &str, asked: &ApplyArguments) -> Result<Exit, Exit> {
    let project = &asked.work.project;
    let (site, loaded) = (site(project, &format!("apply {name}"))?, loaded(project)?);
    let options = ApplyOptions {
        plan: asked.plan.as_deref(),
        is_dry: asked.dry_run,
        is_forced: asked.force,
        is_refreshed: asked.refresh,
    };
    let told = with_crew(&asked.work, |crew| carry::apply(&site, loaded, name, options, crew))?;
    if asked.dry_run {
        say(&asked.work, &dry(&told), &json(&told, &[]));
        return Ok(Exit::Done);
    }
    let mut text = results(&told);
    match (&told.stopped, told.failed.is_empty()) {
        (Some(why), _) => {
            let _ = writeln!(text, "Stopped: {why}. `apply {name}` goes on where it ended.");
        }
        (None, false) => {
            let failures = told.failed.len();
            let _ = writeln!(
                text,
                "Environment '{name}' applied with {failures} failure(s); it shows what it showed before. Mend them and `apply {name}` goes on where it ended."
            );
        }
        (None, true) => {
            let _ = writeln!(text, "Environment '{name}' applied successfully.");
        }
    }
    say(&asked.work, &text, &json(&told, &[]));
    Ok(exit_of(&told, &[]))
}

/// How many of each came of the work.
fn results(told: &Applied) -> String {
    let count = |word: &str| told.done.iter().filter(|(_, doing)| *doing == word).count();
    let mut parts = vec![format!("{} built", count("build"))];
    for (number, word) in [
        (count("check"), "checked"),
        (told.kept, "kept"),
        (told.failed.len(), "failed"),
        (told.skipped.len(), "skipped"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    format!("Results: {}\n", parts.join(", "))
}

fn dry(told: &Applied) -> String {
    let mut text = String::new();
    for (node, doing) in &told.done {
        let why = told.moved.get(node).map(|why| format!(": {why}")).unwrap_or_default();
        let _ = writeln!(text, "Would {doing} {node}{why}");
    }
    let _ = writeln!(text, "{} to do, {} kept; nothing was done.", told.done.len(), told.kept);
    text
}

fn json(told: &Applied, exports: &[Export]) -> Value {
    let pairs = |pairs: &[(seeknal_model::NodeId, String)]| -> Vec<Value> {
        pairs.iter().map(|(node, why)| json!({ "node": node.as_str(), "message": why })).collect()
    };
    let skipped = told.skipped.iter();
    let skipped: Vec<Value> = skipped
        .map(|(node, because)| json!({ "node": node.as_str(), "because": because.as_str() }))
        .collect();
    let done = told.done.iter();
    let done: Vec<Value> =
        done.map(|(node, doing)| json!({ "node": node.as_str(), "did": doing })).collect();
    json!({
        "event": "done",
        "plan": told.plan,
        "nodes": done,
        "kept": told.kept,
        "failed": pairs(&told.failed),
        "skipped": skipped,
        "stopped": told.stopped,
        "changed": told.is_changed,
        "exports": exports.iter().map(export_json).collect::<Vec<_>>(),
    })
}

fn export_json(export: &Export) -> Value {
    let (rows, message) = match &export.done {
        Ok(rows) => (Some(rows), None),
        Err(why) => (None, Some(why)),
    };
    json!({ "node": export.node.as_str(), "file": export.file, "rows": rows, "message": message })
}

fn exit_of(told: &Applied, exports: &[Export]) -> Exit {
    if told.stopped.is_some() {
        return Exit::Interrupted;
    }
    let is_done = told.failed.is_empty() && exports.iter().all(|one| one.done.is_ok());
    if is_done { Exit::Done } else { Exit::Found }
}

/// Says how it ended: in words, or as one line for programs.
fn say(work: &WorkArguments, text: &str, json: &Value) {
    match work.format {
        Format::Json => render::out(&format!("{json}\n")),
        Format::Text if work.quiet => {}
        Format::Text => render::out(text),
    }
}

fn ended(exit: Result<Exit, Exit>) -> Exit {
    exit.unwrap_or_else(|exit| exit)
}

pub(crate) fn run(env: Option<&str>, options: RunOptions, work: WorkArguments) -> Exit {
    match env {
        Some(name) if name != "prod" => {
            let asked = ApplyArguments {
                plan: None,
                dry_run: options.is_dry,
                force: false,
                refresh: false,
                work,
            };
            apply(name, &asked)
        }
        _ => ended(ran(options, &work)),
    }
}

fn ran(options: RunOptions, work: &WorkArguments) -> Result<Exit, Exit> {
    let (site, loaded) = (site(&work.project, "run")?, loaded(&work.project)?);
    let (told, exports) = with_crew(work, |crew| carry::run(&site, loaded, options, crew))?;
    if options.is_dry {
        say(work, &dry(&told), &json(&told, &[]));
        return Ok(Exit::Done);
    }
    let mut text = results(&told);
    if let Some(why) = &told.stopped {
        let _ = writeln!(
            text,
            "Stopped: {why}. Production shows what it showed before; `run` goes on."
        );
    } else if !told.failed.is_empty() {
        text.push_str("Production shows what it showed before. Mend what failed, and `run` goes on where it ended.\n");
    } else if told.is_changed {
        text.push_str("Production is up to date.\n");
    } else {
        text.push_str("Production was up to date.\n");
    }
    unwritten(&exports, &mut text);
    say(work, &text, &json(&told, &exports));
    Ok(exit_of(&told, &exports))
}

/// Files for others that could not be written.
fn unwritten(exports: &[Export], text: &mut String) {
    for Export { node, file, done } in exports {
        if let Err(why) = done {
            let _ = writeln!(
                text,
                "{node} could not write {file}: {why}; `promote --resume` tries it again"
            );
        }
    }
}

pub(crate) fn promote(asked: &PromoteArguments) -> Exit {
    match &asked.from {
        _ if asked.resume => ended(resumed(&asked.work)),
        Some(from) => ended(promoted((from, &asked.to), asked)),
        None => Exit::Usage,
    }
}

fn resumed(work: &WorkArguments) -> Result<Exit, Exit> {
    let site = site(&work.project, "promote --resume")?;
    let exports = with_crew(work, |crew| carry::resume(&site, crew))?;
    let mut text = match exports.is_empty() {
        true => "Nothing is pending.\n".to_owned(),
        false => String::new(),
    };
    unwritten(&exports, &mut text);
    let told = Applied::default();
    say(work, &text, &json(&told, &exports));
    Ok(exit_of(&told, &exports))
}

fn promoted((from, to): (&str, &str), asked: &PromoteArguments) -> Result<Exit, Exit> {
    let work = &asked.work;
    let site = site(&work.project, &format!("promote {from} {to}"))?;
    if asked.refresh && !asked.dry_run {
        let loaded = loaded(&work.project)?;
        let options = ApplyOptions { is_refreshed: true, ..ApplyOptions::default() };
        let told = with_crew(work, |crew| carry::apply(&site, loaded, from, options, crew))?;
        if !told.is_whole() {
            say(work, &results(&told), &json(&told, &[]));
            return Ok(exit_of(&told, &[]));
        }
    }
    let preview = with_crew(work, |crew| carry::promotion(&site, (from, to), crew.analyst))?;
    let text = previewed((from, to), &preview);
    if asked.dry_run {
        say(
            work,
            &format!("{text}Dry run: nothing was promoted.\n"),
            &preview_json(&preview, false),
        );
        return Ok(Exit::Done);
    }
    if work.format == Format::Text && !work.quiet {
        render::out(&text);
    }
    if to == "prod" && !confirmed("Promote to production?", asked.yes)? {
        return Ok(Exit::Refused);
    }
    carry::promote(&site, (from, to), &preview).map_err(troubled)?;
    let exports = match to == "prod" {
        true => with_crew(work, |crew| carry::resume(&site, crew))?,
        false => Vec::new(),
    };
    let mut text = match to {
        "prod" => format!("Environment '{from}' promoted to production.\n"),
        to => format!("Environment '{from}' promoted to '{to}'.\n"),
    };
    unwritten(&exports, &mut text);
    let mut said = preview_json(&preview, true);
    said["exports"] = exports.iter().map(export_json).collect();
    say(work, &text, &said);
    Ok(exit_of(&Applied::default(), &exports))
}

fn previewed((from, to): (&str, &str), preview: &Preview) -> String {
    let to = if to == "prod" { "production".to_owned() } else { format!("environment '{to}'") };
    let mut text = format!("Promotion preview for '{from}' -> {to}:\n");
    for (node, word) in &preview.nodes {
        let _ = writeln!(text, "  {word:<8}{node}");
    }
    let _ = writeln!(text, "  {} nodes stay as they are", preview.same);
    for node in &preview.exports {
        let _ = writeln!(text, "  writes  {node}");
    }
    if !preview.older.is_empty() {
        let _ = writeln!(
            text,
            "  note: newer data is there for {}; `promote {from} --refresh` builds on it first",
            preview.older.join(", ")
        );
    }
    text
}

fn preview_json(preview: &Preview, is_promoted: bool) -> Value {
    let node = |(node, word): &(String, &str)| json!({ "node": node, "change": word });
    json!({
        "event": if is_promoted { "promoted" } else { "preview" },
        "plan": preview.plan,
        "nodes": preview.nodes.iter().map(node).collect::<Vec<_>>(),
        "same": preview.same,
        "exports": preview.exports,
        "older_data": preview.older,
    })
}

pub(crate) fn rollback(
    name: &str,
    to: Option<&str>,
    (is_dry, is_confirmed): (bool, bool),
    work: &WorkArguments,
) -> Exit {
    ended(rolled_back(name, to, (is_dry, is_confirmed), work))
}

fn rolled_back(
    name: &str,
    to: Option<&str>,
    (is_dry, is_confirmed): (bool, bool),
    work: &WorkArguments,
) -> Result<Exit, Exit> {
    let site = site(&work.project, &format!("rollback {name}"))?;
    let back = Back::find(&site, name, to).map_err(troubled)?;
    let mut text = format!("'{name}' goes back to v{} of {}\n", back.number, when(back.time));
    for node in &back.exports {
        let _ = writeln!(text, "  writes  {node}");
    }
    for node in &back.stays {
        let _ = writeln!(text, "  what {node} wrote stays where it is");
    }
    let said = json!({
        "event": if is_dry { "preview" } else { "rolled_back" },
        "environment": name,
        "to": back.number,
        "exports": back.exports,
        "stays": back.stays,
    });
    if is_dry {
        say(work, &format!("{text}Dry run: nothing was rolled back.\n"), &said);
        return Ok(Exit::Done);
    }
    if work.format == Format::Text && !work.quiet {
        render::out(&text);
    }
    if !confirmed("Roll back?", is_confirmed || name != "prod")? {
        return Ok(Exit::Refused);
    }
    carry::rollback(&site, &back).map_err(troubled)?;
    let exports = with_crew(work, |crew| carry::resume(&site, crew))?;
    let mut text = format!("'{name}' shows what it showed after v{}.\n", back.number);
    unwritten(&exports, &mut text);
    say(work, &text, &said);
    Ok(exit_of(&Applied::default(), &exports))
}
