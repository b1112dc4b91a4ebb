//! stream-summary: the columns of a table.

use crate::support::{
    Outcome, Tool, Workplace, int64_batch, peak_kilobytes, read_stream, stream_of,
};
use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Float64Type, Int64Type};
use std::sync::Arc;

/// A table with a column of each kind.
fn batch() -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5, 6, 7, 8]));
    let prices: ArrayRef = Arc::new(Float64Array::from(vec![
        Some(0.5),
        None,
        Some(f64::NAN),
        Some(1e12),
        Some(f64::NEG_INFINITY),
        Some(1.0 / 3.0),
        Some(2.0),
        Some(2.0),
    ]));
    let cities: ArrayRef = Arc::new(StringArray::from(vec![
        Some("Köln"),
        Some("Bonn"),
        None,
        Some("Köln"),
        Some(""),
        Some("Köln"),
        Some("NULL"),
        Some("Bonn"),
    ]));
    let flags: ArrayRef = Arc::new(BooleanArray::from_iter(
        [0, 1, 2, 1, 1, 2, 1, 1].map(|at| (at > 0).then_some(at == 1)),
    ));
    let days: ArrayRef = Arc::new(Date32Array::from(vec![0, 1, 2, 3, 4, 5, 6, 19_000]));
    let times = (0..8).map(|at| at * 1_000_000_000 + 1);
    let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from_iter_values(times));
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(
        (0..8).map(|at| (at != 3).then(|| vec![Some(1); at])),
    ));
    RecordBatch::try_from_iter_with_nullable([
        ("id", ids, false),
        ("price", prices, true),
        ("city", cities, true),
        ("flag", flags, true),
        ("day", days, false),
        ("time", times, false),
        ("list", lists, true),
    ])
    .unwrap()
}

fn summary(arguments: &[&str], input: &[u8]) -> Outcome {
    Tool::new("stream-summary").args(arguments.iter().copied()).pipe_in(input).run()
}

const TEXT: &str = "\
8 rows, 7 columns

column  type                nulls  distinct  values
id      int64                   0         8  ████████
price   float64        1 (12.5 %)         6  █              ▂
city    utf8           1 (12.5 %)         4  0 to 4 characters
flag    bool           1 (12.5 %)         2  71.4 % true
day     date32                  0         8  █              ▂
time    timestamp[us]           0         8  █ █ █ █  █ █ █ █
list    list<int64>    1 (12.5 %)         -  0 to 7 elements

column        min       mean  deviation        max  NaN  infinite
id              1        4.5    2.44949          8    -         -
price   -Infinity  2.0000e11  4.4721e11  1.0000e12    1         1

column        5 %      25 %  50 %  75 %       95 %
id              1         2     4     6          8
price   -Infinity  0.333333   0.5     2  1.0000e12

column  earliest             5 %                  25 %                 50 %                 75 %                 95 %                 latest
day     1970-01-01           1970-01-01           1970-01-02           1970-01-04           1970-01-06           2022-01-08           2022-01-08
time    1970-01-01T00:00:00  1970-01-01T00:00:00  1970-01-01T00:16:40  1970-01-01T00:50:00  1970-01-01T01:23:20  1970-01-01T01:56:40  1970-01-01T01:56:40

column  mean length  smallest  largest
city        3.42857  \"\"        \"NULL\"

column  most frequent values (rows)
price   2 (2), -Infinity (1), 0.333333 (1), 0.5 (1), 1.0000e12 (1)
city    Köln (3), Bonn (2), \"\" (1), \"NULL\" (1)
";

#[test]
fn people_get_tables() {
    summary(&[], &stream_of(&[batch()])).succeeds().stdout_is(TEXT);
}

#[test]
fn lines_fit_the_width_that_columns_says() {
    let place = Workplace::new();
    place.write("x.arrows", stream_of(&[batch()]));
    for width in [60, 80, 120] {
        let text = place.shell(&format!("COLUMNS={width} stream-summary x.arrows")).succeeds();
        for line in text.stdout_text().lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn json_has_a_line_for_each_column() {
    let run = summary(&["--json", "-c", "list,id"], &stream_of(&[batch()])).succeeds();
    run.stdout_is(concat!(
        r#"{"column":"list","type":"list<int64>","rows":8,"nulls":1,"shortest":0,"#,
        r#""mean_length":3.5714285714285716,"longest":7}"#,
        "\n",
        r#"{"column":"id","type":"int64","rows":8,"nulls":0,"distinct":8,"distinct_exact":true,"#,
        r#""min":1,"q05":1,"q25":2,"q50":4,"q75":6,"q95":8,"max":8,"quantiles_exact":true,"#,
        r#""mean":4.5,"deviation":2.449489742783178,"top":[{"value":1,"rows":1},"#,
        r#"{"value":2,"rows":1},{"value":3,"rows":1},{"value":4,"rows":1},{"value":5,"rows":1},"#,
        r#"{"value":6,"rows":1},{"value":7,"rows":1},{"value":8,"rows":1}],"top_exact":true,"#,
        r#""histogram":{"from":1,"to":8,"rows":[1,1,1,1,1,1,1,1]}}"#,
        "\n"
    ));
}

#[test]
fn a_stream_has_a_row_for_each_column() {
    let run = summary(&["--stream"], &stream_of(&[batch()])).succeeds();
    let found = &read_stream(&run.stdout)[0];
    let fields = found.schema().fields().clone();
    let types = fields.iter().map(|field| format!("{} {}", field.name(), field.data_type()));
    let types: Vec<String> = types.collect();
    assert_eq!(
        types[..7],
        [
            "column Utf8",
            "type Utf8",
            "rows Int64",
            "nulls Int64",
            "distinct Int64",
            "distinct_exact Boolean",
            "true Int64",
        ]
    );
    assert_eq!(types.len(), 25, "{types:?}");
    let texts = |name: &str| -> Vec<Option<String>> {
        let texts = found.column_by_name(name).unwrap().as_string::<i32>().iter();
        texts.map(|text| text.map(str::to_owned)).collect()
    };
    let of = |text: &str| Some(text.to_owned());
    assert_eq!(
        texts("min"),
        [
            of("1"),
            of("-Infinity"),
            of(""),
            None,
            of("1970-01-01"),
            of("1970-01-01T00:00:00.000001"),
            None,
        ]
    );
    assert_eq!(texts("q50")[1], of("0.5"));
    let means = found.column_by_name("mean").unwrap().as_primitive::<Float64Type>();
    assert_eq!(means.value(1), (0.5 + 1e12 + 1.0 / 3.0 + 4.0) / 5.0);
    let count = |name: &str, row| {
        found.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(row)
    };
    assert_eq!([count("nan", 1), count("infinite", 1), count("true", 3)], [1, 1, 5]);
    let empty = summary(&["--stream"], &stream_of(&[int64_batch(&[("a", vec![])])])).succeeds();
    assert_eq!(read_stream(&empty.stdout)[0].num_rows(), 1);
}

#[test]
fn batches_encodings_and_threads_make_no_difference() {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'id = 0..60000, kind = random(choice 20), price = random(float64) \
                 nulls 0.1, name = random(text 1..3), word = random(text 4..9)' >x.arrows",
        )
        .succeeds();
    place.shell("stream-to-parquet -o x.parquet x.arrows").succeeds();
    let expected = place.shell("stream-summary --json x.arrows").succeeds().stdout_text();
    assert_eq!(
        expected.lines().filter(|line| line.contains("\"distinct_exact\":false")).count(),
        4
    );
    for line in [
        "stream-rechunk --batch-rows 777 x.arrows | stream-summary --json",
        "stream-summary --json -j 1 x.arrows",
        "stream-summary --json -j 5 x.parquet",
        "cat x.parquet | parquet-to-stream | stream-summary --json",
        "parquet-to-stream x.parquet --batch-rows 5000 | stream-summary --json",
        "stream-to-csv x.arrows >x.csv; stream-summary --json x.csv",
    ] {
        let found = place.shell(line).succeeds().stdout_text();
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn the_input_passes_through_a_tee() {
    let place = Workplace::new();
    let input = stream_of(&[batch(), batch().slice(0, 3)]);
    place.write("x.arrows", &input);
    let expected = place.shell("stream-summary x.arrows").succeeds().stdout_text();
    let run =
        place.shell("cat x.arrows | stream-summary --tee -").exits_with(0).stderr_is(&expected);
    assert_eq!(read_stream(&run.stdout).len(), 2);
    let rows = place.shell("stream-to-json --nan string x.arrows").succeeds().stdout_text();
    let line = "cat x.arrows | stream-summary --tee - 2>/dev/null | stream-to-json --nan string";
    place.shell(line).succeeds().stdout_is(&rows);
    place.shell("stream-summary --tee y.arrows x.arrows").succeeds().stdout_is(&expected);
    place.shell("stream-count y.arrows").succeeds().stdout_is("11\n");
    place
        .shell("stream-summary --tee - -o s.txt x.arrows | stream-count")
        .succeeds()
        .stdout_is("11\n");
    assert_eq!(std::fs::read_to_string(place.file("s.txt")).unwrap(), expected);
    place
        .shell("stream-summary --tee - --stream -c id -o s.arrows x.arrows | stream-count")
        .succeeds()
        .stdout_is("11\n");
    place
        .shell("stream-select '\"column\", rows' s.arrows | stream-to-csv")
        .succeeds()
        .stdout_is("column,rows\nid,11\n");
    // A reader that needs one column, and a summary of another.
    let large = "stream-generate 'a = 0..900000, b = random(int64 0..5), c = random(text 9..10)'";
    let line = format!("{large} | stream-summary --tee - -c b -o s.json --json | stream-count");
    place.shell(&line).succeeds().stdout_is("900000\n");
    let json = std::fs::read_to_string(place.file("s.json")).unwrap();
    assert!(json.starts_with("{\"column\":\"b\",\"type\":\"int64\",\"rows\":900000,"), "{json}");
}

#[test]
fn an_input_without_its_end_leaves_no_summary_and_no_end() {
    let place = Workplace::new();
    let input = stream_of(&[batch()]);
    place.write("x.arrows", &input[..input.len() - 8]);
    let run = place.shell("cat x.arrows | stream-summary").exits_with(1).one_line_on_stderr();
    assert_eq!(run.stdout_text(), "");
    place.shell("stream-summary --tee y.arrows x.arrows").exits_with(1).stdout_is("");
    assert!(!place.file("y.arrows").exists());
    let line = "cat x.arrows | stream-summary --tee - 2>/dev/null | stream-count";
    place.shell(line).exits_with(1).stderr_has("end");
}

#[test]
fn a_wrong_command_line_is_explained() {
    let input = stream_of(&[batch()]);
    for (arguments, message) in [
        (&["--json", "--stream"][..], "--json cannot be combined with --stream"),
        (&["--stream", "--tee", "-"], "--stream with --tee - requires --output"),
        (&["--tee", "a", "-o", "a"], "--tee and --output name the same file"),
        (&["-c", "pirce"], "--columns: unknown column \"pirce\" (did you mean \"price\"?)"),
    ] {
        summary(arguments, &input).exits_with(2).stderr_has(message);
    }
}

#[test]
fn files_of_every_format_are_read() {
    let place = Workplace::new();
    place.write("x.csv", "a,b\n1,x\n2,y\n");
    place.write("x.json", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n");
    let expected = place.shell("stream-summary x.csv").succeeds().stdout_text();
    place.shell("csv-to-stream x.csv | stream-to-parquet -o x.parquet").succeeds();
    place.shell("csv-to-stream x.csv | stream-to-file -o x.arrow").succeeds();
    for name in ["x.json", "x.parquet", "x.arrow"] {
        place.shell(&format!("stream-summary {name}")).succeeds().stdout_is(&expected);
    }
}

#[test]
fn memory_does_not_depend_on_the_number_of_rows() {
    let place = Workplace::new();
    let peak = |rows: u64| {
        let columns = "price = random(float64), name = random(text 9..12)";
        let line = format!("stream-generate --rows {rows} '{columns}' -o {rows}.arrows");
        place.shell(&line).succeeds();
        peak_kilobytes(&place, &format!("stream-summary {rows}.arrows >/dev/null"))
    };
    let (few, many) = (peak(130_000), peak(1_300_000));
    assert!(many < few + 8 * 1024, "{few} {many}");
}

#[test]
fn lengths_of_one_have_a_singular() {
    let place = Workplace::new();
    place.write("x.csv", "a\nx\ny\n");
    place.shell("stream-summary x.csv").succeeds().stdout_has("1 character\n");
}
