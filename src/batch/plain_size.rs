//! The sizes of values written row by row: each row of a dictionary, of a run, or of views that
//! share bytes counts with its whole value. A small batch may have terabytes of them.

use crate::schema::holds;
use arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, GenericListViewArray, OffsetSizeTrait, RecordBatch,
    RunArray, UnionArray, downcast_run_array,
};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{ArrowNativeType, DataType, RunEndIndexType, UnionMode};
use std::iter::repeat_n;

/// Whether rows of this type may share values: then its plain size may exceed that of its buffers.
pub(crate) fn shares_values(data_type: &DataType) -> bool {
    use DataType as T;
    shares_bytes(data_type)
        || holds(data_type, |inner| matches!(inner, T::Dictionary(..) | T::RunEndEncoded(..)))
}

/// Whether rows of this type may share values without an encoding that says so.
pub(crate) fn shares_bytes(data_type: &DataType) -> bool {
    use DataType as T;
    shares_items(data_type)
        || holds(data_type, |inner| matches!(inner, T::Utf8View | T::BinaryView))
}

/// Whether rows of this type may share the items of lists, or members of unions.
pub(crate) fn shares_items(data_type: &DataType) -> bool {
    use DataType as T;
    shares_members(data_type)
        || holds(data_type, |inner| matches!(inner, T::ListView(_) | T::LargeListView(_)))
}

/// Whether rows of this type may share members of unions, which are copied for each row wherever
/// rows are chosen.
pub(crate) fn shares_members(data_type: &DataType) -> bool {
    holds(data_type, |inner| matches!(inner, DataType::Union(_, UnionMode::Dense)))
}

/// A size that the plain values of a batch do not exceed, counting the columns of some types. Cheap
/// where rows share nothing, and for dictionaries of short values.
pub(crate) fn most_plain_bytes(batch: &RecordBatch, counts: fn(&DataType) -> bool) -> u64 {
    let columns = batch.columns().iter().filter(|column| counts(column.data_type()));
    columns.map(most_bytes).fold(0, u64::saturating_add)
}

/// The plain size of each row of a batch, counting the columns of some types.
pub(crate) fn plain_row_bytes(batch: &RecordBatch, counts: fn(&DataType) -> bool) -> Vec<u64> {
    let columns = batch.columns().iter().filter(|column| counts(column.data_type()));
    columns.fold(vec![0; batch.num_rows()], |rows, column| added(rows, &value_bytes(column)))
}

fn most_bytes(array: &ArrayRef) -> u64 {
    use DataType as T;
    let rows = array.len() as u64;
    match array.data_type() {
        T::Utf8View | T::BinaryView => {
            value_bytes(array).iter().copied().fold(0, u64::saturating_add)
        }
        T::Dictionary(..) => rows.saturating_mul(widest(array.as_any_dictionary().values())),
        T::RunEndEncoded(..) => rows.saturating_mul(widest(&run_values(array))),
        T::List(_) => most_list_bytes(array.as_list::<i32>()),
        T::LargeList(_) => most_list_bytes(array.as_list::<i64>()),
        T::Map(..) => {
            let entries: ArrayRef = std::sync::Arc::new(array.as_map().entries().clone());
            most_bytes(&entries)
        }
        T::ListView(_) => most_view_bytes(array.as_list_view::<i32>()),
        T::LargeListView(_) => most_view_bytes(array.as_list_view::<i64>()),
        T::FixedSizeList(..) => most_bytes(array.as_fixed_size_list().values()),
        T::Struct(_) => {
            let columns = array.as_struct().columns().iter();
            columns.map(most_bytes).fold(rows, u64::saturating_add)
        }
        T::Union(fields, _) => {
            let children = fields.iter().map(|(id, _)| array.as_union().child(id));
            rows.saturating_mul(children.map(widest).max().unwrap_or(1))
        }
        _ => rows.saturating_mul(widest(array)),
    }
}

/// A size that no value of the array exceeds.
fn widest(array: &ArrayRef) -> u64 {
    use DataType as T;
    match array.data_type() {
        T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary | T::Utf8View | T::BinaryView => {
            value_bytes(array).into_iter().max().unwrap_or_default()
        }
        T::Dictionary(..) => widest(array.as_any_dictionary().values()),
        T::RunEndEncoded(..) => widest(&run_values(array)),
        nested if nested.is_nested() => most_bytes(array),
        flat => width(flat),
    }
}

fn most_list_bytes<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> u64 {
    let offsets = list.value_offsets();
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return 0 };
    let items = list.values().slice(first.as_usize(), last.as_usize() - first.as_usize());
    most_bytes(&items).saturating_add(list.len() as u64)
}

fn most_view_bytes<O: OffsetSizeTrait>(list: &GenericListViewArray<O>) -> u64 {
    let items: u64 =
        list.sizes().iter().map(|size| size.as_usize() as u64).fold(0, u64::saturating_add);
    items.saturating_mul(widest(list.values())).saturating_add(list.len() as u64)
}

fn value_bytes(array: &ArrayRef) -> Vec<u64> {
    use DataType as T;
    match array.data_type() {
        T::Utf8 => lengths(array.as_string::<i32>().value_offsets()),
        T::LargeUtf8 => lengths(array.as_string::<i64>().value_offsets()),
        T::Binary => lengths(array.as_binary::<i32>().value_offsets()),
        T::LargeBinary => lengths(array.as_binary::<i64>().value_offsets()),
        T::Utf8View => view_lengths(array.as_string_view().views()),
        T::BinaryView => view_lengths(array.as_binary_view().views()),
        T::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            if dictionary.values().is_empty() {
                return vec![1; array.len()];
            }
            let values = value_bytes(dictionary.values());
            dictionary.normalized_keys().into_iter().map(|key| values[key]).collect()
        }
        T::RunEndEncoded(..) => run_bytes(array),
        T::List(_) => list_bytes(array.as_list::<i32>()),
        T::LargeList(_) => list_bytes(array.as_list::<i64>()),
        T::Map(..) => {
            let map = array.as_map();
            let entries: ArrayRef = std::sync::Arc::new(map.entries().clone());
            let sums = Sums::of(&value_bytes(&entries));
            let offsets = map.value_offsets().windows(2);
            offsets.map(|pair| sums.between(pair[0].as_usize(), pair[1].as_usize())).collect()
        }
        T::ListView(_) => list_view_bytes(array.as_list_view::<i32>()),
        T::LargeListView(_) => list_view_bytes(array.as_list_view::<i64>()),
        T::FixedSizeList(_, size) => {
            let size = usize::try_from(*size).unwrap_or_default();
            let sums = Sums::of(&value_bytes(array.as_fixed_size_list().values()));
            (0..array.len()).map(|row| sums.between(row * size, (row + 1) * size)).collect()
        }
        T::Struct(_) => {
            let columns = array.as_struct().columns().iter();
            columns.fold(vec![1; array.len()], |rows, column| added(rows, &value_bytes(column)))
        }
        T::Union(..) => union_bytes(array.as_union()),
        flat => vec![width(flat); array.len()],
    }
}

/// A null is at least a character of text.
fn width(data_type: &DataType) -> u64 {
    match data_type {
        DataType::FixedSizeBinary(width) => u64::try_from(*width).unwrap_or_default().max(1),
        other => other.primitive_width().unwrap_or(1) as u64,
    }
}

fn lengths<O: ArrowNativeType>(offsets: &[O]) -> Vec<u64> {
    offsets.windows(2).map(|pair| (pair[1].as_usize() - pair[0].as_usize()) as u64).collect()
}

/// The length is in the low 32 bits of a view.
fn view_lengths(views: &ScalarBuffer<u128>) -> Vec<u64> {
    views.iter().map(|view| u64::from(*view as u32)).collect()
}

fn run_values(array: &ArrayRef) -> ArrayRef {
    downcast_run_array!(
        array => array.values_slice(),
        _ => array.clone()
    )
}

fn run_bytes(array: &ArrayRef) -> Vec<u64> {
    fn bytes<R: RunEndIndexType>(runs: &RunArray<R>) -> Vec<u64> {
        let mut rows = Vec::with_capacity(runs.len());
        let values = value_bytes(&runs.values_slice());
        for (end, value) in runs.run_ends().sliced_values().zip(values) {
            rows.extend(repeat_n(value, end.as_usize() - rows.len()));
        }
        rows
    }
    downcast_run_array!(
        array => bytes(array),
        _ => Vec::new()
    )
}

fn list_bytes<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> Vec<u64> {
    let sums = Sums::of(&value_bytes(list.values()));
    let offsets = list.value_offsets().windows(2);
    offsets.map(|pair| sums.between(pair[0].as_usize(), pair[1].as_usize())).collect()
}

fn list_view_bytes<O: OffsetSizeTrait>(list: &GenericListViewArray<O>) -> Vec<u64> {
    let sums = Sums::of(&value_bytes(list.values()));
    let places = list.offsets().iter().zip(list.sizes());
    let ends = places.map(|(start, size)| (start.as_usize(), start.as_usize() + size.as_usize()));
    ends.map(|(start, end)| sums.between(start, end)).collect()
}

fn union_bytes(union: &UnionArray) -> Vec<u64> {
    let mut children: Vec<Vec<u64>> = vec![Vec::new(); 128];
    for (id, _) in union.fields().iter() {
        children[usize::from(id.unsigned_abs()).min(127)] = value_bytes(union.child(id));
    }
    let value = |row| {
        let child = &children[usize::from(union.type_id(row).unsigned_abs()).min(127)];
        child.get(union.value_offset(row)).copied().unwrap_or(1)
    };
    (0..union.len()).map(value).collect()
}

fn added(mut rows: Vec<u64>, more: &[u64]) -> Vec<u64> {
    for (row, more) in rows.iter_mut().zip(more) {
        *row = row.saturating_add(*more);
    }
    rows
}

/// Running sums of sizes.
struct Sums(Vec<u64>);

impl Sums {
    fn of(sizes: &[u64]) -> Self {
        let running = sizes.iter().scan(0_u64, |sum, size| {
            *sum = sum.saturating_add(*size);
            Some(*sum)
        });
        Self(std::iter::once(0).chain(running).collect())
    }

    /// The size of the values from `start` to `end`, and of the list around them.
    fn between(&self, start: usize, end: usize) -> u64 {
        let last = self.0.len() - 1;
        (self.0[end.min(last)] - self.0[start.min(last)]).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        DictionaryArray, Int8Array, Int32Array, ListViewArray, StringArray, StringViewArray,
    };
    use arrow::datatypes::{Field, Int32Type};
    use std::sync::Arc;

    fn rows(array: impl Array + 'static) -> Vec<u64> {
        let array: ArrayRef = Arc::new(array);
        let rows = value_bytes(&array);
        assert!(rows.iter().sum::<u64>() <= most_bytes(&array), "{}", array.data_type());
        assert_eq!(rows.len(), array.len());
        rows
    }

    #[test]
    fn each_row_counts_with_its_whole_value() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["four", "seven77"]));
        let keys = Int32Array::from(vec![Some(1), Some(0), Some(1)]);
        let coded = DictionaryArray::<Int32Type>::new(keys, texts.clone());
        assert_eq!(rows(coded.clone()), [7, 4, 7]);
        let ends = Int32Array::from(vec![2, 5]);
        let runs = RunArray::<Int32Type>::try_new(&ends, &texts).unwrap();
        assert_eq!(rows(runs.clone()), [4, 4, 7, 7, 7]);
        assert_eq!(rows(runs.slice(1, 2)), [4, 7]);
        assert_eq!(rows(StringViewArray::from(vec![Some("abc"), None])), [3, 0]);
        let item = Arc::new(Field::new("item", DataType::Int8, true));
        let numbers: ArrayRef = Arc::new(Int8Array::from(vec![1, 2, 3]));
        let (starts, sizes) = (vec![0, 0, 2].into(), vec![3, 3, 1].into());
        let lists = ListViewArray::try_new(item, starts, sizes, numbers, None).unwrap();
        assert_eq!(rows(lists), [4, 4, 2]);
        assert!(shares_bytes(&DataType::Utf8View) && !shares_items(&DataType::Utf8View));
        assert!(shares_values(coded.data_type()) && !shares_bytes(coded.data_type()));
        assert!(!shares_values(&DataType::Utf8));
    }
}
