//! Whole datasets: many files, their keys, and those that are never opened.

use crate::support::{Workplace, int64_batch, read_stream, stream_of, tool_directory};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use std::io::Read;
use std::process::{Command, Stdio};

/// Three hundred files of ten rows in three directories, and one that is none.
fn place() -> Workplace {
    let place = Workplace::new();
    let rows = stream_of(&[int64_batch(&[("id", (0..10).collect()), ("tenth", vec![1; 10])])]);
    place.write("rows.arrows", rows);
    place
        .shell(
            "mkdir -p tree/year=2022 tree/year=2023 tree/year=2024 tree/year=2025 && \
             stream-to-parquet --row-group-rows 4 -o one.parquet rows.arrows && \
             for i in $(seq 100); do for year in 2022 2023 2024; do \
             cp one.parquet tree/year=$year/part-$i.parquet; done; done && \
             echo garbage >tree/year=2025/part-1.parquet",
        )
        .succeeds();
    place
}

#[track_caller]
fn rows(bytes: &[u8]) -> usize {
    read_stream(bytes).iter().map(RecordBatch::num_rows).sum()
}

#[test]
fn threads_change_no_byte_of_many_files() {
    let place = place();
    for (arguments, status, expected) in [
        (&["tree", "-w", "year < 2025"][..], 0, 3000),
        (&["tree", "-w", "year < 2025 AND id % 3 = 0", "-n", "1000"], 0, 1000),
        (&["tree", "-w", "year = 2023", "--filename", "file", "--runs", "auto"], 0, 1000),
        (&["tree", "-w", "year = 2023", "--dictionary", "year,id", "--batch-rows", "3"], 0, 1000),
        (&["tree", "-n", "2995", "--skip", "3"], 0, 2995),
        (&["tree/year=2022", "tree/year=2023", "--merge-schema", "union", "-c", "tenth"], 0, 2000),
        // The rows before what fails go out.
        (&["tree"], 1, 3000),
        (&["tree", "-w", "id < 4"], 1, 1200),
    ] {
        let run = |threads: &str| {
            place.tool("parquet-to-stream").args(arguments).args(["-j", threads]).run()
        };
        let alone = run("1");
        assert_eq!(alone.status(), Some(status), "{arguments:?}: {}", alone.stderr);
        if status == 0 {
            assert_eq!(rows(&alone.stdout), expected, "{arguments:?}");
        } else {
            let message = "tree/year=2025/part-1.parquet: not a Parquet file";
            assert!(alone.stderr.contains(message), "{}", alone.stderr);
            assert!(expected * 8 < alone.stdout.len(), "{arguments:?}");
        }
        for threads in ["2", "5"] {
            let together = run(threads);
            assert_eq!(together.stderr, alone.stderr, "-j {threads} {arguments:?}");
            assert!(together.stdout == alone.stdout, "-j {threads} {arguments:?}: other bytes");
        }
    }
}

#[test]
fn files_come_in_natural_order_with_their_keys_and_names() {
    let place = place();
    let run = place.tool("parquet-to-stream").args(["tree", "--filename", "file", "-n", "2001"]);
    let batches = read_stream(&run.run().succeeds().stdout);
    let names = |batch: &RecordBatch| batch.column(3).as_string::<i32>().value(0).to_owned();
    assert_eq!(names(&batches[0]), "tree/year=2022/part-1.parquet");
    assert_eq!(names(&batches[3]), "tree/year=2022/part-2.parquet");
    let last = batches.last().unwrap();
    assert_eq!(names(last), "tree/year=2024/part-1.parquet");
    assert_eq!(last.column(2).as_primitive::<Int64Type>().value(0), 2024);
}

#[test]
fn few_descriptors_do_for_many_files() {
    let place = place();
    for line in ["-w 'year < 2025'", "-w 'year < 2025' --runs auto -j 8"] {
        let line = format!("ulimit -n 64; parquet-to-stream tree {line} | stream-count");
        place.shell(&line).succeeds().stdout_is("3000\n");
    }
}

#[test]
fn a_column_of_a_files_name_that_is_taken_is_refused() {
    let place = place();
    let refused = |name: &str, why: &str| {
        let run = place.tool("parquet-to-stream").args(["tree", "--filename", name]).run();
        let message = format!("parquet-to-stream: --filename: \"{name}\" is already {why}");
        run.exits_with(2).stdout_is("").one_line_on_stderr().stderr_has(&message);
    };
    refused("year", "a partition column");
    refused("id", "a column of tree/year=2022/part-1.parquet");
}

#[test]
fn files_that_differ_are_named() {
    let place = place();
    place.write("other.arrows", stream_of(&[int64_batch(&[("id", vec![7]), ("more", vec![8])])]));
    place.shell("stream-to-parquet -o other.parquet other.arrows").succeeds();
    let tool = || place.tool("parquet-to-stream").args(["one.parquet", "other.parquet"]);
    tool().run().exits_with(1).one_line_on_stderr().stderr_has(
        "other.parquet: no column \"tenth\" (int64), which the first has (--merge-schema union \
         takes both)",
    );
    let run = tool().args(["--merge-schema", "union"]).run().succeeds();
    let batches = read_stream(&run.stdout);
    let last = batches.last().unwrap();
    let names: Vec<_> = last.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["id", "tenth", "more"]);
    assert_eq!((rows(&run.stdout), last.column(1).null_count()), (11, 1));
    place.shell("echo '{\"id\": \"x\"}' | json-to-stream | stream-to-parquet -o text.parquet");
    let run = tool().args(["text.parquet", "--merge-schema", "union"]).run();
    run.exits_with(1).stdout_is("").one_line_on_stderr().stderr_has(
        "text.parquet: column \"id\" is Utf8, but Int64 before: no type represents both exactly",
    );
    tool().args(["--merge-schema", "any"]).run().exits_with(2);
}

#[test]
fn a_tree_that_is_replaced_meanwhile_is_never_mixed_with_the_new_one() {
    let place = Workplace::new();
    let write = |first: u32| {
        let line = format!(
            "stream-generate 'k = 0..20, id = {first}..{}' | \
             stream-to-parquet --partition-by k --existing overwrite -o t/out",
            first + 200_000
        );
        place.shell(&line).succeeds();
    };
    place.shell("mkdir t").succeeds();
    for operand in ["t/out", "t/*/k=*/*.parquet"] {
        write(0);
        let mut reader = Command::new(tool_directory().join("parquet-to-stream"))
            .args(["-j", "1", operand])
            .current_dir(place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once the first byte is there, the files are listed; the pipe holds less than one of them.
        let mut stdout = reader.stdout.take().unwrap();
        let mut bytes = vec![0];
        stdout.read_exact(&mut bytes).unwrap();
        write(1);
        stdout.read_to_end(&mut bytes).unwrap();
        let mut told = String::new();
        reader.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(reader.wait().unwrap().code(), Some(1), "{operand}: {told}");
        let is_told = told.starts_with("parquet-to-stream: the directory t/out/k=")
            && told.ends_with(" was replaced while it was read; read it again\n");
        assert!(is_told, "{operand}: {told}");
        // What went out before is the old tree's alone.
        let reader = arrow_ipc::reader::StreamReader::try_new(bytes.as_slice(), None).unwrap();
        for batch in reader.map_while(Result::ok) {
            let ids = batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().clone();
            assert!(!ids.values().contains(&200_000));
        }
    }
}
