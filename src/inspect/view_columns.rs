//! The columns of each view: their names, and their values for an item.

use super::dictionary::Dictionary;
use super::json::field_metadata;
use super::{Column, Contents, Field, FileReport, Format, Ignored, Indexes, Page, Part, Probed};

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

pub(super) fn file_columns<'a>() -> Vec<ColumnOf<&'a FileReport>> {
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

pub(super) struct PartRow<'a> {
    pub(super) path: &'a str,
    pub(super) number: usize,
    pub(super) part: &'a Part,
}

pub(super) fn part_columns<'a>() -> Vec<ColumnOf<PartRow<'a>>> {
    vec![
        text("path", |row| Some(row.path.to_owned())),
        number("row_group", |row| Some(row.number as u64)),
        number("rows", |row| Some(row.part.rows)),
        number("bytes", |row| Some(row.part.stored_bytes)),
        number("uncompressed_bytes", |row| row.part.uncompressed_bytes),
        text("codec", |row| {
            joined(&crate::inspect::contents::union(row.part.chunks.iter().flat_map(|c| &c.codecs)))
        }),
        number("bloom_filter_bytes", |row| row.part.indexes().map(|all| all.bloom_filter_bytes)),
        number("page_index_bytes", |row| row.part.indexes().map(|all| all.page_index_bytes)),
        text("file_path", |row| row.part.file.clone()),
    ]
}

pub(super) fn column_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a Column)>> {
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
        text("min", |(_, column)| column.contents.bounds.min.as_ref().map(ToString::to_string)),
        text("max", |(_, column)| column.contents.bounds.max.as_ref().map(ToString::to_string)),
        number("bloom_filters", |(_, column)| known(&column.contents, |all| all.bloom_filters)),
        number("bloom_filter_bytes", |(_, column)| {
            known(&column.contents, |all| all.bloom_filter_bytes)
        }),
        number("page_indexes", |(_, column)| known(&column.contents, |all| all.page_indexes)),
        number("page_index_bytes", |(_, column)| {
            known(&column.contents, |all| all.page_index_bytes)
        }),
        flag("is_min_value_exact", |(_, column)| column.contents.bounds.min_is_exact),
        flag("is_max_value_exact", |(_, column)| column.contents.bounds.max_is_exact),
        text("bounds_ignored", |(_, column)| reason(column.contents.bounds.ignored)),
        text("nulls_ignored", |(_, column)| reason(column.contents.nulls_ignored)),
    ]
}

pub(super) fn page_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a Page)>> {
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
        text("min", |(_, page)| page.bounds.min.as_ref().map(ToString::to_string)),
        text("max", |(_, page)| page.bounds.max.as_ref().map(ToString::to_string)),
        flag("is_min_value_exact", |(_, page)| page.bounds.min_is_exact),
        flag("is_max_value_exact", |(_, page)| page.bounds.max_is_exact),
        text("bounds_ignored", |(_, page)| reason(page.bounds.ignored)),
        text("nulls_ignored", |(_, page)| reason(page.nulls_ignored)),
        number("trailing_bytes", |(_, page)| page.trailing_bytes),
    ]
}

/// An entry of a dictionary.
pub(super) struct EntryRow<'a> {
    pub(super) path: &'a str,
    pub(super) dictionary: &'a Dictionary,
    pub(super) number: usize,
}

pub(super) fn entry_columns<'a>() -> Vec<ColumnOf<EntryRow<'a>>> {
    vec![
        text("path", |row| Some(row.path.to_owned())),
        number("row_group", |row| Some(row.dictionary.row_group)),
        text("column_name", |row| Some(row.dictionary.column.clone())),
        text("type", |row| Some(row.dictionary.type_name.clone())),
        number("entries", |row| Some(row.dictionary.entries.len() as u64)),
        number("values", |row| Some(row.dictionary.values)),
        number("bytes", |row| Some(row.dictionary.stored_bytes)),
        number("uncompressed_bytes", |row| Some(row.dictionary.uncompressed_bytes)),
        number("chunk_bytes", |row| row.dictionary.chunk_bytes),
        number("entry", |row| Some(row.number as u64)),
        number("entry_bytes", |row| row.dictionary.entries.get(row.number).map(|e| e.bytes)),
        text("value", |row| Some(row.dictionary.entries.get(row.number)?.value.to_string())),
    ]
}

pub(super) fn probe_columns<'a>() -> Vec<ColumnOf<(&'a Probed, usize)>> {
    vec![
        text("path", |(probed, _)| Some(probed.path.clone())),
        number("row_group", |(_, number)| Some(*number as u64)),
        text("column_name", |(probed, _)| Some(probed.probe.column.clone())),
        text("value", |(probed, _)| Some(probed.probe.value.clone())),
        number("rows", |(probed, number)| Some(probed.row_groups.get(*number)?.rows)),
        number("filter_bytes", |(probed, number)| probed.row_groups.get(*number)?.filter_bytes),
        flag("may_contain", |(probed, number)| probed.row_groups.get(*number)?.may_contain),
    ]
}

pub(super) struct FieldRow<'a> {
    path: &'a str,
    /// The names from the root, joined by dots.
    name: String,
    field: &'a Field,
}

pub(super) fn field_rows<'a>(
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

pub(super) fn field_columns<'a>() -> Vec<ColumnOf<FieldRow<'a>>> {
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

pub(super) fn metadata_columns<'a>() -> Vec<ColumnOf<(&'a str, &'a String, &'a Option<String>)>> {
    vec![
        text("path", |(path, _, _)| Some((*path).to_owned())),
        text("key", |(_, key, _)| Some((*key).clone())),
        text("value", |(_, _, value)| (*value).clone()),
    ]
}

/// Names joined into one text, as in tables; none if there are no names.
fn joined(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("+"))
}

/// Why a statistic is ignored, in a word.
fn reason(ignored: Option<Ignored>) -> Option<String> {
    ignored.map(|why| why.name().to_owned())
}

/// A count of indexes; none for Arrow, whose message headers have no indexes.
fn known(contents: &Contents, number: fn(&Indexes) -> u64) -> Option<u64> {
    (!contents.encodings.is_empty()).then(|| number(&contents.indexes))
}
