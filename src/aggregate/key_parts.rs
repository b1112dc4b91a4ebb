//! The part of a temporary file for each key, by the hash of its values.

use crate::error::Result;
use crate::sketch::{Hashed, Hashes};
use arrow::array::ArrayRef;
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

    /// The rows of each of `parts` parts.
    ///
    /// # Errors
    /// Keys that cannot be hashed.
    pub(super) fn divide(&mut self, keys: &[ArrayRef], parts: usize) -> Result<Vec<Vec<u32>>> {
        let Self { columns, state, hashes } = self;
        hashes.clear();
        hashes.resize(keys.first().map_or(0, |key| key.len()), 0);
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
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); parts];
        for (row, hash) in (0..).zip(hashes) {
            rows[*hash as usize % parts].push(row);
        }
        Ok(rows)
    }
}
