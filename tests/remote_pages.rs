//! What is fetched of a large row group when few of its rows are read.

use crate::support::Workplace;
use crate::support::object_server::{ObjectServer, Request};

/// One row group of 800,000 rows in pages of 50,000. Only `b` and `d` are large.
fn served() -> (Workplace, ObjectServer) {
    let place = Workplace::new();
    let line = "stream-generate 'id = 0..800000, b = random(float64), c = random(choice 500), \
                d = random(int64 0..1000000000)' | stream-to-parquet -z none -o a.parquet";
    place.shell(line).succeeds();
    let server = ObjectServer::start(place.path());
    (place, server)
}

fn bytes(requests: &[Request]) -> u64 {
    requests.iter().map(|request| request.bytes).sum()
}

#[test]
fn rows_are_those_of_the_file() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    for options in [
        "-w 'id BETWEEN 500000 AND 500010'",
        "-w 'id > 799990' -c c,b,id",
        "-w 'id = 400000 OR id = 20000' -j 1",
        "-w 'id > 600000 AND b < 0.001' -c c,d",
        "-w 'id % 100000 = 99999' -c c,d",
        "--skip 700000 -n 5",
        "--skip 19999 -n 3 -c c",
        "--skip 20000 -n 3 -c c,d -j 1",
    ] {
        let rows = |operand: &str| {
            let line = format!("parquet-to-stream {options} {operand} | stream-to-csv");
            place.shell(&line).succeeds().stdout_text()
        };
        let expected = rows("a.parquet");
        assert!(expected == rows(&url) && expected.lines().count() > 1, "{options}");
    }
}

#[test]
fn only_the_pages_that_are_needed_are_fetched() {
    let (place, server) = served();
    let url = server.url("plain", "a.parquet");
    let page = 50_000 * 8 + 2000;
    for (options, pages, most_requests) in [
        // The footer with the page index, and a page of each column.
        ("-w 'id BETWEEN 500000 AND 500010' -c id,b,d", 2, 4),
        ("--skip 710000 -n 5 -c b,d", 2, 3),
        // The rows that match are in one page of the other columns.
        ("-w 'd = -1 OR id = 410000' -c b", 9, 8),
    ] {
        server.take_requests();
        place.shell(&format!("parquet-to-stream {options} {url} >rows")).succeeds();
        let requests = server.take_requests();
        let most = (128 << 10) + pages * page + (200 << 10);
        assert!(
            requests.len() <= most_requests && bytes(&requests) <= most,
            "{options}: {} bytes: {requests:?}",
            bytes(&requests)
        );
    }
}

#[test]
fn a_dictionary_is_fetched_with_the_columns_of_the_predicate() {
    let place = Workplace::new();
    place.write("list", "id, 'a text of some length ' || CAST(c AS VARCHAR) AS t");
    let line = "stream-generate 'id = 0..800000, c = random(int64 0..5000)' | stream-select @list | \
                stream-to-parquet -z none --data-page-bytes 100KiB -o a.parquet";
    place.shell(line).succeeds();
    let server = ObjectServer::start(place.path());
    let url = server.url("plain", "a.parquet");
    let line = |operand: &str| {
        format!(
            "parquet-to-stream -c t -w 'id BETWEEN 300000 AND 300010' {operand} | stream-to-csv"
        )
    };
    let expected = place.shell(&line("a.parquet")).succeeds().stdout_text();
    assert!(place.shell(&line(&url)).succeeds().stdout_text() == expected);
    // The footer with the page index, the pages of `id` and the dictionary, the pages of `t`.
    let requests = server.take_requests();
    assert!(requests.len() <= 4, "{requests:?}");
}
