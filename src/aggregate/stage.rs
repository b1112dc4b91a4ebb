//! Groups in memory, and those that did not fit, part by part.

use super::groups::{BATCH_GROUPS, Groups};
use super::results::numbered_batch;
use super::spilled::{PARTS, Spilled};
use crate::error::Result;
use crate::expression::AggregateList;
use crate::io::give_back_free_pages;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::path::Path;

/// Groups in memory, and those before them that did not fit.
pub(super) struct Stage {
    pub(super) groups: Groups,
    /// The schema of states.
    pub(super) states: SchemaRef,
    pub(super) spilled: Option<Spilled>,
    pub(super) keys: SchemaRef,
    pub(super) memory_bytes: usize,
    /// The memory in use, in steps of [`STEP`], when free memory was last given back.
    steps: usize,
    /// The number of stages above, whose parts did not fit into memory.
    level: usize,
}

/// Whenever groups have taken this much more memory, what their vectors have left behind is given
/// back.
const STEP: usize = 64 << 20;

/// The share of the memory that is left to states on their way to the temporary file and to what
/// vectors leave behind as they grow. Without it, 256 MiB became 347 with a hundred million keys in no
/// order. Beyond its largest size, more is not needed.
const RESERVED_SHARE: usize = 5;
const MOST_RESERVED_BYTES: usize = 48 << 20;

/// Parts are divided again at most this often. A key whose state alone exceeds the memory cannot
/// be divided.
const MOST_LEVELS: usize = 4;

impl Stage {
    pub(super) fn new(
        groups: Groups,
        group_schema: &SchemaRef,
        keys: &SchemaRef,
        memory_bytes: usize,
        level: usize,
    ) -> Self {
        let states = groups.state_schema(group_schema);
        Self { groups, states, spilled: None, keys: keys.clone(), memory_bytes, steps: 0, level }
    }

    /// Writes all groups to the temporary file if they take too much memory.
    pub(super) fn limit(&mut self, directory: Option<&Path>) -> Result<()> {
        let steps = self.groups.bytes() / STEP;
        if self.steps < steps {
            give_back_free_pages();
            self.steps = steps;
        }
        if self.is_full() && self.level < MOST_LEVELS { self.spill(directory) } else { Ok(()) }
    }

    /// Whether the groups take too much memory, and several share it.
    pub(super) fn is_full(&self) -> bool {
        let may_divide = !self.keys.fields().is_empty() && self.groups.count() > 1;
        let reserve = (self.memory_bytes / RESERVED_SHARE).min(MOST_RESERVED_BYTES);
        may_divide && self.memory_bytes - reserve < self.groups.bytes()
    }

    fn spill(&mut self, directory: Option<&Path>) -> Result<()> {
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => {
                let keys = self.keys.fields().len();
                none.insert(Spilled::create(&self.states, keys, directory)?)
            }
        };
        spilled.write(&mut self.groups, self.memory_bytes / 16)?;
        self.groups = self.groups.emptied(&self.keys, self.groups.next())?;
        if self.steps > 0 {
            give_back_free_pages();
            self.steps = 0;
        }
        Ok(())
    }

    /// Calls `take` with all groups and their numbers, in any order.
    pub(super) fn finish(
        mut self,
        list: &AggregateList,
        directory: Option<&Path>,
        take: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        if self.spilled.is_none() {
            let count = self.groups.finish()?;
            for start in (0..count).step_by(BATCH_GROUPS) {
                let groups = start..count.min(start + BATCH_GROUPS);
                take(numbered_batch(list, self.groups.values(groups)?)?)?;
            }
            return Ok(());
        }
        self.spill(directory)?;
        let Some(spilled) = self.spilled else { return Ok(()) };
        let empty = self.groups;
        for part in 0..PARTS {
            let groups = empty.emptied(&self.keys, 0)?;
            let mut stage = Self::new(
                groups,
                list.group_schema(),
                &self.keys,
                self.memory_bytes,
                self.level + 1,
            );
            for states in spilled.part(part) {
                stage.groups.merge(&states?)?;
                stage.limit(directory)?;
            }
            if stage.groups.count() > 0 || stage.spilled.is_some() {
                stage.finish(list, directory, take)?;
            }
        }
        Ok(())
    }
}
