//! csv-to-stream: text as banks, offices and other programs write it, read by options.

use super::{fails, read, rows, types};
use crate::support::{Outcome, Python, Tool, Workplace, read_stream};
use arrow::array::{AsArray, RecordBatch};

fn read_bytes(arguments: &[&str], text: &[u8]) -> Outcome {
    Tool::new("csv-to-stream").args(arguments.iter().copied()).pipe_in(text).run()
}

#[test]
fn a_banks_export_is_read_in_one_line() {
    let text = b"Kontoauszug\r\n\"IBAN: DE00;\r\n\r\nBuchungstag;Verwendungszweck;Betrag;Valuta\r\n\
                 29.02.2024;Geb\xfchr \x80;-1.234,50;29.02.2024 12:30\r\n01.03.2024;;1.000.000;01.03.2024 00:00\r\n";
    let arguments = [
        "--skip-lines",
        "3",
        "-d",
        ";",
        "--encoding",
        "windows-1252",
        "--decimal-comma",
        "--date-format",
        "%d.%m.%Y",
        "--timestamp-format",
        "%d.%m.%Y %H:%M",
    ];
    let run = read_bytes(&arguments, text).succeeds();
    assert_eq!(
        types(&run),
        "Buchungstag: Date32, Verwendungszweck: Utf8, Betrag: Float64, Valuta: Timestamp(µs)"
    );
    assert_eq!(
        rows(&run),
        [
            "2024-02-29|Gebühr €|-1234.5|2024-02-29T12:30:00",
            "2024-03-01|~|1000000.0|2024-03-01T00:00:00"
        ]
    );
    let typed = ["--types", "Betrag decimal(12, 2), Valuta 'timestamp[s, Europe/Berlin]'"]
        .map(|t| t.replace('\'', ""));
    let typed: Vec<&str> = arguments.into_iter().chain(typed.iter().map(String::as_str)).collect();
    let run = read_bytes(&typed, text).succeeds();
    assert_eq!(rows(&run)[0], "2024-02-29|Gebühr €|-1234.50|2024-02-29T12:30:00+01:00");
    // What is not in the form is an error, as everywhere.
    fails(
        &["--decimal-comma", "-d", ";", "--types", "a float64"],
        "a;b\n1,5;1\n1.5;2\n",
        "standard input: line 3, column \"a\": \"1.5\" is not a valid float64 (--null '1.5' reads it as null)",
    );
    fails(
        &["--date-format", "%d.%m.%Y", "--types", "a date32"],
        "a\n29.02.2024\n2024-02-29\n",
        "standard input: line 3, column \"a\": \"2024-02-29\" is not a valid date32 \
         (--null '2024-02-29' reads it as null)",
    );
}

#[test]
fn other_encodings_are_read() {
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| {
        text.encode_utf16().flat_map(order).collect::<Vec<u8>>()
    };
    let text = "a\tb\r\n1\té😀\r\n";
    let tab = ["-d", "\\t"];
    for (arguments, bytes) in [
        (&[][..], wide(&format!("\u{feff}{text}"), u16::to_le_bytes)),
        (&["--encoding", "utf-16"], wide(&format!("\u{feff}{text}"), u16::to_be_bytes)),
        (&["--encoding", "utf-16le"], wide(text, u16::to_le_bytes)),
        (&["--encoding", "utf-16be"], wide(text, u16::to_be_bytes)),
        (&["--encoding", "utf-8"], text.as_bytes().to_vec()),
    ] {
        let run = read_bytes(&[&tab, arguments].concat(), &bytes).succeeds();
        assert_eq!(rows(&run), ["1|é😀"], "{arguments:?}");
    }
    for (encoding, bytes, why) in [
        (
            "latin1",
            &b"a\n\x80\n"[..],
            "line 2: byte 0x80 is not a Latin-1 character (--encoding windows-1252 ",
        ),
        ("windows-1252", b"a\nb\n\x81\n", "line 3: byte 0x81 is not a Windows-1252 character"),
        ("utf-16", b"a\n", "no byte order mark (use --encoding utf-16le or utf-16be)"),
        ("utf-16le", b"a\0\n", "line 1: the last UTF-16 character is incomplete"),
    ] {
        let run = read_bytes(&["--encoding", encoding], bytes).exits_with(1);
        run.one_line_on_stderr().stderr_has(&format!("standard input: {why}"));
    }
    // A window of long lines is a batch.
    let long = [&b"a,b\n"[..], &[&b"1,"[..], &b"\xe9".repeat(1000), b"\n"].concat().repeat(20_000)]
        .concat();
    let run = read_bytes(&["--encoding", "latin1"], &long).succeeds();
    let batch_rows: Vec<usize> =
        read_stream(&run.stdout).iter().map(RecordBatch::num_rows).collect();
    assert_eq!(batch_rows.iter().sum::<usize>(), 20_000);
    assert!(batch_rows.iter().all(|rows| *rows < 1100), "{batch_rows:?}");
    // Long texts that grow: a euro sign has three bytes of UTF-8.
    let long = [&b"a,b\n"[..], &b"1,\x80\x80\x80\x80\x80\n".repeat(700_000)].concat();
    let run = read_bytes(&["--encoding", "windows-1252"], &long).succeeds();
    let batches = read_stream(&run.stdout);
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 700_000);
    assert!(
        batches.iter().all(|b| b.column(1).as_string::<i32>().iter().all(|t| t == Some("€€€€€")))
    );
}

#[test]
fn lines_that_are_no_records_are_ignored() {
    let text = "# made by\n# \"x, y\n\na,b\n#1,2\n3,#\n\"\n#4\",5\n#";
    let run = read(&["--comment", "#"], text).succeeds();
    assert_eq!(types(&run), "a: Utf8, b: Utf8");
    assert_eq!(rows(&run), ["3|#", "\n#4|5"]);
    let run = read(&["--comment", "//", "--no-header"], "// x\n1,2\n//\n/3,4\n").succeeds();
    assert_eq!(rows(&run), ["1|2", "/3|4"]);
    // Each file has its lines to be ignored.
    let place = Workplace::new();
    place.write("a.csv", "\"title\n\na,b\n1,2\n");
    place.write("mac.csv", "title\r\ra,b\r3,4\r");
    let run = place.shell("csv-to-stream --skip-lines 2 a.csv mac.csv a.csv").succeeds();
    assert_eq!(rows(&run), ["1|2", "3|4", "1|2"]);
    fails(
        &["--skip-lines", "2", "--types", "b int8"],
        "x\ny\na,b\n1,2\n3,z\n",
        "standard input: line 5, column \"b\": \"z\" is not a valid int8 (--null 'z' reads it as null)",
    );
    fails(&["--skip-lines", "9"], "a\nb", "standard input: only 2 lines, but --skip-lines skips 9");
    // Many of them take no memory.
    let comments = "# nothing\n".repeat(300_000);
    assert_eq!(rows(&read(&["--comment", "#"], &format!("a\n{comments}1\n")).succeeds()), ["1"]);
}

#[test]
fn delimiters_may_have_several_bytes() {
    for delimiter in ["||", "::", "~|~", "§", " | "] {
        let text = ["a", "b", "c\n1", "x", "\"2\"\n", "y|y.", "\n"].join(delimiter);
        let run = read(&["-d", delimiter], &text).succeeds();
        assert_eq!(rows(&run), ["1|x|2", "~|y|y.|~"], "{delimiter}");
        // And back.
        let text =
            Tool::new("stream-to-csv").args(["-d", delimiter]).pipe_in(run.stdout.clone()).run();
        let again = read(&["-d", delimiter], &text.succeeds().stdout_text()).succeeds();
        assert_eq!(rows(&again), rows(&run));
    }
}

#[test]
fn records_of_another_length_are_filled_or_cut_by_option() {
    let text = "a,b,c\n1\n\"2\",3,4,5\n6,,\n7,8\n";
    let run = read(&["--short-rows", "null", "--long-rows", "drop", "--null", "NA"], text);
    let run = run.exits_with(0);
    assert_eq!(types(&run), "a: Int64, b: Utf8, c: Utf8");
    assert_eq!(rows(&run), ["1|~|~", "2|3|4", "6||", "7|8|~"]);
    run.stderr_is("csv-to-stream: dropped the extra fields of 1 record\n");
    let schema = ["--short-rows", "null", "--schema", "a int8, b int8 not null, c int8"];
    fails(
        &schema,
        "a,b,c\n1\n",
        "standard input: line 2, column \"b\": \"\" is null, but the column is declared not null",
    );
    fails(
        &["--short-rows", "null"],
        text,
        "standard input: line 3: 4 fields, but the header has 3",
    );
    fails(&["--long-rows", "drop"], text, "standard input: line 2: 1 field, but the header has 3");
}

#[test]
fn records_that_cannot_be_read_go_aside() {
    let place = Workplace::new();
    let text = b"id,n,l\n1,2,[1]\n2\n3,x,[]\n\"4\"y,1,[2]\n5,6,\"[7]\"\n6,\xff,[]\n7,8,[\n\xe9,9\n8,\"9\n\",[\"a\n9,1,[3]\n\"10,2,3\n";
    place.write("a.csv", text);
    let run = place
        .shell("csv-to-stream --schema 'id int8, n int8, l list<int8>' --rejects bad.csv a.csv");
    let run = run.exits_with(0);
    assert_eq!(rows(&run), ["1|2|[1]", "5|6|[7]", "9|1|[3]"]);
    run.stderr_is("csv-to-stream: 8 records rejected: see bad.csv\n");
    let bad = place.shell("csv-to-stream --encoding latin1 bad.csv").succeeds();
    let lines: Vec<String> = rows(&bad).iter().map(|row| row.replace('\n', "/")).collect();
    assert_eq!(
        lines,
        [
            "a.csv|3|1 field, but the header has 3|2",
            "a.csv|4|column \"n\": \"x\" is not a valid int8 (--null 'x' reads it as null)|3,x,[]",
            "a.csv|5|text after the closing quote of a field (double a quote inside a quoted \
             field; --quote none reads quotes as text)|\"4\"y,1,[2]",
            "a.csv|7|not UTF-8 (--encoding latin1 or windows-1252 may read it)|6,ÿ,[]",
            "a.csv|8|column \"l\": EOF while parsing a list at line 1 column 1|7,8,[",
            "a.csv|9|2 fields, but the header has 3|é,9",
            "a.csv|10|column \"l\": EOF while parsing a string at line 1 column 3|8,\"9/\",[\"a",
            "a.csv|13|a quote is never closed (--quote none reads quotes as text)|\"10,2,3",
        ]
    );
}

#[test]
fn rejected_records_take_no_memory_and_spoil_no_inference() {
    let place = Workplace::new();
    // Far more of them than a window holds, and records between them.
    let lines = (0..400_000).map(|row| match row % 100_000 {
        99_999 => format!("{row},1\n"),
        _ => "bad line\n".to_owned(),
    });
    place.write("a.csv", format!("id,n\n{}", lines.collect::<String>()));
    for line in [
        "csv-to-stream --rejects bad a.csv",
        "csv-to-stream --rejects bad --infer-rows all a.csv",
        "cat a.csv | csv-to-stream --rejects bad --infer-rows all",
        "csv-to-stream --rejects bad --schema 'id int64, n int64' a.csv",
    ] {
        let run = place.shell(line).exits_with(0);
        assert_eq!(types(&run), "id: Int64, n: Int64");
        assert_eq!(rows(&run), ["99999|1", "199999|1", "299999|1", "399999|1"]);
        run.stderr_is("csv-to-stream: 399,996 records rejected: see bad\n");
        place.shell("stream-count <(csv-to-stream bad)").succeeds().stdout_is("399996\n");
    }
    // Nothing is rejected: the file says so, too.
    place.write("b.csv", "id\n1\n");
    place.shell("csv-to-stream --rejects bad b.csv").succeeds();
    assert_eq!(std::fs::read_to_string(place.file("bad")).unwrap(), "input,line,reason,record\n");
    // All are.
    place.write("b.csv", "id,n\n1\n2\n");
    let run = place.shell("csv-to-stream --rejects bad --schema 'id int8, n int8' b.csv b.csv");
    let run = run.exits_with(0);
    assert_eq!(rows(&run), [""; 0]);
    run.stderr_is("csv-to-stream: 4 records rejected: see bad\n");
    place.shell("csv-to-stream --rejects nosuch/bad b.csv").exits_with(1).one_line_on_stderr();
    // A failure leaves no file.
    std::fs::remove_file(place.file("bad")).unwrap();
    place.shell("csv-to-stream --rejects bad b.csv a.csv nosuch").exits_with(1);
    place.shell("csv-to-stream --rejects bad b.csv <(echo x)").exits_with(1);
    assert_eq!(place.names(), ["a.csv", "b.csv"]);
}

#[test]
fn a_header_of_another_delimiter_is_hinted_at() {
    let run = read(&[], "a;b\n1;2\n").exits_with(0);
    assert_eq!(types(&run), "a;b: Utf8");
    run.stderr_is(
        "csv-to-stream: standard input: the header is one column, \"a;b\" (-d ';' reads the header as 2 columns)\n",
    );
    fails(
        &[],
        "a\tb\tc\n1,5\t2\t3\n",
        "standard input: line 2: 2 fields, but the header has 1 (-d '\\t' reads the header as 3 columns)",
    );
    read(&["-d", ";"], "a;b\n1;2\n").succeeds();
    read(&["-d", ";"], "a|b\n1|2\n").succeeds();
}

#[test]
fn all_records_can_be_looked_at_for_the_types() {
    let place = Workplace::new();
    let late = format!("zip,n\n{}01220,1.5\n", "94107,1\n".repeat(300_000));
    place.write("late.csv", &late);
    place
        .shell("csv-to-stream late.csv")
        .exits_with(1)
        .stderr_has("line 300002, column \"zip\": \"01220\" would");
    for line in [
        "csv-to-stream --infer-rows all late.csv",
        "csv-to-stream --infer-rows all <late.csv",
        "cat late.csv | csv-to-stream --infer-rows all",
        "csv-to-stream --infer-rows 300001 late.csv",
        "printf 'zip,n\\n1,2\\n' | csv-to-stream --infer-rows all - late.csv",
    ] {
        let run = place.shell(&format!("{line} | stream-tail -n 1")).succeeds();
        assert_eq!(types(&run), "zip: Utf8, n: Float64", "{line}");
        assert_eq!(rows(&run), ["01220|1.5"]);
    }
    place
        .shell("csv-to-stream --infer-rows 300000 late.csv")
        .exits_with(1)
        .stderr_has("(inferred from the first 300,000 rows: ");
    let run = read(&["--infer-rows", "all", "--no-header"], "1,x\n2,y\n").succeeds();
    assert_eq!(types(&run), "column_1: Int64, column_2: Utf8");
    read(&["--infer-rows", "all"], "")
        .exits_with(1)
        .stderr_has("standard input: empty: missing header");
}

#[test]
fn duckdb_reads_the_same() {
    let place = Workplace::new();
    place.write(
        "a.csv",
        "day;amount;at\n29.02.2024;-1234,50;29.02.2024 12:30\n1.3.2024;7;01.03.2024 00:00\n",
    );
    place.write("b.csv", "title\n# c\na,b\n#x\n1,2\n3\n");
    place.write("c.csv", "id,name\r1,x\r2,y\r");
    place.write("d.csv", "a,b\n1,2\nx\n3,4\n");
    for (line, query) in [
        (
            "csv-to-stream -d ';' --decimal-comma --date-format %d.%m.%Y --timestamp-format '%d.%m.%Y %H:%M' a.csv",
            "read_csv('a.csv', delim=';', decimal_separator=',', dateformat='%d.%m.%Y', \
             timestampformat='%d.%m.%Y %H:%M')",
        ),
        (
            "csv-to-stream --skip-lines 1 --comment '#' --short-rows null b.csv",
            "read_csv('b.csv', skip=1, comment='#', null_padding=true, delim=',', header=true)",
        ),
        ("csv-to-stream c.csv", "read_csv('c.csv')"),
        (
            "csv-to-stream --rejects bad d.csv",
            "read_csv('d.csv', ignore_errors=true, columns={'a': 'BIGINT', 'b': 'BIGINT'})",
        ),
    ] {
        let program = "import duckdb, sys\n\
                       for row in duckdb.sql('from ' + sys.argv[1]).fetchall():\n\
                       \x20   print('|'.join('~' if value is None else str(value) for value in row))";
        let theirs = Python::run(program, place.path(), [query]).succeeds().stdout_text();
        let ours = rows(&place.shell(line).exits_with(0)).join("\n").replace('T', " ");
        assert_eq!(ours + "\n", theirs, "{line}");
    }
}
