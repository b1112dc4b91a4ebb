//! Streams of strangers: what they claim is checked, and what they may take is limited.

use crate::support::{Tool, Workplace, int64_batch, read_stream, stream_of, tool_directory};
use arrow::array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int32Array, NullArray, RecordBatch, RunArray,
    StringArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Command lines of all tools that take a stream: `IN` is the stream, `OUT` a name for the output.
const COMMANDS: &[&[&str]] = &[
    &["file-inspect", "IN"],
    &["file-inspect", "--show", "columns", "IN"],
    &["file-to-stream", "IN"],
    &["stream-cat", "IN"],
    &["stream-cat", "--interleave", "IN", "IN"],
    &["stream-count", "IN"],
    &["stream-count", "--by", "#1", "IN"],
    &["stream-filter", "TRUE", "IN"],
    &["stream-filter", "1 = 1 AND #1 IS NOT NULL", "IN"],
    &["stream-head", "IN"],
    &["stream-head", "-n", "1", "IN"],
    &["stream-print", "IN"],
    &["stream-rechunk", "--batch-rows", "1000", "IN"],
    &["stream-sample", "--every", "3", "IN"],
    &["stream-sample", "--fraction", "0.5", "IN"],
    &["stream-select", "1 AS one", "IN"],
    &["stream-select", "*", "IN"],
    &["stream-sort", "--by", "#1", "IN"],
    &["stream-summary", "IN"],
    &["stream-summary", "--tee", "OUT", "IN"],
    &["stream-tail", "-n", "1", "IN"],
    &["stream-to-csv", "IN"],
    &["stream-to-file", "IN"],
    &["stream-to-json", "IN"],
    &["stream-to-parquet", "IN", "-o", "OUT"],
    &["stream-to-parquet", "IN", "-o", "OUT", "--partition-by", "#1", "--keep-partition-columns"],
    &["csv-to-stream", "--schema", "IN", "/dev/null"],
    &["json-to-stream", "--schema", "IN", "/dev/null"],
];

fn hostile_streams() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/stream");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Small streams that claim terabytes, through every tool, as processes with 4 GiB of addresses.
#[test]
fn hostile_streams_end_every_tool_in_order() {
    let place = Workplace::new();
    let streams = hostile_streams();
    assert!(30 < streams.len());
    let jobs: Vec<_> =
        streams.iter().flat_map(|path| COMMANDS.iter().map(move |line| (path, *line))).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((path, line)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let out = format!("{:?}", std::thread::current().id());
            let words = line[1..].iter().map(|word| match *word {
                "IN" => path.to_str().unwrap().to_owned(),
                "OUT" => out.clone(),
                other => other.to_owned(),
            });
            let limits =
                "ulimit -v 4194304; ulimit -c 0; exec timeout -s KILL 10 \"$@\" >/dev/null";
            let run = Tool::program("bash", place.path())
                .args(["-c", limits, "x"])
                .arg(tool_directory().join(line[0]))
                .args(words)
                .run();
            let told = format!("{line:?} {}: {:?} {}", path.display(), run.status(), run.stderr);
            // 2 where a column is missing, or cannot be what the command asks for.
            assert!(matches!(run.status(), Some(0..=2)), "{told}");
            let most = if run.status() == Some(2) { 3 } else { 1 };
            assert!(run.stderr.lines().count() <= most, "{told}");
            assert!(!run.stderr.contains("internal error"), "{told}");
            let _none = std::fs::remove_file(place.file(&out));
            let _none = std::fs::remove_dir_all(place.file(&out));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

fn error_of(stream: &[u8]) -> String {
    let run = Tool::new("stream-cat").pipe_in(stream).run();
    run.exits_with(1).one_line_on_stderr().stderr
}

fn regression(name: &str) -> String {
    let path = hostile_streams().into_iter().find(|path| path.ends_with(name)).unwrap();
    error_of(&std::fs::read(path).unwrap())
}

#[test]
fn headers_that_contradict_themselves_are_damaged() {
    let rows = regression("rows-2^36.arrows");
    assert!(
        rows.contains("column \"a\" has 200 rows in a record batch of 68719476736 rows"),
        "{rows}"
    );
    let counted = Tool::new("stream-count").arg(
        hostile_streams().into_iter().find(|path| path.ends_with("rows-2^36.arrows")).unwrap(),
    );
    counted.run().exits_with(1).stdout_is("").stderr_has("has 200 rows");
}

/// Each slice of the rest is measured by itself: measuring the whole rest each time took 11 s here.
#[test]
fn a_few_long_runs_are_written_in_slices() {
    let value = StringArray::from(vec!["a".repeat(40).as_str(), "b".repeat(40).as_str()]);
    let ends = Int32Array::from(vec![4_000_000, 8_000_000]);
    let runs = RunArray::<Int32Type>::try_new(&ends, &value).unwrap();
    let stream =
        stream_of(&[RecordBatch::try_from_iter([("a", Arc::new(runs) as ArrayRef)]).unwrap()]);
    let line = "stream-to-csv runs | tail -n 1; stream-to-csv runs | wc -l";
    let place = Workplace::new();
    place.write("runs", &stream);
    place.shell(line).succeeds().stdout_is(&format!("{}\n8000001\n", "b".repeat(40)));
}

#[test]
fn rows_without_bytes_have_a_limit() {
    for kind in ["null", "struct0", "nocolumns", "fsb0", "fsl0", "ree"] {
        for rows in ["2^31", "2^36", "2^62"] {
            let error = regression(&format!("{kind}-{rows}.arrows"));
            assert!(error.contains("more than the 33554432 that may take no bytes"), "{error}");
            assert!(error.contains("raise --max-message-bytes, which is 2.0 GiB"), "{error}");
        }
    }
}

#[test]
fn rows_without_bytes_have_no_limit_where_they_are_counted_or_moved() {
    let place = Workplace::new();
    for kind in ["null", "struct0", "nocolumns", "fsb0", "fsl0", "ree"] {
        for (exponent, rows) in [(31, (1_u64 << 31) - 1), (36, 1 << 36), (62, 1 << 62)] {
            let name = format!("{kind}-2^{exponent}.arrows");
            let path = hostile_streams().into_iter().find(|path| path.ends_with(&name)).unwrap();
            let counted = Tool::new("stream-count").arg(&path).run().succeeds();
            counted.stdout_is(&format!("{rows}\n"));
            let skipped = Tool::new("file-to-stream").args(["--skip", &rows.to_string()]);
            let skipped = skipped.arg(&path).run().succeeds();
            assert!(batch_rows(&skipped.stdout).is_empty(), "{name}");
        }
    }
    let batch = nulls(1 << 62);
    let file = |batches: usize| {
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        (0..batches).for_each(|_| writer.write(&batch).unwrap());
        place.write("x.arrow", writer.into_inner().unwrap());
        let moved =
            place.tool("file-to-stream").args(["--progress", "x.arrow"]).run().exits_with(0);
        Tool::new("stream-count").pipe_in(&moved.stdout[..]).run()
    };
    file(3).succeeds().stdout_is("13835058055282163712\n");
    file(5).exits_with(1).one_line_on_stderr().stderr_has("more than 18446744073709551615 rows");
}

fn nulls(rows: usize) -> RecordBatch {
    RecordBatch::try_from_iter([("a", Arc::new(NullArray::new(rows)) as ArrayRef)]).unwrap()
}

fn batch_rows(stream: &[u8]) -> Vec<usize> {
    read_stream(stream).iter().map(RecordBatch::num_rows).collect()
}

#[test]
fn batches_with_more_rows_than_bits_are_cut_and_others_are_not() {
    let many = stream_of(&[nulls(200_000)]);
    let slices = [65_536, 65_536, 65_536, 3_392];
    for line in [&["stream-cat"][..], &["stream-select", "1 AS b"], &["file-to-stream"]] {
        let run = Tool::new(line[0]).args(&line[1..]).pipe_in(&many[..]).run().succeeds();
        assert_eq!(batch_rows(&run.stdout), slices, "{line:?}");
    }
    let kept = Tool::new("stream-filter").arg("a IS NULL").pipe_in(&many[..]).run().succeeds();
    assert_eq!(batch_rows(&kept.stdout).iter().sum::<usize>(), 200_000);
    let last = ["--skip", "150000"];
    let rest = Tool::new("file-to-stream").args(last).pipe_in(&many[..]).run().succeeds();
    assert_eq!(batch_rows(&rest.stdout).iter().sum::<usize>(), 50_000);
    Tool::new("stream-count").pipe_in(&many[..]).run().succeeds().stdout_is("200000\n");

    let ordinary = stream_of(&[int64_batch(&[("a", (0..200_000).collect())])]);
    let run = Tool::new("stream-cat").pipe_in(&ordinary[..]).run().succeeds();
    assert_eq!(batch_rows(&run.stdout), [200_000]);
}

#[test]
fn the_size_of_a_message_in_memory_has_a_limit() {
    let place = Workplace::new();
    let stream = stream_of(&[int64_batch(&[("a", (0..10_000).collect())])]);
    place.write("x.arrows", &stream);
    let limited = |size: &str, operand: Option<&str>| {
        let tool = place.tool("stream-count").args(["--by", "a", "--max-message-bytes", size]);
        tool.args(operand).pipe_in(&stream[..]).run()
    };
    limited("10KiB", None).exits_with(1).one_line_on_stderr().stderr_is(
        "stream-count: standard input: a message has a body of 78.1 KiB (raise \
         --max-message-bytes, which is 10.0 KiB, to read it)\n",
    );
    limited("100KiB", None).succeeds();
    // A mapped file takes no memory.
    limited("10KiB", Some("x.arrows")).succeeds();
    // Metadata may have an eighth.
    limited("800", None).exits_with(1).one_line_on_stderr().stderr_has("of metadata (raise");
}

#[test]
fn decompressed_sizes_have_the_same_limit() {
    let batch = int64_batch(&[("a", vec![0; 100_000])]);
    let options = IpcWriteOptions::default();
    let options = options.try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    let stream = writer.into_inner().unwrap();
    let limited = |size: &str| {
        let tool = Tool::new("stream-cat").args(["--max-message-bytes", size]);
        tool.pipe_in(&stream[..]).run()
    };
    let refused = limited("100KiB").exits_with(1).one_line_on_stderr();
    refused.stderr_has("a message has 800000 bytes when decompressed (raise --max-message-bytes");
    let rows = batch_rows(&limited("1MiB").succeeds().stdout);
    assert_eq!(rows.iter().sum::<usize>(), 100_000);
}

/// The schema of one stream, followed by the messages of another.
fn spliced(schema: &Schema, stream: &[u8]) -> Vec<u8> {
    let schema = schema_only(schema);
    let end = |stream: &[u8]| 8 + i32::from_le_bytes(stream[4..8].try_into().unwrap()) as usize;
    [&schema[..end(&schema)], &stream[end(stream)..]].concat()
}

fn schema_only(schema: &Schema) -> Vec<u8> {
    StreamWriter::try_new(Vec::new(), schema).unwrap().into_inner().unwrap()
}

fn field(data_type: DataType) -> Schema {
    Schema::new(vec![Field::new("x", data_type, true)])
}

#[test]
fn messages_must_be_those_of_the_schema() {
    let stream = stream_of(&[int64_batch(&[("a", vec![1, 2]), ("b", vec![3, 4])])]);
    let error = error_of(&spliced(&field(DataType::Int64), &stream));
    assert!(error.contains("it has 2 nodes, but its schema needs 1"), "{error}");
    let pair = |second| {
        Schema::new(vec![Field::new("a", DataType::Int64, true), Field::new("b", second, true)])
    };
    let error = error_of(&spliced(&pair(DataType::Utf8), &stream));
    assert!(error.contains("it has 4 buffers, but its schema needs 5"), "{error}");
    let error = error_of(&spliced(&pair(DataType::Utf8View), &stream));
    assert!(error.contains("numbers of data buffers of views, but its schema needs 1"), "{error}");
    let error = error_of(&spliced(&pair(DataType::Decimal128(5, 2)), &stream));
    assert!(error.contains("column \"b\" has 16 bytes, which are too few for 2 rows"), "{error}");
    let words: DictionaryArray<Int32Type> = ["a", "b"].into_iter().collect();
    let coded = RecordBatch::try_from_iter([("x", Arc::new(words) as ArrayRef)]).unwrap();
    let error = error_of(&spliced(&field(DataType::Int32), &stream_of(&[coded])));
    assert!(error.contains("the schema has no dictionary 0"), "{error}");
}

#[test]
fn types_that_no_array_can_have_are_refused() {
    let item = |data_type| Arc::new(Field::new("item", data_type, true));
    let ends = Arc::new(Field::new("run_ends", DataType::UInt32, false));
    let one = DataType::Struct(vec![Field::new("key", DataType::Utf8, false)].into());
    for (data_type, why) in [
        (DataType::FixedSizeBinary(-1), "its values have -1 bytes"),
        (DataType::FixedSizeList(item(DataType::Int8), -2), "its lists have -2 elements"),
        (DataType::RunEndEncoded(ends, item(DataType::Int8)), "run ends are int16, int32 or int64"),
        (DataType::Map(item(one), false), "the entries of a map are a key and a value"),
        (DataType::Decimal128(0, 0), "has 1 to 38 digits, not 0"),
        (DataType::List(item(DataType::FixedSizeBinary(-1))), "column \"x.item\""),
    ] {
        let error = error_of(&schema_only(&field(data_type)));
        assert!(error.contains("damaged schema: column \"x") && error.contains(why), "{error}");
    }
    let mut deep = DataType::Int8;
    for _ in 0..70 {
        deep = DataType::List(item(deep));
    }
    let error = error_of(&schema_only(&field(deep)));
    assert!(error.contains("nested more than 64 tables deep"), "{error}");
}

#[test]
fn an_end_marker_alone_is_not_a_stream() {
    let error = error_of(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    assert!(error.contains("damaged stream: it does not begin with a schema"), "{error}");
}

#[test]
fn unaligned_buffers_are_copied() {
    let digits = Decimal128Array::from(vec![Some(1), None, Some(-3)]);
    let number = int64_batch(&[("a", vec![1, 2, 3])]).column(0).clone();
    let columns = [("a", number), ("d", Arc::new(digits) as ArrayRef)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let options = IpcWriteOptions::try_new(8, false, arrow_ipc::MetadataVersion::V5).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    let place = Workplace::new();
    // The file is mapped, and its stream begins at an odd place.
    let stream = writer.into_inner().unwrap();
    place.write("odd", [b"x", &stream[..]].concat());
    let script = "exec < odd; dd bs=1 count=1 status=none of=/dev/null; exec stream-to-csv";
    let run = place.shell(script).succeeds();
    assert!(run.stdout_text().lines().eq(["a,d", "1,0.0000000001", "2,", "3,-0.0000000003"]));
}
