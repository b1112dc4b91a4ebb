//! Renders a report as a JSON object. Integers keep all their digits; values that JSON numbers
//! cannot hold (decimals, times, NaN) and bytes (`0x…`) are strings; unknown values are `null`.

use super::bounds::Ignored;
use super::contents::Contents;
use super::value::{Value, hexadecimal};
use super::{Column, Field, FileReport, Format, Part};
use serde_json::{Value as Json, json};

/// The whole report on a file, as an object on one line.
pub(super) fn line(report: &FileReport) -> String {
    let mut line = head(report).to_string();
    // A footer may have a million column chunks; a tree of JSON values of all of them would take
    // several times the memory of their text.
    line.pop();
    line.push_str(match report.format {
        Format::Parquet { .. } => ",\"row_groups\":[",
        _ => ",\"record_batches\":[",
    });
    for (number, part) in report.parts.iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        line.push_str(&self::part(part, &report.columns).to_string());
    }
    line.push_str("]}");
    line
}

/// The report without the row groups or record batches.
fn head(report: &FileReport) -> Json {
    let mut object = json!({
        "path": report.path,
        "format": report.format.name(),
        "bytes": report.bytes,
        "rows": report.rows,
    });
    match &report.format {
        Format::Parquet { version, created_by, footer_bytes } => {
            object["version"] = json!(version);
            object["created_by"] = json!(created_by);
            object["footer_bytes"] = json!(footer_bytes);
        }
        Format::ArrowFile(_) => {}
        Format::ArrowStream { streams, end_marker, .. } => {
            object["streams"] = json!(streams);
            object["end_marker"] = json!(end_marker);
        }
    }
    if let Some(ipc) = report.ipc() {
        object["metadata_version"] = json!(ipc.version);
        object["byte_order"] = json!(ipc.byte_order());
        object["dictionaries"] = json!(ipc.dictionaries);
        object["dictionary_bytes"] = json!(ipc.dictionary_bytes);
    }
    object["codecs"] = json!(report.codecs);
    object["warnings"] = json!(report.warnings);
    object["metadata"] = key_values(&report.metadata);
    object["schema"] = report.fields.iter().map(field).collect();
    object["columns"] = report.columns.iter().map(column).collect();
    object
}

fn field(field: &Field) -> Json {
    let children: Vec<Json> = field.children.iter().map(self::field).collect();
    json!({
        "name": field.name,
        "type": field.type_name,
        "occurs": field.occurs.name(),
        "children": children,
        "metadata": field_metadata(field),
    })
}

/// The key-value pairs of a field as an object.
pub(super) fn field_metadata(field: &Field) -> Json {
    let pairs = field.metadata.iter().map(|(key, value)| (key.clone(), json!(value)));
    Json::Object(pairs.collect())
}

fn column(column: &Column) -> Json {
    with_contents(json!({ "path": column.path, "type": column.type_name }), &column.contents)
}

fn part(part: &Part, columns: &[Column]) -> Json {
    let mut object = json!({ "rows": part.rows, "bytes": part.stored_bytes });
    if let Some(file) = &part.file {
        object["file_path"] = json!(file);
    }
    if let Some(uncompressed_bytes) = part.uncompressed_bytes {
        object["uncompressed_bytes"] = json!(uncompressed_bytes);
        object["ratio"] = json!(part.ratio());
    }
    if !part.chunks.is_empty() {
        let chunks = part.chunks.iter().zip(columns);
        let chunk = |(chunk, column): (&Contents, &Column)| {
            with_contents(json!({ "path": column.path }), chunk)
        };
        object["columns"] = chunks.map(chunk).collect();
    }
    object
}

fn with_contents(mut object: Json, contents: &Contents) -> Json {
    object["values"] = json!(contents.values);
    object["nulls"] = json!(contents.nulls);
    object["nulls_ignored"] = json!(contents.nulls_ignored.map(Ignored::name));
    object["bytes"] = json!(contents.stored_bytes);
    object["uncompressed_bytes"] = json!(contents.uncompressed_bytes);
    object["ratio"] = json!(contents.ratio());
    object["encodings"] = json!(contents.encodings);
    object["data_encodings"] = json!(contents.data_encodings);
    object["codecs"] = json!(contents.codecs);
    let bounds = &contents.bounds;
    object["min"] = bounds.min.as_ref().map_or(Json::Null, value);
    object["max"] = bounds.max.as_ref().map_or(Json::Null, value);
    object["is_min_value_exact"] = json!(bounds.min_is_exact);
    object["is_max_value_exact"] = json!(bounds.max_is_exact);
    object["bounds_ignored"] = json!(bounds.ignored.map(Ignored::name));
    object["bloom_filters"] = json!(contents.indexes.bloom_filters);
    object["bloom_filter_bytes"] = json!(contents.indexes.bloom_filter_bytes);
    object["page_indexes"] = json!(contents.indexes.page_indexes);
    object["page_index_bytes"] = json!(contents.indexes.page_index_bytes);
    object
}

fn value(value: &Value) -> Json {
    match value {
        Value::Boolean(value) => json!(value),
        Value::Signed(value) => json!(value),
        Value::Unsigned(value) => json!(value),
        Value::Float64(number) if number.is_finite() => json!(number),
        // Through its shortest decimal form: a 32-bit 0.1 should not read 0.10000000149011612.
        Value::Float32(number) if number.is_finite() => {
            number.to_string().parse::<f64>().map_or(Json::Null, |number| json!(number))
        }
        Value::Binary(bytes) => json!(hexadecimal(bytes)),
        other => json!(other.to_string()),
    }
}

/// Key-value pairs as a list, because Parquet allows duplicate keys.
fn key_values(metadata: &[(String, Option<String>)]) -> Json {
    metadata.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_all_digits() {
        assert_eq!(value(&Value::Signed(i64::MIN)).to_string(), "-9223372036854775808");
        assert_eq!(value(&Value::Unsigned(u64::MAX)).to_string(), "18446744073709551615");
    }

    #[test]
    fn values_that_are_not_json_numbers_are_strings() {
        assert_eq!(value(&Value::Float64(f64::INFINITY)), json!("inf"));
        assert_eq!(value(&Value::Float32(0.1)).to_string(), "0.1");
        assert_eq!(value(&Value::Binary(b"ab".to_vec())), json!("0x6162"));
        assert_eq!(value(&Value::Date(0)), json!("1970-01-01"));
    }
}
