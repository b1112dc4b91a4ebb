//! Files behind HTTPS, from the web server that most people have.

use crate::support::Workplace;
use crate::support::object_server::Request;
use crate::support::real_servers::Nginx;

/// Twelve row groups of 20,000 rows, and another file.
fn place() -> Workplace {
    let place = Workplace::new();
    let line = "stream-generate 'a = 0..240000, b = random(float64), c = random(choice 50), \
                d = random(int64 0..1000000000)' | \
                stream-to-parquet --row-group-rows 20000 -z none -o a.parquet && \
                parquet-to-stream a.parquet -o a.arrows && stream-head -n 5000 a.arrows | stream-to-csv -o a.csv";
    place.shell(line).succeeds();
    place
}

fn statuses(requests: &[Request]) -> Vec<u16> {
    requests.iter().map(|request| request.status).collect()
}

#[test]
fn files_behind_https_are_read_by_ranges() {
    let place = place();
    let Some(server) = Nginx::start(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    let url = server.url("a.parquet");
    run(&format!("file-inspect --count row-groups {url}")).succeeds().stdout_is("12\n");
    let requests = server.take_requests();
    assert!(requests.len() == 1 && requests[0].bytes <= 128 << 10, "{requests:?}");
    let line = format!("parquet-to-stream -c a,d --row-groups 5 {url} | stream-count");
    run(&line).succeeds().stdout_is("20000\n");
    let requests = server.take_requests();
    let bytes: u64 = requests.iter().map(|request| request.bytes).sum();
    let most = (128 << 10) + 2 * (20_000 * 8 + (16 << 10));
    assert!(requests.len() <= 3 && bytes <= most, "{requests:?}");
    assert!(requests.iter().all(|request| request.status == 206), "{requests:?}");
    for options in ["-w 'a % 1000 = 7'", "-c b,c --skip 30000 -n 2000 -j 1"] {
        let rows = |operand: &str| {
            let line = format!("parquet-to-stream {options} {operand} | stream-to-csv");
            run(&line).succeeds().stdout_text()
        };
        assert!(rows("a.parquet") == rows(&url), "{options}");
    }
    run(&format!("stream-cat {} | cmp - a.arrows", server.url("a.arrows"))).succeeds();
    let line = format!("csv-to-stream {} | stream-count", server.url("a.csv"));
    run(&line).succeeds().stdout_is("5000\n");
}

#[test]
fn a_server_that_redirects_or_compresses_gives_the_same_ranges() {
    let place = place();
    let Some(server) = Nginx::start(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    let rows = |operand: &str| {
        let line = format!("parquet-to-stream -c a,c -w 'a > 238000' {operand} | stream-to-csv");
        run(&line).succeeds().stdout_text()
    };
    let expected = rows("a.parquet");
    for url in [
        server.url("moved/a.parquet"),
        server.url("a.parquet").replace("https:", "http:"),
        server.url("compressed/a.parquet"),
    ] {
        server.take_requests();
        assert!(expected == rows(&url), "{url}");
        let requests = server.take_requests();
        let is_expected = |status: &u16| matches!(status, 206 | 302 | 307);
        assert!(statuses(&requests).iter().all(is_expected), "{requests:?}");
    }
    let told = run(&format!("file-inspect {}", server.url("circle/a.parquet")));
    told.exits_with(1).one_line_on_stderr().stderr_has("too many redirects");
}

#[test]
fn a_file_that_is_replaced_meanwhile_is_an_error() {
    let place = place();
    let Some(server) = Nginx::start(&place) else { return };
    // 100 MB, of which no more than 64 MiB are fetched ahead; the ETag is made of time and size.
    let line = "stream-generate --rows 12500000 'b = random(float64)' | stream-to-parquet -z none \
                --row-group-rows 500000 -o a.parquet";
    place.shell(line).succeeds();
    let line = format!(
        "(parquet-to-stream -j 1 {}; echo $? >status) | \
         (head -c 100000 >start; touch -d 2001-01-01 a.parquet; cat >rest); exit $(cat status)",
        server.url("a.parquet")
    );
    let told = place.shell(&server.line(&line)).exits_with(1).one_line_on_stderr();
    told.stderr_has("the object was replaced while it was being read; run the command again");
    let requests = server.take_requests();
    assert!(statuses(&requests).contains(&412), "{requests:?}");
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_with_the_way_out() {
    let place = place();
    let Some(server) = Nginx::start(&place) else { return };
    let url = server.url("a.parquet");
    let why = "cannot reach the server: its certificate is from an unknown authority: set SSL_CERT_FILE or \
               AWS_CA_BUNDLE to a file with the authority's certificate";
    let told = place.shell(&format!("file-inspect {url}")).exits_with(1);
    told.stderr_is(&format!("file-inspect: {url}: {why}\n"));
    let put = server.url("put/a");
    let told = place.shell(&format!("stream-generate 'a = 0..5' -o {put}")).exits_with(1);
    told.stderr_is(&format!("stream-generate: cannot write {put}: {why}\n"));
    for variable in ["SSL_CERT_FILE", "AWS_CA_BUNDLE"] {
        let line = format!("export {variable}=$PWD/ca.pem; file-inspect --count rows {url}");
        place.shell(&line).succeeds().stdout_is("240000\n");
    }
    let other = url.replace("127.0.0.1", "localhost");
    let told = place.shell(&server.line(&format!("file-inspect {other}"))).exits_with(1);
    told.one_line_on_stderr().stderr_has("certificate not valid for name \"localhost\"");
    place
        .shell(&format!("export AWS_CA_BUNDLE=none.pem; file-inspect {url}"))
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("cannot read none.pem (AWS_CA_BUNDLE)");
}

#[test]
fn a_server_that_takes_files_gets_them_over_https() {
    let place = place();
    let Some(server) = Nginx::start(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    let url = server.url("put/b/a.arrows");
    run(&format!("stream-cat a.arrows -o {url} && cmp a.arrows put/b/a.arrows")).succeeds();
    let line = format!("head -c 300000 a.arrows | stream-cat -o {}", server.url("put/half"));
    run(&line).exits_with(1).one_line_on_stderr();
    assert!(!place.file("put/half").exists());
    let line = format!("stream-to-parquet a.arrows --existing error -o {url}");
    run(&line).exits_with(1).one_line_on_stderr().stderr_has("it exists already");
    let line = format!("stream-cat a.arrows -o {}", server.url("a.arrows"));
    run(&line)
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("the server takes no uploads (status 405)");
}
