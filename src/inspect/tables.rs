//! Renders reports as tables for people. Cells are escaped. If the width of a terminal is given,
//! long cells are shortened to fit it; otherwise every cell is shown in full.

use super::bloom_probe::{Probed, ProbedRowGroup};
use super::cells::{self, bar, codecs, encodings, known, short_encoding, shown_ratio, shown_value};
use super::contents::ratio;
use super::dictionary::Dictionary;
use super::notes::Notes;
use super::page_chunk::Page;
use super::view_columns::{FieldRow, field_rows};
use super::{Column, FileReport, Format, Ipc, Part, Show};
use crate::text::fit::{CellsOf, Column as Of, Table, fitted};
use crate::text::{count, escaped, size};

/// The heading of the type column, which says whose type names are used: Parquet's `string` is
/// Arrow's `utf8`.
const PARQUET_TYPE: &str = "parquet type";
const ARROW_TYPE: &str = "arrow type";

/// The number of entries shown of each dictionary.
const FIRST_ENTRIES: usize = 5;

/// The details of one file, at most `width` terminal columns wide if given; nothing for
/// [`Show::Files`], [`Show::Pages`] and [`Show::Dictionary`], which `summary`, [`pages`]
/// and [`dictionaries`] show.
pub(super) fn details(report: &FileReport, show: Show, width: Option<usize>) -> Vec<String> {
    match show {
        Show::Files | Show::Pages | Show::Dictionary => Vec::new(),
        Show::RowGroups => row_groups(report, width),
        Show::Columns if report.is_parquet() => columns(report, width),
        Show::Columns => arrays(report, width),
        Show::Schema => schema(report, width),
        Show::Metadata => metadata(report, width),
    }
}

/// The heading above the details of a file, if there are several files.
pub(super) fn heading(path: &str) -> String {
    format!("{}:", escaped(path))
}

/// Some pages of a file, with the table's header if they are the first.
pub(super) fn pages(pages: &[Page], are_first: bool, width: Option<usize>) -> Vec<String> {
    let table = Table::new(vec![
        (Of::number("group"), |page: &Page| page.row_group.to_string()),
        (Of::path("column"), |page| page.column.clone()),
        (Of::number("page"), |page| page.number.to_string()),
        (Of::text("kind"), |page| page.kind.name().to_owned()),
        (Of::text("encoding").unless_narrow(5), |page| {
            page.encoding.map_or("-", short_encoding).to_owned()
        }),
        (Of::number("rows"), |page| known(page.rows, count)),
        (Of::number("values").unless_narrow(1), |page| known(page.values, count)),
        (Of::number("nulls").unless_narrow(4), |page| known(page.nulls, count)),
        (Of::number("bytes"), |page| size(page.stored_bytes)),
        (Of::number("ratio").unless_narrow(3), |page| {
            known(ratio(page.uncompressed_bytes, page.stored_bytes), shown_ratio)
        }),
        (Of::number("offset").unless_narrow(2), |page| page.offset.to_string()),
        (Of::text("crc").unless_narrow(0), |page| {
            if page.has_checksum { "yes" } else { "-" }.to_owned()
        }),
        (Of::value("min"), |page| cells::min(&page.bounds)),
        (Of::value("max"), |page| cells::max(&page.bounds)),
    ]);
    let mut lines = table.of(pages).lines(width);
    if !are_first {
        lines.truncate(1 + pages.len());
        lines.remove(0);
    }
    lines
}

/// The table of the dictionaries of one file.
pub(super) fn dictionaries() -> Table<Dictionary> {
    Table::new(vec![
        (Of::number("group"), |page| page.row_group.to_string()),
        (Of::path("column"), |page| page.column.clone()),
        (Of::text(PARQUET_TYPE).unless_narrow(0), |page| page.type_name.clone()),
        (Of::number("entries"), |page| count(page.entries.len() as u64)),
        (Of::number("bytes"), |page| size(page.stored_bytes)),
        (Of::number("ratio").unless_narrow(1), |page| {
            known(ratio(page.uncompressed_bytes, page.stored_bytes), shown_ratio)
        }),
        (Of::number("share").unless_narrow(4), |page| {
            let share = |chunk| 100.0 * page.stored_bytes as f64 / chunk as f64;
            let chunk_bytes = page.chunk_bytes.filter(|chunk| *chunk > 0);
            known(chunk_bytes.map(share), |percent| format!("{percent:.0} %"))
        }),
        (Of::number("longest").unless_narrow(3), |page| {
            known(page.entries.iter().map(|entry| entry.bytes).max(), size)
        }),
        (Of::number("values").unless_narrow(2), |page| count(page.values)),
        (Of::number("per entry"), |page| {
            known(ratio(page.values, page.entries.len() as u64), shown_ratio)
        }),
        (Of::value("first entries"), |page| {
            let first = page.entries.iter().take(FIRST_ENTRIES);
            let mut first: Vec<String> = first.map(|entry| shown_value(&entry.value)).collect();
            first.extend((page.entries.len() > FIRST_ENTRIES).then(|| "…".to_owned()));
            first.join(", ")
        }),
    ])
}

/// The bloom filter answers, one line per row group.
pub(super) fn probed(probed: &Probed, width: Option<usize>) -> Vec<String> {
    let table = Table::new(vec![
        (Of::number("row group"), |(number, _): &(usize, ProbedRowGroup)| number.to_string()),
        (Of::number("rows"), |(_, row_group)| count(row_group.rows)),
        (Of::number("filter"), |(_, row_group)| known(row_group.filter_bytes, size)),
        (Of::text("may contain the value"), |(_, row_group)| {
            known(row_group.may_contain, |may| if may { "yes" } else { "no" }.to_owned())
        }),
    ]);
    let rows: Vec<_> = probed.row_groups.iter().copied().enumerate().collect();
    table.of(&rows).lines(width)
}

/// A row group or record batch, its number, and the size of the largest.
type PartRow<'a> = (&'a Part, usize, u64);

fn row_groups(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let is_parquet = report.is_parquet();
    let number = if is_parquet { "row group" } else { "batch" };
    let mut columns: Vec<CellsOf<PartRow<'_>>> = vec![
        (Of::number(number), |(_, number, _)| number.to_string()),
        (Of::number("rows"), |(part, ..)| count(part.rows)),
        (Of::number("bytes"), |(part, ..)| size(part.stored_bytes)),
    ];
    if is_parquet {
        columns.push((Of::number("uncompressed").unless_narrow(2), |(part, ..)| {
            known(part.uncompressed_bytes, size)
        }));
        columns.push((Of::number("ratio").unless_narrow(1), |(part, ..)| {
            known(part.ratio(), shown_ratio)
        }));
    }
    if report.parts.iter().any(|part| part.file.is_some()) {
        columns.push((Of::path("file"), |(part, ..)| known(part.file.as_ref(), String::clone)));
    }
    columns.push((Of::text("").unless_narrow(0), |(part, _, largest_bytes)| {
        bar(part.stored_bytes, *largest_bytes)
    }));
    let largest_bytes = report.parts.iter().map(|part| part.stored_bytes).max().unwrap_or(0);
    let parts = report.parts.iter().enumerate();
    let rows: Vec<_> = parts.map(|(number, part)| (part, number, largest_bytes)).collect();
    Table::new(columns).of(&rows).lines(width)
}

fn columns(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let table = Table::new(vec![
        (Of::path("column"), |column: &Column| column.path.clone()),
        (Of::value(PARQUET_TYPE), |column| column.type_name.clone()),
        (Of::text("encodings").unless_narrow(2), |column| encodings(&column.contents)),
        (Of::text("codec").unless_narrow(4), |column| codecs(&column.contents.codecs)),
        (Of::number("bytes"), |column| known(column.contents.stored_bytes, size)),
        (Of::number("ratio").unless_narrow(3), |column| {
            known(column.contents.ratio(), shown_ratio)
        }),
        (Of::number("nulls").unless_narrow(5), |column| known(column.contents.nulls, count)),
        (Of::number("index").unless_narrow(1), |column| {
            let indexes = column.contents.indexes;
            known((indexes.page_indexes > 0).then_some(indexes.page_index_bytes), size)
        }),
        (Of::number("bloom").unless_narrow(0), |column| {
            let indexes = column.contents.indexes;
            known((indexes.bloom_filters > 0).then_some(indexes.bloom_filter_bytes), size)
        }),
        (Of::value("min"), |column| cells::min(&column.contents.bounds)),
        (Of::value("max"), |column| cells::max(&column.contents.bounds)),
    ]);
    let mut lines = table.of(&report.columns).lines(width);
    let mut notes = Notes::default();
    for Column { path, contents, .. } in &report.columns {
        notes.add(path, &contents.bounds, contents.nulls_ignored);
    }
    lines.extend(notes.lines());
    lines
}

/// The columns of an Arrow file or stream, whose headers state neither encodings nor min and max.
fn arrays(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let table = Table::new(vec![
        (Of::path("column"), |column: &Column| column.path.clone()),
        (Of::value(ARROW_TYPE), |column| column.type_name.clone()),
        (Of::text("codec").unless_narrow(0), |column| codecs(&column.contents.codecs)),
        (Of::number("bytes"), |column| known(column.contents.stored_bytes, size)),
        (Of::number("values").unless_narrow(1), |column| known(column.contents.values, count)),
        (Of::number("nulls"), |column| known(column.contents.nulls, count)),
    ]);
    table.of(&report.columns).lines(width)
}

fn schema(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let types = if report.is_parquet() { PARQUET_TYPE } else { ARROW_TYPE };
    let rows = field_rows(&report.fields);
    let mut columns: Vec<CellsOf<FieldRow<'_>>> = vec![
        (Of::path("field"), |row| format!("{}{}", "  ".repeat(row.depth), row.field.name)),
        (Of::value(types), |row| row.field.type_name.clone()),
        (Of::text("occurs"), |row| row.field.occurs.name().to_owned()),
    ];
    if rows.iter().any(|row| !row.field.metadata.is_empty()) {
        columns.push((Of::value("metadata"), |row| {
            let pairs = row.field.metadata.iter().map(|(key, value)| format!("{key}={value}"));
            pairs.collect::<Vec<_>>().join(" ")
        }));
    }
    Table::new(columns).of(&rows).lines(width)
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
    vec![
        ("metadata version", ipc.version.to_owned()),
        ("byte order", ipc.byte_order().to_owned()),
        ("dictionaries", counted(ipc.dictionaries, ipc.dictionary_bytes)),
    ]
}

fn counted(number: u64, bytes: u64) -> String {
    format!("{}, {}", count(number), size(bytes))
}
