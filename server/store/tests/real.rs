//! The state on real disks: several processes at once, full ones, read-only ones, other users.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a test")]
#![cfg(target_os = "linux")]

mod helpers;

use helpers::{Contents, NOW, PATIENCE, Project, contents};
use seeknal_store::{Disk, Error, Kind, Real, Who};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("seeknal-store-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    fn project(&self) -> Project<Real> {
        Project { disk: Real, root: self.0.clone() }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file system that goes when the test ends.
struct Mounted(PathBuf);

impl Mounted {
    fn new(at: &Path, args: &[&str]) -> Mounted {
        let done = Command::new("mount").args(args).arg(at).status().unwrap();
        assert!(done.success(), "mount {args:?} {}", at.display());
        Mounted(at.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn who(command: &str) -> Who {
    Who { actor: "ann".to_owned(), command: command.to_owned(), now: NOW }
}

fn one() -> Contents {
    contents(&[("a", "a one"), ("b", "b one")])
}

/// This program again, as another process that runs one of the tests below: those that are ignored by themselves
/// are the other half of the one that starts them, and need what it sets up.
fn another(test: &str, root: &Path) -> Command {
    // Where this one was built other users may not look.
    let program = root.join("another");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored", "--nocapture"]).env("SEEKNAL_ROOT", root);
    command
}

fn handed() -> Project<Real> {
    Project { disk: Real, root: PathBuf::from(std::env::var_os("SEEKNAL_ROOT").unwrap()) }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "started by another test"]
fn holds_the_lock() {
    let project = handed();
    let store = project.open().unwrap();
    let _writer = store.writer(who("env apply dev"), PATIENCE).unwrap();
    fs::write(project.root.join("holding"), "").unwrap();
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn whoever_waits_is_told_for_whom_and_a_dead_holder_is_none() {
    let folder = Folder::new();
    let project = folder.project();
    let mut child =
        Killed(another("holds_the_lock", &folder.0).stdout(Stdio::null()).spawn().unwrap());
    let begun = Instant::now();
    while !folder.0.join("holding").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the other process does not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
    let store = project.open().unwrap();
    let said = match store.writer(who("promote dev"), PATIENCE) {
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    };
    let expected = format!("process {}, `env apply dev`, since 22:13:20 UTC", child.0.id());
    assert!(said.contains(&expected), "{said}");
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    project.apply("prod", &one()).unwrap();
    assert_eq!(project.observed().environments.len(), 1);
}

#[test]
fn many_writers_lose_nothing_of_each_other_and_readers_see_whole_states() {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 12;
    let folder = Folder::new();
    let all_the_same = |round: usize| {
        contents(&[("a", &*format!("round {round}")), ("b", &*format!("round {round}"))])
    };
    folder.project().apply("prod", &all_the_same(0)).unwrap();
    let (ended, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let project = folder.project();
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let environment = format!("env-{writer}-{round}");
                        let patient = |store: &seeknal_store::Store, view: &seeknal_store::View| {
                            let writer = store.writer(who("apply"), Duration::from_secs(60))?;
                            let mut environments = writer.environments();
                            for name in [environment.as_str(), "prod"] {
                                let view = Some(writer.view(view, None, None)?);
                                let fresh =
                                    seeknal_store::Environment { view, ..Default::default() };
                                environments.insert(name.to_owned(), fresh);
                            }
                            let draft = seeknal_store::Draft { environments, ..Default::default() };
                            writer.operation(draft)?.publish()
                        };
                        let store = project.open().unwrap();
                        let view =
                            project.built(&store, &all_the_same(writer * ROUNDS + round)).unwrap();
                        patient(&store, &view).unwrap();
                    }
                })
            })
            .collect();
        let (project, ended, reads) = (folder.project(), &ended, &reads);
        scope.spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // Whoever resolves the link once sees one state.
                let Ok(place) = project.root.join("target/intermediate").canonicalize() else {
                    continue;
                };
                let read = |name: &str| fs::read_to_string(place.join(name)).unwrap();
                assert_eq!(read("a.parquet"), read("b.parquet"));
                let store = project.open().unwrap();
                let view = store.environment("prod").unwrap().unwrap().view.unwrap();
                let seen = project.contents(&store, &view).unwrap();
                assert_eq!(seen["a"], seen["b"]);
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        ended.store(true, Ordering::Relaxed);
    });
    let project = folder.project();
    let seen = project.observed();
    assert_eq!(seen.environments.len(), WRITERS * ROUNDS + 1, "each environment is there");
    let store = project.open().unwrap();
    assert_eq!(store.newest().unwrap().unwrap().1.number, (WRITERS * ROUNDS) as u64);
    assert!(reads.load(Ordering::Relaxed) > 0);
    println!("{} whole states read", reads.load(Ordering::Relaxed));
}

/// Leaves less and less room and more and more, until it is enough.
#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    if !is_root() {
        println!("only root can mount a small disk");
        return;
    }
    let folder = Folder::new();
    let _mounted = Mounted::new(&folder.0, &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]);
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let old = project.observed();
    let filler = folder.0.join("filler");
    let (mut refused, mut room) = (0, 0);
    loop {
        let free = free_bytes(&folder.0);
        fs::write(&filler, vec![0; free.saturating_sub(room) / 4096 * 4096]).unwrap();
        let said = project.apply("dev", &contents(&[("a", &*"x".repeat(20_000)), ("b", "b one")]));
        let seen = project.observed();
        match said {
            Ok(()) => break,
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("make room on the disk and try again"), "{said}");
            }
        }
        assert_eq!(seen, old, "with {room} bytes of room");
        fs::remove_file(&filler).unwrap();
        (refused, room) = (refused + 1, room + 4096);
    }
    assert!(refused > 3, "{refused}");
    println!("a full disk refused {refused} times");
    assert_eq!(project.observed().environments.len(), 2);
}

#[test]
fn a_read_only_disk_can_be_read() {
    if !is_root() {
        println!("only root can mount a folder read-only");
        return;
    }
    let (folder, other) = (Folder::new(), Folder::new());
    folder.project().apply("prod", &one()).unwrap();
    let _mounted = Mounted::new(&other.0, &["--bind", folder.0.to_str().unwrap()]);
    let again =
        Command::new("mount").args(["-o", "remount,ro,bind"]).arg(&other.0).status().unwrap();
    assert!(again.success());
    let project = other.project();
    assert_eq!(project.observed().environments["prod"].0, one());
    let said = project.apply("prod", &contents(&[("a", "two")])).unwrap_err().to_string();
    assert!(said.contains("this user must be allowed to write there"), "{said}");
    assert_eq!(project.observed().environments["prod"].0, one());
}

#[test]
#[ignore = "started by another test"]
fn reads_and_may_not_write() {
    let project = handed();
    assert_eq!(project.observed().environments["prod"].0, one());
    let said = project.apply("prod", &contents(&[("a", "two")])).unwrap_err().to_string();
    assert!(said.contains("this user must be allowed to write there"), "{said}");
    println!("read and refused");
}

#[test]
fn an_ordinary_user_can_read_what_another_wrote() {
    if !is_root() {
        println!("only root can become another user");
        return;
    }
    let folder = Folder::new();
    folder.project().apply("prod", &one()).unwrap();
    let output =
        another("reads_and_may_not_write", &folder.0).uid(65534).gid(65534).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("read and refused"), "{said}");
}

#[test]
fn a_clock_that_is_put_back_makes_no_operation_older_than_the_one_before() {
    let folder = Folder::new();
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let store = project.open().unwrap();
    let earlier = Who { now: 5, ..who("note") };
    let writer = store.writer(earlier, PATIENCE).unwrap();
    let environments = writer.environments();
    let draft = seeknal_store::Draft { environments, ..Default::default() };
    writer.operation(draft).unwrap().publish().unwrap();
    let times: Vec<u64> = store.history().map(|one| one.unwrap().1.time).collect();
    assert_eq!(times, [NOW, NOW]);
}

/// An operation that shows what the one before shows writes no links.
#[test]
fn what_is_shown_again_is_written_once() {
    let folder = Folder::new();
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let names = || {
        let all = fs::read_dir(project.state().join("shown")).unwrap().flatten();
        all.map(|one| one.file_name()).collect::<BTreeSet<_>>()
    };
    let before = names();
    let note = |name: &str| {
        let store = project.open().unwrap();
        let writer = store.writer(who(name), PATIENCE).unwrap();
        let environments = writer.environments();
        let draft = seeknal_store::Draft { environments, ..Default::default() };
        writer.operation(draft).unwrap().publish().unwrap();
    };
    note("one");
    assert_eq!(names(), before);
    project.apply("dev", &contents(&[("a", "two")])).unwrap();
    assert_eq!(names().len(), before.len() + 1);
    // What is shown once more after something else is what it was.
    let current = || fs::read_link(project.state().join("current")).unwrap();
    let then = current();
    project.apply("dev", &contents(&[("a", "three")])).unwrap();
    assert_ne!(current(), then);
    project.apply("dev", &contents(&[("a", "two")])).unwrap();
    assert_eq!(current(), then);
    assert_eq!(project.observed().environments["dev"].0, contents(&[("a", "two")]));
    // What somebody took out of it is there again for whoever opens the state next.
    fs::remove_file(project.state().join("current/intermediate")).unwrap();
    assert!(fs::read_dir(folder.0.join("target/intermediate")).is_err());
    assert_eq!(project.observed().environments["prod"].0, one());
}

#[test]
fn what_a_newer_program_wrote_is_read_and_never_written() {
    let folder = Folder::new();
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let format = project.state().join("format");
    fs::write(&format, "{\"format\": \"seeknal-lsp state\", \"version\": 3, \"more\": true}")
        .unwrap();
    assert_eq!(project.observed().environments["prod"].0, one());
    let before = fs::read_dir(project.state().join("tmp")).unwrap().count();
    let error = project.apply("prod", &contents(&[("a", "two")])).unwrap_err();
    assert!(matches!(error, Error::Newer { version: 3 }), "{error}");
    assert!(error.to_string().contains("update this program"), "{error}");
    assert_eq!(fs::read_dir(project.state().join("tmp")).unwrap().count(), before);
    fs::write(&format, "what").unwrap();
    let error = project.open().err().unwrap().to_string();
    assert!(error.contains("format: it does not hold what it must"), "{error}");
}

/// The first format has no packs: each text has a file. It is gone on with, and an older program does not write to it
/// from then on.
#[test]
fn what_an_older_program_wrote_is_gone_on_with() {
    let folder = Folder::new();
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let (state, store) = (project.state(), project.open().unwrap());
    let view = store.environment("prod").unwrap().unwrap().view.unwrap();
    let texts: BTreeSet<String> = store.files(&view).unwrap().into_values().collect();
    for hash in &texts {
        let path = state.join("definitions").join(hash.get(..2).unwrap());
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(hash), store.text(hash).unwrap()).unwrap();
    }
    fs::remove_dir_all(state.join("packs")).unwrap();
    let format = state.join("format");
    fs::write(&format, "{\"format\": \"seeknal-lsp state\", \"version\": 1}\n").unwrap();
    let store = project.open().unwrap();
    assert_eq!(store.verify().unwrap(), []);
    project.apply("dev", &one()).unwrap();
    let packs = || fs::read_dir(state.join("packs")).unwrap().count();
    assert_eq!(packs(), 0, "every text is there");
    assert!(fs::read_to_string(&format).unwrap().contains("\"version\":2"));
    project.apply("dev", &contents(&[("a", "two")])).unwrap();
    assert_eq!(packs(), 1);
    assert_eq!(project.open().unwrap().verify().unwrap(), []);
}

/// What is wrong with a pack is said, and whoever keeps its texts again mends it.
#[test]
fn a_pack_that_is_damaged_is_noticed() {
    let folder = Folder::new();
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let pack = fs::read_dir(project.state().join("packs")).unwrap().next().unwrap().unwrap();
    let bytes = fs::read(pack.path()).unwrap();
    fs::write(pack.path(), &bytes[..bytes.len() / 2]).unwrap();
    let found = project.open().unwrap().verify().unwrap();
    assert_eq!(found.len(), 20, "{found:?}");
    project.apply("dev", &one()).unwrap();
    assert_eq!(project.open().unwrap().verify().unwrap(), []);
}

/// A copy has other times, and is as good.
#[test]
fn a_copy_of_the_whole_folder_is_as_good_and_outputs_cannot_be_written_to() {
    let (folder, other) = (Folder::new(), Folder::new());
    let project = folder.project();
    project.apply("prod", &one()).unwrap();
    let copied =
        Command::new("cp").arg("-r").arg(folder.0.join(".")).arg(&other.0).status().unwrap();
    assert!(copied.success());
    let copy = other.project();
    let store = copy.open().unwrap();
    let view = store.view(&store.environment("prod").unwrap().unwrap().view.unwrap()).unwrap();
    assert_eq!(store.changed_parts(&view), []);
    assert_eq!(copy.observed(), project.observed());
    let object = store.object(&view.nodes["a"].parts[0].key);
    assert_eq!(fs::metadata(object).unwrap().permissions().mode() & 0o777, 0o444);
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

fn free_bytes(path: &Path) -> usize {
    let output = Command::new("df").args(["--output=avail", "-B1"]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap().trim().parse().unwrap()
}

/// A link that is made again is one, also where the first is gone.
#[test]
fn a_link_is_made_again() {
    let folder = Folder::new();
    let (first, second) = (folder.0.join("first"), folder.0.join("second"));
    let target = Path::new("../objects/nothing/is/there");
    Real.link(target, &first).unwrap();
    Real.link_again(&first, &second).unwrap();
    assert_eq!(Real.about(&second).unwrap().kind, Kind::Link);
    let taken = Real.link_again(&first, &second).unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AlreadyExists);
    Real.remove(&first).unwrap();
    assert_eq!(Real.target(&second).unwrap(), target);
    assert!(Real.link_again(&first, &folder.0.join("third")).is_err());
}
