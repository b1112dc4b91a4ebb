//! The part of a temporary file for each key, by the hash of its values.

use super::accumulator::failed;
use crate::error::Result;
use crate::sketch::{Hashed, Hashes};
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::Field;
use foldhash::fast::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

/// Divides keys: equal ones are in one part, whatever batch they are in.
pub(super) struct KeyParts {
    columns: Vec<Hashes>,
    /// Keys come from untrusted data, and the groups of a part must be divided again by other
    /// hashes.
    state: RandomState,
    /// The hash of the keys of a batch, kept to reuse its memory.
    hashes: Vec<u64>,
}

/// The rows of a batch, part by part.
pub(super) struct Division {
    order: UInt32Array,
    /// The end of each part in the order.
    ends: Vec<usize>,
}

impl KeyParts {
    /// For keys in columns of these types.
    ///
    /// # Errors
    /// Types that cannot be compared.
    pub(super) fn try_new<'a>(keys: impl Iterator<Item = &'a Arc<Field>>) -> Result<Self> {
        let columns = keys.map(|field| Hashes::try_new(field.data_type()));
        let columns = columns.collect::<Result<_>>()?;
        Ok(Self { columns, state: RandomState::default(), hashes: Vec::new() })
    }

    /// The rows of a batch, part by part, in their order within each of `parts` parts.
    ///
    /// # Errors
    /// Keys that cannot be hashed.
    pub(super) fn divide(&mut self, keys: &[ArrayRef], parts: usize) -> Result<Division> {
        let rows = keys.first().map_or(0, |key| key.len());
        self.hash(keys, rows)?;
        let part = |hash: &u64| *hash as usize % parts;
        let mut ends = vec![0; parts];
        self.hashes.iter().for_each(|hash| ends[part(hash)] += 1);
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut order = vec![0; rows];
        for (row, hash) in (0..).zip(&self.hashes) {
            let next = &mut ends[part(hash)];
            order[*next] = row;
            *next += 1;
        }
        Ok(Division { order: order.into(), ends })
    }

    fn hash(&mut self, keys: &[ArrayRef], rows: usize) -> Result<()> {
        let Self { columns, state, hashes } = self;
        hashes.clear();
        hashes.resize(rows, 0);
        for (column, key) in columns.iter().zip(keys) {
            // Of a null only this is added, by which it makes a difference in which column it is.
            hashes.iter_mut().for_each(|hash| *hash = hash.rotate_left(5).wrapping_add(1));
            column.each(key, |row, value| {
                let mut hasher = state.build_hasher();
                hasher.write_u64(hashes[row]);
                match value {
                    Hashed::Number(number) => hasher.write_u64(number),
                    Hashed::Bytes(bytes) => hasher.write(bytes),
                }
                hashes[row] = hasher.finish();
            })?;
        }
        Ok(())
    }
}

impl Division {
    /// The rows of a batch, copied so that those of each part are together, and the rows of each
    /// part.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn apply(
        &self,
        batch: &RecordBatch,
    ) -> Result<impl Iterator<Item = (usize, RecordBatch)> + use<>> {
        let divided = take_record_batch(batch, &self.order).map_err(failed)?;
        let starts = std::iter::once(0).chain(self.ends.clone());
        let parts = starts.zip(self.ends.clone()).enumerate();
        let parts = parts.filter(|(_, (start, end))| start < end);
        Ok(parts.map(move |(part, (start, end))| (part, divided.slice(start, end - start))))
    }
}
