//! Directories that appear at once, when they do not interfere and when they do.

use super::*;
use crate::error::Result;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

fn create(path: &Path, existing: Existing) -> Result<PendingDirectory> {
    PendingDirectory::create(path, existing, true, |name, kind| {
        kind == EntryKind::Directory || name.to_string_lossy().ends_with(".parquet")
    })
}

/// Writes files that each contain their own path.
fn fill(pending: &mut PendingDirectory, files: &[&str]) {
    for path in files {
        let mut output = pending.create_file(Path::new(path)).unwrap();
        output.write_all(path.as_bytes()).unwrap();
        assert_eq!(pending.finish_file(output).unwrap(), path.len() as u64);
    }
}

#[track_caller]
fn write(path: &Path, existing: Existing, files: &[&str]) {
    let mut pending = create(path, existing).unwrap();
    fill(&mut pending, files);
    pending.commit().unwrap();
}

/// All paths below a directory, in order, including hidden ones; directories end with a slash.
fn listed(directory: &Path) -> Vec<String> {
    fn visit(directory: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                found.push(format!("{name}/"));
                visit(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    visit(directory, "", &mut found);
    found.sort();
    found
}

#[track_caller]
fn refused(path: &Path, existing: Existing, why: &str) {
    let error = create(path, existing).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn it_appears_when_it_is_whole() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    for existing in [Existing::Error, Existing::Overwrite, Existing::Append] {
        let mut pending = create(&target, existing).unwrap();
        fill(&mut pending, &["a=1/x.parquet", "a=2/b=3/x.parquet", "y.parquet"]);
        assert!(!target.exists());
        assert!(listed(place.path()).iter().all(|name| !name.ends_with(".parquet")));
        pending.commit().unwrap();
        let whole = ["a=1/", "a=1/x.parquet", "a=2/", "a=2/b=3/", "a=2/b=3/x.parquet", "y.parquet"];
        assert_eq!(listed(&target), whole);
        assert_eq!(std::fs::read(target.join("a=1/x.parquet")).unwrap(), b"a=1/x.parquet");
        std::fs::remove_dir_all(&target).unwrap();
        assert!(listed(place.path()).is_empty());
    }
}

#[test]
fn given_up_it_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    let mut pending = create(&target, Existing::Error).unwrap();
    fill(&mut pending, &["a=1/x.parquet"]);
    drop(pending);
    assert!(listed(place.path()).is_empty());
    write(&target, Existing::Error, &["old.parquet"]);
    for existing in [Existing::Overwrite, Existing::Append] {
        let mut pending = create(&target, existing).unwrap();
        fill(&mut pending, &["a=1/x.parquet"]);
        drop(pending);
        assert_eq!(listed(place.path()), ["out/", "out/old.parquet"]);
    }
}

#[test]
fn a_file_that_is_not_whole_keeps_all_from_appearing() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    let mut pending = create(&target, Existing::Error).unwrap();
    drop(pending.create_file(Path::new("x.parquet")).unwrap());
    assert!(pending.commit().unwrap_err().to_string().ends_with("one of its files is incomplete"));
    assert!(listed(place.path()).is_empty());
}

#[test]
fn a_suspended_file_goes_on_where_it_was() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    let mut pending = create(&target, Existing::Error).unwrap();
    let mut output = pending.create_file(Path::new("a=1/x.parquet")).unwrap();
    for part in ["one", "two", "three"] {
        output.suspend().unwrap();
        output.suspend().unwrap();
        output.write_all(part.as_bytes()).unwrap();
    }
    output.suspend().unwrap();
    assert_eq!(pending.finish_file(output).unwrap(), 11);
    // A name can be used only once.
    assert!(pending.create_file(Path::new("a=1/x.parquet")).is_err());
    pending.commit().unwrap();
    assert_eq!(std::fs::read(target.join("a=1/x.parquet")).unwrap(), b"onetwothree");
}

#[test]
fn what_is_there_is_kept_exchanged_or_added_to() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    write(&target, Existing::Error, &["a=1/old.parquet", "a=2/old.parquet"]);
    refused(&target, Existing::Error, "exists and is not empty: --existing overwrite replaces it");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o750)).unwrap();
    write(&target, Existing::Append, &["a=2/new.parquet", "a=3/new.parquet"]);
    let both = [
        "a=1/",
        "a=1/old.parquet",
        "a=2/",
        "a=2/new.parquet",
        "a=2/old.parquet",
        "a=3/",
        "a=3/new.parquet",
    ];
    assert_eq!(listed(&target), both);
    write(&target, Existing::Overwrite, &["a=4/x.parquet"]);
    assert_eq!(listed(place.path()), ["out/", "out/a=4/", "out/a=4/x.parquet"]);
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o7777, 0o750);
}

#[test]
fn an_empty_directory_may_be_filled_and_keeps_its_mode() {
    let place = tempfile::tempdir().unwrap();
    for existing in [Existing::Error, Existing::Overwrite, Existing::Append] {
        let target = place.path().join("out");
        std::fs::create_dir(&target).unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o700)).unwrap();
        write(&target, existing, &["x.parquet"]);
        assert_eq!(listed(place.path()), ["out/", "out/x.parquet"]);
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o7777, 0o700);
        std::fs::remove_dir_all(&target).unwrap();
    }
}

#[test]
fn appending_replaces_nothing_and_is_undone() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    write(&target, Existing::Error, &["a=2/x.parquet"]);
    let mut pending = create(&target, Existing::Append).unwrap();
    fill(&mut pending, &["a=1/x.parquet", "a=2/x.parquet", "a=3/x.parquet"]);
    let error = pending.commit().unwrap_err().to_string();
    assert!(error.ends_with("out/a=2/x.parquet: file exists"), "{error}");
    assert_eq!(listed(&target), ["a=2/", "a=2/x.parquet"]);
    // A link in its way is not followed.
    let elsewhere = place.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, target.join("a=3")).unwrap();
    let mut pending = create(&target, Existing::Append).unwrap();
    fill(&mut pending, &["a=1/x.parquet", "a=3/x.parquet"]);
    let error = pending.commit().unwrap_err().to_string();
    assert!(error.ends_with("out/a=3/x.parquet: not a directory"), "{error}");
    assert_eq!(listed(&target), ["a=2/", "a=2/x.parquet", "a=3"]);
    assert!(listed(&elsewhere).is_empty());
}

#[test]
fn what_is_foreign_is_named_and_nothing_is_touched() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    write(&target, Existing::Error, &["a=1/x.parquet"]);
    std::fs::write(place.path().join("precious.parquet"), "precious").unwrap();
    type Make = fn(&Path);
    let foreign: [(&str, Make); 4] = [
        ("a=1/notes.txt", |path| std::fs::write(path, "notes").unwrap()),
        ("a=0", |path| symlink("../precious.parquet", path).unwrap()),
        ("b.parquet", |path| symlink("../precious.parquet", path).unwrap()),
        ("c.parquet", |path| {
            rustix::fs::mknodat(
                rustix::fs::CWD,
                path,
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::RUSR,
                0,
            )
            .unwrap();
        }),
    ];
    for (name, make) in foreign {
        make(&target.join(name));
        let before = listed(place.path());
        refused(&target, Existing::Overwrite, &format!("out/{name} is not part of a tree"));
        assert_eq!(listed(place.path()), before);
        std::fs::remove_file(target.join(name)).unwrap();
    }
    // Files that appear while the tree is being written are noticed, too.
    let mut pending = create(&target, Existing::Overwrite).unwrap();
    fill(&mut pending, &["a=2/x.parquet"]);
    std::fs::write(target.join("late.txt"), "late").unwrap();
    let error = pending.commit().unwrap_err().to_string();
    assert!(error.contains("out/late.txt is not part"), "{error}");
    assert_eq!(listed(&target), ["a=1/", "a=1/x.parquet", "late.txt"]);
}

#[test]
fn a_link_to_a_directory_stays_a_link() {
    let place = tempfile::tempdir().unwrap();
    let (real, link) = (place.path().join("far/real"), place.path().join("link"));
    std::fs::create_dir(place.path().join("far")).unwrap();
    symlink("far/real", &link).unwrap();
    // At first the link is dangling; with a slash the result is the same.
    for (name, typed) in [("a.parquet", "link"), ("b.parquet", "link/"), ("c.parquet", "link/.")] {
        write(&place.path().join(typed), Existing::Overwrite, &[name]);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(listed(&real), [name]);
    }
    assert_eq!(listed(place.path()), ["far/", "far/real/", "far/real/c.parquet", "link"]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_everybody_would_miss_is_never_replaced() {
    let here = std::env::current_dir().unwrap();
    let above = here.parent().unwrap();
    for existing in [Existing::Overwrite, Existing::Error] {
        // With `error`, filled directories are refused because they are not empty.
        let why = |why| if existing == Existing::Error { "is not empty" } else { why };
        refused(Path::new("/"), existing, why("the root directory"));
        for path in [Path::new("."), Path::new("./"), &here, above, Path::new("src/..")] {
            refused(path, existing, why("it is the current directory, or contains it"));
        }
        refused(
            &std::env::home_dir().unwrap(),
            existing,
            why("it is the home directory, or contains it"),
        );
        refused(Path::new("/proc"), existing, why("it is a mount point"));
    }
    refused(Path::new(""), Existing::Error, "\"\" is not the name of a directory");
    refused(Path::new("no/such"), Existing::Error, "cannot write no/such: no such file");
    refused(Path::new("no/.."), Existing::Error, "cannot write no/..: no such file");
    refused(Path::new("/dev/null"), Existing::Overwrite, "to /dev/null: it is not a directory");
    refused(Path::new("Cargo.toml"), Existing::Append, "it is not a directory");
    refused(Path::new("/proc/none"), Existing::Error, "cannot make a directory in /proc: ");
}

#[test]
fn of_two_at_a_time_one_tree_is_there_as_a_whole() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    let both = |existing: Existing| {
        [create(&target, existing).unwrap(), create(&target, existing).unwrap()].map(
            |mut pending| {
                fill(&mut pending, &["a=1/x.parquet"]);
                pending
            },
        )
    };
    let [first, second] = both(Existing::Error);
    first.commit().unwrap();
    let error = second.commit().unwrap_err().to_string();
    assert!(error.ends_with("another process has written it in the meantime"), "{error}");
    let [first, second] = both(Existing::Overwrite);
    first.commit().unwrap();
    let error = second.commit().unwrap_err().to_string();
    assert!(
        error.ends_with("out: it was changed in the meantime (nothing is lost; run again)"),
        "{error}"
    );
    assert_eq!(listed(place.path()), ["out/", "out/a=1/", "out/a=1/x.parquet"]);
    // A file is added while the directory is being overwritten.
    let mut replacing = create(&target, Existing::Overwrite).unwrap();
    fill(&mut replacing, &["a=3/x.parquet"]);
    write(&target, Existing::Append, &["a=2/y.parquet"]);
    let error = replacing.commit().unwrap_err().to_string();
    assert!(error.contains("it was changed in the meantime"), "{error}");
    let both = ["out/", "out/a=1/", "out/a=1/x.parquet", "out/a=2/", "out/a=2/y.parquet"];
    assert_eq!(listed(place.path()), both);
    // A file is written in place.
    for change in ["w", "w and more"] {
        let mut replacing = create(&target, Existing::Overwrite).unwrap();
        fill(&mut replacing, &["a=3/x.parquet"]);
        std::fs::write(target.join("a=2/y.parquet"), change).unwrap();
        assert!(replacing.commit().is_err(), "{change}");
    }
    // The directory that files are added to has been moved.
    let (mut adding, away) =
        (create(&target, Existing::Append).unwrap(), place.path().join("away"));
    fill(&mut adding, &["a=3/x.parquet"]);
    std::fs::rename(&target, &away).unwrap();
    std::fs::create_dir(&target).unwrap();
    assert!(adding.commit().is_err());
    std::fs::remove_dir(&target).unwrap();
    std::fs::rename(&away, &target).unwrap();
    // A run that added nothing does not matter.
    let mut replacing = create(&target, Existing::Overwrite).unwrap();
    fill(&mut replacing, &["a=1/x.parquet"]);
    drop(create(&target, Existing::Append).unwrap());
    replacing.commit().unwrap();
    assert_eq!(listed(place.path()), ["out/", "out/a=1/", "out/a=1/x.parquet"]);
    // Another run adds files to the directory that is to be overwritten.
    let adding = create(&target, Existing::Append).unwrap();
    let error = create(&target, Existing::Overwrite).unwrap_err().to_string();
    assert!(error.contains("out/.out.arrow-pipes-"), "{error}");
    assert!(error.ends_with(" is in use by another stream-to-parquet that adds files"), "{error}");
    drop(adding);
}

#[test]
fn leftovers_go_and_what_is_held_or_foreign_stays() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("out");
    let at = |name: &str| place.path().join(name);
    for leftover in [".out.arrow-pipes-1-1", ".out.arrow-pipes-1-2", ".out.arrow-pipes-1-3"] {
        std::fs::create_dir(at(leftover)).unwrap();
    }
    // Killed while it was writing, or before the old tree was removed; killed just after it
    // started; and a directory that only looks like one.
    std::fs::create_dir_all(at(".out.arrow-pipes-1-1/tree/a=1")).unwrap();
    std::fs::write(at(".out.arrow-pipes-1-1/tree/a=1/x.parquet"), "x").unwrap();
    std::fs::write(at(".out.arrow-pipes-1-1/lock"), "").unwrap();
    for name in ["lock", "mine"] {
        std::fs::write(at(".out.arrow-pipes-1-3").join(name), "").unwrap();
    }
    std::fs::create_dir(at(".out.arrow-pipes-old")).unwrap();
    let held = create(&target, Existing::Error).unwrap();
    let hidden = |names: Vec<String>| -> Vec<String> {
        names.into_iter().filter(|name| name.ends_with('/')).collect()
    };
    let staging = |pending: &PendingDirectory| -> PathBuf { pending.staging_path().to_owned() };
    let own = staging(&held).file_name().unwrap().to_str().unwrap().to_owned();
    let other = create(&target, Existing::Error).unwrap();
    drop(other);
    let mut kept = vec![".out.arrow-pipes-1-3/".to_owned(), ".out.arrow-pipes-old/".to_owned()];
    kept.extend([format!("{own}/"), format!("{own}/tree/")]);
    kept.sort();
    assert_eq!(hidden(listed(place.path())), kept);
}

#[test]
fn names_as_long_as_the_system_allows_can_be_written() {
    let place = tempfile::tempdir().unwrap();
    for letter in ["x", "é"] {
        let target = place.path().join(letter.repeat(255 / letter.len()));
        for file in ["a.parquet", "b.parquet"] {
            write(&target, Existing::Overwrite, &[file]);
            assert_eq!(listed(&target), [file]);
        }
    }
}

#[test]
fn what_could_not_be_put_back_is_no_leftover() {
    let within = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::new("t");
    let staging = staging::Staging::create(within.path(), name).unwrap();
    let kept = staging.keep(&mut crate::io::signals::hold().unwrap());
    std::fs::write(kept.join("old.parquet"), "rows").unwrap();
    drop(staging);
    leftovers::remove_leftovers(within.path(), name);
    assert_eq!(std::fs::read(kept.join("old.parquet")).unwrap(), b"rows");
}

#[test]
fn trees_of_any_depth_are_replaced() {
    // Deeper than a path can be long, with a stack that is soon full.
    const DEPTH: usize = 3000;
    let replace = || {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        write(&target, Existing::Error, &["x.parquet"]);
        let mut at = crate::io::open::open_directory(rustix::fs::CWD, &target).unwrap();
        for _ in 0..DEPTH {
            rustix::fs::mkdirat(&at, "a=1", rustix::fs::Mode::RWXU).unwrap();
            at = crate::io::open::open_directory(&at, "a=1").unwrap();
        }
        drop(at);
        write(&target, Existing::Overwrite, &["y.parquet"]);
        assert_eq!(listed(place.path()), ["out/", "out/y.parquet"]);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(replace).unwrap().join().unwrap();
}

#[test]
fn what_was_swapped_for_a_leftover_is_not_removed() {
    let place = tempfile::tempdir().unwrap();
    let (name, at) = (std::ffi::OsStr::new("t"), |name: &str| place.path().join(name));
    std::fs::create_dir_all(at("victim/tree")).unwrap();
    for file in ["lock", "tree/precious"] {
        std::fs::write(at("victim").join(file), "precious").unwrap();
    }
    symlink("victim", at(".t.arrow-pipes-1-1")).unwrap();
    leftovers::remove_leftovers(place.path(), name);
    // A link that takes the place of a directory that is written.
    let staging = staging::Staging::create(place.path(), name).unwrap();
    std::fs::rename(staging.path(), at("away")).unwrap();
    symlink("victim", staging.path()).unwrap();
    drop(staging);
    assert_eq!(std::fs::read(at("victim/tree/precious")).unwrap(), b"precious");
    assert_eq!(std::fs::read(at("victim/lock")).unwrap(), b"precious");
}
