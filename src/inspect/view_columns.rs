//! The columns of each view: their names, and their values for an item. The path of the file comes
//! before them.

use super::bloom_probe::ProbedRowGroup;
use super::bounds::Ignored;
use super::cells::joined;
use super::contents::{Contents, Indexes, union};
use super::dictionary::{Dictionary, Entry};
use super::json::field_metadata;
use super::page_chunk::Page;
use super::verify::Fault;
use super::{Column, Field, FileReport, Format, Part, Probe};

/// A column of a view: its name, and its value for an item.
pub(super) struct ColumnOf<T> {
    pub(super) name: &'static str,
    pub(super) cell: Cell<T>,
}

pub(super) enum Cell<T> {
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

pub(super) fn file_columns() -> Vec<ColumnOf<FileReport>> {
    vec![
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

pub(super) fn part_columns<'a>() -> Vec<ColumnOf<(usize, &'a Part)>> {
    vec![
        number("row_group", |(number, _)| Some(*number as u64)),
        number("rows", |(_, part)| Some(part.rows)),
        number("bytes", |(_, part)| Some(part.stored_bytes)),
        number("uncompressed_bytes", |(_, part)| part.uncompressed_bytes),
        text("codec", |(_, part)| joined(&union(part.chunks.iter().flat_map(|c| &c.codecs)))),
        number("bloom_filter_bytes", |(_, part)| part.indexes().map(|all| all.bloom_filter_bytes)),
        number("page_index_bytes", |(_, part)| part.indexes().map(|all| all.page_index_bytes)),
        text("file_path", |(_, part)| part.file.clone()),
    ]
}

pub(super) fn fault_columns() -> Vec<ColumnOf<Fault>> {
    vec![
        text("kind", |fault| Some(fault.kind.name().to_owned())),
        number("row_group", |fault| fault.place.row_group),
        number("record_batch", |fault| fault.place.record_batch),
        number("dictionary", |fault| fault.place.dictionary),
        text("column_name", |fault| fault.place.column.clone()),
        number("page", |fault| fault.place.page),
        text("place", |fault| Some(fault.place.to_string())),
        text("fault", |fault| Some(fault.what.clone())),
    ]
}

pub(super) fn column_columns() -> Vec<ColumnOf<Column>> {
    vec![
        text("column_name", |column| Some(column.path.clone())),
        text("type", |column| Some(column.type_name.clone())),
        text("encodings", |column| joined(&column.contents.encodings)),
        text("codec", |column| joined(&column.contents.codecs)),
        number("values", |column| column.contents.values),
        number("nulls", |column| column.contents.nulls),
        number("bytes", |column| column.contents.stored_bytes),
        number("uncompressed_bytes", |column| column.contents.uncompressed_bytes),
        text("min", |column| column.contents.bounds.min.as_ref().map(ToString::to_string)),
        text("max", |column| column.contents.bounds.max.as_ref().map(ToString::to_string)),
        number("bloom_filters", |column| indexes(&column.contents).map(|all| all.bloom_filters)),
        number("bloom_filter_bytes", |column| {
            indexes(&column.contents).map(|all| all.bloom_filter_bytes)
        }),
        number("page_indexes", |column| indexes(&column.contents).map(|all| all.page_indexes)),
        number("page_index_bytes", |column| {
            indexes(&column.contents).map(|all| all.page_index_bytes)
        }),
        flag("is_min_value_exact", |column| column.contents.bounds.min_is_exact),
        flag("is_max_value_exact", |column| column.contents.bounds.max_is_exact),
        text("bounds_ignored", |column| reason(column.contents.bounds.ignored)),
        text("nulls_ignored", |column| reason(column.contents.nulls_ignored)),
    ]
}

pub(super) fn page_columns() -> Vec<ColumnOf<Page>> {
    vec![
        number("row_group", |page| Some(page.row_group)),
        text("column_name", |page| Some(page.column.clone())),
        number("page", |page| Some(page.number)),
        text("kind", |page| Some(page.kind.name().to_owned())),
        text("encoding", |page| page.encoding.map(str::to_owned)),
        text("codec", |page| Some(page.codec.to_owned())),
        number("rows", |page| page.rows),
        number("values", |page| page.values),
        number("nulls", |page| page.nulls),
        number("file_offset", |page| Some(page.offset)),
        number("header_bytes", |page| Some(page.header_bytes)),
        number("bytes", |page| Some(page.stored_bytes)),
        number("uncompressed_bytes", |page| Some(page.uncompressed_bytes)),
        flag("checksum", |page| Some(page.has_checksum)),
        text("min", |page| page.bounds.min.as_ref().map(ToString::to_string)),
        text("max", |page| page.bounds.max.as_ref().map(ToString::to_string)),
        flag("is_min_value_exact", |page| page.bounds.min_is_exact),
        flag("is_max_value_exact", |page| page.bounds.max_is_exact),
        text("bounds_ignored", |page| reason(page.bounds.ignored)),
        text("nulls_ignored", |page| reason(page.nulls_ignored)),
        number("trailing_bytes", |page| page.trailing_bytes),
    ]
}

/// The columns of an entry of a dictionary, which is given with its number.
pub(super) fn entry_columns<'a>() -> Vec<ColumnOf<(&'a Dictionary, usize, &'a Entry)>> {
    vec![
        number("row_group", |(dictionary, ..)| Some(dictionary.row_group)),
        text("column_name", |(dictionary, ..)| Some(dictionary.column.clone())),
        text("type", |(dictionary, ..)| Some(dictionary.type_name.clone())),
        number("entries", |(dictionary, ..)| Some(dictionary.entries.len() as u64)),
        number("values", |(dictionary, ..)| Some(dictionary.values)),
        number("bytes", |(dictionary, ..)| Some(dictionary.stored_bytes)),
        number("uncompressed_bytes", |(dictionary, ..)| Some(dictionary.uncompressed_bytes)),
        number("chunk_bytes", |(dictionary, ..)| dictionary.chunk_bytes),
        number("entry", |(_, number, _)| Some(*number as u64)),
        number("entry_bytes", |(_, _, entry)| Some(entry.bytes)),
        text("value", |(_, _, entry)| Some(entry.value.to_string())),
    ]
}

pub(super) fn probe_columns<'a>() -> Vec<ColumnOf<(&'a Probe, usize, ProbedRowGroup)>> {
    vec![
        number("row_group", |(_, number, _)| Some(*number as u64)),
        text("column_name", |(probe, ..)| Some(probe.column.clone())),
        text("value", |(probe, ..)| Some(probe.value.clone())),
        number("rows", |(_, _, row_group)| Some(row_group.rows)),
        number("filter_bytes", |(_, _, row_group)| row_group.filter_bytes),
        flag("may_contain", |(_, _, row_group)| row_group.may_contain),
    ]
}

/// A field at some depth of the schema.
pub(super) struct FieldRow<'a> {
    pub(super) depth: usize,
    /// The names from the root, joined by dots.
    pub(super) path: String,
    pub(super) field: &'a Field,
}

/// All fields of a schema, parents first.
pub(super) fn field_rows(fields: &[Field]) -> Vec<FieldRow<'_>> {
    let mut rows = Vec::new();
    fields.iter().for_each(|field| add_field(field, None, &mut rows));
    rows
}

fn add_field<'a>(field: &'a Field, above: Option<(usize, &str)>, rows: &mut Vec<FieldRow<'a>>) {
    let (depth, path) = match above {
        Some((depth, above)) => (depth + 1, format!("{above}.{}", field.name)),
        None => (0, field.name.clone()),
    };
    rows.push(FieldRow { depth, path: path.clone(), field });
    field.children.iter().for_each(|child| add_field(child, Some((depth, &path)), rows));
}

pub(super) fn field_columns<'a>() -> Vec<ColumnOf<FieldRow<'a>>> {
    vec![
        text("field", |row| Some(row.path.clone())),
        text("type", |row| Some(row.field.type_name.clone())),
        text("occurs", |row| Some(row.field.occurs.name().to_owned())),
        text("metadata", |row| {
            (!row.field.metadata.is_empty()).then(|| field_metadata(row.field).to_string())
        }),
    ]
}

pub(super) fn metadata_columns() -> Vec<ColumnOf<(String, Option<String>)>> {
    vec![text("key", |(key, _)| Some(key.clone())), text("value", |(_, value)| value.clone())]
}

/// Why a statistic is ignored, in a word.
fn reason(ignored: Option<Ignored>) -> Option<String> {
    ignored.map(|why| why.name().to_owned())
}

/// The indexes; none for Arrow, whose message headers have no indexes.
fn indexes(contents: &Contents) -> Option<Indexes> {
    (!contents.encodings.is_empty()).then_some(contents.indexes)
}
