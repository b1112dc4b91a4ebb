//! The list of tools, the version, and linker options for the programs.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // Cargo reads the output, and reports a panic.

use std::env::var;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The commit does not count: another one with the same sources is not built again.
    println!("cargo::rerun-if-changed=src");
    let root = PathBuf::from(var("CARGO_MANIFEST_DIR").unwrap());
    std::fs::write(Path::new(&var("OUT_DIR").unwrap()).join("tools.rs"), tools(&root)).unwrap();
    println!("cargo::rustc-env=ARROW_PIPES_VERSION={}", version(&root));
    link_without_relocations();
}

/// A module for each file in `src/bin`, and a list of the tools in them.
fn tools(root: &Path) -> String {
    let entries = std::fs::read_dir(root.join("src/bin")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let mut text = String::new();
    let mut list = String::new();
    for file in files {
        let module = file.file_stem().unwrap().to_str().unwrap().replace('-', "_");
        // Only the program that is this tool alone uses its `main`.
        text.push_str(&format!("#[allow(dead_code)]\n#[path = {file:?}]\nmod {module};\n"));
        list.push_str(&format!("{module}::TOOL, "));
    }
    format!("{text}const TOOLS: &Tools = &[{list}];\n")
}

/// `0.2.0 (1234567890)`: the package's version, and the commit that was checked out when the
/// sources last changed, with a `+` if files were changed after it.
fn version(root: &Path) -> String {
    let version = var("CARGO_PKG_VERSION").unwrap();
    let git = |arguments: &[&str]| {
        let done = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        let text = String::from_utf8(done.stdout).ok()?;
        done.status.success().then(|| text.trim_end().to_owned())
    };
    // Not the commit of another repository in which this tree lies.
    let top = git(&["rev-parse", "--show-toplevel"]).map(PathBuf::from);
    let is_ours = top.and_then(|top| top.canonicalize().ok()) == root.canonicalize().ok();
    let commit = is_ours.then(|| git(&["rev-parse", "--short=10", "HEAD"])).flatten();
    commit.map_or_else(
        || version.clone(),
        |commit| {
            let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
            let mark = if changes.is_some_and(|changes| changes.is_empty()) { "" } else { "+" };
            format!("{version} ({commit}{mark})")
        },
    )
}

/// Links the programs as non-PIE, for a faster start.
///
/// The tables of time zones, keywords and method calls contain 78,000 addresses. In a
/// position-independent executable all of them are relocated at each start, and the 430 pages that
/// contain them are copied: `stream-filter --version` took 2.3 ms and 530 page faults. If the
/// linker relocates them once and for all, it takes 1.0 ms and 90 page faults (`/bin/true` takes
/// 0.8 ms). The price is that the program's own code and tables are at known addresses; libraries,
/// stack, heap and mappings are not. To build position-independent programs, delete this file.
fn link_without_relocations() {
    let target = |what: &str| var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
