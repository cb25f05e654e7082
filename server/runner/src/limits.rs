//! What a worker may take of the machine.

/// How much address space a worker may have. Binding can ignore DuckDB's own limit.
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
        let limit = Rlimit { current: Some(ADDRESS_BYTES_MAX), maximum: Some(ADDRESS_BYTES_MAX) };
        // Where a limit cannot be set there is still the clock of whoever waits.
        let _ = setrlimit(Resource::As, limit);
    }
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
