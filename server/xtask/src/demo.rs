//! `cargo xtask demo`: the shipped binary at work on a copy of `fixtures/shop`.

use crate::{Failure, process, root, setup, suite};
use std::fs;
use std::path::{Path, PathBuf};

/// One call of the product, with what it shows.
struct Scene {
    says: &'static str,
    args: &'static [&'static str],
}

const SCENES: &[Scene] = &[
    Scene { says: "The binary and the engine in it", args: &["--version"] },
    Scene { says: "A healthy project", args: &["check", "shop"] },
    Scene { says: "Who reads whom", args: &["graph", "--project", "shop"] },
    Scene {
        says: "One node with its neighbours",
        args: &["show", "transform.orders_merged", "--project", "shop"],
    },
];

/// Sets up, builds the release, puts the library beside it, and plays the scenes.
#[allow(clippy::print_stdout, reason = "a demonstration is printed")]
pub fn run() -> Result<(), Failure> {
    let binary = build()?;
    let stage = suite::target().join("demo");
    let _ = fs::remove_dir_all(&stage);
    copy_folder(&root().join("fixtures/shop"), &stage.join("shop"))?;
    for scene in SCENES {
        println!("\n# {}\n$ seeknal-lsp {}", scene.says, scene.args.join(" "));
        process::show(&binary.to_string_lossy(), scene.args, &stage)?;
    }
    broken_edit(&binary, &stage)?;
    whole_path(&binary, &stage)
}

/// From nothing to production, through an environment, and back.
#[allow(clippy::print_stdout, reason = "a demonstration is printed")]
fn whole_path(binary: &Path, stage: &Path) -> Result<(), Failure> {
    let shop = stage.join("shop");
    let fixture = root().join("fixtures/shop/seeknal/transforms/orders_merged.yml");
    let put = |path: &Path, text: &str| fs::write(path, text).map_err(|error| error.to_string());
    let text = fs::read_to_string(&fixture).map_err(|error| error.to_string())?;
    put(&shop.join("seeknal/transforms/orders_merged.yml"), &text)?;
    let play = |says: &str, args: &[&str]| {
        println!("\n# {says}\n$ seeknal-lsp {}", args.join(" "));
        process::show(&binary.to_string_lossy(), args, &shop)
    };
    play("Production for the first time", &["run"])?;
    let daily = shop.join("seeknal/transforms/daily_revenue.yml");
    let text = fs::read_to_string(&daily).map_err(|error| error.to_string())?;
    put(
        &daily,
        &text.replacen(
            "count(*) AS order_count,",
            "count(*) AS order_count,\n    max(amount) AS largest,",
            1,
        ),
    )?;
    play("A column is added: what that does", &["plan", "dev"])?;
    play("Beside production", &["apply", "dev"])?;
    play("It is there", &["query", "--env", "dev", "SELECT day, largest FROM daily_revenue"])?;
    play("And in production", &["promote", "dev", "--yes"])?;
    play("Rules on demand", &["test"])?;
    play("Back", &["rollback", "--yes"])?;
    play("What was done", &["history"])?;
    play("Everything is whole", &["verify"])
}

/// Leaves a line half typed in the copy and shows that only that line is complained about.
#[allow(clippy::print_stdout, reason = "a demonstration is printed")]
fn broken_edit(binary: &Path, stage: &Path) -> Result<(), Failure> {
    let file = stage.join("shop/seeknal/transforms/orders_merged.yml");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let broken = text.replacen("owner: data-team", "owner: \"data-te", 1);
    fs::write(&file, broken).map_err(|error| error.to_string())?;
    println!("\n# The same project with a half-typed line in one file\n$ seeknal-lsp check shop");
    match process::show(&binary.to_string_lossy(), &["check", "shop"], stage) {
        Ok(()) => Err("check passed a file with an open quote".to_owned()),
        Err(_) => Ok(()),
    }
}

/// Builds the release and returns the binary in a folder that could be shipped as it is.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    let library = setup::ensure()?;
    process::show(
        "cargo",
        &["build", "--quiet", "--release", "--package", "seeknal-cli"],
        &root(),
    )?;
    let dist = suite::target().join("dist");
    fs::create_dir_all(&dist).map_err(|error| error.to_string())?;
    let built = |name: &str| suite::target().join("release").join(binary_name(name));
    let (server, worker) = (built("seeknal-lsp"), built("seeknal-worker"));
    for from in [&server, &worker, &library] {
        let to = dist.join(from.file_name().unwrap_or_default());
        let _ = fs::remove_file(&to);
        fs::copy(from, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(dist.join(binary_name("seeknal-lsp")))
}

fn binary_name(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Copies a folder with everything in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(to).map_err(|error| at(to, error))?;
    for entry in fs::read_dir(from).map_err(|error| at(from, error))?.flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(|error| at(&source, error))?;
        }
    }
    Ok(())
}
