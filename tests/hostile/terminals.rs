//! Names and values from strangers reach no terminal unescaped: in tables, in reports, in errors.

use crate::support::{Workplace, file_of, stream_of};
use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use std::sync::Arc;

/// Clears a screen, goes back in the line, ends it, reorders it.
const HOSTILE: &str = "x\u{1b}[2J\u{9b}1A\r\u{8}\u{7f}\u{202e}\u{2066}\u{61c}\u{2028}y";

#[test]
fn no_name_or_value_moves_the_cursor() {
    let place = Workplace::new();
    let names = hostile_files(&place);
    let [stream, arrow, parquet, csv, json] = names.each_ref().map(String::as_str);
    let missing = format!("missing {HOSTILE}");
    let key = format!("{HOSTILE}=1/*.parquet");
    let runs: &[&[&str]] = &[
        &["stream-print", stream],
        &["stream-print", "--expanded", stream],
        &["stream-print", parquet],
        &["stream-count", "--by", "#2", stream],
        &["stream-count", &missing],
        &["stream-select", "x", stream],
        &["stream-select", HOSTILE, stream],
        &["stream-select", "CAST(#2 AS INTEGER)", stream],
        &["stream-filter", "#2 > 3", stream],
        &["stream-filter", &format!("\"{HOSTILE}\" = 1"), stream],
        &["stream-sort", "--by", "x", stream],
        &["stream-sort", "--by", HOSTILE, stream],
        &["stream-head", "-n", HOSTILE, stream],
        &["stream-head", &format!("--{HOSTILE}"), stream],
        &["stream-cat", stream, csv],
        &["stream-cat", "--merge-schema", "union", stream, json],
        &["stream-generate", HOSTILE],
        &["stream-to-file", "-o", &format!("{missing}/out"), stream],
        &["stream-to-parquet", "-o", &format!("{missing}/out"), stream],
        &["stream-to-parquet", "--partition-by", "x", "-o", "tree", stream],
        &["stream-to-parquet", "--partition-by", "#2", "--summary", "-o", HOSTILE, stream],
        &["stream-to-parquet", "--partition-by", "#2", "-o", HOSTILE, stream],
        &["parquet-to-stream", "-c", "x", parquet],
        &["parquet-to-stream", "-w", "x = 1", parquet],
        &["parquet-to-stream", &missing],
        &["parquet-to-stream", &key],
        &["parquet-to-stream", arrow],
        &["parquet-to-stream", "--hive-types", HOSTILE, parquet],
        &["parquet-to-stream", "--row-groups", HOSTILE, parquet],
        &["file-to-stream", "--batches", "7", arrow],
        &["file-to-stream", "-c", "x", arrow],
        &["file-to-stream", csv],
        &["csv-to-stream", "--types", "x date", csv],
        &["csv-to-stream", "--schema", "a int64, b int64", csv],
        &["csv-to-stream", "--null", "x", csv],
        &["json-to-stream", json],
        &["json-to-stream", "--schema", "a int64", json],
        &["file-inspect", "--bloom-probe", &format!("{HOSTILE}=1"), parquet],
        &["file-inspect", &missing],
        &["arrow-pipes", HOSTILE],
    ];
    for words in runs {
        check(&place, words);
    }
    for show in ["files", "row-groups", "columns", "pages", "dictionary", "schema", "metadata"] {
        for file in [stream, arrow, parquet, csv] {
            check(&place, &["file-inspect", "--show", show, file]);
        }
    }
    for count in ["rows", "columns"] {
        check(&place, &["file-inspect", "--total", "--count", count, stream, arrow, parquet]);
    }
}

/// Text on standard output and standard error has no hidden character. Streams are not text.
#[track_caller]
fn check(place: &Workplace, words: &[&str]) {
    let run = place.tool(words[0]).args(words[1..].iter().copied()).run();
    let is_stream = run.stdout.starts_with(&[0xff; 4]) || run.stdout.starts_with(b"ARROW1");
    let shown = if is_stream { String::new() } else { run.stdout_text() };
    for text in [&run.stderr, &shown] {
        let hidden = text.chars().find(|c| *c != '\n' && is_hidden(*c));
        assert_eq!(hidden, None, "{words:?}: {text:?}");
    }
    assert!(!run.stderr.contains("internal error"), "{words:?}: {}", run.stderr);
}

/// Characters that move the cursor, end a line, or reorder it (Unicode UAX #9).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}')
}

/// A stream, an Arrow file, a Parquet file, CSV and JSON with hostile names, in all of their places.
fn hostile_files(place: &Workplace) -> [String; 5] {
    let batch = hostile_batch();
    let name = |extension: &str| format!("{HOSTILE}.{extension}");
    let write = |extension: &str, bytes: Vec<u8>| place.write(&name(extension), bytes);
    write("arrows", stream_of(std::slice::from_ref(&batch)));
    write("arrow", file_of(&[batch]));
    write("csv", format!("a,\"{HOSTILE}\"\n1,{HOSTILE}\nx,2\n").into_bytes());
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    write("json", format!("{{{quoted}:1}}\n{{{quoted}:{{}}}}\n").into_bytes());
    let parquet =
        place.tool("stream-to-parquet").args([name("arrows"), "-o".into(), name("parquet")]);
    parquet.args(["--bloom", HOSTILE]).run().succeeds();
    ["arrows", "arrow", "parquet", "csv", "json"].map(name)
}

fn hostile_batch() -> RecordBatch {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![HOSTILE, HOSTILE]));
    let words: DictionaryArray<Int32Type> = [HOSTILE, "z"].into_iter().collect();
    let inner = Arc::new(Field::new(HOSTILE, DataType::Utf8, false));
    let nested: ArrayRef = Arc::new(StructArray::from(vec![(inner, Arc::clone(&texts))]));
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        (HOSTILE, texts),
        ("words", Arc::new(words)),
        ("nested", nested),
    ];
    let metadata = [(HOSTILE.to_owned(), HOSTILE.to_owned())];
    let extension = [("ARROW:extension:name".to_owned(), HOSTILE.to_owned())];
    let fields = columns.iter().map(|(name, array)| {
        let field = Field::new(*name, array.data_type().clone(), true);
        if *name == "words" { field.with_metadata(extension.clone()) } else { field }
    });
    let schema = Schema::new(fields.collect::<Vec<_>>()).with_metadata(metadata);
    let columns = columns.into_iter().map(|(_, array)| array);
    RecordBatch::try_new(Arc::new(schema), columns.collect()).unwrap()
}
