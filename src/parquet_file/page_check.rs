//! Checks of what a page holds, before the `parquet` crate (60.1) decodes it, for pages that the
//! crate does not survive:
//!
//! - Skipping values of variable length, it passes the end of the page if a length is too large
//!   (`byte_array.rs` and `byte_view_array.rs`, `skip`); the next read then reserves the wrapped
//!   difference.
//! - Skipping rows of a repeated column, it never ends if repetition levels are missing
//!   (`column/reader.rs`, `skip_records`).
//! - It allocates the lengths of a DELTA encoding by the count that the page claims.
//! - It keeps all levels and values of a row.

use super::delta_lengths::delta_lengths;
use super::level_runs::{LevelRun, LevelRuns, packed_level};
use super::page_budget::{PageBudget, Taken, Use};
use super::page_places::FirstPage;
use super::row_values::{MOST_VALUES, RowValues};
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use std::sync::Arc;

/// How the pages of a chunk are decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoding {
    /// Whether the crate skips rows within pages.
    pub(crate) skips: bool,
    /// The number of rows that are decoded at a time.
    pub(crate) batch_rows: usize,
    /// The page from which the chunk is read, if rows before it are skipped and it is known.
    pub(crate) first_page: Option<FirstPage>,
}

/// Checks the data pages of a chunk, in order.
#[derive(Debug)]
pub(crate) struct PageCheck {
    physical: PhysicalType,
    /// The maximum repetition level and definition level.
    most_levels: [i16; 2],
    skips: bool,
    /// The values that the footer claims for the chunk.
    chunk_values: u64,
    rows: RowValues,
    budget: Arc<PageBudget>,
}

/// The lengths in a DELTA encoding that are read whatever the size of the file is: 256 MiB.
const FREE_LENGTHS: u64 = 1 << 26;

/// The bytes that a length takes in memory.
const LENGTH_BYTES: u64 = 4;

/// The encoded parts of a page.
struct Parts<'a> {
    repetition_levels: &'a [u8],
    definition_levels: &'a [u8],
    values: &'a [u8],
}

impl PageCheck {
    pub(crate) fn new(
        chunk: &ColumnChunkMetaData,
        decoding: Decoding,
        budget: &Arc<PageBudget>,
    ) -> Self {
        let column = chunk.column_descr();
        Self {
            physical: chunk.column_type(),
            most_levels: [column.max_rep_level(), column.max_def_level()],
            skips: decoding.skips,
            chunk_values: chunk.num_values().unsigned_abs(),
            rows: RowValues::new(chunk, decoding.batch_rows, budget.most()),
            budget: Arc::clone(budget),
        }
    }

    /// Counts the rows of a page that is skipped.
    pub(crate) fn skip(&mut self, rows: u64) {
        self.rows.skip(rows);
    }

    /// Checks a page whose levels are in the RLE encoding. Returns the memory of its lengths, if they
    /// are many.
    ///
    /// # Errors
    /// A damaged page; as [`ParquetError::NYI`], a row of too many values, or too many lengths.
    pub(crate) fn check(&mut self, page: &Page) -> Result<Option<Taken>> {
        let values = u64::from(page.num_values());
        let is_repeated = self.most_levels[0] > 0;
        let counts_rows = is_repeated && self.chunk_values.max(values) > MOST_VALUES;
        let skips_levels = is_repeated && self.skips;
        let skips_lengths = self.skips
            && self.physical == PhysicalType::BYTE_ARRAY
            && page.encoding() == Encoding::PLAIN;
        let streams = match page.encoding() {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
            Encoding::DELTA_BYTE_ARRAY => 2,
            _ => 0,
        };
        let is_checked = counts_rows || skips_levels || skips_lengths || streams > 0;
        if !page.is_data_page() || values == 0 || !is_checked {
            return Ok(None);
        }
        let parts = parts(page, self.most_levels);
        let parts = parts.ok_or_else(|| damaged("it ends within its levels"))?;
        let [most_repetition, most_definition] = self.most_levels;
        let levels = || LevelRuns::new(parts.repetition_levels, most_repetition);
        if skips_levels && !has_levels(levels(), values) {
            return Err(damaged(&format!("it has fewer than {values} repetition levels")));
        }
        if counts_rows {
            self.rows.count(levels(), most_repetition, values).map_err(ParquetError::NYI)?;
        }
        if skips_lengths {
            let definitions = LevelRuns::new(parts.definition_levels, most_definition);
            let valid = not_null(definitions, most_definition, values);
            check_lengths(parts.values, valid).map_err(|why| damaged(&why))?;
        }
        let lengths = delta_lengths(parts.values, streams, values).map_err(|why| damaged(&why))?;
        if lengths <= FREE_LENGTHS * streams as u64 {
            return Ok(None);
        }
        self.budget.take(lengths.saturating_mul(LENGTH_BYTES), Use::Lengths).map(Some)
    }
}

/// The parts of a data page. `None` if it ends within its levels.
fn parts(page: &Page, most_levels: [i16; 2]) -> Option<Parts<'_>> {
    let (buf, lengths) = match page {
        Page::DataPageV2 { buf, rep_levels_byte_len, def_levels_byte_len, .. } => {
            (buf, Some([*rep_levels_byte_len, *def_levels_byte_len]))
        }
        page => (page.buffer(), None),
    };
    let mut rest = &buf[..];
    let mut levels = [&rest[..0]; 2];
    for (place, most) in most_levels.into_iter().enumerate() {
        let length = match lengths {
            Some(lengths) => lengths[place],
            None if most == 0 => 0,
            None => {
                let (length, after) = rest.split_first_chunk::<4>()?;
                rest = after;
                u32::from_le_bytes(*length)
            }
        };
        (levels[place], rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    }
    let [repetition_levels, definition_levels] = levels;
    Some(Parts { repetition_levels, definition_levels, values: rest })
}

/// The repetition levels of a data page. `None` if it ends within its levels.
pub(crate) fn repetition_levels(page: &Page, most_levels: [i16; 2]) -> Option<LevelRuns<'_>> {
    Some(LevelRuns::new(parts(page, most_levels)?.repetition_levels, most_levels[0]))
}

fn damaged(why: &str) -> ParquetError {
    ParquetError::General(format!("damaged page: {why}"))
}

fn has_levels(mut runs: LevelRuns<'_>, values: u64) -> bool {
    let levels = runs.try_fold(0_u64, |levels, run| {
        let levels = levels.saturating_add(run.len());
        if levels < values { Ok(levels) } else { Err(()) }
    });
    levels.is_err()
}

/// The number of values that are not null among the first `left` levels. Only these are encoded; what
/// follows them is padding.
fn not_null(runs: LevelRuns<'_>, most_level: i16, mut left: u64) -> u64 {
    if most_level == 0 {
        return left;
    }
    let most = u64::from(most_level.unsigned_abs());
    let mut found = 0;
    for run in runs {
        let length = run.len().min(left);
        left -= length;
        found += match run {
            LevelRun::Same(level, _) => length * u64::from(level == most),
            LevelRun::Packed(packed, _) => {
                let level = |place| u64::from(packed_level(packed, most_level, place));
                (0..length as usize).filter(|place| level(*place) == most).count() as u64
            }
        };
        if left == 0 {
            break;
        }
    }
    found
}

/// Checks the lengths of up to `most` values in the PLAIN encoding.
fn check_lengths(mut values: &[u8], most: u64) -> Result<(), String> {
    for place in 0..most {
        if values.is_empty() {
            break;
        }
        let rest = values.split_first_chunk::<4>().and_then(|(length, rest)| {
            rest.get(usize::try_from(u32::from_le_bytes(*length)).ok()?..)
        });
        values =
            rest.ok_or_else(|| format!("value {place} is longer than the rest of the page"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_must_end_within_the_page() {
        let page = [&[2, 0, 0, 0, b'a', b'b'][..], &[1, 0, 0, 0, b'c']].concat();
        assert_eq!(check_lengths(&page, 9), Ok(()));
        assert_eq!(check_lengths(&page[..10], 1), Ok(()));
        let error = check_lengths(&page[..10], 2).unwrap_err();
        assert_eq!(error, "value 1 is longer than the rest of the page");
        assert!(check_lengths(&[0xff, 0xff, 0xff, 0xff, 0], 1).is_err());
    }

    #[test]
    fn nulls_have_no_value() {
        let valid =
            |bytes: &[u8], most, values| not_null(LevelRuns::new(bytes, most), most, values);
        // Four times 1, then eight packed levels, of which five are 1.
        let levels = [0x08, 1, 3, 0b1101_1010];
        assert_eq!((valid(&levels, 1, 12), valid(&levels, 1, 7), valid(&levels, 1, 2)), (9, 5, 2));
        // 0, 1, 2, 3, 3, 2, 1, 0 in two bits each.
        let nested = [3, 0b1110_0100, 0b0001_1011];
        assert_eq!((valid(&nested, 3, 8), valid(&nested, 2, 4)), (2, 1));
        assert_eq!(valid(&[], 0, 5), 5);
        // Three values, of which one is null, and padding.
        let page = [&[1, 0, 0, 0, b'a', 1, 0, 0, 0, b'c'][..], &[9, 9, 9, 9, 9]].concat();
        assert_eq!(check_lengths(&page, valid(&[3, 0b101], 1, 3)), Ok(()));
        assert!(check_lengths(&page, 3).is_err());
    }

    #[test]
    fn levels_are_counted() {
        let levels = |values| has_levels(LevelRuns::new(&[0x08, 0, 3, 0xff], 1), values);
        assert!(levels(4) && levels(12) && !levels(13));
    }
}
