//! Writes the rows of a join, whose partners are known.

use super::failed;
use super::index::NONE;
use super::merge::Merge;
use super::options::How;
use super::pairs::{MOST_PAIRS, Pairs, Right, Sides, Write};
use super::partners::Partners;
use super::plan::JoinPlan;
use crate::batch::shortened;
use crate::error::{Error, Result};
use crate::schema::batch_of;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_empty_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::UInt64Type;
use arrow::util::display::array_value_to_string;
use std::ops::Range;

/// Writes rows of the stream with their partners.
pub(super) struct ResultWriter {
    plan: JoinPlan,
    right: Right,
    /// Of a full join, whether a row of the table has had a partner.
    seen: Vec<bool>,
    /// Of a full join of sorted inputs, the order of the rows of the next batch.
    merge: Option<Merge>,
    passed_rows: u64,
    pairs: Pairs,
}

impl ResultWriter {
    /// For a table with this many rows.
    pub(super) fn new(plan: JoinPlan, right: Right, rows: usize) -> Self {
        let seen = vec![false; if plan.options.how == How::Full { rows } else { 0 }];
        Self { plan, right, seen, merge: None, passed_rows: 0, pairs: Pairs::default() }
    }

    pub(super) fn plan(&self) -> &JoinPlan {
        &self.plan
    }

    /// The same after this many rows of the stream, for the numbers of rows in messages; the first
    /// rows of the table have had partners, or not.
    pub(super) fn after(mut self, passed_rows: u64, seen: &[bool]) -> Self {
        self.seen[..seen.len()].copy_from_slice(seen);
        Self { passed_rows, ..self }
    }

    /// Whether each row of the table has had a partner, if the join is full.
    pub(super) fn into_seen(self) -> Vec<bool> {
        self.seen
    }

    /// Gives the rows of the table that are partners of the next batch.
    pub(super) fn set_table(&mut self, right: Right) {
        self.right = right;
    }

    /// Gives the order of the rows of the next batch.
    pub(super) fn set_order(&mut self, merge: Option<Merge>) {
        self.merge = merge;
    }

    /// Writes the rows of the next batch of the stream.
    ///
    /// # Errors
    /// A row without the expected partners; rows that cannot be copied; those of `write` and
    /// `aside`.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        partners: &Partners<'_>,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        self.check(batch, partners)?;
        self.passed_rows += batch.num_rows() as u64;
        if self.plan.options.unmatched {
            let alone = filtered(batch, &partners.matched(false))?;
            if alone.num_rows() > 0 {
                aside(alone)?;
            }
        }
        let stream = self.plan.stream.iter().map(|place| batch.column(*place).clone());
        let mut stream: Vec<ArrayRef> = stream.collect();
        match self.plan.options.how {
            How::Semi | How::Anti => {
                let matched = partners.matched(self.plan.options.how == How::Semi);
                let batch = batch_of(self.plan.schema(), stream, batch.num_rows());
                return write(filtered(&batch.map_err(failed)?, &matched)?);
            }
            How::Full => self.make_common(&mut stream)?,
            How::Inner | How::Left => {}
        }
        self.write_pairs(partners, &stream, batch.num_rows(), write)
    }

    /// Writes the rows of the table that had no partner, after the last batch of the stream.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn finish(self, write: Write<'_>) -> Result<()> {
        self.write_alone(0..self.seen.len(), write)
    }

    /// Writes those of some rows of the table that had no partner.
    ///
    /// # Errors
    /// Rows that cannot be copied; those of `write`.
    pub(super) fn write_alone(&self, rows: Range<usize>, write: Write<'_>) -> Result<()> {
        let alone: Vec<u32> = rows.filter(|row| !self.seen[*row]).map(|row| row as u32).collect();
        let fields = self.plan.schema().fields().iter().take(self.plan.stream.len());
        let stream: Vec<ArrayRef> =
            fields.map(|field| new_empty_array(field.data_type())).collect();
        for rows in alone.chunks(MOST_PAIRS) {
            let pairs = Pairs { left: vec![NONE; rows.len()], right: rows.to_vec() };
            pairs.write(&self.sides(&stream, 0), write)?;
        }
        Ok(())
    }

    fn sides<'a>(&'a self, stream: &'a [ArrayRef], stream_rows: usize) -> Sides<'a> {
        Sides { stream, stream_rows, table: &self.right, schema: self.plan.schema() }
    }

    /// # Errors
    /// A row without the expected partners.
    fn check(&self, batch: &RecordBatch, partners: &Partners<'_>) -> Result<()> {
        let Some(expect) = self.plan.options.expect else { return Ok(()) };
        let broken = partners.counts().enumerate().find(|(_, count)| !expect.holds(*count));
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
        partners: &Partners<'_>,
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
            Partners::Many(numbers, index) => {
                for (left, number) in (0..).zip(numbers) {
                    let mut places = index.places(*number);
                    if places.is_empty() && keeps {
                        pairs.left.push(left);
                        pairs.right.push(NONE);
                    }
                    while !places.is_empty() {
                        let count = places.len().min(MOST_PAIRS - pairs.len());
                        let end = places.start + count;
                        pairs.left.extend(std::iter::repeat_n(left, count));
                        pairs.right.extend((places.start..end).map(|place| index.row(place)));
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
        let merged = self.merge.as_mut().map(|merge| merge.merged(pairs, &self.seen));
        merged.as_ref().unwrap_or(pairs).write(&self.sides(stream, rows), write)
    }
}

/// The rows for which the mask is true; the same batch if it is true for all.
fn filtered(batch: &RecordBatch, mask: &BooleanArray) -> Result<RecordBatch> {
    if mask.true_count() == batch.num_rows() {
        return Ok(batch.clone());
    }
    filter_record_batch(batch, mask).map_err(failed)
}
