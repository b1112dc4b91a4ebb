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

use super::level_runs::LevelRuns;
use super::row_values::{MOST_VALUES, RowValues};
use crate::text::count;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::Page;
use parquet::file::metadata::ColumnChunkMetaData;

/// How the pages of a chunk are decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoding {
    /// Whether the crate skips rows within pages.
    pub(crate) skips: bool,
    /// The number of rows that are decoded at a time.
    pub(crate) batch_rows: usize,
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
}

/// The encoded parts of a page.
struct Parts<'a> {
    repetition_levels: &'a [u8],
    values: &'a [u8],
}

impl PageCheck {
    pub(crate) fn new(chunk: &ColumnChunkMetaData, decoding: Decoding) -> Self {
        let column = chunk.column_descr();
        Self {
            physical: chunk.column_type(),
            most_levels: [column.max_rep_level(), column.max_def_level()],
            skips: decoding.skips,
            chunk_values: chunk.num_values().unsigned_abs(),
            rows: RowValues::new(decoding.batch_rows),
        }
    }

    /// Counts the rows of a page that is skipped.
    pub(crate) fn skip(&mut self, rows: u64) {
        self.rows.skip(rows);
    }

    /// Checks a page whose levels are in the RLE encoding.
    ///
    /// # Errors
    /// A damaged page, or a row of too many values.
    pub(crate) fn check(&mut self, page: &Page) -> Result<(), String> {
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
            return Ok(());
        }
        let parts = parts(page, self.most_levels);
        let parts = parts.ok_or("damaged page: it ends within its levels")?;
        let levels = || LevelRuns::new(parts.repetition_levels, self.most_levels[0]);
        if skips_levels && !has_levels(levels(), values) {
            return Err(format!("damaged page: it has fewer than {values} repetition levels"));
        }
        if counts_rows {
            self.rows.count(levels(), self.most_levels[0], values)?;
        }
        if skips_lengths {
            check_lengths(parts.values, values)?;
        }
        check_delta(parts.values, streams, values)
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
    Some(Parts { repetition_levels: levels[0], values: rest })
}

fn has_levels(mut runs: LevelRuns<'_>, values: u64) -> bool {
    let levels = runs.try_fold(0_u64, |levels, run| {
        let levels = levels.saturating_add(run.len());
        if levels < values { Ok(levels) } else { Err(()) }
    });
    levels.is_err()
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
        values = rest.ok_or_else(|| {
            format!("damaged page: value {place} is longer than the rest of the page")
        })?;
    }
    Ok(())
}

/// Checks the counts of lengths in the DELTA_BINARY_PACKED encoding, which begin the values: the
/// lengths of values, or of prefixes and of suffixes.
fn check_delta(mut values: &[u8], streams: usize, most: u64) -> Result<(), String> {
    for stream in 0..streams {
        let damaged = || "damaged page: it ends within its lengths".to_owned();
        let mut lengths = DeltaLengths { bytes: values };
        let header = lengths.header().ok_or_else(damaged)?;
        if header.count > most.min(MOST_VALUES) {
            let (claimed, most) = (count(header.count), count(most.min(MOST_VALUES)));
            return Err(format!(
                "damaged page: it claims {claimed} lengths, but it can have {most} values"
            ));
        }
        // The crate refuses other headers.
        if stream + 1 < streams && header.block_values > 0 {
            values = lengths.skip(header).ok_or_else(damaged)?;
        }
    }
    Ok(())
}

/// Numbers in the DELTA_BINARY_PACKED encoding (Encodings.md, "Delta Encoding").
struct DeltaLengths<'a> {
    bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct DeltaHeader {
    /// The numbers in a miniblock, and the miniblocks in a block.
    block_values: u64,
    blocks: u64,
    count: u64,
}

impl<'a> DeltaLengths<'a> {
    fn header(&mut self) -> Option<DeltaHeader> {
        let (all, blocks, count) = (self.varint()?, self.varint()?, self.varint()?);
        // The first number.
        self.varint()?;
        Some(DeltaHeader { block_values: all.checked_div(blocks).unwrap_or(0), blocks, count })
    }

    /// The bytes after all numbers.
    fn skip(mut self, header: DeltaHeader) -> Option<&'a [u8]> {
        let mut left = header.count.saturating_sub(1);
        while left > 0 {
            // The smallest difference.
            self.varint()?;
            let (widths, rest) =
                self.bytes.split_at_checked(usize::try_from(header.blocks).ok()?)?;
            self.bytes = rest;
            for width in widths {
                if left == 0 {
                    break;
                }
                let bits = u64::from(*width).checked_mul(header.block_values)?;
                // The last miniblock may be cut off.
                let bytes = usize::try_from(bits / 8).ok()?.min(self.bytes.len());
                self.bytes = self.bytes.get(bytes..)?;
                left = left.saturating_sub(header.block_values);
            }
        }
        Some(self.bytes)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
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
        assert_eq!(error, "damaged page: value 1 is longer than the rest of the page");
        assert!(check_lengths(&[0xff, 0xff, 0xff, 0xff, 0], 1).is_err());
    }

    #[test]
    fn levels_are_counted() {
        let levels = |values| has_levels(LevelRuns::new(&[0x08, 0, 3, 0xff], 1), values);
        assert!(levels(4) && levels(12) && !levels(13));
    }

    #[test]
    fn lengths_are_no_more_than_values() {
        // Blocks of 128 numbers, four miniblocks, 130 numbers, the first is 0; two blocks of zeros.
        let lengths = |count: u8| {
            [&[0x80, 1, 4, count, 1, 0][..], &[0, 0, 0, 0, 0], &[0, 0, 0, 0, 0]].concat()
        };
        let both = [lengths(0x82), lengths(0x82), vec![7; 9]].concat();
        assert_eq!(check_delta(&both, 2, 130), Ok(()));
        let error = "damaged page: it claims 130 lengths, but it can have 129 values";
        assert_eq!(check_delta(&both, 2, 129), Err(error.to_owned()));
        let other = [lengths(0x82), lengths(0x83)].concat();
        assert_eq!(check_delta(&other, 1, 130), Ok(()));
        assert!(check_delta(&other, 2, 130).is_err());
        assert!(check_delta(&both[..8], 2, 130).is_err());
    }
}
