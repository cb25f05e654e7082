//! Commands that build something: `apply`, `run`, `promote`, `rollback`, and planning an environment.

use crate::check::{home_of, open_home, say_unread, unreadable};
use crate::confirm::confirmed;
use crate::engine::{breaker, hands_for};
use crate::exit::{Exit, stoppable};
use crate::options::{ApplyArguments, Format, PromoteArguments, WorkArguments};
use crate::progress::Progress;
use crate::render;
use seeknal_service::carry::{
    self, Applied, ApplyOptions, Back, Export, RunOptions, Site, Trouble,
};
use seeknal_service::told::work as words;
use seeknal_service::{Analyst, Crew, Loaded};
use seeknal_store::Error;
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::Ordering;

/// More reasons than this say nothing new.
const SHOWN: usize = 20;

/// How a command ends that came to nothing, once that was said.
pub(crate) fn troubled(trouble: Trouble) -> Exit {
    match trouble {
        Trouble::Refused(sentences) | Trouble::Unconfirmed(sentences) => {
            for sentence in sentences.iter().take(SHOWN) {
                render::err(&format!("refused: {sentence}\n"));
            }
            if let more @ 1.. = sentences.len().saturating_sub(SHOWN) {
                render::err(&format!("refused: and for {more} more reasons like these\n"));
            }
            Exit::Refused
        }
        Trouble::Stopped => {
            render::err("stopped: nothing was done\n");
            Exit::Interrupted
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

pub(crate) fn load(project: &Path, analyst: &Analyst) -> Result<Loaded, Trouble> {
    let loaded = open_home(project, Some(analyst)).map_err(Trouble::Unreadable)?;
    say_unread(&loaded);
    Ok(loaded)
}

/// Does something with a crew whose work is shown while it is done.
pub(crate) fn with_crew<T>(
    work: &WorkArguments,
    act: impl FnOnce(&Crew<'_>) -> Result<T, Trouble>,
) -> Result<T, Exit> {
    let (hands, breaker, is_stopped) = (hands_for(work)?, breaker(work), stoppable());
    let progress = Progress::new(work.format, work.quiet);
    let tell = |event: seeknal_service::Event<'_>| progress.tell(&event);
    let stop = || is_stopped.load(Ordering::SeqCst);
    let done = act(&hands.crew(&tell, &stop, &*breaker));
    progress.end();
    // The program ends soon: to take what it knows apart would only take time.
    std::mem::forget(hands);
    done.map_err(troubled)
}

pub(crate) fn apply(name: &str, asked: &ApplyArguments) -> Exit {
    ended(applied(name, asked))
}

fn applied(name: &str, asked: &ApplyArguments) -> Result<Exit, Exit> {
    let project = &asked.work.project;
    let (site, load) =
        (site(project, &format!("apply {name}"))?, |analyst: &Analyst| load(project, analyst));
    let options = ApplyOptions {
        plan: asked.plan.as_deref(),
        is_dry: asked.dry_run,
        is_forced: asked.force,
        is_refreshed: asked.refresh,
    };
    let told = with_crew(&asked.work, |crew| carry::apply(&site, load, name, options, crew))?;
    if asked.dry_run {
        say(&asked.work, &words::dry(&told), &words::json(&told, &[]));
        return Ok(Exit::Done);
    }
    let text = words::applied(name, &told);
    say(&asked.work, &text, &words::json(&told, &[]));
    Ok(exit_of(&told, &[]))
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
    let (site, load) =
        (site(&work.project, "run")?, |analyst: &Analyst| load(&work.project, analyst));
    let (told, exports) = with_crew(work, |crew| carry::run(&site, load, options, crew))?;
    if options.is_dry {
        say(work, &words::dry(&told), &words::json(&told, &[]));
        return Ok(Exit::Done);
    }
    let text = words::ran(&told, &exports);
    say(work, &text, &words::json(&told, &exports));
    Ok(exit_of(&told, &exports))
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
    words::unwritten(&exports, &mut text);
    let told = Applied::default();
    say(work, &text, &words::json(&told, &exports));
    Ok(exit_of(&told, &exports))
}

fn promoted((from, to): (&str, &str), asked: &PromoteArguments) -> Result<Exit, Exit> {
    let work = &asked.work;
    let site = site(&work.project, &format!("promote {from} {to}"))?;
    if asked.refresh && !asked.dry_run {
        let load = |analyst: &Analyst| load(&work.project, analyst);
        let options = ApplyOptions { is_refreshed: true, ..ApplyOptions::default() };
        let told = with_crew(work, |crew| carry::apply(&site, load, from, options, crew))?;
        if !told.is_whole() {
            say(work, &words::results(&told), &words::json(&told, &[]));
            return Ok(exit_of(&told, &[]));
        }
    }
    let preview = with_crew(work, |crew| carry::promotion(&site, (from, to), crew.analyst))?;
    let text = words::previewed((from, to), &preview);
    if asked.dry_run {
        say(
            work,
            &format!("{text}Dry run: nothing was promoted.\n"),
            &words::preview_json(&preview, false),
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
    let text = words::promoted((from, to), &exports);
    let mut said = words::preview_json(&preview, true);
    said["exports"] = exports.iter().map(words::export_json).collect();
    say(work, &text, &said);
    Ok(exit_of(&Applied::default(), &exports))
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
    let (text, said) = (words::back(name, &back), words::back_json(name, &back, is_dry));
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
    let text = words::rolled_back(name, &back, &exports);
    say(work, &text, &said);
    Ok(exit_of(&Applied::default(), &exports))
}
