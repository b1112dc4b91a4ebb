//! Renders a report as a JSON object. Integers keep all their digits; values that JSON numbers
//! cannot hold (decimals, times, NaN) and bytes (`0x…`) are strings; unknown values are `null`.

use super::contents::ratio;
use super::value::{Value, hexadecimal};
use super::{Column, Contents, Field, FileReport, Format, Ignored, Ipc, Part};
use serde_json::{Map, Value as Json, json};

/// The whole report on a file, as an object on one line.
pub fn line(report: &FileReport) -> String {
    let mut line = Json::Object(head(report)).to_string();
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
fn head(report: &FileReport) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("path".to_owned(), json!(report.path));
    object.insert("format".to_owned(), json!(report.format.name()));
    object.insert("bytes".to_owned(), json!(report.bytes));
    object.insert("rows".to_owned(), json!(report.rows));
    describe_format(&report.format, &mut object);
    object.insert("codecs".to_owned(), json!(report.codecs));
    object.insert("warnings".to_owned(), json!(report.warnings));
    object.insert("metadata".to_owned(), key_values(&report.metadata));
    object.insert("schema".to_owned(), report.fields.iter().map(field).collect());
    object.insert("columns".to_owned(), report.columns.iter().map(column).collect());
    object
}

fn describe_format(format: &Format, object: &mut Map<String, Json>) {
    let mut insert = |key: &str, value: Json| object.insert(key.to_owned(), value);
    match format {
        Format::Parquet { version, created_by, footer_bytes } => {
            insert("version", json!(version));
            insert("created_by", json!(created_by));
            insert("footer_bytes", json!(footer_bytes));
        }
        Format::ArrowFile(ipc) => describe_ipc(ipc, insert),
        Format::ArrowStream { ipc, streams, end_marker } => {
            insert("streams", json!(streams));
            insert("end_marker", json!(end_marker));
            describe_ipc(ipc, insert);
        }
    }
}

fn describe_ipc(ipc: &Ipc, mut insert: impl FnMut(&str, Json) -> Option<Json>) {
    insert("metadata_version", json!(ipc.version));
    insert("byte_order", json!(if ipc.big_endian { "big-endian" } else { "little-endian" }));
    insert("dictionaries", json!(ipc.dictionaries));
    insert("dictionary_bytes", json!(ipc.dictionary_bytes));
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
    let mut object = Map::new();
    object.insert("path".to_owned(), json!(column.path));
    object.insert("type".to_owned(), json!(column.type_name));
    contents(&column.contents, &mut object);
    Json::Object(object)
}

fn part(part: &Part, columns: &[Column]) -> Json {
    let mut object = Map::new();
    object.insert("rows".to_owned(), json!(part.rows));
    object.insert("bytes".to_owned(), json!(part.stored_bytes));
    if let Some(file) = &part.file {
        object.insert("file_path".to_owned(), json!(file));
    }
    if let Some(uncompressed_bytes) = part.uncompressed_bytes {
        object.insert("uncompressed_bytes".to_owned(), json!(uncompressed_bytes));
        let ratio = ratio(uncompressed_bytes, part.stored_bytes);
        object.insert("ratio".to_owned(), json!(ratio));
    }
    if !part.chunks.is_empty() {
        let chunk = |(chunk, column): (&Contents, &Column)| {
            let mut object = Map::new();
            object.insert("path".to_owned(), json!(column.path));
            contents(chunk, &mut object);
            Json::Object(object)
        };
        object.insert("columns".to_owned(), part.chunks.iter().zip(columns).map(chunk).collect());
    }
    Json::Object(object)
}

fn contents(contents: &Contents, object: &mut Map<String, Json>) {
    let mut insert = |key: &str, value: Json| object.insert(key.to_owned(), value);
    insert("values", json!(contents.values));
    insert("nulls", json!(contents.nulls));
    insert("nulls_ignored", json!(contents.nulls_ignored.map(Ignored::name)));
    insert("bytes", json!(contents.stored_bytes));
    insert("uncompressed_bytes", json!(contents.uncompressed_bytes));
    insert("ratio", json!(contents.ratio()));
    insert("encodings", json!(contents.encodings));
    insert("data_encodings", json!(contents.data_encodings));
    insert("codecs", json!(contents.codecs));
    let bounds = &contents.bounds;
    insert("min", bounds.min.as_ref().map_or(Json::Null, value));
    insert("max", bounds.max.as_ref().map_or(Json::Null, value));
    insert("is_min_value_exact", json!(bounds.min_is_exact));
    insert("is_max_value_exact", json!(bounds.max_is_exact));
    insert("bounds_ignored", json!(bounds.ignored.map(Ignored::name)));
    insert("bloom_filters", json!(contents.indexes.bloom_filters));
    insert("bloom_filter_bytes", json!(contents.indexes.bloom_filter_bytes));
    insert("page_indexes", json!(contents.indexes.page_indexes));
    insert("page_index_bytes", json!(contents.indexes.page_index_bytes));
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
