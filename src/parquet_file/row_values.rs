//! The number of values in the rows of a repeated column, counted before they are decoded: levels
//! are run-length encoded, so that 20 bytes can be a row of 2^31 values.

use super::level_runs::{LevelRun, packed_level};
use crate::text::count;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::ColumnChunkMetaData;

/// The values that a row may have in any file. Their levels take 256 MiB, and values of eight bytes
/// 512 MiB.
pub(crate) const MOST_VALUES: u64 = 1 << 26;

/// The most values in the rows of a batch, unless it is a single row.
pub(crate) const MOST_BATCH_VALUES: u64 = 1 << 28;

/// The most values in a list, whose offsets have 32 bits.
const MOST_LIST_VALUES: u64 = i32::MAX as u64;

/// The bytes of the two levels of a value.
const LEVEL_BYTES: u64 = 4;

/// Counts the values of rows.
#[derive(Debug)]
pub(crate) struct RowValues {
    batch_rows: u64,
    /// The rows that have begun.
    rows: u64,
    /// The values of the last of them.
    in_row: u64,
    /// The rows that have begun and the values of about as many rows as a batch has.
    batch: (u64, u64),
    /// The most values of a row, and of the rows of a batch.
    most: u64,
    most_in_batch: u64,
}

impl RowValues {
    /// Nothing counted. A batch has `batch_rows` rows, and a row may take `most_bytes` of memory,
    /// which depends on the size of the file.
    pub(crate) fn new(chunk: &ColumnChunkMetaData, batch_rows: usize, most_bytes: u64) -> Self {
        let most = values_in(most_bytes, chunk).clamp(MOST_VALUES, MOST_LIST_VALUES);
        let most_in_batch = MOST_BATCH_VALUES.max(most);
        // The batches of such a chunk were made for their values. Here, they are not aligned.
        let is_planned = chunk.num_values().unsigned_abs() > MOST_BATCH_VALUES;
        let most_in_batch = if is_planned { 3 * most_in_batch } else { most_in_batch };
        Self::with_limits(batch_rows as u64, most, most_in_batch)
    }

    fn with_limits(batch_rows: u64, most: u64, most_in_batch: u64) -> Self {
        Self { batch_rows, rows: 0, in_row: 0, batch: (0, 0), most, most_in_batch }
    }

    /// Counts rows that are skipped.
    pub(crate) fn skip(&mut self, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        (self.in_row, self.batch) = (0, (0, 0));
    }

    /// Counts the next `left` values, whose repetition levels are these.
    ///
    /// # Errors
    /// Too many values in a row, or in the rows of a batch.
    pub(crate) fn count<'a>(
        &mut self,
        runs: impl Iterator<Item = LevelRun<'a>>,
        most_level: i16,
        mut left: u64,
    ) -> Result<(), String> {
        for run in runs {
            let length = run.len().min(left);
            left -= length;
            match run {
                LevelRun::Same(0, _) => self.pass(length, length)?,
                LevelRun::Same(..) => self.pass(0, length)?,
                LevelRun::Packed(packed, _) if most_level == 1 => self.pass_bits(packed, length)?,
                LevelRun::Packed(packed, _) => {
                    for place in 0..length as usize {
                        let starts = packed_level(packed, most_level, place) == 0;
                        self.pass(u64::from(starts), 1)?;
                    }
                }
            }
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Counts levels of one bit. A row may be counted with up to seven values of the row before.
    fn pass_bits(&mut self, packed: &[u8], mut left: u64) -> Result<(), String> {
        for byte in packed {
            let values = left.min(8);
            left -= values;
            let rows = u64::from(byte.count_zeros()).min(values);
            self.pass(rows, values)?;
        }
        Ok(())
    }

    /// Counts values of which some begin a row.
    fn pass(&mut self, rows: u64, values: u64) -> Result<(), String> {
        self.rows = self.rows.saturating_add(rows);
        // If all of them begin a row, the last row has one value so far.
        self.in_row = match rows {
            0 => self.in_row.saturating_add(values),
            _ => values - rows + 1,
        };
        if self.batch.0 >= self.batch_rows {
            self.batch = (0, 0);
        }
        self.batch.0 = self.batch.0.saturating_add(rows);
        // Rows of one value are not many values of a batch, however many they are.
        let values = if rows == values { values.min(self.batch_rows) } else { values };
        self.batch.1 = self.batch.1.saturating_add(values);
        let row = self.rows.saturating_sub(1);
        if self.in_row > self.most {
            let most = count(self.most);
            return Err(format!(
                "row {row} has more than {most} values, the most that are read from a file of this \
                 size; choose other columns with -c"
            ));
        }
        if self.batch.1 > self.most_in_batch {
            let (most, rows) = (count(self.most_in_batch), self.batch.0);
            return Err(format!(
                "the {rows} rows up to row {row} have more than {most} values, the most in a \
                 batch; read fewer rows at a time with --batch-rows"
            ));
        }
        Ok(())
    }
}

/// The number of values of a list that these bytes of memory hold with their levels.
pub(crate) fn values_in(bytes: u64, chunk: &ColumnChunkMetaData) -> u64 {
    bytes / LEVEL_BYTES.saturating_add(decoded_bytes(chunk) as u64)
}

/// The bytes that a value takes when it is decoded, without those of text.
pub(crate) fn decoded_bytes(chunk: &ColumnChunkMetaData) -> usize {
    match chunk.column_type() {
        PhysicalType::BOOLEAN => 1,
        PhysicalType::INT32 | PhysicalType::FLOAT => 4,
        // A view, or an offset and a short string.
        PhysicalType::BYTE_ARRAY => 16,
        PhysicalType::INT64 | PhysicalType::DOUBLE | PhysicalType::INT96 => 8,
        PhysicalType::FIXED_LEN_BYTE_ARRAY => {
            usize::try_from(chunk.column_descr().type_length()).unwrap_or(16)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LevelRun::{Packed, Same};

    fn counted(runs: &[LevelRun<'_>], most_level: i16, batch_rows: u64) -> Result<u64, String> {
        let mut rows = RowValues::with_limits(batch_rows, MOST_VALUES, MOST_BATCH_VALUES);
        let values = runs.iter().map(|run| run.len()).sum();
        rows.count(runs.iter().copied(), most_level, values).map(|()| rows.rows)
    }

    #[test]
    fn rows_are_counted_in_runs_and_in_packed_levels() {
        let runs = [Same(0, 1 << 40), Packed(&[0b1101_1110, 0xff], 16), Same(1, 9)];
        assert_eq!(counted(&runs, 1, 1000), Ok((1 << 40) + 2));
        assert_eq!(counted(&[Packed(&[0b1110_0100], 4)], 2, 1000), Ok(1));
        assert_eq!(counted(&[Packed(&[0], 3)], 1, 1000), Ok(3));
    }

    #[test]
    fn a_row_of_too_many_values_is_named() {
        let long = MOST_VALUES / 2 + 1;
        let error = counted(&[Same(0, 5), Same(1, long), Same(2, long)], 2, 9).unwrap_err();
        assert!(error.starts_with("row 4 has more than 67,108,864 values, "), "{error}");
        assert_eq!(counted(&[Same(1, long), Same(0, 1), Same(1, long)], 1, 9), Ok(1));
    }

    #[test]
    fn a_batch_of_too_many_values_is_refused() {
        let row = [Same(0, 1), Same(1, MOST_VALUES - 1)];
        assert_eq!(counted(&row.repeat(9), 1, 4), Ok(9));
        let error = counted(&row.repeat(9), 1, 5).unwrap_err();
        assert!(error.starts_with("the 5 rows up to row 4 have more than 268,435,456"), "{error}");
    }
}
