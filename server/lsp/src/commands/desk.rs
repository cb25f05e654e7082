//! What a command works with, and whom it can ask.

use super::arguments::Arguments;
use crate::event::{Event, Events};
use crate::outbox::Outbox;
use crate::progress::Progress;
use crate::proto::MessageType;
use crate::turns::{Turn, Turns};
use crate::uris;
use crate::view::View;
use seeknal_model::File;
use seeknal_service::carry::{Site, Trouble};
use seeknal_service::{Crew, Hands, Loaded, Trust, home, load_again, read, to_be_shown};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Why a command came to nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The call is wrong.
    Wrong(String),
    /// It was refused: sentences with the cure.
    Refused(Vec<String>),
    /// It was cancelled before anything was done.
    Stopped,
}

impl End {
    pub(crate) fn wrong(sentence: String) -> End {
        End::Wrong(sentence)
    }

    pub(crate) fn refused(sentence: impl Into<String>) -> End {
        End::Refused(vec![sentence.into()])
    }
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> End {
        match trouble {
            Trouble::Refused(sentences) | Trouble::Unconfirmed(sentences) => {
                End::Refused(sentences)
            }
            Trouble::Stopped => End::Stopped,
            Trouble::State(error) => End::refused(error.to_string()),
            Trouble::Unreadable(sentence) => End::refused(sentence),
        }
    }
}

/// What the user said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The title of what was chosen.
    Chosen(String),
    /// Nothing was chosen, or the client does not ask.
    Nothing,
}

/// What a command works with.
pub(crate) struct Desk {
    pub(crate) id: u64,
    /// The projects, with what is open in them.
    pub(crate) roots: Vec<(PathBuf, View)>,
    pub(crate) hands: Option<Hands>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) outbox: Outbox,
    pub(crate) events: Events,
    pub(crate) turns: Turns,
    pub(crate) turn: Mutex<Option<Turn>>,
    /// The client says that what is open is trusted.
    pub(crate) is_trusted: bool,
    /// The client opens documents where it is asked to.
    pub(crate) shows: bool,
    /// It can show pictures.
    pub(crate) draws: bool,
    /// The environment that is meant where none is named.
    pub(crate) environment: String,
}

impl Desk {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    pub(crate) fn set_turn(&self, turn: Option<Turn>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }

    /// The project that is meant, with what is open in it.
    pub(crate) fn root(&self, arguments: &Arguments) -> Result<(PathBuf, Option<&View>), End> {
        let known = |path: &Path| {
            let inside = self.roots.iter().filter(|(root, _)| path.starts_with(root));
            inside.max_by_key(|(root, _)| root.as_os_str().len())
        };
        if let Some(path) = arguments.path("project").or_else(|| arguments.path("uri")) {
            if let Some((root, view)) = known(&path) {
                return Ok((root.clone(), Some(view)));
            }
            return match home(&path) {
                Some(root) => Ok((root, None)),
                None => Err(End::refused(format!("{} lies in no project", path.display()))),
            };
        }
        match self.roots.as_slice() {
            [(root, view)] => Ok((root.clone(), Some(view))),
            [] => Err(End::refused("no project is open; name one: `\"project\": \"…\"`")),
            many => {
                let all: Vec<String> =
                    many.iter().map(|(root, _)| root.display().to_string()).collect();
                let all = all.join(", ");
                Err(End::refused(format!("which project? Name it: `\"project\"` is one of {all}")))
            }
        }
    }

    /// A project as it lies on disk, and which open files say something else.
    pub(crate) fn saved(
        &self,
        root: &Path,
        view: Option<&View>,
    ) -> Result<(Loaded, Vec<String>), End> {
        let known = view.map(|view| view.project().clone()).unwrap_or_default();
        let loaded = match load_again(root, &known, &|| self.is_stopped()) {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Err(End::Stopped),
            Err(sentence) => return Err(End::refused(sentence)),
        };
        let unsaved = unsaved(view, &|path| loaded.project.file(path).cloned());
        Ok((loaded, unsaved))
    }

    /// A project as it is being edited, and which files are not saved.
    pub(crate) fn edited(
        &self,
        root: &Path,
        view: Option<&View>,
    ) -> Result<(Loaded, Vec<String>), End> {
        let (mut loaded, unsaved) = self.saved(root, view)?;
        if let Some(view) = view {
            let current = view.names.open.keys().filter_map(|path| view.project().file(path));
            loaded.project = loaded.project.with_files(current.cloned());
        }
        Ok((loaded, unsaved))
    }

    /// A project in which everything is saved; a refusal that names what is not.
    pub(crate) fn all_saved(&self, root: &Path, view: Option<&View>) -> Result<Loaded, End> {
        let (loaded, unsaved) = self.saved(root, view)?;
        must_be_empty(&unsaved).map(|()| loaded)
    }

    /// The same for who needs nothing of the project: only what is open is read.
    pub(crate) fn must_be_saved(root: &Path, view: Option<&View>) -> Result<(), End> {
        let on_disk = |path: &str| {
            let bytes = read(&root.join(path)).ok()?;
            Some(Arc::new(File::read(path, &bytes)))
        };
        must_be_empty(&unsaved(view, &on_disk))
    }

    pub(crate) fn site(&self, root: &Path, command: &str) -> Result<Site, End> {
        Ok(Site::open(root.to_owned(), command)?)
    }

    pub(crate) fn hands(&self) -> Result<&Hands, End> {
        self.hands.as_ref().ok_or_else(|| {
            End::refused("this program cannot find itself, and so cannot start DuckDB")
        })
    }

    /// Does something with a crew whose work is shown while it is done.
    pub(crate) fn with_crew<T>(
        &self,
        act: impl FnOnce(&Crew<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let Ok(hands) = self.hands() else {
            let nobody = "this program cannot find itself, and so cannot start DuckDB";
            return Err(Trouble::Unreadable(nobody.to_owned()));
        };
        let (progress, outbox) = (&self.progress, &self.outbox);
        let tell = |event: seeknal_service::Event<'_>| {
            progress.take(&event);
            if let Some(line) = seeknal_service::told::events::line(&event) {
                log(outbox, line.trim());
            }
        };
        let stop = || self.is_stopped();
        act(&hands.crew(&tell, &stop, &|| None))
    }

    /// SQL of a project is run only where the user trusts it.
    pub(crate) fn must_be_trusted(&self, root: &Path, arguments: &Arguments) -> Result<(), End> {
        let trust = Trust::of_user();
        if self.is_trusted || arguments.flag("confirmed") || trust.holds(root) {
            return Ok(());
        }
        let name = root.display();
        let question = format!("This runs the SQL of {name}. Do you trust what is in it?");
        match self.ask(MessageType::WARNING, &question, &["Trust This Project"])? {
            Answer::Chosen(_) => {
                // What cannot be kept is asked again the next time.
                if let Err(sentence) = trust.add(root) {
                    log(&self.outbox, &sentence);
                }
                Ok(())
            }
            Answer::Nothing => Err(End::refused(format!(
                "nobody said that {name} is trusted, so its SQL is not run; `\"confirmed\": true` says so beforehand"
            ))),
        }
    }

    /// Asks before something is done that others see.
    pub(crate) fn must_be_confirmed(
        &self,
        arguments: &Arguments,
        question: &str,
        yes: &str,
    ) -> Result<(), End> {
        if arguments.flag("confirmed") {
            return Ok(());
        }
        match self.ask(MessageType::WARNING, question, &[yes])? {
            Answer::Chosen(_) => Ok(()),
            Answer::Nothing => Err(End::refused(
                "nobody confirmed it, so nothing was done; `\"confirmed\": true` says so beforehand",
            )),
        }
    }

    /// Asks the user something. Others are worked on meanwhile.
    fn ask(&self, kind: MessageType, question: &str, actions: &[&str]) -> Result<Answer, End> {
        let (tell, told) = channel();
        self.progress.words("waits for an answer");
        self.set_turn(None);
        self.events.send(Event::Question {
            job: self.id,
            kind,
            message: question.to_owned(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            tell,
        });
        let answer = match told.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Answer::Nothing,
            // Whoever cancels takes the question back.
            Err(RecvTimeoutError::Disconnected) if self.is_stopped() => return Err(End::Stopped),
            Err(RecvTimeoutError::Disconnected) => Answer::Nothing,
        };
        self.set_turn(self.turns.take(&|| self.is_stopped()));
        if self.is_stopped() {
            return Err(End::Stopped);
        }
        Ok(answer)
    }

    /// Says in a sentence how something ended.
    pub(crate) fn say(&self, kind: MessageType, sentence: &str) {
        let params = json!({ "type": kind, "message": sentence.trim_end() });
        let method = "window/showMessage";
        self.outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Opens a text in the editor where that is asked for and the editor does it.
    pub(crate) fn show(
        &self,
        (root, arguments): (&Path, &Arguments),
        name: &str,
        text: &str,
    ) -> Result<(), End> {
        if !arguments.flag("show") || !self.shows {
            return Ok(());
        }
        let path = to_be_shown(root, name, text).map_err(End::refused)?;
        if let Some(uri) = uris::uri(&path) {
            self.events.send(Event::Show(uri));
        }
        Ok(())
    }

    /// The project that is meant, whose baseline is looked for again.
    pub(crate) fn looked_at_again(&self, arguments: &Arguments) -> Option<PathBuf> {
        let (root, _) = self.root(arguments).ok()?;
        if let Some(hands) = &self.hands {
            hands.analyst.look_again(&root);
        }
        Some(root)
    }

    /// Which environment is meant.
    pub(crate) fn environment<'a>(&'a self, arguments: &'a Arguments) -> &'a str {
        arguments.text("environment").unwrap_or(&self.environment)
    }
}

fn log(outbox: &Outbox, line: &str) {
    let params = json!({ "type": MessageType::LOG, "message": line });
    let method = "window/logMessage";
    outbox.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
}

/// The open files that say something else than what lies on disk.
fn unsaved(view: Option<&View>, on_disk: &dyn Fn(&str) -> Option<Arc<File>>) -> Vec<String> {
    let open =
        view.into_iter().flat_map(|view| view.names.open.keys().map(move |path| (view, path)));
    let differs = open.filter(|(view, path)| {
        let text = |file: &Arc<File>| file.text.clone();
        view.project().file(path).map(text) != on_disk(path).as_ref().map(text)
    });
    differs.map(|(_, path)| path.to_string()).collect()
}

fn must_be_empty(unsaved: &[String]) -> Result<(), End> {
    match unsaved.is_empty() {
        true => Ok(()),
        false => Err(End::refused(format!(
            "save {} first: what is carried out is what is saved",
            unsaved.join(", ")
        ))),
    }
}

/// What a command is answered that was cancelled before anything was done.
pub(crate) fn stopped() -> Value {
    json!({ "stopped": "it was cancelled before anything was done" })
}
