//! The fields inside a type, in the order of an array's children.

use arrow::datatypes::{DataType, FieldRef, UnionFields};
use std::sync::Arc;

/// The fields of the arrays inside an array of this type. The values of a dictionary are not
/// included: they are stored separately.
pub fn inner_fields(data_type: &DataType) -> Vec<&FieldRef> {
    match data_type {
        DataType::Struct(fields) => fields.iter().collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field).collect(),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _) => vec![field],
        DataType::RunEndEncoded(run_ends, values) => vec![run_ends, values],
        _ => Vec::new(),
    }
}

/// The same type with other inner types, as many as [`inner_fields`] returns.
pub fn with_inner_types(data_type: &DataType, types: Vec<DataType>) -> DataType {
    use DataType as T;
    let inner = inner_fields(data_type).into_iter().zip(types);
    let mut fields = inner.map(|(field, inner)| retyped(field, inner));
    match data_type {
        T::Struct(_) => T::Struct(fields.collect()),
        T::Union(union, mode) => {
            let ids = union.iter().map(|(id, _)| id);
            T::Union(ids.zip(fields).collect::<UnionFields>(), *mode)
        }
        T::RunEndEncoded(_, _) => match (fields.next(), fields.next()) {
            (Some(run_ends), Some(values)) => T::RunEndEncoded(run_ends, values),
            _ => data_type.clone(),
        },
        other => match (other, fields.next()) {
            (T::List(_), Some(field)) => T::List(field),
            (T::LargeList(_), Some(field)) => T::LargeList(field),
            (T::ListView(_), Some(field)) => T::ListView(field),
            (T::LargeListView(_), Some(field)) => T::LargeListView(field),
            (T::FixedSizeList(_, size), Some(field)) => T::FixedSizeList(field, *size),
            (T::Map(_, ordered), Some(field)) => T::Map(field, *ordered),
            _ => data_type.clone(),
        },
    }
}

/// Whether the type contains a dictionary, at any depth.
pub fn holds_dictionary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(_, _))
        || inner_fields(data_type).into_iter().any(|field| holds_dictionary(field.data_type()))
}

fn retyped(field: &FieldRef, data_type: DataType) -> FieldRef {
    if *field.data_type() == data_type {
        return Arc::clone(field);
    }
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}
