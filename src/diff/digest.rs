//! A digest of each row, by which rows are compared without regard to their order.
//!
//! It has 128 bits. That two of N different rows have the same one has a probability of about
//! N² / 2¹²⁹: 10⁻¹⁸ for 20 billion rows. It is no protection against somebody who makes such rows on
//! purpose.

use super::failed;
use super::layout::Layout;
use super::meeting::{Comparison, Values};
use crate::batch::OrderKeys;
use crate::error::Result;
use crate::schema::OrderColumn;
use arrow::array::{ArrayRef, FixedSizeBinaryArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;
use twox_hash::XxHash3_128;

/// The bytes of a digest.
const DIGEST_BYTES: i32 = 16;

/// Makes digests of rows. Rows with equal values have the same one in both tables.
pub(super) struct RowDigests {
    keys: OrderKeys,
}

impl RowDigests {
    /// # Errors
    /// A column whose values cannot be compared.
    pub(super) fn try_new(layout: &Layout) -> Result<Self> {
        let first = layout.schema.fields().len() - layout.values.len();
        let field = |(place, (_, comparison)): (usize, &(usize, Comparison))| {
            let name = layout.schema.field(first + place).name();
            Field::new(name, comparison.data_type().clone(), true)
        };
        let fields: Vec<Field> = layout.values.iter().enumerate().map(field).collect();
        let column = |(place, field): (usize, &Field)| OrderColumn {
            path: vec![place],
            name: field.name().clone(),
            descending: false,
            nulls_first: false,
        };
        let columns: Vec<OrderColumn> = fields.iter().enumerate().map(column).collect();
        let keys = OrderKeys::try_new(&Schema::new(fields), &columns);
        Ok(Self { keys: keys.map_err(|e| e.with("--ignore-order"))? })
    }

    /// The digests of rows. `side` is mixed into those of rows that have a value which the type of
    /// both tables does not have, and so equal none of the other table.
    ///
    /// # Errors
    /// Values that cannot be compared.
    pub(super) fn of(&self, values: &[Values], side: u64) -> Result<ArrayRef> {
        let columns: Vec<ArrayRef> = values.iter().map(|values| values.array.clone()).collect();
        let rows = self.keys.rows(&columns)?;
        let lost = values.iter().filter_map(|values| values.lost.clone());
        let lost: Option<BooleanBuffer> = lost.reduce(|one, two| &one | &two);
        let digest = |row: usize| {
            let is_lost = lost.as_ref().is_some_and(|lost| lost.value(row));
            let seed = if is_lost { 1 + side } else { 0 };
            XxHash3_128::oneshot_with_seed(seed, rows.row(row).data()).to_be_bytes()
        };
        let bytes: Vec<u8> = (0..rows.num_rows()).flat_map(digest).collect();
        let digests = FixedSizeBinaryArray::try_new(DIGEST_BYTES, bytes.into(), None);
        Ok(Arc::new(digests.map_err(failed)?))
    }
}

/// The field of the digests.
pub(super) fn digest_field() -> Field {
    Field::new("digest", DataType::FixedSizeBinary(DIGEST_BYTES), false)
}

/// The field of the numbers of rows.
pub(super) fn number_field() -> Field {
    Field::new("row", DataType::UInt64, false)
}
