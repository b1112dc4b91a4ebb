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
    let package = package.replacen("bin = [\n", line, 1);
    // A name of its own, because other tests run arrow-pipes in the same directory.
    let package = package.replacen("{ name = \"arrow-pipes\"", "{ name = \"one-more\"", 1);
    std::fs::write(copy.join("Cargo.toml"), package).unwrap();
    for name in ["benches", "man", "tests"] {
        std::os::unix::fs::symlink(root.join(name), copy.join(name)).unwrap();
    }
    copy_below(&root.join("src"), &copy.join("src"));
    std::fs::write(copy.join("src/bin/stream-pass.rs"), source).unwrap();

    // With the libraries that are built already.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    Tool::program(cargo, copy)
        .args(["build", "--quiet", "--offline", "--locked", "--features", "single"])
        .args(["--bin", "stream-pass", "--bin", "one-more"])
        // Optimizing the library again would take minutes.
        .args(["--config", "profile.dev.opt-level=0", "--target-dir"])
        .arg(built)
        .run()
        .succeeds();
    let stream = stream_of(&[int64_batch(&[("id", vec![1, 2, 3])])]);
    let passes =
        |tool: Tool| assert!(tool.pipe_in(stream.clone()).run().succeeds().stdout == stream);
    let alone = || Tool::program(built.join("debug/stream-pass"), copy);
    let all = || Tool::program(built.join("debug/one-more"), copy);
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
