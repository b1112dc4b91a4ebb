//! Mapping of Arrow types to Parquet: each is stored as it is, stored as a plain type with the same
//! values, or refused.
//!
//! Decided before anything is written, because the writer fails late, or panics.

use super::intervals::STORED_TYPE;
use crate::error::{Error, Result};
use crate::schema::{inner_fields, map_types, with_inner_fields, with_type};
use arrow::datatypes::{DataType, FieldRef, Fields, IntervalUnit, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// The key of field metadata for a logical type without an extension type. The value is the name of
/// the type in parquet.thrift, `ENUM` or `BSON`.
pub(crate) const LOGICAL_TYPE: &str = "PARQUET:logical_type";

/// A schema as Parquet stores it.
#[derive(Debug, Clone)]
pub(crate) struct Storable {
    /// The types that are written.
    pub(crate) written: SchemaRef,
    /// The types that readers are asked to restore (`ARROW:schema`).
    pub(crate) declared: Schema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Written,
    Declared,
}

/// Finds the types in which Parquet stores the data.
///
/// Parquet has no seconds: timestamps and times in seconds become milliseconds, as in other
/// writers. Dates are stored as days, and `Date64` is restored. A dictionary whose values are not
/// plain bytes, numbers or decimals is stored as its values. Intervals of all units are stored as
/// bytes, and restored as months, days and nanoseconds.
///
/// # Errors
/// A type without an equivalent in Parquet, with the path of its column.
pub(crate) fn storable(schema: &Schema) -> Result<Storable> {
    if schema.fields().is_empty() {
        // Parquet counts rows by columns: without columns the rows would be lost.
        return Err(Error::failed("cannot store a stream without columns as Parquet"));
    }
    let fields = |wanted: Use| -> Result<Fields> {
        schema.fields().iter().map(|field| storable_field(field, field.name(), wanted)).collect()
    };
    let written = Arc::new(Schema::new(fields(Use::Written)?));
    Ok(Storable { written, declared: Schema::new(fields(Use::Declared)?) })
}

/// The types in which Parquet stores the data of a schema, for callers that move rows before they
/// are written. The metadata of the schema is kept.
///
/// # Errors
/// A type without an equivalent in Parquet.
pub fn stored_schema(schema: &Schema) -> Result<SchemaRef> {
    let written = storable(schema)?.written;
    let metadata = schema.metadata().clone();
    Ok(Arc::new(Schema::new_with_metadata(written.fields().clone(), metadata)))
}

/// The types in which a reader gets the data of a schema after it was stored.
///
/// # Errors
/// A type without an equivalent in Parquet.
pub(crate) fn found_schema(schema: &Schema) -> Result<Schema> {
    let declared = storable(schema)?.declared;
    Ok(readable(&declared).unwrap_or(declared))
}

/// The schema with values in place of the dictionaries that the reader cannot return. `None` if it
/// can return the schema as it is.
pub(crate) fn readable(schema: &Schema) -> Option<Schema> {
    let fields: Fields = schema.fields().iter().map(readable_field).collect();
    let differs = fields != *schema.fields();
    differs.then(|| Schema::new_with_metadata(fields, schema.metadata().clone()))
}

pub(crate) fn readable_field(field: &FieldRef) -> FieldRef {
    with_type(field, readable_type(field.data_type()))
}

fn readable_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) if !is_plain(values) => values.as_ref().clone(),
        other => map_types(other, readable_type),
    }
}

fn storable_field(field: &FieldRef, path: &str, wanted: Use) -> Result<FieldRef> {
    storable_type(field.data_type(), path, wanted).map(|stored| with_type(field, stored))
}

fn storable_type(data_type: &DataType, path: &str, wanted: Use) -> Result<DataType> {
    use DataType as T;
    let refuse = |why: &str| {
        Err(Error::failed(format!(
            "cannot store column \"{path}\" ({data_type}) as Parquet: {why}"
        )))
    };
    Ok(match data_type {
        T::Timestamp(TimeUnit::Second, zone) => T::Timestamp(TimeUnit::Millisecond, zone.clone()),
        T::Date64 if wanted == Use::Written => T::Date32,
        T::Time32(TimeUnit::Second) => T::Time32(TimeUnit::Millisecond),
        T::FixedSizeList(_, size) if *size < 1 => return refuse("its lists have no elements"),
        T::Struct(fields) if fields.is_empty() => return refuse("the struct has no fields"),
        T::Dictionary(_, values) => {
            let stored = storable_type(values, path, wanted)?;
            if stored == **values && is_plain(values) { data_type.clone() } else { stored }
        }
        // The writer takes run-end encoded columns as they are; readers return values.
        T::RunEndEncoded(_, values) if wanted == Use::Declared => {
            storable_type(values.data_type(), path, wanted)?
        }
        T::Union(..) => return refuse("Parquet has no unions; select the members as columns"),
        // The only interval type that pyarrow knows: it refuses a file that declares another.
        T::Interval(_) if wanted == Use::Declared => T::Interval(IntervalUnit::MonthDayNano),
        T::Interval(_) => STORED_TYPE,
        T::FixedSizeBinary(size) if *size < 1 => return refuse("its values have no bytes"),
        T::Decimal32(precision, scale)
        | T::Decimal64(precision, scale)
        | T::Decimal128(precision, scale)
        | T::Decimal256(precision, scale)
            if *scale < 0 || i16::from(*precision) < i16::from(*scale) =>
        {
            return refuse("the scale must be between 0 and the precision; cast the column");
        }
        other => {
            let inner = inner_fields(other).into_iter().map(|field| match other {
                T::Struct(_) => storable_field(field, &format!("{path}.{}", field.name()), wanted),
                // The item of a list has only a conventional name.
                _ => storable_field(field, path, wanted),
            });
            with_inner_fields(other, inner.collect::<Result<_>>()?)
        }
    })
}

/// Whether readers return a dictionary of these values: numbers and bytes of variable length, but
/// not types that the format stores as bytes of fixed length.
fn is_plain(values: &DataType) -> bool {
    use DataType as T;
    match values {
        T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary => true,
        T::Float16 | T::Interval(_) => false,
        T::Decimal128(precision, _) | T::Decimal256(precision, _) => *precision <= 18,
        values => values.is_primitive(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use arrow::datatypes::{Field, UnionFields, UnionMode};

    fn int(name: &str) -> Field {
        Field::new(name, DataType::Int32, true)
    }

    fn union() -> DataType {
        let fields = UnionFields::try_new([0, 1], [int("x"), int("y")]).unwrap();
        DataType::Union(fields, UnionMode::Dense)
    }

    fn structure(inner: DataType) -> DataType {
        DataType::Struct(vec![int("i"), Field::new("inner", inner, true)].into())
    }

    fn map(values: DataType) -> DataType {
        let key = Field::new("keys", DataType::Utf8, false);
        let entries = DataType::Struct(vec![key, Field::new("values", values, true)].into());
        DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
    }

    /// Each Arrow type at least once, some of them nested.
    pub(crate) fn all_types() -> Vec<DataType> {
        use DataType as T;
        let units =
            [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
        let item = |data_type| Arc::new(Field::new("item", data_type, true));
        let dictionary = |values| T::Dictionary(Box::new(T::Int32), Box::new(values));
        let runs = |values| {
            let ends = Arc::new(Field::new("run_ends", T::Int32, false));
            T::RunEndEncoded(ends, Arc::new(Field::new("values", values, true)))
        };
        let mut types = vec![
            T::Null,
            T::Boolean,
            T::Int8,
            T::Int16,
            T::Int32,
            T::Int64,
            T::UInt8,
            T::UInt16,
            T::UInt32,
            T::UInt64,
            T::Float16,
            T::Float32,
            T::Float64,
            T::Date32,
            T::Date64,
            T::Binary,
            T::LargeBinary,
            T::BinaryView,
            T::Utf8,
            T::LargeUtf8,
            T::Utf8View,
            T::FixedSizeBinary(3),
            T::FixedSizeBinary(0),
            T::Time32(TimeUnit::Second),
            T::Time32(TimeUnit::Millisecond),
            T::Time64(TimeUnit::Microsecond),
            T::Time64(TimeUnit::Nanosecond),
            T::Interval(IntervalUnit::YearMonth),
            T::Interval(IntervalUnit::DayTime),
            T::Interval(IntervalUnit::MonthDayNano),
            T::Decimal32(9, 2),
            T::Decimal64(18, 2),
            T::Decimal128(38, 10),
            T::Decimal256(76, 10),
            T::Decimal128(5, -2),
            T::Decimal128(3, 5),
            T::Decimal256(5, 2),
        ];
        for unit in units {
            types.push(T::Duration(unit));
            types.push(T::Timestamp(unit, None));
            types.push(T::Timestamp(unit, Some("Europe/Berlin".into())));
        }
        let plain = types.clone();
        for inner in
            plain.into_iter().chain([union(), structure(T::Int8), T::Struct(Fields::empty())])
        {
            types.extend([
                inner.clone(),
                T::List(item(inner.clone())),
                T::LargeList(item(inner.clone())),
                T::ListView(item(inner.clone())),
                T::LargeListView(item(inner.clone())),
                T::FixedSizeList(item(inner.clone()), 2),
                T::FixedSizeList(item(inner.clone()), 0),
                structure(inner.clone()),
                map(inner.clone()),
                dictionary(inner.clone()),
                runs(inner.clone()),
                T::List(item(dictionary(inner.clone()))),
            ]);
        }
        types
    }

    fn stored(data_type: DataType) -> Result<DataType> {
        let schema = Schema::new(vec![Field::new("a", data_type, true)]);
        storable(&schema).map(|stored| stored.written.field(0).data_type().clone())
    }

    #[test]
    fn unsupported_types_are_refused_with_their_path() {
        let message = |data_type| stored(data_type).unwrap_err().to_string();
        assert_eq!(
            message(DataType::FixedSizeBinary(0)),
            "cannot store column \"a\" (FixedSizeBinary(0)) as Parquet: its values have no bytes"
        );
        let inner = structure(DataType::List(Arc::new(Field::new("item", union(), true))));
        assert!(message(inner).starts_with("cannot store column \"a.inner\" (Union("));
        let empty = message(DataType::Struct(Fields::empty()));
        assert_eq!(
            empty,
            "cannot store column \"a\" (Struct()) as Parquet: the struct has no fields"
        );
    }

    #[test]
    fn seconds_become_milliseconds_and_intervals_bytes() {
        let seconds = DataType::Timestamp(TimeUnit::Second, None);
        let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, None);
        assert_eq!(stored(structure(seconds)), Ok(structure(milliseconds)));
        let declared = |data_type| {
            let schema = Schema::new(vec![Field::new("a", data_type, true)]);
            storable(&schema).map(|stored| stored.declared.field(0).data_type().clone())
        };
        let days = DataType::Interval(IntervalUnit::DayTime);
        assert_eq!(stored(structure(days.clone())), Ok(structure(DataType::FixedSizeBinary(12))));
        let months = DataType::Interval(IntervalUnit::MonthDayNano);
        assert_eq!(declared(structure(days)), Ok(structure(months)));
    }
}
