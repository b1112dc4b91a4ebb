//! Columns of floats, against their values and against the crate's own writer.

use super::tests::Random;
use crate::parquet_file::write::encode::tests::encode_as;
use crate::parquet_file::{ColumnEncoding, Compression, DictionaryColumns, EncodeOptions};
use arrow::array::{Array, ArrayRef, AsArray, Float32Array, Float64Array, RecordBatch};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use std::sync::Arc;

/// Floats that are NaN with any payload, zeros of both signs, extreme, few, or any bits; some are
/// null. Runs of NaN and null fill whole pages.
fn column(random: &mut Random, is_double: bool, rows: usize) -> ArrayRef {
    let (kind, nulls) = (random.below(5), random.below(4));
    let mut run = (0, 0);
    let values: Vec<Option<f64>> = (0..rows)
        .map(|_| {
            if run.0 == 0 {
                run = (1 + random.below(300), random.below(9));
            }
            run.0 -= 1;
            let special = [0.0, -0.0, f64::INFINITY, -f64::INFINITY, 5e-324, -1e-45, f64::MAX, 1.0];
            let value = match (run.1, kind) {
                (0, _) => f64::from_bits(
                    0x7ff8_0000_0000_0000 | random.next() << 63 | random.next() >> 20,
                ),
                (1, 0..3) => special[random.below(2)],
                (_, 0) => special[random.below(special.len())],
                (_, 1) => random.below(20) as f64 - 9.5,
                (_, 2) => f64::from_bits(random.next()),
                _ => (random.next() >> 11) as f64 / (1_u64 << 53) as f64 - 0.5,
            };
            let is_null = run.1 == 2 && nulls > 0 || nulls > 1 && random.below(8) == 0;
            (!is_null).then_some(value)
        })
        .collect();
    if is_double {
        return Arc::new(Float64Array::from(values));
    }
    Arc::new(values.iter().map(|value| value.map(|value| value as f32)).collect::<Float32Array>())
}

fn options(random: &mut Random) -> EncodeOptions {
    let one_of = |random: &mut Random, choices: &[usize]| choices[random.below(choices.len())];
    let has_dictionary = random.below(2) == 0;
    let all = DictionaryColumns::Named(vec!["a".to_owned()]);
    EncodeOptions {
        compression: Compression::parse(["none", "zstd:1"][random.below(2)]).unwrap(),
        row_group_rows: one_of(random, &[1 << 20, 700, 64]),
        data_page_bytes: one_of(random, &[512 << 10, 1000, 100, 1]),
        dictionary_page_bytes: one_of(random, &[1 << 20, 200, 1]),
        dictionary: if has_dictionary { all } else { DictionaryColumns::None },
        encodings: if has_dictionary {
            Vec::new()
        } else {
            vec![("a".to_owned(), ColumnEncoding::Plain)]
        },
        ..EncodeOptions::default()
    }
}

fn written(column: &ArrayRef, options: &EncodeOptions) -> Bytes {
    let field = Field::new("a", column.data_type().clone(), true);
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(schema.clone(), vec![column.clone()]).unwrap();
    encode_as(&schema, &[batch], options).into()
}

fn metadata(bytes: &Bytes) -> ParquetMetaData {
    let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
    reader.parse_and_finish(bytes).unwrap()
}

fn bits(column: &ArrayRef) -> Vec<Option<f64>> {
    match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().iter().collect(),
        _ => {
            column.as_primitive::<Float32Type>().iter().map(|value| value.map(f64::from)).collect()
        }
    }
}

/// The min and max as the format wants them for zeros, and the NaNs.
fn summary(column: &ArrayRef) -> (Option<[u64; 2]>, i64) {
    let values: Vec<f64> = bits(column).into_iter().flatten().collect();
    let numbers = || values.iter().copied().filter(|value| !value.is_nan());
    let zero = |bound: f64, zero: f64| if bound == 0.0 { zero } else { bound };
    let min = numbers().min_by(f64::total_cmp).map(|min| zero(min, -0.0).to_bits());
    let max = numbers().max_by(f64::total_cmp).map(|max| zero(max, 0.0).to_bits());
    let nans = values.len() - numbers().count();
    (min.zip(max).map(|(min, max)| [min, max]), nans as i64)
}

/// The min, max and NaNs of a page in the index, unless all its rows are null.
fn page(index: &ColumnIndexMetaData, page: usize) -> (Option<[u64; 2]>, i64) {
    let bounds = match index {
        ColumnIndexMetaData::FLOAT(index) => [index.min_value(page), index.max_value(page)]
            .map(|bound| bound.map(|bound| f64::from(*bound).to_bits())),
        ColumnIndexMetaData::DOUBLE(index) => [index.min_value(page), index.max_value(page)]
            .map(|bound| bound.map(|bound| bound.to_bits())),
        other => panic!("{other:?}"),
    };
    (bounds[0].zip(bounds[1]).map(|(min, max)| [min, max]), index.nan_count(page).unwrap())
}

#[test]
fn values_are_read_back_bit_for_bit_and_pages_are_described() {
    let mut without_index = 0;
    for seed in 1..400 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let (is_double, rows) = (random.below(2) == 0, 1 + random.below(3000));
        let (column, options) = (column(random, is_double, rows), options(random));
        let case = format!("{seed} {options:?}");
        let bytes = written(&column, &options);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap();
        let read = reader.build().unwrap().map(|batch| batch.unwrap().column(0).clone());
        let read = read.collect::<Vec<_>>();
        let read = concat(&read.iter().map(|part| part.as_ref()).collect::<Vec<_>>()).unwrap();
        // Arrays are equal if their bits are.
        assert_eq!(read.as_ref(), column.as_ref(), "{case}");
        let metadata = metadata(&bytes);
        let mut start = 0;
        for (number, row_group) in metadata.row_groups().iter().enumerate() {
            let rows = row_group.num_rows() as usize;
            let index = metadata.page_index_for_row_group(number);
            let offsets = index.offset_index(0).unwrap();
            let firsts = offsets.page_locations().iter().map(|page| page.first_row_index as usize);
            let ends = firsts.clone().skip(1).chain([rows]);
            let parts =
                firsts.zip(ends).map(|(first, end)| column.slice(start + first, end - first));
            let parts: Vec<ArrayRef> = parts.collect();
            match index.column_index(0) {
                None => {
                    let is_vain =
                        |part: &ArrayRef| summary(part).0.is_none() && summary(part).1 > 0;
                    assert!(parts.iter().any(is_vain), "{case}");
                    without_index += 1;
                }
                Some(index) => {
                    for (at, part) in parts.iter().enumerate() {
                        assert_eq!(page(index, at), summary(part), "{case}");
                        let is_null = part.null_count() == part.len();
                        assert_eq!(index.is_null_page(at), is_null, "{case}");
                    }
                }
            }
            start += rows;
        }
    }
    assert!(without_index > 20, "{without_index}");
}

#[test]
fn chunks_have_the_metadata_of_the_crates_writer() {
    for seed in 1..200 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let (is_double, rows) = (random.below(2) == 0, 1 + random.below(900));
        let column = column(random, is_double, rows);
        if column.null_count() == rows {
            // The crate then says nothing about NaN.
            continue;
        }
        let own = EncodeOptions {
            compression: Compression::parse("none").unwrap(),
            data_page_bytes: 512 << 10,
            dictionary_page_bytes: 1 << 20,
            row_group_rows: 1 << 20,
            ..options(random)
        };
        // Only the crate encodes in this way.
        let of_crate = EncodeOptions {
            encodings: vec![("a".to_owned(), ColumnEncoding::ByteStreamSplit)],
            dictionary: DictionaryColumns::None,
            ..own.clone()
        };
        let [own, of_crate] = [own, of_crate].map(|options| metadata(&written(&column, &options)));
        let chunk = |metadata: &ParquetMetaData| metadata.row_group(0).column(0).clone();
        let (own_chunk, crate_chunk) = (chunk(&own), chunk(&of_crate));
        assert_eq!(own_chunk.statistics(), crate_chunk.statistics(), "{seed}");
        assert_eq!(own_chunk.num_values(), crate_chunk.num_values(), "{seed}");
        let index = |metadata: &ParquetMetaData| {
            metadata.page_index_for_row_group(0).column_index(0).cloned()
        };
        assert_eq!(index(&own), index(&of_crate), "{seed}");
    }
}
