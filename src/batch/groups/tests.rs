//! Groups of every kind of column, encoded or not, against a plain map of texts.

use super::*;
use arrow::array::UInt64Array;
use arrow::array::{
    Array, AsArray, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray,
    Float64Array, Int32Array, Int64Array, IntervalDayTimeArray, IntervalMonthDayNanoArray,
    RunArray, StringArray, StructArray, UInt8Array, new_null_array,
};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::collections::HashMap;
use std::sync::Arc;

/// Spreads the numbers of rows over some values.
fn spread(row: usize, values: usize) -> usize {
    (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) as usize % values
}

/// The numbers of all rows, by runs and by rows, which must be equal, and the groups.
fn numbered(batches: &[ArrayRef]) -> (Vec<u32>, Groups) {
    let of = |batches: &[ArrayRef], by_runs: bool| {
        let batch = |part: &ArrayRef| RecordBatch::try_from_iter([("key", part.clone())]).unwrap();
        let mut groups = Groups::try_new(&batch(&batches[0]).schema(), &[0]).unwrap();
        let mut numbers = Vec::new();
        for part in batches {
            let batch = batch(part);
            groups.changes_often = !by_runs;
            let runs = groups.number(&batch, &mut numbers).unwrap();
            for run in runs.into_iter().flatten() {
                assert_eq!(run.rows.start, run.rows.end - run.rows.len());
                numbers.resize(numbers.len() + run.rows.len(), run.group);
            }
        }
        (numbers, groups)
    };
    let (by_runs, _) = of(batches, true);
    let (by_rows, groups) = of(batches, false);
    assert_eq!(by_runs, by_rows);
    (by_rows, groups)
}

fn texts(array: &dyn Array) -> Vec<Option<String>> {
    let format = FormatOptions::new().with_display_error(false);
    let format = ArrayFormatter::try_new(array, &format).unwrap();
    let text = |row| (!array.is_null(row)).then(|| format.value(row).to_string());
    (0..array.len()).map(text).collect()
}

/// Compares the numbers with those of the texts of the plain values, and the values of the groups.
fn agrees_with_texts(plain: &[ArrayRef], batches: &[ArrayRef]) {
    let (numbers, groups) = numbered(batches);
    let mut model: HashMap<Option<String>, u32> = HashMap::new();
    let mut firsts = Vec::new();
    let texts_of_rows: Vec<Option<String>> = plain.iter().flat_map(|part| texts(part)).collect();
    assert_eq!(texts_of_rows.len(), numbers.len());
    for (row, (text, number)) in texts_of_rows.into_iter().zip(&numbers).enumerate() {
        let next = model.len() as u32;
        let expected = *model.entry(text.clone()).or_insert_with(|| {
            firsts.push(text);
            next
        });
        assert_eq!(expected, *number, "row {row} of {}", plain[0].data_type());
    }
    assert_eq!(groups.len(), firsts.len());
    agrees_in_both_ways(batches, &numbers);
    let all: Vec<u32> = (0..groups.len() as u32).rev().collect();
    let values = groups.values().arrays(&all).unwrap();
    assert_eq!(values[0].data_type(), plain[0].data_type());
    firsts.reverse();
    assert_eq!(texts(&values[0]), firsts);
}

/// Numbers the groups again, as runs and row by row, which must not matter.
fn agrees_in_both_ways(batches: &[ArrayRef], expected: &[u32]) {
    for changes_often in [false, true] {
        let schema = Schema::new(vec![Field::new("key", batches[0].data_type().clone(), true)]);
        let mut groups = Groups::try_new(&schema, &[0]).unwrap();
        let mut numbers = Vec::new();
        for part in batches {
            let batch = RecordBatch::try_from_iter([("key", part.clone())]).unwrap();
            groups.changes_often = changes_often;
            let runs = groups.number(&batch, &mut numbers).unwrap();
            for run in runs.into_iter().flatten() {
                numbers.extend(run.rows.map(|_| run.group));
            }
        }
        assert_eq!(numbers, expected, "{}", batches[0].data_type());
    }
}

fn agrees(array: ArrayRef) {
    let batches = [array];
    agrees_with_texts(&batches, &batches);
}

/// The values in batches: plain, as dictionaries (a new one in each batch, one for all), as runs.
fn agrees_in_every_encoding(values: &ArrayRef) {
    let rows = values.len();
    let cuts = [0, 1, 2, rows / 3, rows / 3 + 65, rows - 1, rows];
    let cut = |array: &ArrayRef| -> Vec<ArrayRef> {
        cuts.windows(2).map(|cut| array.slice(cut[0], cut[1] - cut[0])).collect()
    };
    let plain = cut(values);
    agrees_with_texts(&plain, &plain);
    for keys in [DataType::Int16, DataType::UInt32, DataType::Int64] {
        let data_type = DataType::Dictionary(Box::new(keys), Box::new(values.data_type().clone()));
        if let Ok(dictionary) = cast(values, &data_type) {
            agrees_with_texts(&plain, &cut(&dictionary));
            let parts: Vec<_> = plain.iter().map(|part| cast(part, &data_type).unwrap()).collect();
            agrees_with_texts(&plain, &parts);
            let pairs = plain.iter().zip(&parts).enumerate();
            let mixed = pairs.map(|(place, (plain, part))| [plain, part][place % 2].clone());
            agrees_with_texts(&plain, &mixed.collect::<Vec<_>>());
        }
    }
    // Every second row has a run of its own, if they can be told apart or not.
    let ends: Vec<i32> = (0..=rows as i32).filter(|row| row % 3 != 1 && *row > 0).collect();
    let positions = UInt64Array::from_iter_values(ends.iter().map(|end| *end as u64 - 1));
    let values = take(values, &positions, None).unwrap();
    if ends.last() == Some(&(rows as i32)) {
        let runs: ArrayRef = Arc::new(RunArray::try_new(&Int32Array::from(ends), &values).unwrap());
        let expanded: Vec<ArrayRef> =
            cut(&runs).iter().map(|part| crate::schema::expand(part).unwrap()).collect();
        agrees_with_texts(&expanded, &cut(&runs));
    }
}

/// Rows of `count` distinct numbers, some null; adjacent ones are often equal.
fn integers(rows: usize, count: usize) -> ArrayRef {
    let value = |row: usize| (row % 11 != 5).then(|| spread(row / 2, count) as i64 - 3);
    Arc::new(Int64Array::from_iter((0..rows).map(value)))
}

#[test]
fn values_of_every_width_are_grouped() {
    let few = integers(1200, 100);
    let types = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal128(20, 2),
        DataType::Decimal256(50, 2),
        DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Duration(TimeUnit::Nanosecond),
        DataType::Date32,
        DataType::Boolean,
    ];
    for data_type in types {
        let array = if data_type == DataType::Date32 {
            cast(&cast(&few, &DataType::Int32).unwrap(), &data_type).unwrap()
        } else {
            cast(&few, &data_type).unwrap()
        };
        agrees_in_every_encoding(&array);
        agrees_in_every_encoding(&array.slice(7, 1190));
    }
    agrees_in_every_encoding(&new_null_array(&DataType::Int32, 300));
    agrees_in_every_encoding(&new_null_array(&DataType::Utf8, 300));
}

#[test]
fn a_hundred_thousand_values_are_grouped() {
    let values = integers(300_000, 100_000);
    agrees(values.clone());
    let wide = cast(&values, &DataType::Decimal128(30, 0)).unwrap();
    agrees(wide);
    let text = cast(&values, &DataType::Utf8).unwrap();
    agrees(text);
}

#[test]
fn texts_of_any_length_are_grouped() {
    // Zero bytes at the end, which a number of fixed width could lose, and the lengths where the
    // representation changes.
    let text = |row: usize| {
        let (length, variant) = (spread(row, 40), spread(row / 3, 3));
        let fill = ["a", "\0", "z"][variant].repeat(length);
        (row % 13 != 4).then_some(fill)
    };
    let texts: ArrayRef = Arc::new(StringArray::from_iter((0..1500).map(text)));
    for data_type in [
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        DataType::Binary,
        DataType::LargeBinary,
        DataType::BinaryView,
    ] {
        let array = cast(&texts, &data_type).unwrap();
        agrees_in_every_encoding(&array);
        agrees_in_every_encoding(&array.slice(5, 1400));
    }
}

#[test]
fn byte_strings_of_one_length_are_grouped() {
    for width in [0, 1, 15, 16, 17] {
        let value = |row: usize| (row % 7 != 3).then(|| vec![spread(row, 5) as u8; width]);
        let array =
            FixedSizeBinaryArray::try_from_sparse_iter_with_size((0..400).map(value), width as i32);
        agrees_in_every_encoding(&(Arc::new(array.unwrap()) as ArrayRef));
    }
}

#[test]
fn intervals_need_not_be_aligned() {
    let parts: Vec<i32> = vec![0, 1, 2, 1, 2, 3, 4];
    let values = ScalarBuffer::new(Buffer::from_vec(parts).slice(4), 0, 3);
    let (numbers, _) = numbered(&[Arc::new(IntervalDayTimeArray::new(values, None))]);
    assert_eq!(numbers, [0, 0, 1]);
    let parts: Vec<i64> = vec![0, 1, 2, 1, 2, 3, 4];
    let values = ScalarBuffer::new(Buffer::from_vec(parts).slice(8), 0, 3);
    let array: ArrayRef = Arc::new(IntervalMonthDayNanoArray::new(values, None));
    agrees(array);
}

#[test]
fn floats_are_grouped_by_value_and_zero_is_not_false_or_null() {
    let floats = Float64Array::from(vec![Some(0.0), None, Some(f64::NAN), Some(-0.0)]);
    let more = Float64Array::from(vec![Some(-f64::NAN), Some(1.0), None]);
    let (numbers, groups) = numbered(&[Arc::new(floats), Arc::new(more)]);
    assert_eq!(numbers, [0, 1, 2, 0, 2, 3, 1]);
    let values = groups.values().arrays(&[0]).unwrap();
    assert!(values[0].as_primitive::<Float64Type>().value(0).is_sign_positive());
    let bits: ArrayRef = Arc::new(BooleanArray::from(vec![None, Some(false), Some(true), None]));
    assert_eq!(numbered(&[bits]).0, [0, 1, 2, 0]);
    let bytes: ArrayRef = Arc::new(UInt8Array::from(vec![None, Some(0), Some(255)]));
    assert_eq!(numbered(&[bytes]).0, [0, 1, 2]);
    let decimals: ArrayRef =
        Arc::new(Decimal128Array::from(vec![None, Some(0), Some(-1), Some(0)]));
    assert_eq!(numbered(&[decimals]).0, [0, 1, 2, 1]);
}

#[test]
fn values_of_dictionaries_that_do_not_occur_are_no_groups() {
    // The same text twice and a null in the dictionary, and a null key.
    let values: ArrayRef =
        Arc::new(StringArray::from(vec![Some("unused"), Some("b"), None, Some("b"), Some("a")]));
    let keys = Int32Array::from(vec![Some(4), Some(2), None, Some(3), Some(1)]);
    let first = DictionaryArray::new(keys, Arc::clone(&values));
    let second = DictionaryArray::new(Int32Array::from(vec![1, 4, 0]), values);
    let empty = DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![None, None]),
        Arc::new(StringArray::from(Vec::<&str>::new())),
    );
    let (numbers, groups) = numbered(&[Arc::new(first), Arc::new(empty), Arc::new(second)]);
    assert_eq!(numbers, [0, 1, 1, 2, 2, 1, 1, 2, 0, 3]);
    assert_eq!(groups.len(), 4);
}

#[test]
fn dictionaries_of_runs_and_runs_of_dictionaries_are_grouped() {
    let words: DictionaryArray<Int32Type> = vec![Some("x"), None, Some("y")].into_iter().collect();
    let ends = Int32Array::from(vec![70, 71, 200]);
    let runs: ArrayRef = Arc::new(RunArray::try_new(&ends, &words).unwrap());
    let (numbers, _) = numbered(&[runs.slice(69, 5), runs.slice(0, 3), runs]);
    assert_eq!(numbers[..8], [0, 1, 2, 2, 2, 0, 0, 0]);
    assert_eq!(numbers[8..].iter().filter(|number| **number == 2).count(), 129);
}

#[test]
fn random_batches_are_grouped_in_any_encoding() {
    let mut seed = 7;
    let mut random = |below: usize| {
        seed += 1;
        spread(seed, below)
    };
    for _ in 0..60 {
        let (values, rows) = ([1, 5, 300, 20_000][random(4)], 1 + random(700));
        let texts = random(2) == 0;
        let batch = |random: &mut dyn FnMut(usize) -> usize| -> ArrayRef {
            let run = 1 + random(4);
            let drawn: Vec<usize> = (0..rows).map(|_| random(values + 1)).collect();
            let value = |row: usize| (drawn[row / run] > 0).then(|| drawn[row / run] as i64);
            let numbers: ArrayRef = Arc::new(Int64Array::from_iter((0..rows).map(value)));
            if texts { cast(&numbers, &DataType::Utf8).unwrap() } else { numbers }
        };
        let plain: Vec<ArrayRef> = (0..5).map(|_| batch(&mut random)).collect();
        let encoded = plain.iter().map(|plain| {
            let value = Box::new(plain.data_type().clone());
            match random(3) {
                0 => plain.clone(),
                1 => cast(plain, &DataType::Dictionary(Box::new(DataType::Int32), value)).unwrap(),
                _ => {
                    let ends = Int32Array::from_iter_values(1..=rows as i32);
                    Arc::new(RunArray::try_new(&ends, plain).unwrap()) as ArrayRef
                }
            }
        });
        let encoded: Vec<ArrayRef> = encoded.collect();
        agrees_with_texts(&plain, &encoded);
    }
}

#[test]
fn several_columns_and_nested_ones_are_grouped_as_before() {
    let child = integers(500, 20);
    let field = Arc::new(Field::new("a", DataType::Int64, true));
    let nested: ArrayRef = Arc::new(StructArray::new(vec![field].into(), vec![child], None));
    agrees(nested);
    let batch = RecordBatch::try_from_iter([("a", integers(300, 3)), ("b", integers(300, 7))]);
    let batch = batch.unwrap();
    let mut groups = Groups::try_new(&batch.schema(), &[0, 1]).unwrap();
    let runs = groups.number(&batch, &mut Vec::new()).unwrap().unwrap();
    assert_eq!(runs.iter().map(|run| run.rows.len()).sum::<usize>(), 300);
}

#[test]
fn keys_of_several_columns_are_those_of_their_encoded_rows() {
    let words: Vec<Option<String>> =
        (0..5000).map(|row| (row % 7 > 0).then(|| format!("w{}", spread(row, 90)))).collect();
    let text: ArrayRef = Arc::new(StringArray::from(words));
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let word = cast(&text, &dictionary).unwrap();
    let wide = cast(&integers(5000, 3), &DataType::Decimal128(20, 0)).unwrap();
    let floats = cast(&integers(5000, 40), &DataType::Float64).unwrap();
    let all = [integers(5000, 11), text, floats, word, wide];
    for columns in [&[0, 1][..], &[1, 3], &[2, 0, 1], &[3, 2, 1, 0], &[4, 2], &[0, 1, 2, 3, 4]] {
        let named = columns.iter().map(|column| (column.to_string(), all[*column].clone()));
        let whole = RecordBatch::try_from_iter(named).unwrap();
        let places: Vec<usize> = (0..columns.len()).collect();
        let mut encoded = Groups::try_new(&whole.schema(), &places).unwrap();
        let fields = key_fields(&whole.schema(), &places).unwrap();
        encoded.keys = Keys::Rows(Box::new(RowKeys::try_new(fields).unwrap()));
        let mut packed = Groups::try_new(&whole.schema(), &places).unwrap();
        assert!(matches!(packed.keys, Keys::Packed(_)));
        for start in (0..5000).step_by(900) {
            let batch = whole.slice(start, 900.min(5000 - start));
            let numbers_of = |groups: &mut Groups| {
                let mut numbers = Vec::new();
                let runs = groups.number(&batch, &mut numbers).unwrap();
                for run in runs.into_iter().flatten() {
                    numbers.resize(numbers.len() + run.rows.len(), run.group);
                }
                numbers
            };
            assert_eq!(numbers_of(&mut packed), numbers_of(&mut encoded));
        }
        assert_eq!(packed.len(), encoded.len());
        let groups: Vec<u32> = (0..packed.len() as u32).rev().collect();
        assert_eq!(
            packed.values().arrays(&groups).unwrap(),
            encoded.values().arrays(&groups).unwrap()
        );
    }
}

/// Keys of columns with these numbers of distinct values, some of which are null, each in an encoding,
/// numbered in batches and compared with a map.
fn numbered_keys(distinct: &[usize], rows: usize) -> Groups {
    let value = |row: usize, column: usize| {
        // More and more values, so that numbers outgrow their widths again and again.
        let count = distinct[column].min(2 + row / 2);
        (row % 19 != column).then(|| spread(row * 31 + column, count) as i64 - 5)
    };
    let column = |rows: std::ops::Range<usize>, column: usize| {
        let start = rows.start;
        let values: ArrayRef = Arc::new(Int64Array::from_iter(rows.map(|row| value(row, column))));
        let text = cast(&values, &DataType::Utf8).unwrap();
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        match column % 4 {
            0 => values,
            1 => text,
            2 if start.is_multiple_of(3) => cast(&text, &dictionary).unwrap(),
            2 => text,
            _ => cast(&values, &DataType::Float64).unwrap(),
        }
    };
    let places: Vec<usize> = (0..distinct.len()).collect();
    let batch = |rows: std::ops::Range<usize>| {
        let columns = places.iter().map(|place| (place.to_string(), column(rows.clone(), *place)));
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let mut groups = Groups::try_new(&batch(1..2).schema(), &places).unwrap();
    let (mut model, mut firsts) = (HashMap::new(), Vec::new());
    for start in (0..rows).step_by(701) {
        let part = start..rows.min(start + 701);
        let mut numbers = Vec::new();
        let runs = groups.number(&batch(part.clone()), &mut numbers).unwrap();
        for run in runs.into_iter().flatten() {
            numbers.resize(numbers.len() + run.rows.len(), run.group);
        }
        for (row, number) in part.zip(numbers) {
            let key: Vec<Option<i64>> = places.iter().map(|place| value(row, *place)).collect();
            let next = model.len() as u32;
            let expected = *model.entry(key.clone()).or_insert_with(|| {
                firsts.push(key);
                next
            });
            assert_eq!(number, expected, "row {row} of {distinct:?}");
        }
    }
    assert_eq!(groups.len(), firsts.len());
    let all: Vec<u32> = (0..firsts.len() as u32).rev().collect();
    let values = groups.values().arrays(&all).unwrap();
    firsts.reverse();
    for (place, values) in values.iter().enumerate() {
        let values = cast(values, &DataType::Int64).unwrap();
        let expected = firsts.iter().map(|key| key[place]);
        assert!(
            values.as_primitive::<arrow::datatypes::Int64Type>().iter().eq(expected),
            "{place}"
        );
    }
    groups
}

#[test]
fn packed_keys_grow_and_become_rows() {
    const MANY: usize = 1 << 20;
    for (distinct, form) in [
        (&[40, 40, 300, 40, 40, 300][..], "narrow"),
        (&[MANY, 3], "narrow"),
        (&[3, MANY, MANY, MANY, 7], "narrow"),
        (&[MANY; 6], "wide"),
        (&[9, MANY, 9, MANY, MANY, MANY, MANY, 9], "wide"),
        (&[MANY; 11], "rows"),
        (&[2; 60], "wide"),
        (&[2; 130], "rows"),
    ] {
        let groups = numbered_keys(distinct, if distinct.len() > 50 { 1500 } else { 12_000 });
        let found = match &groups.keys {
            Keys::Packed(keys) if keys.is_narrow() => "narrow",
            Keys::Packed(_) => "wide",
            Keys::Rows(_) => "rows",
            Keys::Column(_) => "column",
        };
        assert_eq!(found, form, "{distinct:?}");
    }
}

#[test]
fn a_value_that_no_column_knows_is_in_no_packed_key() {
    // Seven values and a null fill their widths but for the number that no value gets.
    for count in [1, 2, 3, 6, 7, 8, 100] {
        let column = |first: i64, add: i64| -> ArrayRef {
            let values = (0..count).map(|row| (row + first) % count + add);
            Arc::new(Int64Array::from_iter_values(values))
        };
        let batch = |columns: [ArrayRef; 6]| {
            let names = ["a", "b", "c", "d", "e", "f"].into_iter();
            RecordBatch::try_from_iter(names.zip(columns)).unwrap()
        };
        let known = batch(std::array::from_fn(|place| column(place as i64, 0)));
        let mut groups = Groups::try_new(&known.schema(), &[0, 1, 2, 3, 4, 5]).unwrap();
        groups.changes_often = true;
        let mut numbers = Vec::new();
        assert!(groups.number(&known, &mut numbers).unwrap().is_none());
        groups.close();
        for other in 0..6 {
            let columns = std::array::from_fn(|place| {
                column(place as i64, if place == other { count } else { 0 })
            });
            let mut found = Vec::new();
            groups.changes_often = true;
            groups.number(&batch(columns), &mut found).unwrap();
            assert!(found.iter().all(|number| *number == ABSENT), "{count}: {found:?}");
        }
        let mut found = Vec::new();
        groups.changes_often = true;
        groups.number(&known, &mut found).unwrap();
        assert_eq!(found, numbers);
    }
}
