//! Tests of columns decoded here and by the `parquet` crate: every output encoding, type, page
//! version and end of a dictionary.

use super::column::EncodedColumnReader;
use super::output_encoding::OutputEncoding;
use super::page_values::FlatColumn;
use crate::error::{Error, guard};
use crate::io::MappedFile;
use crate::parquet_file::file::ParquetFile;
use crate::schema::expand;
use arrow::array::{
    Array, ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array,
    FixedSizeBinaryArray, Float64Array, Int8Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::serialized_reader::SerializedPageReader;
use std::io::Write;
use std::sync::Arc;

const ROWS: usize = 20_000;

/// Runs, then alternating values, then more distinct values than a small dictionary holds; with or
/// without nulls.
fn columns(nulls: bool) -> Vec<(String, ArrayRef)> {
    let value = |row: usize| match row {
        0..5000 => row / 700,
        5000..12_000 => row % 13,
        12_000..15_000 => 7,
        _ => row,
    };
    let some = |row: usize| {
        (!nulls || !matches!(row, 300..900) && row % 5 != 3 && row / 100 % 7 != 1)
            .then(|| value(row))
    };
    let values: Vec<Option<usize>> = (0..ROWS).map(some).collect();
    let ints = || values.iter().map(|v| v.map(|v| v as i64 * 1_000_003));
    let texts = || values.iter().map(|v| v.map(|v| format!("text number {v}")));
    let bytes: Vec<Option<Vec<u8>>> = ints().map(|v| v.map(|v| v.to_be_bytes().to_vec())).collect();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter(ints())),
        Arc::new(Int8Array::from_iter(values.iter().map(|v| v.map(|v| v as i8)))),
        Arc::new(Float64Array::from_iter(
            values.iter().map(|v| v.map(|v| [0.0, -0.0, f64::NAN, v as f64][v % 4])),
        )),
        Arc::new(Date32Array::from_iter(values.iter().map(|v| v.map(|v| v as i32)))),
        Arc::new(TimestampMicrosecondArray::from_iter(ints()).with_timezone("UTC")),
        Arc::new(
            Decimal128Array::from_iter(ints().map(|v| v.map(i128::from)))
                .with_precision_and_scale(20, 3)
                .unwrap(),
        ),
        Arc::new(BooleanArray::from_iter(values.iter().map(|v| v.map(|v| v % 3 == 0)))),
        Arc::new(StringArray::from_iter(texts())),
        Arc::new(BinaryViewArray::from_iter(texts().map(|v| v.map(String::into_bytes)))),
        Arc::new(
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes.into_iter(), 8).unwrap(),
        ),
    ];
    arrays.into_iter().enumerate().map(|(n, array)| (format!("c{n}"), array)).collect()
}

fn written(nulls: bool, version: WriterVersion, dictionary_bytes: usize) -> Vec<u8> {
    let columns = columns(nulls).into_iter().map(|(name, array)| (name, array, nulls));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_compression(Compression::SNAPPY)
        .set_dictionary_page_size_limit(dictionary_bytes)
        .set_data_page_row_count_limit(3000)
        .set_write_batch_size(500)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> ParquetFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    ParquetFile::open(MappedFile::open(file.path()).unwrap(), "t.parquet".to_owned()).unwrap()
}

fn coded(
    bytes: &Bytes,
    file: &ParquetFile,
    column: usize,
    shape: &OutputEncoding,
) -> EncodedColumnReader {
    let flat = FlatColumn::whole(file, column).unwrap();
    let chunk = file.parquet().row_group(0).column(flat.leaf);
    let pages = SerializedPageReader::new(Arc::new(bytes.clone()), chunk, ROWS, None).unwrap();
    EncodedColumnReader::new(flat, Box::new(pages), shape)
}

#[test]
fn every_shape_has_the_values_of_the_parquet_crate() {
    for nulls in [false, true] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for dictionary_bytes in [1 << 20, 4000] {
                check_file(written(nulls, version, dictionary_bytes).into());
            }
        }
    }
}

fn check_file(bytes: Bytes) {
    let file = opened(&bytes);
    let library = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap();
    let expected: Vec<RecordBatch> =
        library.with_batch_size(ROWS).build().unwrap().collect::<Result<_, _>>().unwrap();
    for (place, expected) in expected[0].columns().iter().enumerate() {
        let [short, int] = [DataType::Int16, DataType::Int32].map(OutputEncoding::Dictionary);
        for shape in [OutputEncoding::Plain, OutputEncoding::Runs, short, int] {
            if !shape.suits(expected.data_type()) {
                continue;
            }
            for (skipped, batch_rows) in [(0, ROWS), (0, 777), (1, 64), (6789, 5000)] {
                let mut column = coded(&bytes, &file, place, &shape);
                column.skip(skipped).unwrap();
                let starts: Vec<usize> = (skipped..ROWS).step_by(batch_rows).collect();
                let parts = starts.iter().map(|start| {
                    let part = column.next(batch_rows.min(ROWS - start)).unwrap();
                    expand(&part).unwrap()
                });
                let parts: Vec<ArrayRef> = parts.collect();
                let parts: Vec<&dyn Array> = parts.iter().map(|part| part.as_ref()).collect();
                let all = concat(&parts).unwrap();
                assert_eq!(all.data_type(), expected.data_type(), "{shape:?}");
                let expected = expected.slice(skipped, ROWS - skipped);
                // Arrays are compared by their bits, including NaN and zeros.
                assert!(all.to_data() == expected.to_data(), "{shape:?} of {:?}", all.data_type());
                assert_eq!(column.next(1).unwrap().len(), 0);
            }
        }
    }
}

#[test]
fn damage_is_an_error_and_nothing_worse() {
    let whole = written(true, WriterVersion::PARQUET_1_0, 4000);
    let file = opened(&whole);
    let mut noise = 7_usize;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..20 {
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let place = (noise >> 33) % (bytes.len() - 8000);
            bytes[place] = (noise >> 20) as u8;
        }
        let bytes = Bytes::from(bytes);
        for place in [0, 4, 7] {
            for shape in [
                OutputEncoding::Plain,
                OutputEncoding::Runs,
                OutputEncoding::Dictionary(DataType::Int8),
                OutputEncoding::Dictionary(DataType::Int16),
                OutputEncoding::Dictionary(DataType::Int32),
            ] {
                if shape.suits(&FlatColumn::whole(&file, place).unwrap().data_type) {
                    // Damaged text, for example, makes the `parquet` crate panic; the caller is
                    // guarded.
                    let read = guard("damaged", || {
                        let array = coded(&bytes, &file, place, &shape).next(ROWS);
                        array.map_err(|error| Error::failed(error.to_string()))
                    });
                    assert!(read.is_err() || read.is_ok_and(|array| array.len() <= ROWS));
                }
            }
        }
    }
}

#[test]
fn keys_that_cannot_number_the_values_are_an_error() {
    for nulls in [false, true] {
        let bytes: Bytes = written(nulls, WriterVersion::PARQUET_1_0, 1 << 20).into();
        let file = opened(&bytes);
        let shape = OutputEncoding::Dictionary(DataType::Int8);
        for place in [0, 7] {
            let mut column = coded(&bytes, &file, place, &shape);
            // The first rows have few values, the last ones as many as there are rows.
            assert_eq!(column.next(5000).unwrap().len(), 5000);
            assert!(column.next(ROWS).is_err());
        }
    }
}
