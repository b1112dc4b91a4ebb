//! Objects by URL: what is fetched, and servers that fail.

use crate::support::Tool;
#[cfg(feature = "remote")]
use crate::support::Workplace;
#[cfg(feature = "remote")]
use crate::support::object_server::{ObjectServer, Request};

#[cfg(not(feature = "remote"))]
#[test]
fn without_the_feature_a_url_is_refused_with_the_way_out() {
    Tool::new("parquet-to-stream").arg("s3://bucket/a.parquet").run().exits_with(2).stderr_is(
        "parquet-to-stream: \"s3://bucket/a.parquet\" is a URL, and URLs need a build with the \
         feature remote; pipe it: aws s3 cp 's3://bucket/a.parquet' - | parquet-to-stream\n",
    );
}

#[test]
fn a_url_that_no_tool_reads_is_refused_with_the_way_out() {
    Tool::new("stream-head").arg("ftp://host/a").run().exits_with(2).stderr_is(
        "stream-head: \"ftp://host/a\" is a URL, and such URLs are not supported; pipe it: curl -fL \
         'ftp://host/a' | stream-head\n",
    );
}

/// Twelve row groups of 20,000 rows.
#[cfg(feature = "remote")]
fn served() -> (Workplace, ObjectServer) {
    let place = Workplace::new();
    let line = "stream-generate 'a = 0..240000, b = random(float64), c = random(choice 50), \
                d = random(int64 0..1000000000)' | \
                stream-to-parquet --row-group-rows 20000 -z none -o a.parquet";
    place.shell(line).succeeds();
    let server = ObjectServer::start(place.path());
    (place, server)
}

#[cfg(feature = "remote")]
fn bytes(requests: &[Request]) -> u64 {
    requests.iter().map(|request| request.bytes).sum()
}

#[cfg(feature = "remote")]
#[test]
fn a_count_costs_one_request() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    let line = format!("file-inspect --count row-groups {url}");
    place.shell(&line).succeeds().stdout_is("12\n");
    let requests = server.take_requests();
    assert!(requests.len() == 1 && bytes(&requests) <= 128 << 10, "{requests:?}");
    place.shell(&format!("file-inspect --count rows {url}")).succeeds().stdout_is("240000\n");
}

#[cfg(feature = "remote")]
#[test]
fn rows_are_those_of_the_file() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    for options in [
        "",
        "-c d,a --row-groups 3,-1",
        "-w 'a % 1000 = 7'",
        "-w 'a < 5'",
        "-n 10",
        "--skip 30000 -n 20000",
        "-j 1 --batch-rows 777",
        "--no-pushdown -w 'b > 0.5'",
        "--runs auto",
        "--filename name -c a",
    ] {
        let rows = |operand: &str| {
            let line = format!("parquet-to-stream {options} {operand} | stream-to-csv");
            place.shell(&line).succeeds().stdout_text().replace(operand, "NAME")
        };
        assert!(rows("a.parquet") == rows(&url), "{options}");
    }
}

#[cfg(feature = "remote")]
#[test]
fn two_columns_of_a_row_group_cost_the_footer_and_their_bytes() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    place
        .shell(&format!("parquet-to-stream -c a,d --row-groups 5 {url} | stream-count"))
        .succeeds()
        .stdout_is("20000\n");
    let requests = server.take_requests();
    // Without compression, 20,000 values of 8 bytes each, or dictionaries.
    let most = (128 << 10) + 2 * (20_000 * 8 + (16 << 10));
    assert!(requests.len() <= 3 && bytes(&requests) <= most, "{requests:?}");
    // Statistics exclude all row groups but one, and prove the condition for that one.
    let whole = "a >= 100000 AND a < 120000 AND a IS NOT NULL";
    place
        .shell(&format!(
            "parquet-to-stream -c d -w '{whole}' {url} -o d.arrows; stream-count d.arrows"
        ))
        .succeeds()
        .stdout_is("20000\n");
    let requests = server.take_requests();
    assert!(requests.len() == 2 && bytes(&requests) <= most, "{requests:?}");
    place.shell(&format!("parquet-to-stream -c a -w 'a < 5' {url} | stream-count")).succeeds();
    let requests = server.take_requests();
    assert!(bytes(&requests) <= most, "{requests:?}");
}

#[cfg(feature = "remote")]
#[test]
fn a_server_that_recovers_is_asked_again() {
    let (place, server) = served();
    for how in ["busy", "cut", "unnamed"] {
        let url = server.url(how, "a.parquet");
        let line = format!("parquet-to-stream -c a,c {url} | stream-count");
        place.shell(&line).succeeds().stdout_is("240000\n");
    }
}

#[cfg(feature = "remote")]
#[test]
fn an_object_that_cannot_be_read_is_an_error_of_one_line() {
    let (place, server) = served();
    let url = server.url("forbidden", "a.parquet");
    let why = "access denied (status 403): the server asks for credentials: use a signed URL";
    for tool in ["parquet-to-stream", "file-inspect", "stream-head"] {
        let operand = format!("{url}?signature=secret");
        let line = format!("{tool} '{operand}' >rows");
        place.shell(&line).exits_with(1).stderr_is(&format!("{tool}: {url}: {why}\n"));
    }
    let missing = server.url("plain", "b.parquet");
    place
        .shell(&format!("file-inspect {missing}"))
        .exits_with(1)
        .stderr_is(&format!("file-inspect: {missing}: not found (status 404)\n"));
    for how in ["replaced", "heedless"] {
        let url = server.url(how, "a.parquet");
        place
            .shell(&format!("parquet-to-stream {url} >rows"))
            .exits_with(1)
            .one_line_on_stderr()
            .stderr_has("the object was replaced while it was being read; run the command again");
    }
    place
        .shell("parquet-to-stream http://127.0.0.1:1/a.parquet >rows")
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("http://127.0.0.1:1/a.parquet: cannot reach the server:");
}

#[cfg(feature = "remote")]
#[test]
fn an_object_in_s3_is_read_with_the_settings_of_the_environment() {
    let (place, _) = served();
    let Some(server) = ObjectServer::start_s3(place.path()) else { return };
    let settings = server.s3_settings();
    let url = "s3://bucket/below/a.parquet";
    let line =
        format!("{settings}; parquet-to-stream -c a,d -w 'a % 1000 = 7' {url} | stream-count");
    place.shell(&line).succeeds().stdout_is("240\n");
    let line = format!("{settings}; file-inspect --count row-groups {url}");
    place.shell(&line).succeeds().stdout_is("12\n");
    let line = format!("{settings}; file-inspect s3://bucket/none.parquet");
    place
        .shell(&line)
        .exits_with(1)
        .stderr_is("file-inspect: s3://bucket/none.parquet: not found (status 404)\n");
}

#[cfg(feature = "remote")]
#[test]
fn requests_are_counted_for_the_reader() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    let rows = format!("parquet-to-stream -c a --row-groups 5 --explain {url} >rows");
    let told = place.shell(&rows).exits_with(0).stderr;
    let requests = server.take_requests();
    let line = format!(" in {} requests", requests.len());
    let fetched = told.lines().find(|line| line.starts_with("transferred: ")).unwrap_or_default();
    assert!(fetched.ends_with(&line), "{told} {requests:?}");
    let json = format!("parquet-to-stream -c a --row-groups 5 --explain=json {url} >rows");
    let told: serde_json::Value =
        serde_json::from_str(&place.shell(&json).exits_with(0).stderr).unwrap();
    assert_eq!(told["transferred"]["bytes"], bytes(&server.take_requests()));
    let line = format!("parquet-to-stream -c a --row-groups 5 --progress {url} >rows");
    let told = place.shell(&line).exits_with(0).stderr;
    assert!(told.contains(&format!(" in {} requests", requests.len())), "{told}");
}
