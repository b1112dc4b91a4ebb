//! Parquet types rewritten so that the `parquet` crate converts them correctly: types that it does
//! not know, or reads differently from the specification. Levels and pages stay as they are.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::schema::types::{Type, TypePtr};
use std::sync::Arc;

/// The size of an INT96 or an INTERVAL in bytes.
pub(crate) const TWELVE_BYTES: i32 = 12;

/// The type without annotations of later versions of the format, with ENUM as text, and with
/// two-level lists of maps as three-level lists.
pub(crate) fn normal(column: &TypePtr) -> TypePtr {
    if column.is_primitive() {
        return match column.get_basic_info().logical_type_ref() {
            Some(LogicalType::_Unknown { .. }) => plain_leaf(column, None),
            Some(LogicalType::Enum) => text_leaf(column),
            None if column.get_basic_info().converted_type() == ConvertedType::ENUM => {
                text_leaf(column)
            }
            _ => Arc::clone(column),
        };
    }
    let is_list = column.get_basic_info().converted_type() == ConvertedType::LIST;
    let fields = column.get_fields().iter().map(|child| {
        let child = normal(child);
        if is_list { three_levels(child) } else { child }
    });
    with_fields(column, fields.collect(), true)
}

/// Wraps the repeated group of a list into one with a single element. In files of older writers
/// (parquet-avro, Hive) the repeated group itself is a map or list: `repeated group array (MAP)`. A
/// required element adds no level.
fn three_levels(repeated: TypePtr) -> TypePtr {
    let info = repeated.get_basic_info();
    let is_nested = matches!(
        info.converted_type(),
        ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE | ConvertedType::LIST
    );
    if repeated.is_primitive() || !is_nested || info.repetition() != Repetition::REPEATED {
        return repeated;
    }
    let element = Type::group_type_builder("element")
        .with_repetition(Repetition::REQUIRED)
        .with_converted_type(info.converted_type())
        .with_logical_type(info.logical_type_ref().cloned())
        .with_fields(repeated.get_fields().to_vec())
        .build();
    let list = element.and_then(|element| {
        Type::group_type_builder("list")
            .with_repetition(Repetition::REPEATED)
            .with_fields(vec![Arc::new(element)])
            .build()
    });
    list.map_or(repeated, Arc::new)
}

/// The type without any annotation: lists, structs and physical types.
pub(crate) fn bare(column: &TypePtr) -> TypePtr {
    if column.is_primitive() {
        return plain_leaf(column, None);
    }
    with_fields(column, column.get_fields().iter().map(bare).collect(), false)
}

/// The type with some leaves replaced. Leaves are numbered from `next_leaf`.
pub(crate) fn with_leaves(
    column: &TypePtr,
    next_leaf: &mut usize,
    replace: &dyn Fn(usize, &TypePtr) -> Option<TypePtr>,
) -> TypePtr {
    if column.is_primitive() {
        let replaced = replace(*next_leaf, column);
        *next_leaf += 1;
        return replaced.unwrap_or_else(|| Arc::clone(column));
    }
    let fields = column.get_fields().iter().map(|child| with_leaves(child, next_leaf, replace));
    let fields = fields.collect();
    with_fields(column, fields, true)
}

/// A leaf without a logical type: of `length` bytes if given, else of its physical type.
pub(crate) fn plain_leaf(leaf: &TypePtr, length: Option<i32>) -> TypePtr {
    leaf_of(leaf, length, None)
}

fn text_leaf(leaf: &TypePtr) -> TypePtr {
    leaf_of(leaf, None, Some(LogicalType::String))
}

fn leaf_of(leaf: &TypePtr, length: Option<i32>, logical: Option<LogicalType>) -> TypePtr {
    let Type::PrimitiveType { basic_info, physical_type, type_length, .. } = leaf.as_ref() else {
        return Arc::clone(leaf);
    };
    let physical = length.map_or(*physical_type, |_| PhysicalType::FIXED_LEN_BYTE_ARRAY);
    let changed = Type::primitive_type_builder(leaf.name(), physical)
        .with_repetition(basic_info.repetition())
        .with_length(length.unwrap_or(*type_length))
        .with_logical_type(logical)
        .with_id(basic_info.has_id().then(|| basic_info.id()))
        .build();
    changed.map_or_else(|_| Arc::clone(leaf), Arc::new)
}

fn with_fields(group: &TypePtr, fields: Vec<TypePtr>, is_annotated: bool) -> TypePtr {
    let info = group.get_basic_info();
    let mut builder = Type::group_type_builder(group.name())
        .with_fields(fields)
        .with_id(info.has_id().then(|| info.id()));
    if info.has_repetition() {
        builder = builder.with_repetition(info.repetition());
    }
    if is_annotated {
        builder = builder
            .with_converted_type(info.converted_type())
            .with_logical_type(info.logical_type_ref().cloned());
    }
    builder.build().map_or_else(|_| Arc::clone(group), Arc::new)
}
