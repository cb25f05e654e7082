//! Fetches the prebuilt DuckDB library that the `duckdb` crate links with.
//!
//! DuckDB's own sources take 37 CPU-minutes to compile. The same release stands ready made in an
//! npm package; its archive and the library in it are checked against the hashes below, so what
//! is linked is what was reviewed, whatever the registry answers.

use crate::{Failure, cache, process, root};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const RELEASE: &str = "1.5.5-r.5";

struct Platform {
    os: &'static str,
    arch: &'static str,
    package: &'static str,
    library: &'static str,
    archive_sha256: &'static str,
    library_sha256: &'static str,
}

/// The archives of all four were fetched and hashed; only Linux on x86-64 was ever linked and run.
const PLATFORMS: &[Platform] = &[
    Platform {
        os: "linux",
        arch: "x86_64",
        package: "@duckdb/node-bindings-linux-x64",
        library: "libduckdb.so",
        archive_sha256: "86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e",
        library_sha256: "fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405",
    },
    Platform {
        os: "linux",
        arch: "aarch64",
        package: "@duckdb/node-bindings-linux-arm64",
        library: "libduckdb.so",
        archive_sha256: "3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e",
        library_sha256: "d00d007f3f7ca1f2896a5e4b89c2ce141bf0508506a9d6d56f9598b8e59d074e",
    },
    Platform {
        os: "macos",
        arch: "aarch64",
        package: "@duckdb/node-bindings-darwin-arm64",
        library: "libduckdb.dylib",
        archive_sha256: "08b3cfd7d4d620a5fb67ef49db28551b767107266af3a8e2600e49d99ee59456",
        library_sha256: "b9027d18ef3e8d960568f77e946a83ca68009cb22d71cf7f94de842afdd094d8",
    },
    Platform {
        os: "macos",
        arch: "x86_64",
        package: "@duckdb/node-bindings-darwin-x64",
        library: "libduckdb.dylib",
        archive_sha256: "1266f62ac7c02f7971554a2b0b2c4c19923a97258bfdf1b203873e174e7a28c4",
        library_sha256: "b9027d18ef3e8d960568f77e946a83ca68009cb22d71cf7f94de842afdd094d8",
    },
];

/// Makes sure the library is there, and says where.
#[allow(clippy::print_stdout, reason = "a chore says what it did")]
pub fn run() -> Result<(), Failure> {
    let library = ensure()?;
    println!("DuckDB {RELEASE}: {}", library.display());
    Ok(())
}

/// Returns the path of the library, after fetching it if it is not there.
pub fn ensure() -> Result<PathBuf, Failure> {
    let platform = platform()?;
    let own = root().join(".duckdb");
    if let Some(chosen) = std::env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from)
        && chosen != own
    {
        let library = chosen.join(platform.library);
        return match library.is_file() {
            true => Ok(library),
            false => Err(format!(
                "DUCKDB_LIB_DIR names {}, which holds no {}; unset it, or put DuckDB 1.5.5 there",
                chosen.display(),
                platform.library
            )),
        };
    }
    let library = own.join(platform.library);
    if hash(&library).as_deref() != Ok(platform.library_sha256) {
        fetch(platform, &library)?;
    }
    Ok(library)
}

fn platform() -> Result<&'static Platform, Failure> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    PLATFORMS.iter().find(|one| one.os == os && one.arch == arch).ok_or_else(|| {
        format!(
            "no prebuilt DuckDB is known for {os} on {arch}; \
             build DuckDB 1.5.5 yourself and name its folder in DUCKDB_LIB_DIR"
        )
    })
}

fn fetch(platform: &Platform, library: &Path) -> Result<(), Failure> {
    let downloads = cache().join("downloads");
    let flat = platform.package.trim_start_matches('@').replace('/', "-");
    let archive = downloads.join(format!("{flat}-{RELEASE}.tgz"));
    fs::create_dir_all(&downloads).map_err(|error| at(&downloads, &error))?;
    if hash(&archive).as_deref() != Ok(platform.archive_sha256) {
        let package = format!("{}@{RELEASE}", platform.package);
        process::read("npm", &["pack", "--silent", &package], &downloads)?;
        let found = hash(&archive)?;
        if found != platform.archive_sha256 {
            return Err(format!(
                "{package} has SHA-256 {found}, expected {}; nothing was installed",
                platform.archive_sha256
            ));
        }
    }
    unpack(platform, &archive, library)
}

/// Unpacks beside the target and renames, so that a broken run leaves no half a library.
fn unpack(platform: &Platform, archive: &Path, library: &Path) -> Result<(), Failure> {
    let folder = library.with_extension("unpacking");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let member = format!("package/{}", platform.library);
    let (from, to) = (archive.to_string_lossy(), folder.to_string_lossy());
    process::read("tar", &["-xzf", &from, "-C", &to, &member], &root())?;
    let fresh = folder.join(&member);
    let found = hash(&fresh)?;
    if found != platform.library_sha256 {
        return Err(format!(
            "{} in the archive has SHA-256 {found}, expected {}; nothing was installed",
            platform.library, platform.library_sha256
        ));
    }
    fs::rename(&fresh, library).map_err(|error| at(library, &error))?;
    fs::remove_dir_all(&folder).map_err(|error| at(&folder, &error))
}

fn hash(file: &Path) -> Result<String, Failure> {
    let bytes = fs::read(file).map_err(|error| at(file, &error))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn at(path: &Path, error: &std::io::Error) -> Failure {
    format!("{}: {error}", path.display())
}
