//! Compares the sampler with a row-by-row model, over random tables with every kind of column, cut
//! into batches of every size.

use super::*;
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::*;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Makes a column with a distinct value for each small number, in one of many representations.
type Make = fn(&[Option<u8>], &mut Xoshiro256PlusPlus) -> ArrayRef;

const COLUMNS: &[(&str, Make)] = &[
    ("int64", |values, _| Arc::new(Int64Array::from_iter(integers(values)))),
    ("int8", |values, _| {
        Arc::new(Int8Array::from_iter(values.iter().map(|v| v.map(|v| v as i8 - 2))))
    }),
    ("boolean", |values, _| {
        Arc::new(BooleanArray::from_iter(values.iter().map(|v| v.map(|v| v % 2 == 0))))
    }),
    ("null", |values, _| Arc::new(NullArray::new(values.len()))),
    ("utf8", |values, _| Arc::new(StringArray::from_iter(texts(values)))),
    ("utf8 view", |values, _| Arc::new(StringViewArray::from_iter(texts(values)))),
    ("large binary", |values, _| Arc::new(LargeBinaryArray::from_iter(texts(values)))),
    ("decimal128", |values, _| Arc::new(Decimal128Array::from_iter(integers(values)))),
    ("decimal256", |values, _| {
        Arc::new(Decimal256Array::from_iter(integers(values).map(|v| v.map(i256::from_i128))))
    }),
    ("timestamp", |values, _| {
        Arc::new(TimestampMicrosecondArray::from_iter(integers(values)).with_timezone("UTC"))
    }),
    ("interval", |values, _| {
        let interval = |v: i64| IntervalMonthDayNano::new(v as i32, 1, v);
        Arc::new(IntervalMonthDayNanoArray::from_iter(integers(values).map(|v| v.map(interval))))
    }),
    ("float64", |values, random| Arc::new(floats(values, random))),
    ("float32", |values, random| {
        let floats = floats(values, random);
        Arc::new(Float32Array::from_iter(floats.iter().map(|v| v.map(|v| v as f32))))
    }),
    ("dictionary of texts", |values, random| dictionary(values, random)),
    ("dictionary of floats", |values, random| {
        let keys = Int8Array::from_iter_values(0..values.len() as i8);
        Arc::new(DictionaryArray::new(keys, Arc::new(floats(values, random))))
    }),
    ("runs of texts", |values, _| runs(Arc::new(StringArray::from_iter(texts(values))))),
    ("sliced runs of dictionaries", |values, random| {
        let padded = [&[Some(1)], values, &[None]].concat();
        runs(dictionary(&padded, random)).slice(1, values.len())
    }),
    ("list of floats", |values, random| {
        let field = Arc::new(Field::new("item", DataType::Float64, true));
        let (offsets, nulls) = pairs(values);
        Arc::new(ListArray::new(field, offsets, Arc::new(floats(&doubled(values), random)), nulls))
    }),
    ("large list of dictionaries", |values, random| {
        let items = dictionary(&doubled(values), random);
        let field = Arc::new(Field::new("item", items.data_type().clone(), true));
        let lengths = values.iter().map(|_| 2);
        Arc::new(LargeListArray::new(field, OffsetBuffer::from_lengths(lengths), items, None))
    }),
    ("list view of texts", |values, _| {
        // In reverse: the first row's text comes last.
        let texts: Vec<_> = texts(values).collect();
        let items = StringArray::from_iter(texts.iter().rev());
        let offsets: Vec<i32> = (0..values.len() as i32).rev().collect();
        let sizes = vec![1; values.len()];
        let field = Arc::new(Field::new("item", DataType::Utf8, true));
        Arc::new(ListViewArray::new(field, offsets.into(), sizes.into(), Arc::new(items), None))
    }),
    ("fixed size list of runs", |values, _| {
        let items = runs(Arc::new(Int64Array::from_iter(integers(&doubled(values)))));
        let field = Arc::new(Field::new("item", items.data_type().clone(), true));
        Arc::new(FixedSizeListArray::new(field, 2, items, None))
    }),
    ("structure", |values, random| {
        let children: Vec<ArrayRef> =
            vec![Arc::new(floats(values, random)), dictionary(values, random)];
        let field = |name, child: &ArrayRef| Field::new(name, child.data_type().clone(), true);
        let fields = vec![field("a", &children[0]), field("b", &children[1])];
        let nulls = values.iter().map(|v| *v != Some(0)).collect::<Vec<_>>().into();
        Arc::new(StructArray::new(fields.into(), children, Some(nulls)))
    }),
    ("map", |values, random| {
        let mut entries = MapBuilder::new(None, StringBuilder::new(), Float64Builder::new());
        for value in floats(values, random).iter() {
            entries.keys().append_value("key");
            entries.values().append_option(value);
            entries.append(value.is_some_and(|v| v != 3.0)).unwrap();
        }
        Arc::new(entries.finish())
    }),
    ("sparse union", |values, random| union(values, random, None)),
    ("dense union", |values, random| {
        union(values, random, Some((0..values.len() as i32).collect()))
    }),
];

fn integers<T: From<u8>>(values: &[Option<u8>]) -> impl Iterator<Item = Option<T>> {
    values.iter().map(|v| v.map(T::from))
}

fn texts(values: &[Option<u8>]) -> impl Iterator<Item = Option<String>> {
    values.iter().map(|v| v.map(|v| "a long text ".repeat(v as usize)))
}

/// 0 as either zero, 1 as one of many NaNs.
fn floats(values: &[Option<u8>], random: &mut Xoshiro256PlusPlus) -> Float64Array {
    let mut float = |value| match value {
        0 if below(2, random) == 0 => -0.0,
        1 => f64::from_bits(f64::NAN.to_bits() ^ (random.next_u64() & (1 << 63 | 0xff))),
        other => f64::from(other),
    };
    values.iter().map(|v| v.map(&mut float)).collect::<Vec<_>>().into()
}

/// Each batch has its own dictionary, in random order, with repetitions and a null.
fn dictionary(values: &[Option<u8>], random: &mut Xoshiro256PlusPlus) -> ArrayRef {
    let words: Vec<Option<u8>> = (0..40).map(|_| below(8, random) as u8).map(Some).collect();
    let words = [words, (0..8).map(Some).collect(), vec![None]].concat();
    let key = |value: &Option<u8>| {
        let places: Vec<usize> = (0..words.len()).filter(|place| words[*place] == *value).collect();
        let place = places[below(places.len(), random)] as i32;
        // A null is sometimes a null key, sometimes a key of the null value.
        (value.is_some() || below(2, random) == 0).then_some(place)
    };
    let keys = Int32Array::from_iter(values.iter().map(key).collect::<Vec<_>>());
    Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from_iter(texts(&words)))))
}

fn below(bound: usize, random: &mut Xoshiro256PlusPlus) -> usize {
    random.next_u32() as usize % bound
}

/// Runs of one row each: valid, if wasteful.
fn runs(values: ArrayRef) -> ArrayRef {
    let ends = Int32Array::from_iter_values(1..=values.len() as i32);
    Arc::new(RunArray::try_new(&ends, &values).unwrap())
}

fn doubled(values: &[Option<u8>]) -> Vec<Option<u8>> {
    values.iter().flat_map(|v| [*v, *v]).collect()
}

/// Lists of two items each, null where the value is 2.
fn pairs(values: &[Option<u8>]) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
    let nulls = values.iter().map(|v| *v != Some(2)).collect::<Vec<_>>();
    (OffsetBuffer::from_lengths(values.iter().map(|_| 2)), Some(nulls.into()))
}

fn union(
    values: &[Option<u8>],
    random: &mut Xoshiro256PlusPlus,
    offsets: Option<ScalarBuffer<i32>>,
) -> ArrayRef {
    let mut fields = UnionFields::empty();
    let children: Vec<ArrayRef> =
        vec![Arc::new(floats(values, random)), dictionary(values, random)];
    for (type_id, child) in [(3, &children[0]), (7, &children[1])] {
        let field = Field::new(format!("f{type_id}"), child.data_type().clone(), true);
        fields =
            fields.iter().map(|(id, f)| (id, f.clone())).chain([(type_id, field.into())]).collect();
    }
    let type_ids = values.iter().map(|v| if v.is_some_and(|v| v < 3) { 3 } else { 7 }).collect();
    Arc::new(UnionArray::try_new(fields, type_ids, offsets, children).unwrap())
}

/// The values of a row in some columns as text that is equal when the values are.
fn words(batch: &RecordBatch, columns: &[usize], row: usize) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let word = |column: &usize| {
        let formatter = ArrayFormatter::try_new(batch.column(*column), &options).unwrap();
        formatter.value(row).to_string().replace("-0.0", "0.0")
    };
    columns.iter().map(word).collect()
}

/// The numbers of the rows that are kept by definition.
fn model(batches: &[RecordBatch], first: u64, of: &[usize], per: &[usize]) -> Vec<i64> {
    let mut ids: HashMap<Vec<String>, HashSet<Vec<String>>> = HashMap::new();
    let mut kept = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let number = batch.column(0).as_primitive::<Int64Type>().value(row);
            let id = if of.is_empty() { vec![number.to_string()] } else { words(batch, of, row) };
            let met = ids.entry(words(batch, per, row)).or_default();
            if met.contains(&id) || (met.len() as u64) < first {
                met.insert(id);
                kept.push(number);
            }
        }
    }
    kept
}

/// A table with the row number and two columns, in batches of random sizes; values come in runs.
fn table(of: Make, per: Make, random: &mut Xoshiro256PlusPlus) -> Vec<RecordBatch> {
    let most_rows = [1, 3, 20, 60][below(4, random)];
    let longest_run = [1, 1, 5, 50][below(4, random)];
    let mut left = [0, 0];
    let mut values = [None, None];
    let mut number = 0;
    let mut batch = |random: &mut Xoshiro256PlusPlus| {
        let rows = below(most_rows + 1, random);
        let mut columns = [vec![], vec![]];
        for _ in 0..rows {
            for column in 0..2 {
                if left[column] == 0 {
                    left[column] = 1 + below(longest_run, random);
                    values[column] = Some(below(9, random) as u8).filter(|v| *v < 8);
                }
                left[column] -= 1;
                columns[column].push(values[column]);
            }
        }
        let numbers: ArrayRef =
            Arc::new(Int64Array::from_iter_values(number..number + rows as i64));
        number += rows as i64;
        let (of, per) = (of(&columns[0], random), per(&columns[1], random));
        let columns = [("n", numbers, false), ("of", of, true), ("per", per, true)];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    };
    (0..8).map(|_| batch(random)).collect()
}

fn sample(batches: &[RecordBatch], first: u64, of: &[usize], per: &[usize]) -> Vec<i64> {
    let schema = batches[0].schema();
    let mut sampler = FirstSampler::try_new(&schema, first, of, per).unwrap();
    let mut kept = Vec::new();
    for batch in batches {
        let sample = sampler.apply(batch).unwrap();
        assert_eq!(sample.schema(), schema);
        kept.extend_from_slice(sample.column(0).as_primitive::<Int64Type>().values());
    }
    kept
}

#[test]
fn every_kind_of_column_agrees_with_the_model() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for (of_name, of) in COLUMNS {
        for (per_name, per) in COLUMNS {
            let batches = table(*of, *per, &mut random);
            for (of, per) in [(vec![1], vec![2]), (vec![], vec![2]), (vec![2, 1], vec![])] {
                for first in [1, 3] {
                    let expected = model(&batches, first, &of, &per);
                    let what =
                        format!("first {first} of {of:?} ({of_name}) per {per:?} ({per_name})");
                    assert_eq!(sample(&batches, first, &of, &per), expected, "{what}");
                }
            }
        }
    }
}

#[test]
fn what_is_kept_does_not_depend_on_the_batches() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    for (name, make) in COLUMNS {
        let values: Vec<Option<u8>> =
            (0..100).map(|_| Some(below(9, &mut random) as u8).filter(|v| *v < 8)).collect();
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..100));
        let column = make(&values, &mut random);
        let columns = [("n", numbers, false), ("x", column, true)];
        let whole = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let expected = sample(std::slice::from_ref(&whole), 4, &[1], &[]);
        for rows in [1, 7, 33] {
            let cut = |start: usize| whole.slice(start, rows.min(100 - start));
            let batches: Vec<RecordBatch> = (0..100).step_by(rows).map(cut).collect();
            assert_eq!(sample(&batches, 4, &[1], &[]), expected, "{name} by {rows}");
        }
    }
}

#[test]
fn ids_that_come_too_late_are_not_remembered() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10_000));
    let batch = RecordBatch::try_from_iter([("id", numbers)]).unwrap();
    let mut sampler = FirstSampler::try_new(&batch.schema(), 10, &[0], &[]).unwrap();
    assert_eq!(sampler.apply(&batch).unwrap().num_rows(), 10);
    assert_eq!(sampler.remembered_ids(), 10);
    assert_eq!(sampler.apply(&batch).unwrap().num_rows(), 10);
}

#[test]
fn the_first_rows_of_nothing_are_none() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..5));
    let batch = RecordBatch::try_from_iter([("id", numbers)]).unwrap();
    for (first, of, rows) in [(0, vec![], 0), (2, vec![], 2), (9, vec![], 5), (0, vec![0], 0)] {
        let mut sampler = FirstSampler::try_new(&batch.schema(), first, &of, &[]).unwrap();
        assert_eq!(sampler.apply(&batch).unwrap().num_rows(), rows);
    }
    let error = FirstSampler::try_new(&batch.schema(), 1, &[7], &[]).unwrap_err();
    assert_eq!(error.exit_status(), 2);
}

#[test]
fn only_a_number_of_rows_comes_to_an_end() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..5));
    let batch = RecordBatch::try_from_iter([("id", numbers)]).unwrap();
    let done = |first, of: &[usize], per: &[usize]| {
        let sampler = FirstSampler::try_new(&batch.schema(), first, of, per).unwrap();
        let mut sampler = Sampler::First(sampler);
        sampler.apply(&batch).unwrap();
        sampler.is_done()
    };
    assert!(done(0, &[0], &[0]) && done(5, &[], &[]) && !done(6, &[], &[]));
    assert!(!done(1, &[0], &[]) && !done(1, &[], &[0]));
}
