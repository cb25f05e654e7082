//! What the program's exit code says.

use signal_hook::consts::{SIGINT, SIGTERM};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    Done = 0,
    Found = 1,
    Usage = 2,
    Refused = 3,
    Locked = 4,
    Changes = 10,
    /// Rust ends a program that panics with this code by itself.
    Bug = 101,
    /// What shells make of the signal that Ctrl-C sends.
    Interrupted = 130,
}

impl Exit {
    const ALL: [Exit; 8] = [
        Exit::Done,
        Exit::Found,
        Exit::Usage,
        Exit::Refused,
        Exit::Locked,
        Exit::Changes,
        Exit::Bug,
        Exit::Interrupted,
    ];

    fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "it was done",
            Exit::Found => "it ran, and found errors or a node failed",
            Exit::Usage => "the call is wrong, or the project cannot be read",
            Exit::Refused => "it was refused, and nothing was written",
            Exit::Locked => "somebody else is writing to the project's state",
            Exit::Changes => "there are changes, and `--exit-code` asked to be told",
            Exit::Bug => "a bug of this program; please report what it printed",
            Exit::Interrupted => "it was interrupted",
        }
    }

    /// The table for the help text.
    pub(crate) fn table() -> String {
        let mut table = "Exit codes:\n".to_owned();
        for exit in Exit::ALL {
            let _ = writeln!(table, "  {:>3}  {}", exit as u8, exit.meaning());
        }
        table
    }

    /// Ends the program without giving back its memory bit by bit, which the system does faster as a whole.
    pub(crate) fn at_once(self) -> ! {
        // Whoever does not read any more is told nothing.
        let _ = std::io::stdout().flush();
        signal_hook::low_level::exit(self as i32)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Makes Ctrl-C end the program with the code above rather than by the signal. A command that can end in
/// good order takes [`stoppable`] instead.
pub(crate) fn interruptible() {
    shut_down_if(&Arc::new(AtomicBool::new(true)));
}

/// Set by the first Ctrl-C; the second ends the program at once.
pub(crate) fn stoppable() -> Arc<AtomicBool> {
    let is_asked = Arc::new(AtomicBool::new(false));
    shut_down_if(&is_asked);
    for signal in SIGNALS {
        let _ = signal_hook::flag::register(signal, is_asked.clone());
    }
    is_asked
}

const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

fn shut_down_if(is_so: &Arc<AtomicBool>) {
    let code = Exit::Interrupted as i32;
    for signal in SIGNALS {
        // Without the handler the signal ends the program all the same.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, code, is_so.clone());
    }
}
