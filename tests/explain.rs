//! --explain, which says what was read and why not the rest, and --no-pushdown, which reads it all.

use crate::support::{Outcome, Workplace};

/// Three row groups of 200,000 rows, with several pages per column, and bloom filters for "even".
fn place() -> Workplace {
    let place = Workplace::new();
    place.write(
        "list",
        "g, \"row\", \"row\" * 2 AS even, 'text ' || CAST(\"row\" % 1000 AS VARCHAR) AS t",
    );
    let write = "stream-to-parquet --row-group-rows 200000 --encode-dictionary none --bloom even";
    let rows = "stream-generate 'g = 0..3, row = 0..200000'";
    place.shell(&format!("{rows} | stream-select @list | {write} -o x.parquet")).succeeds();
    place
}

/// Runs a reader of the file with --explain; its rows go to a foreign reader.
fn explained(place: &Workplace, options: &str) -> Outcome {
    place.shell(&format!("parquet-to-stream --explain {options} | wc -c >/dev/null")).exits_with(0)
}

#[test]
fn a_table_says_why_parts_of_a_file_are_not_read() {
    let place = place();
    let condition = "'\"row\" >= 150000 AND \"row\" % 100000 = 7 AND g <> 2'";
    explained(&place, &format!("x.parquet -c t -w {condition}")).stderr_is(
        "\
parquet-to-stream   files  row groups  pages     rows     bytes
total                   1           3     39  600,000  13.4 KiB
columns not needed      -           -      -        -     675 B
skip and limit          -           -      -        -         -
partition keys          -           -      -        -         -
statistics              -           1     13  200,000   4.5 KiB
always true             -           -      8        -     400 B
bloom filter            -           -      -        -         -
page index              -           -     12  300,000   4.8 KiB
late decoding           -           -      2  100,000   1.4 KiB
read                    1           2      4        0   1.6 KiB
written                 -           -      -        0         -
the reader needs: everything
",
    );
    explained(&place, "x.parquet -w 'even = 4001'").stderr_is(
        "\
parquet-to-stream   files  row groups  pages     rows     bytes
total                   1           3     51  600,000  13.4 KiB
columns not needed      -           -      -        -         -
skip and limit          -           -      -        -         -
partition keys          -           -      -        -         -
statistics              -           -      -        -         -
always true             -           -      -        -         -
bloom filter            -           3     51  600,000  13.4 KiB
page index              -           -      -        -         -
late decoding           -           -      -        -         -
read                    1           0      0        0       0 B
written                 -           -      -        0         -
the reader needs: everything
",
    );
}

#[test]
fn columns_of_a_condition_that_statistics_prove_are_not_read() {
    let place = place();
    let run = explained(&place, "x.parquet -c t -w 'g = 1 AND \"row\" >= 0'");
    assert_eq!(line(&run, "statistics"), "statistics - 2 26 400,000 8.6 KiB");
    assert_eq!(line(&run, "always true"), "always true - - 8 - 425 B");
    // The condition is evaluated, but only on the column that decides.
    let run = explained(&place, "x.parquet -c t -w 'g < 5 AND \"row\" < 10'");
    assert_eq!(line(&run, "always true"), "always true - - 12 - 604 B");
    assert_eq!(line(&run, "written"), "written - - - 30 -");
}

/// The line of a table that begins with a label, with single blanks.
fn line(run: &Outcome, label: &str) -> String {
    let line = run.stderr.lines().find(|line| line.starts_with(label)).unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn rows_and_files_are_left_out_for_their_own_reasons() {
    let place = place();
    let run = explained(&place, "--skip 250000 -n 20000 x.parquet");
    assert_eq!(line(&run, "total"), "total 1 2 34 400,000 8.6 KiB");
    assert_eq!(line(&run, "skip"), "skip and limit - 1 29 380,000 7.7 KiB");
    assert_eq!(line(&run, "written"), "written - - - 20,000 -");
    place.shell("parquet-to-stream x.parquet | stream-to-parquet --partition-by g -o t").succeeds();
    let run = explained(&place, "t -w 'g = 2 AND \"row\" < 10000' -c g");
    assert_eq!(line(&run, "partition"), "partition keys 2 - - - 21.5 KiB");
    assert_eq!(line(&run, "page index"), "page index - - 3 150,000 171 B");
    assert_eq!(line(&run, "written"), "written - - - 10,000 -");
}

#[test]
fn without_pushdown_everything_is_read_and_the_result_is_the_same() {
    let place = place();
    place.shell("parquet-to-stream x.parquet | stream-to-parquet --partition-by g -o t").succeeds();
    place.shell("parquet-to-stream x.parquet | stream-to-file -o x.arrow").succeeds();
    let condition = "even % 1000 = 4 OR g = 1 AND \"row\" > 199990";
    place.write("where", condition);
    for read in [
        "parquet-to-stream X t -w @where -c t,g --runs g --dictionary t -j 2",
        "parquet-to-stream X t -w @where --skip 5 -n 100 --runs auto",
        "parquet-to-stream X x.parquet -w @where -c even,t --dictionary even",
        "parquet-to-stream X x.parquet --skip 399999 -n 2 --filename f",
        "parquet-to-stream X x.parquet -w 'g IS NULL'",
        "parquet-to-stream X x.parquet -w 'g = 1 AND 1000 // (even - 399990) > 5' -c g",
        "file-to-stream X x.arrow -w @where -c t,g",
        "file-to-stream X x.arrow --skip 399999 -n 2",
        "file-to-stream X x.arrow -n 20",
        "stream-filter X @where x.arrow -c t -n 300",
        "stream-filter X -v @where x.arrow",
    ] {
        let read =
            read.replace("--dictionary row", "--dictionary t").replace("t,g --dictionary t", "g");
        let run = |option: &str| {
            let line = read.replace(" X ", &format!(" {option} "));
            place.shell(&format!("({line}; echo $? >status) | stream-to-csv | md5sum; cat status"))
        };
        let (with, without) = (run(""), run("--no-pushdown"));
        assert_eq!(with.stdout_text(), without.stdout_text(), "{read}");
        assert_eq!(with.stderr, without.stderr, "{read}");
    }
    let run = explained(&place, "--no-pushdown t -w 'g = 2 AND \"row\" < 10000' -c g");
    assert_eq!(line(&run, "read"), "read 3 3 12 600,000 675 B");
    assert_eq!(line(&run, "written"), "written - - - 10,000 -");
}

#[test]
fn damage_in_rows_that_are_skipped_is_found_without_pushdown() {
    let place = place();
    let mut bytes = std::fs::read(place.file("x.parquet")).unwrap();
    bytes[40..60].fill(0xff);
    place.write("x.parquet", bytes);
    place.shell("parquet-to-stream x.parquet -w 'g = 2' | stream-count").succeeds();
    let run = place.shell("parquet-to-stream --no-pushdown x.parquet -w 'g = 2' -o y.arrows");
    run.exits_with(1).one_line_on_stderr().stderr_has("x.parquet: row group 0");
}

/// Runs a pipe until a hint was heard: on a busy machine, it may come too late.
fn heard(place: &Workplace, line: &str) -> Outcome {
    for _ in 0..50 {
        let run = place.shell(line).exits_with(0);
        if run.stderr.contains("the reader needs:\n")
            || run.stderr.contains("\"reader\":{\"columns\":[")
        {
            return run;
        }
    }
    panic!("no hint was heard in {line}");
}

#[test]
fn hints_of_the_reader_are_shown() {
    let place = place();
    // A writer whose input comes from a pipe waits for a hint, whatever its size.
    let pipe = "cat x.parquet | parquet-to-stream --explain | stream-filter '\"row\" < 300' | stream-count";
    let run = heard(&place, pipe);
    let last: Vec<&str> = run.stderr.lines().skip(10).collect();
    let needed = [
        "the reader needs:",
        "  columns  row",
        "  where    \"row\" < 300",
        "  encoded  columns may be encoded",
    ];
    assert_eq!(last[2..], needed, "{}", run.stderr);
    assert_eq!(line(&run, "page index"), "page index - - 9 450,000 513 B");
    let sort = "cat x.parquet | parquet-to-stream --explain | stream-sort --by \"row\"";
    for (reader, columns) in [
        ("stream-count", "none"),
        ("stream-select even | stream-count --by even", "row, even"),
        ("stream-summary -c even", "row, even"),
        ("stream-summary -c even --tee - -o summary | stream-count", "row, even"),
    ] {
        let run = heard(&place, &format!("{sort} | {reader} >counted"));
        run.stderr_has(&format!("the reader needs:\n  columns  {columns}\n"));
    }
    let read = "cat x.parquet | parquet-to-stream | stream-filter --explain 'g = 1' -c t,even";
    let run =
        heard(&place, &format!("{read} | stream-select even | stream-tail -n 1 | stream-count"));
    run.stdout_is("1\n").stderr_has("told to the writer:\n  columns  g\n  where    g = 1\n");
    let file =
        "parquet-to-stream x.parquet | stream-to-file -o x.arrow; file-to-stream --explain=json";
    let run =
        heard(&place, &format!("{file} x.arrow | stream-filter 'even < 10' -c g | stream-count"));
    let expected = r#"{"tool":"file-to-stream","total":{"record_batches":#"#;
    assert_eq!(run.stderr[..expected.len() - 1], expected[..expected.len() - 1], "{}", run.stderr);
    let hint = "\"reader\":{\"columns\":[\"even\"],\"where\":\"even < 10\",\"limit\":null,\"encodings\":true}}\n";
    run.stdout_is("15\n").stderr_has("\"written\":{\"rows\":15}").stderr_has(hint);
}

#[test]
fn json_has_stable_keys() {
    let place = place();
    let line = "parquet-to-stream --explain=json x.parquet -w 'g = 2' -o y.arrows";
    let none = r#"{"files":0,"row_groups":0,"pages":0,"rows":0,"bytes":0}"#;
    let expected = [
        r#"{"tool":"parquet-to-stream","#,
        r#""total":{"files":1,"row_groups":3,"pages":51,"rows":600000,"bytes":13699},"#,
        r#""pruned":{"columns":NONE,"limit":NONE,"partition_keys":NONE,"#,
        r#""statistics":{"files":0,"row_groups":2,"pages":34,"rows":400000,"bytes":8847},"#,
        r#""always_true":NONE,"bloom_filter":NONE,"page_index":NONE,"late_decoding":NONE},"#,
        r#""read":{"files":1,"row_groups":1,"pages":17,"rows":200000,"bytes":4852},"#,
        r#""written":{"rows":200000},"reader":{"columns":null,"where":null,"limit":null,"#,
        r#""encodings":false}}"#,
        "\n",
    ];
    let expected = expected.concat().replace("NONE", none);
    place.shell(line).exits_with(0).stderr_is(&expected);
    place
        .shell("stream-filter --explain=json 'g = 7' y.arrows -o z.arrows")
        .exits_with(0)
        .stderr_has(r#""writer":{"columns":null,"where":null,"limit":null,"#);
}

#[test]
fn an_error_stays_one_line() {
    let place = place();
    place
        .shell("parquet-to-stream --explain x.parquet -w 'g // 0 = 1' -o y")
        .exits_with(1)
        .one_line_on_stderr();
    place.shell("stream-filter --explain 'g = 1' absent").exits_with(1).one_line_on_stderr();
    place.shell("parquet-to-stream --explain=xml x.parquet").exits_with(2).one_line_on_stderr();
    place.shell("file-to-stream --explain x.parquet -o y").exits_with(1).one_line_on_stderr();
}
