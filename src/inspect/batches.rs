//! Views as record batches: each view has one schema, whatever the files are.
//!
//! Names, types and meanings are an interface that scripts rely on, listed in the manual: columns
//! may be added, but not changed. Numbers are Int64, which works best with filters and other
//! programs; min and max are text, since the columns of a file have different types. No name is an
//! SQL keyword, which would have to be quoted in expressions.

use super::bloom_probe::Probed;
use super::dictionary::Dictionary;
use super::page_chunk::Page;
use super::verify::Fault;
use super::view_columns::{
    Cell, ColumnOf, column_columns, entry_columns, fault_columns, field_columns, field_rows,
    file_columns, metadata_columns, page_columns, part_columns, probe_columns,
};
use super::{FileReport, Show};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use std::iter::once;
use std::sync::Arc;

/// The schema of a view. Every column but `path` is null where a format has no such fact.
pub(super) fn schema(show: Show) -> SchemaRef {
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
pub(super) fn probe_schema() -> SchemaRef {
    schema_of(&probe_columns())
}

/// The rows of a view for one file; none for [`Show::Pages`] and [`Show::Dictionary`], whose rows
/// come from [`pages`] and [`dictionary`].
pub(super) fn rows(report: &FileReport, show: Show) -> Result<RecordBatch> {
    let path = report.path.as_str();
    match show {
        Show::Files => batch_of(path, &file_columns(), std::slice::from_ref(report)),
        Show::RowGroups => {
            let parts: Vec<_> = report.parts.iter().enumerate().collect();
            batch_of(path, &part_columns(), &parts)
        }
        Show::Columns => batch_of(path, &column_columns(), &report.columns),
        Show::Pages => pages(path, &[]),
        Show::Dictionary => batch_of(path, &entry_columns(), &[]),
        Show::Schema => batch_of(path, &field_columns(), &field_rows(&report.fields)),
        Show::Metadata => batch_of(path, &metadata_columns(), &report.metadata),
    }
}

/// The rows for some pages of a file.
pub(super) fn pages(path: &str, pages: &[Page]) -> Result<RecordBatch> {
    batch_of(path, &page_columns(), pages)
}

/// The rows for some entries of a dictionary, from `start` on.
pub(super) fn dictionary(
    path: &str,
    dictionary: &Dictionary,
    start: usize,
    most: usize,
) -> Result<RecordBatch> {
    let entries = dictionary.entries.iter().enumerate().skip(start).take(most);
    let rows: Vec<_> = entries.map(|(number, entry)| (dictionary, number, entry)).collect();
    batch_of(path, &entry_columns(), &rows)
}

/// The bloom filter answers, one row per row group.
pub(super) fn probe(probed: &Probed) -> Result<RecordBatch> {
    let row_groups = probed.row_groups.iter().enumerate();
    let rows: Vec<_> =
        row_groups.map(|(number, row_group)| (&probed.probe, number, *row_group)).collect();
    batch_of(&probed.path, &probe_columns(), &rows)
}

/// The schema of faults.
pub(super) fn fault_schema() -> SchemaRef {
    schema_of(&fault_columns())
}

/// The faults of a file, one per row.
pub(super) fn faults(path: &str, faults: &[Fault]) -> Result<RecordBatch> {
    batch_of(path, &fault_columns(), faults)
}

/// The rows of a batch as JSON objects, one per line.
pub(super) fn json_lines(batch: &RecordBatch) -> Result<Vec<String>> {
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
        ArrowField::new(column.name, data_type, true)
    };
    let path = ArrowField::new("path", DataType::Utf8, false);
    Arc::new(Schema::new(once(path).chain(columns.iter().map(field)).collect::<Vec<_>>()))
}

fn batch_of<T>(path: &str, columns: &[ColumnOf<T>], items: &[T]) -> Result<RecordBatch> {
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
    let paths: ArrayRef = Arc::new(StringArray::from_iter_values(items.iter().map(|_| path)));
    let arrays = once(paths).chain(columns.iter().map(array)).collect();
    RecordBatch::try_new(schema_of(columns), arrays)
        .map_err(|error| Error::failed(format!("cannot build record batches: {error}")))
}
