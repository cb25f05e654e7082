//! DuckDB's own writes made to fail, each of one `run`, with a full disk and with a broken one: production stays
//! what it was or is the new one, and the next `run` does what is left.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs the program")]

mod helpers;

use helpers::program::{edit, run};
use helpers::repository::Folder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands between DuckDB and the system: counts what workers write, and fails one of the writes.
const BETWEEN: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t (*writer)(int, const void *, size_t);
typedef ssize_t (*placed)(int, const void *, size_t, off_t);

static int is_worker(void) {
    static int known = -1;
    if (known < 0) {
        char line[4096] = {0};
        int file = open("/proc/self/cmdline", O_RDONLY);
        ssize_t length = read(file, line, sizeof line - 1);
        close(file);
        known = 0;
        for (ssize_t i = 0; i < length; i++)
            if (!strcmp(line + i, "worker")) known = 1;
    }
    return known;
}

static int fails(int fd) {
    char link[64], path[4096];
    const char *count = getenv("TEST_WRITES"), *at = getenv("TEST_FAIL_AT");
    if (!count || !at || !is_worker()) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, "/tmp/") && !strstr(path, "/exports/")) return 0;
    if (strstr(path, "pipe:") || strstr(path, ".answers")) return 0;
    int file = open(count, O_WRONLY | O_APPEND | O_CREAT, 0644);
    ((writer)dlsym(RTLD_NEXT, "write"))(file, "x", 1);
    long number = lseek(file, 0, SEEK_CUR);
    close(file);
    if (number != atol(at)) return 0;
    errno = atoi(getenv("TEST_ERRNO"));
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (fails(fd)) return -1;
    return ((writer)dlsym(RTLD_NEXT, "write"))(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t place) {
    if (fails(fd)) return -1;
    return ((placed)dlsym(RTLD_NEXT, "pwrite"))(fd, bytes, length, place);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t place) {
    if (fails(fd)) return -1;
    return ((placed)dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, length, place);
}
"#;

fn compiled(folder: &Path) -> PathBuf {
    let (code, library) = (folder.join("between.c"), folder.join("between.so"));
    fs::write(&code, BETWEEN).unwrap();
    let mut call = Command::new("cc");
    call.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&code).arg("-ldl");
    assert!(call.status().unwrap().success());
    library
}

/// `run` with the n-th write failing: the exit code and what it said.
fn failing(shop: &Path, library: &Path, (at, error): (usize, i32)) -> (i32, String, usize) {
    let count = shop.join("writes");
    let output = Command::new(env!("CARGO_BIN_EXE_seeknal-lsp"))
        .args(["run", "--parallel", "1", "--yes"])
        .current_dir(shop)
        .env("LD_PRELOAD", library)
        .env("TEST_WRITES", &count)
        .env("TEST_FAIL_AT", at.to_string())
        .env("TEST_ERRNO", error.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let writes = fs::metadata(&count).map_or(0, |about| about.len());
    let _ = fs::remove_file(count);
    (output.status.code().unwrap_or(-1), said, usize::try_from(writes).unwrap())
}

fn copied(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn shown(shop: &Path) -> String {
    let sql = "SELECT (SELECT count(*) FROM transform.orders_merged) AS merged, \
               (SELECT sum(revenue) FROM transform.daily_revenue) AS revenue";
    let (code, out, err) = run(shop, &["query", sql, "--format", "csv"]);
    assert_eq!(code, 0, "{err}");
    out
}

#[test]
fn whatever_write_fails_production_is_old_or_new() {
    let (folder, shop) = Folder::with_shop("shop");
    let library = compiled(&folder.0);
    assert_eq!(run(&shop, &["run", "-q"]).0, 0);
    let old = shown(&shop);
    edit(&shop, "transforms/orders_cleaned.yml", "customer_id IS NOT NULL", "amount > 60");
    // One whose rows are more than one write.
    let sql = "SELECT range AS x, md5(range::VARCHAR) AS y FROM range(300000)";
    let big = format!("kind: transform\nname: big\ntransform: {sql}\n");
    fs::write(shop.join("seeknal/transforms/big.yml"), big).unwrap();
    let (whole, copy) = (folder.0.join("whole"), folder.0.join("copy"));
    copied(&shop, &whole);
    let (code, said, writes) = failing(&whole, &library, (0, 0));
    assert_eq!(code, 0, "{said}");
    let new = shown(&whole);
    let file = fs::read(whole.join("target/exports/daily_revenue.csv")).unwrap();
    assert_ne!(old, new);
    assert!(writes > 8, "{writes}");
    let is_more = std::env::var_os("SEEKNAL_MORE").is_some();
    let (mut kept, mut shown_new) = (0, 0);
    for (word, error) in [("No space left on device", 28), ("Input/output error", 5)] {
        for at in (1..=writes).rev().step_by(if is_more { 1 } else { 4 }) {
            copied(&shop, &copy);
            let (code, said, _) = failing(&copy, &library, (at, error));
            assert_eq!(code, 1, "write {at}: {said}");
            assert!(said.contains(word), "write {at}: {said}");
            let here = shown(&copy);
            assert!(here == old || here == new, "write {at}: {here}");
            kept += usize::from(here == old);
            shown_new += usize::from(here == new);
            let (code, out, err) = run(&copy, &["run", "-q"]);
            assert_eq!(code, 0, "write {at}: {out}{err}");
            assert_eq!(shown(&copy), new);
            assert!(fs::read(copy.join("target/exports/daily_revenue.csv")).unwrap() == file);
            let (code, out, _) = run(&copy, &["verify"]);
            assert_eq!(code, 0, "write {at}: {out}");
        }
    }
    println!("{writes} writes; production stayed old {kept} times and was new {shown_new} times");
    assert!(kept > 0 && shown_new > 0, "{kept} {shown_new}");
}
