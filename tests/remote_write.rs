//! Objects by URL as outputs: they appear whole or not at all, whatever fails.

mod stores;
mod trees;

use crate::support::upload_server::{Stored, UploadServer};
use crate::support::{LOOPBACK, Workplace, tool_directory};
use std::process::{Child, Command, Stdio};

const OLD: &[u8] = b"the object that was there before";

/// A place with a stream of 30 MB in four record batches of one message each, which is four parts, and a
/// server with an older object in this bucket.
fn served(bucket: &str) -> (Workplace, UploadServer) {
    let (place, server) = (Workplace::new(), UploadServer::start());
    let line = "stream-generate 'a = 0..4000000' | stream-rechunk --batch-rows 1000000 -o a.arrows";
    place.shell(line).succeeds();
    server.seed(&format!("{bucket}/old"), OLD);
    (place, server)
}

fn hash_of(place: &Workplace, file: &str) -> String {
    let outcome = place.shell(&format!("md5sum <{file}")).succeeds();
    outcome.stdout_text().split(' ').next().unwrap().to_owned()
}

/// The object `old` of the bucket, if it is still the one that was there before.
fn is_old(place: &Workplace, stored: &Stored, bucket: &str) -> bool {
    place.write("old", OLD);
    stored.objects[&format!("{bucket}/old")] == hash_of(place, "old")
}

#[test]
fn every_tool_writes_the_bytes_that_a_file_gets() {
    let (place, server) = served("good");
    place
        .shell("stream-head -n 1000 -o few.arrows a.arrows; stream-to-csv -o few.csv few.arrows")
        .succeeds();
    for line in [
        "stream-to-parquet few.arrows",
        "stream-to-parquet -z none a.arrows",
        "stream-to-file a.arrows",
        "stream-to-csv few.arrows",
        "stream-to-json few.arrows",
        "stream-print few.arrows",
        "stream-cat a.arrows",
        "stream-cat - <a.arrows",
        "stream-filter 'a % 2 = 0' a.arrows",
        "stream-select 'a + 1 AS b' a.arrows",
        "stream-sort --by a a.arrows",
        "stream-head -n 3 a.arrows",
        "stream-tail -n 3 a.arrows",
        "stream-count --by a few.arrows",
        "stream-count few.arrows",
        "stream-generate 'a = 0..5'",
        "csv-to-stream few.csv",
        "stream-summary few.arrows",
        "stream-aggregate 'sum(a) AS s' few.arrows",
        "stream-sample --fraction 0.5 --seed 1 few.arrows",
        "stream-rechunk --batch-rows 10 few.arrows",
        "file-inspect --json few.arrows",
    ] {
        let program = line.split(' ').next().unwrap();
        let rest = &line[program.len()..];
        place.shell(&format!("{program} -o here {rest}")).succeeds();
        server.run(&place, &format!("{program} -o s3://good/a%20b/there {rest}")).succeeds();
        let stored = server.stored();
        assert_eq!(stored.objects["good/a b/there"], hash_of(&place, "here"), "{line}");
        assert_eq!(stored.open_uploads, 0, "{line}");
    }
    server
        .run(
            &place,
            "stream-join few.arrows --on a --unmatched s3://good/alone a.arrows >/dev/null",
        )
        .succeeds();
    server.run(&place, "stream-summary --tee s3://good/tee few.arrows >/dev/null").succeeds();
    assert_eq!(server.stored().objects["good/tee"], hash_of(&place, "few.arrows"));
}

#[test]
fn a_small_object_is_one_request_and_a_large_one_is_parts() {
    let (place, server) = served("good");
    server.run(&place, "stream-head -n 5 a.arrows -o s3://good/small").succeeds();
    let requests = server.stored().requests;
    assert!(requests.len() == 1 && requests[0].starts_with("put small"), "{requests:?}");
    server.run(&place, "stream-cat a.arrows -o s3://good/large").succeeds();
    let requests = server.stored().requests.split_off(1);
    assert_eq!(requests.first().map(String::as_str), Some("start large"));
    assert_eq!(requests.last().map(String::as_str), Some("complete large"));
    assert_eq!(requests.len(), 2 + 4, "{requests:?}");
    // Requests of an upload are counted as those of reading are, and the question for the region.
    let told = server.run(&place, "stream-cat --progress a.arrows -o s3://good/large").stderr;
    assert!(told.contains(" in 7 requests"), "{told}");
}

#[test]
fn a_stream_without_its_end_makes_no_object() {
    let (place, server) = served("good");
    for (line, why) in [
        ("head -c 31000000 a.arrows | stream-cat", "the producer stopped early"),
        ("head -c 31000000 a.arrows | stream-to-parquet -z none", "the producer stopped early"),
        ("head -c 1000 a.arrows | stream-to-csv", "the producer stopped early"),
        ("stream-select 'a // (a - 3900000) AS b' a.arrows", "division by zero"),
    ] {
        let outcome = server.run(&place, &format!("{line} -o s3://good/old"));
        outcome.exits_with(1).one_line_on_stderr().stderr_has(why);
        let stored = server.stored();
        assert!(is_old(&place, &stored, "good"), "{line}");
        assert_eq!(stored.open_uploads, 0, "{line}");
    }
}

#[test]
fn a_server_that_fails_at_any_part_keeps_the_old_object() {
    let buckets: Vec<String> =
        (0..=4).map(|part| format!("fails-{part}")).chain(["complete-fails".to_owned()]).collect();
    let (place, server) = served("good");
    std::thread::scope(|scope| {
        for bucket in &buckets {
            let (place, server) = (&place, &server);
            server.seed(&format!("{bucket}/old"), OLD);
            scope.spawn(move || {
                let line = format!("stream-cat a.arrows -o s3://{bucket}/old");
                server.run(place, &line).exits_with(1).stderr_is(&format!(
                    "stream-cat: cannot write s3://{bucket}/old: the server failed again and again (status \
                     500); try again later\n"
                ));
            });
        }
    });
    let stored = server.stored();
    assert!(buckets.iter().all(|bucket| is_old(&place, &stored, bucket)), "{stored:?}");
    assert_eq!(stored.open_uploads, 0);
}

#[test]
fn cut_connections_and_lost_answers_are_repeated() {
    for bucket in ["cuts", "loses"] {
        let (place, server) = served(bucket);
        for options in ["", "--existing error"] {
            let line =
                format!("stream-to-parquet -z none a.arrows -o s3://{bucket}/new{}", options.len());
            server.run(&place, &format!("{line} {options}")).succeeds();
            let line =
                format!("stream-to-parquet few -o s3://{bucket}/few{} {options}", options.len());
            place.shell("stream-head -n 3 a.arrows -o few").succeeds();
            server.run(&place, &line).succeeds();
        }
        place.shell("stream-to-parquet -z none a.arrows -o here").succeeds();
        let stored = server.stored();
        assert_eq!(stored.objects[&format!("{bucket}/new0")], hash_of(&place, "here"));
        assert_eq!((stored.open_uploads, stored.objects.len()), (0, 5), "{stored:?}");
    }
}

#[test]
fn a_lost_network_is_an_error_that_names_what_is_left() {
    std::thread::scope(|scope| {
        for part in 0..=4 {
            scope.spawn(move || {
                let bucket = format!("vanishes-{part}");
                let (place, server) = served(&bucket);
                server
                    .run(&place, &format!("stream-cat a.arrows -o s3://{bucket}/old"))
                    .exits_with(1)
                    .one_line_on_stderr()
                    .stderr_has(&format!("cannot write s3://{bucket}/old: cannot reach the server"))
                    .stderr_has(if part == 0 {
                        "connection"
                    } else {
                        "its upload could not be ended, so the store keeps the parts"
                    });
                let stored = server.stored();
                assert!(is_old(&place, &stored, &bucket), "{stored:?}");
                assert_eq!(stored.open_uploads, usize::from(0 < part), "{stored:?}");
            });
        }
    });
}

/// A tool that sends an object, which it has begun.
fn begun(place: &Workplace, server: &UploadServer, line: &str) -> Child {
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .args(["-c", &server.line(&format!("exec {line}"))])
        .current_dir(place.path())
        .env("NO_PROXY", LOOPBACK)
        .env("no_proxy", LOOPBACK)
        .env("PATH", format!("{}:{path}", tool_directory().display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn send_signal(name: &str, child: &Child) {
    let _ended_already = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
}

/// `REMOTE_WRITE_RUNS` asks for more.
#[test]
fn a_signal_leaves_the_old_object_or_the_new_one_and_no_upload() {
    let runs = std::env::var("REMOTE_WRITE_RUNS").ok().and_then(|text| text.parse().ok());
    let (place, server) = served("good");
    let new = hash_of(&place, "a.arrows");
    let (mut parts, mut killed, mut replaced) = (0, 0, 0);
    for run in 0..runs.unwrap_or(16) {
        let name = ["TERM", "INT", "KILL", "HUP"][run as usize % 4];
        let stalls = run % 2 == 1;
        // The third part is never answered, or the signal comes at any part.
        let bucket = if stalls { "stalls-3" } else { "good" };
        server.seed(&format!("{bucket}/old"), OLD);
        let mut child =
            begun(&place, &server, &format!("stream-cat a.arrows -o s3://{bucket}/old"));
        server.wait_for_parts(parts + if stalls { 3 } else { run / 2 % 5 });
        send_signal(name, &child);
        let status = child.wait().unwrap();
        let stored = server.stored();
        let is_new = stored.objects[&format!("{bucket}/old")] == new;
        assert!(is_new || is_old(&place, &stored, bucket), "{name} at run {run}");
        assert!(!status.success() || is_new, "{name} at run {run}");
        replaced += u64::from(is_new);
        killed += usize::from(name == "KILL");
        assert!(stored.open_uploads <= killed, "{name} at run {run}: {stored:?}");
        parts = server.parts();
    }
    eprintln!("{replaced} objects were replaced before the signal came");
}

#[test]
fn an_object_that_must_be_new_is_not_replaced() {
    for bucket in ["good", "heedless"] {
        let (place, server) = served(bucket);
        for input in ["a.arrows", "few"] {
            place.shell("stream-head -n 3 a.arrows -o few").succeeds();
            let line =
                format!("stream-to-parquet -z none --existing error -o s3://{bucket}/old {input}");
            server.run(&place, &line).exits_with(1).stderr_is(&format!(
                "stream-to-parquet: cannot write s3://{bucket}/old: it exists already (--existing overwrite \
                 replaces it)\n"
            ));
            assert!(is_old(&place, &server.stored(), bucket));
            let line = format!(
                "stream-to-parquet -z none --existing overwrite -o s3://{bucket}/{input} {input}"
            );
            server.run(&place, &line).succeeds();
        }
    }
    // Another process writes it while the stream is read.
    let (place, server) = served("good");
    for (name, rows) in [("large", 4_000_000), ("small", 3)] {
        let line = format!(
            "(stream-head -n {rows} a.arrows | head -c -8; \
              curl -s -X PUT --data-binary old {}/_seed/good/{name}; printf '\\377\\377\\377\\377\\0\\0\\0\\0') | \
             stream-to-parquet -z none --existing error -o s3://good/{name}",
            server.endpoint()
        );
        server.run(&place, &line).exits_with(1).stderr_is(&format!(
            "stream-to-parquet: cannot write s3://good/{name}: it exists already (--existing overwrite \
             replaces it)\n"
        ));
        assert_eq!(server.object(&format!("good/{name}")), b"old");
    }
    assert_eq!(server.stored().open_uploads, 0);
}

#[test]
fn files_that_must_be_new_are_not_replaced() {
    let place = Workplace::new();
    place.shell("stream-generate 'a = 0..3' -o a.arrows").succeeds();
    for expected in [0, 1] {
        let outcome = place.shell("stream-to-parquet --existing error -o new.parquet a.arrows");
        let outcome = outcome.exits_with(expected);
        if expected == 1 {
            outcome.stderr_is(
                "stream-to-parquet: new.parquet exists already (--existing overwrite replaces it)\n",
            );
        }
    }
    place.shell("stream-to-parquet --existing overwrite -o new.parquet a.arrows").succeeds();
    let line = "(head -c -8 a.arrows; echo old >late; tail -c 8 a.arrows) | stream-to-parquet --existing \
                error -o late";
    place
        .shell(line)
        .exits_with(1)
        .stderr_is("stream-to-parquet: late exists already (--existing overwrite replaces it)\n");
    assert_eq!(std::fs::read(place.file("late")).unwrap(), b"old\n");
}

#[test]
fn a_url_that_cannot_be_written_is_an_error_of_one_line() {
    let (place, server) = served("good");
    for (url, status, why) in [
        ("s3://good/a/", 2, "cannot write s3://good/a/: invalid URL: it names no object"),
        ("s3://good", 2, "cannot write s3://good: invalid URL: it names no object"),
        ("ftp://host/a", 2, "\"ftp://host/a\" is a URL: use http, https, s3, gs, az or abfss"),
        ("file:///a", 2, "\"file:///a\" is a URL: give the path without file://"),
        ("http://127.0.0.1:1/a", 1, "cannot write http://127.0.0.1:1/a: cannot reach the server: "),
    ] {
        let outcome = server.run(&place, &format!("stream-head a.arrows -o {url}"));
        outcome.exits_with(status).one_line_on_stderr().stderr_has(&format!("stream-head: {why}"));
    }
}
