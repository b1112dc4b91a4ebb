//! Google's store, as an emulator that others wrote has it: ranges, versions, lists.

use crate::support::Workplace;
use crate::support::real_servers::GoogleEmulator;

#[test]
fn objects_in_googles_store_are_read_by_ranges_and_lists() {
    let place = Workplace::new();
    let line = "mkdir served && cd served && stream-generate 'a = 0..300000, b = random(int64 0..1000000000), \
                k = random(int64 0..3)' -o a.arrows && \
                stream-to-parquet --row-group-rows 100000 -z none a.arrows -o a.parquet && \
                stream-to-parquet --partition-by k --success-marker a.arrows -o tree && \
                mkdir 'a b+c' && cp a.arrows 'a b+c/é.arrows'";
    place.shell(line).succeeds();
    let Some(server) = GoogleEmulator::start(&place, "served") else { return };
    let run = |line: &str| place.shell(&server.line(line));
    run("stream-cat 'gs://bucket/a b%2Bc/é.arrows' | cmp - served/a.arrows").succeeds();
    let line = "parquet-to-stream --explain=json -c b --row-groups 1 gs://bucket/a.parquet >rows";
    let told = run(line).exits_with(0).stderr;
    run("stream-count rows").succeeds().stdout_is("100000\n");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let transferred = &told["transferred"];
    assert_eq!(transferred["requests"], 2, "{transferred}");
    // Of 7 MB: the last 64 KiB, and the column.
    assert!(transferred["bytes"].as_u64().unwrap() < 900_000, "{transferred}");
    for operand in ["tree/", "'tree/*/*.parquet'"] {
        let line = |place: &str| {
            let operand = operand.replacen("tree", &format!("{place}/tree"), 1);
            format!("parquet-to-stream -w 'k = 1 AND a < 1000' {operand} | stream-to-csv")
        };
        let expected = run(&line("served")).succeeds().stdout_text();
        assert!(expected.lines().count() > 100);
        run(&line("gs://bucket")).succeeds().stdout_is(&expected);
    }
    let told = "stream-head: gs://bucket/none: not found (status 404)\n";
    run("stream-head gs://bucket/none").exits_with(1).stderr_is(told);
    let told = run("parquet-to-stream gs://bucket/none/").exits_with(1).one_line_on_stderr();
    told.stderr_has("no object below this prefix");
}
