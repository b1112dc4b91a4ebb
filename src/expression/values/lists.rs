//! Lists of any layout: their elements, and which of them a row has.

use super::kind::plain_type;
use super::value_reader::Reader;
use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait};
use arrow::datatypes::{DataType, Field};
use std::ops::Range;

/// The elements of all lists of an array, and the range of each row's elements among them.
pub(crate) type Ranges<'a> = (ArrayRef, Reader<'a, Range<usize>>);

/// Reads an array of lists of any layout; None for other types.
pub(crate) fn ranges(array: &ArrayRef) -> Option<Ranges<'_>> {
    Some(match array.data_type() {
        DataType::List(_) => lists::<i32>(array),
        DataType::LargeList(_) => lists::<i64>(array),
        DataType::ListView(_) => views::<i32>(array),
        DataType::LargeListView(_) => views::<i64>(array),
        DataType::FixedSizeList(_, size) => {
            let lists = array.as_fixed_size_list();
            let size = *size as usize;
            (lists.values().clone(), Box::new(move |row| row * size..(row + 1) * size))
        }
        _ => return None,
    })
}

fn lists<O: OffsetSizeTrait>(array: &ArrayRef) -> Ranges<'_> {
    let lists = array.as_list::<O>();
    let offsets = lists.value_offsets();
    let range = |row: usize| offsets[row].as_usize()..offsets[row + 1].as_usize();
    (lists.values().clone(), Box::new(range))
}

fn views<O: OffsetSizeTrait>(array: &ArrayRef) -> Ranges<'_> {
    let lists = array.as_list_view::<O>();
    let (offsets, sizes) = (lists.value_offsets(), lists.value_sizes());
    let range = |row: usize| {
        let start = offsets[row].as_usize();
        start..start + sizes[row].as_usize()
    };
    (lists.values().clone(), Box::new(range))
}

/// The field of a list's elements; None if the type is not a list.
pub(crate) fn element_field(list: &DataType) -> Option<&Field> {
    match list {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => Some(field),
        _ => None,
    }
}

/// The type of a list's elements, without their encoding.
pub(crate) fn element_type(list: &DataType) -> Option<&DataType> {
    element_field(list).map(|field| plain_type(field.data_type()))
}
