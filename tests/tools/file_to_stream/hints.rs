//! The reader's hints: columns, rows and a limit, and that the result is the same without them.

use crate::support::{Workplace, stream_of};
use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;
use std::sync::Arc;

/// A file for which a writer waits for its reader: more than 4 MiB.
fn place() -> Workplace {
    let place = Workplace::new();
    let batch = |number: i64| {
        let ids = Int64Array::from_iter_values((0..20_000).map(|row| number * 20_000 + row));
        let code: DictionaryArray<Int32Type> =
            (0..20_000).map(|row| Some(["x", "y", "z"][row % 3])).collect();
        let texts = StringArray::from_iter_values((0..20_000).map(|row| format!("text {row}")));
        let columns: [(&str, ArrayRef); 3] =
            [("id", Arc::new(ids)), ("code", Arc::new(code)), ("text", Arc::new(texts))];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let batches: Vec<RecordBatch> = (0..10).map(batch).collect();
    place.write("x.arrows", stream_of(&batches));
    place.shell("stream-to-file x.arrows -o x.arrow").succeeds();
    place
}

#[test]
fn a_pipe_has_the_same_result_without_hints() {
    let place = place();
    for reader in [
        "stream-count",
        "stream-count --by code",
        "stream-filter 'id < 7' | stream-to-csv",
        "stream-filter -v 'id >= 7' -c code | stream-to-csv",
        "stream-filter \"code = 'x' AND id % 2 = 1\" | stream-count",
        "stream-filter 'id // (id - 5) > 1' | stream-count",
        "stream-select 'id + 1 AS next' | stream-tail -n 2 | stream-to-csv",
        "stream-head -n 3 | stream-to-csv",
        "stream-head -n 30000 | stream-filter 'id >= 25000' | stream-count",
        "stream-cat | stream-to-json | tail -n 1",
        "stream-sort --by 'id DESC' -n 2 | stream-select code | stream-to-csv",
    ] {
        for options in ["", "-c text,id,code", "-w 'id > 3'", "-n 150000", "--skip 4", "<"] {
            let line = format!("set -o pipefail; file-to-stream {options} x.arrow | {reader}");
            let line = line.replace("; file", "; export ARROW_PIPES_HINTS; file");
            let with = place.shell(&line);
            let without = place.shell(&format!("ARROW_PIPES_HINTS=off; {line}"));
            let status = without.status().unwrap();
            with.exits_with(status).stderr_is(&without.stderr).stdout_is(&without.stdout_text());
        }
    }
}
