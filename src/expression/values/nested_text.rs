//! Lists, structs and maps as text in DuckDB's format: `[1, NULL]`, `{'a': x}`, `{k=v}`.

use super::kind::{Kind, plain_array};
use super::lists::ranges;
use super::value_text;
use crate::schema::{element_field, holds};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field};
use std::ops::Range;

/// Whether values of a type have a text form.
pub(crate) fn has_text(data_type: &DataType) -> bool {
    !holds(data_type, |inner| matches!(inner, DataType::Union(..)))
}

/// The text of each row's list, struct or map. None if the type has no text form.
pub(crate) fn texts(array: &ArrayRef) -> Option<Vec<String>> {
    match array.data_type() {
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().zip(fields);
            let columns = columns.map(|(column, field)| parts(column, field, 0..column.len()));
            let columns = columns.collect::<Option<Vec<_>>>()?;
            let names: Vec<String> = fields.iter().map(|field| quoted(field.name())).collect();
            let text = |row: usize| {
                let parts = names.iter().zip(&columns);
                let parts = parts.map(|(name, column)| format!("{name}: {}", column[row]));
                format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
            };
            Some((0..array.len()).map(text).collect())
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let [key, value] = map.entries().fields().as_ref() else { return None };
            let offsets = map.value_offsets();
            let used = offsets[0] as usize..offsets[array.len()] as usize;
            let keys = parts(map.keys(), key, used.clone())?;
            let values = parts(map.values(), value, used.clone())?;
            let text = |row: usize| {
                let range =
                    offsets[row] as usize - used.start..offsets[row + 1] as usize - used.start;
                let entries = range.map(|entry| format!("{}={}", keys[entry], values[entry]));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            };
            Some((0..array.len()).map(text).collect())
        }
        list => {
            let field = element_field(list)?;
            let (elements, range) = ranges(array)?;
            let all = (0..array.len()).map(&range).filter(|range| !range.is_empty());
            let used = all.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0);
            let parts = parts(&elements, field, used.clone())?;
            let text = |row: usize| {
                let range = range(row);
                // An empty list may start anywhere.
                if range.is_empty() {
                    return "[]".to_owned();
                }
                format!("[{}]", parts[range.start - used.start..range.end - used.start].join(", "))
            };
            Some((0..array.len()).map(text).collect())
        }
    }
}

/// The texts of the values in a range, quoted if they could be misread.
fn parts(array: &ArrayRef, field: &Field, range: Range<usize>) -> Option<Vec<String>> {
    let array = plain_array(&array.slice(range.start, range.len())).ok()?;
    let text = value_text::field_texts(&array, field)?;
    let nulls = array.logical_nulls();
    let is_nested = matches!(Kind::of(array.data_type()), Kind::Other);
    let part = |row: usize| {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return "NULL".to_owned();
        }
        let text = text(row);
        if !is_nested && needs_quotes(&text) { quoted(&text) } else { text }
    };
    Some((0..array.len()).map(part).collect())
}

fn needs_quotes(text: &str) -> bool {
    let has_mark = text.contains(|letter| "[]{}(),:='\"\\".contains(letter));
    let has_blank =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_whitespace());
    text.is_empty()
        || has_mark
        || has_blank(text.chars().next())
        || has_blank(text.chars().next_back())
        || text.eq_ignore_ascii_case("null")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for letter in text.chars() {
        if letter == '\'' || letter == '\\' {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('\'');
    quoted
}
