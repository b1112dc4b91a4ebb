//! Reports as tables for people. Cells are escaped. Where the width of a terminal is given, long
//! cells are shortened to fit it; without one every cell is whole.

use super::contents::ratio;
use super::fit::fit;
use super::summary::codecs;
use super::value::Value;
use super::{Column, Contents, Field, FileReport, Format, Ipc, Page};
use crate::text::Align::{Left, Right};
use crate::text::{Cut, count, escaped, size, table};

/// What to show of a file in more detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// A line per file.
    Files,
    /// A line per row group or record batch.
    RowGroups,
    /// A line per stored column.
    Columns,
    /// A line per page.
    Pages,
    /// A line per field, nested ones indented.
    Schema,
    /// A line per key, after what the format itself says.
    Metadata,
}

/// The details of one file, `width` columns of a terminal wide if one is given; nothing of
/// [`Show::Files`] and [`Show::Pages`], which [`super::Summary`] and [`pages`] show.
pub fn details(report: &FileReport, show: Show, width: Option<usize>) -> Vec<String> {
    match show {
        Show::Files | Show::Pages => Vec::new(),
        Show::RowGroups => row_groups(report, width),
        Show::Columns => columns(report, width),
        Show::Schema => schema(report, width),
        Show::Metadata => metadata(report, width),
    }
}

/// The heading above the details of one file of several.
pub fn heading(path: &str) -> String {
    format!("{}:", escaped(path))
}

/// Some pages of a file, below a header if they are the first.
pub fn pages(pages: &[Page], are_first: bool, width: Option<usize>) -> Vec<String> {
    let mut rows = vec![cells([
        "row group",
        "column",
        "page",
        "kind",
        "encoding",
        "rows",
        "values",
        "nulls",
        "bytes",
        "ratio",
        "offset",
        "crc",
        "min",
        "max",
    ])];
    for page in pages {
        rows.push(vec![
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
            known(page.min.as_ref(), shown_value),
            known(page.max.as_ref(), shown_value),
        ]);
    }
    fit(&mut rows, &[(1, Cut::Middle), (12, Cut::End), (13, Cut::End)], width);
    let mut align = [Right; 14];
    for place in [1, 3, 4, 11, 12, 13] {
        align[place] = Left;
    }
    let mut lines = table(&align, &rows);
    if !are_first {
        lines.remove(0);
    }
    lines
}

fn row_groups(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let is_parquet = matches!(report.format, Format::Parquet { .. });
    let largest = report.parts.iter().map(|part| part.stored_bytes).max().unwrap_or(0);
    let mut header = cells([if is_parquet { "row group" } else { "batch" }, "rows", "bytes"]);
    let mut align = vec![Right, Right, Right];
    if is_parquet {
        header.extend(cells(["uncompressed", "ratio"]));
        align.extend([Right, Right]);
    }
    header.push(String::new());
    align.push(Left);
    let mut rows = vec![header];
    for (number, part) in report.parts.iter().enumerate() {
        let mut row = vec![number.to_string(), count(part.rows), size(part.stored_bytes)];
        if is_parquet {
            let uncompressed = part.uncompressed_bytes;
            row.push(known(uncompressed, size));
            row.push(known(uncompressed.and_then(|u| ratio(u, part.stored_bytes)), shown_ratio));
        }
        row.push(bar(part.stored_bytes, largest));
        rows.push(row);
    }
    fit(&mut rows, &[], width);
    table(&align, &rows)
}

fn columns(report: &FileReport, width: Option<usize>) -> Vec<String> {
    if !matches!(report.format, Format::Parquet { .. }) {
        return arrays(report, width);
    }
    let header = [
        "column",
        "type",
        "encodings",
        "codec",
        "bytes",
        "ratio",
        "nulls",
        "index",
        "bloom",
        "min",
        "max",
    ];
    let mut rows = vec![cells(header)];
    for Column { path, type_name, contents } in &report.columns {
        let indexes = contents.indexes;
        rows.push(vec![
            path.clone(),
            type_name.clone(),
            encodings(contents),
            codecs(&contents.codecs),
            known(contents.stored_bytes, size),
            known(contents.ratio(), shown_ratio),
            known(contents.nulls, count),
            known((indexes.page_indexes > 0).then_some(indexes.page_index_bytes), size),
            known((indexes.bloom_filters > 0).then_some(indexes.bloom_filter_bytes), size),
            known(contents.min.as_ref(), shown_value),
            known(contents.max.as_ref(), shown_value),
        ]);
    }
    let elastic = [(0, Cut::Middle), (1, Cut::End), (2, Cut::End), (9, Cut::End), (10, Cut::End)];
    fit(&mut rows, &elastic, width);
    let align = [Left, Left, Left, Left, Right, Right, Right, Right, Right, Left, Left];
    table(&align, &rows)
}

/// Headers of Arrow messages state neither encodings nor bounds.
fn arrays(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let mut rows = vec![cells(["column", "type", "codec", "bytes", "values", "nulls"])];
    for Column { path, type_name, contents } in &report.columns {
        rows.push(vec![
            path.clone(),
            type_name.clone(),
            codecs(&contents.codecs),
            known(contents.stored_bytes, size),
            known(contents.values, count),
            known(contents.nulls, count),
        ]);
    }
    fit(&mut rows, &[(0, Cut::Middle), (1, Cut::End)], width);
    table(&[Left, Left, Left, Right, Right, Right], &rows)
}

fn schema(report: &FileReport, width: Option<usize>) -> Vec<String> {
    let mut rows = vec![cells(["field", "type", "occurs", "metadata"])];
    for field in &report.fields {
        field_rows(field, 0, &mut rows);
    }
    if rows.iter().skip(1).all(|row| row[3].is_empty()) {
        rows.iter_mut().for_each(|row| row.truncate(3));
    }
    fit(&mut rows, &[(0, Cut::Middle), (1, Cut::End), (3, Cut::End)], width);
    table(&[Left, Left, Left, Left], &rows)
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
    // Parentheses set apart what is no key that a writer chose.
    let mut rows: Vec<Vec<String>> =
        facts(report).into_iter().map(|(name, value)| vec![format!("({name})"), value]).collect();
    for (key, value) in &report.metadata {
        rows.push(vec![key.clone(), value.clone().unwrap_or_default()]);
    }
    fit(&mut rows, &[(0, Cut::Middle), (1, Cut::End)], width);
    table(&[Left, Left], &rows)
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

/// Encodings in few letters: those of the data pages, if the footer tells them apart from that of
/// the dictionary. Levels are always run-length encoded or bit-packed, so these two are shown only
/// where nothing else is.
fn encodings(contents: &Contents) -> String {
    let data = contents.data_encodings.as_ref().filter(|data| !data.is_empty());
    let mut all: Vec<&str> =
        data.unwrap_or(&contents.encodings).iter().map(|name| short_encoding(name)).collect();
    let is_level = |name: &&str| matches!(*name, "rle" | "bit-packed");
    if !all.iter().all(is_level) {
        all.retain(|name| !is_level(name));
    }
    all.sort_unstable();
    all.dedup();
    all.join("+")
}

fn short_encoding(name: &str) -> &'static str {
    match name {
        "PLAIN_DICTIONARY" | "RLE_DICTIONARY" => "dict",
        "PLAIN" => "plain",
        "DELTA_BINARY_PACKED" => "delta",
        "DELTA_LENGTH_BYTE_ARRAY" => "delta-length",
        "DELTA_BYTE_ARRAY" => "delta-bytes",
        "BYTE_STREAM_SPLIT" => "split",
        "RLE" => "rle",
        _ => "bit-packed",
    }
}

/// As many signs as the share of the largest asks for; something is never nothing.
fn bar(bytes: u64, largest_bytes: u64) -> String {
    const SIGNS: f64 = 20.0;
    if bytes == 0 {
        return String::new();
    }
    let share = bytes as f64 / largest_bytes.max(1) as f64;
    "#".repeat((share * SIGNS).round().clamp(1.0, SIGNS) as usize)
}

fn shown_ratio(ratio: f64) -> String {
    if ratio < 100.0 { format!("{ratio:.1}") } else { count(ratio as u64) }
}

fn shown_value(value: &Value) -> String {
    match value {
        // Nothing at all would look like a value that is not known.
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        value => value.to_string(),
    }
}

fn known<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn cells<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}
