//! The types in which the columns of two tables are compared.

use super::failed;
use crate::batch::canonical;
use crate::error::Result;
use crate::expression::Kind;
use crate::join::{self, Meeting};
use crate::schema::{map_fields, plain_type, rebuild};
use arrow::array::{Array, ArrayRef, BooleanArray, new_empty_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::compute::kernels::cmp::distinct;
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use std::sync::Arc;

/// How the values of two columns are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// As values of this type, which differs from those of the tables only in names, encodings and
    /// layouts.
    As(DataType),
    /// As values of this type. A value that it does not have equals nothing.
    Common(DataType),
}

/// The values of a column, in the type in which they are compared.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) array: ArrayRef,
    /// The rows whose values that type does not have.
    pub(super) lost: Option<BooleanBuffer>,
}

impl Comparison {
    /// How values of two types are compared; `None` if they cannot be.
    pub(super) fn of(old: &DataType, new: &DataType) -> Option<Self> {
        let kinds = (Kind::of(plain_type(old)), Kind::of(plain_type(new)));
        let (plain_old, plain_new) = (canonical_type(old)?, canonical_type(new)?);
        if plain_old == plain_new {
            return Some(Self::As(plain_old));
        }
        let (logical_old, logical_new) = (logical_type(&plain_old), logical_type(&plain_new));
        if logical_old == logical_new {
            return Some(Self::As(logical_old));
        }
        match (join::meeting(old, new), kinds) {
            // Names of fields inside are reported as a difference of the schemas.
            (Some(Meeting::Same), _) => Some(Self::As(logical_old)),
            (Some(Meeting::Common(common)), _) => Some(Self::Common(common)),
            (None, (Kind::Float, Kind::Integer | Kind::Decimal))
            | (None, (Kind::Integer | Kind::Decimal, Kind::Float)) => {
                Some(Self::Common(DataType::Float64))
            }
            (None, _) => None,
        }
    }

    /// How keys of two types are compared; `None` if they cannot be, or not exactly.
    pub(super) fn of_keys(old: &DataType, new: &DataType) -> Option<Self> {
        Self::of(old, new)
            .filter(|own| matches!(own, Self::As(_)) || join::meeting(old, new).is_some())
    }

    pub(super) fn data_type(&self) -> &DataType {
        match self {
            Self::As(to) | Self::Common(to) => to,
        }
    }

    /// The values of a column in the type in which they are compared. Floating-point numbers that
    /// are equal may still have different bits.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn values(&self, array: &ArrayRef) -> Result<Values> {
        let to = self.data_type();
        if array.data_type() == to {
            return Ok(Values { array: Arc::clone(array), lost: None });
        }
        let plain = canonical(array).map_err(failed)?;
        match self {
            Self::As(to) => {
                let array = retyped(&plain, to).map_err(failed)?;
                Ok(Values { array, lost: None })
            }
            Self::Common(to) => {
                let array = cast(&plain, to).map_err(failed)?;
                let lost = lost(&plain, &array).map_err(failed)?;
                Ok(Values { array, lost })
            }
        }
    }
}

/// The rows whose values were not kept.
fn lost(before: &ArrayRef, after: &ArrayRef) -> Result<Option<BooleanBuffer>, ArrowError> {
    let is_inexact = before.data_type().is_integer() && after.data_type().is_floating();
    let lost: BooleanBuffer = if is_inexact {
        let back = cast(after, before.data_type())?;
        distinct(before, &back)?.values().clone()
    } else if before.logical_null_count() == after.logical_null_count() {
        return Ok(None);
    } else {
        let valid = |array: &ArrayRef| match array.logical_nulls() {
            Some(nulls) => nulls.into_inner(),
            None => BooleanBuffer::new_set(array.len()),
        };
        &valid(before) & &!&valid(after)
    };
    Ok((lost.count_set_bits() > 0).then_some(lost))
}

/// The type that canonical values of a type have.
fn canonical_type(data_type: &DataType) -> Option<DataType> {
    let array = canonical(&new_empty_array(data_type)).ok()?;
    Some(array.data_type().clone())
}

/// The type without what does not change its values: layouts of text and lists, names of the items
/// of lists, and whether they may be null.
pub(super) fn logical_type(data_type: &DataType) -> DataType {
    match plain_type(data_type) {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => {
            let item = logical_type(item.data_type());
            DataType::List(Arc::new(Field::new_list_field(item, true)))
        }
        nested if nested.is_nested() => map_fields(nested, |field| {
            Arc::new(Field::new(field.name(), logical_type(field.data_type()), true))
        }),
        other => other.clone(),
    }
}

/// Plain values as those of a type that has the same ones.
fn retyped(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let from = array.data_type();
    if from == to {
        return Ok(Arc::clone(array));
    }
    let is_layout = |list: &DataType| {
        matches!(list, DataType::LargeList(_) | DataType::ListView(_) | DataType::LargeListView(_))
    };
    if !from.is_nested() || is_layout(from) && !is_layout(to) {
        return cast(array, to);
    }
    rebuild(array, to, retyped)
}

/// The bits of a condition, where null is false.
pub(super) fn is_true(condition: &BooleanArray) -> BooleanBuffer {
    match condition.nulls() {
        Some(nulls) => condition.values() & nulls.inner(),
        None => condition.values().clone(),
    }
}
