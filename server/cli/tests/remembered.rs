//! What one process keeps of a project for the next is what that would find out by itself, whatever was edited between
//! them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "a test")]

mod helpers;

use helpers::states::engine;
use helpers::{program, repository};
use seeknal_analysis::Memo;
use seeknal_model::{NodeId, Project};
use seeknal_service::{Against, Analyst, Loaded, Planned};
use seeknal_workers::Workers;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use xtask::generate::{Size, project};

/// Nodes of kinds that generated projects have none of, or in which there is something that is not kept.
const MORE: [(&str, &str); 9] = [
    (
        "seeknal/sources/raw.yml",
        "kind: source\nname: raw\nsource: postgresql\ntable: public.raw\ncolumns: {id: BIGINT, day: DATE, note: VARCHAR}\n",
    ),
    (
        "seeknal/transforms/today.yml",
        "kind: transform\nname: today\ninputs: [{ref: source.raw}]\ntransform: SELECT id, note FROM ref('source.raw') WHERE day = DATE '{{ today }}'\n",
    ),
    (
        "seeknal/transforms/behind_today.yml",
        "kind: transform\nname: behind_today\ninputs: [{ref: transform.today}]\ntransform: SELECT id + 1 AS id, note FROM ref('transform.today')\n",
    ),
    (
        "seeknal/transforms/anchored.yml",
        "kind: transform\nname: anchored\ntags: &tags [a, b]\nparams: {tags: *tags}\ninputs: [{ref: source.raw}]\ntransform: SELECT * FROM ref('source.raw')\n",
    ),
    (
        "seeknal/transforms/behind_anchored.yml",
        "kind: transform\nname: behind_anchored\ninputs: [{ref: transform.anchored}]\ntransform: SELECT max(day) AS day, note FROM ref('transform.anchored') GROUP BY note\n",
    ),
    (
        "seeknal/transforms/declares.yml",
        "kind: transform\nname: declares\ncolumns: {id: VARCHAR, gone: DATE}\ninputs: [{ref: source.raw}]\ntransform: SELECT id FROM ref('source.raw')\n",
    ),
    (
        "seeknal/transforms/behind_declares.yml",
        "kind: transform\nname: behind_declares\ninputs: [{ref: transform.declares}]\ntransform: SELECT id * 2 AS twice FROM ref('transform.declares')\n",
    ),
    ("seeknal/common/rules.yml", "rules:\n- id: little\n  value: id < 10\n"),
    (
        "seeknal/python/step.py",
        "from seeknal.pipeline import transform\n\n@transform(name=\"step\", inputs=[\"source.raw\"])\ndef step(ctx):\n    return ctx.ref(\"source.raw\")\n",
    ),
];

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("seeknal-remembered-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        folder.fill();
        folder
    }

    /// Makes the project what it was in the beginning.
    fn fill(&self) {
        let _ = fs::remove_dir_all(self.root());
        for file in project(&Size { nodes: 90, seed: 5 }) {
            self.write(&file.path, &file.text);
        }
        MORE.iter().for_each(|(path, text)| self.write(path, text));
    }

    fn root(&self) -> PathBuf {
        self.0.join("project")
    }

    fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.root().join("seeknal")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                match entry.path().is_dir() {
                    true => open.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found.sort();
        found
    }
}

type Engine = Arc<Memo<Workers>>;

/// One that knows nothing yet, as at the start of a process.
fn analyst(engine: &Engine, cache: Option<&Path>) -> Analyst {
    let analyst = Analyst::new(engine.clone(), engine.clone(), 2);
    match cache {
        Some(cache) => analyst.remembering(cache, "an engine"),
        None => analyst,
    }
}

/// What a process finds out of a project, and keeps.
fn planned(root: &Path, analyst: &Analyst) -> Planned {
    let loaded = analyst.load(root, &|| false).unwrap().unwrap();
    Planned::of(loaded, (&Against::Production, None), analyst, &|| false).unwrap()
}

fn files(project: &Project) -> BTreeMap<String, String> {
    let said = |file: &Arc<seeknal_model::File>| {
        let mut nodes = String::new();
        for node in &file.nodes {
            nodes.push_str(&format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                node.id,
                node.name_span,
                node.root,
                node.references,
                node.parameters,
                node.sql,
                node.body
            ));
        }
        format!("{} {nodes} {:?} {:?}", file.text, file.problems, file.lines)
    };
    project.files().map(|file| (file.path.to_string(), said(file))).collect()
}

fn must_be_alike(one: &Planned, two: &Planned, edit: &str) {
    let (Planned { loaded: Loaded { project, .. }, meaning, .. }, now) = (one, &two.meaning);
    assert_eq!(files(project), files(&two.loaded.project), "{edit}");
    assert_eq!(format!("{:?}", project.faults()), format!("{:?}", two.loaded.project.faults()));
    assert_eq!(project.graph().order(), two.loaded.project.graph().order(), "{edit}");
    for node in two.loaded.project.declared() {
        let id: &NodeId = &node.id;
        assert_eq!(meaning.schemas.output(id), now.schemas.output(id), "{edit}: {id}");
        assert_eq!(meaning.schemas.computed(id), now.schemas.computed(id), "{edit}: {id}");
        assert_eq!(meaning.identities.get(id), now.identities.get(id), "{edit}: {id}");
    }
    assert_eq!(meaning.identities.count(), now.identities.count(), "{edit}");
    let faults = |planned: &Planned| format!("{:?}", planned.meaning.schemas.faults());
    assert_eq!(faults(one), faults(two), "{edit}");
    assert_eq!(one.plan.id, two.plan.id, "{edit}");
}

#[test]
fn what_is_remembered_is_what_would_be_found_out() {
    let folder = Folder::new("edits");
    let engine: Engine = Arc::new(engine(2));
    let root = folder.root();
    let mut dice = 4_711_u64;
    let mut draw = move |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % sides as u64).unwrap()
    };
    let mut recalled = 0;
    for number in 0..48 {
        let cached = planned(&root, &analyst(&engine, Some(&folder.cache())));
        let fresh = planned(&root, &analyst(&engine, None));
        must_be_alike(&cached, &fresh, &format!("edit {number}"));
        let (few, all) =
            (cached.meaning.identities.computed(), fresh.meaning.identities.computed());
        recalled += usize::from(number > 0 && few < all / 2);
        // Two of one name, or a circle, and everything is looked at.
        if number % 8 == 7 {
            folder.fill();
        }
        let all = folder.files();
        let path = &all[draw(all.len())];
        let text = fs::read_to_string(path).unwrap_or_default();
        let edited = match draw(9) {
            0 => text.replace("amount", "amount + 1"),
            1 => text.replacen("SELECT ", "SELECT 1 AS one, ", 1),
            2 => text.replacen("name: ", "name: another_", 1),
            3 => text.replace("description: ", "description: no longer "),
            4 => text.chars().take(text.len() / 2).collect(),
            5 => format!("{text}password: \"hush hush\"\n"),
            6 => text.replace("  WHERE", "  -- a remark\n  WHERE"),
            7 => {
                // It comes back elsewhere.
                fs::remove_file(path).unwrap();
                folder.write(&format!("seeknal/transforms/moved_{number}.yml"), &text);
                continue;
            }
            _ => {
                fs::remove_file(path).unwrap();
                continue;
            }
        };
        fs::write(path, edited).unwrap();
    }
    assert!(recalled > 30, "as a rule most of it was known: {recalled}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.cache().join("projects")).unwrap().permissions().mode();
        assert_eq!(mode & 0o77, 0, "nobody else reads it");
    }
    for entry in fs::read_dir(folder.cache().join("projects")).unwrap().flatten() {
        let bytes = fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"hush hush"), "it keeps no secret");
    }
}

/// A process after the first looks at nothing again; what was damaged, or is another's, is not looked at.
#[test]
fn it_is_whole_and_its_own_or_it_is_not_used() {
    let folder = Folder::new("damage");
    let engine: Engine = Arc::new(engine(2));
    let root = folder.root();
    let known = |engine_name: &str| {
        let analyst = Analyst::new(engine.clone(), engine.clone(), 2);
        let analyst = analyst.remembering(&folder.cache(), engine_name);
        planned(&root, &analyst).meaning.identities.computed()
    };
    let all = known("one");
    let few = known("one");
    assert!(few * 8 < all, "{few} of {all}");
    assert_eq!(known("another"), all, "another engine may have said otherwise");
    assert_eq!(known("another"), few);
    let file =
        fs::read_dir(folder.cache().join("projects")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&file).unwrap();
    for at in [0, 31, 32, 40, whole.len() / 3, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        assert_eq!(known("another"), all, "changed at {at}");
        fs::write(&file, &whole[..at]).unwrap();
        assert_eq!(known("another"), all, "cut at {at}");
        fs::write(&file, &whole).unwrap();
        assert_eq!(known("another"), few);
    }
    // The same file is of no use to another folder.
    let other = Folder::new("other");
    fs::remove_file(&file).unwrap();
    let name = blake3::hash(other.root().canonicalize().unwrap().as_os_str().as_encoded_bytes());
    let name: String = name.to_hex().chars().take(32).collect();
    fs::write(file.with_file_name(name), &whole).unwrap();
    let analyst = Analyst::new(engine.clone(), engine.clone(), 2);
    let analyst = analyst.remembering(&folder.cache(), "another");
    assert_eq!(planned(&other.root(), &analyst).meaning.identities.computed(), all);
}

/// What cannot be kept is not tried again each time, and what is others now is kept in time.
#[test]
fn it_is_written_again_where_that_gives_something() {
    let folder = Folder::new("again");
    let engine: Engine = Arc::new(engine(2));
    let root = folder.root();
    // More than a part of all that would count.
    for number in 0..40 {
        let text = format!(
            "kind: transform\nname: odd_{number}\nunheard_of: 1\ntransform: SELECT 1 AS one\n"
        );
        folder.write(&format!("seeknal/transforms/odd_{number}.yml"), &text);
    }
    let written = || {
        planned(&root, &analyst(&engine, Some(&folder.cache())));
        let mut all = fs::read_dir(folder.cache().join("projects")).unwrap().flatten();
        let file = all.next().unwrap().path();
        assert!(all.next().is_none(), "nothing is left beside it");
        // Another file each time it is written.
        let took = fs::metadata(&file).unwrap().modified().unwrap();
        (took, fs::read(file).unwrap())
    };
    let first = written();
    let is_odd = |window: &[u8]| window == b"1 AS one";
    assert!(!first.1.windows(8).any(is_odd), "it is left out");
    assert_eq!(written(), first);
    let edit = |path: &str, from: &str, to: &str| {
        let path = root.join("seeknal").join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
    };
    edit("transforms/odd_1.yml", "1 AS one", "2 AS one");
    assert_eq!(written(), first, "one of many");
    edit("sources/raw.yml", "note: VARCHAR", "note: INTEGER");
    let second = written();
    assert_ne!(second, first, "all that reads it is looked at each time");
    for number in 0..40 {
        edit(&format!("transforms/odd_{number}.yml"), "unheard_of: 1\n", "");
    }
    assert_ne!(written().1, second.1);
}

/// What is shown of a project does not depend on who remembered it.
#[test]
fn a_manifest_is_the_same_whoever_remembers() {
    let (base, _) = repository::Folder::with_shop("one/shop");
    let (other, _) = repository::Folder::with_shop("two/shop");
    let manifests = |base: &Path, inner: &str, forgets: bool| {
        let (shop, cache) = (base.join(inner), base.join("cache"));
        let run = |args: &[&str]| {
            if forgets {
                let _ = fs::remove_dir_all(cache.join("projects"));
            }
            let mut call = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"));
            let call = call.args(args).current_dir(&shop).env("SEEKNAL_CACHE_DIR", &cache);
            let output = call.output().unwrap();
            assert!(
                output.status.success(),
                "{args:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(cache.join("projects").is_dir(), "{args:?}");
        };
        run(&["run", "-q"]);
        run(&["plan", "dev"]);
        program::edit(&shop, "transforms/daily_revenue.yml", "sum(amount)", "sum(amount + 1)");
        run(&["plan", "dev"]);
        run(&["apply", "dev", "-q"]);
        let read = |place: &str| fs::read_to_string(shop.join("target").join(place)).unwrap();
        (read("manifest.json"), read("environments/dev/manifest.json"))
    };
    let (remembered, found) =
        (manifests(&base.0, "one/shop", false), manifests(&other.0, "two/shop", true));
    assert_ne!(remembered.0, remembered.1);
    assert_eq!(remembered, found);
}
