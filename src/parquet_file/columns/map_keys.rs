//! Maps with null keys in the file, which the specification forbids and Arrow cannot hold.

use super::value_error::{ValueError, parent_row};
use crate::error::Result;
use arrow::array::{Array, ArrayData, ArrayRef};
use arrow::datatypes::DataType;
use parquet::basic::{ConvertedType, Repetition};
use parquet::schema::types::Type;

/// Whether the type contains a map whose key is not required.
pub(crate) fn has_optional_keys(column: &Type) -> bool {
    if column.is_primitive() {
        return false;
    }
    let fields = column.get_fields();
    let is_map = matches!(
        column.get_basic_info().converted_type(),
        ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE
    );
    let entries = fields.first().filter(|entries| is_map && entries.is_group());
    let key = entries.and_then(|entries| entries.get_fields().first());
    let is_optional = key.is_some_and(|key| {
        let info = key.get_basic_info();
        info.has_repetition() && info.repetition() == Repetition::OPTIONAL
    });
    is_optional || fields.iter().any(|field| has_optional_keys(field))
}

/// Checks that no key is null; `first_row` is the number of the first row.
///
/// # Errors
/// A null key, with its row.
pub(crate) fn check_keys(array: &ArrayRef, first_row: usize) -> Result<()> {
    check(&array.to_data()).map_err(|error| error.at(first_row))
}

fn check(data: &ArrayData) -> Result<(), ValueError> {
    let entries = data.child_data().first();
    if let DataType::Map(..) = data.data_type()
        && let Some(keys) = entries.and_then(|entries| entries.child_data().first())
        && let Some(nulls) = keys.nulls().filter(|nulls| nulls.null_count() > 0)
    {
        let place = nulls.iter().position(|is_valid| !is_valid).unwrap_or(0);
        let error = ValueError::new(place, "a map key is null".to_owned());
        return Err(parent_row(data, error));
    }
    let mut children = data.child_data().iter();
    children.try_for_each(|child| check(child).map_err(|error| parent_row(data, error)))
}
