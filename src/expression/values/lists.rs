//! Lists of any layout: their elements, and which of them a row has.

use super::kind::plain_type;
use super::value_reader::Reader;
use crate::schema::element_field;
use arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, GenericListViewArray, OffsetSizeTrait,
};
use arrow::datatypes::DataType;
use std::ops::Range;

/// The elements of all lists of an array, and the range of each row's elements among them.
pub(crate) type Ranges<'a> = (ArrayRef, Reader<'a, Range<usize>>);

/// Why `||` and the functions that join text refuse a list: DuckDB gives a list there.
pub(crate) const NOT_CONCATENATED: &str = "lists are not concatenated; CAST the list to VARCHAR to \
                                           join its text, or pipe the stream to DuckDB";

/// Reads an array of lists of any layout; None for other types.
pub(crate) fn ranges(array: &ArrayRef) -> Option<Ranges<'_>> {
    Some(match array.data_type() {
        DataType::List(_) => between(array.as_list::<i32>()),
        DataType::LargeList(_) => between(array.as_list::<i64>()),
        DataType::ListView(_) => from_starts(array.as_list_view::<i32>()),
        DataType::LargeListView(_) => from_starts(array.as_list_view::<i64>()),
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            let elements = array.as_fixed_size_list().values().clone();
            (elements, Box::new(move |row| row * size..(row + 1) * size))
        }
        _ => return None,
    })
}

fn between<O: OffsetSizeTrait>(lists: &GenericListArray<O>) -> Ranges<'_> {
    let offsets = lists.value_offsets();
    let range = |row: usize| offsets[row].as_usize()..offsets[row + 1].as_usize();
    (lists.values().clone(), Box::new(range))
}

fn from_starts<O: OffsetSizeTrait>(lists: &GenericListViewArray<O>) -> Ranges<'_> {
    let range = |row: usize| {
        let start = lists.value_offset(row).as_usize();
        start..start + lists.value_size(row).as_usize()
    };
    (lists.values().clone(), Box::new(range))
}

/// The type of a list's elements, without their encoding.
pub(crate) fn element_type(list: &DataType) -> Option<&DataType> {
    element_field(list).map(|field| plain_type(field.data_type()))
}
