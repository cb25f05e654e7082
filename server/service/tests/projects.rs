//! Projects on disk: where they are, what of them is read, and what surrounds them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use seeknal_model::{NodeId, Variables};
use seeknal_service::{Choice, home, load, load_again, profile, projects, variables};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("seeknal-service-{}-{number}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        for (path, text) in files {
            let path = folder.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.clone() } else { self.0.join(name) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NODE: &str = "kind: transform\nname: one\ntransform: SELECT 1 AS one\n";

fn names(root: &Path) -> Vec<String> {
    let loaded = load(root, &|| false).unwrap().unwrap();
    assert!(loaded.unread.is_empty(), "{:?}", loaded.unread);
    loaded.project.files().map(|file| file.path.to_string()).collect()
}

#[test]
fn projects_are_found_above_below_and_inside_each_other() {
    let folder = Folder::new(&[
        ("a/seeknal_project.yml", "name: a\n"),
        ("a/seeknal/one.yml", NODE),
        ("a/seeknal/inner/seeknal_project.yml", "name: inner\n"),
        ("a/seeknal/inner/seeknal/one.yml", NODE),
        ("deep/down/b/seeknal/one.yml", NODE),
        ("node_modules/c/seeknal_project.yml", "name: c\n"),
        (".hidden/d/seeknal_project.yml", "name: d\n"),
        ("plain/readme.txt", "nothing"),
    ]);
    let at = |name: &str| folder.path(name);
    assert_eq!(projects(&at("")), [at("a"), at("a/seeknal/inner"), at("deep/down/b")]);
    assert_eq!(projects(&at("a/seeknal/inner")), [at("a/seeknal/inner")]);
    assert_eq!(projects(&at("plain")), [at("plain")], "none is an empty one");
    assert_eq!(home(&at("a/seeknal")), Some(at("a")));
    assert_eq!(home(&at("deep/down/b/seeknal")), Some(at("deep/down/b")));
    assert_eq!(home(&at("deep")), None);
    assert_eq!(names(&at("a")), ["seeknal/one.yml", "seeknal_project.yml"]);
    assert_eq!(names(&at("a/seeknal/inner")), ["seeknal/one.yml", "seeknal_project.yml"]);
    assert!(names(&at("plain")).is_empty());
}

#[test]
fn a_checkout_called_seeknal_does_not_make_its_parent_a_project() {
    let folder = Folder::new(&[("seeknal/readme.md", ""), ("work/x.txt", "")]);
    assert_eq!(home(&folder.path("work")), None);
}

#[test]
fn folders_of_the_tutorial_are_read_and_those_of_other_tools_left_alone() {
    let folder = Folder::new(&[
        ("pipelines/a.yaml", "kind: transform\nname: a\nsql: SELECT 1 AS one\n"),
        (
            "transforms/deep/b.yml",
            "kind: transform\nname: b\ninput: transform.a\nsql: SELECT * FROM input_0\n",
        ),
        ("environments/prod.yaml", "kind: environment\nname: prod\napprovals: [ann]\n"),
        ("pipelines/deploy.yml", "kind: Deployment\nspec: {: [\n"),
        ("transforms/tool.py", "def f(:\n"),
        ("seeknal/environments/dev.yml", "kind: environment\nname: dev\n"),
        ("seeknal/tests/x.yml", "nonsense: ["),
    ]);
    let loaded = load(&folder.path(""), &|| false).unwrap().unwrap();
    let graph = loaded.project.graph();
    assert_eq!(graph.reads(&NodeId::new("transform.b")), [NodeId::new("transform.a")]);
    let environments: Vec<&str> =
        loaded.project.environments().map(|one| one.name.as_str()).collect();
    assert_eq!(environments, ["prod", "dev"]);
    let prod = loaded.project.environments().next().unwrap();
    assert_eq!(prod.field("approvals").and_then(|list| list.items()).map(<[_]>::len), Some(1));
    let told: Vec<(String, &str)> = loaded
        .project
        .faults()
        .iter()
        .map(|fault| (fault.path.to_string(), fault.problem.code.name))
        .collect();
    let ignored = |path: &str| (path.to_owned(), "seeknal-ignores-this");
    assert_eq!(
        told,
        [
            ignored("environments/prod.yaml"),
            ignored("pipelines/a.yaml"),
            ignored("pipelines/a.yaml"),
            ignored("seeknal/environments/dev.yml"),
            ignored("transforms/deep/b.yml"),
            ignored("transforms/deep/b.yml"),
            ignored("transforms/deep/b.yml"),
        ]
    );
}

#[test]
fn the_first_profile_that_exists_counts() {
    let text = |name: &str| format!("connections:\n  {name}: {{type: postgresql}}\n");
    let folder = Folder::new(&[]);
    let base = Folder::new(&[]);
    fs::create_dir_all(folder.path("")).unwrap();
    fs::create_dir_all(base.path("")).unwrap();
    let pairs = [("SEEKNAL_BASE_CONFIG_PATH", base.path("").display().to_string())];
    let around = Variables::new(pairs.map(|(name, value)| (name.to_owned(), value)));
    let chosen = |choice: Choice<'_>| {
        let (profile, _) = profile(&folder.path(""), choice, &around).unwrap();
        profile.connections().first().cloned()
    };
    let dev = Choice { file: None, environment: Some("dev") };
    assert_eq!(chosen(dev), None, "no profile is one that gives nothing");
    // From the last to the first, each one wins over those written before it.
    for (place, name) in [
        (base.path("profiles.yml"), "base"),
        (folder.path("profiles.yml"), "root"),
        (base.path("profiles-dev.yml"), "base_dev"),
        (folder.path("profiles-dev.yml"), "root_dev"),
    ] {
        fs::write(&place, text(name)).unwrap();
        assert_eq!(chosen(dev).as_deref(), Some(name));
    }
    assert_eq!(chosen(Choice::default()).as_deref(), Some("root"), "no environment is chosen");
    let named = folder.path("mine.yml");
    let choice = Choice { file: Some(&named), environment: Some("dev") };
    let failed = profile(&folder.path(""), choice, &around).unwrap_err();
    assert!(failed.ends_with("mine.yml: there is no such file or folder"), "{failed}");
    fs::write(&named, text("mine")).unwrap();
    assert_eq!(chosen(choice).as_deref(), Some("mine"));
}

#[test]
fn a_dotenv_file_is_found_up_to_three_folders_above() {
    let folder = Folder::new(&[
        (".env", "SEEKNAL_TEST_ABOVE=1\n"),
        ("a/b/c/x.txt", ""),
        ("a/b/c/d/x.txt", ""),
        ("near/.env", "SEEKNAL_TEST_NEAR=2\n"),
    ]);
    assert_eq!(variables(&folder.path("a/b/c")).get("SEEKNAL_TEST_ABOVE"), Some("1"));
    assert_eq!(variables(&folder.path("a/b/c/d")).get("SEEKNAL_TEST_ABOVE"), None);
    let near = variables(&folder.path("near"));
    assert_eq!(near.get("SEEKNAL_TEST_NEAR"), Some("2"));
    assert_eq!(near.get("SEEKNAL_TEST_ABOVE"), None, "the first file found is the only one");
}

#[test]
fn a_pipe_or_a_vanished_file_costs_itself_only() {
    let folder = Folder::new(&[("seeknal/one.yml", NODE)]);
    std::os::unix::fs::symlink("nowhere.yml", folder.path("seeknal/gone.yml")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path("seeknal/pipe.yml")).status();
    assert!(made.unwrap().success());
    let loaded = load(&folder.path(""), &|| false).unwrap().unwrap();
    assert_eq!(loaded.project.declared().count(), 1);
    let unread: Vec<&str> =
        loaded.unread.iter().filter_map(|one| Some(one.rsplit_once("/seeknal/")?.1)).collect();
    assert_eq!(unread, ["gone.yml: there is no such file or folder", "pipe.yml: it is no file"]);
}

/// What is read again is what would be read now; a file is taken apart only where its bytes are others.
#[test]
fn a_project_read_again_is_what_lies_there_now() {
    let folder = Folder::new(&[
        ("seeknal_project.yml", "name: shop\n"),
        ("seeknal/same.yml", "kind: transform\nname: same\ntransform: SELECT 1 AS a\n"),
        ("seeknal/other.yml", "kind: transform\nname: other\ntransform: SELECT 1 AS a\n"),
        ("seeknal/gone.yml", "kind: transform\nname: gone\ntransform: SELECT 1 AS a\n"),
        ("seeknal/odd.yml", "kind: transform\nname: odd\ntransform: SELECT '?' AS a\n"),
    ]);
    let root = folder.path("");
    let odd = b"kind: transform\nname: odd\ntransform: SELECT '\xff' AS a\n";
    std::fs::write(folder.path("seeknal/odd.yml"), odd).unwrap();
    let before = load(&root, &|| false).unwrap().unwrap().project;
    let other = "kind: transform\nname: other\ntransform: SELECT 2 AS b\n";
    std::fs::write(folder.path("seeknal/other.yml"), other).unwrap();
    std::fs::write(folder.path("seeknal/new.yml"), other.replace("other", "new")).unwrap();
    std::fs::remove_file(folder.path("seeknal/gone.yml")).unwrap();
    // The very text that was made of bytes which are none.
    let text = before.file("seeknal/odd.yml").unwrap().text.clone();
    std::fs::write(folder.path("seeknal/odd.yml"), text).unwrap();
    let again = load_again(&root, &before, &|| false).unwrap().unwrap().project;
    let now = load(&root, &|| false).unwrap().unwrap().project;
    let said = |project: &seeknal_model::Project| -> Vec<String> {
        let file = |file: &std::sync::Arc<seeknal_model::File>| {
            format!("{} {} {:?} {:?}", file.path, file.text, file.problems, file.nodes)
        };
        project.files().map(file).collect()
    };
    assert_eq!(said(&again), said(&now));
    let ids = |project: &seeknal_model::Project| -> Vec<String> {
        project.graph().order().iter().map(|id| id.to_string()).collect()
    };
    assert_eq!(ids(&again), ids(&now));
    let is_kept = |path: &str| match (before.file(path), again.file(path)) {
        (Some(one), Some(two)) => std::sync::Arc::ptr_eq(one, two),
        _ => false,
    };
    assert!(is_kept("seeknal/same.yml") && is_kept("seeknal_project.yml"));
    assert!(!is_kept("seeknal/other.yml") && !is_kept("seeknal/odd.yml"));
}
