//! Adds the folder DuckDB was linked from to the library path of this package's programs, so that
//! plain `cargo test` and `cargo run` find it wherever the target folder is.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a build script")]

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if let Ok(folder) = std::env::var("DUCKDB_LIB_DIR") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
