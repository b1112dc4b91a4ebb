//! Casts of lists and structs: element by element, and field by field, matched by name.

use super::cast::{CastWork, Conversion};
use super::cast_value::cannot_convert;
use super::node::masked;
use crate::error::{Error, Result};
use crate::expression::values::kind::plain_type;
use crate::expression::values::lists::{element_type, ranges};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt64Array, new_null_array};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, Fields};
use std::sync::Arc;

/// Whether any value of one nested type could be converted to the other.
pub(crate) fn is_possible(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (DataType::Struct(own), DataType::Struct(wanted)) => {
            let found = wanted.iter().map(|field| place(own, field.name()).map(|at| (at, field)));
            let found: Vec<_> = found.flatten().collect();
            let fits = |(at, field): &(usize, &FieldRef)| {
                Conversion::is_possible(plain_type(own[*at].data_type()), field.data_type())
            };
            !found.is_empty() && found.iter().all(fits)
        }
        (list, DataType::List(wanted)) => element_type(list)
            .is_some_and(|element| Conversion::is_possible(element, wanted.data_type())),
        _ => false,
    }
}

/// The index of the field with exactly this name, else of the first that matches regardless of
/// case.
fn place(fields: &Fields, name: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| field.name() == name);
    exact.or_else(|| fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
}

/// Lists of converted elements.
///
/// # Errors
/// An element that cannot be converted.
pub(crate) fn lists(work: &CastWork<'_>, element: &FieldRef) -> Result<ArrayRef> {
    let (elements, range) = ranges(work.array).ok_or_else(|| work.impossible())?;
    let nulls = work.array.logical_nulls();
    let (mut places, mut parents, mut offsets) = (Vec::new(), Vec::new(), vec![0_i32]);
    for row in 0..work.array.len() {
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            let range = range(row);
            if (i32::MAX as usize) < places.len() + range.len() {
                let message = "a batch has more than 2^31 elements; use smaller batches";
                return Err(Error::failed(message));
            }
            places.extend(range.map(|place| place as u64));
        }
        parents.resize(places.len(), row);
        offsets.push(places.len() as i32);
    }
    let elements = take(&elements, &UInt64Array::from(places), None).map_err(cannot_convert)?;
    let elements = work.part(&elements, element.data_type(), Some(&parents))?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let lists = ListArray::try_new(element.clone(), offsets, elements, nulls);
    Ok(Arc::new(lists.map_err(cannot_convert)?))
}

/// Structs of converted fields; a missing field becomes null.
///
/// # Errors
/// A value that cannot be converted.
pub(crate) fn structs(work: &CastWork<'_>, wanted: &Fields) -> Result<ArrayRef> {
    let Some(array) = work.array.as_struct_opt() else { return Err(work.impossible()) };
    let column = |field: &FieldRef| match place(array.fields(), field.name()) {
        None => Ok(new_null_array(field.data_type(), array.len())),
        // A value under a null must not raise an error.
        Some(place) => {
            let column = masked(array.column(place), array.nulls())?;
            work.part(&column, field.data_type(), None)
        }
    };
    let columns = wanted.iter().map(column).collect::<Result<Vec<_>>>()?;
    let nulls = array.nulls().cloned();
    StructArray::try_new_with_length(wanted.clone(), columns, nulls, array.len())
        .map(|array| Arc::new(array) as ArrayRef)
        .map_err(cannot_convert)
}
