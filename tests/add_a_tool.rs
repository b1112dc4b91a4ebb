//! The page about adding a tool: its tool, put into a copy of the tree, is built alone and as a part of the
//! executable with all tools.

use crate::support::{Tool, Workplace, int64_batch, stream_of};
use std::path::Path;

#[test]
fn the_tool_of_the_page_is_a_tool() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let source = page.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();

    let place = Workplace::new();
    let copy = place.path();
    for name in ["Cargo.lock", "build.rs", "README.md"] {
        std::fs::copy(root.join(name), copy.join(name)).unwrap();
    }
    let package = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let line = "bin = [\n    { name = \"stream-pass\", required-features = [\"single\"] },\n";
    std::fs::write(copy.join("Cargo.toml"), package.replacen("bin = [\n", line, 1)).unwrap();
    for name in ["benches", "man", "tests"] {
        std::os::unix::fs::symlink(root.join(name), copy.join(name)).unwrap();
    }
    copy_below(&root.join("src"), &copy.join("src"));
    std::fs::write(copy.join("src/bin/stream-pass.rs"), source).unwrap();

    // A directory of its own, with the libraries that are built already: the executable with one
    // more tool must not replace the one that other tests run.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-more-tool");
    share_libraries(&built.join("debug"));
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    Tool::program(cargo, copy)
        .args(["build", "--quiet", "--offline", "--locked", "--features", "single"])
        .args(["--bin", "stream-pass", "--bin", "arrow-pipes"])
        // Optimizing the library again would take minutes.
        .args(["--config", "profile.dev.opt-level=0", "--target-dir"])
        .arg(&built)
        .run()
        .succeeds();
    let stream = stream_of(&[int64_batch(&[("id", vec![1, 2, 3])])]);
    let passes =
        |tool: Tool| assert!(tool.pipe_in(stream.clone()).run().succeeds().stdout == stream);
    let alone = || Tool::program(built.join("debug/stream-pass"), copy);
    let all = || Tool::program(built.join("debug/arrow-pipes"), copy);
    passes(alone());
    passes(all().arg("stream-pass"));
    alone().arg("-h").run().succeeds().stdout_has("--allow-missing-end");
    alone().arg("--rows").run().exits_with(2).stderr_has("stream-pass: unknown option");
    all().run().succeeds().stdout_has("  stream-pass        pass an Arrow stream on unchanged\n");
    all().args(["--man", "stream-pass"]).run().succeeds().stdout_has(".Nm stream-pass");
}

fn copy_below(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_below(&path, &copy);
        } else {
            std::fs::copy(&path, copy).unwrap();
        }
    }
}

/// Links to what cargo has built of the libraries of others.
fn share_libraries(to: &Path) {
    let from = Path::new(env!("CARGO_BIN_EXE_arrow-pipes")).parent().unwrap();
    for name in ["deps", "build", ".fingerprint"] {
        link_below(&from.join(name), &to.join(name));
    }
}

fn link_below(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let ours = ["arrow-pipes", "arrow_pipes", "libarrow_pipes", "all-", "plain-", "micro-"];
        if ours.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            link_below(&entry.path(), &to.join(&name));
        } else if !to.join(&name).exists() {
            // Another process may remove it or make the same link.
            let _raced = std::fs::hard_link(entry.path(), to.join(&name));
        }
    }
}
