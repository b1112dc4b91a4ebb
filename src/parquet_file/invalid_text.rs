//! Locating text that is not UTF-8: the `parquet` crate reports that there is some, but not where.

use std::collections::BTreeMap;

use super::columns::{FileColumns, ReadOptions};
use super::decode::{Decoder, Run, Selected};
use super::footer::Oddities;
use crate::error::{Error, Result};
use crate::schema::Kept;

/// Adds the column, row and text to the error if it is about text: the columns of the row range are
/// decoded once more, as bytes.
pub(super) fn located(run: &Run, roots: &[usize], error: Error) -> Error {
    let text = error.to_string().to_ascii_lowercase();
    if !text.contains("utf-8") && !text.contains("utf8") {
        return error;
    }
    roots.iter().find_map(|root| locate(run, *root).err()).unwrap_or(error)
}

fn locate(run: &Run, root: usize) -> Result<()> {
    let metadata = run.source.file.parquet().file_metadata();
    let options = ReadOptions { checks_text: true, ..ReadOptions::default() };
    let columns = FileColumns::of(metadata, &Oddities::default(), options, None);
    let column = columns.reader(&BTreeMap::from([(root, Kept::Whole)]))?;
    let mut decoder = Decoder::start(run, &column, &Selected::All, run.rows.len())?;
    while 0 < decoder.left() {
        decoder.next()?;
    }
    Ok(())
}
