//! Rows that are taken in the order of an `ORDER BY`.

use super::accumulator::{Accumulator, Rows, StateField};
use super::collected::Collected;
use crate::batch::OrderKeys;
use crate::error::Result;
use crate::expression::Aggregation;
use crate::schema::OrderColumn;
use arrow::array::{ArrayRef, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema};
use std::ops::Range;

/// Another accumulator, which gets the rows of each group in order. They are kept until all are
/// there: the arguments, then the columns of the order.
#[derive(Debug)]
pub(super) struct Ordered {
    inner: Box<dyn Accumulator>,
    arguments: usize,
    keys: OrderKeys,
    rows: Collected,
}

impl Ordered {
    /// # Errors
    /// A type that has no order.
    pub(super) fn try_new(
        call: &Aggregation,
        inner: Box<dyn Accumulator>,
        types: &[DataType],
    ) -> Result<Self> {
        let arguments = call.arguments.len();
        let fields = types.iter().map(|data_type| Field::new("order", data_type.clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        let columns = call.order.iter().enumerate().map(|(place, order)| OrderColumn {
            path: vec![arguments + place],
            name: call.text.clone(),
            descending: order.descending,
            nulls_first: order.nulls_first,
        });
        let keys = OrderKeys::try_new(&schema, &columns.collect::<Vec<_>>())?;
        Ok(Self { inner, arguments, keys, rows: Collected::new(types) })
    }
}

impl Accumulator for Ordered {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.rows.add(rows.groups, rows.arguments, |_| true)
    }

    fn state_fields(&self) -> Vec<StateField> {
        self.rows.list_fields()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.rows.merge(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        /// The groups whose rows are sorted together.
        const GROUPS: usize = 4096;
        self.rows.finish(count);
        for first in (0..count).step_by(GROUPS) {
            let (arrays, lengths) = self.rows.rows(first..count.min(first + GROUPS))?;
            let keys = self.keys.rows(&arrays)?;
            let mut order: Vec<u64> = (0..lengths.iter().sum::<usize>() as u64).collect();
            let mut groups = Vec::with_capacity(order.len());
            for (group, length) in (first as u32..).zip(lengths) {
                let start = groups.len();
                // Equal rows keep their order.
                order[start..start + length].sort_by_key(|row| keys.row(*row as usize));
                groups.resize(start + length, group);
            }
            let order = UInt64Array::from(order);
            let sorted = arrays[..self.arguments].iter().map(|array| take(array, &order, None));
            let arguments: Vec<ArrayRef> =
                sorted.collect::<Result<_, _>>().map_err(super::accumulator::failed)?;
            self.inner.add(Rows { groups: &groups, count, arguments: &arguments })?;
        }
        self.inner.finish(count)
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        self.rows.lists(groups)
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        self.inner.values(groups)
    }

    fn bytes(&self) -> usize {
        self.rows.bytes() + self.inner.bytes()
    }
}
