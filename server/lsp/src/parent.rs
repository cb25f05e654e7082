//! The process that started us. When it is gone without a word, so are we.

use crate::transport::Stop;
use std::thread;
use std::time::Duration;

/// How often the parent is looked for.
const PAUSE: Duration = Duration::from_millis(500);

/// Ends the session when a process is gone.
pub(crate) fn watch(id: u32, stop: Stop) {
    let run = move || {
        while is_there(id) {
            thread::sleep(PAUSE);
        }
        stop.orphaned();
    };
    let _ = thread::Builder::new().name("parent".to_owned()).spawn(run);
}

#[cfg(unix)]
fn is_there(id: u32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return true };
    // Somebody else's process is there as well.
    test_kill_process(id) != Err(Errno::SRCH)
}

/// Elsewhere the end of input has to tell.
#[cfg(not(unix))]
fn is_there(_: u32) -> bool {
    true
}
