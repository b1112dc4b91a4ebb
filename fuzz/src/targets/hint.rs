//! Hints as any reader of a pipe may leave them, and what a Parquet file makes of them.

use super::MOST_BATCHES;
use super::columns::batch;
use crate::input::file_of;
use arrow_pipes::Result;
use arrow_pipes::expression::Predicate;
use arrow_pipes::io::{Output, open_mapped};
use arrow_pipes::options::{Destination, Operand, OutputOptions};
use arrow_pipes::parquet_file::{
    EncodeOptions, Encoder, ParquetFile, Scan, ScanFile, ScanHead, ScanOptions,
};
use arrow_pipes::stream::hint::Hint;
use arrow_pipes::threads::Threads;
use std::fs::File;
use std::sync::LazyLock;

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    static TABLE: LazyLock<(File, Operand)> =
        LazyLock::new(|| table().expect("the table can be written"));
    let Some(hint) = Hint::from_content(bytes, batch().num_columns()) else { return Ok(()) };
    let file: ScanFile = ParquetFile::open(open_mapped(&TABLE.1, None)?, "table".into())?.into();
    let options = ScanOptions { threads: Threads::new(1), ..ScanOptions::default() };
    let mut head = ScanHead::open(vec![file], options)?;
    let predicate = hint.predicate.as_deref().filter(|text| head.keep_rows(text));
    hint.limit.iter().for_each(|rows| head.keep_first(*rows));
    if let Some(columns) = &hint.columns {
        head.keep_columns(columns);
    }
    let mut scan = Scan::begin(head);
    let mut rows = 0;
    for _ in 0..MOST_BATCHES {
        let Some(batch) = scan.next_batch().expect("what a hint says raises no error") else {
            break;
        };
        rows += batch.num_rows();
    }
    let all = batch().num_rows();
    let limit = hint.limit.map_or(all, |limit| all.min(limit as usize));
    let expected = predicate.map_or(limit, |text| rows_of(text).expect("it was bound before"));
    assert_eq!(rows, expected, "{hint:?}");
    Ok(())
}

/// The rows for which a predicate is true, without a file.
fn rows_of(text: &str) -> Result<usize> {
    let predicate = Predicate::bind(text, batch().schema_ref())?;
    let read = batch().project(predicate.columns()).expect("its columns are there");
    let truth = predicate.evaluate(&read)?;
    Ok(truth.iter().filter(|is_true| *is_true == Some(true)).count())
}

/// The batch of all kinds as a Parquet file in memory.
fn table() -> Result<(File, Operand)> {
    let (file, operand) = file_of(&[]);
    let destination = match &operand {
        Operand::Path(path) => Destination::Path(path.clone()),
        _ => Destination::Stdout,
    };
    let options = OutputOptions { destination, force: true, no_sync: true };
    let output = Output::create(&options, &[])?;
    let mut encoder = Encoder::create(output, batch().schema_ref(), &EncodeOptions::default())?;
    encoder.write(batch())?;
    encoder.finish()?;
    Ok((file, operand))
}
