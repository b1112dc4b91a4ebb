//! The number of rows in the batches of a row group whose lists have very many values: a batch has at
//! most [`MOST_BATCH_VALUES`] of them in a column, unless a single row has more. Rows differ in length,
//! so the repetition levels of such a column are counted before it is decoded.

use super::source::{OpenFile, RowRange};
use crate::error::{Error, guard};
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::level_runs::{LevelRun, packed_level};
use crate::parquet_file::page_check::{Decoding, repetition_levels};
use crate::parquet_file::row_values::MOST_BATCH_VALUES;
use parquet::column::page::PageReader;
use std::ops::Range;

/// The number of rows in a batch of these rows: the number that is wanted, or a smaller one. With a
/// predicate, any of the rows may be adjacent in a batch.
pub(crate) fn bounded(range: &RowRange, wanted: usize) -> usize {
    let RowRange { source, row_group, rows, .. } = range;
    let (row_group, selects) = (*row_group, range.filter.is_some());
    let metadata = source.file.parquet().row_group(row_group);
    range.leaves.iter().fold(wanted, |wanted, leaf| {
        let chunk = metadata.column(*leaf);
        let is_list = chunk.column_descr().max_rep_level() > 0;
        if !is_list || chunk.num_values().unsigned_abs() <= MOST_BATCH_VALUES || wanted == 1 {
            return wanted;
        }
        let counted = counted(source, row_group, *leaf, rows);
        if selects { counted.most_selected(wanted) } else { counted.most_rows(wanted) }
    })
}

/// Counts the values of these rows in a column chunk. Damage ends the count; it is reported when the
/// rows are read.
fn counted(source: &OpenFile, row_group: usize, leaf: usize, rows: &Range<usize>) -> RowCounts {
    let mut counts = RowCounts::new(rows.start as u64, MOST_BATCH_VALUES);
    let column = source.file.parquet().row_group(row_group).column(leaf).column_descr();
    let most_levels = [column.max_rep_level(), column.max_def_level()];
    let decoding = Decoding { skips: false, batch_rows: 1, first_page: None };
    // The outcome does not matter, but a panic of a decompressor must not pass.
    let _counted = guard("levels", || {
        let failed = |error: parquet::errors::ParquetError| Error::failed(error.to_string());
        let mut pages = ChunkPages::open(&source.file, &source.pages, row_group, leaf, decoding)
            .map_err(failed)?;
        while counts.rows < rows.len() as u64
            && let Some(page) = pages.get_next_page().map_err(failed)?
        {
            if page.is_data_page()
                && let Some(levels) = repetition_levels(&page, most_levels)
            {
                counts.add(levels, most_levels[0], u64::from(page.num_values()));
            }
        }
        Ok(())
    });
    counts.end();
    counts
}

/// The values of rows that were counted, summed up in blocks of 1, 2, 4, … rows: the largest blocks of
/// which none has too many values.
struct RowCounts {
    /// The rows that are still skipped at the start.
    skip: u64,
    /// The values of the current row so far; 0 before the first.
    in_row: u64,
    /// The rows that have ended, without skipped ones.
    rows: u64,
    /// The values of the last complete block of each size that is not yet part of a larger one.
    blocks: [Option<u64>; 64],
    /// Blocks of 2 to this power have no more than `most` values, unless a row alone has.
    power: u32,
    most: u64,
    /// The values of the longest row.
    longest: u64,
}

impl RowCounts {
    fn new(skip: u64, most: u64) -> Self {
        let (in_row, rows, blocks, power, longest) = (0, 0, [None; 64], 63, 0);
        Self { skip, in_row, rows, blocks, power, most, longest }
    }

    /// Counts the next `left` levels.
    fn add<'a>(
        &mut self,
        runs: impl Iterator<Item = LevelRun<'a>>,
        most_level: i16,
        mut left: u64,
    ) {
        for run in runs {
            let length = run.len().min(left);
            left -= length;
            match run {
                LevelRun::Same(0, _) => self.begin(length),
                LevelRun::Same(..) => self.in_row = self.in_row.saturating_add(length),
                LevelRun::Packed(packed, _) => self.add_packed(packed, most_level, length),
            }
            if left == 0 {
                break;
            }
        }
    }

    fn add_packed(&mut self, packed: &[u8], most_level: i16, length: u64) {
        let mut place = 0;
        while place < length as usize {
            // Most values of long rows do not begin one.
            if most_level == 1
                && place % 8 == 0
                && place + 8 <= length as usize
                && packed.get(place / 8) == Some(&0xff)
            {
                self.in_row = self.in_row.saturating_add(8);
                place += 8;
                continue;
            }
            match packed_level(packed, most_level, place) {
                0 => self.begin(1),
                _ => self.in_row = self.in_row.saturating_add(1),
            }
            place += 1;
        }
    }

    /// Begins rows, of which all but the last have one value.
    fn begin(&mut self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.end_row();
        let skipped = self.skip.min(rows - 1);
        self.skip -= skipped;
        let mut short = rows - 1 - skipped;
        while short > 0 {
            let power = self.rows.trailing_zeros().min(short.ilog2());
            self.block(power, 1 << power);
            short -= 1 << power;
        }
        self.in_row = 1;
    }

    fn end_row(&mut self) {
        if self.in_row == 0 {
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.longest = self.longest.max(self.in_row);
        self.block(0, self.in_row);
    }

    /// Adds a block of 2 to this power rows.
    fn block(&mut self, mut power: u32, mut values: u64) {
        self.rows = self.rows.saturating_add(1 << power);
        loop {
            if values > self.most {
                self.power = self.power.min(power.saturating_sub(1));
            }
            let Some(place) = self.blocks.get_mut(power as usize) else { return };
            let Some(before) = place.take() else {
                *place = Some(values);
                return;
            };
            values = values.saturating_add(before);
            power += 1;
        }
    }

    /// Ends the last row. The last blocks may be smaller than others.
    fn end(&mut self) {
        self.end_row();
        let mut values = 0_u64;
        for (power, block) in (0_u32..).zip(self.blocks) {
            values = values.saturating_add(block.unwrap_or(0));
            if values > self.most {
                self.power = self.power.min(power);
                return;
            }
        }
    }

    /// The most rows of batches that begin at multiples of their size, up to `wanted`.
    fn most_rows(&self, wanted: usize) -> usize {
        match self.power {
            63.. => wanted,
            // Batches of another size would contain parts of two blocks.
            power => 1 << power.min(wanted.max(1).ilog2()),
        }
    }

    /// The most rows of batches that may have any of the rows, up to `wanted`.
    fn most_selected(&self, wanted: usize) -> usize {
        let most = self.most / self.longest.max(1);
        wanted.min(usize::try_from(most).unwrap_or(usize::MAX)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LevelRun::{Packed, Same};

    const WANTED: usize = 100_000;

    /// The rows in batches of rows with up to 100 values, after `skip` rows; among any rows.
    fn most(runs: &[LevelRun<'_>], most_level: i16, skip: u64) -> (usize, usize) {
        let mut counts = RowCounts::new(skip, 100);
        for run in runs {
            counts.add(std::iter::once(*run), most_level, run.len());
        }
        counts.end();
        (counts.most_rows(WANTED), counts.most_selected(WANTED))
    }

    #[test]
    fn batches_have_as_many_rows_as_their_values_allow() {
        let row = [Same(0, 1), Same(1, 24)];
        assert_eq!(most(&row.repeat(4), 1, 0), (WANTED, 4));
        assert_eq!(most(&row.repeat(5), 1, 0), (4, 4));
        assert_eq!(most(&row.repeat(9), 1, 0).0, 4);
        // Rows of one value, in runs and packed.
        assert_eq!(most(&[Same(0, 1 << 40)], 1, 0).0, 64);
        assert_eq!(most(&[Packed(&[0; 13], 101)], 1, 0).0, 64);
        assert_eq!(most(&[Packed(&[0; 13], 100)], 1, 0).0, WANTED);
        assert_eq!(most(&[Packed(&[0xfe, 0xff], 16), Packed(&[0xff; 11], 85)], 1, 0).0, 1);
        assert_eq!(most(&[Packed(&[0b1110_0100], 4), Same(2, 97), Same(0, 1)], 2, 0).0, 1);
    }

    #[test]
    fn the_first_rows_may_be_long() {
        // A row of 60 values, one of 41, and many of 1.
        let rows = [Same(0, 1), Same(1, 59), Same(0, 1), Same(1, 40), Same(0, 50)];
        assert_eq!(most(&rows, 1, 0), (1, 1));
        assert_eq!(most(&rows, 1, 1), (WANTED, 2));
        // Blocks begin after the skipped rows: 41 and 49, 41 and 59.
        assert_eq!(most(&[rows.as_slice(), &[Same(0, 10)]].concat(), 1, 1).0, 32);
        assert_eq!(most(&rows, 1, 2).0, WANTED);
    }

    #[test]
    fn a_row_that_is_too_long_is_alone() {
        let rows = [Same(0, 8), Same(1, 300), Same(0, 9)];
        assert_eq!(most(&rows, 1, 0), (1, 1));
        assert_eq!(most(&[], 1, 0).0, WANTED);
    }

    /// The same blocks summed up row by row.
    #[test]
    fn no_batch_has_too_many_values() {
        let mut state = 1_u64;
        for round in 0..200_u64 {
            let lengths: Vec<u64> = (0..round)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    1 + (state >> 33) % (1 + round % 40)
                })
                .collect();
            let skip = round / 3;
            let runs: Vec<LevelRun<'_>> =
                lengths.iter().flat_map(|length| [Same(0, 1), Same(1, length - 1)]).collect();
            let (rows, _) = most(&runs, 1, skip);
            let read = &lengths[skip as usize..];
            let fits =
                |rows: usize| read.chunks(rows).all(|batch| batch.iter().sum::<u64>() <= 100);
            assert!(fits(rows), "{lengths:?}");
            // The next larger power of two does not fit, if this is one.
            assert!(rows == WANTED || !fits(2 * rows), "{rows}: {lengths:?}");
        }
    }
}
