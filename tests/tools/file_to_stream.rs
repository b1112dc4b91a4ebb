//! file-to-stream: which batches, columns and rows it reads, and how little it touches for them.

mod hints;

use crate::support::{
    Outcome, Workplace, file_of, int64_batch, read_stream, stream_of, tool_directory,
};
use arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch};
use arrow::datatypes::Int64Type;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

/// Ten batches of ten rows, as a file and as a stream.
fn place() -> Workplace {
    let place = Workplace::new();
    let batch = |from: i64| int64_batch(&[("id", (from..from + 10).collect()), ("b", vec![7; 10])]);
    let batches: Vec<RecordBatch> = (0..10).map(|number| batch(10 * number)).collect();
    place.write("x.arrow", file_of(&batches));
    place.write("x.arrows", stream_of(&batches));
    place
}

fn ids(run: &Outcome) -> Vec<i64> {
    let column = |batch: &RecordBatch| {
        batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
    };
    read_stream(&run.stdout).iter().flat_map(column).collect()
}

/// The first id of each batch.
fn firsts(place: &Workplace, arguments: &str) -> Vec<i64> {
    let run = place.shell(&format!("file-to-stream {arguments}")).succeeds();
    ids(&run).into_iter().filter(|id| id % 10 == 0).collect()
}

#[test]
fn all_of_a_file_comes_as_it_is() {
    let place = place();
    for input in ["x.arrow", "<x.arrow", "< <(cat x.arrow)", "x.arrows", "< <(cat x.arrows)"] {
        let run = place.shell(&format!("file-to-stream {input}")).succeeds();
        assert_eq!(ids(&run), (0..100).collect::<Vec<_>>(), "{input}");
        assert_eq!(read_stream(&run.stdout).len(), 10, "{input}");
    }
    let run = place.shell("file-to-stream x.arrow x.arrows x.arrow").succeeds();
    assert_eq!(ids(&run).len(), 300);
}

#[test]
fn batches_are_picked_by_number() {
    let place = place();
    assert_eq!(firsts(&place, "--batches 5 x.arrow"), [50]);
    assert_eq!(firsts(&place, "--batches 3,5-7,-1 x.arrow"), [30, 50, 60, 70, 90]);
    assert_eq!(firsts(&place, "--batches -1,0,0 x.arrow"), [90, 0, 0]);
    assert_eq!(firsts(&place, "--batches 1 x.arrow x.arrows x.arrow"), [10, 10, 10]);
    for stream in ["x.arrows", "<x.arrows", "x.arrows -", "< <(cat x.arrows)"] {
        let twice = if stream.ends_with(" -") { "<x.arrows" } else { "" };
        let found = firsts(&place, &format!("--batches 3,5-7 {stream} {twice}"));
        assert_eq!(found[..4], [30, 50, 60, 70], "{stream}");
    }
    assert_eq!(firsts(&place, "--batches 0,-2--1 x.arrows"), [0, 80, 90]);
    assert_eq!(firsts(&place, "--batches 0,-2--1 <x.arrows"), [0, 80, 90]);
}

#[test]
fn batches_that_are_not_there_are_told() {
    let place = place();
    let told = |arguments: &str, why: &str| {
        let run = place.shell(&format!("file-to-stream --batches {arguments}"));
        run.exits_with(1).stderr_is(&format!("file-to-stream: {why}\n"));
    };
    told("10 x.arrow", "x.arrow: no record batch 10: they are numbered 0 to 9");
    told("-11 x.arrow", "x.arrow: no record batch -11: they are numbered 0 to 9");
    told("0,8-12 x.arrows", "x.arrows: no record batch 12: they are numbered 0 to 9");
    told("-11 x.arrows", "x.arrows: no record batch -11: they are numbered 0 to 9");
    told(
        "-1 < <(cat x.arrows)",
        "standard input: cannot find record batch -1: the total is not known before the end",
    );
    told(
        "5,3 x.arrows",
        "x.arrows: record batches of a stream are read from front to back: name them in ascending \
         order (those of a file can be read in any)",
    );
    told("5-3 x.arrow", "x.arrow: \"5-3\" has a descending range");
    let wrong = place.shell("file-to-stream --batches x x.arrow");
    wrong.exits_with(2).one_line_on_stderr().stdout_is("");
}

#[test]
fn rows_are_chosen_after_batches() {
    let place = place();
    let chosen =
        |arguments: &str| ids(&place.shell(&format!("file-to-stream {arguments}")).succeeds());
    assert_eq!(chosen("--skip 95 x.arrow"), [95, 96, 97, 98, 99]);
    assert_eq!(chosen("--skip 30 -n 2 x.arrow"), [30, 31]);
    assert_eq!(chosen("--skip 99 x.arrow x.arrows -n 3"), [99, 0, 1]);
    assert_eq!(chosen("--skip 5 -n 7 --batches 2,4 x.arrow"), [25, 26, 27, 28, 29, 40, 41]);
    assert_eq!(chosen("-w 'id % 10 = 3' --skip 2 -n 3 x.arrow"), [23, 33, 43]);
    assert_eq!(chosen("-w 'b = 7 AND id < 3' -c id x.arrow"), [0, 1, 2]);
    assert_eq!(chosen("--skip 1000 x.arrow"), [0_i64; 0]);
    assert_eq!(chosen("-n 0 x.arrow"), [0_i64; 0]);
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let place = place();
    let run = place.shell("file-to-stream -c b,id x.arrow").succeeds();
    let schema = read_stream(&run.stdout)[0].schema();
    assert_eq!((schema.field(0).name().as_str(), schema.field(1).name().as_str()), ("b", "id"));
    place
        .shell("file-to-stream -c ib x.arrow")
        .exits_with(2)
        .stderr_is("file-to-stream: unknown column \"ib\" (did you mean \"id\", \"b\"?)\n");
}

#[test]
fn rows_that_are_skipped_are_not_looked_at() {
    let place = place();
    let mut damaged = std::fs::read(place.file("x.arrow")).unwrap();
    // The body of the first batch is found by its values; its header still says ten rows.
    let values: Vec<u8> = (0..10_i64).flat_map(i64::to_le_bytes).collect();
    let start = damaged.windows(values.len()).position(|window| window == values).unwrap();
    damaged[start..start + values.len()].fill(0xee);
    place.write("damaged.arrow", damaged);
    let run = place.shell("file-to-stream --skip 10 damaged.arrow").succeeds();
    assert_eq!(ids(&run), (10..100).collect::<Vec<_>>());
}

#[test]
fn what_is_no_arrow_file_is_told() {
    let place = place();
    let whole = std::fs::read(place.file("x.arrow")).unwrap();
    place.write("cut.arrow", &whole[..whole.len() / 2]);
    place.write("old.feather", b"FEA1----------FEA1");
    place.write("x.parquet", b"PAR1----------PAR1");
    let told = |file: &str, why: &str| {
        let run = place.shell(&format!("file-to-stream {file}"));
        run.exits_with(1).stderr_is(&format!("file-to-stream: {file}: {why}\n")).stdout_is("");
    };
    told("cut.arrow", "truncated Arrow file: its footer, which comes last, is missing");
    told(
        "old.feather",
        "not an Arrow stream: a Feather file of version 1 (pyarrow.feather reads it and writes \
         version 2)",
    );
    told("x.parquet", "not an Arrow stream: a Parquet file (parquet-to-stream reads it)");
    place.shell("file-inspect old.feather").exits_with(1).stderr_is(
        "file-inspect: old.feather: a Feather file of version 1 (pyarrow.feather reads it and \
         writes version 2)\n",
    );
}

#[test]
fn whole_files_are_moved_byte_for_byte() {
    let place = place();
    let file = std::fs::read(place.file("x.arrow")).unwrap();
    let (end_marker, lines) = (
        [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        ["x.arrow", "<x.arrow", "--batches 0-9 x.arrow", "x.arrow -o -", "x.arrow >out; cat out"],
    );
    for line in lines.into_iter().chain(["x.arrow -o x.arrow; cat x.arrow"]) {
        let moved = place.shell(&format!("file-to-stream {line}")).succeeds().stdout;
        // What arrow-ipc wrote stands between the magic, padded, and the footer; it ends with the marker.
        assert!(file[64..].starts_with(&moved) && moved.ends_with(&end_marker), "{line}");
    }
}

#[test]
fn whole_files_of_one_schema_are_moved_one_after_another() {
    let place = place();
    place.write("other.arrow", file_of(&[int64_batch(&[("id", vec![100]), ("b", vec![7])])]));
    place.write("empty.arrow", file_of(&[int64_batch(&[("id", vec![]), ("b", vec![])])]));
    let run = place.shell("file-to-stream x.arrow empty.arrow other.arrow --progress");
    assert_eq!(ids(&run), (0..101).collect::<Vec<_>>());
    assert_eq!(read_stream(&run.stdout).len(), 11);
    run.exits_with(0).stderr_has("file-to-stream: 101 rows, 4.");
    let run = place.shell("file-to-stream --batches -1,0 x.arrow other.arrow").succeeds();
    assert_eq!(ids(&run).iter().step_by(10).collect::<Vec<_>>(), [&90, &0, &100]);
    place.write("differs.arrow", file_of(&[int64_batch(&[("id", vec![1]), ("c", vec![7])])]));
    let run = place.shell("file-to-stream x.arrow differs.arrow").exits_with(1);
    run.stdout_is("").stderr_has("differs.arrow: no column \"b\"");
}

#[test]
fn a_damaged_header_is_told_before_the_end_marker() {
    let place = place();
    let whole = std::fs::read(place.file("x.arrow")).unwrap();
    // The last message's continuation marker, its length, and the length of its body.
    let last = whole.windows(4).rposition(|bytes| bytes == [0xff; 4]).unwrap();
    let last = whole[..last].windows(4).rposition(|bytes| bytes == [0xff; 4]).unwrap();
    for (offset, byte) in [(1, 0), (4, 7), (24, 0xff)] {
        let mut damaged = whole.clone();
        damaged[last + offset] = byte;
        place.write("damaged.arrow", &damaged);
        let run = place.shell("file-to-stream damaged.arrow").exits_with(1).one_line_on_stderr();
        assert!(!run.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
        place.shell("file-to-stream damaged.arrow -o out.arrows").exits_with(1);
        assert!(!place.file("out.arrows").exists());
    }
}

/// The file of pyarrow's guide to IPC: a thousand batches, ten million int32.
fn guide(place: &Workplace) {
    let values: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10_000));
    let batch = RecordBatch::try_from_iter([("field_name", values)]).unwrap();
    let whole = file_of(&vec![batch.clone(); 1000]);
    let mut file = std::fs::File::create(place.file("guide.arrow")).unwrap();
    // Written at once it would lie in the page cache in pieces of 2 MiB, of which the kernel maps
    // all when one page is touched.
    whole.chunks(16 << 10).for_each(|chunk| file.write_all(chunk).unwrap());
    place.write("tiny.arrow", file_of(&[batch]));
}

#[test]
fn a_batch_picked_at_random_touches_only_its_pages() {
    let place = Workplace::new();
    guide(&place);
    // A second input that never comes keeps the tool alive, and there is nothing else left to do.
    let touched = |file: &str, batch: &str| {
        let (child, mut output) = start(place.path(), &["--batches", batch, file, "-"]);
        // The batch has arrived, and with it everything that had to be read for it.
        output.read_exact(&mut vec![0; 40_000]).unwrap();
        let bytes = memory(&child, "RssFile") + memory(&child, "RssAnon");
        finish(child);
        bytes
    };
    let (tiny, guide) = (touched("tiny.arrow", "0"), touched("guide.arrow", "500"));
    assert!(guide.saturating_sub(tiny) < 1 << 20, "{guide} bytes, {tiny} without the file");
}

#[test]
fn whole_files_pass_in_flat_memory() {
    let place = Workplace::new();
    // 160 MB in a thousand batches.
    let line = "stream-generate --batch-rows 20000 'a = 0..20000000' | stream-to-file --no-sync";
    place.shell(&format!("{line} -o large.arrow")).succeeds();
    let (child, mut output) = start(place.path(), &["large.arrow"]);
    // Something has come, so the program is wholly there.
    output.read_exact(&mut vec![0; 1_000_000]).unwrap();
    let start_up = memory(&child, "RssFile");
    // Whenever one looks, there is little more than the first time.
    for _ in 0..150 {
        output.read_exact(&mut vec![0; 1_000_000]).unwrap();
        let (anonymous, mapped) = (memory(&child, "RssAnon"), memory(&child, "RssFile"));
        assert!(anonymous < 10 << 20, "{anonymous} anonymous bytes");
        assert!(mapped < start_up + (12 << 20), "{mapped} bytes of files, {start_up} at first");
    }
    finish(child);
}

fn start(directory: &Path, arguments: &[&str]) -> (Child, ChildStdout) {
    let mut child = Command::new(tool_directory().join("file-to-stream"))
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    (child, output)
}

fn finish(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A line of `/proc/PID/status`, in bytes.
fn memory(child: &Child, key: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}
