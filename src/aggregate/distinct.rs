//! Values that count once in each group, however often they occur.

use super::accumulator::{Accumulator, Rows, StateField, failed};
use super::collected::{Collected, unnested};
use crate::batch::KeyNumbers;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type};
use std::ops::Range;
use std::sync::Arc;

/// The distinct values of groups, numbered in the order of their first occurrence.
#[derive(Debug)]
pub(super) struct GroupedValues {
    schema: SchemaRef,
    keys: KeyNumbers,
}

/// A group's number and values of these types.
pub(super) fn group_schema(types: &[DataType]) -> SchemaRef {
    let all = std::iter::once(&DataType::UInt32).chain(types);
    let fields = all.map(|data_type| Field::new("", data_type.clone(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

impl GroupedValues {
    /// # Errors
    /// A type that cannot be compared.
    pub(super) fn try_new(schema: &SchemaRef) -> Result<Self> {
        let columns: Vec<usize> = (0..schema.fields().len()).collect();
        Ok(Self { schema: schema.clone(), keys: KeyNumbers::try_new(schema, &columns)? })
    }

    /// The number of each row's value.
    ///
    /// # Errors
    /// More values than can be numbered.
    pub(super) fn number(&mut self, rows: Rows<'_>) -> Result<Vec<u32>> {
        let groups: ArrayRef = Arc::new(UInt32Array::from(rows.groups.to_vec()));
        let columns = std::iter::once(groups).chain(rows.arguments.iter().cloned()).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(failed)?;
        let mut numbers = Vec::with_capacity(rows.groups.len());
        self.keys.number(&batch, &mut numbers)?;
        Ok(numbers)
    }

    /// All values and their groups.
    ///
    /// # Errors
    /// More bytes of text than an array can have.
    pub(super) fn all(&self) -> Result<(Vec<u32>, Vec<ArrayRef>)> {
        let mut arrays = self.keys.values_from(0)?;
        let groups = arrays.remove(0).as_primitive::<UInt32Type>().values().to_vec();
        // A map comes back as the list that it is, and an encoded value as a plain one.
        let types = self.schema.fields().iter().skip(1).map(|field| field.data_type());
        let arrays = arrays.into_iter().zip(types).map(|(array, data_type)| {
            if array.data_type() == data_type { Ok(array) } else { cast(&array, data_type) }
        });
        Ok((groups, arrays.collect::<Result<_, _>>().map_err(failed)?))
    }

    pub(super) fn bytes(&self) -> usize {
        self.keys.bytes()
    }
}

/// Another accumulator, which gets each value of a group once.
#[derive(Debug)]
pub(super) struct Distinct {
    inner: Box<dyn Accumulator>,
    values: GroupedValues,
    /// The values by group, once all are there.
    collected: Collected,
}

impl Distinct {
    /// # Errors
    /// A type that cannot be compared.
    pub(super) fn try_new(inner: Box<dyn Accumulator>, types: &[DataType]) -> Result<Self> {
        let values = GroupedValues::try_new(&group_schema(types))?;
        Ok(Self { inner, values, collected: Collected::new(types) })
    }
}

impl Accumulator for Distinct {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.values.number(rows).map(drop)
    }

    fn state_fields(&self) -> Vec<StateField> {
        self.collected.list_fields()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        let (groups, arguments) = unnested(states)?;
        self.add(Rows { groups: &groups, count: states.count, arguments: &arguments })
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        let (groups, arguments) = self.values.all()?;
        self.collected.add(&groups, &arguments, |_| true)?;
        self.collected.finish(count);
        self.inner.add(Rows { groups: &groups, count, arguments: &arguments })?;
        self.inner.finish(count)
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        self.collected.lists(groups)
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        self.inner.values(groups)
    }

    fn bytes(&self) -> usize {
        self.values.bytes() + self.inner.bytes() + self.collected.bytes()
    }
}
