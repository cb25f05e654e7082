//! What a worker may take of the machine.

/// How much address space a worker may have besides what it begins with, most of which is DuckDB's library. Binding
/// can ignore DuckDB's own limit.
#[cfg(target_os = "linux")]
const ADDRESS_BYTES_MAX: u64 = 1 << 30;

/// How often a worker looks whether the process that started it is still there.
#[cfg(unix)]
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// Limits how much memory this process may have.
pub(crate) fn little_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let most = Some(reserved_bytes() + ADDRESS_BYTES_MAX);
        let limit = Rlimit { current: most, maximum: most };
        // Where a limit cannot be set there is still the clock of whoever waits.
        let _ = setrlimit(Resource::As, limit);
    }
}

/// How much address space this process has.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, reason = "the system says it in a file")]
fn reserved_bytes() -> u64 {
    let said = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = said.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() << 10
}

/// Ends this process with the one that started it, where the system can do that.
#[cfg(not(unix))]
pub(crate) fn die_with_parent() {}

/// The end of input tells an idle worker; one that is deep in a query does not look there. The signal
/// that Linux offers for this comes already when the thread ends that started the worker.
#[cfg(unix)]
pub(crate) fn die_with_parent() {
    use rustix::process::{Signal, getpid, getppid, kill_process};
    let parent = getppid();
    let watch = move || {
        while getppid() == parent {
            std::thread::sleep(PAUSE);
        }
        let _ = kill_process(getpid(), Signal::KILL);
    };
    let _ = std::thread::Builder::new().name("parent".to_owned()).stack_size(1 << 16).spawn(watch);
}
