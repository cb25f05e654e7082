//! The program as a person or a script meets it: what it prints, and how it ends.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("seeknal-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SOURCE: &[u8] = b"kind: source\nname: raw\nsource: csv\ntable: raw.csv\n";

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    told(&program().args(args).current_dir(folder).output().unwrap())
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

#[test]
fn exit_codes_tell_how_it_ended() {
    let here = fixtures();
    for (args, code) in [
        (vec!["check", "shop"], 0),
        (vec!["check", "broken"], 1),
        (vec!["check", "no-such-folder"], 2),
        (vec!["check", "shop/seeknal_project.yml"], 2),
        (vec!["check", "--no-such-flag"], 2),
        (vec!["no-such-command"], 2),
        (vec![], 2),
        (vec!["--help"], 0),
        (vec!["--version"], 0),
        (vec!["list", "source", "--project", "shop"], 0),
        (vec!["list", "sources", "--project", "shop"], 2),
        (vec!["show", "transform.orders_merged", "--project", "shop"], 0),
        (vec!["show", "transform.nothing", "--project", "shop"], 2),
        (vec!["graph", "--project", "shop", "--format", "dot"], 0),
    ] {
        assert_eq!(run(&here, &args).0, code, "{args:?}");
    }
}

#[test]
fn a_project_is_found_from_inside_and_several_from_above() {
    let folder = Folder::new();
    folder.write("a/seeknal/deep/raw.yml", SOURCE);
    folder.write("b/seeknal_project.yml", b"name: b\n");
    folder.write("b/seeknal/raw.yml", b"kind: sauce\nname: raw\n");
    let (code, out, _) = run(&folder.0.join("a/seeknal/deep"), &["check"]);
    assert_eq!((code, out.as_str()), (0, "1 file, 1 node: nothing to complain about\n"));
    let (code, out, _) = run(&folder.0, &["check"]);
    assert_eq!(code, 1);
    assert!(out.contains("--> ./b/seeknal/raw.yml:1:7"), "{out}");
    assert!(out.ends_with("3 files, 1 node in 2 projects: 1 error\n"), "{out}");
    let (_, out, _) = run(&folder.0.join("a/seeknal"), &["list"]);
    assert!(out.starts_with("source.raw  ") && out.ends_with("a/seeknal/deep/raw.yml\n"), "{out}");
}

#[test]
fn a_source_is_shown_with_what_its_profile_adds_and_without_secrets() {
    let folder = Folder::new();
    folder.write(
        "seeknal/raw.yml",
        b"kind: source\nname: raw\nsource: postgres\ntable: public.raw\n\
          params: {schema: sales, since: '{{ env:SEEKNAL_SINCE|always }}'}\n",
    );
    folder.write(
        "profiles-dev.yml",
        b"source_defaults:\n  postgresql: {password: $SEEKNAL_PW, schema: public, port: 5433}\n",
    );
    let args = ["show", "source.raw", "--env", "dev"];
    let (code, _, err) = run(&folder.0, &args);
    assert_eq!(code, 2);
    assert_eq!(err, "error: ./profiles-dev.yml: `password` needs `SEEKNAL_PW`, which is not set\n");
    folder.write(".env", b"SEEKNAL_PW=hunter2\n");
    let (code, out, err) = run(&folder.0, &args);
    assert_eq!(code, 0, "{err}");
    for line in [
        "  {{ env:SEEKNAL_SINCE|always }} is set\n",
        "  param password = *** (from ./profiles-dev.yml)\n",
        "  param port = 5433 (from ./profiles-dev.yml)\n",
        "  param schema = sales\n",
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
    assert!(!out.contains("hunter2"));
}

#[test]
fn the_help_names_every_exit_code() {
    let (_, out, _) = run(&fixtures(), &["--help"]);
    for code in ["  0  ", "  1  ", "  2  ", "  3  ", "  4  ", "101  ", "130  "] {
        assert!(out.contains(code), "{code} in {out}");
    }
}

#[test]
fn answers_and_complaints_go_their_own_ways() {
    let here = fixtures();
    let (_, out, err) = run(&here, &["check", "no-such-folder"]);
    assert_eq!(out, "");
    assert_eq!(
        err,
        "error: no-such-folder: there is no such file or folder; name the project's folder\n"
    );
    let (_, out, err) = run(&here, &["check", "broken"]);
    assert!(out.contains("error[unknown-ref]") && err.is_empty(), "{err}");
    assert!(!out.contains('\u{1b}'), "no colours where nobody looks");
}

#[test]
fn json_is_json_and_says_the_same() {
    let here = fixtures();
    let (_, out, _) = run(&here, &["check", "broken", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&out).unwrap();
    let problems = page["problems"].as_array().unwrap();
    let (_, text, _) = run(&here, &["check", "broken"]);
    assert!(problems.len() > 30);
    for problem in problems {
        let head = format!(
            "{}[{}]: {}\n",
            problem["severity"].as_str().unwrap(),
            problem["code"].as_str().unwrap(),
            problem["message"].as_str().unwrap()
        );
        assert!(text.contains(&head), "{head}");
    }
    let (_, out, _) = run(&here, &["graph", "--project", "shop", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(page["nodes"].as_array().unwrap().len(), 9);
    assert_eq!(page["edges"].as_array().unwrap().len(), 8);
}

#[test]
fn no_secret_is_printed() {
    let folder = Folder::new();
    let node = |rest: &str| {
        format!("kind: source\nname: raw\nsource: postgresql\ntable: a.b\nparams: {rest}\n")
    };
    for (secret, rest) in [
        ("hunter2", "{password: hunter2, sslmode: [x]}"),
        ("0123", "{password: 0123}"),
        ("2026-02-03", "{password: 2026-02-03}"),
        ("hunter2", "{password: hunter2, port: many"),
        ("hunter2", "{password: \"hunter2, port: 1}"),
    ] {
        folder.write("seeknal/raw.yml", node(rest).as_bytes());
        for format in ["text", "json"] {
            let (code, out, err) = run(&folder.0, &["check", "--format", format]);
            assert!(!out.contains(secret) && !err.contains(secret), "{rest}\n{out}{err}");
            assert!(code < 2 && out.contains("raw.yml"), "{rest}\n{out}{err}");
        }
    }
}

#[test]
fn the_schema_knows_every_kind_and_what_it_needs() {
    let (code, out, _) = run(&fixtures(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(schema["properties"]["kind"]["enum"].as_array().unwrap().len(), 12);
    let rule = schema["allOf"].as_array().unwrap();
    let rule = rule.iter().find(|one| one["if"]["properties"]["kind"]["const"] == "rule").unwrap();
    assert_eq!(rule["then"]["required"], serde_json::json!(["rule", "kind", "name"]));
}

#[test]
fn a_folder_without_nodes_is_empty_and_not_broken() {
    let folder = Folder::new();
    let (code, out, err) = run(&folder.0, &["check"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "0 files, 0 nodes: nothing to complain about\n");
}

#[test]
fn links_in_a_loop_and_to_nothing_are_passed_over() {
    let folder = Folder::new();
    folder.write("seeknal/sources/raw.yml", SOURCE);
    symlink("..", folder.0.join("seeknal/sources/up")).unwrap();
    symlink(".", folder.0.join("seeknal/self")).unwrap();
    symlink("gone.yml", folder.0.join("seeknal/link.yml")).unwrap();
    let (code, out, err) = run(&folder.0, &["check"]);
    assert_eq!(code, 1);
    assert_eq!(out, "1 file, 1 node: nothing to complain about\n");
    assert_eq!(err, "error: ./seeknal/link.yml: there is no such file or folder\n");
}

#[test]
fn bytes_that_are_no_text_cost_their_file_alone() {
    let folder = Folder::new();
    folder.write("seeknal/raw.yml", SOURCE);
    folder.write("seeknal/junk.yml", &[0, 159, 146, 150, 255, 10]);
    folder.write("seeknal/wide.yml", b"\xFF\xFEk\0");
    folder.write("seeknal/huge.yml", &vec![b'#'; 5 * 1024 * 1024]);
    let (code, out, _) = run(&folder.0, &["check"]);
    assert_eq!(code, 1);
    assert!(out.contains("this file is UTF-16") && out.contains("this file has 5 MiB"), "{out}");
    assert!(out.ends_with("4 files, 1 node: 4 errors\n"), "{out}");
}

/// Root may read everything, so the program runs as somebody else where the test runs as root.
#[test]
fn a_file_that_may_not_be_read_is_said_and_passed_over() {
    let folder = Folder::new();
    folder.write("seeknal/raw.yml", SOURCE);
    let secret = folder.write("seeknal/secret.yml", SOURCE);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let closed = folder.0.join("seeknal/closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let (code, out, err) = as_somebody(&folder);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(code, 1, "{err}");
    assert_eq!(out, "1 file, 1 node: nothing to complain about\n");
    assert_eq!(
        err,
        "error: ./seeknal/closed: reading it is not permitted\n\
         error: ./seeknal/secret.yml: reading it is not permitted\n"
    );
}

fn as_somebody(folder: &Folder) -> (i32, String, String) {
    let is_root = fs::read("/proc/self/status").is_ok_and(|status| {
        String::from_utf8_lossy(&status).lines().any(|line| line.starts_with("Uid:\t0\t"))
    });
    if !is_root {
        return run(&folder.0, &["check"]);
    }
    // Somebody else may not look into root's folders, so the program and its library move out.
    let tools = Folder::new();
    let program = tools.0.join("seeknal-lsp");
    fs::copy(env!("CARGO_BIN_EXE_seeknal-lsp"), &program).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_seeknal-worker"), tools.0.join("seeknal-worker")).unwrap();
    let library = Path::new(env!("DUCKDB_LIB_DIR")).join("libduckdb.so");
    fs::copy(library, tools.0.join("libduckdb.so")).unwrap();
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let output = Command::new("setpriv")
        .args(nobody)
        .arg(&program)
        .arg("check")
        .current_dir(&folder.0)
        .output()
        .unwrap();
    told(&output)
}
