//! Tests of the ranges of a file that scans read.

use crate::expression::Predicate;
use crate::io::ranged_bytes::tests::Sparing;
use crate::options::NumberList;
use crate::parquet_file::read::scan_tests::matching_rows;
use crate::parquet_file::write::encode::tests::encode;
use crate::parquet_file::{EncodeOptions, ParquetFile, Scan, ScanOptions, Statistics};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;

/// Columns `id`, `text` and `noise` in row groups of 1,000 rows.
fn bytes(options: &EncodeOptions) -> Bytes {
    let ids = || 0..4_000_i64;
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from_iter_values(ids()))),
        ("text", Arc::new(StringArray::from_iter_values(ids().map(|i| format!("text {i}"))))),
        ("noise", Arc::new(Int64Array::from_iter_values(ids().map(|i| i * 37 % 4_001)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    encode(&[batch], &EncodeOptions { row_group_rows: 1_000, ..options.clone() }).into()
}

fn opened(bytes: Bytes) -> (Arc<Sparing>, ParquetFile) {
    let counted = Sparing::new(bytes);
    let file: Arc<dyn crate::io::RangedBytes> = counted.clone();
    let file = ParquetFile::open(file, "in".to_owned()).unwrap();
    counted.take_reads();
    (counted, file)
}

/// The range of a column chunk.
fn chunk(file: &ParquetFile, row_group: usize, leaf: usize) -> Range<u64> {
    let (start, length) = file.parquet().row_group(row_group).column(leaf).byte_range();
    start..start + length
}

fn is_in(outer: &Range<u64>, inner: &Range<u64>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[test]
fn two_columns_of_a_row_group_are_read_from_their_chunks_alone() {
    let (counted, file) = opened(bytes(&EncodeOptions::default()));
    let wanted = [chunk(&file, 2, 0), chunk(&file, 2, 2)];
    let options = ScanOptions {
        columns: Some(vec!["id".to_owned(), "noise".to_owned()]),
        row_groups: Some(NumberList::parse("2").unwrap()),
        ..ScanOptions::default()
    };
    let mut scan = Scan::try_new(vec![file.into()], options).unwrap();
    let mut rows = 0;
    while let Some(batch) = scan.next_batch().unwrap() {
        rows += batch.num_rows();
    }
    assert_eq!(rows, 1_000);
    let reads = counted.take_reads();
    // The bytes for a header may extend beyond its chunk.
    let is_wanted = |read: &Range<u64>| wanted.iter().any(|chunk| chunk.contains(&read.start));
    assert!(reads.iter().all(is_wanted), "{reads:?} {wanted:?}");
    let pages = reads.iter().filter(|read| wanted.iter().any(|chunk| is_in(chunk, read)));
    assert!(2 <= pages.count(), "{reads:?}");
}

#[test]
fn page_indexes_and_bloom_filters_are_read_only_if_they_may_decide() {
    let options = EncodeOptions { bloom: vec!["text".to_owned()], ..EncodeOptions::default() };
    let (counted, file) = opened(bytes(&options));
    let ask = |text: &str| {
        let predicate = Predicate::bind(text, file.schema()).unwrap();
        let found = matching_rows(&file, 2, &predicate, 1);
        (found.is_empty(), counted.take_reads())
    };
    // Statistics exclude the row group.
    assert_eq!(ask("id < 5"), (true, Vec::new()));
    // A filter has no bounds, and a range no filter.
    let filter = {
        let chunk = file.parquet().row_group(2).column(1);
        let start = chunk.bloom_filter_offset().unwrap() as u64;
        start..start + chunk.bloom_filter_length().unwrap() as u64
    };
    assert_eq!(ask("text = 'text 2000x'"), (true, vec![filter.clone()]));
    let (is_pruned, reads) = ask("text > 'text 2999'");
    assert!(is_pruned && reads.is_empty(), "{reads:?}");
    let (is_pruned, reads) = ask("id = 2500");
    assert!(!is_pruned && reads.len() == 2 && !reads.contains(&filter), "{reads:?}");
    let options = EncodeOptions { statistics: Statistics::None, ..options };
    let (counted, file) = opened(bytes(&options));
    let predicate = Predicate::bind("id = 2500", file.schema()).unwrap();
    let rows = matching_rows(&file, 2, &predicate, 1);
    assert_eq!((rows.len(), rows[0].clone()), (1, 0..1_000));
    assert_eq!(counted.take_reads(), []);
}
