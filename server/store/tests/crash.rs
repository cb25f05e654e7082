//! Every operation is stopped at every step in every way, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test")]

mod helpers;

use helpers::{Contents, NOW, Observed, PATIENCE, Project, contents};
use seeknal_store::faulty::{Fault, Faulty};
use seeknal_store::{Disk, Result, Retention, Who};
use std::path::{Path, PathBuf};

type Act = Box<dyn Fn(&Project<Faulty>) -> Result<()>>;

fn empty() -> Project<Faulty> {
    let disk = Faulty::new();
    for folder in ["/home", "/home/shop"] {
        disk.make_folder(Path::new(folder)).unwrap();
    }
    for folder in ["/", "/home"] {
        disk.flush_folder(Path::new(folder)).unwrap();
    }
    Project { disk, root: PathBuf::from("/home/shop") }
}

fn one() -> Contents {
    contents(&[("a", "a one"), ("b", "b one")])
}

fn two() -> Contents {
    contents(&[("a", "a one"), ("b", "b two"), ("c", "c two")])
}

/// A `target/` that Seeknal made.
fn seeknals(project: &Project<Faulty>) {
    let (disk, target) = (&project.disk, project.root.join("target"));
    disk.make_folder(&target).unwrap();
    disk.write(&target.join("manifest.json"), b"seeknal's").unwrap();
    disk.flush(&target.join("manifest.json")).unwrap();
    disk.flush_folder(&target).unwrap();
    disk.flush_folder(&project.root).unwrap();
}

fn collect(project: &Project<Faulty>) -> Result<()> {
    let store = project.open()?;
    let who = Who { actor: "ann".to_owned(), command: "gc".to_owned(), now: NOW + 1000 };
    let retention = Retention { operations: 1, period: 0, grace: 0 };
    store.writer(who, PATIENCE)?.collect(retention)?;
    Ok(())
}

/// Puts aside what somebody changed and builds it again.
fn mend(project: &Project<Faulty>) -> Result<()> {
    let store = project.open()?;
    let view = store.environment("prod")?.and_then(|prod| prod.view).unwrap();
    for part in store.changed_parts(&store.view(&view)?) {
        store.set_aside(&part, PATIENCE)?;
    }
    project.apply("prod", &one())
}

/// Operations in the order of a project's life, each from the state that those before it left.
fn life() -> Vec<(&'static str, Act)> {
    vec![
        ("run", Box::new(|project| project.apply("prod", &one()))),
        ("apply", Box::new(|project| project.apply("dev", &two()))),
        ("approve", Box::new(|project| project.remember("approve"))),
        ("note", Box::new(|project| project.remember("note"))),
        ("promote", Box::new(|project| project.promote())),
        ("resume", Box::new(|project| project.resume())),
        ("rollback", Box::new(|project| project.rollback(&one()))),
        ("apply old", Box::new(|project| project.apply("old", &one()))),
        ("cleanup", Box::new(|project| project.cleanup())),
        ("stop", Box::new(|project| project.remember("stop"))),
        ("start", Box::new(|project| project.remember("start"))),
        ("delete", Box::new(|project| project.delete())),
        ("collect", Box::new(collect)),
    ]
}

/// Stops an operation at each of its steps in each way. Gives how many times.
fn stopped_everywhere(
    name: &str,
    from: &Project<Faulty>,
    act: &Act,
    check: &dyn Fn(&Project<Faulty>),
) -> usize {
    let on = |disk: Faulty| Project { disk, root: from.root.clone() };
    let old = on(from.disk.copy()).observed();
    let whole = on(from.disk.copy());
    let before = whole.disk.steps();
    act(&whole).unwrap();
    let steps = whole.disk.steps() - before;
    let new = whole.observed();
    check(&whole);
    for step in 1..=steps {
        for fault in Fault::ALL {
            let project = on(from.disk.copy());
            project.disk.fail(step, fault);
            let said = act(&project);
            let is_dead = project.disk.is_dead();
            project.disk.restart();
            let seen = project.observed();
            let at = format!("{name}, step {step} of {steps}, {fault:?}: {said:?}");
            assert!(
                seen == old || seen == new,
                "{at}\n{seen:#?}\nis neither\n{old:#?}\nnor\n{new:#?}"
            );
            if said.is_ok() && !is_dead {
                assert_eq!(seen, new, "{at}: it said that it was done");
                let later = on(project.disk.copy());
                later.disk.lose_power();
                assert_eq!(later.observed(), new, "{at}: it was done, and then the power went");
            }
            check(&project);
            act(&project).unwrap_or_else(|error| panic!("{at}; again: {error}"));
            project.disk.lose_power();
            assert_eq!(project.observed(), new, "{at}, again, and then the power went");
            check(&project);
        }
    }
    steps * Fault::ALL.len()
}

#[test]
fn every_operation_is_whole_or_nothing_at_every_step() {
    let project = empty();
    let mut all = 0;
    for (name, act) in life() {
        let count = stopped_everywhere(name, &project, &act, &|_| {});
        println!("{name}: stopped {count} times");
        all += count;
        act(&project).unwrap();
    }
    println!("stopped {all} times in all");
    assert!(all > 1000, "{all}");
    assert_eq!(project.observed().environments.len(), 1, "only production is left");
}

/// A file below `target/` that somebody wrote over comes back, and what was written stays aside.
#[test]
fn what_is_shown_and_was_written_over_is_mended() {
    let project = empty();
    project.apply("prod", &one()).unwrap();
    let seen = project.observed();
    let store = project.open().unwrap();
    let view = store.environment("prod").unwrap().unwrap().view.unwrap();
    project.disk.tamper(&store.generation(&view).join("manifest.json"), b"mine");
    let found = store.verify().unwrap();
    assert!(found.len() == 1 && found[0].what.contains("verify --mend"), "{found:?}");
    let mend = |project: &Project<Faulty>| {
        let who = Who { actor: "ann".to_owned(), command: "verify".to_owned(), now: NOW };
        project.open()?.mend(&who, PATIENCE)
    };
    let whole = Project { disk: project.disk.copy(), root: project.root.clone() };
    assert_eq!(mend(&whole).unwrap().len(), 1);
    assert_eq!(whole.observed(), seen);
    let count = mended_everywhere(&project, &|project| mend(project).map(drop), &|project, at| {
        let aside = project
            .disk
            .all()
            .iter()
            .any(|path| path.contains("/aside/") && path.contains("manifest.json"));
        assert!(aside, "{at}: what somebody wrote is thrown away");
    });
    println!("mend what is shown: stopped {count} times");
}

/// Stops mending at each of its steps in each way, and mends again, which must end as if it had never been
/// stopped. Gives how many times.
fn mended_everywhere(
    from: &Project<Faulty>,
    mend: &dyn Fn(&Project<Faulty>) -> Result<()>,
    check: &dyn Fn(&Project<Faulty>, &str),
) -> usize {
    let copy = || Project { disk: from.disk.copy(), root: from.root.clone() };
    let whole = copy();
    let before = whole.disk.steps();
    mend(&whole).unwrap();
    let steps = whole.disk.steps() - before;
    let new = whole.observed();
    for step in 1..=steps {
        for fault in Fault::ALL {
            let (project, at) = (copy(), format!("step {step}, {fault:?}"));
            project.disk.fail(step, fault);
            let _ = mend(&project);
            project.disk.restart();
            mend(&project).unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(project.observed(), new, "{at}");
            check(&project, &at);
            project.disk.lose_power();
            assert_eq!(project.observed(), new, "{at}, mended, and then the power went");
        }
    }
    steps * Fault::ALL.len()
}

/// What can be made again is made again, whoever removed it.
#[test]
fn what_is_shown_is_made_again_where_somebody_removed_it() {
    let project = empty();
    project.apply("prod", &one()).unwrap();
    project.apply("dev", &two()).unwrap();
    let seen = project.observed();
    let removed: fn(&Project<Faulty>, &Path) = |project, path| {
        let removed = |path: &Path| project.disk.remove(path).unwrap();
        fn all(project: &Project<Faulty>, path: &Path, removed: &dyn Fn(&Path)) {
            if project.disk.target(path).is_err() {
                for name in project.disk.list(path).unwrap_or_default() {
                    all(project, &path.join(name), removed);
                }
            }
            removed(path);
        }
        all(project, path, &removed);
    };
    let state = project.state();
    for path in [
        project.root.join("target"),
        state.join("current"),
        state.join("shown"),
        state.join("generations"),
    ] {
        let project = Project { disk: project.disk.copy(), root: project.root.clone() };
        removed(&project, &path);
        // Somebody who removes the folder of a kind leaves the next one to be made with it.
        if path.starts_with(&state) && !path.ends_with("current") {
            project.disk.make_folder(&path).unwrap();
        }
        assert_eq!(project.observed(), seen, "{}", path.display());
    }
}

/// An environment keeps what it was planned on, and each what it showed lately.
#[test]
fn nothing_is_collected_that_somebody_may_come_back_to() {
    let project = empty();
    project.apply("prod", &one()).unwrap();
    project.apply("dev", &two()).unwrap();
    let later = contents(&[("a", "a three")]);
    project.apply("prod", &later).unwrap();
    let store = project.open().unwrap();
    let base = store.environment("dev").unwrap().unwrap().base.unwrap();
    assert_eq!(project.contents(&store, &base).unwrap(), one());
    collect(&project).unwrap();
    assert_eq!(project.contents(&store, &base).unwrap(), one(), "dev was planned on it");
    project.delete().unwrap();
    let keep = |operations, period, grace| {
        let who = Who { actor: "ann".to_owned(), command: "gc".to_owned(), now: NOW + 1000 };
        let project = Project { disk: project.disk.copy(), root: project.root.clone() };
        let store = project.open().unwrap();
        let retention = Retention { operations, period, grace };
        let done = store.writer(who, PATIENCE).unwrap().collect(retention).unwrap();
        let packs = project.disk.list(&project.state().join("packs")).unwrap().len();
        (store.is_restorable(&base), done.views, done.objects, packs)
    };
    assert_eq!(keep(2, 0, 0), (true, 1, 2, 2), "it is the last but one of production");
    assert_eq!(keep(1, 2000, 0), (true, 0, 0, 3), "it was shown lately");
    assert_eq!(keep(1, 0, 2000), (true, 0, 0, 3), "somebody may be reading it");
    assert_eq!(keep(1, 0, 0), (false, 2, 4, 1));
}

/// What Seeknal left is moved aside as a whole and never lost, whenever it stops.
#[test]
fn seeknals_own_target_is_adopted() {
    let project = empty();
    seeknals(&project);
    let act: Act = Box::new(|project| project.apply("prod", &one()));
    let kept = |project: &Project<Faulty>| {
        let store = project.open().unwrap();
        let mut places = seeknal_store::adopted(&store);
        places.push(project.root.join("target"));
        let held = |place: &PathBuf| {
            project.disk.read(&place.join("manifest.json")).is_ok_and(|text| text == b"seeknal's")
        };
        assert!(places.iter().any(held), "{:?}", project.disk.all());
    };
    kept(&project);
    // Before the first operation there are only Seeknal's files.
    assert_eq!(project.observed(), Observed::default());
    let count = stopped_everywhere("adopt", &project, &act, &kept);
    println!("adopt: stopped {count} times");
}

/// Seeknal may run again, and put its own files where links were. Nobody who only reads moves them, and the
/// next operation moves them aside with all else.
#[test]
fn what_seeknal_puts_in_place_of_a_link_is_kept() {
    let project = empty();
    project.apply("prod", &one()).unwrap();
    let place = project.root.join("target/manifest.json");
    project.disk.remove(&place).unwrap();
    project.disk.write(&place, b"seeknal's").unwrap();
    for _ in 0..2 {
        project.open().unwrap();
        assert_eq!(project.disk.read(&place).unwrap(), b"seeknal's");
    }
    project.apply("prod", &two()).unwrap();
    assert_eq!(project.observed().environments["prod"].0, two());
    let kept = || -> Vec<Vec<u8>> {
        let adopted = seeknal_store::adopted(&project.open().unwrap());
        adopted.iter().map(|one| project.disk.read(&one.join("manifest.json")).unwrap()).collect()
    };
    assert_eq!(kept(), [b"seeknal's"]);
    // The next commit may show what is shown already.
    project.disk.remove(&place).unwrap();
    project.disk.write(&place, b"again").unwrap();
    project.apply("prod", &two()).unwrap();
    assert_eq!(project.observed().environments["prod"].0, two());
    assert_eq!(kept(), [b"seeknal's".to_vec(), b"again".to_vec()]);
}

#[test]
fn an_output_that_somebody_changed_is_noticed_set_aside_and_built_again() {
    let project = empty();
    project.apply("prod", &one()).unwrap();
    let store = project.open().unwrap();
    let view = store.view(&store.environment("prod").unwrap().unwrap().view.unwrap()).unwrap();
    let part = view.nodes["a"].parts[0].clone();
    assert!(store.is_same(&part));
    project.disk.tamper(&store.object(&part.key), b"other");
    assert_eq!(store.changed_parts(&view), std::slice::from_ref(&part));
    let found = store.verify().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].what.contains("apply again"), "{found:?}");
    // Written again as it was, it is what it was, whatever the time says.
    project.disk.tamper(&store.object(&part.key), b"a one");
    assert!(store.is_same(&part));
    project.disk.tamper(&store.object(&part.key), b"other");
    let count = mended_everywhere(&project, &mend, &|project, at| {
        let aside = project.disk.list(&project.state().join("aside")).unwrap();
        assert_eq!(aside.len(), 1, "{at}: what was changed is not thrown away");
    });
    println!("mend: stopped {count} times");
}
