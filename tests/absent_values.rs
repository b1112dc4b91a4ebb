//! Null columns whose producer left out the values. `tests/regressions/stream/arrow-js-*.arrows` were
//! written by Arrow JS 14.0.2 and 21.2.0: columns without values of ten types, made by `makeData`,
//! between columns with values. pyarrow reads them as nulls.

use crate::support::{Python, Tool, Workplace, read_stream, stream_of};
use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const VERSIONS: [&str; 2] = ["14", "21"];

fn written_by(version: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/stream");
    directory.join(format!("arrow-js-{version}.arrows"))
}

/// The names of the columns without values.
fn absent_columns(batch: &RecordBatch) -> Vec<String> {
    let names =
        batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    names.into_iter().filter(|name| !["x", "y", "struct", "list"].contains(&&**name)).collect()
}

#[test]
fn columns_without_values_are_null() {
    for version in VERSIONS {
        let run = Tool::new("stream-cat").arg(written_by(version)).run().succeeds();
        let batches = read_stream(&run.stdout);
        let batch = &batches[0];
        assert_eq!((batches.len(), batch.num_rows()), (1, 16));
        let absent = absent_columns(batch);
        assert!(absent.len() >= 9, "{absent:?}");
        for name in &absent {
            let column = batch.column_by_name(name).unwrap();
            assert_eq!(column.null_count(), 16, "{version} {name}");
            column.to_data().validate_full().unwrap();
        }
        let rest = Tool::new("stream-select").arg("struct, list, y").arg(written_by(version));
        let rest = rest.run().succeeds().stdout;
        let json = Tool::new("stream-to-json").pipe_in(rest).run().succeeds().stdout_text();
        let row = "{\"struct\":{\"b\":null,\"i\":15},\"list\":[null],\"y\":\"y15\"}";
        assert_eq!(json.lines().last(), Some(row), "{version}");
    }
}

#[test]
fn pyarrow_reads_the_same_values() {
    let program = "import sys, pyarrow.ipc as ipc\n\
                   rows = [ipc.open_stream(path).read_all().to_pylist() for path in sys.argv[1:]]\n\
                   assert rows[0] == rows[1] and len(rows[0]) == 16, rows";
    let place = Workplace::new();
    for version in VERSIONS {
        for line in [&["stream-cat"][..], &["stream-filter", "x IS NOT NULL"]] {
            let run =
                place.tool(line[0]).args(&line[1..]).arg(written_by(version)).run().succeeds();
            place.write("read.arrows", &run.stdout);
            let paths = [written_by(version).into_os_string(), "read.arrows".into()];
            Python::run(program, place.path(), paths).succeeds();
        }
    }
}

#[test]
fn columns_without_values_are_read_by_every_way_of_reading() {
    let place = Workplace::new();
    for version in VERSIONS {
        let path = written_by(version);
        let by_value = |line: &[&str]| {
            let run = place.tool(line[0]).args(&line[1..]).arg(&path).run().succeeds();
            Tool::new("stream-count").pipe_in(run.stdout).run().succeeds().stdout_text()
        };
        assert_eq!(by_value(&["stream-filter", "bool IS NULL AND time IS NULL"]), "16\n");
        assert_eq!(by_value(&["stream-filter", "x < 3"]), "3\n");
        assert_eq!(by_value(&["stream-select", "y, i32, text"]), "16\n");
        assert_eq!(by_value(&["stream-sort", "--by", "text, x DESC"]), "16\n");
        let csv = place.tool("stream-select").arg("x, bool, decimal, y").arg(&path).run();
        let csv = Tool::new("stream-to-csv").pipe_in(csv.succeeds().stdout).run().succeeds();
        assert_eq!(csv.stdout_text().lines().nth(2), Some("1,,,y1"));
        let verified = place.tool("file-inspect").args(["--verify=full"]).arg(&path).run();
        assert_eq!(verified.status(), Some(0), "{}", verified.stderr);
        place.tool("stream-to-parquet").arg(&path).args(["-o", "x.parquet"]).run().succeeds();
        let rows = place.tool("stream-count").args(["--by", "f64", "x.parquet"]).run().succeeds();
        rows.stdout_has("16");
        std::fs::remove_file(place.file("x.parquet")).unwrap();
    }
}

/// A stream whose first column is a boolean column of nulls without values.
fn booleans_without_values(rows: usize) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 2] = [
        ("b", Arc::new(BooleanArray::from(vec![None; rows]))),
        ("x", Arc::new(Int64Array::from_iter_values(0..rows as i64))),
    ];
    let mut stream = stream_of(&[RecordBatch::try_from_iter(columns).unwrap()]);
    // The first two buffers have as many bytes: the second one becomes empty.
    let length = (rows.div_ceil(8) as i64).to_le_bytes();
    let two =
        |at: usize| stream[at..].starts_with(&length) && stream[at + 16..].starts_with(&length);
    let place = (0..stream.len() - 24).find(|at| two(*at)).unwrap();
    stream[place + 16..][..8].fill(0);
    stream
}

#[test]
fn large_columns_without_values_are_read_like_small_ones() {
    for rows in [16, 1000, 100_003] {
        let stream = booleans_without_values(rows);
        let counted = Tool::new("stream-count").pipe_in(&stream[..]).run().succeeds();
        counted.stdout_is(&format!("{rows}\n"));
        let run = Tool::new("stream-cat").pipe_in(&stream[..]).run().succeeds();
        let batches = read_stream(&run.stdout);
        assert_eq!(batches.len(), 1);
        assert_eq!((batches[0].num_rows(), batches[0].column(0).null_count()), (rows, rows));
        let last = batches[0].column(1).as_any().downcast_ref::<Int64Array>().unwrap();
        assert_eq!(last.value(rows - 1), rows as i64 - 1);
    }
}

/// Zeros are not made for more than a message may have.
#[test]
fn absent_values_have_the_limit_of_a_message() {
    let stream = booleans_without_values(100_003);
    let place = Workplace::new();
    place.write("x.arrows", stream);
    let limited =
        |size: &str| place.tool("stream-cat").args(["--max-message-bytes", size, "x.arrows"]).run();
    limited("64KiB").succeeds();
    let refused = limited("12000").exits_with(1).one_line_on_stderr();
    refused.stderr_has("a message leaves out 12501 bytes of columns that are all null (raise");
}
