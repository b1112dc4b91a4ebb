//! stream-to-json: what stands in the text, and what JSON cannot say.

use crate::support::{Outcome, Tool, Workplace, int64_batch, stream_of};
use arrow::array::{
    ArrayRef, BinaryArray, DictionaryArray, Float64Array, Int32Array, Int32Builder, Int64Array,
    MapBuilder, RecordBatch, RecordBatchOptions, StringArray, StructArray, UnionArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use std::sync::Arc;

fn to_json(arguments: &[&str], batches: &[RecordBatch]) -> Outcome {
    Tool::new("stream-to-json").args(arguments.iter().copied()).pipe_in(stream_of(batches)).run()
}

fn column(array: impl Into<ArrayRef>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("a", array.into(), true)]).unwrap()
}

fn floats() -> RecordBatch {
    let values = vec![Some(1.5), Some(f64::NAN), None, Some(f64::NEG_INFINITY)];
    column(Arc::new(Float64Array::from(values)) as ArrayRef)
}

#[test]
fn each_row_is_an_object_on_a_line() {
    let batches = [
        int64_batch(&[("b", vec![i64::MAX, 2]), ("a \"\n", vec![3, 4])]),
        int64_batch(&[("b", vec![5]), ("a \"\n", vec![6])]),
    ];
    let lines = "{\"b\":9223372036854775807,\"a \\\"\\n\":3}\n{\"b\":2,\"a \\\"\\n\":4}\n\
                 {\"b\":5,\"a \\\"\\n\":6}\n";
    to_json(&[], &batches).succeeds().stdout_is(lines);
    let array = "[\n{\"b\":9223372036854775807,\"a \\\"\\n\":3},\n{\"b\":2,\"a \\\"\\n\":4},\n\
                 {\"b\":5,\"a \\\"\\n\":6}\n]\n";
    to_json(&["--array"], &batches).succeeds().stdout_is(array);
}

#[test]
fn no_rows_and_no_columns_are_text_too() {
    let none = [int64_batch(&[("a", vec![])])];
    to_json(&[], &none).succeeds().stdout_is("");
    to_json(&["--array"], &none).succeeds().stdout_is("[]\n");
    let rows = RecordBatchOptions::new().with_row_count(Some(2));
    let bare = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &rows);
    to_json(&[], &[bare.unwrap()]).succeeds().stdout_is("{}\n{}\n");
}

#[test]
fn bytes_are_base64_or_hexadecimal() {
    let bytes = column(Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..], b""])) as ArrayRef);
    let run = |arguments: &[&str]| to_json(arguments, std::slice::from_ref(&bytes)).succeeds();
    run(&[]).stdout_is("{\"a\":\"AP8=\"}\n{\"a\":\"\"}\n");
    run(&["--binary", "base64"]).stdout_is("{\"a\":\"AP8=\"}\n{\"a\":\"\"}\n");
    run(&["--binary", "hex"]).stdout_is("{\"a\":\"00ff\"}\n{\"a\":\"\"}\n");
}

#[test]
fn floats_that_are_no_numbers_are_told_or_replaced() {
    to_json(&[], &[floats()]).exits_with(1).stderr_is(
        "stream-to-json: column \"a\", row 1: NaN is not a JSON number (use --nan null or --nan \
         string)\n",
    );
    to_json(&["--nan", "null"], &[floats()])
        .succeeds()
        .stdout_is("{\"a\":1.5}\n{\"a\":null}\n{\"a\":null}\n{\"a\":null}\n");
    to_json(&["--nan", "string"], &[floats()])
        .succeeds()
        .stdout_is("{\"a\":1.5}\n{\"a\":\"NaN\"}\n{\"a\":null}\n{\"a\":\"-Infinity\"}\n");
    // The row is counted over all batches; what a null hides is not looked at.
    let first = column(Arc::new(Float64Array::from(vec![Some(0.5), None, None])) as ArrayRef);
    to_json(&[], &[first, floats()]).exits_with(1).stderr_has("column \"a\", row 4: NaN");
    let hidden = Float64Array::new(vec![f64::NAN].into(), Some(vec![false].into()));
    to_json(&[], &[column(Arc::new(hidden) as ArrayRef)]).succeeds().stdout_is("{\"a\":null}\n");
}

#[test]
fn a_null_behind_a_dictionary_is_a_null() {
    let words: ArrayRef = Arc::new(StringArray::from(vec![None, Some("x")]));
    let keys = Int32Array::from(vec![Some(0), Some(1), None]);
    let words = DictionaryArray::<Int32Type>::try_new(keys, words).unwrap();
    let lines = "{\"a\":null}\n{\"a\":\"x\"}\n{\"a\":null}\n";
    to_json(&[], &[column(Arc::new(words) as ArrayRef)]).succeeds().stdout_is(lines);
}

#[test]
fn a_map_whose_keys_are_no_text_is_a_list_of_entries() {
    let mut map = MapBuilder::new(None, Int32Builder::new(), Int32Builder::new());
    map.keys().append_slice(&[1, 2]);
    map.values().append_value(7);
    map.values().append_null();
    map.append(true).unwrap();
    map.append(true).unwrap();
    let lines = "{\"a\":[{\"key\":1,\"value\":7},{\"key\":2,\"value\":null}]}\n{\"a\":[]}\n";
    to_json(&[], &[column(Arc::new(map.finish()) as ArrayRef)]).succeeds().stdout_is(lines);
}

#[test]
fn what_an_object_cannot_hold_is_refused_before_anything_is_written() {
    let number = || Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let twice = ["a", "b", "a"].map(|name| Field::new(name, DataType::Int64, true));
    let twice = Schema::new(twice.to_vec());
    let twice = RecordBatch::try_new(Arc::new(twice), vec![number(), number(), number()]).unwrap();
    let why = "two columns are named \"a\", but keys of a JSON object are unique: rename one with \
               stream-select (see --unique-names)";
    to_json(&[], &[twice])
        .exits_with(1)
        .stdout_is("")
        .stderr_is(&format!("stream-to-json: {why}\n"));
    let inner =
        ["x", "x"].map(|name| (Arc::new(Field::new(name, DataType::Int64, true)), number()));
    let inner = StructArray::from(inner.to_vec());
    let told = to_json(&[], &[column(Arc::new(inner) as ArrayRef)]).exits_with(1).stdout_is("");
    told.stderr_has("column \"a\": two columns are named \"x\"");
    let fields = [(0_i8, Arc::new(Field::new("n", DataType::Int64, true)))].into_iter().collect();
    let union = UnionArray::try_new(fields, vec![0].into(), None, vec![number()]).unwrap();
    to_json(&["--array"], &[column(Arc::new(union) as ArrayRef)])
        .exits_with(1)
        .stdout_is("")
        .stderr_has("column \"a\": a union cannot be written as JSON");
}

#[test]
fn a_producer_that_stops_early_leaves_no_file_and_no_closed_array() {
    let place = Workplace::new();
    let whole = stream_of(&[int64_batch(&[("a", vec![1])])]);
    place.write("cut.arrows", &whole[..whole.len() - 8]);
    place.tool("stream-to-json").args(["-o", "out.json", "cut.arrows"]).run().exits_with(1);
    assert_eq!(place.names(), ["cut.arrows"]);
    let run = place.tool("stream-to-json").args(["--array", "cut.arrows"]).run().exits_with(1);
    run.one_line_on_stderr().stdout_is("[\n{\"a\":1}");
}
