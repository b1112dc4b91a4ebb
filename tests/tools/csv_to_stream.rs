//! csv-to-stream: which types it finds, what it reads exactly, and what it says of what it cannot.

mod everyday;

use crate::support::{
    Outcome, Python, Tool, Workplace, peak_kilobytes, read_stream, tool_directory,
};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::display::array_value_to_string;
use arrow_ipc::reader::StreamReader;
use arrow_pipes::schema::schema_text;
use std::io::Write;
use std::process::{Command, Stdio};

fn read(arguments: &[&str], text: &str) -> Outcome {
    Tool::new("csv-to-stream").args(arguments.iter().copied()).pipe_in(text).run()
}

/// `name: type` of each column.
fn types(run: &Outcome) -> String {
    let schema = StreamReader::try_new(&run.stdout[..], None).unwrap().schema();
    let fields = schema.fields().iter();
    let shown = fields.map(|field| {
        let null = if field.is_nullable() { "" } else { "!" };
        format!("{}: {}{null}", field.name(), field.data_type())
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// The rows, their values parted by bars; nulls are shown as `~`.
fn rows(run: &Outcome) -> Vec<String> {
    let row = |batch: &RecordBatch, row: usize| {
        let shown = batch.columns().iter().map(|column| {
            if column.is_null(row) {
                "~".to_owned()
            } else {
                array_value_to_string(column, row).unwrap()
            }
        });
        shown.collect::<Vec<_>>().join("|")
    };
    let batches = read_stream(&run.stdout);
    batches.iter().flat_map(|b| (0..b.num_rows()).map(|r| row(b, r)).collect::<Vec<_>>()).collect()
}

#[track_caller]
fn fails(arguments: &[&str], text: &str, message: &str) {
    let expected = format!("csv-to-stream: {message}\n");
    read(arguments, text).exits_with(1).stderr_is(&expected);
}

#[test]
fn types_are_concluded_from_the_values() {
    let text = "id,big,part,on,day,at,when,zip,empty,name\n\
                1,18446744073709551615,1.5,true,2024-02-29,12:30:00,2024-02-29 12:30:00,007,,a\n\
                -2,0,1e3,false,1970-01-01,00:00:00.5,1970-01-01,100,,\n";
    let run = read(&[], text).succeeds();
    assert_eq!(
        types(&run),
        "id: Int64, big: UInt64, part: Float64, on: Boolean, day: Date32, at: Time64(µs), \
         when: Timestamp(µs), zip: Utf8, empty: Utf8, name: Utf8"
    );
    assert_eq!(
        rows(&run),
        [
            "1|18446744073709551615|1.5|true|2024-02-29|12:30:00|2024-02-29T12:30:00|007|~|a",
            "-2|0|1000.0|false|1970-01-01|00:00:00.500|1970-01-01T00:00:00|100|~|~"
        ]
    );
    let zoned = read(&[], "at\n2024-02-29T12:00:00Z\n2024-02-29T12:00:00+02:00\n").succeeds();
    assert_eq!(types(&zoned), "at: Timestamp(µs, \"UTC\")");
    assert_eq!(rows(&zoned), ["2024-02-29T12:00:00Z", "2024-02-29T10:00:00Z"]);
}

#[test]
fn fields_are_those_of_rfc_4180() {
    let text =
        "\u{feff}a,\"b,\"\"c\"\"\"\r\n\r\n\"x\r\ny\",\"say \"\"it\"\"\"\r\n\"\",é 5\" wide\n,\"\"";
    let run = read(&[], text).succeeds();
    assert_eq!(types(&run), "a: Utf8, b,\"c\": Utf8");
    assert_eq!(rows(&run), ["x\r\ny|say \"it\"", "|é 5\" wide", "~|"]);
    // Where all is quoted, an empty field of numbers is still no number.
    assert_eq!(rows(&read(&[], "\"a\",\"b\"\n\"1\",\"\"\n\"\",\"x\"\n").succeeds()), ["1|", "~|x"]);
    // In one column an empty line is a null.
    assert_eq!(rows(&read(&[], "a\n1\n\n2\n").succeeds()), ["1", "~", "2"]);
}

#[test]
fn lines_end_with_lf_crlf_or_cr() {
    let place = Workplace::new();
    for text in [
        "id,name\r1,x\r2,y\r",
        "id,name\r1,x\r2,y",
        "\r\rid,name\r\r1,x\r2,\"y\"\r\r",
        "id,name\r\n1,x\r\n\"2\",\"y\"\r\n",
        "id,name\r\r\n1,x\r\r\n2,\"y\"\r\r\n",
        "id,name\n1,x\r\n2,y\r\r\n",
    ] {
        let run = read(&[], text).succeeds();
        assert_eq!(types(&run), "id: Int64, name: Utf8", "{text:?}");
        assert_eq!(rows(&run), ["1|x", "2|y"], "{text:?}");
        // However few bytes come at once.
        place.write("t.csv", text);
        let slow = "python3 -c \"import sys,os\nfor b in open('t.csv','rb').read(): os.write(1,bytes([b]))\"";
        let run = place.shell(&format!("{slow} | csv-to-stream")).succeeds();
        assert_eq!(rows(&run), ["1|x", "2|y"], "{text:?}");
    }
    let run = read(&[], "a,b\r\"x\ry\",\"z\n\"\r").succeeds();
    assert_eq!(rows(&run), ["x\ry|z\n"]);
    let run = read(&[], "a\r\r\n1\r\r\n2\r\r\n").succeeds();
    assert_eq!(rows(&run), ["1", "2"]);
    // Each file ends its lines in its own way.
    place.write("a.csv", "a,b\r1,2\r");
    place.write("b.csv", "a,b\n3,4\n");
    assert_eq!(
        rows(&place.shell("csv-to-stream a.csv b.csv a.csv").succeeds()),
        ["1|2", "3|4", "1|2"]
    );
    let input = "standard input: ";
    fails(&[], "a,b\r1,2\r3,x\r4,5,6\r", &format!("{input}line 4: 3 fields, but the header has 2"));
    fails(
        &["--schema", "a int8, b int8"],
        "a,b\r1,2\r3,x\r",
        &format!(
            "{input}line 3, column \"b\": \"x\" is not a valid int8 (--null 'x' reads it as null)"
        ),
    );
}

#[test]
fn a_stray_carriage_return_is_no_part_of_a_value() {
    let returns = "an unquoted field contains a carriage return, but the first line ends with LF (quote \
                   the field, or remove carriage returns: tr -d '\\r')";
    let feeds = "an unquoted field contains an LF, but the first line ends with CR alone (give all \
                 lines the same end: tr '\\r' '\\n')";
    for (text, line, why) in [
        ("a,b\n1,\"\r\n\"\n1,x\ry\n", 4, returns),
        ("a,b\r\n1,2\r\n1,\rx\r\n", 3, returns),
        ("a\rb\n1\n", 2, feeds),
        ("a,b\r1,2\r\n3,4\r\n", 3, feeds),
    ] {
        fails(&[], text, &format!("standard input: line {line}: {why}"));
    }
    // In quotes it is a part, and comes back.
    let run = read(&[], "a,b\n\"x\ry\",1\n").succeeds();
    assert_eq!(rows(&run), ["x\ry|1"]);
}

#[test]
fn repeated_names_become_unique() {
    let run = read(&[], "a,a,b,a_2,a,,\n1,2,3,4,5,6,7\n").exits_with(0);
    assert_eq!(
        types(&run),
        "a: Int64, a_3: Int64, b: Int64, a_2: Int64, a_4: Int64, : Int64, _2: Int64"
    );
    run.stderr_is(
        "csv-to-stream: standard input: the header repeats names: column 2 is \"a_3\" instead of \"a\", \
         column 5 is \"a_4\" instead of \"a\", column 7 is \"_2\" instead of \"\"\n",
    );
    // One column without a name is as pandas and R write row names.
    let run = read(&[], ",b\n0,x\n").succeeds();
    assert_eq!(types(&run), ": Int64, b: Utf8");
    // The options know the columns by their new names, and further files have the same ones.
    let place = Workplace::new();
    place.write("a.csv", "a,a\n1,2\n");
    let run = place.shell("csv-to-stream --types 'a_2 utf8' a.csv a.csv").exits_with(0);
    assert_eq!(types(&run), "a: Int64, a_2: Utf8");
    assert_eq!(rows(&run), ["1|2", "1|2"]);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    let run = place.shell("csv-to-stream --schema 'a_2 int8, a int8' a.csv").exits_with(0);
    assert_eq!(rows(&run), ["2|1"]);
    let many = format!("{}\n", ["x"; 20].join(","));
    read(&["--schema", "y int8"], &many).exits_with(2).stderr_has("--schema and the header differ");
    read(&[], &format!("{many}{many}")).exits_with(0).stderr_has("\"x\", and 14 more\n");
}

#[test]
fn the_signs_can_be_chosen() {
    let run = read(&["-d", "\\t", "--null", "\\N", "--quote", "'"], "a\tb\n'x\ty'\t\\N\n\t'\\N'\n");
    assert_eq!(rows(&run.succeeds()), ["x\ty|~", "|\\N"]);
    let run = read(&["--null", "NA", "--null", "", "--quote", "none"], "a,b\n1,\"\nNA,\n");
    assert_eq!(rows(&run.succeeds()), ["1|\"", "~|~"]);
    let run = read(&["--no-header"], "1,x\n2,y\n").succeeds();
    assert_eq!(types(&run), "column_1: Int64, column_2: Utf8");
    assert_eq!(rows(&run), ["1|x", "2|y"]);
}

#[test]
fn values_of_every_type_are_encoded() {
    for (values, text) in [
        ("bool", "true"),
        ("duration[s]", "PT1S"),
        ("month_interval", "P1M"),
        ("day_time_interval", "P1DT0S"),
        ("month_day_nano_interval", "P1M2DT3S"),
        ("list<int64>", "\"[1,null]\""),
        ("map<utf8, bool>", "\"{\"\"k\"\":true}\""),
        ("utf8", "x"),
    ] {
        for encoding in ["dictionary<int8, V>", "run_end_encoded<ends: int16, vals: V>"] {
            let schema = format!("a int8, b {}", encoding.replace('V', values));
            let text = format!("a,b\n1,{text}\n2,\n3,{text}\n");
            let run = read(&["--schema", &schema], &text).succeeds();
            let back = Tool::new("stream-to-csv").pipe_in(run.stdout.clone()).run().succeeds();
            assert_eq!(back.stdout_text(), text, "{schema}");
            assert_eq!(schema_text(&read_stream(&run.stdout)[0].schema()), schema);
        }
    }
}

#[test]
fn a_schema_is_taken_from_the_option_or_a_file() {
    let place = Workplace::new();
    place.write("s", "-- the columns\nprice decimal(9, 2)\nid int8 not null,\n\"a b\" utf8\n");
    let text = "id,price,a b\n1,9.9,x\n2,,\n";
    let run = place.tool("csv-to-stream").args(["--schema", "s"]).pipe_in(text).run().succeeds();
    // In the order of the schema.
    assert_eq!(types(&run), "price: Decimal128(9, 2), id: Int8!, a b: Utf8");
    assert_eq!(rows(&run), ["9.90|1|x", "~|2|~"]);
    let run = read(&["--no-header", "--schema", "a int32, b date32"], "1,2024-02-29\n").succeeds();
    assert_eq!(rows(&run), ["1|2024-02-29"]);
    let run = read(&["--types", "id int8"], "id,n\n1,2\n").succeeds();
    assert_eq!(types(&run), "id: Int8, n: Int64");
    // No line is awaited, and none is needed.
    assert_eq!(rows(&read(&["--schema", "a int8"], "a\n").succeeds()), [""; 0]);
    assert_eq!(rows(&read(&["--no-header", "--schema", "a int8"], "").succeeds()), [""; 0]);
}

#[test]
fn wrong_options_are_faults_of_the_command_line() {
    for (arguments, message) in [
        (
            &["--schema", "id int65"][..],
            "--schema: column \"id\": unknown type \"int65\" (did you mean int64, int8, int16?)",
        ),
        (&["--schema", "nosuch.txt"], "--schema: \"nosuch.txt\" is neither a file nor a schema"),
        (
            &["--schema", "id int8", "--types", "id int8"],
            "--types is for schemas that are inferred",
        ),
        (&["--types", "di int8"], "--types: unknown column \"di\"; the columns are \"id\", \"b\""),
        (&["--schema", "id int8"], "--schema and the header differ: the header has a column \"b\""),
        (&["--schema", "id int8, c int8"], "--schema and the header differ: unknown column \"c\""),
        (
            &["--schema", "id dense_union<a int8>, b utf8"],
            "column \"id\": a union cannot be read from JSON",
        ),
        (
            &["-d", "ab"],
            "-d: invalid delimiter \"ab\": use characters (8 bytes at most) that are not letters, digits or line \
             breaks, or \\t",
        ),
        (&["-d", ""], "-d: invalid delimiter \"\""),
        (&["-d", ";", "--quote", ";"], "--delimiter and --quote are the same character"),
        (&["-d", ";;", "--quote", ";"], "--delimiter contains the --quote character"),
        (&["--date-format", "DD.MM.YYYY"], "--date-format: invalid pattern \"DD.MM.YYYY\": use "),
        (&["--rejects", "-"], "--rejects cannot be standard output, which carries the stream"),
        (&["--comment", ""], "--comment: the start of a comment must not be empty"),
        (&["--long-rows", "null"], "--long-rows takes one of error, drop, not \"null\""),
        (&["--encoding", "ebcdic"], "--encoding takes one of utf-8, latin1, "),
        (
            &["--infer-rows", "all", "--schema", "id int8, b int8"],
            "--infer-rows is for schemas that are inferred",
        ),
        (&["--null", "a,b"], "--null \"a,b\": contains a delimiter"),
    ] {
        let run = read(arguments, "id,b\n1,2\n").exits_with(2).one_line_on_stderr();
        run.stderr_has(message).stdout_is("");
    }
}

#[test]
fn a_value_that_does_not_fit_is_named_with_its_line() {
    let input = "standard input: ";
    fails(
        &["--schema", "a utf8, b int8"],
        "a,b\n\"x\n\ny\",1\nz,128\n",
        &format!("{input}line 5, column \"b\": \"128\" is out of range for int8"),
    );
    fails(
        &["--schema", "a int8, b int8"],
        "a,b\n1,1\n\n1,x\ny,1\n",
        &format!(
            "{input}line 4, column \"b\": \"x\" is not a valid int8 (--null 'x' reads it as null)"
        ),
    );
    for (data_type, value, why) in [
        ("decimal(9, 2)", "1.005", "has more fractional digits than decimal128(9, 2)"),
        ("timestamp[s]", "2024-01-01 00:00:00.5", "has more fractional digits than timestamp[s]"),
        (
            "timestamp[s]",
            "2024-01-01T00:00:00Z",
            "has an offset from UTC, but timestamp[s] has no time zone",
        ),
        (
            "timestamp[s, Europe/Berlin]",
            "2024-10-27 02:30:00",
            "is ambiguous or missing in the time zone of timestamp[s, Europe/Berlin] (add its \
             offset from UTC)",
        ),
        ("date32", "2023-02-29 12:00", "is not a valid date32"),
        ("fixed_size_binary(3)", "AA==", "does not have the length of fixed_size_binary(3)"),
        ("int8 not null", "", "is null, but the column is declared not null"),
    ] {
        let text = format!("k,a\n1,{value}\n");
        let message = format!("{input}line 2, column \"a\": \"{value}\" {why}");
        fails(&["--schema", &format!("k int8, a {data_type}")], &text, &message);
    }
}

#[test]
fn nested_columns_are_json() {
    let schema = "id int8, v struct<a list<int16>, b utf8>";
    let text = "id,v\n1,\"{\"\"a\"\":[1,null],\"\"b\"\":\"\"x\"\"}\"\n2,\n3,{}\n";
    let run = read(&["--schema", schema], text).succeeds();
    assert_eq!(rows(&run), ["1|{a: [1, ], b: x}", "2|~", "3|{a: , b: }"]);
    let text = "id,v\n1,\n2,\"{\"\"a\"\":[1,\"\"x\"\"]}\"\n";
    fails(
        &["--schema", schema],
        text,
        "standard input: line 3, column \"v\": column \"a[]\": \"x\" is not a valid int16",
    );
    read(&["--schema", schema], "id,v\n1,{\n").exits_with(1).stderr_has("line 2, column \"v\": ");
}

#[test]
fn text_that_is_none_is_named_with_its_line() {
    let input = "standard input: ";
    fails(&[], "", &format!("{input}empty: missing header (use --no-header if there is none)"));
    fails(&[], "a,b\n1,2\n\n3\n", &format!("{input}line 4: 1 field, but the header has 2"));
    fails(
        &["--no-header"],
        "1,2\n1,2,3\n",
        &format!("{input}line 2: 3 fields, but the first line has 2"),
    );
    read(&[], "a\n1\n\"2\n3\n").exits_with(1).stderr_has("line 3: a quote is never closed");
    read(&[], "a\n\"2\" 3\n").exits_with(1).stderr_has("line 2: text after the closing quote");
    let latin = Tool::new("csv-to-stream").pipe_in(b"a,b\n1,2\n3,\xe9\n".to_vec()).run();
    latin.exits_with(1).one_line_on_stderr().stderr_has("line 3: not UTF-8 (--encoding latin1");
    let parquet = Tool::new("csv-to-stream").pipe_in(b"PAR1\x15\0\xff\n".to_vec()).run();
    parquet.exits_with(1).stderr_is(
        "csv-to-stream: standard input: not delimited text: a Parquet file (parquet-to-stream reads \
         it)\n",
    );
}

#[test]
fn several_files_of_one_header_are_one_stream() {
    let place = Workplace::new();
    place.write("a.csv", "x,y\n1,2\n3,4");
    place.write("b.csv", "x,y\n5,\n");
    place.write("c.csv", "x,z\n5,6\n");
    let run = place.shell("csv-to-stream a.csv - b.csv <b.csv").succeeds();
    assert_eq!(rows(&run), ["1|2", "3|4", "5|~", "5|~"]);
    place.shell("csv-to-stream a.csv c.csv").exits_with(1).stderr_is(
        "csv-to-stream: c.csv: its header differs from the first file's: column 2 is \"z\" \
             instead of \"y\"\n",
    );
    place.write("d.csv", "x,y\n1,2\nx,4\n");
    place.shell("csv-to-stream a.csv d.csv").exits_with(1).stderr_has(
        "d.csv: line 3, column \"x\": \"x\" is not a valid int64 (inferred from the first 2 \
         rows: --types 'x utf8' reads the column as text, --null 'x' reads it as null)",
    );
    place.shell("csv-to-stream a.csv nosuch.csv").exits_with(1).stdout_is("");
}

#[test]
fn a_value_that_does_not_fit_far_behind_leaves_no_file() {
    let place = Workplace::new();
    let lines = (1..=250_000).map(|row| match row {
        200_001 => "200001,n/a\n".to_owned(),
        _ => format!("{row},{}\n", row * 7),
    });
    place.write("big.csv", format!("id,price\n{}", lines.collect::<String>()));
    let line = "csv-to-stream < big.csv | stream-to-parquet -o big.parquet";
    let run = place.shell(&format!("set -o pipefail; {line}")).exits_with(1);
    let ours = "csv-to-stream: standard input: line 200002, column \"price\": \"n/a\" is not a \
                valid int64 (inferred from the first 65,536 rows: --types 'price utf8' reads the \
                column as text, --null 'n/a' reads it as null)";
    assert_eq!(run.stderr.lines().next(), Some(ours), "{}", run.stderr);
    assert_eq!(place.names(), ["big.csv"]);
    // Both ways out lead out.
    place.shell("csv-to-stream --types 'price utf8' big.csv | stream-to-parquet -o a").succeeds();
    place.shell("csv-to-stream --null n/a big.csv | stream-to-parquet -o b").succeeds();
}

#[test]
fn a_late_key_of_digits_is_no_number() {
    let place = Workplace::new();
    let early = |value: &str| format!("{value}\n").repeat(65_536);
    let zip = "would be changed by the inferred type int64 (inferred from the first 65,536 \
               rows: --types 'zip utf8' reads the column as text, --types 'zip int64' reads it as a number)";
    for (value, late, why) in [
        ("94107", "01220", zip),
        ("94107", "+1220", zip),
        (
            "94107",
            "-0",
            "would be changed by the inferred type int64 (inferred from the first 65,536 rows: \
             --types 'zip float64' accepts both",
        ),
        (
            "18446744073709551615",
            "007",
            "would be changed by the inferred type uint64 (inferred from ",
        ),
        ("1.5", "007", "would be changed by the inferred type float64 (inferred from "),
        (
            "94107",
            "1.5",
            "is not a valid int64 (inferred from the first 65,536 rows: --types 'zip float64' \
             accepts both, --null '1.5' reads it as null)",
        ),
        (
            "94107",
            "18446744073709551615",
            "is out of range for int64 (inferred from the first 65,536 rows: \
          --types 'zip decimal128(20, 0)' accepts both)",
        ),
        (
            "2024-02-29",
            "2024-02-29T12:00:00",
            "is not a valid date32 (inferred from the first 65,536 rows: --types 'zip \
          timestamp[us]' accepts both)",
        ),
        (
            "true",
            "1",
            "is not a valid bool (inferred from the first 65,536 rows: --types 'zip utf8' reads ",
        ),
    ] {
        let text = format!("zip\n{}{late}\n", early(value));
        let run = read(&[], &text).exits_with(1).one_line_on_stderr();
        run.stderr_has(&format!("line 65538, column \"zip\": \"{late}\" {why}"));
    }
    // In a later file, too; not where somebody says what the column is.
    place.write("a.csv", "zip\n94107\n");
    place.write("b.csv", "zip\n01220\n");
    place.shell("csv-to-stream a.csv b.csv").exits_with(1).stderr_has(
        "b.csv: line 2, column \"zip\": \"01220\" would be changed by the inferred type int64 \
         (inferred from the first row: ",
    );
    assert_eq!(rows(&place.shell("csv-to-stream b.csv a.csv").succeeds()), ["01220", "94107"]);
    let number = place.shell("csv-to-stream --types 'zip int64' a.csv b.csv").succeeds();
    assert_eq!(rows(&number), ["94107", "1220"]);
    let number = place.shell("csv-to-stream --schema 'zip int64' a.csv b.csv").succeeds();
    assert_eq!(rows(&number), ["94107", "1220"]);
    let text = place.shell("csv-to-stream --types 'zip utf8' a.csv b.csv").succeeds();
    assert_eq!(rows(&text), ["94107", "01220"]);
}

#[test]
fn long_records_and_many_batches_are_read_whole() {
    let long = "x,\"\"\n".repeat(1 << 20);
    let text = format!("id,text\n1,short\n2,\"{long}\"\n3,end\n");
    let run = read(&[], &text).succeeds();
    let batches = read_stream(&run.stdout);
    let texts: Vec<String> = batches
        .iter()
        .flat_map(|batch| {
            batch.column(1).as_string::<i32>().iter().map(|text| text.unwrap().to_owned())
        })
        .collect();
    assert_eq!(texts, ["short", &long.replace("\"\"", "\""), "end"]);

    let numbers: String = (0..300_000).map(|number| format!("{number}\n")).collect();
    let run = read(&[], &format!("n\n{numbers}")).succeeds();
    let batches = read_stream(&run.stdout);
    assert!(4 < batches.len() && batches.iter().all(|batch| batch.num_rows() <= 65_536));
    let read =
        batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec());
    assert!(read.eq(0..300_000));
}

#[test]
fn compressed_inputs_are_recognised_by_their_content() {
    let place = Workplace::new();
    let lines: String = (0..20_000).map(|row| format!("{row},{}\n", row * 7)).collect();
    place.write("a.csv", format!("id,of\n{lines}"));
    let objects = (0..20_000).map(|row| format!("{{\"id\":{row},\"of\":{}}}\n", row * 7));
    place.write("a.json", objects.collect::<String>());
    place.shell("csv-to-stream a.csv -o a.arrows").succeeds();
    let program = "import bz2, gzip, lzma, pyarrow\n\
                   for name in ('csv', 'json', 'arrows'):\n\
                   \x20   data = open('a.' + name, 'rb').read()\n\
                   \x20   half = len(data) // 2\n\
                   \x20   zstd = lambda data: pyarrow.compress(data, 'zstd', asbytes=True)\n\
                   \x20   for kind, compress in ('gz', gzip.compress), ('bz2', bz2.compress), ('xz', lzma.compress), ('zst', zstd):\n\
                   \x20       open(f'{name}.{kind}', 'wb').write(compress(data[:half]) + compress(data[half:]))\n\
                   \x20       open(f'cut-{name}.{kind}', 'wb').write(compress(data)[:-20])\n";
    Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    for kind in ["gz", "bz2", "xz", "zst"] {
        for (tool, name) in
            [("csv-to-stream", "csv"), ("json-to-stream", "json"), ("stream-cat", "arrows")]
        {
            for line in [
                format!("{tool} {name}.{kind}"),
                format!("{tool} <{name}.{kind}"),
                format!("cat {name}.{kind} | {tool}"),
                format!("{{ head -c 1; cat; }} <{name}.{kind} | {tool}"),
            ] {
                place
                    .shell(&format!("{line} | stream-cat | cmp - <(stream-cat a.arrows)"))
                    .succeeds();
            }
            // A whole file as a user cuts it short by a broken download.
            let run = place.shell(&format!("{tool} cut-{name}.{kind} -o out"));
            run.exits_with(1)
                .one_line_on_stderr()
                .stderr_has(&format!("cannot read cut-{name}.{kind}: "));
        }
        let all = format!(
            "csv-to-stream --infer-rows all csv.{kind} | stream-cat | cmp - <(stream-cat a.arrows)"
        );
        place.shell(&all).succeeds();
    }
    // Text may begin as bzip2 does.
    assert_eq!(types(&read(&[], "BZh91\n1\n").succeeds()), "BZh91: Int64");
    place.write("short", "\u{1f}");
    place.shell("csv-to-stream short").succeeds();
}

#[test]
fn memory_does_not_grow_with_a_file() {
    let place = Workplace::new();
    let text = "x".repeat(1000);
    place.write("long.csv", format!("id,text\n{}", format!("1,{text}\n").repeat(80_000)));
    // 15 MB, of which the window and a batch take most; all pages of the mapping took 90.
    let kilobytes = peak_kilobytes(&place, "csv-to-stream long.csv >/dev/null");
    assert!(kilobytes < 40_000, "{kilobytes}");
}

#[test]
fn whole_lines_are_passed_on_while_the_producer_thinks() {
    let mut child = Command::new(tool_directory().join("csv-to-stream"))
        .args(["--schema", "n int64"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut producer = child.stdin.take().unwrap();
    producer.write_all(b"n\n1\n2\n").unwrap();
    // Without the producer's end, this would wait for ever if nothing was passed on.
    let mut stream = StreamReader::try_new(child.stdout.take().unwrap(), None).unwrap();
    let mut rows = 0;
    while rows < 2 {
        rows += stream.next().unwrap().unwrap().num_rows();
    }
    producer.write_all(b"3\n").unwrap();
    assert_eq!(stream.next().unwrap().unwrap().num_rows(), 1);
    drop(producer);
    assert!(stream.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn no_bytes_end_in_a_panic() {
    // Pieces that mean something, put together by a generator of fixed numbers (Knuth's MMIX).
    let pieces: [&[u8]; 16] = [
        b"a",
        b",",
        b"\n",
        b"\"",
        b"\r\n",
        b"1",
        b"-2.5",
        b"\xff",
        b"\xc3\xa9",
        b"\0",
        b"2024-02-29",
        b"T12:30",
        b"\"\"",
        b"\xef\xbb\xbf",
        b"NaN",
        b"999999999999999999999999",
    ];
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..300 {
        let length = next(60);
        let text: Vec<u8> =
            (0..length).flat_map(|_| pieces[next(16) as usize].iter().copied()).collect();
        let schema = ["--null", ""];
        let typed = ["--no-header", "--schema", "a timestamp[us], b float32"];
        let by_option = [
            "--comment",
            "a",
            "--short-rows",
            "null",
            "--long-rows",
            "drop",
            "--rejects",
            "/dev/null",
            "-d",
            ",\"",
            "--quote",
            "none",
            "--decimal-comma",
            "--infer-rows",
            "all",
        ];
        let aside = [
            "--rejects",
            "/dev/null",
            "--skip-lines",
            "1",
            "--types",
            "a list<int8>",
            "--encoding",
            "latin1",
        ];
        let arguments: &[&str] = match round % 4 {
            0 => &schema,
            1 => &typed,
            2 => &by_option,
            _ => &aside,
        };
        let tool = Tool::new("csv-to-stream").args(arguments.iter().copied());
        let run = tool.pipe_in(text.clone()).run();
        let ended = matches!(run.status(), Some(0..=2));
        assert!(ended && !run.stderr.contains("internal"), "{text:?}: {}", run.stderr);
    }
}

#[test]
fn an_integer_that_an_inferred_float_lacks_is_an_error() {
    let place = Workplace::new();
    place.write("a.csv", "a\n9007199254740993\n0.5\n");
    place.shell("csv-to-stream a.csv").exits_with(1).stderr_is(
        "csv-to-stream: a.csv: line 2, column \"a\": \"9007199254740993\" would be rounded by the inferred \
         type float64 (inferred from the first 2 rows: --types 'a utf8' reads the column as text, --types \
         'a float64' reads it as a number)\n",
    );
    place.write("a.csv", "a\n9007199254740992\n0.5\n");
    place.shell("csv-to-stream a.csv").succeeds();
    place.write("a.json", "{\"a\":9007199254740993}\n{\"a\":0.5}\n");
    let told = place.shell("json-to-stream a.json").exits_with(1).one_line_on_stderr();
    told.stderr_has("9007199254740993 would be rounded by the inferred type float64")
        .stderr_has("--types 'a utf8' reads the column as text");
    let typed =
        "csv-to-stream --types 'a float64' a.csv; json-to-stream --types 'a float64' a.json";
    place.shell(typed).succeeds();
}
