//! The walk over nested types: the fields and types inside a type, and the type around others.
//!
//! Code that converts, merges or searches types at any depth names only the types that it treats
//! specially, and leaves the others to these functions. A new nested type is added here.

use arrow::datatypes::{DataType, FieldRef, UnionFields};
use std::sync::Arc;

/// The fields of the arrays inside an array of this type, in the order of its children. The values
/// of a dictionary have no field; see [`inner_types`].
pub fn inner_fields(data_type: &DataType) -> Vec<&FieldRef> {
    match data_type {
        DataType::Struct(fields) => fields.iter().collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field).collect(),
        DataType::Map(entries, _) => vec![entries],
        DataType::RunEndEncoded(run_ends, values) => vec![run_ends, values],
        other => element_field(other).into_iter().collect(),
    }
}

/// The field of a list's elements, in any layout of lists; `None` for other types.
pub fn element_field(data_type: &DataType) -> Option<&FieldRef> {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => Some(field),
        _ => None,
    }
}

/// The types of the arrays inside an array of this type, in the order of its children: those of
/// [`inner_fields`], or of the values of a dictionary.
pub fn inner_types(data_type: &DataType) -> Vec<&DataType> {
    match data_type {
        DataType::Dictionary(_, values) => vec![values],
        other => inner_fields(other).into_iter().map(|field| field.data_type()).collect(),
    }
}

/// The type of the values of a dictionary- or run-end-encoded type; other types unchanged.
pub fn plain_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        plain => plain,
    }
}

/// The same type with other inner fields, as many as [`inner_fields`] returns.
pub fn with_inner_fields(data_type: &DataType, fields: Vec<FieldRef>) -> DataType {
    use DataType as T;
    match data_type {
        T::Struct(_) => return T::Struct(fields.into()),
        T::Union(union, mode) => {
            let ids = union.iter().map(|(id, _)| id);
            return T::Union(ids.zip(fields).collect::<UnionFields>(), *mode);
        }
        _ => {}
    }
    let mut fields = fields.into_iter();
    match (data_type, fields.next(), fields.next()) {
        (T::List(_), Some(field), _) => T::List(field),
        (T::LargeList(_), Some(field), _) => T::LargeList(field),
        (T::ListView(_), Some(field), _) => T::ListView(field),
        (T::LargeListView(_), Some(field), _) => T::LargeListView(field),
        (T::FixedSizeList(_, size), Some(field), _) => T::FixedSizeList(field, *size),
        (T::Map(_, sorted), Some(entries), _) => T::Map(entries, *sorted),
        (T::RunEndEncoded(..), Some(ends), Some(values)) => T::RunEndEncoded(ends, values),
        (other, ..) => other.clone(),
    }
}

/// The same type with other inner types, as many as [`inner_types`] returns.
pub fn with_inner_types(data_type: &DataType, types: Vec<DataType>) -> DataType {
    if let (DataType::Dictionary(keys, _), [values]) = (data_type, types.as_slice()) {
        return DataType::Dictionary(keys.clone(), Box::new(values.clone()));
    }
    let fields = inner_fields(data_type).into_iter().zip(types);
    with_inner_fields(data_type, fields.map(|(field, inner)| with_type(field, inner)).collect())
}

/// The same type with each inner field replaced.
pub fn map_fields(data_type: &DataType, field: impl FnMut(&FieldRef) -> FieldRef) -> DataType {
    with_inner_fields(data_type, inner_fields(data_type).into_iter().map(field).collect())
}

/// The same type with each inner type replaced, including that of a dictionary's values.
pub fn map_types(data_type: &DataType, inner: impl FnMut(&DataType) -> DataType) -> DataType {
    with_inner_types(data_type, inner_types(data_type).into_iter().map(inner).collect())
}

/// The same field with another type.
pub fn with_type(field: &FieldRef, data_type: DataType) -> FieldRef {
    if *field.data_type() == data_type {
        return Arc::clone(field);
    }
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

/// Whether two types differ only in their inner fields: an array of one type, around other
/// children, is an array of the other.
pub fn is_alike(one: &DataType, other: &DataType) -> bool {
    let fields: Vec<_> = inner_fields(other).into_iter().cloned().collect();
    inner_fields(one).len() == fields.len() && with_inner_fields(one, fields) == *other
}

/// Whether a condition is true of the type or of a type inside it, at any depth.
pub fn holds(data_type: &DataType, condition: fn(&DataType) -> bool) -> bool {
    condition(data_type) || inner_types(data_type).into_iter().any(|inner| holds(inner, condition))
}

/// Whether the type contains a dictionary, at any depth.
pub fn holds_dictionary(data_type: &DataType) -> bool {
    holds(data_type, |inner| matches!(inner, DataType::Dictionary(_, _)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use arrow::datatypes::{Field, UnionMode};

    /// One of each nested type, with this type inside.
    pub(in crate::schema) fn nested_types(inner: &DataType) -> Vec<DataType> {
        use DataType as T;
        let field = |name: &str, nullable| Arc::new(Field::new(name, inner.clone(), nullable));
        let item = || field("item", true);
        let entries = T::Struct(vec![field("key", false), field("value", true)].into());
        let members = || UnionFields::try_new([7, 3], [item(), field("b", true)]).unwrap();
        vec![
            T::Struct(vec![field("a", true), field("b", true)].into()),
            T::List(item()),
            T::LargeList(item()),
            T::ListView(item()),
            T::LargeListView(item()),
            T::FixedSizeList(item(), 2),
            T::Map(Arc::new(Field::new("entries", entries, false)), true),
            T::Union(members(), UnionMode::Sparse),
            T::Union(members(), UnionMode::Dense),
            T::RunEndEncoded(Arc::new(Field::new("run_ends", T::Int32, false)), item()),
            T::Dictionary(Box::new(T::Int8), Box::new(inner.clone())),
        ]
    }

    #[test]
    fn inner_types_are_replaced_in_each_type() {
        fn wider(data_type: &DataType) -> DataType {
            match data_type {
                DataType::Int8 => DataType::Int64,
                other => map_types(other, wider),
            }
        }
        let types = nested_types(&DataType::Int8);
        for (narrow, wide) in types.iter().zip(nested_types(&DataType::Int64)) {
            assert_eq!(wider(narrow), wide);
            assert_eq!(&map_fields(narrow, Arc::clone), narrow);
            assert!(holds(narrow, |inner| *inner == DataType::Int8), "{narrow}");
            assert!(!holds(&wide, |inner| *inner == DataType::Int8), "{wide}");
        }
        assert_eq!(wider(&DataType::Utf8), DataType::Utf8);
    }

    #[test]
    fn types_are_alike_if_only_their_inner_fields_differ() {
        let types = nested_types(&DataType::Int8);
        for (place, narrow) in types.iter().enumerate() {
            for (other, wide) in nested_types(&DataType::Int64).iter().enumerate() {
                let has_fields = !inner_fields(narrow).is_empty();
                assert_eq!(is_alike(narrow, wide), place == other && has_fields, "{narrow}");
            }
        }
        let pairs = |size| {
            DataType::FixedSizeList(Arc::new(Field::new_list_field(types[0].clone(), true)), size)
        };
        assert!(is_alike(&pairs(2), &pairs(2)) && !is_alike(&pairs(2), &pairs(3)));
    }
}
