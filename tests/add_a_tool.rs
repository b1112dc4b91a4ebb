//! The page about adding a tool: its tool, put into a copy of the tree, is built and has help, manual and
//! completions.

use crate::support::{Tool, Workplace, int64_batch, stream_of};
use std::path::Path;

#[test]
fn the_tool_of_the_page_is_a_tool() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let source = page.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();

    let place = Workplace::new();
    let copy = place.path();
    for name in ["Cargo.toml", "Cargo.lock", "build.rs", "README.md"] {
        std::fs::copy(root.join(name), copy.join(name)).unwrap();
    }
    for name in ["benches", "tests"] {
        std::os::unix::fs::symlink(root.join(name), copy.join(name)).unwrap();
    }
    copy_below(&root.join("src"), &copy.join("src"));
    std::fs::write(copy.join("src/bin/stream-pass.rs"), source).unwrap();

    // With the libraries that are built already.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    Tool::program(cargo, copy)
        .args(["build", "--quiet", "--offline", "--locked", "--bin", "stream-pass"])
        // Optimizing the library again would take minutes.
        .args(["--config", "profile.dev.opt-level=0", "--target-dir"])
        .arg(target)
        .run()
        .succeeds();
    let tool = target.join("debug/stream-pass");
    let stream = stream_of(&[int64_batch(&[("id", vec![1, 2, 3])])]);
    let run = Tool::program(&tool, copy).pipe_in(stream.clone()).run();
    assert!(run.succeeds().stdout == stream);
    for (format, words) in [
        ("man", ".Nm stream-pass"),
        ("bash", "complete"),
        ("zsh", "#compdef stream-pass"),
        ("fish", "complete -c stream-pass"),
    ] {
        let page = Tool::program(&tool, copy).args(["--generate", format]).run().succeeds();
        page.stdout_has(words);
    }
    Tool::program(&tool, copy).arg("-h").run().succeeds().stdout_has("--allow-missing-end");
    Tool::program(&tool, copy).arg("--rows").run().exits_with(2).stderr_has("unknown option");
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
