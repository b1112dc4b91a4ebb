//! What other users of the machine may read and replace: permissions, links, temporary files.

use crate::support::Workplace;
use crate::support::{int64_batch, stream_of};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn place_with_stream() -> Workplace {
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[int64_batch(&[("k", vec![0, 1]), ("v", vec![1, 2])])]));
    place
}

#[test]
fn new_files_have_the_permissions_of_the_umask() {
    let place = place_with_stream();
    for (mask, file, directory) in
        [("022", 0o644, 0o755), ("027", 0o640, 0o750), ("077", 0o600, 0o700)]
    {
        let name = format!("out-{mask}");
        for (tool, more) in
            [("stream-to-file", ""), ("stream-to-parquet", ""), ("stream-to-csv", "")]
        {
            place
                .shell(&format!("umask {mask}; {tool} in.arrows {more} -o {name}.{tool}"))
                .succeeds();
            assert_eq!(mode(&place.file(&format!("{name}.{tool}"))), file, "{tool}, umask {mask}");
        }
        place
            .shell(&format!("umask {mask}; stream-to-parquet --partition-by k in.arrows -o {name}"))
            .succeeds();
        assert_eq!(mode(&place.file(&name)), directory, "umask {mask}");
        assert_eq!(mode(&place.file(&name).join("k=1")), directory, "umask {mask}");
        let part = place.file(&name).join("k=1").read_dir().unwrap().next().unwrap().unwrap();
        assert_eq!(mode(&part.path()), file, "umask {mask}");
    }
}

#[test]
fn a_replaced_file_keeps_its_permissions() {
    let place = place_with_stream();
    let out = place.write("out.arrow", "secret");
    for kept in [0o600, 0o640, 0o666] {
        std::fs::set_permissions(&out, std::fs::Permissions::from_mode(kept)).unwrap();
        let before = out.metadata().unwrap().ino();
        place.shell("umask 022; stream-to-file in.arrows -o out.arrow").succeeds();
        assert_eq!(mode(&out), kept);
        assert_ne!(out.metadata().unwrap().ino(), before, "written in place");
    }
}

/// As `cp` does: the file that the link names is replaced, and the link stays.
#[test]
fn a_link_to_an_output_stays_a_link() {
    let place = place_with_stream();
    std::fs::create_dir(place.file("other")).unwrap();
    place.write("other/old", "old");
    symlink("other/old", place.file("link")).unwrap();
    place.shell("stream-to-file in.arrows -o link").succeeds();
    assert!(place.file("link").symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read(place.file("other/old")).unwrap().starts_with(b"ARROW1"));
    assert_eq!(place.names(), ["in.arrows", "link", "other"]);
}

/// While a run has spilled, its temporary files have no names, so that no other user opens them.
#[test]
fn temporary_files_have_no_names() {
    let place = Workplace::new();
    place.shell("stream-generate --rows 40000 --batch-rows 9000 'k = random(int64 0..9999)' -o in.arrows").succeeds();
    std::fs::create_dir(place.file("temporary")).unwrap();
    let line = "
        export TMPDIR=$PWD/temporary; mkfifo p; exec 3<>p
        stream-sort --by k --memory 64KiB <p >/dev/null 3>&- & tool=$!
        # All but the end marker: the tool waits for more.
        head -c -8 in.arrows >p
        spilled() { find /proc/$tool/fd -lname \"$TMPDIR/*\"; }
        until [ -n \"$(spilled)\" ]; do kill -0 $tool; done
        stat -L -c %h $(spilled) | sort -u
        ls -A temporary
        kill $tool; wait $tool || true";
    place.shell(&format!("set -e; {line}")).succeeds().stdout_is("0\n");
}
