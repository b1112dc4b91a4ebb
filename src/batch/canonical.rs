//! Gives equal values one representation, so that keys made of their bytes are equal, too.
//!
//! All NaNs get the same bits and -0 loses its sign. Dictionary- and run-end-encoded values are
//! decoded, because their keys and run ends differ from batch to batch. This applies at any depth.

use crate::schema::expand;
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, FixedSizeListArray, GenericListArray,
    GenericListViewArray, ListArray, OffsetSizeTrait, PrimitiveArray, StructArray, UnionArray,
};
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Field, FieldRef, Float16Type, Float32Type, Float64Type,
    UnionFields,
};
use arrow::error::ArrowError;
use std::sync::Arc;

type Result<T> = std::result::Result<T, ArrowError>;

/// Returns the same values in their canonical representation. The type changes only where an
/// encoding is decoded (and a map becomes the list that it is).
pub(super) fn canonical(array: &ArrayRef) -> Result<ArrayRef> {
    if is_canonical(array.data_type()) {
        return Ok(Arc::clone(array));
    }
    Ok(match array.data_type() {
        DataType::Float16 => {
            floats::<Float16Type>(array, <Float16Type as ArrowPrimitiveType>::Native::NAN)
        }
        DataType::Float32 => floats::<Float32Type>(array, f32::NAN),
        DataType::Float64 => floats::<Float64Type>(array, f64::NAN),
        DataType::Dictionary(_, _) | DataType::RunEndEncoded(_, _) => canonical(&expand(array)?)?,
        DataType::Struct(_) => structure(array.as_struct())?,
        DataType::List(field) => list::<i32>(array.as_list(), field)?,
        DataType::LargeList(field) => list::<i64>(array.as_list(), field)?,
        DataType::ListView(field) => list_view::<i32>(array.as_list_view(), field)?,
        DataType::LargeListView(field) => list_view::<i64>(array.as_list_view(), field)?,
        DataType::FixedSizeList(field, size) => {
            let list = array.as_fixed_size_list();
            let values = canonical(list.values())?;
            let (field, nulls) = (retyped(field, &values), list.nulls().cloned());
            Arc::new(FixedSizeListArray::try_new_with_length(
                field,
                *size,
                values,
                nulls,
                list.len(),
            )?)
        }
        DataType::Map(field, _) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let nulls = map.nulls().cloned();
            let field = Arc::new(Field::new(field.name(), entries.data_type().clone(), true));
            let entries = ListArray::try_new(field, map.offsets().clone(), entries, nulls)?;
            canonical(&(Arc::new(entries) as ArrayRef))?
        }
        DataType::Union(fields, _) => union(array.as_union(), fields)?,
        other => return Err(no_canonical_form(other)),
    })
}

/// Whether equal values of the type always have equal bytes.
fn is_canonical(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => false,
        DataType::Dictionary(_, _) | DataType::RunEndEncoded(_, _) => false,
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _) => is_canonical(field.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| is_canonical(field.data_type())),
        DataType::Union(fields, _) => {
            fields.iter().all(|(_, field)| is_canonical(field.data_type()))
        }
        _ => true,
    }
}

fn floats<T: ArrowPrimitiveType>(array: &ArrayRef, nan: T::Native) -> ArrayRef
where
    T::Native: ArrowNativeTypeOp,
{
    let zero = T::Native::ZERO;
    let canonical: PrimitiveArray<T> = array.as_primitive::<T>().unary(|value| {
        // By IEEE 754, NaN differs from itself and -0 equals 0.
        #[allow(clippy::eq_op)]
        if value != value {
            nan
        } else if value == zero {
            zero
        } else {
            value
        }
    });
    Arc::new(canonical)
}

fn structure(array: &StructArray) -> Result<ArrayRef> {
    let columns = array.columns().iter().map(canonical).collect::<Result<Vec<_>>>()?;
    let fields = array.fields().iter().zip(&columns).map(|(field, column)| retyped(field, column));
    let fields = fields.collect();
    let nulls = array.nulls().cloned();
    Ok(Arc::new(StructArray::try_new_with_length(fields, columns, nulls, array.len())?))
}

fn list<O: OffsetSizeTrait>(array: &GenericListArray<O>, field: &FieldRef) -> Result<ArrayRef> {
    let values = canonical(array.values())?;
    let (field, offsets) = (retyped(field, &values), array.offsets().clone());
    Ok(Arc::new(GenericListArray::try_new(field, offsets, values, array.nulls().cloned())?))
}

fn list_view<O: OffsetSizeTrait>(
    array: &GenericListViewArray<O>,
    field: &FieldRef,
) -> Result<ArrayRef> {
    let values = canonical(array.values())?;
    let (offsets, sizes) = (array.offsets().clone(), array.sizes().clone());
    let (field, nulls) = (retyped(field, &values), array.nulls().cloned());
    Ok(Arc::new(GenericListViewArray::try_new(field, offsets, sizes, values, nulls)?))
}

fn union(array: &UnionArray, fields: &UnionFields) -> Result<ArrayRef> {
    let children = fields
        .iter()
        .map(|(type_id, _)| canonical(array.child(type_id)))
        .collect::<Result<Vec<_>>>()?;
    let fields = fields
        .iter()
        .zip(&children)
        .map(|((type_id, field), child)| (type_id, retyped(field, child)))
        .collect();
    let (type_ids, offsets) = (array.type_ids().clone(), array.offsets().cloned());
    Ok(Arc::new(UnionArray::try_new(fields, type_ids, offsets, children)?))
}

/// The field with its child's new type; nullable, because a decoded dictionary may contain nulls
/// that its keys did not show.
fn retyped(field: &FieldRef, values: &ArrayRef) -> FieldRef {
    Arc::new(Field::new(field.name(), values.data_type().clone(), true))
}

fn no_canonical_form(data_type: &DataType) -> ArrowError {
    ArrowError::NotYetImplemented(format!("values of type {data_type} cannot be compared"))
}
