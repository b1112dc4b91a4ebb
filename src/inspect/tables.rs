//! Renders reports as tables for people. Cells are escaped. If the width of a terminal is given,
//! long cells are shortened to fit it; otherwise every cell is shown in full.

use super::cells::{self, bar, encodings, known, short_encoding, shown_ratio};
use super::contents::ratio;
use super::fit::{Column as Of, fitted};
use super::notes::Notes;
use super::summary::codecs;
use super::{Column, Field, FileReport, Format, Ipc, Page, Part};
use crate::text::{count, escaped, size};

/// The level of detail to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// One line per file.
    Files,
    /// One line per row group or record batch.
    RowGroups,
    /// One line per stored column.
    Columns,
    /// One line per page.
    Pages,
    /// One line per dictionary page; for programs, one row per entry.
    Dictionary,
    /// One line per field, nested ones indented.
    Schema,
    /// One line per key, after the facts from the format itself.
    Metadata,
}

/// The heading of the type column, which says whose type names are used: Parquet's `string` is
/// Arrow's `utf8`.
pub(super) const PARQUET_TYPE: &str = "parquet type";
const ARROW_TYPE: &str = "arrow type";

/// The details of one file, at most `width` terminal columns wide if given; nothing for
/// [`Show::Files`], [`Show::Pages`] and [`Show::Dictionary`], which [`crate::inspect::Summary`],
/// [`pages`] and `dictionaries` show.
pub fn details(report: &FileReport, show: Show, width: Option<usize>) -> Vec<String> {
    match show {
        Show::Files | Show::Pages | Show::Dictionary => Vec::new(),
        Show::RowGroups => row_groups(report, width),
        Show::Columns => columns(report, width),
        Show::Schema => schema(report, width),
        Show::Metadata => metadata(report, width),
    }
}

/// The heading above the details of a file, if there are several files.
pub fn heading(path: &str) -> String {
    format!("{}:", escaped(path))
}

/// Some pages of a file, with the table's header if they are the first.
pub fn pages(pages: &[Page], are_first: bool, width: Option<usize>) -> Vec<String> {
    let columns = [
        Of::number("group"),
        Of::path("column"),
        Of::number("page"),
        Of::text("kind"),
        Of::text("encoding").unless_narrow(5),
        Of::number("rows"),
        Of::number("values").unless_narrow(1),
        Of::number("nulls").unless_narrow(4),
        Of::number("bytes"),
        Of::number("ratio").unless_narrow(3),
        Of::number("offset").unless_narrow(2),
        Of::text("crc").unless_narrow(0),
        Of::value("min"),
        Of::value("max"),
    ];
    let row = |page: &Page| {
        let [min, max] = cells::bounds(&page.bounds);
        vec![
            page.row_group.to_string(),
            page.column.clone(),
            page.number.to_string(),
            page.kind.name().to_owned(),
            page.encoding.map_or("-", short_encoding).to_owned(),
            known(page.rows, count),
            known(page.values, count),
            known(page.nulls, count),
            size(page.stored_bytes),
            known(ratio(page.uncompressed_bytes, page.stored_bytes), shown_ratio),
            page.offset.to_string(),
            if page.has_checksum { "yes" } else { "-" }.to_owned(),
            min,
            max,
        ]
    };
    let rows: Vec<_> = pages.iter().map(row).collect();
    let mut lines = fitted(&columns, &rows, width);
    if !are_first {
        lines.truncate(1 + rows.len());
        lines.remove(0);
    }
    lines
}

fn row_groups(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let is_parquet = report.is_parquet();
    let largest = report.parts.iter().map(|part| part.stored_bytes).max().unwrap_or(0);
    let number = Of::number(if is_parquet { "row group" } else { "batch" });
    let mut columns = vec![number, Of::number("rows"), Of::number("bytes")];
    if is_parquet {
        columns.push(Of::number("uncompressed").unless_narrow(2));
        columns.push(Of::number("ratio").unless_narrow(1));
    }
    let has_files = report.parts.iter().any(|part| part.file.is_some());
    if has_files {
        columns.push(Of::path("file"));
    }
    columns.push(Of::text("").unless_narrow(0));
    let row = |(number, part): (usize, &Part)| {
        let mut row = vec![number.to_string(), count(part.rows), size(part.stored_bytes)];
        if is_parquet {
            let uncompressed = part.uncompressed_bytes;
            row.push(known(uncompressed, size));
            row.push(known(uncompressed.and_then(|u| ratio(u, part.stored_bytes)), shown_ratio));
        }
        if has_files {
            row.push(part.file.clone().unwrap_or_else(|| "-".to_owned()));
        }
        row.push(bar(part.stored_bytes, largest));
        row
    };
    let rows: Vec<_> = report.parts.iter().enumerate().map(row).collect();
    fitted(&columns, &rows, width)
}

fn columns(report: &FileReport, width: Option<usize>) -> Vec<String> {
    if !report.is_parquet() {
        return arrays(report, width);
    }
    let columns = [
        Of::path("column"),
        Of::value(PARQUET_TYPE),
        Of::text("encodings").unless_narrow(2),
        Of::text("codec").unless_narrow(4),
        Of::number("bytes"),
        Of::number("ratio").unless_narrow(3),
        Of::number("nulls").unless_narrow(5),
        Of::number("index").unless_narrow(1),
        Of::number("bloom").unless_narrow(0),
        Of::value("min"),
        Of::value("max"),
    ];
    let mut notes = Notes::default();
    let row = |column: &Column| {
        let Column { path, type_name, contents } = column;
        let indexes = contents.indexes;
        notes.add(path, &contents.bounds, contents.nulls_ignored);
        let [min, max] = cells::bounds(&contents.bounds);
        vec![
            path.clone(),
            type_name.clone(),
            encodings(contents),
            codecs(&contents.codecs),
            known(contents.stored_bytes, size),
            known(contents.ratio(), shown_ratio),
            known(contents.nulls, count),
            known((indexes.page_indexes > 0).then_some(indexes.page_index_bytes), size),
            known((indexes.bloom_filters > 0).then_some(indexes.bloom_filter_bytes), size),
            min,
            max,
        ]
    };
    let rows: Vec<_> = report.columns.iter().map(row).collect();
    let mut lines = fitted(&columns, &rows, width);
    lines.extend(notes.lines());
    lines
}

/// The columns of an Arrow file or stream, whose headers state neither encodings nor min and max.
fn arrays(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let columns = [
        Of::path("column"),
        Of::value(ARROW_TYPE),
        Of::text("codec").unless_narrow(0),
        Of::number("bytes"),
        Of::number("values").unless_narrow(1),
        Of::number("nulls"),
    ];
    let row = |column: &Column| {
        let Column { path, type_name, contents } = column;
        vec![
            path.clone(),
            type_name.clone(),
            codecs(&contents.codecs),
            known(contents.stored_bytes, size),
            known(contents.values, count),
            known(contents.nulls, count),
        ]
    };
    let rows: Vec<_> = report.columns.iter().map(row).collect();
    fitted(&columns, &rows, width)
}

fn schema(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let types = if report.is_parquet() { PARQUET_TYPE } else { ARROW_TYPE };
    let mut columns =
        vec![Of::path("field"), Of::value(types), Of::text("occurs"), Of::value("metadata")];
    let mut rows = Vec::new();
    for field in &report.fields {
        field_rows(field, 0, &mut rows);
    }
    if rows.iter().all(|row| row[3].is_empty()) {
        rows.iter_mut().for_each(|row| row.truncate(3));
        columns.truncate(3);
    }
    fitted(&columns, &rows, width)
}

fn field_rows(field: &Field, depth: usize, rows: &mut Vec<Vec<String>>) {
    let pairs: Vec<String> =
        field.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    rows.push(vec![
        format!("{}{}", "  ".repeat(depth), field.name),
        field.type_name.clone(),
        field.occurs.name().to_owned(),
        pairs.join(" "),
    ]);
    for child in &field.children {
        field_rows(child, depth + 1, rows);
    }
}

fn metadata(report: &FileReport, width: Option<usize>) -> Vec<String> {
    // Parentheses mark facts that are not keys chosen by the writer.
    let facts = facts(report).into_iter().map(|(name, value)| vec![format!("({name})"), value]);
    let pairs = report.metadata.iter();
    let pairs = pairs.map(|(key, value)| vec![key.clone(), value.clone().unwrap_or_default()]);
    let rows: Vec<_> = facts.chain(pairs).collect();
    let mut lines = fitted(&[Of::path(""), Of::value("")], &rows, width);
    // The table needs no headers.
    lines.remove(0);
    lines
}

fn facts(report: &FileReport) -> Vec<(&'static str, String)> {
    match &report.format {
        Format::Parquet { version, created_by, footer_bytes } => {
            let all = report.indexes().unwrap_or_default();
            vec![
                ("format version", version.to_string()),
                ("created by", created_by.clone().unwrap_or_else(|| "-".to_owned())),
                ("footer", size(*footer_bytes)),
                ("page indexes", counted(all.page_indexes, all.page_index_bytes)),
                ("bloom filters", counted(all.bloom_filters, all.bloom_filter_bytes)),
            ]
        }
        Format::ArrowFile(ipc) => ipc_facts(ipc),
        Format::ArrowStream { ipc, streams, end_marker } => {
            let mut facts = ipc_facts(ipc);
            facts.push(("streams", count(*streams)));
            facts.push(("end marker", if *end_marker { "yes" } else { "no" }.to_owned()));
            facts
        }
    }
}

fn ipc_facts(ipc: &Ipc) -> Vec<(&'static str, String)> {
    let order = if ipc.big_endian { "big-endian" } else { "little-endian" };
    vec![
        ("metadata version", ipc.version.to_owned()),
        ("byte order", order.to_owned()),
        ("dictionaries", counted(ipc.dictionaries, ipc.dictionary_bytes)),
    ]
}

fn counted(number: u64, bytes: u64) -> String {
    format!("{}, {}", count(number), size(bytes))
}
