//! Objects below a prefix, and those that match a pattern.

use crate::support::Workplace;
use crate::support::object_server::{ObjectServer, Request};

/// A tree of 24 small files under two keys, and names that are skipped.
fn tree() -> Workplace {
    let place = Workplace::new();
    let line = "stream-generate 'id = 0..2400, year = random(int64 2022..2025), \
                city = random(choice 4), x = random(float64)' | \
                stream-to-parquet --partition-by year,city -o sales && \
                mkdir -p sales/_temporary 'odd/k=a%2Fb c' && \
                cp $(find sales -name '*.parquet' | head -1) sales/_temporary/x.parquet && \
                stream-generate 'id = 0..5' | stream-to-parquet -o 'odd/k=a%2Fb c/part-10.parquet' && \
                stream-generate 'id = 5..9' | stream-to-parquet -o 'odd/k=a%2Fb c/part-2.parquet' && \
                touch sales/_SUCCESS && echo text >sales/.hidden";
    place.shell(line).succeeds();
    place
}

fn lists(requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.what.contains("list-type")).count()
}

#[test]
fn a_prefix_is_read_as_a_directory_is() {
    let place = tree();
    let Some(server) = ObjectServer::start_s3_paged(place.path(), 10) else { return };
    let settings = server.s3_settings();
    for (local, remote, options) in [
        ("sales/", "sales/", ""),
        ("'sales/year=2023/**/*.parquet'", "'sales/year=2023/**/*.parquet'", ""),
        (
            "'sales/year=202[34]/city=*1/*.parquet'",
            "'sales/year=202[34]/city=*1/*.parquet'",
            "-c id",
        ),
        ("sales/", "sales/", "-w 'year = 2024 AND x < 0.5' --skip 3 -n 100"),
        ("sales/", "sales/", "-j 1 -w \"city >= 'b'\" --hive-types 'year int16'"),
        ("sales/", "sales/", "--no-hive -c x"),
        ("odd/", "odd/", ""),
        ("'odd/k=*/*'", "'odd/k=*/*'", "-j 1 --row-groups 0"),
    ] {
        let rows = |operand: &str| {
            let line = format!("{settings}; parquet-to-stream {options} {operand} | stream-to-csv");
            place.shell(&line).succeeds().stdout_text()
        };
        let url = match remote.strip_prefix('\'') {
            Some(rest) => format!("'s3://bucket/below/{rest}"),
            None => format!("s3://bucket/below/{remote}"),
        };
        let expected = rows(local);
        assert!(expected.lines().count() > 1);
        server.take_requests();
        assert!(expected == rows(&url), "{url} {options}");
        if remote == "sales/" {
            // Pages of ten.
            let requests = server.take_requests();
            assert!(lists(&requests) >= 2, "{requests:?}");
        }
    }
    let inspect = |operand: &str| {
        let line = format!("{settings}; file-inspect --count rows {operand} | wc -l");
        place.shell(&line).succeeds().stdout_text()
    };
    assert_eq!(inspect("sales/"), inspect("s3://bucket/below/sales/"));
}

#[test]
fn a_predicate_on_a_key_opens_only_its_objects() {
    let place = tree();
    let Some(server) = ObjectServer::start_s3(place.path()) else { return };
    let settings = server.s3_settings();
    let url = "s3://bucket/below/sales/";
    for options in ["-j 1", "-j 2"] {
        server.take_requests();
        let line = format!(
            "{settings}; parquet-to-stream {options} -w 'year = 2023' --explain=json {url} >rows"
        );
        let told = place.shell(&line).exits_with(0).stderr;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let requests = server.take_requests();
        assert_eq!(told["transferred"]["requests"], requests.len(), "{requests:?}");
        let opened = requests.iter().filter(|request| request.what.contains("year="));
        assert!(opened.clone().all(|request| request.what.contains("year=2023")), "{requests:?}");
        // A list, and each file whole with its last bytes.
        assert_eq!((lists(&requests), opened.count()), (1, 4), "{requests:?}");
    }
    // One row is in the first file.
    let line = format!("{settings}; parquet-to-stream -n 1 {url} | stream-count");
    place.shell(&line).succeeds().stdout_is("1\n");
    let requests = server.take_requests();
    assert!(requests.len() <= 3, "{requests:?}");
}

#[test]
fn lists_of_files_contain_urls() {
    let place = tree();
    let Some(server) = ObjectServer::start_s3(place.path()) else { return };
    let settings = server.s3_settings();
    let line = "(find sales/year=2022 -name '*.parquet' | sort | head -2; echo \
                s3://bucket/below/sales/year=2023/) >list && cp list list.txt";
    place.shell(line).succeeds();
    let line =
        format!("{settings}; parquet-to-stream --hive --files-from list -c id | stream-count");
    let rows = place.shell(&line).succeeds().stdout_text();
    let line = "parquet-to-stream --hive $(find sales/year=2022 -name '*.parquet' | sort | head -2) \
                sales/year=2023 -c id | stream-count";
    place.shell(line).succeeds().stdout_is(&rows);
}

#[test]
fn what_cannot_be_listed_is_an_error_with_the_way_out() {
    let place = tree();
    let plain = ObjectServer::start(place.path());
    for operand in ["sales/", "sales/*.parquet"] {
        let url = plain.url("plain", operand);
        place
            .shell(&format!("parquet-to-stream '{url}'"))
            .exits_with(2)
            .one_line_on_stderr()
            .stderr_has("a web server cannot list its objects: name them, or give --files-from");
    }
    let Some(server) = ObjectServer::start_s3(place.path()) else { return };
    for (url, why) in [
        (
            "s3://bucket/none/",
            "no object below this prefix (names that begin with . or _ are skipped)",
        ),
        (
            "s3://bucket/below/*.x",
            "no object matches this pattern (names that begin with . or _ are skipped)",
        ),
    ] {
        let line = format!("{}; parquet-to-stream '{url}'", server.s3_settings());
        let expected = format!("parquet-to-stream: {url}: {why}\n");
        place.shell(&line).exits_with(1).stderr_is(&expected);
    }
}

#[test]
fn bloom_filters_are_fetched_once_if_they_may_decide() {
    let place = Workplace::new();
    // Two files of two row groups. In each, the even numbers are spread over the whole range.
    place.write("list", "g, (n * 7919 % 400000) * 2 AS id, n * 1000003 % 999999937 AS x");
    let rows = "stream-generate 'g = 0..2, n = 0..400000' | stream-select @list";
    let write =
        "stream-to-parquet --row-group-rows 200000 -z none --bloom id --partition-by g -o t";
    place.shell(&format!("{rows} | {write}")).succeeds();
    let Some(server) = ObjectServer::start_s3(place.path()) else { return };
    let settings = server.s3_settings();
    for (condition, requested) in [
        // The footer and two filters of each file.
        ("id = 400001", Some(6)),
        ("id IN (400001, 5) AND g = 1", Some(3)),
        // Statistics decide.
        ("id < 0", Some(2)),
        ("id = 900000", Some(2)),
        ("id = 400002", None),
        ("id = 400001 OR x = 5", None),
    ] {
        let rows = |operand: &str| {
            let line = format!("parquet-to-stream -w '{condition}' {operand} | stream-to-csv");
            place.shell(&format!("{settings}; {line}")).succeeds().stdout_text()
        };
        let expected = rows("t");
        server.take_requests();
        assert!(expected == rows("s3://bucket/below/t/"), "{condition}");
        let requests = server.take_requests();
        let found = requests.len() - lists(&requests);
        assert!(requested.is_none_or(|requested| found == requested), "{condition}: {requests:?}");
    }
}
