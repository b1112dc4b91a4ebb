//! stream-to-csv: exact text, and what it says of what it cannot write.

use crate::support::{Outcome, Python, Tool, Workplace, int64_batch, stream_of};
use arrow::array::{
    ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, TimestampMicrosecondArray, UnionArray, new_empty_array,
};
use arrow::datatypes::{DataType, Field, Int8Type, Int32Type, Schema, UnionFields};
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn write(arguments: &[&str], batches: &[RecordBatch]) -> Outcome {
    Tool::new("stream-to-csv").args(arguments.iter().copied()).pipe_in(stream_of(batches)).run()
}

fn texts(values: Vec<Option<&str>>) -> RecordBatch {
    let rows = values.len() as i64;
    let numbers = Int64Array::from_iter_values(0..rows);
    batch(vec![("n", Arc::new(numbers)), ("a,b", Arc::new(StringArray::from(values)))])
}

#[test]
fn only_fields_that_need_them_have_quotes() {
    let values = texts(vec![
        Some("plain 'text' é"),
        Some("a,b"),
        Some("say \"it\""),
        Some("two\nlines"),
        Some("\r"),
        Some(""),
        None,
        Some("\u{feff}mark"),
        Some("\\N"),
    ]);
    write(&[], std::slice::from_ref(&values)).succeeds().stdout_is(
        "n,\"a,b\"\n0,plain 'text' é\n1,\"a,b\"\n2,\"say \"\"it\"\"\"\n3,\"two\nlines\"\n4,\"\r\"\n\
         5,\"\"\n6,\n7,\"\u{feff}mark\"\n8,\\N\n",
    );
    write(&["--null", "\\N", "-d", "\\t", "--no-header", "--quote", "'"], &[values])
        .succeeds()
        .stdout_is(
            "0\t'plain ''text'' é'\n1\ta,b\n2\tsay \"it\"\n3\t'two\nlines'\n4\t'\r'\n5\t\n6\t\\N\n\
             7\t'\u{feff}mark'\n8\t'\\N'\n",
        );
}

#[test]
fn an_empty_text_alone_in_its_line_is_seen() {
    let alone = batch(vec![("", Arc::new(StringArray::from(vec![Some(""), None, Some("x")])))]);
    write(&["--null", "~"], std::slice::from_ref(&alone))
        .succeeds()
        .stdout_is("\"\"\n\"\"\n~\nx\n");
    write(&[], &[alone]).succeeds().stdout_is("\"\"\n\"\"\n\nx\n");
}

#[test]
fn values_are_exact() {
    let floats = Float64Array::from(vec![0.1, 1e300, f64::NAN, f64::NEG_INFINITY, -0.0, 5e-324]);
    let integers = Int64Array::from(vec![i64::MIN, i64::MAX, 9_007_199_254_740_993, 0, -1, 1]);
    let decimals = Decimal128Array::from(vec![1, -1, 12_345_678_901_234_567_890, 0, 10, 100])
        .with_precision_and_scale(38, 2)
        .unwrap();
    let stamps = TimestampMicrosecondArray::from(vec![0, 1, -1, 1_709_209_800_500_000, 0, 0]);
    let berlin = stamps.clone().with_timezone("Europe/Berlin");
    let words: DictionaryArray<Int8Type> =
        vec![Some("a"), None, Some("b,"), Some("a"), Some(""), None].into_iter().collect();
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(2)]),
        None,
        None,
    ]);
    let batch = batch(vec![
        ("f", Arc::new(floats)),
        ("i", Arc::new(integers)),
        ("d", Arc::new(decimals)),
        ("t", Arc::new(stamps)),
        ("z", Arc::new(berlin)),
        ("w", Arc::new(words)),
        ("l", Arc::new(lists)),
    ]);
    write(&[], &[batch]).succeeds().stdout_is(
        "f,i,d,t,z,w,l\n\
         0.1,-9223372036854775808,0.01,1970-01-01T00:00:00,1970-01-01T01:00:00+01:00,a,\"[1,null]\"\n\
         1e300,9223372036854775807,-0.01,1970-01-01T00:00:00.000001,1970-01-01T01:00:00.000001+01:00,,\n\
         NaN,9007199254740993,123456789012345678.90,1969-12-31T23:59:59.999999,1970-01-01T00:59:59.999999+01:00,\"b,\",[]\n\
         -inf,0,0.00,2024-02-29T12:30:00.5,2024-02-29T13:30:00.5+01:00,a,[2]\n\
         -0.0,-1,0.10,1970-01-01T00:00:00,1970-01-01T01:00:00+01:00,\"\",\n\
         5e-324,1,1.00,1970-01-01T00:00:00,1970-01-01T01:00:00+01:00,,\n",
    );
}

#[test]
fn bytes_are_base64_or_hexadecimal() {
    let bytes = BinaryArray::from_opt_vec(vec![Some(b"\x00\xff"), None, Some(b"")]);
    let batch =
        batch(vec![("n", Arc::new(Int64Array::from(vec![1, 2, 3]))), ("b", Arc::new(bytes))]);
    write(&[], std::slice::from_ref(&batch)).succeeds().stdout_is("n,b\n1,AP8=\n2,\n3,\"\"\n");
    write(&["--binary", "hex"], &[batch]).succeeds().stdout_is("n,b\n1,00ff\n2,\n3,\"\"\n");
}

#[test]
fn a_number_that_reads_as_null_or_parts_fields_is_quoted() {
    let numbers = batch(vec![
        ("a", Arc::new(Float64Array::from(vec![Some(0.5), None]))),
        ("b", Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(-1.0)]))),
    ]);
    let run = write(&["--null", "NaN", "-d", "."], std::slice::from_ref(&numbers)).succeeds();
    run.stdout_is("a.b\n\"0.5\".\"NaN\"\nNaN.\"-1.0\"\n");
    write(&["--quote", "-"], &[numbers]).succeeds().stdout_is("a,b\n0.5,NaN\n,---1.0-\n");
}

#[test]
fn what_cannot_be_written_names_its_column() {
    let fields = UnionFields::try_new([0], vec![Field::new("x", DataType::Int64, true)]).unwrap();
    let union = DataType::Union(fields, arrow::datatypes::UnionMode::Sparse);
    let empty: UnionArray = new_empty_array(&union).to_data().into();
    let schema = Schema::new(vec![Field::new("u", union, true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(empty)]).unwrap();
    let run = write(&[], &[batch]).exits_with(1).one_line_on_stderr().stdout_is("");
    run.stderr_has("column \"u\": a union cannot be written as text");

    let run = write(&["--quote", "none"], &[texts(vec![Some("x")])]).exits_with(1);
    run.stderr_has("column \"a,b\": \"a,b\" would be misread without quotes").stdout_is("");
    let run = write(&["--quote", "none", "-d", ";"], &[texts(vec![Some("x"), Some("")])]);
    run.exits_with(1).stderr_has("column \"a,b\", row 1: \"\" would be misread without quotes");
    let numbers = int64_batch(&[("n", vec![1])]);
    write(&["--null", "a\"b"], &[numbers]).exits_with(2).stderr_has("--null \"a\"b\": contains a");
}

#[test]
fn a_stream_without_rows_has_a_header() {
    write(&[], &[int64_batch(&[("a", vec![]), ("b", vec![])])]).succeeds().stdout_is("a,b\n");
}

#[test]
fn a_time_outside_a_day_is_told_with_its_row_and_column() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.ipc as ipc
for name, values in (('good', [0, 86399, None]), ('late', [0, 86400]), ('early', [0, -1])):
    s = pa.array(values, pa.int32()).view(pa.time32('s'))
    n = pa.array([v and v * 10**9 for v in values], pa.int64()).view(pa.time64('ns'))
    for column, a in (('s', s), ('n', n)):
        t = pa.table({column: a})
        with ipc.new_stream(f'{name}-{column}', t.schema) as w: w.write_table(t)
";
    Python::run(write, place.path(), [""; 0]).succeeds();
    for tool in ["stream-to-csv", "stream-to-json", "stream-print"] {
        for (name, told) in [
            ("late-s", "column \"s\", row 1: 86400 s is not a time of day"),
            ("early-s", "column \"s\", row 1: -1 s is not a time of day"),
            ("late-n", "column \"n\", row 1: 86400000000000 ns is not a time of day"),
            ("early-n", "column \"n\", row 1: -1000000000 ns is not a time of day"),
        ] {
            let run = place.shell(&format!("{tool} {name}"));
            run.exits_with(1).one_line_on_stderr().stderr_has(told);
        }
        place.shell(&format!("{tool} good-s && {tool} good-n")).succeeds();
    }
    place.shell("stream-to-csv good-n").succeeds().stdout_is("n\n00:00:00\n23:59:59\n\n");
}
