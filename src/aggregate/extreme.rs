//! The smallest and the largest values of groups, and the values that stand beside them.
//!
//! The order is that of all tools: NaN is the largest number, -0 equals 0, text is ordered by its
//! bytes.

use super::accumulator::{Accumulator, Rows, StateField, failed, grow};
use super::picked::Picks;
use crate::batch::{block_bytes, canonical, vector_bytes};
use crate::error::Result;
use arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray,
    downcast_primitive,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};
use std::cmp::Ordering;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

/// The smallest or the largest values of a type.
///
/// # Errors
/// A type that has no order.
pub(super) fn accumulator(given: &DataType, is_largest: bool) -> Result<Box<dyn Accumulator>> {
    macro_rules! primitive {
        ($type:ty) => {
            Box::new(Primitives::<$type>::new(given, is_largest))
        };
    }
    Ok(downcast_primitive! {
        given => (primitive),
        _ => Box::new(Encoded::try_new(given, is_largest)?),
    })
}

/// The order that a better value has to the best so far.
fn better(is_largest: bool) -> Ordering {
    if is_largest { Ordering::Greater } else { Ordering::Less }
}

/// Values of a fixed width.
#[derive(Debug)]
struct Primitives<T: ArrowPrimitiveType> {
    data_type: DataType,
    better: Ordering,
    best: Vec<T::Native>,
    is_known: Vec<bool>,
}

impl<T: ArrowPrimitiveType> Primitives<T> {
    fn new(data_type: &DataType, is_largest: bool) -> Self {
        let (best, is_known) = (Vec::new(), Vec::new());
        Self { data_type: data_type.clone(), better: better(is_largest), best, is_known }
    }

    fn grow(&mut self, count: usize) {
        grow(&mut self.best, count, T::Native::default());
        grow(&mut self.is_known, count, false);
    }

    #[inline]
    fn see(&mut self, group: u32, value: T::Native) {
        let group = group as usize;
        if !self.is_known[group] || value.compare(self.best[group]) == self.better {
            self.best[group] = value;
            self.is_known[group] = true;
        }
    }
}

impl<T: ArrowPrimitiveType + Debug> Accumulator for Primitives<T> {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count);
        let values = canonical(&rows.arguments[0]).map_err(failed)?;
        let values = values.as_primitive::<T>();
        match values.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => {
                for (group, value) in rows.groups.iter().zip(values.values()) {
                    self.see(*group, *value);
                }
            }
            Some(nulls) => {
                for row in nulls.valid_indices() {
                    self.see(rows.groups[row], values.value(row));
                }
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("value", self.data_type.clone())]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.add(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values(groups)?])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let nulls = NullBuffer::from(self.is_known[groups.clone()].to_vec());
        let values = PrimitiveArray::<T>::new(self.best[groups].to_vec().into(), Some(nulls));
        Ok(Arc::new(values.with_data_type(self.data_type.clone())))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.best) + vector_bytes(&self.is_known)
    }
}

/// The best values of groups in Arrow's row format.
#[derive(Debug)]
struct BestRows {
    better: Ordering,
    converter: RowConverter,
    best: Vec<Option<Box<[u8]>>>,
    bytes: usize,
}

impl BestRows {
    fn try_new(data_type: &DataType, is_largest: bool) -> Result<Self> {
        let converter = RowConverter::new(vec![SortField::new(data_type.clone())]);
        let converter = converter.map_err(failed)?;
        Ok(Self { better: better(is_largest), converter, best: Vec::new(), bytes: 0 })
    }

    /// Takes the values that are better than those before; `use_row` gets the group and the row of
    /// each.
    fn add(
        &mut self,
        groups: &[u32],
        values: &ArrayRef,
        is_candidate: impl Fn(usize) -> bool,
        mut use_row: impl FnMut(u32, usize),
    ) -> Result<()> {
        let values = canonical(values).map_err(failed)?;
        let nulls = values.logical_nulls();
        let rows = self.converter.convert_columns(&[values]).map_err(failed)?;
        for (row, group) in groups.iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) || !is_candidate(row) {
                continue;
            }
            let (best, value) = (&mut self.best[*group as usize], rows.row(row));
            let is_better = best.as_ref().is_none_or(|best| value.data().cmp(best) == self.better);
            if is_better {
                self.bytes += block_bytes(value.data().len());
                self.bytes -= best.as_ref().map_or(0, |best| block_bytes(best.len()));
                *best = Some(value.data().into());
                use_row(*group, row);
            }
        }
        Ok(())
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let null = arrow::array::new_null_array(&self.data_type()?, 1);
        let null = self.converter.convert_columns(&[null]).map_err(failed)?;
        let parser = self.converter.parser();
        let rows = self.best[groups].iter().map(|best| match best {
            Some(best) => parser.parse(best),
            None => null.row(0),
        });
        let mut arrays = self.converter.convert_rows(rows).map_err(failed)?;
        Ok(arrays.swap_remove(0))
    }

    fn data_type(&self) -> Result<DataType> {
        let arrays = self.converter.convert_rows(std::iter::empty::<arrow::row::Row<'_>>());
        Ok(arrays.map_err(failed)?.swap_remove(0).data_type().clone())
    }

    fn bytes(&self) -> usize {
        self.bytes + vector_bytes(&self.best)
    }
}

/// Values of other types.
#[derive(Debug)]
struct Encoded {
    data_type: DataType,
    best: BestRows,
}

impl Encoded {
    fn try_new(data_type: &DataType, is_largest: bool) -> Result<Self> {
        Ok(Self { data_type: data_type.clone(), best: BestRows::try_new(data_type, is_largest)? })
    }
}

impl Accumulator for Encoded {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.best.best, rows.count, None);
        self.best.add(rows.groups, &rows.arguments[0], |_| true, |_, _| {})
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("value", self.data_type.clone())]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.add(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.best.best, count, None);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values(groups)?])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        self.best.values(groups)
    }

    fn bytes(&self) -> usize {
        self.best.bytes()
    }
}

/// The values of the rows in which another value is the smallest or the largest; the first of
/// several. Rows in which either is null do not count.
#[derive(Debug)]
pub(super) struct ByOther {
    types: Vec<DataType>,
    best: BestRows,
    picks: Picks,
}

impl ByOther {
    /// For values of the first type, by those of the second.
    ///
    /// # Errors
    /// A type that has no order.
    pub(super) fn try_new(types: &[DataType], is_largest: bool) -> Result<Self> {
        let best = BestRows::try_new(&types[1], is_largest)?;
        Ok(Self { types: types.to_vec(), best, picks: Picks::new(&types[0]) })
    }
}

impl Accumulator for ByOther {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.best.best, rows.count, None);
        self.picks.grow(rows.count);
        let nulls = rows.arguments[0].logical_nulls();
        let is_value = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let mut picked = Vec::new();
        let pick = |group, row| picked.push((group, row));
        self.best.add(rows.groups, &rows.arguments[1], is_value, pick)?;
        self.picks.pick(&rows.arguments[0], &picked)
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("value", self.types[0].clone()), ("by", self.types[1].clone())]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.add(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.best.best, count, None);
        self.picks.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.picks.values(groups.clone())?, self.best.values(groups)?])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        self.picks.values(groups)
    }

    fn bytes(&self) -> usize {
        self.best.bytes() + self.picks.bytes()
    }
}
