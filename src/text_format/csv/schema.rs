//! Which columns there are and of which types: by the header, by what the command line says, by a
//! sample.

use super::cells::Records;
use super::columns::Column;
use crate::endpoint::BinaryText;
use crate::error::{Error, Result};
use crate::schema::{find_columns, numbered};
use crate::text::escaped;
use crate::text_format::infer::Inferred;
use arrow::datatypes::{DataType, Field, Schema};

/// Gives each column of a header a name of its own, and says which names were changed.
pub(super) fn unique_header(names: &mut [String]) -> Option<String> {
    const MOST_TOLD: usize = 5;
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbered = numbered(&texts, 2);
    let mut told = Vec::new();
    for ((place, name), unique) in names.iter_mut().enumerate().zip(numbered) {
        let Some(unique) = unique else { continue };
        told.push(format!(
            "column {} is \"{}\" instead of \"{}\"",
            place + 1,
            escaped(&unique),
            escaped(name)
        ));
        *name = unique;
    }
    let more = told.len().saturating_sub(MOST_TOLD);
    told.truncate(MOST_TOLD);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    (!told.is_empty()).then(|| format!("the header repeats names: {}{more}", told.join(", ")))
}

/// The columns of a schema that was given, in its order; the header may have another.
///
/// # Errors
/// A schema and a header that do not name the same columns; types that text cannot hold.
pub(super) fn by_schema(
    schema: &Schema,
    names: Option<&[String]>,
    binary: BinaryText,
) -> Result<Vec<Column>> {
    let places: Vec<usize> = match names {
        Some(names) => places(schema, names)?,
        None => (0..schema.fields().len()).collect(),
    };
    let columns = schema.fields().iter().zip(places);
    columns
        .map(|(field, place)| Column::try_new(place, field.as_ref().clone(), binary, false))
        .collect()
}

/// The columns as a sample of records shows them; `types` says what some of them are.
///
/// # Errors
/// Types for columns that are not there, or that text cannot hold.
pub(super) fn by_sample(
    names: &[String],
    records: &Records<'_>,
    types: Option<&Schema>,
    binary: BinaryText,
) -> Result<Vec<Column>> {
    let mut given: Vec<Option<&Field>> = vec![None; names.len()];
    if let Some(types) = types {
        let header = Schema::new(
            names.iter().map(|name| Field::new(name, DataType::Null, true)).collect::<Vec<_>>(),
        );
        let wanted: Vec<String> = types.fields().iter().map(|field| field.name().clone()).collect();
        let places = find_columns(&header, &wanted).map_err(|e| e.with("--types"))?;
        for (place, field) in places.into_iter().zip(types.fields()) {
            given[place] = Some(field);
        }
    }
    let columns = names.iter().zip(given).enumerate();
    columns
        .map(|(place, (name, given))| match given {
            Some(field) => Column::try_new(place, field.clone(), binary, false),
            None => {
                let field = Field::new(name, inferred(records, place), true);
                Column::try_new(place, field, binary, true)
            }
        })
        .collect()
}

fn inferred(records: &Records<'_>, column: usize) -> DataType {
    let mut inferred = Inferred::Null;
    let mut scratch = String::new();
    for row in 0..records.spans.len() / records.columns {
        let text = records.field(row, column, &mut scratch);
        let is_quoted = records.spans[row * records.columns + column].is_quoted();
        let is_null = !is_quoted && records.nulls.iter().any(|null| null == text);
        // A quoted empty field is null, or a text, as the other fields will have it.
        if is_null || text.is_empty() && is_quoted {
            continue;
        }
        inferred = inferred.join(Inferred::of_text(text.trim_ascii()));
        if inferred == Inferred::Text {
            break;
        }
    }
    match inferred {
        // Nothing is known of what comes later, and text holds anything.
        Inferred::Null => DataType::Utf8,
        known => known.data_type(),
    }
}

/// Where the header has the columns of a schema.
fn places(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    let fields = schema.fields();
    if fields.len() == names.len() && fields.iter().zip(names).all(|(f, name)| f.name() == name) {
        return Ok((0..names.len()).collect());
    }
    let header = Schema::new(
        names.iter().map(|name| Field::new(name, DataType::Null, true)).collect::<Vec<_>>(),
    );
    let wanted: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    let places =
        find_columns(&header, &wanted).map_err(|e| e.with("--schema and the header differ"))?;
    match (0..names.len()).find(|place| !places.contains(place)) {
        None => Ok(places),
        Some(place) => Err(Error::usage(format!(
            "--schema and the header differ: the header has a column \"{}\", --schema has not",
            escaped(&names[place])
        ))),
    }
}
