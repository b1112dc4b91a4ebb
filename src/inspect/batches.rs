//! Views as record batches: each view has one schema, whatever the files are.
//!
//! Names, types and meanings are an interface that scripts rely on, listed in the manual: columns
//! may be added, but not changed. Numbers are Int64, which works best with filters and other
//! programs; min and max are text, since the columns of a file have different types. No name is an
//! SQL keyword, which would have to be quoted in expressions.

use super::dictionary::Dictionary;
use super::tables::Show;
use super::view_columns::{
    Cell, ColumnOf, EntryRow, PartRow, column_columns, entry_columns, field_columns, field_rows,
    file_columns, metadata_columns, page_columns, part_columns, probe_columns,
};
use super::{FileReport, Page, Probed};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use std::sync::Arc;

/// The schema of a view. Every column but `path` is null where a format has no such fact.
pub fn schema(show: Show) -> SchemaRef {
    match show {
        Show::Files => schema_of(&file_columns()),
        Show::RowGroups => schema_of(&part_columns()),
        Show::Columns => schema_of(&column_columns()),
        Show::Pages => schema_of(&page_columns()),
        Show::Dictionary => schema_of(&entry_columns()),
        Show::Schema => schema_of(&field_columns()),
        Show::Metadata => schema_of(&metadata_columns()),
    }
}

/// The schema of bloom filter answers.
pub fn probe_schema() -> SchemaRef {
    schema_of(&probe_columns())
}

/// The rows of a view for one file; none for [`Show::Pages`] and [`Show::Dictionary`], whose rows
/// come from [`pages`] and [`dictionary`].
///
/// # Errors
/// None that a report can cause; Arrow checks the columns.
pub fn rows(report: &FileReport, show: Show) -> Result<RecordBatch> {
    let path = report.path.as_str();
    match show {
        Show::Files => batch_of(&file_columns(), &[report]),
        Show::RowGroups => {
            let parts = report.parts.iter().enumerate();
            let rows: Vec<_> = parts.map(|(number, part)| PartRow { path, number, part }).collect();
            batch_of(&part_columns(), &rows)
        }
        Show::Columns => {
            let rows: Vec<_> = report.columns.iter().map(|column| (path, column)).collect();
            batch_of(&column_columns(), &rows)
        }
        Show::Pages => batch_of(&page_columns(), &[]),
        Show::Dictionary => batch_of(&entry_columns(), &[]),
        Show::Schema => {
            let mut rows = Vec::new();
            field_rows(path, None, &report.fields, &mut rows);
            batch_of(&field_columns(), &rows)
        }
        Show::Metadata => {
            let pairs = report.metadata.iter();
            let rows: Vec<_> = pairs.map(|(key, value)| (path, key, value)).collect();
            batch_of(&metadata_columns(), &rows)
        }
    }
}

/// The rows for some pages of a file.
///
/// # Errors
/// None that pages can cause; Arrow checks the columns.
pub fn pages(path: &str, pages: &[Page]) -> Result<RecordBatch> {
    let rows: Vec<_> = pages.iter().map(|page| (path, page)).collect();
    batch_of(&page_columns(), &rows)
}

/// The rows for a batch of a dictionary's entries, from `start` on; none at the end.
///
/// # Errors
/// None that a dictionary can cause; Arrow checks the columns.
pub fn dictionary(path: &str, dictionary: &Dictionary, start: usize) -> Result<RecordBatch> {
    const MOST_ROWS: usize = 4096;
    let end = dictionary.entries.len().min(start.saturating_add(MOST_ROWS));
    let rows = (start..end).map(|number| EntryRow { path, dictionary, number });
    batch_of(&entry_columns(), &rows.collect::<Vec<_>>())
}

/// The bloom filter answers, one row per row group.
///
/// # Errors
/// None that the filters can cause; Arrow checks the columns.
pub fn probe(probed: &Probed) -> Result<RecordBatch> {
    let rows: Vec<_> = (0..probed.row_groups.len()).map(|number| (probed, number)).collect();
    batch_of(&probe_columns(), &rows)
}

/// The rows of a batch as JSON objects, one per line.
///
/// # Errors
/// None that these batches can cause.
pub fn json_lines(batch: &RecordBatch) -> Result<Vec<String>> {
    let cannot =
        |error: &dyn std::fmt::Display| Error::failed(format!("cannot write JSON: {error}"));
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(batch).and_then(|()| writer.finish()).map_err(|error| cannot(&error))?;
    let text = String::from_utf8(writer.into_inner()).map_err(|error| cannot(&error))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn schema_of<T>(columns: &[ColumnOf<T>]) -> SchemaRef {
    let field = |column: &ColumnOf<T>| {
        let data_type = match column.cell {
            Cell::Text(_) => DataType::Utf8,
            Cell::Number(_) => DataType::Int64,
            Cell::Flag(_) => DataType::Boolean,
        };
        ArrowField::new(column.name, data_type, column.name != "path")
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn batch_of<T>(columns: &[ColumnOf<T>], items: &[T]) -> Result<RecordBatch> {
    let array = |column: &ColumnOf<T>| -> ArrayRef {
        match column.cell {
            Cell::Text(cell) => Arc::new(items.iter().map(cell).collect::<StringArray>()),
            Cell::Number(cell) => Arc::new(
                // The numbers of a file are below 2^63; only a sum of false claims may exceed it.
                items
                    .iter()
                    .map(|item| cell(item).map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
                    .collect::<Int64Array>(),
            ),
            Cell::Flag(cell) => Arc::new(items.iter().map(cell).collect::<BooleanArray>()),
        }
    };
    let arrays = columns.iter().map(array).collect();
    RecordBatch::try_new(schema_of(columns), arrays)
        .map_err(|error| Error::failed(format!("cannot build record batches: {error}")))
}
