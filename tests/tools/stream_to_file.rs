//! stream-to-file: what pyarrow finds in the file, and what it says when it cannot write one.

use crate::support::{Outcome, Python, Workplace, int64_batch, stream_of};
use arrow::array::{ArrayRef, DictionaryArray, Int8Array, RecordBatch, StringArray};
use std::sync::Arc;

/// Runs stream-to-file on some rows; the file is `out.arrow`.
#[track_caller]
fn write(place: &Workplace, batches: &[RecordBatch], arguments: &[&str]) -> Outcome {
    let tool = place.tool("stream-to-file").args(["-o", "out.arrow"]).args(arguments);
    tool.pipe_in(stream_of(batches)).run()
}

/// What pyarrow makes of an expression about `f`, the file.
#[track_caller]
fn asked(place: &Workplace, expression: &str) -> String {
    let program = format!(
        "import pyarrow as pa; f = pa.ipc.open_file(pa.memory_map('out.arrow')); t = f.read_all(); \
         t.validate(full=True); print({expression})"
    );
    let answer = Python::run(&program, place.path(), Vec::<String>::new()).succeeds();
    answer.stdout_text().trim().to_owned()
}

fn ids(rows: std::ops::Range<i64>) -> RecordBatch {
    int64_batch(&[("id", rows.collect())])
}

/// A batch of texts by keys of 8 bits, with a dictionary of its own.
fn city(keys: Vec<Option<i8>>, values: &[String]) -> RecordBatch {
    let values = Arc::new(StringArray::from_iter_values(values));
    let column: ArrayRef = Arc::new(DictionaryArray::new(Int8Array::from(keys), values));
    RecordBatch::try_from_iter([("city", column)]).unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn batches_are_written_as_they_come() {
    let place = Workplace::new();
    write(&place, &[ids(0..3), ids(0..0), ids(3..1000)], &[]).succeeds().stdout_is("");
    assert_eq!(asked(&place, "[f.get_batch(i).num_rows for i in (2, 1, 0)]"), "[997, 0, 3]");
    assert_eq!(asked(&place, "t['id'].to_pylist() == list(range(1000))"), "True");
    // A column is the mapped file's own memory, aligned for vectors.
    let array = "f.get_batch(2)['id'].to_numpy(zero_copy_only=True)";
    assert_eq!(asked(&place, &format!("{array}.ctypes.data % 64, {array}[-1]")), "0 999");
}

#[test]
fn standard_output_gets_the_same_bytes() {
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[ids(0..100), ids(100..200)]));
    place.shell("stream-to-file -o out.arrow in.arrows").succeeds();
    place.shell("stream-to-file <in.arrows | cmp - out.arrow").succeeds();
    place
        .shell(
            "stream-to-file out.arrow -o out.arrow && stream-to-file in.arrows | cmp - out.arrow",
        )
        .succeeds();
    // Behind the magic it is the stream that it was made of, for readers that cannot seek.
    let program = "import pyarrow as pa; b = open('out.arrow', 'rb').read()[8:]; \
                   print(pa.ipc.open_stream(b).read_all().num_rows)";
    Python::run(program, place.path(), [""]).succeeds().stdout_is("200\n");
}

#[test]
fn no_rows_make_a_file_of_no_batches() {
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[ids(0..10)]));
    place.shell("stream-filter FALSE in.arrows | stream-to-file -o out.arrow").succeeds();
    assert_eq!(asked(&place, "f.num_record_batches, t.num_rows, t.schema.names"), "0 0 ['id']");
    place
        .shell("file-to-stream out.arrow | file-inspect --count rows -")
        .succeeds()
        .stdout_is("0\n");
}

#[test]
fn buffers_are_compressed_if_asked_for() {
    let place = Workplace::new();
    let size = |codec: &str| {
        write(&place, &[ids(0..10_000)], &["-z", codec]).succeeds();
        assert_eq!(asked(&place, "t['id'].to_pylist() == list(range(10000))"), "True", "{codec}");
        std::fs::metadata(place.file("out.arrow")).unwrap().len()
    };
    let (none, lz4, fast, best) = (size("none"), size("lz4"), size("zstd"), size("zstd:22"));
    assert!(none > lz4 && lz4 > fast && fast > best, "{none} {lz4} {fast} {best}");
    for wrong in ["zstd:23", "zstd:0", "lz4:1", "gzip", "none:1"] {
        write(&place, &[ids(0..1)], &["-z", wrong]).exits_with(2).one_line_on_stderr();
    }
}

#[test]
fn metadata_go_into_the_footer() {
    let place = Workplace::new();
    let schema = ids(0..1).schema().as_ref().clone();
    let schema = schema.with_metadata([("a".to_owned(), "b".to_owned())]);
    let batch = ids(0..1).with_schema(Arc::new(schema)).unwrap();
    write(&place, &[batch], &["--metadata", "k=v", "--metadata", "l=m=n"]).succeeds();
    assert_eq!(
        asked(&place, "sorted(f.metadata.items()), t.schema.metadata"),
        "[(b'k', b'v'), (b'l', b'm=n')] {b'a': b'b'}"
    );
    write(&place, &[ids(0..1)], &["--metadata", "k=v", "--metadata", "k=w"])
        .exits_with(2)
        .stderr_is("stream-to-file: --metadata: duplicate key k\n");
}

#[test]
fn dictionaries_that_change_become_one_that_grows() {
    let place = Workplace::new();
    let batches = [
        city(vec![Some(0), None, Some(1)], &words(&["a", "b", "unused"])),
        city(vec![Some(0), None, Some(1)], &words(&["b", "c"])),
        city(vec![Some(2), Some(0)], &words(&["c", "never", "d"])),
        city(vec![Some(0)], &words(&["unused"])),
    ];
    write(&place, &batches, &[]).succeeds();
    let all = "['a', None, 'b', 'b', None, 'c', 'd', 'c', 'unused']";
    assert_eq!(asked(&place, "t['city'].to_pylist()"), all);
    assert_eq!(asked(&place, "f.get_batch(3)['city'].to_pylist()"), "['unused']");
    assert_eq!(
        asked(&place, "t['city'].chunk(0).dictionary.to_pylist()"),
        "['a', 'b', 'unused', 'c', 'd']"
    );
    assert_eq!(
        asked(&place, "f.stats.num_dictionary_deltas, f.stats.num_replaced_dictionaries"),
        "2 0"
    );
    assert_eq!(
        asked(&place, "t.schema.field(0).type"),
        "dictionary<values=string, indices=int8, ordered=0>"
    );
}

#[test]
fn a_dictionary_may_begin_without_values() {
    // As a first batch of nulls has it.
    let place = Workplace::new();
    let batches = [
        city(vec![None, None], &[]),
        city(vec![Some(2)], &words(&["a", "b", "c"])),
        city(vec![Some(0), Some(1), Some(2)], &words(&["b", "c", "a"])),
    ];
    write(&place, &batches, &[]).succeeds();
    let all = "[None, None, 'c', 'b', 'c', 'a']";
    assert_eq!(asked(&place, "t['city'].to_pylist()"), all);
}

#[test]
fn keys_that_no_longer_fit_are_told_with_the_way_out() {
    let place = Workplace::new();
    let batch = |number: i32| {
        let values: Vec<String> = (0..100).map(|value| format!("{number}/{value}")).collect();
        city((0..100).map(Some).collect(), &values)
    };
    let batches = [batch(0), batch(1)];
    write(&place, &batches, &[]).exits_with(1).stderr_is(
        "stream-to-file: column \"city\": more than 128 distinct values, the most that int8 \
         keys can number (--dictionary-keys int32 widens them, --dictionary-keys none writes plain \
         values)\n",
    );
    assert!(place.names().is_empty());
    let right = "t['city'].to_pylist() == [f'{n}/{v}' for n in (0, 1) for v in range(100)]";
    for (keys, data_type) in
        [("int32", "dictionary<values=string, indices=int32, ordered=0>"), ("none", "string")]
    {
        write(&place, &batches, &["--dictionary-keys", keys]).succeeds();
        assert_eq!(
            asked(&place, &format!("t.schema.field(0).type, {right}")),
            format!("{data_type} True")
        );
    }
}

#[test]
fn a_stream_cut_at_any_byte_leaves_no_file() {
    let place = Workplace::new();
    let whole = stream_of(&[ids(0..20), ids(20..40)]);
    for length in (0..whole.len()).step_by(5) {
        let tool = place.tool("stream-to-file").args(["-o", "cut.arrow"]);
        let run = tool.pipe_in(&whole[..length]).run();
        run.exits_with(1).one_line_on_stderr().stdout_is("");
        assert!(place.names().is_empty(), "cut at {length}: {:?}", place.names());
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[ids(0..2000)]));
    place
        .shell("stream-to-file in.arrows >/dev/full")
        .exits_with(1)
        .stderr_is("stream-to-file: cannot write standard output: no space left on device\n");
    for blocks in 0..17 {
        let run =
            place.shell(&format!("ulimit -f {blocks}; stream-to-file -o out.arrow in.arrows"));
        run.exits_with(1).one_line_on_stderr().stderr_has("out.arrow: file too large");
        assert_eq!(place.names(), ["in.arrows"], "after {blocks} blocks");
    }
}
