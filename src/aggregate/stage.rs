//! Groups in memory, and those that did not fit, part by part.

use super::groups::{BATCH_GROUPS, Groups};
use super::numbered_runs::{NumberedRuns, RunWriter};
use super::results::{numbered_batch, numbered_schema};
use super::spilled::{PARTS, Spilled, row_schema};
use crate::error::Result;
use crate::expression::AggregateList;
use crate::io::give_back_free_pages;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::path::PathBuf;
use std::sync::Arc;

/// Groups in memory, and those before them that did not fit.
pub(super) struct Stage {
    pub(super) groups: Groups,
    pub(super) plan: Arc<StagePlan>,
    pub(super) memory_bytes: usize,
    spilled: Option<Spilled>,
    /// The rows that were added to the groups in memory.
    added_rows: usize,
    /// The number of the next rows that are written without being grouped.
    ungrouped_rows: usize,
    /// The most memory that each of the groups that filled the memory took, on average.
    group_bytes: usize,
    /// The memory in use, in steps of [`STEP`], when free memory was last given back.
    steps: usize,
    /// The number of stages above, whose parts did not fit into memory.
    level: usize,
}

/// The schemas of groups, and where they go if they do not fit.
pub(super) struct StagePlan {
    pub(super) keys: SchemaRef,
    pub(super) states: SchemaRef,
    /// That of rows in the temporary file, if they can be there.
    rows: Option<SchemaRef>,
    /// That of results with the numbers of their groups.
    results: SchemaRef,
    directory: Option<PathBuf>,
}

/// Whenever groups have taken this much more memory, what their vectors have left behind is given
/// back.
const STEP: usize = 64 << 20;

/// The memory of groups that were written is given back if it is at least this: other threads, which
/// merge them, have free blocks of their own.
const LEAST_GIVEN_BACK: usize = 1 << 20;

/// The share of the memory that is left to states on their way to the temporary file and to what
/// vectors leave behind as they grow. Without it, 256 MiB became 347 with a hundred million keys in no
/// order. Beyond its largest size, more is not needed.
const RESERVED_SHARE: usize = 5;
const MOST_RESERVED_BYTES: usize = 48 << 20;

/// The share of the memory that is divided or merged at a time.
const BATCH_SHARE: usize = 16;

/// The results of fewer groups are not written at a time, however large they are.
const FEWEST_ROWS: usize = 64;

/// Parts are divided again at most this often. A key whose state alone exceeds the memory cannot
/// be divided.
const MOST_LEVELS: usize = 4;

/// If rows filled the memory and nearly all were groups, this many times as many rows follow without
/// being grouped. Then it is tried again, because keys that repeat may follow: one row of nine is
/// grouped.
const UNGROUPED_FILLS: usize = 8;

/// The memory for groups.
fn fitting_bytes(memory_bytes: usize) -> usize {
    memory_bytes - (memory_bytes / RESERVED_SHARE).min(MOST_RESERVED_BYTES)
}

impl StagePlan {
    pub(super) fn new(list: &AggregateList, groups: &Groups, directory: Option<PathBuf>) -> Self {
        Self {
            keys: list.keys().schema().clone(),
            states: groups.state_schema(list.group_schema()),
            rows: row_schema(list),
            results: numbered_schema(list),
            directory,
        }
    }
}

impl Stage {
    pub(super) fn new(groups: Groups, plan: &Arc<StagePlan>, memory_bytes: usize) -> Self {
        Self {
            groups,
            plan: Arc::clone(plan),
            memory_bytes,
            spilled: None,
            added_rows: 0,
            ungrouped_rows: 0,
            group_bytes: 0,
            steps: 0,
            level: 0,
        }
    }

    /// Whether some groups are in the temporary file.
    pub(super) fn has_spilled(&self) -> bool {
        self.spilled.is_some()
    }

    /// Adds rows: their keys, and what the aggregates need of them.
    ///
    /// # Errors
    /// A full disk; a sum that overflows.
    pub(super) fn push(&mut self, keys: &RecordBatch, inputs: &RecordBatch) -> Result<()> {
        let rows = keys.num_rows();
        if self.ungrouped_rows > 0
            && let (Some(schema), Some(spilled)) = (&self.plan.rows, &mut self.spilled)
        {
            let directory = self.plan.directory.as_deref();
            spilled.write_rows(schema, (keys, inputs), self.groups.next(), directory)?;
            self.groups.skip(rows);
            self.ungrouped_rows = self.ungrouped_rows.saturating_sub(rows);
            return Ok(());
        }
        self.groups.add(keys, inputs)?;
        self.added_rows += rows;
        self.limit()
    }

    /// Writes all groups to the temporary file if they take too much memory.
    pub(super) fn limit(&mut self) -> Result<()> {
        let steps = self.groups.bytes() / STEP;
        if self.steps < steps {
            give_back_free_pages();
            self.steps = steps;
        }
        if !self.is_full() || self.level == MOST_LEVELS {
            return Ok(());
        }
        // Only here: the few groups that are left at the end take more memory each.
        self.group_bytes = self.group_bytes.max(self.groups.bytes() / self.groups.count());
        self.spill()
    }

    /// Whether the groups take too much memory, and several share it.
    pub(super) fn is_full(&self) -> bool {
        let may_divide = !self.plan.keys.fields().is_empty() && self.groups.count() > 1;
        may_divide && fitting_bytes(self.memory_bytes) < self.groups.bytes()
    }

    fn spill(&mut self) -> Result<()> {
        let Self { plan, memory_bytes, .. } = self;
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => none.insert(Spilled::create(
                &plan.states,
                plan.keys.fields().len(),
                *memory_bytes / BATCH_SHARE,
                plan.directory.as_deref(),
            )?),
        };
        let (count, bytes) = (self.groups.count(), self.groups.bytes());
        spilled.write(&mut self.groups)?;
        self.groups = self.groups.emptied(&plan.keys, self.groups.next())?;
        let are_most_distinct = self.added_rows / 4 * 3 < count;
        self.ungrouped_rows = if are_most_distinct { UNGROUPED_FILLS * self.added_rows } else { 0 };
        self.added_rows = 0;
        if LEAST_GIVEN_BACK <= bytes {
            give_back_free_pages();
        }
        self.steps = 0;
        Ok(())
    }

    /// Calls `take` with the results of all groups and their numbers. These ascend but where a part of
    /// the temporary file begins.
    pub(super) fn each_result(
        mut self,
        take: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        if self.spilled.is_some() {
            self.spill()?;
        }
        let Some(spilled) = &self.spilled else {
            let count = self.groups.finish()?;
            // A batch of each part is in memory when they are merged.
            let share = self.memory_bytes / 4 / PARTS;
            let rows = share / (self.groups.bytes() / count.max(1)).max(1);
            let rows = rows.clamp(FEWEST_ROWS, BATCH_GROUPS);
            for start in (0..count).step_by(rows) {
                let columns = self.groups.values(start..count.min(start + rows))?;
                take(numbered_batch(&self.plan.results, columns)?)?;
            }
            return Ok(());
        };
        for part in spilled.parts() {
            let (plan, level) = (&self.plan, self.level + 1);
            let part = Self::of_part(plan, level, spilled, part, self.memory_bytes, &self.groups)?;
            part.each_result(take)?;
        }
        Ok(())
    }

    /// The results of all groups in the order of their numbers, if some are in the temporary file.
    ///
    /// # Errors
    /// A full disk; a sum that overflows.
    pub(super) fn in_order(mut self, threads: &Threads) -> Result<NumberedRuns> {
        self.spill()?;
        let Self { plan, memory_bytes, groups, .. } = &self;
        let directory = plan.directory.as_deref();
        let workers = self.most_workers().min(threads.count());
        let mut states = Vec::with_capacity(workers);
        for _ in 0..workers {
            let file = RunWriter::create(&plan.results, directory)?;
            states.push((groups.emptied(&plan.keys, 0)?, file));
        }
        if let Some(spilled) = &self.spilled {
            let share = memory_bytes / workers;
            threads.each(
                "cannot aggregate",
                &mut states,
                spilled.parts(),
                |(empty, file), part| {
                    let stage = Self::of_part(plan, self.level + 1, spilled, part, share, empty)?;
                    stage.each_result(&mut |batch| file.push(&batch))
                },
            )?;
        }
        let files = states.into_iter().map(|(_, file)| file).collect();
        NumberedRuns::merge(files, &plan.results, *memory_bytes, directory)
    }

    /// The number of parts that fit into the memory at the same time, if they are of about equal size.
    /// A part that does not fit is divided again, which costs more than a second thread saves.
    fn most_workers(&self) -> usize {
        let entries = self.spilled.as_ref().map_or(0, Spilled::entries);
        // With other numbers of groups, vectors have up to twice as much room for each.
        let part_bytes = entries / PARTS * 2 * (self.group_bytes + size_of::<u64>());
        (fitting_bytes(self.memory_bytes) / part_bytes.max(1)).clamp(1, PARTS)
    }

    /// The groups of a part of temporary files.
    fn of_part(
        plan: &Arc<StagePlan>,
        level: usize,
        spilled: &Spilled,
        part: usize,
        memory_bytes: usize,
        empty: &Groups,
    ) -> Result<Self> {
        let groups = empty.emptied(&plan.keys, 0)?;
        let mut stage = Self { level, ..Self::new(groups, plan, memory_bytes) };
        let mut batch = 0;
        while spilled.add(part, batch, &mut stage.groups)? {
            stage.limit()?;
            batch += 1;
        }
        Ok(stage)
    }
}
