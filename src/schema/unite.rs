//! Schemas that are equal enough to be read as one, and batches under the schema of all.
//!
//! Several files, or streams one after another, make one stream when names, order, types and
//! extension types are equal. Nullability is widened; other metadata may differ and the first
//! input's is kept. A column that is encoded for the way only and its plain one are equal, and make
//! the plain one. Not for casts: no value is ever changed here.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, GenericListArray, GenericListViewArray, MapArray,
    OffsetSizeTrait, RecordBatch, RecordBatchOptions, StructArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::{expand, plain_field, type_text, widen};
use crate::error::{Error, Result};

/// The schema under which batches of `first` and of `other` both pass: `first` with nullability
/// widened wherever `other` allows nulls, at every depth.
///
/// # Errors
/// A different column, order, type or extension type, naming the column and both sides.
pub fn unite(first: &Schema, other: &Schema) -> Result<Schema> {
    unite_or(first, other, "stream-cat --merge-schema union takes both")
}

/// The same, with the way out that the message of an error shows where wider types help.
///
/// # Errors
/// As [`unite`].
pub(crate) fn unite_or(first: &Schema, other: &Schema, way_out: &str) -> Result<Schema> {
    united(first, other).map_err(|error| match widen(first, other) {
        Ok(_) => Error::failed(format!("{error} ({way_out})")),
        Err(_) => error,
    })
}

/// The same, without a way out.
///
/// # Errors
/// As [`unite`].
pub(crate) fn united(first: &Schema, other: &Schema) -> Result<Schema> {
    let mut fields = Vec::with_capacity(first.fields().len());
    for (place, field) in first.fields().iter().enumerate() {
        let counterpart = other.fields().get(place).filter(|other| other.name() == field.name());
        let Some(counterpart) = counterpart else {
            return Err(misplaced(first, other, place));
        };
        fields.push(unite_fields(field, counterpart, field.name())?);
    }
    match other.fields().get(first.fields().len()) {
        None => Ok(Schema::new_with_metadata(fields, first.metadata().clone())),
        Some(more) => Err(Error::failed(format!(
            "column \"{}\" ({}) is not in the first",
            more.name(),
            type_text(more.data_type())
        ))),
    }
}

/// The same schema with nulls allowed wherever uniting could allow them: that of files that nobody
/// has looked at, which may hold some.
pub(crate) fn nullable(schema: &Schema) -> Schema {
    let fields: Fields = schema.fields().iter().map(nullable_field).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

/// The same rows under `schema`, which came from [`unite`]: only names of inner fields,
/// nullability and metadata change, no value is touched.
///
/// # Errors
/// A batch that was not part of the union that made `schema`.
pub fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    // The usual case costs one comparison of pointers or of types.
    if Arc::ptr_eq(batch.schema_ref(), schema) || batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| retype(column, field.data_type()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    columns
        .collect::<Result<Vec<_>, _>>()
        .and_then(|columns| RecordBatch::try_new_with_options(schema.clone(), columns, &options))
        .map_err(|error| Error::failed(format!("cannot read as one schema: {error}")))
}

/// Says why the columns at `place` do not correspond: missing, additional or elsewhere.
fn misplaced(first: &Schema, other: &Schema, place: usize) -> Error {
    let field = first.field(place);
    let (name, data_type) = (field.name(), type_text(field.data_type()));
    Error::failed(match (other.fields().get(place), other.index_of(name)) {
        (_, Err(_)) => format!("no column \"{name}\" ({data_type}), which the first has"),
        (Some(there), Ok(_)) => {
            format!("column {} is \"{}\", and \"{name}\" in the first", place + 1, there.name())
        }
        (None, Ok(_)) => format!("column \"{name}\" stands elsewhere than in the first"),
    })
}

fn unite_fields(first: &Field, other: &Field, path: &str) -> Result<Field> {
    if first.extension_type_name() != other.extension_type_name()
        || first.extension_type_metadata() != other.extension_type_metadata()
    {
        return Err(differ(path, &described(other), &described(first)));
    }
    // Columns that were encoded in different ways for the way only, or one that was and one that was
    // not, are one plain column.
    if first.data_type() != other.data_type() {
        let plain = (plain_field(first), plain_field(other));
        if plain.0.is_some() || plain.1.is_some() {
            let (one, two) = (plain.0.as_ref().unwrap_or(first), plain.1.as_ref().unwrap_or(other));
            return unite_fields(one, two, path);
        }
    }
    let data_type = unite_types(first.data_type(), other.data_type(), path)?;
    let nullable = first.is_nullable() || other.is_nullable();
    Ok(first.clone().with_data_type(data_type).with_nullable(nullable))
}

fn nullable_field(field: &FieldRef) -> FieldRef {
    use DataType as T;
    let data_type = match field.data_type() {
        T::List(inner) => T::List(nullable_field(inner)),
        T::LargeList(inner) => T::LargeList(nullable_field(inner)),
        T::ListView(inner) => T::ListView(nullable_field(inner)),
        T::LargeListView(inner) => T::LargeListView(nullable_field(inner)),
        T::FixedSizeList(inner, size) => T::FixedSizeList(nullable_field(inner), *size),
        T::Struct(children) => T::Struct(children.iter().map(nullable_field).collect()),
        T::Map(entries, ordered) => T::Map(nullable_entries(entries), *ordered),
        same => same.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type).with_nullable(true))
}

/// Of a map the values alone may be null.
fn nullable_entries(entries: &FieldRef) -> FieldRef {
    let DataType::Struct(children) = entries.data_type() else { return Arc::clone(entries) };
    let children = children.iter().enumerate().map(|(place, child)| match place {
        0 => Arc::clone(child),
        _ => nullable_field(child),
    });
    Arc::new(entries.as_ref().clone().with_data_type(DataType::Struct(children.collect())))
}

fn unite_types(first: &DataType, other: &DataType, path: &str) -> Result<DataType> {
    use DataType as T;
    // The one field inside a list has a name by custom only (`item`, `element`, `array`).
    let inner = |a: &FieldRef, b: &FieldRef| unite_fields(a, b, path).map(Arc::new);
    Ok(match (first, other) {
        (T::List(a), T::List(b)) => T::List(inner(a, b)?),
        (T::LargeList(a), T::LargeList(b)) => T::LargeList(inner(a, b)?),
        (T::ListView(a), T::ListView(b)) => T::ListView(inner(a, b)?),
        (T::LargeListView(a), T::LargeListView(b)) => T::LargeListView(inner(a, b)?),
        (T::FixedSizeList(a, size), T::FixedSizeList(b, other_size)) if size == other_size => {
            T::FixedSizeList(inner(a, b)?, *size)
        }
        (T::Struct(a), T::Struct(b)) if same_names(a, b) => {
            T::Struct(unite_children(a, b, path, true)?)
        }
        (T::Map(a, ordered), T::Map(b, other_ordered)) if ordered == other_ordered => {
            T::Map(Arc::new(unite_entries(a, b, path)?), *ordered)
        }
        // Unions, dictionaries and runs are compared whole: nullability inside them is rare.
        (first, other) if first == other => first.clone(),
        _ => return Err(differ(path, &type_text(other), &type_text(first))),
    })
}

/// Entries of maps are a struct of key and value, both named by custom only.
fn unite_entries(first: &Field, other: &Field, path: &str) -> Result<Field> {
    match (first.data_type(), other.data_type()) {
        (DataType::Struct(a), DataType::Struct(b)) if a.len() == b.len() => {
            let children = unite_children(a, b, path, false)?;
            Ok(first.clone().with_data_type(DataType::Struct(children)))
        }
        (a, b) => Err(differ(path, &type_text(b), &type_text(a))),
    }
}

fn unite_children(first: &Fields, other: &Fields, path: &str, named: bool) -> Result<Fields> {
    let pairs = first.iter().zip(other);
    pairs
        .map(|(a, b)| {
            let below = if named { format!("{path}.{}", a.name()) } else { path.to_owned() };
            unite_fields(a, b, &below)
        })
        .collect()
}

fn same_names(first: &Fields, other: &Fields) -> bool {
    first.iter().map(|field| field.name()).eq(other.iter().map(|field| field.name()))
}

fn described(field: &Field) -> String {
    let data_type = type_text(field.data_type());
    match field.extension_type_name() {
        Some(name) => {
            format!("{data_type} as {name} {}", field.extension_type_metadata().unwrap_or_default())
                .trim_end()
                .to_owned()
        }
        None => data_type,
    }
}

fn differ(path: &str, other: &str, first: &str) -> Error {
    Error::failed(format!("column \"{path}\" is {other}, and {first} in the first"))
}

/// The same values under a type that differs in inner names, nullability or metadata only.
fn retype(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType as T;
    if array.data_type() == to {
        return Ok(array.clone());
    }
    Ok(match (array.data_type(), to) {
        (T::List(_), T::List(field)) => retype_list(array.as_list::<i32>(), field)?,
        (T::LargeList(_), T::LargeList(field)) => retype_list(array.as_list::<i64>(), field)?,
        (T::ListView(_), T::ListView(field)) => {
            retype_list_view(array.as_list_view::<i32>(), field)?
        }
        (T::LargeListView(_), T::LargeListView(field)) => {
            retype_list_view(array.as_list_view::<i64>(), field)?
        }
        (T::FixedSizeList(..), T::FixedSizeList(field, size)) => {
            let list = array.as_fixed_size_list();
            let values = retype(list.values(), field.data_type())?;
            let nulls = list.nulls().cloned();
            let (field, length) = (field.clone(), list.len());
            Arc::new(FixedSizeListArray::try_new_with_length(field, *size, values, nulls, length)?)
        }
        (T::Struct(_), T::Struct(fields)) => Arc::new(retype_struct(array.as_struct(), fields)?),
        (T::Map(..), T::Map(field, ordered)) => {
            let map = array.as_map();
            let DataType::Struct(fields) = field.data_type() else {
                return Ok(array.clone());
            };
            let entries = retype_struct(map.entries(), fields)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            Arc::new(MapArray::try_new(field.clone(), offsets, entries, nulls, *ordered)?)
        }
        (T::Dictionary(_, values), plain) if values.as_ref() == plain => expand(array)?,
        (T::RunEndEncoded(_, values), plain) if values.data_type() == plain => expand(array)?,
        (_, T::Dictionary(..) | T::RunEndEncoded(..)) => encode(array, to)?,
        // Whatever else differs is refused by the batch that is made of it.
        _ => array.clone(),
    })
}

/// A plain column, or one that is encoded otherwise, where a marked one was announced.
fn encode(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let plain = expand(array)?;
    let encoded =
        cast_with_options(&plain, to, &CastOptions { safe: false, ..Default::default() })?;
    Ok(encoded)
}

fn retype_struct(array: &StructArray, fields: &Fields) -> Result<StructArray, ArrowError> {
    let columns = array.columns().iter().zip(fields);
    let columns = columns.map(|(column, field)| retype(column, field.data_type()));
    let (columns, nulls) = (columns.collect::<Result<_, _>>()?, array.nulls().cloned());
    StructArray::try_new_with_length(fields.clone(), columns, nulls, array.len())
}

fn retype_list<O: OffsetSizeTrait>(
    list: &GenericListArray<O>,
    field: &FieldRef,
) -> Result<ArrayRef, ArrowError> {
    let values = retype(list.values(), field.data_type())?;
    let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
    Ok(Arc::new(GenericListArray::try_new(field.clone(), offsets, values, nulls)?))
}

fn retype_list_view<O: OffsetSizeTrait>(
    list: &GenericListViewArray<O>,
    field: &FieldRef,
) -> Result<ArrayRef, ArrowError> {
    let values = retype(list.values(), field.data_type())?;
    let (offsets, sizes) = (list.offsets().clone(), list.sizes().clone());
    let nulls = list.nulls().cloned();
    Ok(Arc::new(GenericListViewArray::try_new(field.clone(), offsets, sizes, values, nulls)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, ListArray};
    use arrow::buffer::OffsetBuffer;

    fn schema(fields: Vec<Field>) -> Schema {
        Schema::new(fields)
    }

    fn int(name: &str, nullable: bool) -> Field {
        Field::new(name, DataType::Int64, nullable)
    }

    fn message(first: Vec<Field>, other: Vec<Field>) -> String {
        unite(&schema(first), &schema(other)).unwrap_err().to_string()
    }

    #[test]
    fn nullability_widens_at_every_depth() {
        let deep = |nullable| {
            let inner = Field::new("s", DataType::Struct(vec![int("a", nullable)].into()), false);
            schema(vec![Field::new("l", DataType::List(Arc::new(inner)), nullable)])
        };
        assert_eq!(unite(&deep(false), &deep(true)), Ok(deep(true)));
        assert_eq!(unite(&deep(true), &deep(false)), Ok(deep(true)));
    }

    #[test]
    fn what_allows_nulls_everywhere_unites_with_all() {
        let all = |nullable: bool| {
            let entries = Fields::from(vec![int("key", false), int("value", nullable)]);
            let entries = Field::new("entries", DataType::Struct(entries), false);
            let inner = Field::new("item", DataType::Map(Arc::new(entries), false), nullable);
            let lists = [
                DataType::List(Arc::new(inner.clone())),
                DataType::LargeListView(Arc::new(inner.clone())),
                DataType::FixedSizeList(Arc::new(inner), 2),
            ];
            let lists = lists.into_iter().map(|list| Field::new("l", list, nullable));
            let parts = DataType::Struct(lists.collect());
            schema(vec![Field::new("s", parts, nullable), int("i", nullable)])
        };
        assert_eq!(nullable(&all(false)), all(true));
        assert_eq!(unite(&all(false), &all(true)), Ok(all(true)));
    }

    #[test]
    fn the_first_metadata_is_kept() {
        let with = |value: &str| {
            let metadata = [("k".to_owned(), value.to_owned())];
            Schema::new_with_metadata(
                vec![int("a", false).with_metadata(metadata.clone())],
                metadata,
            )
        };
        assert_eq!(unite(&with("1"), &with("2")), Ok(with("1")));
    }

    #[test]
    fn a_difference_names_the_column_and_both_sides() {
        let text = Field::new("a", DataType::Utf8, false);
        assert_eq!(
            message(vec![int("a", false)], vec![text]),
            "column \"a\" is utf8, and int64 in the first"
        );
        let inside = |field| Field::new("s", DataType::Struct(vec![field].into()), false);
        let float = Field::new("x", DataType::Float64, false);
        assert_eq!(
            message(vec![inside(int("x", true))], vec![inside(float)]),
            "column \"s.x\" is float64, and int64 in the first"
        );
        assert_eq!(
            message(vec![int("a", false)], vec![]),
            "no column \"a\" (int64), which the first has (stream-cat --merge-schema union takes both)"
        );
        assert_eq!(
            message(vec![], vec![int("b", false)]),
            "column \"b\" (int64) is not in the first (stream-cat --merge-schema union takes both)"
        );
        let (a, b) = (int("a", false), int("b", false));
        assert_eq!(
            message(vec![a.clone(), b.clone()], vec![b, a]),
            "column 1 is \"b\", and \"a\" in the first (stream-cat --merge-schema union takes both)"
        );
    }

    #[test]
    fn extension_types_have_to_agree() {
        let uuid = |name: &str| {
            Field::new("u", DataType::FixedSizeBinary(16), false)
                .with_metadata([("ARROW:extension:name".to_owned(), name.to_owned())])
        };
        assert_eq!(
            message(vec![uuid("arrow.uuid")], vec![uuid("other")]),
            "column \"u\" is fixed_size_binary(16) as other, and fixed_size_binary(16) as arrow.uuid in the first"
        );
    }

    #[test]
    fn a_batch_conforms_without_touching_its_values() {
        let list = |inner: &str, nullable| {
            let field = Field::new_list("l", int(inner, nullable), nullable);
            Arc::new(schema(vec![field]))
        };
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let offsets = OffsetBuffer::new(vec![0, 1, 3].into());
        let field = Arc::new(int("element", false));
        let column = ListArray::try_new(field, offsets, values.clone(), None).unwrap();
        let batch = RecordBatch::try_new(list("element", false), vec![Arc::new(column)]).unwrap();
        let wide = list("item", true);
        let conformed = conform(&batch, &wide).unwrap();
        assert_eq!(conformed.schema(), wide);
        assert_eq!(conformed.column(0).as_list::<i32>().values(), &values);
    }

    #[test]
    fn rows_without_columns_stay_rows() {
        let options = RecordBatchOptions::new().with_row_count(Some(3));
        let empty = Arc::new(Schema::empty());
        let batch = RecordBatch::try_new_with_options(empty, vec![], &options).unwrap();
        let metadata = [("k".to_owned(), "v".to_owned())];
        let named = Arc::new(Schema::new_with_metadata(Vec::<Field>::new(), metadata));
        assert_eq!(conform(&batch, &named).unwrap().num_rows(), 3);
    }
}
