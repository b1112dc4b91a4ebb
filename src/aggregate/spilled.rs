//! States of groups in a temporary file, divided by the hashes of their keys.

use super::accumulator::failed;
use super::groups::Groups;
use super::key_parts::KeyParts;
use crate::error::Result;
use crate::spill::{Extent, Spill};
use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use std::path::Path;

/// The parts of the file: each has the groups of some hashes. With the default memory of 512 MiB,
/// parts of 20 GiB of states fit into half of it.
pub(super) const PARTS: usize = 64;

/// The most groups whose states are made at a time: two thousand for each part, which makes the cost
/// of a batch small. Large states are fewer, as they take memory beside those of the groups.
const MOST_GROUPS: usize = 1 << 17;
const FEWEST_GROUPS: usize = 1 << 10;

/// States in a temporary file.
pub(super) struct Spilled {
    spill: Spill,
    schema: SchemaRef,
    keys: usize,
    key_parts: KeyParts,
    parts: Vec<Vec<Extent>>,
}

impl Spilled {
    /// An empty file for states with this schema, whose first `keys` columns are the keys.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create(
        schema: &SchemaRef,
        keys: usize,
        directory: Option<&Path>,
    ) -> Result<Self> {
        Ok(Self {
            spill: Spill::create(schema, directory)?,
            schema: schema.clone(),
            keys,
            key_parts: KeyParts::try_new(schema.fields().iter().take(keys))?,
            parts: vec![Vec::new(); PARTS],
        })
    }

    /// Writes all groups, whose states take about `batch_bytes` at a time.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn write(&mut self, groups: &mut Groups, batch_bytes: usize) -> Result<()> {
        let count = groups.finish()?;
        let fitting = batch_bytes / (groups.bytes() / count.max(1)).max(1);
        let step = fitting.clamp(FEWEST_GROUPS, MOST_GROUPS);
        for start in (0..count).step_by(step) {
            let states = groups.states(start..count.min(start + step), &self.schema)?;
            let places = self.key_parts.divide(&states.columns()[..self.keys], PARTS)?;
            for (part, places) in self.parts.iter_mut().zip(places) {
                if !places.is_empty() {
                    let states = take_record_batch(&states, &UInt32Array::from(places));
                    part.push(self.spill.write(&states.map_err(failed)?)?);
                }
            }
        }
        Ok(())
    }

    /// The batches of a part, in the order in which they were written.
    pub(super) fn part(&self, part: usize) -> impl Iterator<Item = Result<RecordBatch>> {
        self.parts[part].iter().map(|extent| self.spill.read(*extent))
    }
}
