//! Groups in a temporary file, divided by the hashes of their keys: as states, or as rows.
//!
//! If nearly every row has a key of its own, states of groups take more bytes than their rows, and
//! searching for equal keys finds none. Such rows are written as they are: their keys, the inputs of the
//! aggregates, and a number, as each group has one.

use super::accumulator::{as_type, failed};
use super::groups::Groups;
use super::key_parts::KeyParts;
use crate::batch::batch_bytes;
use crate::error::Result;
use crate::expression::AggregateList;
use crate::schema::{expand, holds_dictionary};
use crate::spill::{Extent, Spill};
use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::path::Path;
use std::sync::Arc;

/// The parts of the file: each has the groups of some hashes. With the default memory of 512 MiB,
/// parts of 40 GiB of states fit into half of it.
pub(super) const PARTS: usize = 128;

/// The most groups or rows that are divided at a time: a thousand for each part, which makes the cost
/// of a batch small. If they are large they are fewer, as they take memory beside those of the groups.
const MOST_GROUPS: usize = 1 << 17;
const FEWEST_GROUPS: usize = 1 << 10;

/// States and rows in temporary files.
pub(super) struct Spilled {
    states: Store,
    rows: Option<Store>,
    keys: usize,
    key_parts: KeyParts,
    parts: Vec<Vec<Piece>>,
    entries: usize,
    /// Rows that wait to be divided together.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    waiting_bytes: usize,
    /// The most bytes that are divided at a time.
    batch_bytes: usize,
}

/// Batches of one schema.
struct Store {
    schema: SchemaRef,
    spill: Spill,
}

/// A batch of a part.
#[derive(Clone, Copy)]
enum Piece {
    States(Extent),
    Rows(Extent),
}

/// The schema of rows in the file: the keys, which are the first columns of a schema, the inputs, and
/// a number. None if some type is not kept alone in a batch.
pub(super) fn row_schema(list: &AggregateList) -> Option<SchemaRef> {
    let keys = list.keys().schema().fields().len();
    let keys = list.group_schema().fields().iter().take(keys);
    let fields: Vec<_> = keys.chain(list.inputs().schema().fields()).cloned().collect();
    let can_be_kept = !fields.iter().any(|field| holds_dictionary(field.data_type()));
    let number = Arc::new(Field::new("", DataType::UInt64, false));
    can_be_kept.then(|| Arc::new(Schema::new([fields, vec![number]].concat())))
}

impl Spilled {
    /// Empty files for states with this schema, whose first `keys` columns are the keys. About
    /// `batch_bytes` are divided at a time.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create(
        schema: &SchemaRef,
        keys: usize,
        batch_bytes: usize,
        directory: Option<&Path>,
    ) -> Result<Self> {
        Ok(Self {
            states: Store::create(schema, directory)?,
            rows: None,
            keys,
            key_parts: KeyParts::try_new(schema.fields().iter().take(keys))?,
            parts: vec![Vec::new(); PARTS],
            entries: 0,
            waiting: Vec::new(),
            waiting_rows: 0,
            waiting_bytes: 0,
            batch_bytes,
        })
    }

    /// Writes the states of all groups.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn write(&mut self, groups: &mut Groups) -> Result<()> {
        // A key's states are read in the order in which they came.
        self.write_waiting()?;
        let count = groups.finish()?;
        self.entries += count;
        let fitting = self.batch_bytes / (groups.bytes() / count.max(1)).max(1);
        let step = fitting.clamp(FEWEST_GROUPS, MOST_GROUPS);
        for start in (0..count).step_by(step) {
            let end = count.min(start + step);
            let states = groups.states(start..end, &self.states.schema)?;
            let division = self.key_parts.divide(&states.columns()[..self.keys], PARTS)?;
            for (part, states) in division.apply(&states)? {
                self.parts[part].push(Piece::States(self.states.spill.write(&states)?));
            }
        }
        Ok(())
    }

    /// Writes rows with this schema, which are numbered from `first` on.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn write_rows(
        &mut self,
        schema: &SchemaRef,
        (keys, inputs): (&RecordBatch, &RecordBatch),
        first: u64,
        directory: Option<&Path>,
    ) -> Result<()> {
        let rows = keys.num_rows();
        let columns = keys.columns().iter().chain(inputs.columns()).zip(schema.fields());
        let columns =
            columns.map(|(column, field)| as_type(field, expand(column).map_err(failed)?));
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        columns.push(Arc::new(UInt64Array::from_iter_values(first..first + rows as u64)));
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(failed)?;
        if self.rows.is_none() {
            self.rows = Some(Store::create(schema, directory)?);
        }
        let bytes = batch_bytes(&batch);
        let is_full =
            MOST_GROUPS < self.waiting_rows + rows || self.batch_bytes < self.waiting_bytes + bytes;
        if is_full {
            self.write_waiting()?;
        }
        self.entries += rows;
        self.waiting_rows += rows;
        self.waiting_bytes += bytes;
        self.waiting.push(batch);
        Ok(())
    }

    fn write_waiting(&mut self) -> Result<()> {
        let Some(rows) = self.rows.as_mut().filter(|_| !self.waiting.is_empty()) else {
            return Ok(());
        };
        let batch = concat_batches(&rows.schema, &self.waiting).map_err(failed)?;
        self.waiting.clear();
        (self.waiting_rows, self.waiting_bytes) = (0, 0);
        let division = self.key_parts.divide(&batch.columns()[..self.keys], PARTS)?;
        let divided = division.apply(&batch)?;
        drop(batch);
        for (part, batch) in divided {
            self.parts[part].push(Piece::Rows(rows.spill.write(&batch)?));
        }
        Ok(())
    }

    /// The number of states and rows.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// The parts that have groups.
    pub(super) fn parts(&self) -> impl Iterator<Item = usize> + Send {
        let parts = self.parts.iter().enumerate();
        parts.filter(|(_, pieces)| !pieces.is_empty()).map(|(part, _)| part)
    }

    /// Adds a batch of a part to groups; the batches are numbered in the order in which they were
    /// written. Returns whether there is one.
    ///
    /// # Errors
    /// I/O errors; a sum that overflows.
    pub(super) fn add(&self, part: usize, batch: usize, groups: &mut Groups) -> Result<bool> {
        match (self.parts[part].get(batch), &self.rows) {
            (Some(Piece::States(extent)), _) => groups.merge(&self.states.spill.read(*extent)?)?,
            (Some(Piece::Rows(extent)), Some(rows)) => {
                groups.add_kept(&rows.spill.read(*extent)?)?
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Store {
    fn create(schema: &SchemaRef, directory: Option<&Path>) -> Result<Self> {
        Ok(Self { schema: schema.clone(), spill: Spill::create(schema, directory)? })
    }
}
