//! Joins the batches of a stream with a table in memory.

use super::failed;
use super::index::{Index, NONE};
use super::options::How;
use super::pairs::{MOST_PAIRS, Pairs, Right, Write, indices};
use super::plan::JoinPlan;
use crate::batch::{KnownKeys, shortened};
use crate::error::{Error, Result};
use crate::schema::batch_of;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_null_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{filter_record_batch, take};
use arrow::datatypes::UInt64Type;
use arrow::util::display::array_value_to_string;

/// A table in memory, with which the batches of a stream are joined.
pub struct MemoryJoin {
    plan: JoinPlan,
    keys: KnownKeys,
    index: Index,
    /// The times of the table's rows, sorted as the index is.
    times: Vec<i128>,
    right: Right,
    /// Of a full join, the key columns of the stream, with the table's keys.
    own_keys: Vec<ArrayRef>,
    /// Of a full join, whether a row of the table has had a partner.
    seen: Vec<bool>,
    passed_rows: u64,
    pairs: Pairs,
}

/// The partners of each row of a batch.
enum Partners {
    /// One row of the table, or [`NONE`].
    One(Vec<u32>),
    /// All rows with a key, or [`NONE`].
    Many(Vec<u32>),
}

impl MemoryJoin {
    pub(super) fn new(
        plan: JoinPlan,
        keys: KnownKeys,
        index: Index,
        times: Vec<i128>,
        right: Right,
        own_keys: Vec<ArrayRef>,
        rows: usize,
    ) -> Self {
        let seen = vec![false; if plan.options.how == How::Full { rows } else { 0 }];
        let (passed_rows, pairs) = (0, Pairs::default());
        Self { plan, keys, index, times, right, own_keys, seen, passed_rows, pairs }
    }

    /// The same join after this many rows of the stream, for the numbers of rows in messages.
    pub(super) fn after(self, passed_rows: u64) -> Self {
        Self { passed_rows, ..self }
    }

    /// Joins the next batch of the stream: calls `write` with batches of the result, and `aside`
    /// with the rows of the batch that have no partner, if they are wanted and there are any.
    ///
    /// # Errors
    /// A row without the expected partners; values that cannot be compared or copied; those of
    /// `write` and `aside`.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        let partners = self.partners(batch)?;
        self.check(batch, &partners)?;
        self.passed_rows += batch.num_rows() as u64;
        if self.plan.options.unmatched {
            let alone = filtered(batch, &self.matched(&partners, false))?;
            if alone.num_rows() > 0 {
                aside(alone)?;
            }
        }
        let stream = self.plan.stream.iter().map(|place| batch.column(*place).clone());
        let mut stream: Vec<ArrayRef> = stream.collect();
        match self.plan.options.how {
            How::Semi | How::Anti => {
                let matched = self.matched(&partners, self.plan.options.how == How::Semi);
                let batch = batch_of(self.plan.schema(), stream, batch.num_rows());
                return write(filtered(&batch.map_err(failed)?, &matched)?);
            }
            How::Full => self.make_common(&mut stream)?,
            How::Inner | How::Left => {}
        }
        self.write_pairs(&partners, &stream, batch.num_rows(), write)
    }

    /// Writes the rows of the table that had no partner, after the last batch of the stream.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn finish(self, write: Write<'_>) -> Result<()> {
        if self.plan.options.how != How::Full {
            return Ok(());
        }
        let rows: Vec<u32> =
            (0..).zip(&self.seen).filter(|(_, seen)| !**seen).map(|(row, _)| row).collect();
        for rows in rows.chunks(MOST_PAIRS) {
            let (rows, count) = (indices(rows), rows.len());
            let mut own = self.own_keys.iter();
            let mut columns = Vec::new();
            for written in 0..self.plan.stream.len() {
                let data_type = self.plan.schema().field(written).data_type();
                let key = self.plan.key_of_written(written).and_then(|_| own.next());
                columns.push(match key {
                    Some(key) => take(key, &rows, None).map_err(failed)?,
                    None => new_null_array(data_type, count),
                });
            }
            for column in &self.right.columns {
                columns.push(take(column, &rows, None).map_err(failed)?);
            }
            write(batch_of(self.plan.schema(), columns, count).map_err(failed)?)?;
        }
        Ok(())
    }

    fn partners(&mut self, batch: &RecordBatch) -> Result<Partners> {
        let bound = self.plan.bound();
        let keys = bound.stream_keys.of(batch)?;
        let mut numbers = Vec::with_capacity(batch.num_rows());
        self.keys.number(&keys.batch, &mut numbers)?;
        if let Some(valid) = keys.valid {
            for (row, number) in numbers.iter_mut().enumerate() {
                if valid.is_null(row) {
                    *number = NONE;
                }
            }
        }
        let Some(as_of) = &bound.as_of else {
            let is_unique = self.index.is_unique;
            return Ok(if is_unique {
                Partners::One(self.index.rows_of(numbers))
            } else {
                Partners::Many(numbers)
            });
        };
        let times = as_of.of_stream(batch)?;
        for (number, time) in numbers.iter_mut().zip(times) {
            let places = self.index.places(*number);
            let nearest = time.and_then(|time| as_of.nearest(time, &self.times[places.clone()]));
            *number = nearest.map_or(NONE, |place| self.index.row(places.start + place));
        }
        Ok(Partners::One(numbers))
    }

    /// The number of partners of each row.
    fn counts<'a>(&'a self, partners: &'a Partners) -> impl Iterator<Item = usize> + 'a {
        let (numbers, is_one) = match partners {
            Partners::One(rows) => (rows, true),
            Partners::Many(numbers) => (numbers, false),
        };
        numbers.iter().map(move |number| {
            if is_one { usize::from(*number != NONE) } else { self.index.places(*number).len() }
        })
    }

    /// The rows that have a partner, or those that have none.
    fn matched(&self, partners: &Partners, has_partner: bool) -> BooleanArray {
        let matched = self.counts(partners).map(|count| (count > 0) == has_partner);
        BooleanArray::new(matched.collect::<BooleanBuffer>(), None)
    }

    /// # Errors
    /// A row without the expected partners.
    fn check(&self, batch: &RecordBatch, partners: &Partners) -> Result<()> {
        let Some(expect) = self.plan.options.expect else { return Ok(()) };
        let broken = self.counts(partners).enumerate().find(|(_, count)| !expect.holds(*count));
        let Some((row, count)) = broken else { return Ok(()) };
        let key = |place: usize| {
            let (schema, column) = (batch.schema(), batch.column(place));
            let name = escaped(schema.field(place).name());
            let is_null = column.logical_nulls().is_some_and(|nulls| nulls.is_null(row));
            let text = array_value_to_string(column, row);
            let value =
                if is_null { "null".into() } else { text.map_or("?".into(), |t| shortened(&t)) };
            format!("{name} = {value}")
        };
        let keys: Vec<String> = self.plan.key_places().map(key).collect();
        let partners = match count {
            0 => "no partner".to_owned(),
            count => format!("{count} partners"),
        };
        Err(Error::failed(format!(
            "row {} ({}) has {partners} in {} (--expect {})",
            self.row_number(batch, row),
            keys.join(", "),
            escaped(&self.plan.options.table_name),
            expect.word()
        )))
    }

    fn row_number(&self, batch: &RecordBatch, row: usize) -> u64 {
        match self.plan.row_number {
            Some(column) => batch.column(column).as_primitive::<UInt64Type>().value(row),
            None => self.passed_rows + row as u64,
        }
    }

    /// Converts key columns of the stream to the types of the result.
    fn make_common(&self, stream: &mut [ArrayRef]) -> Result<()> {
        for (column, field) in stream.iter_mut().zip(self.plan.schema().fields()) {
            if column.data_type() != field.data_type() {
                *column = super::keys::expanded_as(column, field.data_type())?;
            }
        }
        Ok(())
    }

    fn write_pairs(
        &mut self,
        partners: &Partners,
        stream: &[ArrayRef],
        rows: usize,
        write: Write<'_>,
    ) -> Result<()> {
        let keeps = self.plan.options.how.keeps_stream();
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.clear();
        match partners {
            Partners::One(all) => {
                let with_rows = (0..).zip(all.iter().copied());
                for (left, right) in with_rows.filter(|(_, right)| keeps || *right != NONE) {
                    pairs.left.push(left);
                    pairs.right.push(right);
                }
            }
            Partners::Many(numbers) => {
                for (left, number) in (0..).zip(numbers) {
                    let mut places = self.index.places(*number);
                    if places.is_empty() && keeps {
                        pairs.left.push(left);
                        pairs.right.push(NONE);
                    }
                    while !places.is_empty() {
                        let count = places.len().min(MOST_PAIRS - pairs.len());
                        let end = places.start + count;
                        pairs.left.extend(std::iter::repeat_n(left, count));
                        pairs.right.extend((places.start..end).map(|place| self.index.row(place)));
                        places.start = end;
                        if pairs.len() >= MOST_PAIRS {
                            self.write_some(&pairs, stream, rows, write)?;
                            pairs.clear();
                        }
                    }
                    if pairs.len() >= MOST_PAIRS {
                        self.write_some(&pairs, stream, rows, write)?;
                        pairs.clear();
                    }
                }
            }
        }
        self.write_some(&pairs, stream, rows, write)?;
        self.pairs = pairs;
        Ok(())
    }

    fn write_some(
        &mut self,
        pairs: &Pairs,
        stream: &[ArrayRef],
        rows: usize,
        write: Write<'_>,
    ) -> Result<()> {
        if !self.seen.is_empty() {
            for row in pairs.right.iter().filter(|row| **row != NONE) {
                self.seen[*row as usize] = true;
            }
        }
        pairs.write(stream, rows, &self.right, self.plan.schema(), write)
    }
}

/// The rows for which the mask is true; the same batch if it is true for all.
fn filtered(batch: &RecordBatch, mask: &BooleanArray) -> Result<RecordBatch> {
    if mask.true_count() == batch.num_rows() {
        return Ok(batch.clone());
    }
    filter_record_batch(batch, mask).map_err(failed)
}
