//! Arrow files: the footer, the blocks, batches by their numbers, and `file-inspect`.

use super::{MOST_BATCHES, parquet, stream};
use crate::input::{file_of, only};
use arrow_pipes::Result;
use arrow_pipes::options::{InputOptions, NumberList};
use arrow_pipes::stream::Reader;

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    stream::everything(&operand);
    parquet::inspect(&operand);
    let record_batches = NumberList::parse("-1,0");
    let mut reader = Reader::open(&InputOptions { record_batches, ..only(&operand) })?;
    for _ in 0..MOST_BATCHES {
        if reader.next_batch()?.is_none() {
            break;
        }
    }
    Ok(())
}
