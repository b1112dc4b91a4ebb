//! Tests of summaries.

use super::*;
use arrow::array::*;
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::*;
use std::sync::Arc;

fn summaries(columns: Vec<(&str, ArrayRef)>, batch_rows: usize) -> Vec<ColumnSummary> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let places: Vec<usize> = (0..batch.num_columns()).collect();
    let mut summary = Summary::try_new(&batch.schema(), &places, Threads::new(3)).unwrap();
    for start in (0..batch.num_rows()).step_by(batch_rows) {
        summary.add(&batch.slice(start, batch_rows.min(batch.num_rows() - start))).unwrap();
    }
    let (rows, columns) = summary.finish().unwrap();
    assert_eq!(rows, batch.num_rows() as u64);
    columns
}

fn json_of(array: ArrayRef, batch_rows: usize) -> String {
    json_lines(&summaries(vec![("x", array)], batch_rows)).unwrap().remove(0)
}

#[test]
fn numbers_have_exact_facts_while_they_are_few() {
    let numbers = Float64Array::from(vec![
        Some(2.0),
        None,
        Some(f64::NAN),
        Some(-1.5),
        Some(f64::INFINITY),
        Some(0.0),
        Some(-0.0),
        Some(2.0),
        Some(-f64::NAN),
    ]);
    for batch_rows in [1, 4, 100] {
        assert_eq!(
            json_of(Arc::new(numbers.clone()), batch_rows),
            "{\"column\":\"x\",\"type\":\"float64\",\"rows\":9,\"nulls\":1,\"distinct\":5,\
             \"distinct_exact\":true,\"min\":-1.5,\"q05\":-1.5,\"q25\":0.0,\"q50\":0.0,\
             \"q75\":2.0,\"q95\":\"Infinity\",\"max\":\"Infinity\",\"quantiles_exact\":true,\
             \"mean\":0.5,\"deviation\":1.5,\"nan\":2,\"infinite\":1,\
             \"top\":[{\"value\":0.0,\"rows\":2},{\"value\":2.0,\"rows\":2},\
             {\"value\":\"NaN\",\"rows\":2},{\"value\":-1.5,\"rows\":1},\
             {\"value\":\"Infinity\",\"rows\":1}],\"top_exact\":true,\
             \"histogram\":{\"from\":-1.5,\"to\":2.0,\
             \"rows\":[1,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2]}}"
        );
    }
}

#[test]
fn texts_have_lengths_in_characters_in_every_encoding() {
    let rows = vec![Some("b"), None, Some("ää"), Some("b"), Some("")];
    let plain: ArrayRef = Arc::new(StringArray::from(rows.clone()));
    let words: DictionaryArray<Int8Type> = rows.into_iter().collect();
    let expected = json_of(plain.clone(), 100);
    assert!(expected.contains(
        "\"nulls\":1,\"distinct\":3,\"distinct_exact\":true,\"min\":\"\",\"max\":\"ää\",\
         \"shortest\":0,\"mean_length\":1.0,\"longest\":2,\
         \"top\":[{\"value\":\"b\",\"rows\":2},{\"value\":\"\",\"rows\":1}"
    ));
    for batch_rows in [2, 100] {
        assert_eq!(json_of(Arc::new(words.clone()), batch_rows), expected);
        assert_eq!(json_of(plain.clone(), batch_rows), expected);
        let large = json_of(cast(&plain, &DataType::LargeUtf8).unwrap(), batch_rows);
        assert_eq!(large.replace("large_utf8", "utf8"), expected);
    }
}

#[test]
fn fields_of_structs_are_columns_and_null_under_null_structs() {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None, Some(9)]));
    let inner = Fields::from(vec![Field::new("id", DataType::Int64, true)]);
    let nulls = Some(vec![true, true, true, false].into());
    let structs: ArrayRef = Arc::new(StructArray::new(inner, vec![ids], nulls));
    let found = summaries(vec![("s", structs)], 3);
    let names: Vec<_> = found.iter().map(|column| (&*column.name, column.nulls)).collect();
    assert_eq!(names, [("s", 1), ("s.id", 2)]);
    assert_eq!(found[1].distinct, Some(Estimate { value: 2, is_exact: true }));
    assert_eq!(found[0].distinct, None);
}

/// An array of each type, of six rows.
fn arrays() -> Vec<ArrayRef> {
    use DataType as T;
    let numbers: ArrayRef =
        Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(3), Some(0), Some(2)]));
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let second = TimeUnit::Second;
    for to in [
        T::Boolean,
        T::Int8,
        T::Int16,
        T::Int64,
        T::UInt8,
        T::UInt16,
        T::UInt32,
        T::UInt64,
        T::Float16,
        T::Float32,
        T::Float64,
        T::Decimal32(9, 2),
        T::Decimal64(18, 2),
        T::Decimal128(38, -2),
        T::Decimal256(76, 10),
        T::Date32,
        T::Time32(second),
        T::Utf8,
        T::LargeUtf8,
        T::Utf8View,
        T::Dictionary(Box::new(T::Int8), Box::new(T::Int32)),
        T::Interval(IntervalUnit::YearMonth),
    ] {
        arrays.push(cast(&numbers, &to).unwrap());
    }
    let longs = cast(&numbers, &T::Int64).unwrap();
    for to in [
        T::Date64,
        T::Time64(TimeUnit::Nanosecond),
        T::Timestamp(TimeUnit::Millisecond, Some("Europe/Berlin".into())),
        T::Timestamp(TimeUnit::Nanosecond, None),
        T::Duration(TimeUnit::Microsecond),
    ] {
        arrays.push(cast(&longs, &to).unwrap());
    }
    let texts = cast(&numbers, &T::Utf8).unwrap();
    for to in [T::Binary, T::LargeBinary, T::BinaryView] {
        arrays.push(cast(&texts, &to).unwrap());
    }
    let fixed: [&[u8]; 6] = [b"ab", b"cd", b"ab", b"zz", b"00", b"\xff\x00"];
    arrays.push(Arc::new(FixedSizeBinaryArray::try_from_iter(fixed.into_iter()).unwrap()));
    let days: IntervalDayTimeArray = (0..6).map(|at| (at != 2).then(|| day(at))).collect();
    arrays.push(Arc::new(days));
    arrays.push(new_null_array(&T::Interval(IntervalUnit::MonthDayNano), 6));
    arrays.push(new_null_array(&T::Null, 6));
    let item: FieldRef = Arc::new(Field::new_list_field(T::Int32, true));
    for to in [
        T::List(item.clone()),
        T::LargeList(item.clone()),
        T::ListView(item.clone()),
        T::LargeListView(item.clone()),
        T::FixedSizeList(item.clone(), 3),
    ] {
        arrays.push(new_null_array(&to, 6));
    }
    let offsets = OffsetBuffer::from_lengths([1, 0, 2, 0, 0, 3]);
    arrays.push(Arc::new(ListArray::new(item, offsets, numbers.clone(), None)));
    let entries =
        Fields::from(vec![Field::new("key", T::Int32, false), Field::new("value", T::Int32, true)]);
    let keys: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3, 4, 5, 6]));
    let entry = Field::new("entries", T::Struct(entries.clone()), false);
    let entries = StructArray::new(entries, vec![keys, numbers.clone()], None);
    let offsets = OffsetBuffer::from_lengths([1, 0, 2, 0, 0, 3]);
    arrays.push(Arc::new(MapArray::new(Arc::new(entry), offsets, entries, None, false)));
    let ids = vec![7_i8, 3, 3, 7, 7, 7].into();
    let fields =
        [Arc::new(Field::new("a", T::Int32, true)), Arc::new(Field::new("b", T::Utf8, true))];
    let union = UnionFields::try_new([3, 7], fields).unwrap();
    arrays.push(Arc::new(
        UnionArray::try_new(union, ids, None, vec![numbers, texts.clone()]).unwrap(),
    ));
    let ends = Int32Array::from(vec![2, 3, 6]);
    let runs = RunArray::<Int32Type>::try_new(&ends, &texts.slice(0, 3)).unwrap();
    arrays.push(Arc::new(runs));
    arrays
}

fn day(days: i32) -> arrow::datatypes::IntervalDayTime {
    IntervalDayTimeType::make_value(days, 0)
}

#[test]
fn columns_of_all_types_are_summarized_alone_and_in_structs() {
    for array in arrays() {
        let name = array.data_type().to_string();
        let fields = Fields::from(vec![Field::new("inner", array.data_type().clone(), true)]);
        let nulls = Some(vec![true, false, true, true, true, true].into());
        let parent: ArrayRef = Arc::new(StructArray::new(fields, vec![array.clone()], nulls));
        for batch_rows in [1, 4, 6] {
            let found = summaries(vec![("x", array.clone()), ("s", parent.clone())], batch_rows);
            assert_eq!(found[0].nulls as usize, array.logical_null_count(), "{name}");
            let inner = &found[found.len() - 1];
            assert!(found.len() >= 3 && inner.rows == 6, "{name}");
            assert_eq!(batch(&found).unwrap().num_rows(), found.len());
            for line in json_lines(&found).unwrap() {
                assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
            }
            for width in [None, Some(80)] {
                assert!(text_lines(6, &found, width).unwrap().len() > found.len(), "{name}");
            }
        }
    }
}

#[test]
fn tables_without_rows_or_columns_are_summarized() {
    let empty = Arc::new(Int64Array::from(Vec::<i64>::new()));
    assert_eq!(
        json_of(empty, 1),
        "{\"column\":\"x\",\"type\":\"int64\",\"rows\":0,\"nulls\":0,\"distinct\":0,\
         \"distinct_exact\":true,\"top\":[],\"top_exact\":true}"
    );
    assert_eq!(text_lines(0, &[], None).unwrap(), ["0 rows, 0 columns"]);
    assert_eq!(batch(&[]).unwrap().num_rows(), 0);
}

#[test]
fn many_distinct_values_are_estimated() {
    const ROWS: i64 = 300_000;
    let numbers = Int64Array::from_iter_values((0..ROWS).map(|at| match at % 10 {
        0 => -1,
        1 if at % 20 == 1 => -2,
        _ => at,
    }));
    let numbers: ArrayRef = Arc::new(numbers);
    let texts = cast(&numbers, &DataType::Utf8).unwrap();
    let words =
        cast(&texts, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)));
    let distinct = numbers.as_primitive::<Int64Type>().values().iter();
    let distinct = distinct.collect::<std::collections::HashSet<_>>().len() as f64;
    let words = words.unwrap();
    let lines: Vec<String> = [(&texts, 65_536), (&texts, 999), (&words, 65_536), (&words, 100_000)]
        .map(|(array, batch_rows)| json_of(array.clone(), batch_rows))
        .into();
    assert!(lines.iter().all(|line| *line == lines[0]), "{lines:#?}");
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Int64));
    let coded = cast(&numbers, &coded).unwrap();
    assert_eq!(json_of(coded, 10_000), json_of(numbers.clone(), 65_536));
    for array in [numbers, texts] {
        let found = summaries(vec![("x", array)], 65_536).remove(0);
        let estimate = found.distinct.unwrap();
        let error = (estimate.value as f64 / distinct - 1.0).abs();
        assert!(!estimate.is_exact && error < 0.024, "{estimate:?} {distinct}");
        let top = found.top.unwrap();
        assert!(!top.is_exact);
        for (rows, expected) in top.rows.iter().zip([30_000_u64, 15_000]) {
            assert!(rows.abs_diff(expected) < ROWS as u64 / 500, "{:?}", top.rows);
        }
        assert_eq!(top.values.len(), 2);
    }
}
