//! Small streams with columns of every Arrow type.

use crate::support::{file_of, stream_of};
use arrow::array::{
    ArrayRef, Int32Array, Int64Array, NullArray, RecordBatch, StringArray, StructArray, UnionArray,
};
use arrow::buffer::ScalarBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, Schema, TimeUnit, UnionFields};
use arrow::json::ReaderBuilder;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use std::sync::Arc;

/// The streams by name. Their first column is a number, of which values repeat.
pub(super) fn streams() -> Vec<(&'static str, Vec<u8>)> {
    let plain = [
        ("integers", integers()),
        ("fractions", fractions()),
        ("temporal", temporal()),
        ("texts", texts()),
        ("lists", lists()),
        ("nested", nested()),
        ("dictionaries", dictionaries()),
        ("unions", unions()),
    ];
    let streams = plain.map(|(name, batch)| (name, stream_of(&[batch.clone(), batch.slice(1, 3)])));
    let compressed = [("lz4", CompressionType::LZ4_FRAME), ("zstd", CompressionType::ZSTD)];
    let compressed = compressed.map(|(name, codec)| (name, compressed_stream(codec)));
    streams.into_iter().chain(compressed).chain([("marked", marked_stream())]).collect()
}

/// A stream with a column of each kind that expressions know.
pub(super) fn mixed_stream() -> Vec<u8> {
    stream_of(&[mixed()])
}

/// The same as an Arrow file.
pub(super) fn mixed_file() -> Vec<u8> {
    file_of(&[mixed()])
}

fn mixed() -> RecordBatch {
    let columns = [
        ("id", numbers()),
        ("price", as_type(&numbers(), &DataType::Decimal128(9, 2))),
        ("name", words()),
        ("day", as_type(&as_type(&numbers(), &DataType::Int32), &DataType::Date32)),
        (
            "at",
            as_type(&numbers(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        ),
        ("ratio", as_type(&numbers(), &DataType::Float64)),
        ("ok", as_type(&numbers(), &DataType::Boolean)),
    ];
    batch_of(columns)
}

/// All columns may be null: runs hold their nulls inside.
fn batch_of<N: AsRef<str>>(columns: impl IntoIterator<Item = (N, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn numbers() -> ArrayRef {
    Arc::new(Int64Array::from(vec![Some(3), Some(3), None, Some(7), Some(1)]))
}

fn words() -> ArrayRef {
    let words = ["", "ab", "longer than a view holds inline", "\u{e9}"].map(Some);
    Arc::new(StringArray::from_iter(words.into_iter().chain([None])))
}

fn as_type(array: &ArrayRef, data_type: &DataType) -> ArrayRef {
    cast(array, data_type).unwrap()
}

/// A batch of numbers, and of `array` cast to each of the types.
fn batch_of_casts(array: &ArrayRef, types: &[DataType]) -> RecordBatch {
    let columns = types.iter().map(|to| (to.to_string(), as_type(array, to)));
    batch_of(std::iter::once(("number".to_owned(), numbers())).chain(columns))
}

fn integers() -> RecordBatch {
    use DataType::{Int8, Int16, Int32, UInt8, UInt16, UInt32, UInt64};
    batch_of_casts(&numbers(), &[Int8, Int16, Int32, UInt8, UInt16, UInt32, UInt64])
}

fn fractions() -> RecordBatch {
    use DataType::{
        Boolean, Decimal32, Decimal64, Decimal128, Decimal256, Float16, Float32, Float64,
    };
    let decimals = [Decimal32(9, 2), Decimal64(18, 0), Decimal128(28, 2), Decimal256(76, 10)];
    batch_of_casts(&numbers(), &[&[Boolean, Float16, Float32, Float64][..], &decimals].concat())
}

fn temporal() -> RecordBatch {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let short = as_type(&numbers(), &DataType::Int32);
    let of_32 = [DataType::Date32, DataType::Time32(Second), DataType::Time32(Millisecond)];
    let of_64 = [
        DataType::Time64(Microsecond),
        DataType::Time64(Nanosecond),
        DataType::Timestamp(Second, None),
        DataType::Timestamp(Nanosecond, Some("Europe/Berlin".into())),
        DataType::Timestamp(Millisecond, Some("+02:00".into())),
        DataType::Duration(Nanosecond),
    ];
    let columns = of_32.iter().map(|to| (to.to_string(), as_type(&short, to)));
    let columns = columns.chain(of_64.iter().map(|to| (to.to_string(), as_type(&numbers(), to))));
    let days = as_type(&as_type(&short, &DataType::Date32), &DataType::Date64);
    let months = as_type(&short, &DataType::Interval(IntervalUnit::YearMonth));
    let columns = columns.chain([("days".to_owned(), days), ("months".to_owned(), months)]);
    batch_of(std::iter::once(("number".to_owned(), numbers())).chain(columns))
}

fn texts() -> RecordBatch {
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    batch_of_casts(&words(), &[Utf8, LargeUtf8, Utf8View, Binary, LargeBinary, BinaryView])
}

fn lists() -> RecordBatch {
    let item = |data_type| Arc::new(Field::new_list_field(data_type, true));
    let lists = [
        DataType::List(item(DataType::Int32)),
        DataType::LargeList(item(DataType::Utf8)),
        DataType::List(item(DataType::List(item(DataType::Int8)))),
        DataType::FixedSizeList(item(DataType::Int16), 2),
    ];
    let fields = lists
        .into_iter()
        .enumerate()
        .map(|(place, list)| Field::new(format!("l{place}"), list, true));
    let batch = read_json(
        fields.collect(),
        r#"{"number":1,"l0":[1,2],"l1":["a",null],"l2":[[1],[]],"l3":[1,2]}
           {"number":1,"l0":[],"l1":[],"l2":[],"l3":[3,null]}
           {"number":2,"l0":null,"l1":null,"l2":null,"l3":null}
           {"number":3,"l0":[null],"l1":["bc"],"l2":[null,[2,3]],"l3":[5,6]}
           {"number":4,"l0":[3],"l1":["",""],"l2":[[4]],"l3":[7,8]}"#,
    );
    let view = as_type(batch.column(1), &DataType::ListView(item(DataType::Int32)));
    let fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    let viewed = Arc::new(Field::new("view", view.data_type().clone(), true));
    let schema = Schema::new(fields.into_iter().chain([viewed]).collect::<Fields>());
    RecordBatch::try_new(Arc::new(schema), [batch.columns(), &[view]].concat()).unwrap()
}

fn nested() -> RecordBatch {
    let inner = Fields::from(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Utf8, true),
    ]);
    let entry = vec![
        Field::new("keys", DataType::Utf8, false),
        Field::new("values", DataType::Int32, true),
    ];
    let entries = Arc::new(Field::new("entries", DataType::Struct(entry.into()), false));
    let list = Arc::new(Field::new_list_field(DataType::Struct(inner.clone()), true));
    let fields = vec![
        Field::new("s", DataType::Struct(inner), true),
        Field::new("m", DataType::Map(entries, false), true),
        Field::new("ls", DataType::List(list), true),
    ];
    read_json(
        fields,
        r#"{"number":1,"s":{"a":1,"b":"x"},"m":{"k":1},"ls":[{"a":1},null]}
           {"number":1,"s":{"a":null,"b":"y"},"m":{},"ls":[]}
           {"number":2,"s":null,"m":null,"ls":null}
           {"number":3,"s":{"a":3},"m":{"a":null,"b":2},"ls":[{"b":"z"}]}
           {"number":4,"s":{},"m":{"z":3},"ls":[{}]}"#,
    )
}

/// The rows, with a first column of numbers.
fn read_json(fields: Vec<Field>, rows: &str) -> RecordBatch {
    let fields = std::iter::once(Field::new("number", DataType::Int64, false)).chain(fields);
    let schema = Arc::new(Schema::new(fields.collect::<Fields>()));
    let mut reader = ReaderBuilder::new(schema).build(rows.as_bytes()).unwrap();
    reader.next().unwrap().unwrap()
}

fn dictionaries() -> RecordBatch {
    let dictionary =
        |key: DataType, value: DataType| DataType::Dictionary(key.into(), value.into());
    let ends = |run: DataType, value: DataType| {
        let (run, value) = (Field::new("run_ends", run, false), Field::new("values", value, true));
        DataType::RunEndEncoded(run.into(), value.into())
    };
    let columns = [
        ("number", numbers()),
        ("d", as_type(&words(), &dictionary(DataType::Int32, DataType::Utf8))),
        ("small", as_type(&numbers(), &dictionary(DataType::Int8, DataType::Int64))),
        ("runs", as_type(&words(), &ends(DataType::Int32, DataType::Utf8))),
        ("long", as_type(&numbers(), &ends(DataType::Int64, DataType::Int64))),
    ];
    batch_of(columns)
}

fn unions() -> RecordBatch {
    let fields =
        [(0, Field::new("i", DataType::Int32, true)), (5, Field::new("s", DataType::Utf8, true))];
    let fields: UnionFields = fields.into_iter().map(|(id, field)| (id, Arc::new(field))).collect();
    let ids = ScalarBuffer::from(vec![0_i8, 5, 0, 5, 5]);
    let short: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3), None, None]));
    let sparse =
        UnionArray::try_new(fields.clone(), ids.clone(), None, vec![short.clone(), words()]);
    let offsets = ScalarBuffer::from(vec![0_i32, 0, 1, 1, 2]);
    let dense = UnionArray::try_new(fields, ids, Some(offsets), vec![short, words()]);
    let empty = StructArray::new_empty_fields(5, None);
    let columns: [(&str, ArrayRef); 5] = [
        ("number", numbers()),
        ("sparse", Arc::new(sparse.unwrap())),
        ("dense", Arc::new(dense.unwrap())),
        ("nothing", Arc::new(NullArray::new(5))),
        ("empty", Arc::new(empty)),
    ];
    batch_of(columns)
}

fn compressed_stream(codec: CompressionType) -> Vec<u8> {
    let words = (0..400).map(|row| format!("text {}", row % 7));
    let columns: [(&str, ArrayRef); 2] = [
        ("number", Arc::new(Int64Array::from_iter_values((0..400).map(|row| row / 9)))),
        ("words", Arc::new(StringArray::from_iter_values(words))),
    ];
    let batch = batch_of(columns);
    let options = IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Columns that are encoded only in the pipe.
fn marked_stream() -> Vec<u8> {
    let batch = dictionaries();
    let schema = batch.schema();
    let fields = schema.fields().iter().map(|field| {
        let encoding = match field.data_type() {
            DataType::Dictionary(..) => "dictionary",
            DataType::RunEndEncoded(..) => "runs",
            _ => return Arc::clone(field),
        };
        let mark = ("arrow-pipes:encoded".to_owned(), encoding.to_owned());
        Arc::new(field.as_ref().clone().with_metadata([mark]))
    });
    let schema = Schema::new(fields.collect::<Fields>());
    stream_of(&[RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).unwrap()])
}
