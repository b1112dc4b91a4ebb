//! States of groups in a temporary file, divided by the hashes of their keys.

use super::accumulator::failed;
use super::groups::Groups;
use crate::batch::canonical;
use crate::error::Result;
use crate::spill::{Extent, Spill};
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, SortField};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use std::path::Path;

/// The parts of the file: each has the groups of some hashes. With the default memory of 512 MiB,
/// parts of 20 GiB of states fit into half of it.
pub(super) const PARTS: usize = 64;

/// The groups whose states are made at a time: a thousand for each part, which makes the cost of
/// a batch small.
const GROUPS: usize = 1 << 16;

/// States in a temporary file.
pub(super) struct Spilled {
    spill: Spill,
    schema: SchemaRef,
    keys: usize,
    converter: RowConverter,
    /// Keys come from untrusted data, and the groups of a part must be divided again by other
    /// hashes.
    hashes: RandomState,
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
        let empty = RecordBatch::new_empty(schema.clone());
        let fields = canonical_keys(&empty, keys)?;
        let fields = fields.iter().map(|key| SortField::new(key.data_type().clone())).collect();
        Ok(Self {
            spill: Spill::create(schema, directory)?,
            schema: schema.clone(),
            keys,
            converter: RowConverter::new(fields).map_err(failed)?,
            hashes: RandomState::default(),
            parts: vec![Vec::new(); PARTS],
        })
    }

    /// Writes all groups.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn write(&mut self, groups: &mut Groups) -> Result<()> {
        let count = groups.finish()?;
        for start in (0..count).step_by(GROUPS) {
            let states = groups.states(start..count.min(start + GROUPS), &self.schema)?;
            let keys = canonical_keys(&states, self.keys)?;
            let rows = self.converter.convert_columns(&keys).map_err(failed)?;
            let mut places: Vec<Vec<u32>> = vec![Vec::new(); PARTS];
            for (place, row) in (0..).zip(&rows) {
                let hash = self.hashes.hash_one(row.data());
                places[hash as usize % PARTS].push(place);
            }
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

fn canonical_keys(states: &RecordBatch, keys: usize) -> Result<Vec<ArrayRef>> {
    let keys = states.columns()[..keys].iter().map(canonical);
    keys.collect::<std::result::Result<_, _>>().map_err(failed)
}
