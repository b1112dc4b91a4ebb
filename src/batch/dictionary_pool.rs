//! One dictionary that the dictionaries of all batches are merged into.

use super::numbering::Numbering;
use crate::error::{Error, Result};
use crate::schema::{inner_fields, with_inner_types};
use arrow::array::{Array, ArrayData, ArrayRef, UInt64Array, new_empty_array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use std::sync::{Arc, OnceLock};

/// All distinct values of one dictionary.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) converter: RowConverter,
    pub(crate) numbering: Numbering,
    /// The values one after another, in the pieces in which they were added.
    pub(crate) pieces: Vec<ArrayRef>,
    /// The concatenated pieces, made on demand.
    pub(crate) values: OnceLock<ArrayRef>,
    /// The most recent dictionary, and the positions of its values here.
    pub(crate) last: Option<(ArrayData, Vec<u32>)>,
}

impl Pool {
    pub(crate) fn try_new(value_type: &DataType) -> Result<Self, ArrowError> {
        let lowered = lowered_type(value_type);
        Ok(Self {
            converter: RowConverter::new(vec![SortField::new(lowered.clone())])?,
            numbering: Numbering::default(),
            pieces: vec![new_empty_array(&lowered)],
            values: OnceLock::new(),
            last: None,
        })
    }

    /// Numbers the values of a dictionary, and adds new ones.
    pub(crate) fn learn(&mut self, dictionary: ArrayData, values: ArrayRef) -> Result<()> {
        let rows = self.converter.convert_columns(std::slice::from_ref(&values));
        let rows = rows.map_err(|e| cannot_merge(&e))?;
        let (mut places, mut added) = (Vec::with_capacity(values.len()), Vec::new());
        for (place, row) in rows.iter().enumerate() {
            let (number, is_new) = self.numbering.insert(self.numbering.key(0, row.data()))?;
            places.push(number);
            if is_new {
                added.push(place as u64);
            }
        }
        if !added.is_empty() {
            let added = take(&values, &UInt64Array::from(added), None);
            self.pieces.push(added.map_err(|e| cannot_merge(&e))?);
            self.values = OnceLock::new();
        }
        self.last = Some((dictionary, places));
        Ok(())
    }

    pub(crate) fn values(&self) -> Result<ArrayRef, ArrowError> {
        if let Some(values) = self.values.get() {
            return Ok(values.clone());
        }
        let pieces: Vec<&dyn Array> = self.pieces.iter().map(|piece| piece.as_ref()).collect();
        let values = concat(&pieces)?;
        Ok(self.values.get_or_init(|| values).clone())
    }
}

pub(crate) fn add_pools(data_type: &DataType, pools: &mut Vec<Pool>) -> Result<(), ArrowError> {
    if let DataType::Dictionary(_, values) = data_type {
        pools.push(Pool::try_new(values)?);
        return add_pools(values, pools);
    }
    inner_fields(data_type).iter().try_for_each(|field| add_pools(field.data_type(), pools))
}

/// The number of dictionaries in a type.
pub(crate) fn count(data_type: &DataType) -> usize {
    match data_type {
        DataType::Dictionary(_, values) => 1 + count(values),
        other => inner_fields(other).iter().map(|field| count(field.data_type())).sum(),
    }
}

/// The type with numbers instead of dictionaries.
pub(crate) fn lowered_type(data_type: &DataType) -> DataType {
    if let DataType::Dictionary(_, _) = data_type {
        return DataType::UInt32;
    }
    let inner = inner_fields(data_type).into_iter();
    with_inner_types(data_type, inner.map(|field| lowered_type(field.data_type())).collect())
}

pub(crate) fn lowered_field(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_data_type(lowered_type(field.data_type())))
}

pub(crate) fn cannot_merge(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot merge dictionaries: {cause}"))
}
