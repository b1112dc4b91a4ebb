//! Delimited text, in the common dialects.

use super::MOST_BATCHES;
use crate::input::file_of;
use arrow_pipes::Result;
use arrow_pipes::options::{Dialect, InferRows, Operand, TextEncoding};
use arrow_pipes::schema::parse_schema;
use arrow_pipes::text_format::csv::{LineOptions, LongRows, ReadOptions, Reader, ShortRows};

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    let lenient = LineOptions {
        short_rows: ShortRows::Null,
        long_rows: LongRows::Drop,
        ..Default::default()
    };
    let german = Dialect { delimiter: Dialect::parse_delimiter(";")?, ..Default::default() };
    let some = || parse_schema("a int64, b timestamp[us], c decimal(9, 2)");
    let ways = [
        ReadOptions::default(),
        ReadOptions {
            lines: lenient,
            infer_rows: Some(InferRows::parse("2")?),
            ..Default::default()
        },
        ReadOptions { dialect: german, encoding: TextEncoding::Utf16, ..Default::default() },
        ReadOptions { encoding: TextEncoding::Windows1252, ..Default::default() },
        ReadOptions { schema: Some(some()?), ..Default::default() },
    ];
    for way in ways {
        drop(read(&operand, way));
    }
    Ok(())
}

fn read(operand: &Operand, options: ReadOptions) -> Result<()> {
    let mut reader = Reader::open(std::slice::from_ref(operand), options)?;
    for _ in 0..MOST_BATCHES {
        if reader.next_batch()?.is_none() {
            break;
        }
    }
    reader.finish().map(drop)
}
