//! The official Parquet files (`PARQUET_TEST_DATA`): a table of the rows or the error that each file gives.
//!
//! The table names the other readers that give all rows of a file without keys: pyarrow 26.0.1, DuckDB 2.0.0 and
//! Polars 2.1.0. A file that all three read must not be refused.
#![allow(clippy::print_stderr)]

use arrow_pipes::error::Result;
use arrow_pipes::io::MappedFile;
use arrow_pipes::parquet_file::{ParquetFile, Scan, ScanOptions};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An official file: its path, the expected result, and the other readers that read it.
struct Golden {
    path: &'static str,
    verdict: Verdict,
    read_by: &'static str,
}

enum Verdict {
    Rows(u64),
    /// The message without the name of the file, and the reason.
    Refused(&'static str, &'static str),
}

const fn rows(path: &'static str, rows: u64, read_by: &'static str) -> Golden {
    Golden { path, verdict: Verdict::Rows(rows), read_by }
}

const fn refused(
    path: &'static str,
    message: &'static str,
    read_by: &'static str,
    reason: &'static str,
) -> Golden {
    Golden { path, verdict: Verdict::Refused(message, reason), read_by }
}

const ALL: &str = "pyarrow, DuckDB, Polars";
const ALL_UNVERIFIED: &str = "pyarrow, DuckDB, Polars without verification of checksums";
const ALL_WRAPPED: &str = "pyarrow, DuckDB, Polars, with another timestamp in row 5";
const NONE: &str = "";
const ENCRYPTED: &str = "the file is encrypted, and no keys are given (--key-file)";
const KEYS: &str = "encrypted, and no key is given";
const COLUMN_KEYS: &str = "some columns are encrypted, and no key is given";

#[rustfmt::skip] // a line for each file
const TABLE: &[Golden] = &[
    refused("bad_data/ARROW-GH-41317.parquet", "row group 0: a column ends before its last row", NONE, "damaged footer"),
    refused("bad_data/ARROW-GH-41321.parquet", "row group 0: damaged page: values of 254 bits", NONE, "a bit width of 254"),
    rows("bad_data/ARROW-GH-43605.parquet", 21186, ALL),
    refused("bad_data/ARROW-GH-45185.parquet", "row group 0: first repetition level of batch must be 0", "Polars", "the first repetition level is not 0"),
    refused("bad_data/ARROW-GH-47662.parquet", "row group 0: invalid FIXED_LEN_BYTE_ARRAY PLAIN data page payload length: expected 400 bytes (100 values of 4 bytes), got 364", NONE, "a page that is shorter than its values"),
    refused("bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", "row group 0: column \"region_key\" is encrypted or damaged: it does not begin with a page header", NONE, "no page header where the footer says there is one"),
    refused("bad_data/ARROW-RS-GH-6229-LEVELS.parquet", "row group 0: insufficient repetition levels read from column", "DuckDB, Polars", "fewer levels than the page claims; pyarrow refuses it too"),
    refused("bad_data/PARQUET-1481.parquet", "cannot read the Parquet metadata: unexpected Type -7", NONE, "a physical type that does not exist"),
    refused("data/aes256/encrypt_columns_and_footer.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/aes256/encrypt_columns_and_footer_ctr.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/aes256/encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/aes256/encrypt_columns_plaintext_footer.parquet.encrypted", "column \"boolean_field\" cannot be read: it is encrypted, and no keys are given (--key-file); choose others with -c", NONE, COLUMN_KEYS),
    refused("data/aes256/uniform_encryption.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    rows("data/alltypes_dictionary.parquet", 2, ALL),
    rows("data/alltypes_plain.parquet", 8, ALL),
    rows("data/alltypes_plain.snappy.parquet", 2, ALL),
    rows("data/alltypes_tiny_pages.parquet", 7300, ALL),
    rows("data/alltypes_tiny_pages_plain.parquet", 7300, ALL),
    rows("data/binary.parquet", 12, ALL),
    rows("data/binary_truncated_min_max.parquet", 12, ALL),
    rows("data/byte_array_decimal.parquet", 24, ALL),
    rows("data/byte_stream_split.zstd.parquet", 300, ALL),
    rows("data/byte_stream_split_extended.gzip.parquet", 200, "pyarrow"),
    rows("data/column_chunk_key_value_metadata.parquet", 0, ALL),
    rows("data/concatenated_gzip_members.parquet", 513, ALL),
    rows("data/data_index_bloom_encoding_stats.parquet", 14, ALL),
    rows("data/data_index_bloom_encoding_with_length.parquet", 14, ALL),
    refused("data/datapage_v1-corrupt-checksum.parquet", "row group 0: column \"a\": page 0: the page is damaged: its checksum differs from the one in its header", ALL_UNVERIFIED, "damaged on purpose; pyarrow refuses it too if it verifies checksums"),
    rows("data/datapage_v1-snappy-compressed-checksum.parquet", 5120, ALL),
    rows("data/datapage_v1-uncompressed-checksum.parquet", 5120, ALL),
    rows("data/datapage_v2.snappy.parquet", 5, ALL),
    rows("data/datapage_v2_empty_datapage.snappy.parquet", 1, ALL),
    rows("data/delta_binary_packed.parquet", 200, ALL),
    rows("data/delta_byte_array.parquet", 1000, ALL),
    rows("data/delta_encoding_optional_column.parquet", 100, ALL),
    rows("data/delta_encoding_required_column.parquet", 100, ALL),
    rows("data/delta_length_byte_array.parquet", 1000, ALL),
    rows("data/dict-page-offset-zero.parquet", 39, "pyarrow, DuckDB"),
    refused("data/encrypt_columns_and_footer.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/encrypt_columns_and_footer_aad.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/encrypt_columns_and_footer_bloom_filter.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/encrypt_columns_and_footer_ctr.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    refused("data/encrypt_columns_plaintext_footer.parquet.encrypted", "column \"float_field\" cannot be read: it is encrypted, and no keys are given (--key-file); choose others with -c", NONE, COLUMN_KEYS),
    refused("data/external_key_material_java.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    rows("data/fixed_length_byte_array.parquet", 1000, ALL),
    rows("data/fixed_length_decimal.parquet", 24, ALL),
    rows("data/fixed_length_decimal_legacy.parquet", 24, ALL),
    rows("data/float16_nonzeros_and_nans.parquet", 8, ALL),
    rows("data/float16_zeros_and_nans.parquet", 3, ALL),
    rows("data/floating_orders_nan_count.parquet", 50, ALL),
    rows("data/geospatial/crs-arbitrary-value.parquet", 1, "pyarrow, DuckDB"),
    rows("data/geospatial/crs-default.parquet", 1, "pyarrow, DuckDB"),
    rows("data/geospatial/crs-geography.parquet", 1, "pyarrow, DuckDB"),
    rows("data/geospatial/crs-projjson.parquet", 1, "pyarrow, DuckDB"),
    rows("data/geospatial/crs-srid.parquet", 1, "pyarrow, DuckDB"),
    rows("data/geospatial/geography-lines.parquet", 499, "pyarrow, DuckDB"),
    rows("data/geospatial/geography-points.parquet", 500, "pyarrow, DuckDB"),
    rows("data/geospatial/geography-polygons.parquet", 500, "pyarrow, DuckDB"),
    rows("data/geospatial/geospatial-with-nan.parquet", 3, "pyarrow, DuckDB"),
    rows("data/geospatial/geospatial.parquet", 196, "pyarrow, DuckDB"),
    rows("data/hadoop_lz4_compressed.parquet", 4, ALL),
    rows("data/hadoop_lz4_compressed_larger.parquet", 10000, ALL),
    rows("data/incorrect_map_schema.parquet", 1, "DuckDB"),
    rows("data/int32_decimal.parquet", 24, ALL),
    rows("data/int32_with_null_pages.parquet", 1000, ALL),
    rows("data/int64_decimal.parquet", 24, ALL),
    refused("data/int96_from_spark.parquet", "row group 0: column \"a\": row 0: an INT96 timestamp has digits that the unit ms cannot hold; --int96 ms truncates them", ALL_WRAPPED, "no unit holds all timestamps: one needs microseconds, one is 296,000 years away"),
    refused("data/large_string_map.brotli.parquet", "row group 0: column \"arr.key_value.key\": page 0: it claims to decompress to 1.0 GiB; a file of this size may use 260.2 MiB; choose fewer columns with -c", "Polars", "4 KB that decompress to two strings of 1 GiB"),
    rows("data/list_columns.parquet", 3, ALL),
    rows("data/lz4_raw_compressed.parquet", 4, ALL),
    rows("data/lz4_raw_compressed_larger.parquet", 10000, ALL),
    rows("data/map_no_value.parquet", 3, "pyarrow, Polars"),
    rows("data/nan_in_stats.parquet", 2, ALL),
    rows("data/nation.dict-malformed.parquet", 25, "pyarrow, DuckDB"),
    rows("data/nested_lists.snappy.parquet", 3, ALL),
    rows("data/nested_maps.snappy.parquet", 6, ALL),
    rows("data/nested_structs.rust.parquet", 1, ALL),
    rows("data/non_hadoop_lz4_compressed.parquet", 4, ALL),
    rows("data/nonnullable.impala.parquet", 1, ALL),
    rows("data/null_list.parquet", 1, ALL),
    rows("data/nullable.impala.parquet", 7, ALL),
    rows("data/nulls.snappy.parquet", 8, ALL),
    rows("data/old_list_structure.parquet", 1, ALL),
    rows("data/overflow_i16_page_cnt.parquet", 40000, ALL),
    rows("data/page_v2_empty_compressed.parquet", 10, ALL),
    rows("data/plain-dict-uncompressed-checksum.parquet", 1000, ALL),
    rows("data/repeated_no_annotation.parquet", 6, "pyarrow, DuckDB"),
    rows("data/repeated_primitive_no_list.parquet", 4, ALL),
    rows("data/rle-dict-snappy-checksum.parquet", 1000, ALL),
    refused("data/rle-dict-uncompressed-corrupt-checksum.parquet", "row group 0: column \"long_field\": page 0: the page is damaged: its checksum differs from the one in its header", ALL_UNVERIFIED, "damaged on purpose; pyarrow refuses it too if it verifies checksums"),
    rows("data/rle_boolean_encoding.parquet", 68, ALL),
    rows("data/single_nan.parquet", 1, ALL),
    rows("data/sort_columns.parquet", 6, ALL),
    refused("data/uniform_encryption.parquet.encrypted", ENCRYPTED, NONE, KEYS),
    rows("data/unknown-logical-type.parquet", 3, "pyarrow, DuckDB"),
];

/// The expected error for an official file; `None` if it is read.
pub(crate) fn expected_refusal(path: &str) -> Option<&'static str> {
    let golden = TABLE.iter().find(|golden| golden.path == path)?;
    match golden.verdict {
        Verdict::Refused(message, _) => Some(message),
        Verdict::Rows(_) => None,
    }
}

#[test]
fn every_official_file_gives_its_rows_or_the_listed_error() {
    let Some(root) = official_files() else { return };
    let mut expected: BTreeMap<&str, &Golden> =
        TABLE.iter().map(|golden| (golden.path, golden)).collect();
    assert_eq!(expected.len(), TABLE.len(), "duplicate path");
    let mut wrong = Vec::new();
    for path in parquet_files(&root) {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        match expected.remove(name.as_str()) {
            Some(golden) => wrong.extend(difference(golden, &path)),
            None => wrong.push(format!("{name}: missing in the table")),
        }
    }
    wrong.extend(expected.keys().map(|name| format!("{name}: no such file")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_official_file_that_all_others_read_is_refused() {
    for Golden { path, verdict, read_by } in TABLE {
        if let Verdict::Refused(_, reason) = verdict {
            assert!(*read_by != ALL && !reason.is_empty(), "{path}");
        }
    }
}

/// The difference between the expected and the actual result of a file.
fn difference(golden: &Golden, path: &Path) -> Option<String> {
    let outcome = read_rows(path, golden.path);
    match (&golden.verdict, &outcome) {
        (Verdict::Rows(rows), Ok(read)) if rows == read => None,
        (Verdict::Refused(message, _), Err(error))
            if error.to_string() == format!("{}: {message}", golden.path) =>
        {
            None
        }
        _ => Some(format!("{}: {outcome:?}", golden.path)),
    }
}

/// The number of rows in all batches. It must equal the number in the footer.
fn read_rows(path: &Path, name: &str) -> Result<u64> {
    let file = ParquetFile::open(MappedFile::open(path)?, name.to_owned())?;
    let claimed = file.rows();
    let mut scan = Scan::try_new(vec![file.into()], ScanOptions::default())?;
    let mut read = 0;
    while let Some(batch) = scan.next_batch()? {
        assert_eq!(batch.schema_ref(), scan.schema(), "{name}");
        for column in batch.columns() {
            column.to_data().validate_full().unwrap();
        }
        read += batch.num_rows() as u64;
    }
    assert_eq!(read, claimed, "{name}");
    Ok(read)
}

/// The directory of `data` and `bad_data`, if there is one.
pub(crate) fn official_files() -> Option<PathBuf> {
    let beside =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/parquet-testing/data");
    let data = std::env::var_os("PARQUET_TEST_DATA").map_or(beside, PathBuf::from);
    if !data.is_dir() {
        eprintln!("skipped: no Parquet files in {}; set PARQUET_TEST_DATA", data.display());
        return None;
    }
    data.parent().map(Path::to_owned)
}

fn parquet_files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(parquet_files(&path));
        } else if name.ends_with(".parquet") || name.ends_with(".parquet.encrypted") {
            files.push(path);
        }
    }
    files
}
