//! Estimated quantiles: one of the values of a group, or a value near it.

use super::accumulator::{Accumulator, Rows, StateField, failed};
use crate::batch::vector_bytes;
use crate::error::Result;
use crate::sketch::{Number, Quantiles};
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Int64Array, ListArray,
    PrimitiveArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{self as t, DataType, Field, Int64Type, TimeUnit};
use arrow::error::ArrowError;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Estimated quantiles of values of a type.
///
/// # Errors
/// A type without an order of numbers.
pub(super) fn estimates(data_type: &DataType, share: f64) -> Result<Box<dyn Accumulator>> {
    use DataType as T;
    macro_rules! of {
        ($type:ty) => {
            Box::new(QuantileEstimates::<$type>::new(data_type, share))
        };
    }
    Ok(match data_type {
        T::Int16 => of!(t::Int16Type),
        T::Int32 => of!(t::Int32Type),
        T::Int64 => of!(t::Int64Type),
        T::Float64 => of!(t::Float64Type),
        T::Decimal32(..) => of!(t::Decimal32Type),
        T::Decimal64(..) => of!(t::Decimal64Type),
        T::Decimal128(..) => of!(t::Decimal128Type),
        T::Decimal256(..) => of!(t::Decimal256Type),
        T::Date32 => of!(t::Date32Type),
        T::Date64 => of!(t::Date64Type),
        T::Time32(TimeUnit::Second) => of!(t::Time32SecondType),
        T::Time32(_) => of!(t::Time32MillisecondType),
        T::Time64(TimeUnit::Microsecond) => of!(t::Time64MicrosecondType),
        T::Time64(_) => of!(t::Time64NanosecondType),
        T::Timestamp(TimeUnit::Second, _) => of!(t::TimestampSecondType),
        T::Timestamp(TimeUnit::Millisecond, _) => of!(t::TimestampMillisecondType),
        T::Timestamp(TimeUnit::Microsecond, _) => of!(t::TimestampMicrosecondType),
        T::Timestamp(TimeUnit::Nanosecond, _) => of!(t::TimestampNanosecondType),
        other => {
            let cause = format!("estimated quantiles of {other}");
            return Err(failed(ArrowError::NotYetImplemented(cause)));
        }
    })
}

#[derive(Debug)]
struct QuantileEstimates<P: ArrowPrimitiveType> {
    data_type: DataType,
    share: f64,
    groups: Vec<Quantiles<P::Native>>,
    bytes: usize,
    given: PhantomData<fn() -> P>,
}

impl<P: ArrowPrimitiveType<Native: Number>> QuantileEstimates<P> {
    fn new(data_type: &DataType, share: f64) -> Self {
        let (data_type, given) = (data_type.clone(), PhantomData);
        Self { data_type, share, groups: Vec::new(), bytes: 0, given }
    }

    fn grow(&mut self, count: usize) {
        if self.groups.len() < count {
            self.groups.resize_with(count, Quantiles::default);
        }
    }

    /// Changes a group, and notes the memory that it takes.
    fn change(&mut self, group: u32, change: impl FnOnce(&mut Quantiles<P::Native>)) {
        let group = &mut self.groups[group as usize];
        let before = group.bytes();
        change(group);
        self.bytes = self.bytes + group.bytes() - before;
    }

    fn array(&self, values: impl Iterator<Item = Option<P::Native>>) -> ArrayRef {
        let array: PrimitiveArray<P> = values.collect();
        Arc::new(array.with_data_type(self.data_type.clone()))
    }
}

fn list_type(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

fn lists(values: ArrayRef, lengths: &[usize]) -> Result<ArrayRef> {
    let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(Arc::new(ListArray::try_new(item, offsets, values, None).map_err(failed)?))
}

impl<P: ArrowPrimitiveType<Native: Number> + Debug> Accumulator for QuantileEstimates<P> {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count);
        for (group, value) in rows.groups.iter().zip(rows.arguments[0].as_primitive::<P>()) {
            if let Some(value) = value {
                self.change(*group, |sketch| sketch.add(value.with_one_zero(), 1));
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![
            ("smallest", self.data_type.clone()),
            ("largest", self.data_type.clone()),
            ("values", list_type(self.data_type.clone())),
            ("weights", list_type(DataType::Int64)),
            ("is_exact", DataType::Boolean),
        ]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.grow(states.count);
        let [smallest, largest] = [0, 1].map(|at| states.arguments[at].as_primitive::<P>());
        let [values, weights] = [2, 3].map(|at| states.arguments[at].as_list::<i32>());
        let is_exact = states.arguments[4].as_boolean();
        for (row, group) in states.groups.iter().enumerate() {
            // A group without values.
            if smallest.is_null(row) || largest.is_null(row) {
                continue;
            }
            let (values, weights) = (values.value(row), weights.value(row));
            let values = values.as_primitive::<P>().values().iter().copied();
            let weights = weights.as_primitive::<Int64Type>().values().iter();
            let entries = values.zip(weights.map(|weight| (*weight).max(0) as u64));
            let ends = (smallest.value(row), largest.value(row));
            self.change(*group, |sketch| sketch.merge(ends, entries, is_exact.value(row)));
        }
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let groups = &self.groups[groups];
        let lengths: Vec<usize> = groups.iter().map(|group| group.entries().count()).collect();
        let entries = || groups.iter().flat_map(Quantiles::entries);
        let weights = entries().map(|(_, weight)| weight as i64);
        let weights: ArrayRef = Arc::new(Int64Array::from_iter_values(weights));
        let values = self.array(entries().map(|(value, _)| Some(value)));
        let is_exact = groups.iter().map(|group| Some(group.is_exact()));
        Ok(vec![
            self.array(groups.iter().map(|group| group.ends().map(|(first, _)| first))),
            self.array(groups.iter().map(|group| group.ends().map(|(_, last)| last))),
            lists(values, &lengths)?,
            lists(weights, &lengths)?,
            Arc::new(is_exact.collect::<BooleanArray>()),
        ])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(self.array(self.groups[groups].iter().map(|group| group.quantile(self.share))))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.groups) + self.bytes
    }
}
