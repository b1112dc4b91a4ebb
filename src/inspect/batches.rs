//! What is shown, as record batches: one schema for each view, whatever the files are.
//!
//! Names, types and meanings are an interface that scripts rely on, listed in the manual: they may
//! be added to, and not changed. Numbers are Int64, as filters and other programs like them best;
//! bounds are text, since the columns of a file have different types. No name is a keyword of SQL,
//! which would have to be quoted in expressions.

use super::json::field_metadata;
use super::tables::Show;
use super::{Column, Contents, Field, FileReport, Format, Indexes, Page, Part};
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use std::sync::Arc;

/// The schema of a view. Everything but `path` may be null: what a format does not say.
pub fn schema(show: Show) -> SchemaRef {
    match show {
        Show::Files => schema_of(&file_columns()),
        Show::RowGroups => schema_of(&part_columns()),
        Show::Columns => schema_of(&column_columns()),
        Show::Pages => schema_of(&page_columns()),
        Show::Schema => schema_of(&field_columns()),
        Show::Metadata => schema_of(&metadata_columns()),
    }
}

/// The rows of a view for one file; none of [`Show::Pages`], which [`pages`] makes.
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

/// Some pages of a file.
///
/// # Errors
/// None that pages can cause; Arrow checks the columns.
pub fn pages(path: &str, pages: &[Page]) -> Result<RecordBatch> {
    let rows: Vec<_> = pages.iter().map(|page| (path, page)).collect();
    batch_of(&page_columns(), &rows)
}

/// The rows of a batch as JSON objects, one on each line.
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

/// A column of a view: its name, and what it says of an item.
struct ColumnOf<T> {
    name: &'static str,
    cell: Cell<T>,
}

enum Cell<T> {
    Text(fn(&T) -> Option<String>),
    Number(fn(&T) -> Option<u64>),
    Flag(fn(&T) -> Option<bool>),
}

fn text<T>(name: &'static str, cell: fn(&T) -> Option<String>) -> ColumnOf<T> {
    ColumnOf { name, cell: Cell::Text(cell) }
}

fn number<T>(name: &'static str, cell: fn(&T) -> Option<u64>) -> ColumnOf<T> {
    ColumnOf { name, cell: Cell::Number(cell) }
}

fn flag<T>(name: &'static str, cell: fn(&T) -> Option<bool>) -> ColumnOf<T> {
    ColumnOf { name, cell: Cell::Flag(cell) }
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
                // Numbers of a file are below 2^63; only a sum of false claims may be above.
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
        .map_err(|error| Error::failed(format!("cannot make record batches: {error}")))
}

fn file_columns<'a>() -> Vec<ColumnOf<&'a FileReport>> {
    vec![
        text("path", |file| Some(file.path.clone())),
        text("format", |file| Some(file.format.name().to_owned())),
        number("rows", |file| Some(file.rows)),
        number("row_groups", |file| file.is_parquet().then_some(file.parts.len() as u64)),
        number("record_batches", |file| (!file.is_parquet()).then_some(file.parts.len() as u64)),
        number("columns", |file| Some(file.fields.len() as u64)),
        number("bytes", |file| Some(file.bytes)),
        text("codec", |file| joined(&file.codecs)),
        number("footer_bytes", |file| match file.format {
            Format::Parquet { footer_bytes, .. } => Some(footer_bytes),
            _ => None,
        }),
        number("bloom_filters", |file| file.indexes().map(|all| all.bloom_filters)),
        number("bloom_filter_bytes", |file| file.indexes().map(|all| all.bloom_filter_bytes)),
        number("page_indexes", |file| file.indexes().map(|all| all.page_indexes)),
        number("page_index_bytes", |file| file.indexes().map(|all| all.page_index_bytes)),
        number("dictionaries", |file| file.ipc().map(|ipc| ipc.dictionaries)),
        flag("end_marker", |file| match file.format {
            Format::ArrowStream { end_marker, .. } => Some(end_marker),
            _ => None,
        }),
        text("created_by", |file| match &file.format {
            Format::Parquet { created_by, .. } => created_by.clone(),
            _ => None,
        }),
        text("warnings", |file| (!file.warnings.is_empty()).then(|| file.warnings.join("; "))),
    ]
}

struct PartRow<'a> {
    path: &'a str,
    number: usize,
    part: &'a Part,
}

fn part_columns<'a>() -> Vec<ColumnOf<PartRow<'a>>> {
    vec![
        text("path", |row| Some(row.path.to_owned())),
        number("row_group", |row| Some(row.number as u64)),
        number("rows", |row| Some(row.part.rows)),
        number("bytes", |row| Some(row.part.stored_bytes)),
        number("uncompressed_bytes", |row| row.part.uncompressed_bytes),
        text("codec", |row| {
            joined(&super::contents::union(row.part.chunks.iter().flat_map(|c| &c.codecs)))
        }),
        number("bloom_filter_bytes", |row| row.part.indexes().map(|all| all.bloom_filter_bytes)),
        number("page_index_bytes", |row| row.part.indexes().map(|all| all.page_index_bytes)),
    ]
}

fn column_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a Column)>> {
    vec![
        text("path", |(path, _)| Some((*path).to_owned())),
        text("column_name", |(_, column)| Some(column.path.clone())),
        text("type", |(_, column)| Some(column.type_name.clone())),
        text("encodings", |(_, column)| joined(&column.contents.encodings)),
        text("codec", |(_, column)| joined(&column.contents.codecs)),
        number("values", |(_, column)| column.contents.values),
        number("nulls", |(_, column)| column.contents.nulls),
        number("bytes", |(_, column)| column.contents.stored_bytes),
        number("uncompressed_bytes", |(_, column)| column.contents.uncompressed_bytes),
        text("min", |(_, column)| column.contents.min.as_ref().map(ToString::to_string)),
        text("max", |(_, column)| column.contents.max.as_ref().map(ToString::to_string)),
        number("bloom_filters", |(_, column)| known(&column.contents, |all| all.bloom_filters)),
        number("bloom_filter_bytes", |(_, column)| {
            known(&column.contents, |all| all.bloom_filter_bytes)
        }),
        number("page_indexes", |(_, column)| known(&column.contents, |all| all.page_indexes)),
        number("page_index_bytes", |(_, column)| {
            known(&column.contents, |all| all.page_index_bytes)
        }),
    ]
}

fn page_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a Page)>> {
    vec![
        text("path", |(path, _)| Some((*path).to_owned())),
        number("row_group", |(_, page)| Some(page.row_group)),
        text("column_name", |(_, page)| Some(page.column.clone())),
        number("page", |(_, page)| Some(page.number)),
        text("kind", |(_, page)| Some(page.kind.name().to_owned())),
        text("encoding", |(_, page)| page.encoding.map(str::to_owned)),
        text("codec", |(_, page)| Some(page.codec.to_owned())),
        number("rows", |(_, page)| page.rows),
        number("values", |(_, page)| page.values),
        number("nulls", |(_, page)| page.nulls),
        number("file_offset", |(_, page)| Some(page.offset)),
        number("header_bytes", |(_, page)| Some(page.header_bytes)),
        number("bytes", |(_, page)| Some(page.stored_bytes)),
        number("uncompressed_bytes", |(_, page)| Some(page.uncompressed_bytes)),
        flag("checksum", |(_, page)| Some(page.has_checksum)),
        text("min", |(_, page)| page.min.as_ref().map(ToString::to_string)),
        text("max", |(_, page)| page.max.as_ref().map(ToString::to_string)),
    ]
}

struct FieldRow<'a> {
    path: &'a str,
    /// With the names above it, joined by dots.
    name: String,
    field: &'a Field,
}

fn field_rows<'a>(
    path: &'a str,
    above: Option<&str>,
    fields: &'a [Field],
    rows: &mut Vec<FieldRow<'a>>,
) {
    for field in fields {
        let name = match above {
            Some(above) => format!("{above}.{}", field.name),
            None => field.name.clone(),
        };
        rows.push(FieldRow { path, name: name.clone(), field });
        field_rows(path, Some(&name), &field.children, rows);
    }
}

fn field_columns<'a>() -> Vec<ColumnOf<FieldRow<'a>>> {
    vec![
        text("path", |row| Some(row.path.to_owned())),
        text("field", |row| Some(row.name.clone())),
        text("type", |row| Some(row.field.type_name.clone())),
        text("occurs", |row| Some(row.field.occurs.name().to_owned())),
        text("metadata", |row| {
            (!row.field.metadata.is_empty()).then(|| field_metadata(row.field).to_string())
        }),
    ]
}

fn metadata_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a String, &'a Option<String>)>> {
    vec![
        text("path", |(path, _, _)| Some((*path).to_owned())),
        text("key", |(_, key, _)| Some((*key).clone())),
        text("value", |(_, _, value)| (*value).clone()),
    ]
}

/// Names in one text, as in tables; nothing where there is none.
fn joined(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("+"))
}

/// Headers of Arrow messages know no indexes.
fn known(contents: &Contents, number: fn(&Indexes) -> u64) -> Option<u64> {
    (!contents.encodings.is_empty()).then(|| number(&contents.indexes))
}
