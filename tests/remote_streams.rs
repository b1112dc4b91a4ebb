//! Streams, text and Arrow files by URL: what is fetched of them, and servers that send only whole objects.

use crate::support::Workplace;
use crate::support::object_server::{ObjectServer, Request};

/// One table in all formats, with 20 record batches in the Arrow file.
fn table(rows: u32) -> (Workplace, ObjectServer) {
    let place = Workplace::new();
    let line = "stream-generate --batch-rows BATCH 'id = 0..ROWS, x = random(float64), \
                word = random(choice 20), y = random(int64 0..1000000)' >a.arrows && \
                stream-to-file -o a.arrow a.arrows && cp a.arrow unnamed && \
                stream-to-parquet -o a.parquet a.arrows && stream-to-csv -o a.csv a.arrows && \
                stream-to-json -o a.json a.arrows && gzip -k a.csv && zstd -q a.arrows && \
                stream-head -n 5 a.arrows | stream-select id | stream-to-csv --no-header -o keys && \
                : >empty";
    let line = line.replace("ROWS", &rows.to_string()).replace("BATCH", &(rows / 20).to_string());
    place.shell(&line).succeeds();
    let server = ObjectServer::start(place.path());
    (place, server)
}

fn bytes(requests: &[Request]) -> u64 {
    requests.iter().map(|request| request.bytes).sum()
}

#[test]
fn every_tool_reads_by_url_what_it_reads_by_name() {
    let (place, server) = table(20_000);
    for (line, files) in [
        (
            "stream-head -n 7 FILE | stream-to-csv",
            &["a.arrows", "a.arrow", "unnamed", "a.arrows.zst"][..],
        ),
        ("stream-tail -n 7 FILE | stream-to-csv", &["a.arrows", "a.arrow", "a.arrows.zst"]),
        ("stream-count FILE", &["a.arrows", "a.arrow", "a.parquet", "a.csv", "a.json", "unnamed"]),
        ("stream-print -n 3 FILE", &["a.arrows", "a.arrow", "a.parquet", "a.csv", "a.json"]),
        ("stream-cat FILE FILE | stream-count", &["a.arrows", "a.arrow"]),
        ("file-to-stream --batches 3,-1 -c x,id FILE | stream-to-csv", &["a.arrow", "unnamed"]),
        ("file-to-stream -w 'id % 1000 = 1' FILE | stream-to-csv", &["a.arrow", "a.arrows"]),
        ("csv-to-stream FILE | stream-to-csv", &["a.csv", "a.csv.gz"]),
        ("csv-to-stream --infer-rows all FILE | stream-to-csv", &["a.csv", "a.csv.gz"]),
        ("json-to-stream FILE | stream-to-csv", &["a.json"]),
        ("stream-filter --in FILE --on id a.arrows | stream-to-csv", &["keys"]),
        (
            "stream-join --suffix _2 --on id FILE a.arrows | stream-count",
            &["a.arrows", "a.arrow", "a.parquet", "a.csv"],
        ),
        ("stream-diff --key id FILE a.arrows", &["a.arrows", "a.parquet"]),
        ("stream-sort --by y FILE | stream-head -n 5 | stream-to-csv", &["a.arrows", "a.arrow"]),
        ("file-inspect --count rows FILE", &["a.arrows", "a.arrow", "a.parquet", "unnamed"]),
        ("file-inspect --json FILE", &["a.arrows", "a.arrow", "a.parquet"]),
        ("file-inspect --verify FILE", &["a.arrows", "a.arrow", "a.parquet"]),
    ] {
        for file in files {
            let rows = |operand: &str| {
                let outcome = place.shell(&line.replace("FILE", operand)).exits_with(0);
                outcome.stderr_is("").stdout_text().replace(operand, "NAME")
            };
            let url = server.url("plain", file);
            assert!(rows(file) == rows(&url), "{line} {file}");
        }
    }
}

#[test]
fn only_what_is_read_is_fetched() {
    let (place, server) = table(200_000);
    let whole = std::fs::metadata(place.file("a.arrow")).unwrap().len();
    let batch = whole / 20;
    for (line, file, most_requests, most_bytes) in [
        // Blocks of 256 KiB.
        ("stream-head -n 1 URL", "a.arrows", 4, 1 << 20),
        ("stream-head -n 1 URL", "a.arrow", 6, (128 << 10) + 3 * (batch + (16 << 10))),
        ("file-to-stream --batches 5 URL", "a.arrow", 3, (128 << 10) + batch + (32 << 10)),
        ("file-to-stream --batches 5 URL", "unnamed", 4, (384 << 10) + batch + (32 << 10)),
        // The headers, and the first body.
        ("stream-count URL", "a.arrow", 22, (128 << 10) + batch + 20 * (16 << 10)),
        ("file-inspect URL", "a.arrow", 22, (128 << 10) + 20 * (16 << 10)),
        ("file-inspect --count batches URL", "a.arrow", 22, (128 << 10) + 20 * (16 << 10)),
        ("stream-print -n 1 URL", "a.parquet", 6, 3 << 20),
    ] {
        server.take_requests();
        let line = line.replace("URL", &server.url("plain", file));
        place.shell(&format!("{line} >rows")).succeeds();
        let requests = server.take_requests();
        assert!(
            requests.len() <= most_requests && bytes(&requests) <= most_bytes,
            "{line}: {} bytes: {requests:?}",
            bytes(&requests)
        );
    }
    // A whole stream is fetched once.
    let size = std::fs::metadata(place.file("a.arrows")).unwrap().len();
    place.shell(&format!("stream-cat {} >rows", server.url("plain", "a.arrows"))).succeeds();
    assert_eq!(bytes(&server.take_requests()), size);
}

#[test]
fn a_server_that_sends_only_whole_objects_is_read_from_front_to_back() {
    let (place, server) = table(20_000);
    for how in ["no-ranges", "chunked"] {
        for line in [
            "stream-count a.arrows",
            "csv-to-stream a.csv | stream-count",
            "stream-count a.arrows.zst",
        ] {
            let file = line.split(' ').find(|word| word.starts_with("a.")).unwrap();
            let line = line.replace(file, &server.url(how, file));
            place.shell(&line).succeeds().stdout_is("20000\n");
        }
        // A request for a part, whose answer is the whole, one for the whole, and another one if the
        // answer did not say how long it is.
        let requests = server.take_requests();
        assert!(requests.iter().filter(|request| request.what.contains("a.csv")).count() <= 3);
        for (tool, file) in [("parquet-to-stream", "a.parquet"), ("file-to-stream", "a.arrow")] {
            let url = server.url(how, file);
            let told = format!(
                "{tool}: {url}: the server does not support ranges: the whole object is copied to /var/tmp\n"
            );
            let line = format!("unset TMPDIR; {tool} {url} | stream-count");
            place.shell(&line).exits_with(0).stdout_is("20000\n").stderr_is(&told);
            place
                .shell(&format!("{tool} --no-spool {url} >rows"))
                .exits_with(1)
                .stderr_is(&format!(
                    "{tool}: {url}: reading it needs a copy in a temporary file, which --no-spool refuses\n"
                ));
        }
    }
    place.shell("parquet-to-stream --no-spool < <(cat a.parquet) >rows").exits_with(1).stderr_is(
        "parquet-to-stream: standard input: reading it needs a copy in a temporary file, which \
             --no-spool refuses\n",
    );
}

#[test]
fn a_stream_that_fails_on_the_way_is_an_error() {
    let (place, server) = table(20_000);
    for how in ["busy", "cut", "unnamed"] {
        let line = format!("stream-count {}", server.url(how, "a.arrows"));
        place.shell(&line).succeeds().stdout_is("20000\n");
    }
    for how in ["replaced", "heedless"] {
        for file in ["a.arrows", "a.arrow"] {
            let (place, server) = table(200_000);
            let url = server.url(how, file);
            place
                .shell(&format!("stream-cat {url} >rows"))
                .exits_with(1)
                .one_line_on_stderr()
                .stderr_has(
                    "the object was replaced while it was being read; run the command again",
                );
        }
    }
    let empty = server.url("plain", "empty");
    place.shell(&format!("stream-cat {empty} >rows")).exits_with(1).stderr_is(&format!(
        "stream-cat: {empty}: empty input: the producer wrote nothing, not even a schema\n"
    ));
    let missing = server.url("plain", "none");
    for tool in ["stream-cat", "csv-to-stream", "stream-print", "file-inspect"] {
        let expected = format!("{tool}: {missing}: not found (status 404)\n");
        place.shell(&format!("{tool} {missing} >rows")).exits_with(1).stderr_is(&expected);
    }
}
