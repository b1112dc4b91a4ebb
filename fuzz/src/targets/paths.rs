//! Partition keys in paths, and patterns, matched against a small tree.

use arrow_pipes::Result;
use arrow_pipes::dataset::{Dataset, compare_naturally, hive};
use arrow_pipes::options::Operand;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A key that was read is written as a component that gives the same key.
pub(super) fn hive(bytes: &[u8]) -> Result<()> {
    let Some(key) = hive::decode(bytes) else { return Ok(()) };
    let Ok(name) = std::str::from_utf8(&key.name) else { return Ok(()) };
    let written = hive::encode(name, key.value.as_deref())?;
    let again = hive::decode(written.as_bytes()).expect("a component that was written is read");
    assert_eq!((again.name, again.value), (key.name, key.value), "{written}");
    Ok(())
}

pub(super) fn pattern(bytes: &[u8]) -> Result<()> {
    assert_eq!(compare_naturally(bytes, bytes), std::cmp::Ordering::Equal);
    let path = Path::new(OsStr::from_bytes(bytes));
    // Stay inside the tree: no file of the machine is an input.
    let leaves = path.components().any(|part| !matches!(part, std::path::Component::Normal(_)));
    if leaves || bytes.contains(&0) {
        return Ok(());
    }
    Dataset::list(&[Operand::Path(tree().join(path))], &Default::default()).map(drop)
}

/// A directory with a few names that patterns can match.
fn tree() -> &'static Path {
    static TREE: LazyLock<PathBuf> = LazyLock::new(|| {
        let root = std::env::temp_dir().join(format!("arrow-pipes-fuzz-{}", std::process::id()));
        for directory in ["year=2023/a", "year=2024/b c", "x/[y]/z"] {
            let directory = root.join(directory);
            std::fs::create_dir_all(&directory).expect("a directory for temporary files");
            for name in ["part-1.parquet", "part-10.parquet", ".hidden", "e\u{301}*"] {
                std::fs::write(directory.join(name), b"").expect("an empty file");
            }
        }
        root
    });
    &TREE
}
