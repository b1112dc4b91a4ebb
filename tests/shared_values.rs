//! Rows that share values: views, list views, dictionaries and runs. A batch of a megabyte may have
//! terabytes of them if each row has its own. Tools that pass columns on do not mind.

use crate::support::{Python, Tool, Workplace, read_stream, stream_of};
use arrow::array::{
    ArrayRef, AsArray, BinaryViewArray, DictionaryArray, Int32Array, Int64Array, ListViewArray,
    RecordBatch, StringArray, StringViewArray, StructArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int32Type};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use std::sync::Arc;

/// Command lines that pass columns on, and the rows that they write of a thousand.
const PASSING: &[(&[&str], usize)] = &[
    (&["stream-cat"], 1000),
    (&["stream-head", "-n", "-0"], 1000),
    (&["stream-head", "-n", "700"], 700),
    (&["stream-tail", "-n", "700"], 700),
    (&["stream-tail", "-n", "+301"], 700),
    (&["stream-rechunk"], 1000),
    (&["stream-rechunk", "--batch-rows", "300"], 1000),
    (&["stream-sample", "--every", "2"], 500),
    (&["stream-filter", "TRUE"], 1000),
    (&["stream-filter", "id >= 300"], 700),
    (&["file-to-stream"], 1000),
    (&["file-to-stream", "--where", "id >= 300"], 700),
    (&["file-to-stream", "--skip", "300"], 700),
];

fn encoded(batch: &RecordBatch, codec: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(codec).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// A view of the bytes from `start` to `end` of the first buffer.
fn view(text: &[u8], start: usize, end: usize) -> u128 {
    let prefix = u32::from_le_bytes(*text[start..].first_chunk().unwrap());
    (end - start) as u128 | u128::from(prefix) << 32 | (start as u128) << 96
}

/// Text views of the same text: `ranges` of its bytes.
fn views(text: &str, ranges: impl Iterator<Item = (usize, usize)>) -> StringViewArray {
    let bytes = text.as_bytes();
    let buffers = BinaryViewArray::from(vec![bytes]).data_buffers().to_vec();
    let views: Vec<u128> = ranges.map(|(start, end)| view(bytes, start, end)).collect();
    StringViewArray::try_new(views.into(), buffers, None).unwrap()
}

fn ids(rows: i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(0..rows))
}

/// A thousand rows that share a kilobyte of text, plain and in a struct, and a thousand numbers in
/// list views: a megabyte each if every row has its own.
fn shared() -> RecordBatch {
    let text: ArrayRef = Arc::new(views(&"ä".repeat(500), (0..1000).map(|_| (0, 1000))));
    let field = Arc::new(Field::new("text", DataType::Utf8View, true));
    let inside: ArrayRef = Arc::new(StructArray::from(vec![(field, text.clone())]));
    let item = Arc::new(Field::new("item", DataType::Int64, true));
    let (starts, sizes) = (vec![0; 1000].into(), vec![1000; 1000].into());
    let lists = ListViewArray::new(item, starts, sizes, ids(1000), None);
    let columns =
        [("id", ids(1000)), ("text", text), ("inside", inside), ("lists", Arc::new(lists))];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn columns_that_are_passed_on_may_share_any_number_of_bytes() {
    let place = Workplace::new();
    let batch = shared();
    for codec in [None, Some(CompressionType::LZ4_FRAME)] {
        place.write("x.arrows", encoded(&batch, codec));
        for (line, rows) in PASSING {
            let tool = place.tool(line[0]).args(&line[1..]);
            let run = tool.args(["--max-message-bytes", "100KiB", "x.arrows"]).run().succeeds();
            let parts = read_stream(&run.stdout);
            let passed = concat_batches(&batch.schema(), &parts).unwrap();
            assert_eq!(passed.num_rows(), *rows, "{line:?}");
            if line.contains(&"--every") {
                continue;
            }
            let first =
                if line.contains(&"-n") && line[0] == "stream-head" { 0 } else { 1000 - rows };
            assert_eq!(passed, batch.slice(first, *rows), "{line:?}");
            let shared = run.stdout.len() < 100_000 * parts.len();
            assert!(shared, "{line:?}: {} bytes", run.stdout.len());
        }
    }
}

#[test]
fn columns_that_are_written_row_by_row_may_share_any_number_of_bytes() {
    let place = Workplace::new();
    let batch = shared().project(&[0, 1, 2]).unwrap();
    place.write("x.arrows", stream_of(std::slice::from_ref(&batch)));
    let limit = ["--max-message-bytes", "100KiB", "x.arrows"];
    let csv = place.tool("stream-select").arg("id").args(limit).run().succeeds();
    assert_eq!(read_stream(&csv.stdout)[0].num_rows(), 1000);
    let json = place.tool("stream-to-json").args(limit).run().succeeds().stdout_text();
    let text = "ä".repeat(500);
    let row = format!("{{\"id\":999,\"text\":\"{text}\",\"inside\":{{\"text\":\"{text}\"}}}}");
    assert_eq!(json.lines().last(), Some(row.as_str()));
    place.tool("stream-to-parquet").args(limit).args(["-o", "x.parquet"]).run().succeeds();
    place.tool("stream-to-file").args(limit).args(["-o", "x.arrow"]).run().succeeds();
    let program = "import pyarrow.ipc as ipc, pyarrow.parquet as pq\n\
                   read = ipc.open_stream('x.arrows').read_all().to_pylist()\n\
                   assert read == ipc.open_file('x.arrow').read_all().to_pylist()\n\
                   assert read == pq.read_table('x.parquet').to_pylist()";
    Python::run(program, place.path(), [""; 0]).succeeds();
}

/// Comparing or hashing takes as long as the bytes of each row are.
#[test]
fn columns_that_are_computed_with_have_a_limit() {
    let place = Workplace::new();
    for codec in [None, Some(CompressionType::LZ4_FRAME)] {
        place.write("x.arrows", encoded(&shared(), codec));
        for line in [
            &["stream-count", "--by", "text"][..],
            &["stream-summary", "-c", "text"],
            &["stream-filter", "text LIKE '%x%'"],
            &["stream-filter", "inside.text LIKE '%x%'"],
            &["stream-select", "length(text) AS n"],
            &["stream-sort", "--by", "text"],
            &["stream-sample", "--first", "1", "--of", "text"],
        ] {
            let limited = |size: &str| {
                let tool = place.tool(line[0]).args(&line[1..]);
                tool.args(["--max-message-bytes", size, "x.arrows"]).run()
            };
            let refused = limited("100KiB").exits_with(1).one_line_on_stderr();
            let why = "written row by row they take";
            assert!(refused.stderr.contains(why), "{line:?} {}", refused.stderr);
            limited("6MiB").succeeds();
        }
        // The other columns do not matter.
        for line in [
            &["stream-count", "--by", "id"][..],
            &["stream-summary", "-c", "id"],
            &["stream-select", "id + 1 AS n"],
        ] {
            let tool = place.tool(line[0]).args(&line[1..]);
            tool.args(["--max-message-bytes", "100KiB", "x.arrows"]).run().succeeds();
        }
    }
}

#[test]
fn shared_bytes_must_be_text() {
    let whole = "ä".repeat(500);
    let bytes = whole.as_bytes();
    let buffers = BinaryViewArray::from(vec![bytes]).data_buffers().to_vec();
    let mut raw = vec![view(bytes, 0, 1000); 1000];
    raw[700] = view(bytes, 1, 1000);
    let binary = BinaryViewArray::try_new(raw.into(), buffers, None).unwrap();
    let batch = RecordBatch::try_from_iter([("a", Arc::new(binary) as ArrayRef)]).unwrap();
    let schema = Field::new("a", DataType::Utf8View, true);
    let schema = arrow::datatypes::Schema::new(vec![schema]);
    let end = |stream: &[u8]| 8 + i32::from_le_bytes(stream[4..8].try_into().unwrap()) as usize;
    let head = stream_of(&[RecordBatch::new_empty(Arc::new(schema))]);
    for codec in [None, Some(CompressionType::LZ4_FRAME)] {
        let body = encoded(&batch, codec);
        let stream = [&head[..end(&head)], &body[end(&body)..]].concat();
        for size in ["100KiB", "1MiB"] {
            let tool = Tool::new("stream-cat").args(["--max-message-bytes", size]);
            let run = tool.pipe_in(&stream[..]).run().exits_with(1).one_line_on_stderr();
            assert!(run.stderr.to_lowercase().contains("utf-8"), "{}", run.stderr);
        }
    }
}

/// Runs a tool with 4 GiB of addresses; it may take ten seconds of processor time.
fn bounded(place: &Workplace, line: &str) -> crate::support::Outcome {
    place.shell(&format!("ulimit -v 4194304; ulimit -t 10; {line}"))
}

/// A million views of a mebibyte, each of other bytes: 300 GiB of different text.
#[test]
fn different_views_of_the_same_bytes_take_bounded_time() {
    let place = Workplace::new();
    let text = "x".repeat(1 << 20);
    let ranges = (0..1 << 20).map(|row| (row * 7 % 500_000, (1 << 20) - row % 5));
    let bytes = text.as_bytes();
    let buffers = BinaryViewArray::from(vec![bytes]).data_buffers().to_vec();
    let raw: Vec<u128> = ranges.map(|(start, end)| view(bytes, start, end)).collect();
    let binary = BinaryViewArray::try_new(raw.into(), buffers, None).unwrap();
    let batch = RecordBatch::try_from_iter([("a", Arc::new(binary) as ArrayRef)]).unwrap();
    let schema = arrow::datatypes::Schema::new(vec![Field::new("a", DataType::Utf8View, true)]);
    let head = stream_of(&[RecordBatch::new_empty(Arc::new(schema))]);
    let end = |stream: &[u8]| 8 + i32::from_le_bytes(stream[4..8].try_into().unwrap()) as usize;
    for codec in [None, Some(CompressionType::ZSTD)] {
        let body = encoded(&batch, codec);
        place.write("text.arrows", [&head[..end(&head)], &body[end(&body)..]].concat());
        place.write("bytes.arrows", &body);
        for line in ["stream-cat", "stream-filter TRUE", "stream-rechunk"] {
            let run = bounded(&place, &format!("{line} text.arrows >out"));
            let run = run.exits_with(1).one_line_on_stderr();
            run.stderr_has("the views of a batch share bytes: their different texts take");
            // Bytes need no check.
            bounded(&place, &format!("{line} bytes.arrows | stream-count")).stdout_is("1048576\n");
        }
    }
}

/// A dictionary of such views is refused, compressed or not.
#[test]
fn dictionaries_of_views_have_a_limit() {
    let values = views(&"x".repeat(1000), (0..1000).map(|_| (0, 1000)));
    let keys = Int32Array::from(vec![0]);
    let coded = DictionaryArray::<Int32Type>::new(keys, Arc::new(values));
    let batch = RecordBatch::try_from_iter([("a", Arc::new(coded) as ArrayRef)]).unwrap();
    for codec in [None, Some(CompressionType::LZ4_FRAME)] {
        let stream = encoded(&batch, codec);
        let limited = |size: &str| {
            let tool = Tool::new("stream-cat").args(["--max-message-bytes", size]);
            tool.pipe_in(&stream[..]).run()
        };
        let refused = limited("100KiB").exits_with(1).one_line_on_stderr();
        refused.stderr_has("written row by row they take 1000000 bytes (raise --max-message-bytes");
        limited("1MiB").succeeds();
    }
}

/// 480 MB of text, more than four times the largest message. It is written in slices.
#[test]
fn dictionaries_of_more_than_the_limit_are_written_in_slices() {
    let place = Workplace::new();
    let words: Vec<String> = (0..3).map(|word| word.to_string().repeat(1200)).collect();
    let words: ArrayRef = Arc::new(StringArray::from(words));
    let keys = Int32Array::from_iter_values((0..400_000).map(|row| row % 3));
    let column = DictionaryArray::<Int32Type>::new(keys, words);
    let batch = RecordBatch::try_from_iter([("a", Arc::new(column) as ArrayRef)]).unwrap();
    place.write("x.arrows", stream_of(&[batch]));
    let line = "ulimit -v 700000; stream-to-csv --max-message-bytes 1MiB x.arrows";
    let run = place.shell(&format!("{line} | tail -n 1")).succeeds();
    run.stdout_is(&format!("{}\n", "0".repeat(1200)));
    place.shell(&format!("{line} | wc -lc")).succeeds().stdout_has("400001 480400002");
    // So may no row.
    let long = StringArray::from(vec!["x".repeat(10_000)]);
    let column =
        DictionaryArray::<Int32Type>::new(Int32Array::from(vec![0; 30_000]), Arc::new(long));
    let batch = RecordBatch::try_from_iter([("a", Arc::new(column) as ArrayRef)]).unwrap();
    place.write("long.arrows", stream_of(&[batch]));
    let run = place.shell("stream-to-csv --max-message-bytes 2000 long.arrows >out").exits_with(1);
    let why = "a row shares values with others: written alone it takes 10000 bytes (raise";
    run.one_line_on_stderr().stderr_has(why);
}

/// A hundred gigabytes of a batch of 1.4 MB are not meant to be read.
#[test]
fn amplified_batches_are_refused_only_where_rows_are_written() {
    let place = Workplace::new();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions/stream");
    for name in ["amp-views", "amp-dict", "amp-ree", "amp-listview"] {
        place.shell(&format!("xz -dc {directory}/{name}.arrows.xz > x.arrows")).succeeds();
        for line in [
            "stream-cat x.arrows",
            "stream-filter TRUE x.arrows",
            "stream-head -n 60000 x.arrows",
            "stream-tail -n 60000 x.arrows",
            "stream-rechunk x.arrows",
            "stream-to-file x.arrows",
            "file-to-stream x.arrows",
        ] {
            let run = bounded(&place, &format!("{line} > out && wc -c < out && stream-count out"));
            let out = run.succeeds().stdout_text();
            let (bytes, rows) = out.trim().split_once('\n').unwrap();
            assert!(bytes.trim().parse::<u64>().unwrap() < 6 << 20, "{name}: {line}: {bytes}");
            assert_eq!(
                rows,
                if line.contains("-n") { "60000" } else { "100000" },
                "{name}: {line}"
            );
        }
        let run = bounded(&place, "stream-to-json x.arrows > out").exits_with(1);
        run.one_line_on_stderr().stderr_has("written row by row they take");
    }
}

#[test]
fn views_that_were_passed_on_are_the_same_bytes() {
    let batch = shared();
    let tool = Tool::new("stream-filter").args(["id < 5", "--max-message-bytes", "100KiB"]);
    let run = tool.pipe_in(stream_of(&[batch])).run().succeeds();
    let kept = &read_stream(&run.stdout)[0];
    let text = kept.column_by_name("text").unwrap().as_string_view();
    assert_eq!(text.value(4), "ä".repeat(500));
    assert!(text.data_buffers().iter().map(|buffer| buffer.len()).sum::<usize>() <= 1000);
}
