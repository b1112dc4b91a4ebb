//! One dictionary for all batches of a stream in which each batch may have its own.
//!
//! While rows are moved from batch to batch, a dictionary column is a column of plain numbers: the
//! positions of its values in a dictionary of all values seen so far. This applies at any depth,
//! whatever the enclosing type: a lowered type is the type with numbers instead of dictionaries.
//! Columns without dictionaries are passed through unchanged.

use super::dictionary_pool::{Pool, add_pools, cannot_merge, count, lowered_field, lowered_type};
use crate::error::Result;
use crate::schema::{holds_dictionary, inner_fields, with_inner_types};
use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array, make_array,
};
use arrow::compute::{CastOptions, cast_with_options, take};
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef, UInt32Type};
use arrow::error::ArrowError;
use std::collections::HashMap;
use std::sync::Arc;

/// The dictionaries of a stream's columns.
#[derive(Debug)]
pub struct Dictionaries {
    schema: SchemaRef,
    lowered: SchemaRef,
    /// One for each dictionary in the schema, in depth-first order: columns from first to last,
    /// outer before inner dictionaries.
    pools: Vec<Pool>,
}

/// The result of raising numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raised {
    /// The type in the schema, with the dictionary of all values in every batch.
    Shared,
    /// The type in the schema, with a dictionary of the values in the batch.
    Compact,
    /// Dictionaries with keys that are always wide enough, only for reading the values.
    Wide,
}

impl Dictionaries {
    /// For batches with this schema.
    ///
    /// # Errors
    /// A dictionary whose values cannot be compared.
    pub fn try_new(schema: &SchemaRef) -> Result<Self> {
        let mut pools = Vec::new();
        for field in schema.fields() {
            add_pools(field.data_type(), &mut pools).map_err(|e| cannot_merge(&e))?;
        }
        let fields: Vec<FieldRef> = schema.fields().iter().map(lowered_field).collect();
        let lowered = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Self { schema: schema.clone(), lowered, pools })
    }

    /// The schema of lowered batches.
    pub fn lowered_schema(&self) -> &SchemaRef {
        &self.lowered
    }

    /// Converts a batch to one with numbers instead of dictionaries.
    ///
    /// # Errors
    /// More distinct values than can be numbered.
    pub fn lower(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.pools.is_empty() {
            return Ok(batch.clone());
        }
        let (mut next, mut columns) = (0, Vec::with_capacity(batch.num_columns()));
        for column in batch.columns() {
            columns.push(match holds_dictionary(column.data_type()) {
                true => make_array(self.lowered(column.to_data(), &mut next)?),
                false => column.clone(),
            });
        }
        batch_of(&self.lowered, columns, batch.num_rows()).map_err(|e| cannot_merge(&e))
    }

    /// The column at this position, with dictionaries that give its values.
    ///
    /// # Errors
    /// A column that was not lowered here.
    pub fn resolved(&self, batch: &RecordBatch, place: usize) -> Result<ArrayRef> {
        let column = batch.column(place);
        let field = self.schema.fields().get(place);
        let Some(field) = field.filter(|field| holds_dictionary(field.data_type())) else {
            return Ok(column.clone());
        };
        let before = self.schema.fields()[..place].iter();
        let mut next = before.map(|field| count(field.data_type())).sum();
        let raised = self.raised(column.to_data(), field.data_type(), &mut next, Raised::Wide);
        raised.map(make_array).map_err(|e| cannot_merge(&e))
    }

    /// Restores a lowered batch; it is split into several if one batch cannot have a dictionary of
    /// all its values.
    ///
    /// # Errors
    /// A batch that was not lowered here.
    pub fn raise(&self, batch: &RecordBatch, most_rows: Option<u64>) -> Result<Vec<RecordBatch>> {
        if self.pools.is_empty() {
            return Ok(vec![batch.clone()]);
        }
        // A few rows should not be sent with the values of all.
        let is_few = |pool: &Pool| most_rows.is_some_and(|rows| rows < pool.numbering.len() as u64);
        let shared = match self.pools.iter().any(is_few) {
            true => None,
            false => self.raise_all(batch, Raised::Shared).ok(),
        };
        match shared {
            Some(batch) => Ok(vec![batch]),
            None => self.raise_compact(batch),
        }
    }

    /// Halves the batch until its keys are wide enough, which they always are for a single row.
    fn raise_compact(&self, batch: &RecordBatch) -> Result<Vec<RecordBatch>> {
        match self.raise_all(batch, Raised::Compact) {
            Ok(batch) => Ok(vec![batch]),
            Err(ArrowError::DictionaryKeyOverflowError) if 1 < batch.num_rows() => {
                let half = batch.num_rows() / 2;
                let mut batches = self.raise_compact(&batch.slice(0, half))?;
                batches.extend(self.raise_compact(&batch.slice(half, batch.num_rows() - half))?);
                Ok(batches)
            }
            Err(e) => Err(cannot_merge(&e)),
        }
    }

    fn raise_all(&self, batch: &RecordBatch, how: Raised) -> Result<RecordBatch, ArrowError> {
        let (mut next, mut columns) = (0, Vec::with_capacity(batch.num_columns()));
        for (column, field) in batch.columns().iter().zip(self.schema.fields()) {
            columns.push(match holds_dictionary(field.data_type()) {
                true => {
                    make_array(self.raised(column.to_data(), field.data_type(), &mut next, how)?)
                }
                false => column.clone(),
            });
        }
        batch_of(&self.schema, columns, batch.num_rows())
    }

    fn lowered(&mut self, data: ArrayData, next: &mut usize) -> Result<ArrayData> {
        if !matches!(data.data_type(), DataType::Dictionary(_, _)) {
            let mut children = Vec::with_capacity(data.child_data().len());
            for child in data.child_data() {
                children.push(match holds_dictionary(child.data_type()) {
                    true => self.lowered(child.clone(), next)?,
                    false => child.clone(),
                });
            }
            let data_type = lowered_type(data.data_type());
            let lowered = data.into_builder().data_type(data_type).child_data(children);
            return lowered.build().map_err(|e| cannot_merge(&e));
        }
        let array = make_array(data);
        let (dictionary, number) = (array.as_any_dictionary(), *next);
        let values = dictionary.values().to_data();
        *next += 1;
        let is_known =
            |pool: &Pool| pool.last.as_ref().is_some_and(|(last, _)| last.ptr_eq(&values));
        if is_known(&self.pools[number]) {
            *next += count(values.data_type());
        } else {
            let lowered = match holds_dictionary(values.data_type()) {
                true => self.lowered(values.clone(), next)?,
                false => values.clone(),
            };
            self.pools[number].learn(values, make_array(lowered))?;
        }
        let places = self.pools[number].last.as_ref().map_or(&[][..], |(_, places)| places);
        let keys: UInt32Array = match places {
            [] => UInt32Array::new_null(array.len()),
            places => {
                let keys = dictionary.normalized_keys().into_iter().map(|key| places[key]);
                UInt32Array::new(keys.collect(), dictionary.keys().nulls().cloned())
            }
        };
        Ok(keys.into_data())
    }

    fn raised(
        &self,
        data: ArrayData,
        to: &DataType,
        next: &mut usize,
        how: Raised,
    ) -> Result<ArrayData, ArrowError> {
        let DataType::Dictionary(key_type, value_type) = to else {
            let (mut children, mut types) = (Vec::new(), Vec::new());
            for (child, field) in data.child_data().iter().zip(inner_fields(to)) {
                children.push(match holds_dictionary(field.data_type()) {
                    true => self.raised(child.clone(), field.data_type(), next, how)?,
                    false => child.clone(),
                });
                types.push(children[children.len() - 1].data_type().clone());
            }
            let to = with_inner_types(to, types);
            return data.into_builder().data_type(to).child_data(children).build();
        };
        let pool = &self.pools[*next];
        *next += 1;
        let places = make_array(data);
        let places = places.as_primitive::<UInt32Type>();
        let (places, values) = match how {
            Raised::Compact => compacted(places, &pool.values()?)?,
            _ => (places.clone(), pool.values()?),
        };
        let values = match holds_dictionary(value_type) {
            true => self.raised(values.to_data(), value_type, next, how)?,
            false => values.to_data(),
        };
        let key_type = if how == Raised::Wide { &DataType::UInt32 } else { key_type.as_ref() };
        dictionary_of(&places, values, key_type)
    }
}

/// A dictionary of these values with these keys.
fn dictionary_of(
    places: &UInt32Array,
    values: ArrayData,
    key_type: &DataType,
) -> Result<ArrayData, ArrowError> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let overflow = |_| ArrowError::DictionaryKeyOverflowError;
    // The last value must have a key, too: readers look at the whole dictionary, not only at the
    // keys in use.
    if let Some(last) = values.len().checked_sub(1) {
        let last = UInt32Array::from_value(u32::try_from(last).unwrap_or(u32::MAX), 1);
        cast_with_options(&last, key_type, &strict).map_err(overflow)?;
    }
    let keys = cast_with_options(places, key_type, &strict).map_err(overflow)?.into_data();
    let data_type =
        DataType::Dictionary(Box::new(key_type.clone()), Box::new(values.data_type().clone()));
    keys.into_builder().data_type(data_type).child_data(vec![values]).build()
}

/// Returns only the referenced values, and the positions among those.
fn compacted(
    places: &UInt32Array,
    values: &ArrayRef,
) -> Result<(UInt32Array, ArrayRef), ArrowError> {
    let (mut known, mut kept) = (HashMap::new(), Vec::new());
    let mut compact = |place: u32| {
        *known.entry(place).or_insert_with(|| {
            kept.push(place);
            kept.len() as u32 - 1
        })
    };
    let places: UInt32Array = places.iter().map(|place| place.map(&mut compact)).collect();
    Ok((places, take(values, &UInt32Array::from(kept), None)?))
}

fn batch_of(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
}
