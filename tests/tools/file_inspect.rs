//! file-inspect: what it shows of each format, and what it says of files it cannot read.

mod dictionary;
mod pages;
mod rows;
mod statistics;
mod verify;

use crate::support::{Outcome, Tool, Workplace, int64_batch, stream_of};
use arrow::array::{
    ArrayRef, Decimal128Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::Int32Type;
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[test]
fn a_line_tells_each_file() {
    let place = samples();
    inspect(&place, &["d.parquet", "d.arrow", "d.arrows"]).succeeds().stdout_is(
        "path       format        rows  groups/batches  columns    bytes  codec\n\
         d.parquet  parquet         10               1        2    796 B  none\n\
         d.arrow    arrow file      20               2        2  1.4 KiB  none\n\
         d.arrows   arrow stream    20               2        2  1.1 KiB  none\n\
         (3 files)                  50               5           3.2 KiB\n",
    );
    inspect(&place, &["d.parquet"]).succeeds().stdout_has("row groups");
    inspect(&place, &["d.arrows"]).succeeds().stdout_has("batches");
}

#[test]
fn small_row_groups_are_marked_and_explained() {
    let place = samples();
    let small = properties().set_max_row_group_row_count(Some(5)).build();
    place.write("small.parquet", parquet_of(&numbers(0, 10), small));
    inspect(&place, &["d.parquet", "small.parquet"]).succeeds().stdout_is(
        "path           format   rows  row groups  columns    bytes  codec\n\
         d.parquet      parquet    10           1        2    796 B  none\n\
         small.parquet  parquet    10           2        2  1.1 KiB  none   !\n\
         (2 files)                 20           3           1.9 KiB\n\
         ! small.parquet: small row groups are slow to read (100,000 rows are usual)\n",
    );
}

#[test]
fn row_groups_with_many_rows_or_bytes_are_not_marked() {
    let place = Workplace::new();
    let many = properties().set_max_row_group_row_count(Some(10_000)).build();
    place.write("many.parquet", parquet_of(&numbers(0, 20_000), many));
    let long = "x".repeat(1 << 20);
    let text: ArrayRef = Arc::new(StringArray::from(vec![long.as_str(); 4]));
    let batch = RecordBatch::try_from_iter([("text", text)]).unwrap();
    let large = properties()
        .set_max_row_group_row_count(Some(2))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
        .build();
    place.write("large.parquet", parquet_of(&batch, large));
    let shown = inspect(&place, &["many.parquet", "large.parquet"]).succeeds();
    assert!(!shown.stdout_text().contains('!'), "{}", shown.stdout_text());
}

#[test]
fn counts_are_bare_for_one_file_and_named_for_several() {
    let place = samples();
    let count = |what: &str, file: &str, expected: &str| {
        inspect(&place, &["--count", what, file]).succeeds().stdout_is(&format!("{expected}\n"));
    };
    count("rows", "d.parquet", "10");
    count("row-groups", "d.parquet", "1");
    count("columns", "d.parquet", "2");
    count("bytes", "d.parquet", "796");
    count("rows", "d.arrows", "20");
    count("batches", "d.arrows", "2");
    count("batches", "d.arrow", "2");
    inspect(&place, &["--count", "rows", "d.parquet", "d.arrows"])
        .succeeds()
        .stdout_is("d.parquet: 10\nd.arrows: 20\n");
    inspect(&place, &["--count", "rows", "--total", "d.parquet", "d.arrows"])
        .succeeds()
        .stdout_is("d.parquet: 10\nd.arrows: 20\ntotal: 30\n");
    inspect(&place, &["--total", "d.parquet"]).exits_with(2);
    inspect(&place, &["--count", "row-groups", "d.arrows", "d.parquet"])
        .exits_with(1)
        .stdout_is("d.parquet: 1\n")
        .stderr_is(
            "file-inspect: d.arrows: the format \"arrow stream\" has record batches: \
             try --count batches\n",
        );
}

#[test]
fn columns_show_exact_bounds_over_all_row_groups() {
    let place = Workplace::new();
    place.write("t.parquet", typed());
    inspect(&place, &["--show", "columns", "t.parquet"]).succeeds().stdout_is(
        "column          parquet type        encodings  codec  bytes  ratio  nulls  index  bloom  min                          max\n\
         id              int64               dict       zstd   130 B    0.7      1   91 B      -  -9223372036854775808         9223372036854775807\n\
         big             uint64              dict       zstd   120 B    0.8      0   84 B      -  0                            18446744073709551615\n\
         price           decimal(20, 2)      dict       zstd   130 B    0.7      0   88 B      -  -0.05                        123456789012345678.90\n\
         at              timestamp(us, utc)  dict       zstd   127 B    0.7      0   84 B      -  1969-12-31T23:59:59.999999Z  2024-02-29T12:00:00Z\n\
         name            string              dict       zstd   130 B    0.7      1   82 B      -  \"\"                           \\u{1b}[31mred\n\
         tags.list.item  int32               dict       zstd   135 B    0.7      2   78 B      -  1                            3\n",
    );
}

#[test]
fn row_groups_have_a_bar() {
    let place = Workplace::new();
    let uneven = properties()
        .set_max_row_group_row_count(Some(8))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
        .build();
    place.write("u.parquet", parquet_of(&numbers(0, 10), uneven));
    inspect(&place, &["--show", "row-groups", "u.parquet"]).succeeds().stdout_is(
        "row group  rows  bytes  uncompressed  ratio\n        \
                 0     8  166 B         166 B    1.0  ####################\n        \
                 1     2   66 B          66 B    1.0  ########\n",
    );
}

#[test]
fn the_schema_is_a_tree_and_metadata_has_its_keys() {
    let place = Workplace::new();
    place.write("t.parquet", typed());
    place.write("d.arrows", stream());
    inspect(&place, &["--show", "schema", "t.parquet"]).succeeds().stdout_is(
        "field     parquet type        occurs\n\
         id        int64               optional\n\
         big       uint64              required\n\
         price     decimal(20, 2)      required\n\
         at        timestamp(us, utc)  required\n\
         name      string              optional\n\
         tags      list                required\n  \
           list    group               repeated\n    \
             item  int32               optional\n",
    );
    inspect(&place, &["--show", "metadata", "t.parquet"])
        .succeeds()
        .stdout_has("(format version)  1\n")
        .stdout_has("answer            42\n");
    // Several files stand under their names.
    let several = inspect(&place, &["--show", "schema", "t.parquet", "d.arrows"]).succeeds();
    several.stdout_has("t.parquet:\nfield").stdout_has(
        "\n\nd.arrows:\n\
         field  arrow type  occurs\n\
         id     int64       required\n\
         b      int64       required\n",
    );
}

#[test]
fn json_is_one_object_per_line_and_loses_nothing() {
    let place = samples();
    place.write("t.parquet", typed());
    let shown = inspect(&place, &["--json", "t.parquet", "d.arrows"]).succeeds().stdout_text();
    let objects: Vec<serde_json::Value> =
        shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    let column = |name: &str| {
        let columns = objects[0]["columns"].as_array().unwrap();
        columns.iter().find(|column| column["path"] == name).unwrap()
    };
    assert_eq!(column("id")["max"].to_string(), "9223372036854775807");
    assert_eq!(column("big")["max"].to_string(), "18446744073709551615");
    assert_eq!(column("price")["max"], "123456789012345678.90");
    assert_eq!(column("name")["nulls"], 1);
    assert_eq!(objects[0]["row_groups"].as_array().unwrap().len(), 2);
    assert_eq!(objects[0]["row_groups"][1]["columns"][0]["path"], "id");
    assert_eq!(objects[0]["metadata"][0]["key"], "answer");
    assert_eq!(objects[1]["end_marker"], true);
    assert_eq!(objects[1]["record_batches"][1]["rows"], 10);
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let place = samples();
    place.write("cut.parquet", &std::fs::read(place.file("d.parquet")).unwrap()[..300]);
    place.write("cut.arrow", &std::fs::read(place.file("d.arrow")).unwrap()[..300]);
    place.write("cut.arrows", &stream()[..500]);
    place.write("empty", "");
    std::fs::create_dir(place.file("nothing")).unwrap();
    place.write("text", "id,name\n1,a\n");
    place.write("locked.parquet", b"PARE........\x04\0\0\0PARE");
    let files = [
        "cut.parquet",
        "cut.arrow",
        "cut.arrows",
        "empty",
        "text",
        "locked.parquet",
        "missing",
        "nothing",
        "d.parquet",
    ];
    inspect(&place, &files)
        .exits_with(1)
        .stdout_is(
            "path       format   rows  row groups  columns  bytes  codec\n\
             d.parquet  parquet    10           1        2  796 B  none\n",
        )
        .stderr_is(
            "file-inspect: nothing: no file in this directory (names that begin with . or _ are skipped)\n\
             file-inspect: cut.parquet: truncated Parquet file: the footer is missing at its end\n\
             file-inspect: cut.arrow: truncated Arrow file: its footer, which comes last, is missing\n\
             file-inspect: cut.arrows: the stream stops in the middle of a message: the producer stopped early\n\
             file-inspect: empty: empty: there is nothing to inspect\n\
             file-inspect: text: neither a Parquet file nor an Arrow file or stream\n\
             file-inspect: locked.parquet: the file is encrypted, and no keys are given (--key-file)\n\
             file-inspect: cannot open missing: no such file or directory\n",
        );
}

#[test]
fn a_directory_is_the_files_below_it() {
    let place = samples();
    place.shell("mkdir -p d/e && cp d.parquet d/10.parquet && cp d.arrow d/9.arrow && cp d.arrows d/e/_x=1").succeeds();
    place.write("d/_metadata", "hidden");
    let counts = "d/9.arrow: 20\nd/10.parquet: 10\nd/e/_x=1: 20\n";
    inspect(&place, &["--count", "rows", "d"]).succeeds().stdout_is(counts);
    inspect(&place, &["--count", "rows", "d/*.parquet"]).succeeds().stdout_is("10\n");
}

#[test]
fn a_stream_without_end_marker_is_shown_with_a_warning() {
    let place = Workplace::new();
    place.write("open.arrows", &stream()[..stream().len() - 8]);
    inspect(&place, &["open.arrows"])
        .succeeds()
        .stdout_has("! open.arrows: no end marker: the producer may have stopped early\n");
}

#[test]
fn streams_one_after_another_count_together() {
    let place = Workplace::new();
    place.write("two.arrows", [stream(), stream()].concat());
    inspect(&place, &["--count", "rows", "two.arrows"]).succeeds().stdout_is("40\n");
    inspect(&place, &["--show", "metadata", "two.arrows"])
        .succeeds()
        .stdout_has("(streams)           2\n")
        .stdout_has("(end marker)        yes\n");
}

#[test]
fn standard_input_may_be_a_pipe_or_a_file() {
    let place = samples();
    let size = stream().len();
    let piped = |what: &str| place.tool("file-inspect").args(["--count", what]).pipe_in(stream());
    piped("rows").run().succeeds().stdout_is("20\n");
    piped("bytes").run().succeeds().stdout_is(&format!("{size}\n"));
    for file in ["d.parquet", "d.arrow", "d.arrows"] {
        place.shell(&format!("file-inspect - <{file}")).succeeds().stdout_has("\n-     ");
    }
    place
        .shell("mkfifo p; (cat d.arrows >p &); file-inspect --count batches p")
        .succeeds()
        .stdout_is("2\n");
    // Their footers come last: they are kept in a temporary file.
    for file in ["d.parquet", "d.arrow"] {
        let direct =
            place.shell(&format!("file-inspect --json - <{file}")).succeeds().stdout_text();
        place.shell(&format!("cat {file} | file-inspect --json")).succeeds().stdout_is(&direct);
    }
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run = Tool::new("file-inspect").args(arguments.iter().copied()).run();
        run.exits_with(2).stderr_is(&format!("file-inspect: {why}\n")).stdout_is("");
    };
    told(
        &["--show", "page", "x"],
        "--show takes one of files, row-groups, columns, pages, dictionary, schema, metadata, not \"page\"",
    );
    for other in [&["--json"][..], &["--stream"], &["--show", "columns"]] {
        told(
            &[other, &["--count", "rows", "x"]].concat(),
            "--count cannot be combined with --show, --json or --stream",
        );
    }
    told(
        &["--bloom-probe", "id=1", "--show", "columns", "x"],
        "--bloom-probe cannot be combined with --show or --count",
    );
    told(&["--bloom-probe", "id", "x"], "--bloom-probe takes a column and a value: COLUMN=VALUE");
    told(&["--json", "--stream", "x"], "--json cannot be combined with --stream");
}

/// The official Parquet files, good and bad: a report, or one line that says why not.
#[test]
fn every_official_parquet_file_is_told() {
    let Some(directory) = corpus("PARQUET_TEST_DATA", "parquet-testing/data") else { return };
    let told = tell_all(&directory, &["parquet", "encrypted"]);
    assert!(60 <= told, "only {told} files in {}", directory.display());
    let bad = directory.with_file_name("bad_data");
    if bad.is_dir() {
        tell_all(&bad, &["parquet"]);
    }
}

/// The golden Arrow streams and files, those in big-endian order among them: all can be described.
#[test]
fn every_golden_arrow_file_is_told() {
    let Some(directory) = corpus("ARROW_TEST_DATA", "arrow-testing/data") else { return };
    let mut told = 0;
    let integration = directory.join("arrow-ipc-stream/integration");
    for version in std::fs::read_dir(integration).unwrap() {
        let files = files(&version.unwrap().path(), &["stream", "arrow_file"]);
        if !files.is_empty() {
            told += files.len();
            Tool::new("file-inspect").args(files).run().succeeds();
        }
    }
    assert!(100 <= told, "only {told} files");
}

fn tell_all(directory: &Path, extensions: &[&str]) -> usize {
    let files = files(directory, extensions);
    for file in &files {
        let shown = Tool::new("file-inspect").args(["--show", "columns"]).arg(file).run();
        match shown.status() {
            Some(0) => {
                shown.succeeds();
            }
            _ => {
                let name = file.to_str().unwrap();
                let shown = shown.exits_with(1).stdout_is("").one_line_on_stderr();
                let shown = shown.stderr_has(name);
                assert!(!shown.stderr.contains("internal error"), "{}", shown.stderr);
            }
        }
        Tool::new("file-inspect").arg("--json").arg(file).run();
    }
    files.len()
}

fn files(directory: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_wanted = |path: &PathBuf| {
        path.extension().is_some_and(|e| extensions.contains(&e.to_str().unwrap_or_default()))
    };
    paths.filter(is_wanted).collect()
}

/// Where test data lies that is not part of this package: `variable` says, else beside the package.
#[allow(clippy::print_stderr)] // Who runs the tests must hear of it.
fn corpus(variable: &str, place: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(place);
    let directory = std::env::var_os(variable).map_or(beside, PathBuf::from);
    if directory.is_dir() {
        return Some(directory);
    }
    eprintln!("SKIPPED: no {}; name the directory by {variable}", directory.display());
    None
}

fn inspect(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.tool("file-inspect").args(arguments.iter().copied()).run()
}

/// The same rows in each format; the Arrow ones twice, in two batches.
fn samples() -> Workplace {
    let place = Workplace::new();
    let batch = numbers(0, 10);
    place.write("d.parquet", parquet_of(&batch, properties().build()));
    place.write("d.arrows", stream());
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    file.write(&batch).unwrap();
    place.write("d.arrow", file.into_inner().unwrap());
    place
}

fn stream() -> Vec<u8> {
    stream_of(&[numbers(0, 10), numbers(10, 20)])
}

fn numbers(from: i64, to: i64) -> RecordBatch {
    int64_batch(&[("id", (from..to).collect()), ("b", vec![7; (to - from) as usize])])
}

/// A column of each kind whose bounds are easily lost, in two row groups.
fn typed() -> Vec<u8> {
    let id: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]));
    let big: ArrayRef = Arc::new(UInt64Array::from(vec![0, 1 << 63, u64::MAX]));
    let price = Decimal128Array::from(vec![-5, 0, 12_345_678_901_234_567_890]);
    let price: ArrayRef = Arc::new(price.with_precision_and_scale(20, 2).unwrap());
    let at = TimestampMicrosecondArray::from(vec![-1, 0, 1_709_208_000_000_000]);
    let at: ArrayRef = Arc::new(at.with_timezone("UTC"));
    let name: ArrayRef = Arc::new(StringArray::from(vec![Some(""), None, Some("\u{1b}[31mred")]));
    let tags = vec![Some(vec![Some(1), None]), Some(vec![]), Some(vec![Some(3)])];
    let tags: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(tags));
    let columns = [
        ("id", id, true),
        ("big", big, false),
        ("price", price, false),
        ("at", at, false),
        ("name", name, true),
        ("tags", tags, false),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let key_value = parquet::file::metadata::KeyValue::new("answer".to_owned(), "42".to_owned());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(2))
        .set_key_value_metadata(Some(vec![key_value]))
        .build();
    parquet_of(&batch, properties)
}

fn properties() -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder().set_created_by("a test".to_owned())
}

fn parquet_of(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}
