//! Columns in dictionaries and in runs, against the same columns written plain, and both against
//! the crate's own writer.

use crate::parquet_file::write::encode::tests::encode_as;
use crate::parquet_file::{Compression, DictionaryColumns, EncodeOptions, Statistics};
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int32Array, PrimitiveArray, RecordBatch, RunArray,
    StringArray, UInt64Array, make_array,
};
use arrow::compute::{cast, take};
use arrow::datatypes::{
    ArrowDictionaryKeyType, ArrowNativeType, DataType, Field, Int8Type, Int16Type, Int32Type,
    Int64Type, Schema, SchemaRef, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use parquet::file::metadata::{
    ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader,
};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// A sequence of numbers without a pattern (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

fn plain_schema(data_type: &DataType) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("a", data_type.clone(), true)]))
}

fn batch_of(column: ArrayRef) -> RecordBatch {
    let schema = plain_schema(column.data_type());
    RecordBatch::try_new(schema, vec![column]).unwrap()
}

/// A dictionary with duplicate, null, unused, empty and long values, and null keys.
fn dictionary<K: ArrowDictionaryKeyType>(random: &mut Random, rows: usize) -> ArrayRef {
    let most = 1 + random.below(100);
    let values: StringArray = (0..most)
        .map(|_| match random.below(12) {
            0 => None,
            1 => Some(String::new()),
            2 => Some("é".repeat(random.below(80))),
            3 => Some("common prefix of values ".repeat(2) + &random.below(9).to_string()),
            4 => Some("\u{10ffff}".repeat(random.below(16))),
            5 if random.below(20) == 0 => Some("long ".repeat(random.below(3000))),
            _ => Some(format!("v{}", random.below(300))),
        })
        .collect();
    let nulls = random.below(3);
    let keys = (0..rows).map(|_| {
        let is_null = nulls > 0 && random.below(4) < nulls;
        (!is_null).then(|| K::Native::usize_as(random.below(most)))
    });
    let keys: PrimitiveArray<K> = keys.collect();
    Arc::new(DictionaryArray::try_new(keys, Arc::new(values)).unwrap())
}

fn dictionary_of_any_key(random: &mut Random, rows: usize) -> ArrayRef {
    match random.below(8) {
        0 => dictionary::<Int8Type>(random, rows),
        1 => dictionary::<Int16Type>(random, rows),
        2 => dictionary::<Int32Type>(random, rows),
        3 => dictionary::<Int64Type>(random, rows),
        4 => dictionary::<UInt8Type>(random, rows),
        5 => dictionary::<UInt16Type>(random, rows),
        6 => dictionary::<UInt32Type>(random, rows),
        _ => dictionary::<UInt64Type>(random, rows),
    }
}

/// The column row by row.
fn plain(column: &ArrayRef) -> ArrayRef {
    let dictionary = column.as_any_dictionary();
    take(dictionary.values(), dictionary.keys(), None).unwrap()
}

/// The same rows in runs.
fn in_runs(column: &ArrayRef) -> ArrayRef {
    let ends: Int32Array = (1..=column.len() as i32).collect();
    Arc::new(RunArray::try_new(&ends, column.as_ref()).unwrap())
}

/// The dictionary with values of another type.
fn with_values(column: &ArrayRef, values: &DataType) -> ArrayRef {
    let cast = cast(column.as_any_dictionary().values(), values).unwrap();
    column.as_any_dictionary().with_values(cast)
}

struct Read {
    rows: Vec<Option<Vec<u8>>>,
    metadata: ParquetMetaData,
}

fn read(bytes: Vec<u8>) -> Read {
    let bytes = Bytes::from(bytes);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let binary = cast(batch.unwrap().column(0), &DataType::LargeBinary).unwrap();
        rows.extend(binary.as_binary::<i64>().iter().map(|value| value.map(<[u8]>::to_vec)));
    }
    let mut metadata =
        ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    metadata.try_parse(&bytes).unwrap();
    Read { rows, metadata: metadata.finish().unwrap() }
}

/// A page, as the indexes describe it.
#[derive(Debug, PartialEq)]
struct IndexedPage {
    first_row: i64,
    is_null: bool,
    nulls: i64,
    min: Vec<u8>,
    max: Vec<u8>,
}

fn pages(metadata: &ParquetMetaData, row_group: usize) -> Vec<IndexedPage> {
    let index = metadata.page_index_for_row_group(row_group);
    let (columns, offsets) = (index.column_index(0).unwrap(), index.offset_index(0).unwrap());
    let ColumnIndexMetaData::BYTE_ARRAY(values) = columns else { panic!("{columns:?}") };
    let locations = offsets.page_locations();
    (0..locations.len())
        .map(|page| {
            let bound = |bound: Option<&[u8]>| bound.unwrap_or_default().to_vec();
            IndexedPage {
                first_row: locations[page].first_row_index,
                is_null: values.is_null_page(page),
                nulls: values.null_count(page).unwrap(),
                min: bound(values.min_value(page)),
                max: bound(values.max_value(page)),
            }
        })
        .collect()
}

fn options(random: &mut Random) -> EncodeOptions {
    let one_of = |random: &mut Random, choices: &[usize]| choices[random.below(choices.len())];
    let all = DictionaryColumns::Named(vec!["a".to_owned()]);
    EncodeOptions {
        compression: Compression::parse(["none", "zstd:1", "zstd:3"][random.below(3)]).unwrap(),
        row_group_rows: one_of(random, &[1 << 20, 700, 64]),
        data_page_bytes: one_of(random, &[512 << 10, 100, 1]),
        dictionary_page_bytes: one_of(random, &[1 << 20, 200, 1]),
        dictionary: [all, DictionaryColumns::None][random.below(4) / 3].clone(),
        checksums: random.below(2) == 0,
        bloom: if random.below(2) == 0 { vec!["a".to_owned()] } else { Vec::new() },
        ..EncodeOptions::default()
    }
}

#[test]
fn dictionaries_and_runs_are_written_as_plain_columns_are() {
    for seed in 1..120 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let options = options(random);
        let encoded: Vec<ArrayRef> = (0..1 + random.below(4))
            .map(|_| {
                let (rows, cut) = (random.below(900), random.below(3));
                let column = dictionary_of_any_key(random, rows + cut);
                column.slice(cut, rows)
            })
            .collect();
        let batches = |change: &dyn Fn(&ArrayRef) -> ArrayRef| -> Vec<RecordBatch> {
            encoded.iter().map(|column| batch_of(change(column))).collect()
        };
        let schema = plain_schema(&DataType::Utf8);
        let expected = read(encode_as(&schema, &batches(&plain), &options));
        let rows: usize = encoded.iter().map(|column| column.len()).sum();
        assert_eq!(expected.rows.len(), rows, "{seed}");
        for found in [
            encode_as(&schema, &batches(&|column| column.clone()), &options),
            encode_as(&schema, &batches(&|column| in_runs(&plain(column))), &options),
        ] {
            assert_same(&read(found), &expected, &format!("{seed} {options:?}"));
        }
        for values in [DataType::LargeUtf8, DataType::Utf8View, DataType::Binary] {
            let batches = batches(&|column| with_values(column, &values));
            let found = read(encode_as(&plain_schema(&values), &batches, &options));
            assert_eq!(found.rows, expected.rows, "{seed} {values}");
        }
    }
}

fn assert_same(found: &Read, expected: &Read, case: &str) {
    assert_eq!(found.rows, expected.rows, "{case}");
    let row_groups = |read: &Read| read.metadata.num_row_groups();
    assert_eq!(row_groups(found), row_groups(expected), "{case}");
    for row_group in 0..row_groups(found) {
        let chunk = |read: &Read| read.metadata.row_group(row_group).column(0).clone();
        let (found_chunk, expected_chunk) = (chunk(found), chunk(expected));
        assert_eq!(found_chunk.statistics(), expected_chunk.statistics(), "{case}");
        assert_eq!(found_chunk.num_values(), expected_chunk.num_values(), "{case}");
        assert_eq!(found_chunk.encodings_mask(), expected_chunk.encodings_mask(), "{case}");
        let page_encodings =
            |chunk: &ColumnChunkMetaData| chunk.page_encoding_stats_mask().copied();
        assert_eq!(page_encodings(&found_chunk), page_encodings(&expected_chunk), "{case}");
        let sizes = |chunk: &ColumnChunkMetaData| {
            let levels = chunk.definition_level_histogram().map(|levels| levels.values().to_vec());
            (chunk.unencoded_byte_array_data_bytes(), levels, chunk.bloom_filter_length())
        };
        assert_eq!(sizes(&found_chunk), sizes(&expected_chunk), "{case}");
        let pages = |read: &Read| pages(&read.metadata, row_group);
        assert_eq!(pages(found), pages(expected), "{case}");
    }
}

#[test]
fn chunks_have_the_metadata_that_the_crate_writes() {
    for seed in 1..60 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let options = EncodeOptions {
            data_page_bytes: 512 << 10,
            dictionary_page_bytes: 1 << 20,
            row_group_rows: 1 << 20,
            ..options(random)
        };
        let batch = batch_of(plain(&dictionary::<Int32Type>(random, 900)));
        let has_dictionary = options.dictionary != DictionaryColumns::None;
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(has_dictionary)
            .set_dictionary_page_size_limit(options.dictionary_page_bytes)
            .set_encoding(Encoding::PLAIN)
            .set_write_batch_size(1)
            .set_bloom_filter_fpp(0.01)
            .set_bloom_filter_max_ndv(1 << 20)
            .set_bloom_filter_enabled(!options.bloom.is_empty());
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let found = read(encode_as(&batch.schema(), &[batch], &options));
        assert_same(&found, &read(bytes), &format!("{seed} {options:?}"));
    }
}

#[test]
fn statistics_are_left_out_as_requested() {
    let column = dictionary::<Int32Type>(&mut Random(7), 900);
    for statistics in [Statistics::None, Statistics::Chunk] {
        let options = EncodeOptions { statistics, ..EncodeOptions::default() };
        let bytes =
            encode_as(&plain_schema(&DataType::Utf8), &[batch_of(column.clone())], &options);
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(bytes)).unwrap();
        let chunk = metadata.row_group(0).column(0);
        assert_eq!(chunk.statistics().is_some(), statistics == Statistics::Chunk);
        assert!(chunk.column_index_offset().is_none() && chunk.offset_index_offset().is_some());
    }
}

#[test]
fn numbers_in_a_dictionary_are_written_as_numbers() {
    let values: ArrayRef = Arc::new(UInt64Array::from(vec![Some(7), None, Some(u64::MAX)]));
    let keys = Int32Array::from(vec![Some(2), Some(1), None, Some(0), Some(2)]);
    let column: ArrayRef = Arc::new(DictionaryArray::new(keys, values));
    let expected = plain(&column);
    for column in [column, in_runs(&expected)] {
        let schema = plain_schema(&DataType::UInt64);
        let bytes = encode_as(&schema, &[batch_of(column)], &EncodeOptions::default());
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        let batch = reader.build().unwrap().next().unwrap().unwrap();
        assert_eq!(make_array(batch.column(0).to_data()).as_ref(), expected.as_ref());
    }
}

#[test]
fn a_null_in_a_column_without_nulls_is_an_error() {
    let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, false)]));
    let values: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), None]));
    let column = DictionaryArray::new(Int32Array::from(vec![0, 1]), values);
    let batch = batch_of(Arc::new(column));
    let error =
        super::super::encode::tests::try_encode_as(&schema, &[batch], &EncodeOptions::default());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("null"), "{error}");
}
