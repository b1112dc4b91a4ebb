//! Columns of integers, against their values and against the crate's own writer.

use crate::parquet_file::write::encode::tests::{encode_as, try_encode_as};
use crate::parquet_file::{
    ColumnEncoding, Compression, DictionaryColumns, EncodeOptions, Statistics,
};
use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, make_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression as Codec, Encoding};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// A sequence of numbers without a pattern (Marsaglia's xorshift).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.rotate_right(11)
    }
}

fn types() -> [DataType; 9] {
    use DataType as T;
    [
        T::Int32,
        T::UInt32,
        T::Date32,
        T::Time32(TimeUnit::Millisecond),
        T::Int64,
        T::UInt64,
        T::Time64(TimeUnit::Microsecond),
        T::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        T::Timestamp(TimeUnit::Millisecond, None),
    ]
}

fn schema(data_type: &DataType, nullable: bool) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("a", data_type.clone(), nullable)]))
}

/// Values of a type that are in order, alike, few, of any size, or extreme; some are null.
fn column(random: &mut Random, data_type: &DataType, rows: usize, nullable: bool) -> ArrayRef {
    let (kind, nulls) = (random.below(6), if nullable { random.below(5) } else { 0 });
    let width = random.below(64);
    let base = random.next();
    let values = (0..rows).map(|row| {
        let value = match kind {
            0 => base.wrapping_add(row as u64 * 3),
            1 => base.wrapping_sub((row / 40) as u64),
            2 => base.wrapping_add(random.below(20) as u64),
            3 => random.next() >> width,
            4 => [0, 1, u64::MAX, 1 << 31, 1 << 63, (1 << 63) - 1, (1 << 31) - 1][random.below(7)],
            _ => random.next(),
        };
        let is_null = nulls == 4 || nulls > 0 && random.below(8 * nulls) < 3;
        (!is_null).then_some(value.cast_signed())
    });
    let long: Int64Array = values.collect();
    let bits = match data_type.primitive_width() {
        Some(4) => {
            let short = long.iter().map(|value| value.map(|value| value as i32));
            short.collect::<arrow::array::Int32Array>().to_data()
        }
        _ => long.to_data(),
    };
    make_array(bits.into_builder().data_type(data_type.clone()).build().unwrap())
}

fn options(random: &mut Random) -> EncodeOptions {
    let one_of = |random: &mut Random, choices: &[usize]| choices[random.below(choices.len())];
    let all = DictionaryColumns::Named(vec!["a".to_owned()]);
    let encodings = [ColumnEncoding::Delta, ColumnEncoding::Plain];
    let is_dictionary = random.below(2) == 0;
    EncodeOptions {
        compression: Compression::parse(["none", "zstd:1"][random.below(2)]).unwrap(),
        row_group_rows: one_of(random, &[1 << 20, 700, 64]),
        data_page_bytes: one_of(random, &[512 << 10, 1000, 100, 1]),
        dictionary_page_bytes: one_of(random, &[1 << 20, 200, 1]),
        dictionary: if is_dictionary { all } else { DictionaryColumns::None },
        encodings: if is_dictionary {
            Vec::new()
        } else {
            vec![("a".to_owned(), encodings[random.below(2)])]
        },
        checksums: random.below(2) == 0,
        ..EncodeOptions::default()
    }
}

fn read(bytes: &Bytes) -> ArrayRef {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap().build().unwrap();
    let columns: Vec<ArrayRef> = reader.map(|batch| batch.unwrap().column(0).clone()).collect();
    concat(&columns.iter().map(|column| column.as_ref()).collect::<Vec<_>>()).unwrap()
}

fn metadata(bytes: &Bytes) -> ParquetMetaData {
    let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.parse_and_finish(bytes).unwrap()
}

/// The first row, the nulls, and the min and max of each page; whether it has only nulls.
fn pages(metadata: &ParquetMetaData, row_group: usize) -> Vec<(i64, i64, [Option<i64>; 2], bool)> {
    let index = metadata.page_index_for_row_group(row_group);
    let (columns, offsets) = (index.column_index(0).unwrap(), index.offset_index(0).unwrap());
    let bounds = |page| match columns {
        ColumnIndexMetaData::INT32(index) => {
            [index.min_value(page), index.max_value(page)].map(|bound| bound.map(|v| (*v).into()))
        }
        ColumnIndexMetaData::INT64(index) => {
            [index.min_value(page), index.max_value(page)].map(|bound| bound.copied())
        }
        other => panic!("{other:?}"),
    };
    let page =
        |(page, location): (usize, &parquet::file::page_index::offset_index::PageLocation)| {
            let nulls = columns.null_count(page).unwrap();
            (location.first_row_index, nulls, bounds(page), columns.is_null_page(page))
        };
    offsets.page_locations().iter().enumerate().map(page).collect()
}

/// The min and max of values as stored, and the number of nulls.
fn summary(column: &ArrayRef) -> (i64, [Option<i64>; 2]) {
    let data_type = column.data_type();
    let number = |value: i64| match data_type {
        DataType::UInt32 => i64::from(value as u32 as i32),
        _ => value,
    };
    let bits = match data_type {
        DataType::UInt64 => {
            let values = column.as_any().downcast_ref::<arrow::array::UInt64Array>().unwrap();
            let bounds = [values.iter().flatten().min(), values.iter().flatten().max()];
            return (values.null_count() as i64, bounds.map(|bound| bound.map(u64::cast_signed)));
        }
        DataType::Date32 | DataType::Time32(_) => {
            cast(&cast(column, &DataType::Int32).unwrap(), &DataType::Int64).unwrap()
        }
        _ => cast(column, &DataType::Int64).unwrap(),
    };
    let values = bits.as_any().downcast_ref::<Int64Array>().unwrap();
    let bounds = [values.iter().flatten().min(), values.iter().flatten().max()];
    (values.null_count() as i64, bounds.map(|bound| bound.map(number)))
}

#[test]
fn values_are_read_back_and_pages_are_described() {
    for seed in 1..400 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let data_type = types()[random.below(9)].clone();
        let nullable = random.below(2) == 0;
        let options = options(random);
        let case = format!("{seed} {data_type} {nullable} {options:?}");
        let schema = schema(&data_type, nullable);
        let columns: Vec<ArrayRef> = (0..1 + random.below(4))
            .map(|_| {
                let (rows, cut) = (1 + random.below(2500), random.below(9));
                column(random, &data_type, rows + cut, nullable).slice(cut, rows)
            })
            .collect();
        let batches = columns.iter().map(|column| vec![column.clone()]);
        let batches = batches.map(|columns| RecordBatch::try_new(schema.clone(), columns).unwrap());
        let bytes = encode_as(&schema, &batches.collect::<Vec<_>>(), &options).into();
        let all = columns.iter().map(|column| column.as_ref()).collect::<Vec<_>>();
        let all = concat(&all).unwrap();
        assert_eq!(read(&bytes).as_ref(), all.as_ref(), "{case}");
        let metadata = metadata(&bytes);
        let mut start = 0;
        for (number, row_group) in metadata.row_groups().iter().enumerate() {
            let rows = row_group.num_rows() as usize;
            let pages = pages(&metadata, number);
            let ends = pages.iter().skip(1).map(|page| page.0 as usize).chain([rows]);
            for (page, end) in pages.iter().zip(ends) {
                let first = page.0 as usize;
                let (nulls, bounds) = summary(&all.slice(start + first, end - first));
                let is_null = nulls as usize == end - first;
                assert_eq!((page.1, page.2, page.3), (nulls, bounds, is_null), "{case}");
            }
            start += rows;
        }
    }
}

#[test]
fn chunks_have_the_metadata_that_the_crate_writes() {
    for seed in 1..200 {
        let random = &mut Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let data_type = types()[random.below(9)].clone();
        let nullable = random.below(2) == 0;
        let options = EncodeOptions {
            data_page_bytes: 512 << 10,
            dictionary_page_bytes: 1 << 20,
            row_group_rows: 1 << 20,
            checksums: false,
            compression: Compression::parse("none").unwrap(),
            ..options(random)
        };
        let case = format!("{seed} {data_type} {nullable} {options:?}");
        let column = column(random, &data_type, 2000, nullable);
        let batch = RecordBatch::try_new(schema(&data_type, nullable), vec![column]).unwrap();
        let is_delta = options.encodings.iter().any(|(_, e)| *e == ColumnEncoding::Delta);
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(options.dictionary != DictionaryColumns::None)
            .set_encoding(if is_delta { Encoding::DELTA_BINARY_PACKED } else { Encoding::PLAIN })
            .set_compression(Codec::UNCOMPRESSED);
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let expected = metadata(&bytes.into());
        let found = metadata(&encode_as(&batch.schema(), &[batch], &options).into());
        let chunk = |metadata: &ParquetMetaData| metadata.row_group(0).column(0).clone();
        let (found_chunk, expected_chunk) = (chunk(&found), chunk(&expected));
        assert_eq!(found_chunk.statistics(), expected_chunk.statistics(), "{case}");
        let is_old = |chunk: &parquet::file::metadata::ColumnChunkMetaData| {
            chunk.statistics().map(|statistics| statistics.is_min_max_backwards_compatible())
        };
        assert_eq!(is_old(&found_chunk), is_old(&expected_chunk), "{case}");
        assert_eq!(found_chunk.num_values(), expected_chunk.num_values(), "{case}");
        assert_eq!(found_chunk.encodings_mask(), expected_chunk.encodings_mask(), "{case}");
        assert_eq!(found_chunk.compressed_size(), expected_chunk.compressed_size(), "{case}");
        let levels = |chunk: &parquet::file::metadata::ColumnChunkMetaData| {
            let levels = chunk.definition_level_histogram().map(|levels| levels.values().to_vec());
            (chunk.unencoded_byte_array_data_bytes(), levels)
        };
        assert_eq!(levels(&found_chunk), levels(&expected_chunk), "{case}");
        assert_eq!(pages(&found, 0), pages(&expected, 0), "{case}");
        let order = |metadata: &ParquetMetaData| {
            let index = metadata.page_index_for_row_group(0);
            index.column_index(0).unwrap().get_boundary_order()
        };
        assert_eq!(order(&found), order(&expected), "{case}");
    }
}

#[test]
fn statistics_are_left_out_as_requested() {
    let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..900));
    for statistics in [Statistics::None, Statistics::Chunk] {
        let options = EncodeOptions { statistics, ..EncodeOptions::default() };
        let batch = RecordBatch::try_new(schema(&DataType::Int64, true), vec![column.clone()]);
        let bytes =
            Bytes::from(encode_as(&schema(&DataType::Int64, true), &[batch.unwrap()], &options));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
        let chunk = metadata.row_group(0).column(0);
        assert_eq!(chunk.statistics().is_some(), statistics == Statistics::Chunk);
        assert!(chunk.column_index_offset().is_none() && chunk.offset_index_offset().is_some());
    }
}

#[test]
fn a_null_in_a_column_without_nulls_is_an_error() {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let batch = RecordBatch::try_new(schema(&DataType::Int64, true), vec![column]).unwrap();
    let without = schema(&DataType::Int64, false);
    let error = try_encode_as(&without, &[batch], &EncodeOptions::default()).unwrap_err();
    assert!(error.to_string().contains("null"), "{error}");
}
