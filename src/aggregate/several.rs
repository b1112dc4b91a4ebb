//! The N smallest or largest values of groups, or the values that stand beside them, as lists.
//!
//! Equal ones come in the order of their rows. Nulls do not count, and a group without a value has no
//! list, as in DuckDB.

use super::accumulator::{Accumulator, Rows, StateField, failed, grow};
use super::collected::unnested;
use crate::batch::{block_bytes, canonical, vector_bytes};
use crate::error::Result;
use arrow::array::{Array, ArrayRef, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field};
use arrow::row::{RowConverter, SortField};
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

/// The first values of groups in an order.
#[derive(Debug)]
pub(super) struct Several {
    types: Vec<DataType>,
    /// Keeps at most this many of each group.
    most: usize,
    /// Encodes what decides the order, so that the first has the smallest bytes.
    by: RowConverter,
    /// Encodes the values, if others decide the order.
    values: Option<RowConverter>,
    /// The last in the order is on top.
    kept: Vec<BinaryHeap<Kept>>,
    /// For each group the first bytes of the last in the order, as a number: what is above it cannot
    /// come in. Most rows are refused by it, without following two pointers.
    bars: Vec<u64>,
    seen: u64,
    bytes: usize,
}

/// A value, compared by its place in the order and then by its row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    by: Box<[u8]>,
    row: u64,
    value: Box<[u8]>,
}

impl Several {
    /// For values of the first type, in the order of the last one.
    ///
    /// # Errors
    /// A type that has no order.
    pub(super) fn try_new(types: &[DataType], most: usize, is_largest: bool) -> Result<Self> {
        let (value, by) = (&types[0], &types[types.len() - 1]);
        let options = SortOptions { descending: is_largest, nulls_first: false };
        let by = SortField::new_with_options(by.clone(), options);
        let by = RowConverter::new(vec![by]).map_err(failed)?;
        let values =
            (types.len() > 1).then(|| RowConverter::new(vec![SortField::new(value.clone())]));
        let values = values.transpose().map_err(failed)?;
        let types = types.to_vec();
        Ok(Self { types, most, by, values, kept: Vec::new(), bars: Vec::new(), seen: 0, bytes: 0 })
    }

    fn see(&mut self, group: u32, by: &[u8], value: &[u8]) {
        self.seen += 1;
        let bar = &mut self.bars[group as usize];
        if *bar < first_bytes(by) {
            return;
        }
        let kept = &mut self.kept[group as usize];
        let new = || Kept { by: by.into(), row: self.seen, value: value.into() };
        if kept.len() < self.most {
            if kept.len() == kept.capacity() {
                // By itself, it would make room for four.
                kept.reserve_exact(kept.len().clamp(1, self.most - kept.len()));
                self.bytes += (kept.capacity() - kept.len()) * size_of::<Kept>();
            }
            self.bytes += block_bytes(by.len()) + block_bytes(value.len());
            kept.push(new());
        } else if let Some(mut last) = kept.peek_mut().filter(|last| *by < *last.by) {
            self.bytes += block_bytes(by.len()) + block_bytes(value.len());
            self.bytes -= block_bytes(last.by.len()) + block_bytes(last.value.len());
            *last = new();
        }
        if kept.len() == self.most {
            *bar = kept.peek().map_or(u64::MAX, |last| first_bytes(&last.by));
        }
    }

    fn grow(&mut self, count: usize) {
        grow(&mut self.kept, count, BinaryHeap::new());
        grow(&mut self.bars, count, u64::MAX);
    }

    /// Lists of those that are kept, by what `of` returns of each.
    fn lists(
        &self,
        groups: Range<usize>,
        converter: &RowConverter,
        of: impl Fn(&Kept) -> &[u8],
    ) -> Result<ArrayRef> {
        let kept = &self.kept[groups];
        let parser = converter.parser();
        let in_order = kept.iter().flat_map(|kept| {
            let mut kept: Vec<&Kept> = kept.iter().collect();
            kept.sort_unstable();
            kept
        });
        let rows = in_order.map(|kept| parser.parse(of(kept)));
        let items = converter.convert_rows(rows).map_err(failed)?.swap_remove(0);
        let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths(kept.iter().map(BinaryHeap::len));
        let nulls = NullBuffer::from_iter(kept.iter().map(|kept| !kept.is_empty()));
        let lists = ListArray::try_new(field, offsets, items, Some(nulls)).map_err(failed)?;
        Ok(Arc::new(lists))
    }
}

/// The first bytes as a number of the same order.
fn first_bytes(bytes: &[u8]) -> u64 {
    let mut first = [0; size_of::<u64>()];
    let length = bytes.len().min(first.len());
    first[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(first)
}

impl Accumulator for Several {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count);
        let (value, by) = (&rows.arguments[0], &rows.arguments[rows.arguments.len() - 1]);
        let by = canonical(by).map_err(failed)?;
        let nulls = NullBuffer::union(value.logical_nulls().as_ref(), by.logical_nulls().as_ref());
        let by = self.by.convert_columns(&[by]).map_err(failed)?;
        let values =
            self.values.as_ref().map(|values| values.convert_columns(std::slice::from_ref(value)));
        let values = values.transpose().map_err(failed)?;
        for (row, group) in rows.groups.iter().enumerate() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                let value = values.as_ref().map(|values| values.row(row));
                let value = value.as_ref().map_or(&[][..], |value| value.data());
                self.see(*group, by.row(row).data(), value);
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        let list =
            |item: &DataType| DataType::List(Arc::new(Field::new_list_field(item.clone(), true)));
        ["value", "by"].into_iter().zip(self.types.iter().map(list)).collect()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        let (groups, arguments) = unnested(states)?;
        self.add(Rows { groups: &groups, count: states.count, arguments: &arguments })
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let by = self.lists(groups.clone(), &self.by, |kept| &kept.by)?;
        Ok(match self.values {
            Some(_) => vec![self.values(groups)?, by],
            None => vec![by],
        })
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        match &self.values {
            Some(values) => self.lists(groups, values, |kept| &kept.value),
            None => self.lists(groups, &self.by, |kept| &kept.by),
        }
    }

    fn bytes(&self) -> usize {
        self.bytes + vector_bytes(&self.kept) + vector_bytes(&self.bars)
    }
}
