//! Trees of objects: all appear at the end, or none does.

use super::{OLD, begun, send_signal};
use crate::support::Workplace;
use crate::support::upload_server::{Stored, UploadServer};

/// A place with a stream of 1000 rows in ten partitions.
fn served_rows() -> (Workplace, UploadServer) {
    let (place, server) = (Workplace::new(), UploadServer::start());
    place
        .shell("stream-generate 'a = 0..1000' | stream-select 'a, a % 10 AS k' -o a.arrows")
        .succeeds();
    (place, server)
}

/// The names of objects below `tree/`, with the IDs of runs replaced by their numbers.
fn tree(stored: &Stored, bucket: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let prefix = format!("{bucket}/tree/");
    let below = stored.objects.keys().filter_map(|name| name.strip_prefix(&prefix));
    let named = below.map(|name| {
        let Some((before, rest)) = name.split_once("part-") else { return name.to_owned() };
        let (run, after) = rest.split_at(36);
        let known = runs.iter().position(|other| other == run);
        let number = known.unwrap_or_else(|| {
            runs.push(run.to_owned());
            runs.len() - 1
        });
        format!("{before}run{number}{after}")
    });
    named.collect()
}

/// Copies the objects of a tree to a directory.
fn fetch(place: &Workplace, server: &UploadServer, bucket: &str, directory: &str) {
    for name in server.stored().objects.keys() {
        let Some(path) = name.strip_prefix(&format!("{bucket}/tree/")) else { continue };
        let path = place.file(directory).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, server.object(&name.replace('%', "%25").replace(' ', "%20"))).unwrap();
    }
}

const WRITE: &str = "stream-to-parquet --partition-by k a.arrows";

#[test]
fn a_tree_of_objects_is_that_of_files() {
    let (place, server) = (Workplace::new(), UploadServer::start());
    let line = "stream-generate 'a = 0..3000000' | stream-select \"a, CASE WHEN a % 3 = 0 THEN 'x y' WHEN \
                a % 3 = 1 THEN 'a/b' END AS k, a * 3 AS b\" -o a.arrows";
    place.shell(line).succeeds();
    // Much is written before the end of the stream, and only one object keeps its part in memory.
    let options = "-z none --memory 32MiB --max-open-files 1 --success-marker --metadata-file";
    server.run(&place, &format!("{WRITE} {options} -o s3://good/tree")).succeeds();
    place.shell(&format!("{WRITE} {options} -o here")).succeeds();
    let stored = server.stored();
    assert_eq!(
        tree(&stored, "good"),
        [
            "_SUCCESS",
            "_metadata",
            "k=__HIVE_DEFAULT_PARTITION__/run0-00000.parquet",
            "k=a%2Fb/run0-00000.parquet",
            "k=x%20y/run0-00000.parquet"
        ]
    );
    assert_eq!(stored.open_uploads, 0);
    assert_eq!(stored.requests.last().map(String::as_str), Some("put tree/_SUCCESS 0"));
    fetch(&place, &server, "good", "there");
    let rows = |directory: &str| {
        let line = format!("parquet-to-stream {directory} | stream-sort --by a | md5sum");
        place.shell(&line).succeeds().stdout_text()
    };
    assert_eq!(rows("here"), rows("there"));
}

#[test]
fn a_tree_that_exists_is_kept_added_to_or_replaced() {
    let (place, server) = served_rows();
    let run = |options: &str| server.run(&place, &format!("{WRITE} -o s3://good/tree {options}"));
    run("--success-marker").succeeds();
    let first = server.stored();
    run("").exits_with(1).stderr_is(
        "stream-to-parquet: s3://good/tree exists and is not empty: --existing overwrite replaces it, \
         --existing append adds to it\n",
    );
    assert_eq!(server.stored(), first);
    run("--existing append --success-marker").succeeds();
    assert_eq!(tree(&server.stored(), "good").len(), 21);
    let line = "stream-select 'a, k AS other' a.arrows | stream-to-parquet --partition-by other --existing \
                append -o s3://good/tree";
    server.run(&place, line).exits_with(1).one_line_on_stderr().stderr_has("are k, but those of");
    let line = "stream-select 'a AS other, k' a.arrows | stream-to-parquet --partition-by k --existing append \
                -o s3://good/tree/";
    server.run(&place, line).exits_with(1).one_line_on_stderr().stderr_has(
        "cannot append to s3://good/tree: the columns differ from those of s3://good/tree/k=0/part-",
    );
    let line = "stream-head -n 2 a.arrows | stream-to-parquet --partition-by k --existing overwrite \
                --success-marker --summary -o s3://good/tree";
    server.run(&place, line).succeeds().stdout_has("k=1");
    let stored = server.stored();
    let names = ["_SUCCESS", "k=0/run0-00000.parquet", "k=1/run0-00000.parquet"];
    assert_eq!(tree(&stored, "good"), names);
    // The marker goes first and comes last.
    let changes: Vec<&str> = stored.requests.iter().rev().map(String::as_str).collect();
    assert_eq!(changes[0], "put tree/_SUCCESS 0");
    let gone = changes.iter().position(|change| *change == "delete tree/_SUCCESS").unwrap();
    let completed = changes.iter().rposition(|change| change.starts_with("complete")).unwrap();
    let deleted = changes.iter().position(|change| change.starts_with("delete")).unwrap();
    assert!(deleted < gone && gone < completed, "{changes:?}");
    server.seed("good/tree/notes.txt", b"of somebody");
    run("--existing overwrite").exits_with(1).one_line_on_stderr().stderr_has(
        "cannot replace s3://good/tree: notes.txt is not part of a tree of Parquet files",
    );
    run("--name-template part-{number}.parquet --existing overwrite")
        .exits_with(2)
        .one_line_on_stderr();
    let line = format!("{WRITE} --file-rows 20 -o s3://good/tree --existing append --publish each");
    server.run(&place, &line).succeeds();
    assert_eq!(server.stored().open_uploads, 0);
}

#[test]
fn a_tree_whose_objects_cannot_all_appear_is_not_there() {
    for (bucket, why) in [
        ("fails-1", "the server failed again and again"),
        ("halfway", "the server failed again and again"),
    ] {
        let (place, server) = served_rows();
        for name in ["_SUCCESS", "k=1/old.parquet"] {
            server.seed(&format!("{bucket}/tree/{name}"), OLD);
        }
        let line = format!("{WRITE} -o s3://{bucket}/tree --existing overwrite");
        server.run(&place, &line).exits_with(1).one_line_on_stderr().stderr_has(why);
        let stored = server.stored();
        assert_eq!(tree(&stored, bucket), ["_SUCCESS", "k=1/old.parquet"]);
        assert_eq!(stored.open_uploads, 0, "{bucket}");
    }
    // A stream that ends early, and one that a signal ends.
    let (place, server) = served_rows();
    let line =
        format!("head -c -8 a.arrows | {} -o s3://good/tree", WRITE.replace(" a.arrows", ""));
    server.run(&place, &line).exits_with(1).one_line_on_stderr();
    assert_eq!((tree(&server.stored(), "good").len(), server.stored().open_uploads), (0, 0));
    for signal in ["TERM", "INT"] {
        let options = "--file-rows 10 -o s3://good/tree";
        place.shell("mkfifo pipe; cp a.arrows b.arrows").status();
        let line = format!("{} {options} pipe", WRITE.replace(" a.arrows", ""));
        let before = server.parts();
        let mut child = begun(&place, &server, &line);
        let mut pipe =
            begun(&place, &server, "bash -c 'head -c -8 a.arrows >pipe; exec sleep 100 >>pipe'");
        if signal == "TERM" {
            server.wait_for_parts(before);
        }
        send_signal(signal, &child);
        assert!(!child.wait().unwrap().success());
        let _ended = pipe.kill();
        let _status = pipe.wait();
        let stored = server.stored();
        assert_eq!((tree(&stored, "good").len(), stored.open_uploads), (0, 0), "{signal}");
    }
}
