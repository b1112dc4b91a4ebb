//! Rows in a temporary file, divided by the hashes of their keys.

use super::failed;
use super::keys::KeyColumns;
use super::options::Resources;
use crate::batch::{Dictionaries, batch_bytes, canonical};
use crate::error::Result;
use crate::spill::{Extent, Spill};
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, SortField};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;

/// The parts of the file. With the default memory of 512 MiB, parts of 15 GiB fit into half of it.
pub(super) const PARTS: usize = 64;

/// Rows are divided at this many, or this many bytes: enough for each part that the cost of a batch
/// is small.
const ROWS: usize = 1 << 16;
const BYTES: usize = 32 << 20;

/// Rows of one side.
pub(super) struct Divided {
    spill: Spill,
    dictionaries: Dictionaries,
    keys: KeyColumns,
    converter: RowConverter,
    /// Those of both sides are the same, and others when a part is divided again. Keys come from
    /// untrusted data.
    hashes: RandomState,
    /// Rows to be divided, with the part of each.
    waiting: Vec<RecordBatch>,
    places: Vec<usize>,
    waiting_bytes: usize,
    parts: Vec<Vec<Extent>>,
}

impl Divided {
    /// # Errors
    /// I/O errors.
    pub(super) fn create(
        schema: &SchemaRef,
        keys: KeyColumns,
        resources: &Resources,
    ) -> Result<Self> {
        Self::with_hashes(schema, keys, resources, RandomState::default())
    }

    /// The rows of the other side, whose keys have the same hashes.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn other_side(
        &self,
        schema: &SchemaRef,
        keys: KeyColumns,
        resources: &Resources,
    ) -> Result<Self> {
        Self::with_hashes(schema, keys, resources, self.hashes.clone())
    }

    fn with_hashes(
        schema: &SchemaRef,
        keys: KeyColumns,
        resources: &Resources,
        hashes: RandomState,
    ) -> Result<Self> {
        let empty = canonical_keys(&keys, &RecordBatch::new_empty(schema.clone()))?;
        let fields = empty.iter().map(|key| SortField::new(key.data_type().clone())).collect();
        let dictionaries = Dictionaries::try_new(schema)?;
        let directory = resources.temporary_directory.as_deref();
        Ok(Self {
            spill: Spill::create(dictionaries.lowered_schema(), directory)?,
            dictionaries,
            keys,
            converter: RowConverter::new(fields).map_err(failed)?,
            hashes,
            waiting: Vec::new(),
            places: Vec::new(),
            waiting_bytes: 0,
            parts: vec![Vec::new(); PARTS],
        })
    }

    /// # Errors
    /// A full disk.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let keys = canonical_keys(&self.keys, batch)?;
        let rows = self.converter.convert_columns(&keys).map_err(failed)?;
        self.places
            .extend(rows.iter().map(|row| self.hashes.hash_one(row.data()) as usize % PARTS));
        let lowered = self.dictionaries.lower(batch)?;
        self.waiting_bytes += batch_bytes(&lowered);
        self.waiting.push(lowered);
        if ROWS <= self.places.len() || BYTES <= self.waiting_bytes {
            self.divide()
        } else {
            Ok(())
        }
    }

    /// Writes the waiting rows.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn divide(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let places = std::mem::take(&mut self.places);
        self.waiting_bytes = 0;
        let Some(first) = waiting.first() else { return Ok(()) };
        let all = concat_batches(first.schema_ref(), &waiting).map_err(failed)?;
        drop(waiting);
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); PARTS];
        for (row, part) in (0..).zip(places) {
            rows[part].push(row);
        }
        for (part, rows) in self.parts.iter_mut().zip(rows) {
            if !rows.is_empty() {
                let rows = take_record_batch(&all, &UInt32Array::from(rows)).map_err(failed)?;
                part.push(self.spill.write(&rows)?);
            }
        }
        Ok(())
    }

    pub(super) fn has(&self, part: usize) -> bool {
        !self.parts[part].is_empty()
    }

    /// Calls `take` with the batches of a part, in the order in which they came.
    ///
    /// # Errors
    /// I/O errors; those of `take`.
    pub(super) fn each(
        &self,
        part: usize,
        mut take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for extent in &self.parts[part] {
            let batch = self.spill.read(*extent)?;
            self.dictionaries.raise(&batch, None)?.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }
}

fn canonical_keys(keys: &KeyColumns, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
    let keys = keys.of(batch)?.batch;
    keys.columns().iter().map(|key| canonical(key).map_err(failed)).collect()
}
