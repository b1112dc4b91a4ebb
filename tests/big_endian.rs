//! Big-endian streams of every type. The official ones have few types and no compression, so these
//! are made from little-endian streams: the layout of each type is listed by hand.

use crate::support::{Python, Workplace, stream_of};
use arrow::array::types::{Int16Type, Int32Type};
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::*;
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::{DictionaryTracker, IpcWriteOptions, StreamWriter};
use arrow_ipc::{CompressionType, Endianness, MessageBuilder, MessageHeader, MetadataVersion};
use arrow_pipes::batch::bytes_text::Text;
use arrow_pipes::error::Result;
use arrow_pipes::options::{InputOptions, Operand};
use arrow_pipes::stream::Reader;
use flatbuffers::{FlatBufferBuilder, WIPOffset};
use std::path::Path;
use std::slice::from_ref;
use std::sync::Arc;

type F16 = <Float16Type as ArrowPrimitiveType>::Native;

/// An array and its buffers in a record batch, then those in the dictionary. Each character is a
/// buffer: `.` bytes and bits, `2`, `4`, `8`, `h` (16) and `d` (32) numbers of so many bytes, `m`
/// months, days and nanoseconds, `v` views.
struct Layout {
    array: ArrayRef,
    buffers: &'static str,
    dictionary: &'static str,
}

fn layout(buffers: &'static str, array: impl Array + 'static) -> Layout {
    Layout { array: make_array(array.to_data()), buffers, dictionary: "" }
}

fn numbers(data_type: &DataType) -> ArrayRef {
    let some = Int64Array::from(vec![Some(1), None, Some(-2), Some(77), Some(100)]);
    cast(&some, data_type)
        .unwrap_or_else(|_| cast(&cast(&some, &DataType::Int32).unwrap(), data_type).unwrap())
}

fn unsigned(data_type: &DataType) -> ArrayRef {
    cast(&Int64Array::from(vec![Some(1), None, Some(200)]), data_type).unwrap()
}

fn texts() -> Vec<Option<&'static str>> {
    vec![
        Some("short"),
        None,
        Some("a text of more than twelve bytes"),
        Some(""),
        Some("exactly12byt"),
    ]
}

fn item(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("item", data_type, true))
}

fn scalars() -> Vec<Layout> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let signed: &[(&str, DataType)] = &[
        (".2", DataType::Int16),
        (".4", DataType::Int32),
        (".8", DataType::Int64),
        (".2", DataType::Float16),
        (".4", DataType::Float32),
        (".8", DataType::Float64),
        (".4", DataType::Date32),
        (".8", DataType::Date64),
        (".4", DataType::Time32(Second)),
        (".4", DataType::Time32(Millisecond)),
        (".8", DataType::Time64(Microsecond)),
        (".8", DataType::Time64(Nanosecond)),
        (".8", DataType::Timestamp(Nanosecond, Some("Europe/Paris".into()))),
        (".8", DataType::Duration(Second)),
        (".4", DataType::Decimal32(9, 2)),
        (".8", DataType::Decimal64(18, 2)),
        (".h", DataType::Decimal128(38, 2)),
        (".d", DataType::Decimal256(76, 2)),
        ("..", DataType::Int8),
        ("..", DataType::Boolean),
    ];
    let mut all: Vec<Layout> =
        signed.iter().map(|(buffers, t)| layout(buffers, numbers(t))).collect();
    for (buffers, t) in
        [(".2", DataType::UInt16), (".4", DataType::UInt32), (".8", DataType::UInt64)]
    {
        all.push(layout(buffers, unsigned(&t)));
    }
    let mdn =
        |months, days, nanoseconds| Some(IntervalMonthDayNano::new(months, days, nanoseconds));
    all.extend([
        layout(".4", IntervalYearMonthArray::from(vec![Some(7), None, Some(-100)])),
        layout(
            ".4",
            IntervalDayTimeArray::from(vec![Some(IntervalDayTime::new(-7, 1 << 20)), None]),
        ),
        layout(
            ".m",
            IntervalMonthDayNanoArray::from(vec![mdn(1, -2, 3 << 40), None, mdn(-5, 6, -7)]),
        ),
        layout(
            ".2",
            Float16Array::from(vec![Some(F16::from_f32(1.5)), None, Some(F16::NEG_INFINITY)]),
        ),
        layout("..", FixedSizeBinaryArray::try_from_iter([b"abcd", b"efgh"].into_iter()).unwrap()),
        layout(".4.", StringArray::from(texts())),
        layout(".8.", LargeStringArray::from(texts())),
        layout(".4.", BinaryArray::from_iter(texts())),
        layout(".8.", LargeBinaryArray::from_iter(texts())),
        layout(".v.", StringViewArray::from(texts())),
        layout(".v.", BinaryViewArray::from_iter(texts())),
        layout(".v", StringViewArray::from(vec![Some("short"), None])),
        layout("", NullArray::new(3)),
    ]);
    all
}

fn nested() -> Vec<Layout> {
    let int16 = || numbers(&DataType::Int16);
    let (int32, text): (ArrayRef, ArrayRef) =
        (numbers(&DataType::Int32), Arc::new(StringArray::from(texts())));
    let nulls = || Some(NullBuffer::from(vec![true, false, true]));
    let wide = || OffsetBuffer::<i64>::from_lengths([2, 0, 3]);
    let fields = Fields::from(vec![
        Field::new("number", DataType::Int32, true),
        Field::new("text", DataType::Utf8, true),
    ]);
    let members: UnionFields = [3_i8, 5].into_iter().zip(fields.iter().cloned()).collect();
    let kinds = || ScalarBuffer::from(vec![3_i8, 5, 3, 5, 5]);
    let children = || vec![int32.clone(), text.clone()];
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for place in 0..3 {
        map.keys().append_value("key");
        map.values().append_option((place > 0).then_some(place));
        map.append(place < 2).unwrap();
    }
    let codes: DictionaryArray<Int16Type> = texts().into_iter().collect();
    let runs =
        RunArray::<Int32Type>::try_new(&Int32Array::from(vec![2, 3, 7, 8, 900]), &text).unwrap();
    let coded: ArrayRef = Arc::new(codes.clone());
    vec![
        layout(
            ".4.2",
            ListArray::new(
                item(DataType::Int16),
                OffsetBuffer::from_lengths([2, 0, 3]),
                int16(),
                nulls(),
            ),
        ),
        layout(".8.4.", LargeListArray::new(item(DataType::Utf8), wide(), text.clone(), nulls())),
        layout(
            ".44.2",
            ListViewArray::new(
                item(DataType::Int16),
                vec![3, 0, 1].into(),
                vec![2, 0, 3].into(),
                int16(),
                nulls(),
            ),
        ),
        layout(
            ".88.2",
            LargeListViewArray::new(
                item(DataType::Int16),
                vec![3, 0, 1].into(),
                vec![2, 0, 3].into(),
                int16(),
                nulls(),
            ),
        ),
        layout("..2", FixedSizeListArray::new(item(DataType::Int16), 5, int16(), None)),
        layout("..4.4.", StructArray::new(fields.clone(), children(), None)),
        layout("..4.4.", UnionArray::try_new(members.clone(), kinds(), None, children()).unwrap()),
        layout(
            ".4.4.4.",
            UnionArray::try_new(members, kinds(), Some(vec![0, 4, 2, 1, 0].into()), children())
                .unwrap(),
        ),
        layout(".4..4..8", map.finish()),
        layout(".4.4.", runs),
        Layout { array: Arc::new(codes), buffers: ".2", dictionary: ".4." },
        Layout {
            array: Arc::new(ListArray::new(
                item(coded.data_type().clone()),
                OffsetBuffer::from_lengths([1, 4]),
                coded,
                None,
            )),
            buffers: ".4.2",
            dictionary: ".4.",
        },
    ]
}

#[test]
fn every_type_is_swapped() {
    let place = Workplace::new();
    let mut pairs = String::new();
    for (number, layout) in scalars().into_iter().chain(nested()).enumerate() {
        let Layout { array, buffers, dictionary } = layout;
        let data_type = array.data_type().clone();
        let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
        let last = batch.slice(batch.num_rows() - 1, 1);
        let little = stream_of(&[batch.clone(), last]);
        let big = big_endian(&little, &batch.schema(), Some((buffers, dictionary)));
        let little = place.write(&format!("{number}.little"), little);
        let big = place.write(&format!("{number}.big"), big);
        let swapped = read(&big).unwrap_or_else(|error| panic!("{data_type}: {error}"));
        assert_eq!(swapped[0], batch, "{data_type}");
        assert_eq!(swapped, read(&little).unwrap(), "{data_type}");
        // pyarrow 26 does not swap the others.
        use DataType::{BinaryView, RunEndEncoded, Utf8View};
        if !matches!(data_type, Utf8View | BinaryView | RunEndEncoded(..)) {
            pairs.push_str(&format!("{}\t{}\n", little.display(), big.display()));
        }
    }
    // The streams are valid big-endian ones to another reader, too.
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn compressed_buffers_are_swapped() {
    let place = Workplace::new();
    let int64 = Int64Array::from_iter((0..5000).map(|n| (n % 7 > 0).then_some(n << 33 | n)));
    let decimal = Decimal128Array::from_iter((0..5000).map(|n| (n % 5 > 0).then_some(n << 80 | n)));
    // Values with swapped bytes: written in little-endian order, they are in big-endian order.
    let swapped: [(&str, ArrayRef); 2] = [
        ("i", Arc::new(int64.unary::<_, Int64Type>(i64::swap_bytes))),
        (
            "d",
            Arc::new(
                decimal
                    .unary::<_, Decimal128Type>(i128::swap_bytes)
                    .with_data_type(decimal.data_type().clone()),
            ),
        ),
    ];
    let swapped = RecordBatch::try_from_iter(swapped).unwrap();
    let batch =
        RecordBatch::try_new(swapped.schema(), vec![Arc::new(int64), Arc::new(decimal)]).unwrap();
    for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let options = IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
        let mut writer =
            StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
        writer.write(&swapped).unwrap();
        let big = big_endian(&writer.into_inner().unwrap(), &batch.schema(), None);
        assert_eq!(read(&place.write("big", &big)).unwrap(), *from_ref(&batch));
    }
}

/// Three columns, of which the middle one is a dictionary.
fn three_columns() -> (RecordBatch, Vec<u8>) {
    let codes: DictionaryArray<Int32Type> = texts().into_iter().collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5]))),
        ("code", Arc::new(codes)),
        ("text", Arc::new(StringViewArray::from(texts()))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let big = big_endian(&stream_of(from_ref(&batch)), &batch.schema(), Some((".8.4.v.", ".4.")));
    (batch, big)
}

#[test]
fn some_columns_are_swapped() {
    let place = Workplace::new();
    let (batch, big) = three_columns();
    let path = place.write("big", big);
    for columns in [vec![2], vec![0, 2], vec![1], vec![2, 0]] {
        let mut reader = open(&path).unwrap();
        reader.project(columns.clone()).unwrap();
        assert_eq!(reader.next_batch().unwrap().unwrap(), batch.project(&columns).unwrap());
        let mut reader = open(&path).unwrap();
        let undecoded = reader.next_undecoded().unwrap().unwrap();
        for column in columns {
            let decoded = undecoded.columns(&[column], Text::Checked).unwrap();
            assert_eq!(decoded, batch.project(&[column]).unwrap());
        }
    }
    let filtered =
        place.shell("stream-filter 'id > 3 AND code IS NOT NULL' big | stream-to-csv").succeeds();
    assert_eq!(filtered.stdout_text(), "id,code,text\n4,\"\",\"\"\n5,exactly12byt,exactly12byt\n");
}

#[test]
fn most_of_very_many_columns_are_swapped() {
    let place = Workplace::new();
    let column = |number| (format!("c{number}"), numbers(&DataType::Int64), true);
    let batch = RecordBatch::try_from_iter_with_nullable((0..1100).map(column)).unwrap();
    let layout = ".8".repeat(1100);
    let big = big_endian(&stream_of(from_ref(&batch)), &batch.schema(), Some((&layout, "")));
    let columns: Vec<usize> = (50..1050).collect();
    let mut reader = open(&place.write("big", big)).unwrap();
    reader.project(columns.clone()).unwrap();
    assert_eq!(reader.next_batch().unwrap().unwrap(), batch.project(&columns).unwrap());
}

#[test]
fn a_shared_buffer_is_swapped_once_and_overlapping_ones_are_refused() {
    let place = Workplace::new();
    let numbers = |start: i64| -> ArrayRef { Arc::new(Int64Array::from_iter(start..start + 8)) };
    let columns = [("a", numbers(1)), ("b", numbers(100))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let big = big_endian(&stream_of(from_ref(&batch)), &batch.schema(), Some((".8.8", "")));
    // The position and the length of a buffer in the header.
    let entry = |offset: i64, length: i64| [offset.to_le_bytes(), length.to_le_bytes()].concat();
    let second = entry(64, 64);
    let at = big.windows(16).rposition(|bytes| bytes == second).unwrap();
    let with_second = |offset, length| {
        let mut changed = big.clone();
        changed[at..at + 16].copy_from_slice(&entry(offset, length));
        place.write("changed", changed)
    };
    let shared = vec![batch.column(0).clone(), batch.column(0).clone()];
    let shared = RecordBatch::try_new(batch.schema(), shared).unwrap();
    assert_eq!(read(&with_second(0, 64)).unwrap(), [shared]);
    let error = read(&with_second(8, 120)).unwrap_err().to_string();
    assert!(error.ends_with("changed: damaged message: its buffers overlap"), "{error}");
}

#[test]
fn damage_is_an_error() {
    let place = Workplace::new();
    let (_, big) = three_columns();
    for at in 0..big.len() {
        for value in [0xff, big[at] ^ 1] {
            let mut damaged = big.clone();
            damaged[at] = value;
            // Values may change unnoticed.
            if let Err(error) = read(&place.write("damaged", damaged)) {
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
}

#[test]
fn an_unknown_byte_order_is_refused() {
    let place = Workplace::new();
    let schema = Schema::new(vec![Field::new("c", DataType::Int64, true)]);
    let path = place.write("odd", message(&schema_message(&schema, Endianness(7))));
    let error = open(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}: damaged schema: 7 is not a byte order", path.display()));
}

fn open(path: &Path) -> Result<Reader> {
    let operands = vec![Operand::Path(path.to_owned())];
    Reader::open(&InputOptions { operands, ..InputOptions::default() })
}

fn read(path: &Path) -> Result<Vec<RecordBatch>> {
    let mut reader = open(path)?;
    std::iter::from_fn(|| reader.next_batch().transpose()).collect()
}

/// The stream with a big-endian schema, and its buffers swapped by their layouts in record batches
/// and in dictionaries; without layouts, the buffers are in big-endian order already.
fn big_endian(little: &[u8], schema: &Schema, layouts: Option<(&str, &str)>) -> Vec<u8> {
    let mut big = message(&schema_message(schema, Endianness::Big));
    let mut rest = after_message(little).1;
    while rest.len() > 8 {
        let ((metadata, body), next) = after_message(rest);
        let header = arrow_ipc::root_as_message(metadata).unwrap();
        let (batch, is_dictionary) = match header.header_as_dictionary_batch() {
            Some(dictionary) => (dictionary.data().unwrap(), true),
            None => (header.header_as_record_batch().unwrap(), false),
        };
        let mut body = body.to_vec();
        if let Some((columns, dictionary)) = layouts {
            let layout = if is_dictionary { dictionary } else { columns };
            let buffers: Vec<_> = batch.buffers().unwrap().iter().collect();
            assert_eq!(buffers.len(), layout.len(), "{schema} {layout}");
            for (buffer, element) in buffers.iter().zip(layout.chars()) {
                let (start, length) = (buffer.offset() as usize, buffer.length() as usize);
                swap(element, &mut body[start..start + length]);
            }
        }
        big.extend(message(metadata));
        big.extend(body);
        rest = next;
    }
    big.extend_from_slice(rest);
    big
}

fn swap(element: char, bytes: &mut [u8]) {
    let parts: &[usize] = match element {
        '.' => return,
        'm' => &[4, 4, 8],
        'v' => &[4, 4, 4, 4],
        'h' => &[16],
        'd' => &[32],
        digit => &[digit as usize - '0' as usize],
    };
    for value in bytes.chunks_exact_mut(parts.iter().sum()) {
        let is_inlined = element == 'v' && value[0] <= 12 && value[1..4] == [0; 3];
        let mut start = 0;
        for (place, part) in parts.iter().enumerate() {
            // Bytes and the prefix of a view stay.
            if element != 'v' || place == 0 || (place > 1 && !is_inlined) {
                value[start..start + part].reverse();
            }
            start += part;
        }
    }
}

/// The metadata and the body of the first message, and what follows.
fn after_message(stream: &[u8]) -> ((&[u8], &[u8]), &[u8]) {
    let length = u32::from_le_bytes(stream[4..8].try_into().unwrap()) as usize;
    let (metadata, rest) = stream[8..].split_at(length);
    let body = arrow_ipc::root_as_message(metadata).unwrap().bodyLength() as usize;
    ((metadata, &rest[..body]), &rest[body..])
}

fn message(metadata: &[u8]) -> Vec<u8> {
    let padded = metadata.len().next_multiple_of(8);
    let mut message = vec![0xff; 4];
    message.extend_from_slice(&u32::try_from(padded).unwrap().to_le_bytes());
    message.extend_from_slice(metadata);
    message.resize(8 + padded, 0);
    message
}

fn schema_message(schema: &Schema, endianness: Endianness) -> Vec<u8> {
    let mut fbb = FlatBufferBuilder::new();
    let mut tracker = DictionaryTracker::new(true);
    let mut encoder = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker);
    let little = encoder.schema_to_fb_offset(&mut fbb, schema);
    let fields = fields_of(fbb.unfinished_data(), little.value());
    // Another schema with the same vector of fields, whose positions count from the end.
    let mut builder = arrow_ipc::SchemaBuilder::new(&mut fbb);
    builder.add_endianness(endianness);
    builder.add_fields(WIPOffset::new(fields));
    let header = builder.finish().as_union_value();
    let mut builder = MessageBuilder::new(&mut fbb);
    builder.add_version(MetadataVersion::V5);
    builder.add_header_type(MessageHeader::Schema);
    builder.add_header(header);
    let root = builder.finish();
    fbb.finish(root, None);
    fbb.finished_data().to_vec()
}

/// The position of the fields of a schema, from the end, as that of the schema.
fn fields_of(bytes: &[u8], schema: u32) -> u32 {
    const FIELDS: usize = 6;
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let table = bytes.len() - schema as usize;
    let vtable = table.wrapping_sub(word(table) as u32 as i32 as isize as usize);
    let field = table
        + usize::from(u16::from_le_bytes([bytes[vtable + FIELDS], bytes[vtable + FIELDS + 1]]));
    u32::try_from(bytes.len() - (field + word(field))).unwrap()
}
