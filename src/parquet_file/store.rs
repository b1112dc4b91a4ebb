//! Conversion of rows to the types that Parquet stores.

use super::intervals::{holds_interval, intervals_stored};
use crate::error::{Error, Result};
use crate::schema::{batch_of, cast_exactly, convert_columns, expand, holds, with_type};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;
use std::ops::Range;
use std::sync::Arc;

/// Converts rows to a schema made by [`stored_schema`](crate::parquet_file::stored_schema). The
/// first row has number `first_row` in the stream. Columns in a dictionary or in runs of stored
/// values stay as they are.
///
/// # Errors
/// A value that the stored type cannot represent, with its column and row number.
pub fn store(batch: &RecordBatch, schema: &SchemaRef, first_row: u64) -> Result<RecordBatch> {
    with_types(batch, schema, |column, field| store_column(column, field, first_row))
}

/// Converts the columns that have other types than the fields of the schema. A column that has the
/// values of its field in a dictionary or in runs stays as it is.
///
/// # Errors
/// Those of `convert`.
pub(crate) fn with_types(
    batch: &RecordBatch,
    schema: &SchemaRef,
    convert: impl Fn(&ArrayRef, &Field) -> Result<ArrayRef>,
) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| match column.data_type() {
        same if same == field.data_type() => Ok(column.clone()),
        encoded if is_encoded(encoded, field.data_type()) => Ok(column.clone()),
        _ => convert(column, field),
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
    let pairs = || schema.fields().iter().zip(&columns);
    let schema = if pairs().any(|(field, column)| field.data_type() != column.data_type()) {
        let fields = pairs().map(|(field, column)| with_type(field, column.data_type().clone()));
        &Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    } else {
        schema
    };
    batch_of(schema, columns, batch.num_rows())
        .map_err(|error| Error::failed(format!("cannot store as Parquet: {error}")))
}

/// Whether a type is a dictionary or runs of values of a type that is not nested.
fn is_encoded(encoded: &DataType, values: &DataType) -> bool {
    !values.is_nested()
        && match encoded {
            DataType::Dictionary(_, of) => **of == *values,
            DataType::RunEndEncoded(_, of) => of.data_type() == values,
            _ => false,
        }
}

/// Expands the columns that [`store`] has left in a dictionary or in runs.
///
/// # Errors
/// Values that Arrow cannot copy.
pub(crate) fn expanded(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    convert_columns(batch, schema, |column, _| expand(column))
        .map_err(|error| Error::failed(format!("cannot store as Parquet: {error}")))
}

fn store_column(column: &ArrayRef, field: &Field, first_row: u64) -> Result<ArrayRef> {
    let to = field.data_type();
    // Values that no row refers to, such as those around a slice of lists, do not count.
    let own = |_| converted(&rows(column, 0..column.len()), to);
    converted(column, to).or_else(own).map_err(|error| {
        let (row, why) = first_failure(column, to).unwrap_or((0, error));
        let (name, row) = (escaped(field.name()), first_row + row as u64);
        let to = if holds_interval(column.data_type()) { "INTERVAL" } else { &to.to_string() };
        let why = match &why {
            ArrowError::CastError(why) => why,
            other => &other.to_string(),
        };
        Error::failed(format!("cannot store column \"{name}\", row {row}, as {to}: {why}"))
    })
}

fn converted(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let from = intervals_stored(column)?;
    let stored = cast_exactly(&from, to)?;
    // Arrow requires the milliseconds of `Date64` to be whole days, but nothing checks it. For
    // seconds that are out of range, the cast itself fails.
    if holds_date64(column.data_type())
        && cast_exactly(&stored, from.data_type())?.as_ref() != from.as_ref()
    {
        let value = array_value_to_string(column, 0).unwrap_or_default();
        return Err(ArrowError::CastError(format!(
            "{value} is not a whole day; cast the column to a timestamp"
        )));
    }
    Ok(stored)
}

/// The first row that cannot be converted, and the reason.
fn first_failure(column: &ArrayRef, to: &DataType) -> Option<(usize, ArrowError)> {
    let mut range = 0..column.len();
    while range.len() > 1 {
        let middle = range.start + range.len() / 2;
        range = match converted(&rows(column, range.start..middle), to) {
            Err(_) => range.start..middle,
            Ok(_) => middle..range.end,
        };
    }
    let error = converted(&rows(column, range.clone()), to).err()?;
    Some((range.start, error))
}

/// Some rows, without the values around them.
fn rows(column: &ArrayRef, range: Range<usize>) -> ArrayRef {
    let numbers = UInt64Array::from_iter_values(range.start as u64..range.end as u64);
    take(column, &numbers, None).unwrap_or_else(|_| column.slice(range.start, range.len()))
}

fn holds_date64(data_type: &DataType) -> bool {
    holds(data_type, |inner| *inner == DataType::Date64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::stored_schema;
    use arrow::array::{
        AsArray, Date64Array, IntervalDayTimeArray, IntervalMonthDayNanoArray, ListArray,
        StructArray, TimestampSecondArray,
    };
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::{IntervalDayTime, IntervalMonthDayNano, TimeUnit};

    fn batch(column: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([("a", column)]).unwrap()
    }

    fn stored(column: ArrayRef, first_row: u64) -> Result<ArrayRef> {
        let batch = batch(column);
        let schema = stored_schema(&batch.schema())?;
        store(&batch, &schema, first_row).map(|stored| stored.column(0).clone())
    }

    fn message(column: ArrayRef, first_row: u64) -> String {
        stored(column, first_row).unwrap_err().to_string()
    }

    #[test]
    fn seconds_become_milliseconds_and_nothing_is_lost() {
        let seconds = |values: Vec<i64>| Arc::new(TimestampSecondArray::from(values)) as ArrayRef;
        let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, None);
        assert_eq!(stored(seconds(vec![-7]), 0).unwrap().data_type(), &milliseconds);
        let mut values: Vec<i64> = (0..1000).collect();
        values[777] = i64::MAX / 10;
        values[900] = i64::MIN;
        let error = message(seconds(values), 5000);
        let start = "cannot store column \"a\", row 5777, as Timestamp(ms): ";
        assert!(error.starts_with(start) && error.contains("922337203685477580"), "{error}");
    }

    #[test]
    fn a_date_in_milliseconds_must_be_a_whole_day() {
        let dates = |value| Arc::new(Date64Array::from(vec![None, Some(value)])) as ArrayRef;
        assert!(stored(dates(-86_400_000), 0).is_ok());
        assert_eq!(
            message(dates(1), 10),
            "cannot store column \"a\", row 11, as Date32: 1970-01-01T00:00:00.001 is not a whole \
             day; cast the column to a timestamp"
        );
    }

    #[test]
    fn intervals_become_twelve_bytes_or_name_their_row() {
        let interval = IntervalMonthDayNano::new;
        let column: ArrayRef = Arc::new(IntervalMonthDayNanoArray::from(vec![
            Some(interval(14, 2, 3_000_000_000)),
            None,
        ]));
        let bytes = stored(column.clone(), 0).unwrap();
        assert_eq!(bytes.as_fixed_size_binary().value(0), b"\x0e\0\0\0\x02\0\0\0\xb8\x0b\0\0");
        assert!(bytes.is_null(1));
        let wrong = vec![interval(0, 0, 0), interval(1, -2, 0)];
        assert_eq!(
            message(Arc::new(IntervalMonthDayNanoArray::from(wrong)), 3),
            "cannot store column \"a\", row 4, as INTERVAL: 1 mons -2 days has a negative part; \
             leave the column out, or write an Arrow file (stream-to-file)"
        );
        let days = IntervalDayTimeArray::from(vec![IntervalDayTime::new(3, 4)]);
        let days = stored(Arc::new(days), 0).unwrap();
        assert_eq!(days.as_fixed_size_binary().value(0), b"\0\0\0\0\x03\0\0\0\x04\0\0\0");
    }

    #[test]
    fn values_outside_a_slice_do_not_count() {
        let interval = |days| IntervalMonthDayNano::new(0, days, 0);
        let values = IntervalMonthDayNanoArray::from_iter_values([-1, 2, 3].map(interval));
        let field = Arc::new(Field::new("item", values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([1, 2]);
        let lists = ListArray::new(field, offsets, Arc::new(values), None);
        let lists = StructArray::from(vec![(
            Arc::new(Field::new("l", lists.data_type().clone(), true)),
            Arc::new(lists) as ArrayRef,
        )]);
        let lists: ArrayRef = Arc::new(lists);
        assert!(stored(lists.slice(1, 1), 0).is_ok());
        let error = message(lists, 0);
        assert!(error.starts_with("cannot store column \"a\", row 0, as INTERVAL: "), "{error}");
        let schema = Schema::new(vec![Field::new("a", DataType::Int8, true)]);
        assert_eq!(stored_schema(&schema).unwrap().as_ref(), &schema);
    }
}
