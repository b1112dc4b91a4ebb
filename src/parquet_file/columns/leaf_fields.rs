//! The fields inside a field, with the Parquet leaves that each covers.
//!
//! A Parquet group and the Arrow type made from it differ in their levels (a list has two or three
//! groups), but both have the same leaves in the same order.

use crate::schema::map_fields;
use arrow::datatypes::{DataType, Field, FieldRef};
use parquet::schema::types::Type;
use std::ops::Range;
use std::sync::Arc;

/// The number of leaves of a column.
pub(crate) fn leaf_count(column: &Type) -> usize {
    if column.is_primitive() {
        return 1;
    }
    column.get_fields().iter().map(|child| leaf_count(child)).sum()
}

/// The number of levels of groups and leaves of a column.
pub(crate) fn levels(column: &Type) -> usize {
    if column.is_primitive() {
        return 1;
    }
    1 + column.get_fields().iter().map(|child| levels(child)).max().unwrap_or(0)
}

/// Edits a field and all fields inside it, the innermost first. `edit` gets the range of leaves
/// that a field covers.
pub(crate) fn edited(
    field: &FieldRef,
    edit: &mut dyn FnMut(Field, Range<usize>) -> Field,
) -> FieldRef {
    edited_from(field, &mut 0, edit)
}

fn edited_from(
    field: &FieldRef,
    next_leaf: &mut usize,
    edit: &mut dyn FnMut(Field, Range<usize>) -> Field,
) -> FieldRef {
    let start = *next_leaf;
    let data_type = match field.data_type() {
        leaf if is_leaf(leaf) => {
            *next_leaf += 1;
            leaf.clone()
        }
        group => map_fields(group, |inner| edited_from(inner, next_leaf, edit)),
    };
    let field = field.as_ref().clone().with_data_type(data_type);
    Arc::new(edit(field, start..*next_leaf))
}

/// Whether a type is a leaf in Parquet.
pub(crate) fn is_leaf(data_type: &DataType) -> bool {
    !data_type.is_list() && !matches!(data_type, DataType::Struct(_) | DataType::Map(..))
}

/// The leaves of a column in order, each with its primitive type.
pub(crate) fn leaves(column: &Type) -> Vec<&Type> {
    if column.is_primitive() {
        return vec![column];
    }
    column.get_fields().iter().flat_map(|child| leaves(child)).collect()
}
