//! JSON: objects one after another, and arrays of them.

use super::MOST_BATCHES;
use crate::input::file_of;
use arrow_pipes::Result;
use arrow_pipes::options::{InferRows, Operand};
use arrow_pipes::schema::parse_schema;
use arrow_pipes::text_format::json::{ReadOptions, Reader};

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    let inferred = || ReadOptions {
        schema: None,
        types: None,
        infer_rows: None,
        binary: Default::default(),
        ignore_unknown: false,
        allow_nan: false,
    };
    let given = parse_schema(
        "id int64, name utf8, list list<float64>, nested struct<a: map<utf8, date32>>",
    )?;
    let ways = [
        inferred(),
        ReadOptions { infer_rows: Some(InferRows::parse("2")?), allow_nan: true, ..inferred() },
        ReadOptions { schema: Some(given), ignore_unknown: true, ..inferred() },
    ];
    for way in ways {
        drop(read(&operand, &way));
    }
    Ok(())
}

fn read(operand: &Operand, options: &ReadOptions) -> Result<()> {
    let mut reader = Reader::open(std::slice::from_ref(operand), options)?;
    for _ in 0..MOST_BATCHES {
        if reader.next_batch()?.is_none() {
            break;
        }
    }
    Ok(())
}
