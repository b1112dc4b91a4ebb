//! A summary as a record batch: a row for each column.

use super::cells::plain;
use super::failure::failed;
use super::found::{ColumnSummary, Estimate, Histogram};
use super::json::SPREAD;
use crate::error::Result;
use crate::schema::type_text;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, Int64Builder, ListArray, ListBuilder,
    RecordBatch, StringArray, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use std::sync::Arc;

/// The columns of [`batch`].
pub fn schema() -> SchemaRef {
    let (text, integer, double) = (DataType::Utf8, DataType::Int64, DataType::Float64);
    let mut fields = vec![
        Field::new("column", text.clone(), false),
        Field::new("type", text.clone(), false),
        Field::new("rows", integer.clone(), false),
        Field::new("nulls", integer.clone(), false),
    ];
    let mut add = |name: &str, data_type: &DataType| {
        fields.push(Field::new(name, data_type.clone(), true));
    };
    add("distinct", &integer);
    add("distinct_exact", &DataType::Boolean);
    add("true", &integer);
    SPREAD.iter().for_each(|name| add(name, &text));
    add("quantiles_exact", &DataType::Boolean);
    add("mean", &double);
    add("deviation", &double);
    add("nan", &integer);
    add("infinite", &integer);
    add("shortest", &integer);
    add("mean_length", &double);
    add("longest", &integer);
    add("top", &DataType::List(top_item()));
    add("top_exact", &DataType::Boolean);
    add("histogram", &DataType::Struct(histogram_fields()));
    Arc::new(Schema::new(fields))
}

/// The summaries as a batch. Facts that the type of a column does not have are null.
///
/// # Errors
/// None in practice: all values can be shown.
pub fn batch(columns: &[ColumnSummary]) -> Result<RecordBatch> {
    let distinct = |column: &ColumnSummary| column.distinct;
    let lengths = |column: &ColumnSummary| column.lengths;
    let mut arrays: Vec<ArrayRef> = vec![
        texts(columns, |column| Some(column.name.clone())),
        texts(columns, |column| Some(type_text(column.field.data_type()))),
        counts(columns, |column| Some(column.rows)),
        counts(columns, |column| Some(column.nulls)),
        counts(columns, |column| distinct(column).map(|Estimate { value, .. }| value)),
        flags(columns, |column| distinct(column).map(|Estimate { is_exact, .. }| is_exact)),
        counts(columns, |column| column.trues),
    ];
    arrays.extend(spreads(columns)?);
    arrays.extend([
        flags(columns, |column| column.spread.as_ref().map(|spread| spread.is_exact)),
        doubles(columns, |column| column.mean),
        doubles(columns, |column| column.deviation),
        counts(columns, |column| column.nans),
        counts(columns, |column| column.infinities),
        counts(columns, |column| lengths(column).map(|lengths| lengths.shortest)),
        doubles(columns, |column| lengths(column).map(|lengths| lengths.mean)),
        counts(columns, |column| lengths(column).map(|lengths| lengths.longest)),
        top(columns)?,
        flags(columns, |column| column.top.as_ref().map(|top| top.is_exact)),
        histograms(columns)?,
    ]);
    RecordBatch::try_new(schema(), arrays).map_err(failed)
}

fn texts(columns: &[ColumnSummary], of: impl Fn(&ColumnSummary) -> Option<String>) -> ArrayRef {
    Arc::new(columns.iter().map(of).collect::<StringArray>())
}

fn counts(columns: &[ColumnSummary], of: impl Fn(&ColumnSummary) -> Option<u64>) -> ArrayRef {
    let counts = columns.iter().map(|column| of(column).map(|count| count as i64));
    Arc::new(counts.collect::<Int64Array>())
}

fn doubles(columns: &[ColumnSummary], of: impl Fn(&ColumnSummary) -> Option<f64>) -> ArrayRef {
    Arc::new(columns.iter().map(of).collect::<Float64Array>())
}

fn flags(columns: &[ColumnSummary], of: impl Fn(&ColumnSummary) -> Option<bool>) -> ArrayRef {
    Arc::new(columns.iter().map(of).collect::<BooleanArray>())
}

/// The smallest value, quantiles and the largest value as text, of all columns.
fn spreads(columns: &[ColumnSummary]) -> Result<Vec<ArrayRef>> {
    let rows = columns.iter().map(|column| {
        let mut row = vec![None; SPREAD.len()];
        if let Some(ends) = &column.ends {
            let ends = plain(&column.field, ends)?;
            row[0] = ends.first().cloned();
            row[SPREAD.len() - 1] = ends.last().cloned();
        }
        if let Some(spread) = &column.spread {
            row = plain(&column.field, &spread.values)?.into_iter().map(Some).collect();
        }
        Ok(row)
    });
    let rows: Vec<Vec<Option<String>>> = rows.collect::<Result<_>>()?;
    let array = |place: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row[place].clone()).collect::<StringArray>())
    };
    Ok((0..SPREAD.len()).map(array).collect())
}

fn top_fields() -> Fields {
    Fields::from(vec![
        Field::new("value", DataType::Utf8, false),
        Field::new("rows", DataType::Int64, false),
    ])
}

fn top_item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(top_fields()), false))
}

fn top(columns: &[ColumnSummary]) -> Result<ArrayRef> {
    let (mut values, mut rows, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        let top = column.top.as_ref();
        lengths.push(top.map_or(0, |top| top.rows.len()));
        if let Some(top) = top {
            values.extend(plain(&column.field, &top.values)?);
            rows.extend(top.rows.iter().map(|rows| *rows as i64));
        }
    }
    let arrays: Vec<ArrayRef> =
        vec![Arc::new(StringArray::from(values)), Arc::new(Int64Array::from(rows))];
    let items = StructArray::try_new(top_fields(), arrays, None).map_err(failed)?;
    let nulls: NullBuffer = columns.iter().map(|column| column.top.is_some()).collect();
    let offsets = OffsetBuffer::from_lengths(lengths);
    let list = ListArray::try_new(top_item(), offsets, Arc::new(items), Some(nulls));
    Ok(Arc::new(list.map_err(failed)?))
}

fn bin_item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, false))
}

fn histogram_fields() -> Fields {
    Fields::from(vec![
        Field::new("from", DataType::Utf8, true),
        Field::new("to", DataType::Utf8, true),
        Field::new("rows", DataType::List(bin_item()), true),
    ])
}

fn histograms(columns: &[ColumnSummary]) -> Result<ArrayRef> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    let mut rows = ListBuilder::new(Int64Builder::new()).with_field(bin_item());
    for column in columns {
        let Some(Histogram { ends, rows: bins }) = &column.histogram else {
            from.push(None);
            to.push(None);
            rows.append_null();
            continue;
        };
        let ends = plain(&column.field, ends)?;
        from.push(ends.first().cloned());
        to.push(ends.last().cloned());
        rows.append_value(bins.iter().map(|bin| Some(*bin as i64)));
    }
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(from)),
        Arc::new(StringArray::from(to)),
        Arc::new(rows.finish()),
    ];
    let nulls: NullBuffer = columns.iter().map(|column| column.histogram.is_some()).collect();
    let histograms = StructArray::try_new(histogram_fields(), arrays, Some(nulls));
    Ok(Arc::new(histograms.map_err(failed)?))
}
