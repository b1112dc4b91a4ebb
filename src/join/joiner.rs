//! Reads the table, into memory or divided into a temporary file, and joins it with a stream.

use super::divided::Divided;
use super::held::Held;
use super::memory_join::MemoryJoin;
use super::options::Resources;
use super::pairs::Write;
use super::plan::JoinPlan;
use super::sorted::{Batches, SortedJoin, WINDOW_ROWS};
use super::sorted_as_of::SortedAsOf;
use super::spilled::SpilledJoin;
use crate::error::{Error, Result};
use crate::text::{escaped, size};
use arrow::array::RecordBatch;

/// A table that is being read.
pub struct TableBuilder {
    plan: JoinPlan,
    resources: Resources,
    /// The number of times that the table was divided before.
    level: usize,
    held: Held,
    divided: Option<Divided>,
}

/// Parts are divided again at most this often. Rows with a single key cannot be divided.
const MOST_LEVELS: usize = 4;

impl TableBuilder {
    /// An empty table, whose batches will have the schema of `plan`, which is that of the projected
    /// columns.
    ///
    /// # Errors
    /// Keys whose values cannot be compared (a usage error).
    pub fn try_new(plan: JoinPlan, resources: Resources) -> Result<Self> {
        Self::at_level(plan, resources, 0)
    }

    pub(super) fn at_level(plan: JoinPlan, resources: Resources, level: usize) -> Result<Self> {
        let held = Held::try_new(&plan)?;
        Ok(Self { plan, resources, level, held, divided: None })
    }

    /// Adds a batch of the table.
    ///
    /// # Errors
    /// A full disk; a table that does not fit into memory and has no keys.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(divided) = &mut self.divided {
            return divided.push(batch);
        }
        self.held.push(&self.plan, batch)?;
        if self.held.bytes() <= self.resources.memory_bytes {
            return Ok(());
        }
        let bound = self.plan.bound();
        if bound.table_keys.is_empty() {
            return Err(self.too_large());
        }
        if self.held.key_count() < 2 || self.level == MOST_LEVELS {
            return Ok(());
        }
        let keys = bound.table_keys.clone();
        let mut divided = Divided::create(&bound.table_schema, keys, &self.resources)?;
        let held = std::mem::replace(&mut self.held, Held::try_new(&self.plan)?);
        for batch in held.into_batches() {
            divided.push(&batch)?;
        }
        self.divided = Some(divided);
        Ok(())
    }

    /// The table, ready to be joined.
    ///
    /// # Errors
    /// More text in a column than an array can have; a full disk.
    pub fn finish(self) -> Result<Joiner> {
        let Self { plan, resources, level, held, divided } = self;
        Ok(match divided {
            None => Joiner::Held(Box::new(held.finish(plan)?)),
            Some(table) => {
                Joiner::Spilled(Box::new(SpilledJoin::try_new(plan, resources, level, table)?))
            }
        })
    }

    fn too_large(&self) -> Error {
        Error::limit(format!(
            "{} does not fit into {} of memory: {} rows of it take {}; raise --memory, select fewer \
             columns of it with -c, or divide it by keys with --on",
            escaped(&self.plan.options.table_name),
            size(self.resources.memory_bytes as u64),
            self.held.rows(),
            size(self.held.bytes() as u64)
        ))
    }
}

/// A table with which the batches of a stream are joined.
pub enum Joiner {
    /// The table is in memory: each batch is joined as it comes.
    Held(Box<MemoryJoin>),
    /// Both are divided into temporary files: rows come at the end.
    Spilled(Box<SpilledJoin>),
    /// Both are sorted by their keys: the table is read while the stream is joined.
    Sorted(Box<SortedJoin>),
    /// Both are sorted by time, and each row has the nearest partner.
    SortedAsOf(Box<SortedAsOf>),
}

impl Joiner {
    /// A join of a stream with a table that are both sorted, ascending, nulls last: an as-of join by
    /// their times, others by their keys.
    ///
    /// # Errors
    /// Keys whose values have no order (a usage error).
    pub fn of_sorted(plan: JoinPlan, table: Batches) -> Result<Self> {
        if let Some(as_of) = plan.bound().as_of.clone() {
            let join = SortedAsOf::try_new(plan, as_of, table, WINDOW_ROWS)?;
            return Ok(Self::SortedAsOf(Box::new(join)));
        }
        SortedJoin::try_new(plan, table).map(|join| Self::Sorted(Box::new(join)))
    }

    /// Joins the next batch of the stream: calls `write` with batches of the result, and `aside`
    /// with the rows of the batch that have no partner, if they are wanted and there are any.
    ///
    /// # Errors
    /// A row without the expected partners; values that cannot be compared or copied; a full disk;
    /// those of `write` and `aside`.
    pub fn push(&mut self, batch: &RecordBatch, aside: Write<'_>, write: Write<'_>) -> Result<()> {
        match self {
            Self::Held(join) => join.push(batch, aside, write),
            Self::Spilled(join) => join.push(batch),
            Self::Sorted(join) => join.push(batch, aside, write),
            Self::SortedAsOf(join) => join.push(batch, aside, write),
        }
    }

    /// Writes what is left after the last batch of the stream.
    ///
    /// # Errors
    /// Those of [`Self::push`].
    pub fn finish(self, aside: Write<'_>, write: Write<'_>) -> Result<()> {
        match self {
            Self::Held(join) => join.finish(write),
            Self::Spilled(join) => join.finish(join_part, aside, write),
            Self::Sorted(join) => join.finish(write),
            Self::SortedAsOf(join) => join.finish(),
        }
    }
}

/// Joins a part of both sides, which is divided again if it does not fit into memory.
fn join_part(join: &SpilledJoin, part: usize, aside: Write<'_>, write: Write<'_>) -> Result<()> {
    let (plan, resources) = (join.plan().clone(), join.resources_of_parts());
    let mut table = TableBuilder::at_level(plan, resources, join.level() + 1)?;
    join.each_of_table(part, |batch| table.push(batch))?;
    let mut joiner = table.finish()?;
    join.each_of_stream(part, |batch| joiner.push(batch, aside, write))?;
    joiner.finish(aside, write)
}
