//! The columns and their types: from the header, from the command line, or from a sample.

use super::cells::Records;
use super::columns::TargetColumn;
use super::forms::Forms;
use super::read_options::ReadOptions;
use crate::error::{Error, Result};
use crate::schema::{find_columns, numbered};
use crate::text::escaped;
use crate::text_format::infer::Inferred;
use arrow::datatypes::{DataType, Field, Schema};

/// The narrowest types of the columns of the records seen so far.
#[derive(Debug, Default)]
pub(super) struct Inference {
    columns: Vec<Inferred>,
    /// The number of records seen.
    pub(super) rows: usize,
}

impl Inference {
    /// Adds the first `rows` records.
    pub(super) fn add(&mut self, records: &Records<'_>, rows: usize, forms: &Forms) {
        self.columns.resize(self.columns.len().max(records.columns), Inferred::Null);
        let (mut scratch, mut usual) = (String::new(), String::new());
        for (place, column) in self.columns.iter_mut().take(records.columns).enumerate() {
            for row in 0..rows {
                if *column == Inferred::Text {
                    break;
                }
                let text = records.field(row, place, &mut scratch);
                // Whether a quoted empty field is null or a text depends on the other fields.
                let is_skipped = if records.span(row, place).is_quoted() {
                    text.is_empty()
                } else {
                    records.is_null(text)
                };
                if !is_skipped {
                    *column = column.join(forms.infer(text.trim_ascii(), &mut usual));
                }
            }
        }
        self.rows += rows;
    }

    /// The number of columns of the records.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The type of a column.
    pub(super) fn data_type(&self, column: usize) -> DataType {
        match self.columns.get(column) {
            // Later values are unknown, and text holds anything.
            None | Some(Inferred::Null) => DataType::Utf8,
            Some(known) => known.data_type(),
        }
    }
}

/// Makes the names of a header unique; returns a note on the names that were changed.
pub(super) fn unique_header(names: &mut [String]) -> Option<String> {
    const MOST_TOLD: usize = 5;
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbered = numbered(&texts);
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

/// The columns of a given schema, in its order; the header may have another order.
///
/// # Errors
/// A schema and a header that do not name the same columns; types that text cannot hold.
pub(super) fn by_schema(
    schema: &Schema,
    names: Option<&[String]>,
    options: &ReadOptions,
) -> Result<Vec<TargetColumn>> {
    let places: Vec<usize> = match names {
        Some(names) => places(schema, names)?,
        None => (0..schema.fields().len()).collect(),
    };
    let columns = schema.fields().iter().zip(places);
    columns
        .map(|(field, place)| TargetColumn::try_new(place, field.as_ref().clone(), options, false))
        .collect()
}

/// The columns inferred from a sample of records; `--types` gives the types of some of them.
///
/// # Errors
/// Types for columns that do not exist; types that text cannot hold.
pub(super) fn by_sample(
    names: &[String],
    inference: &Inference,
    options: &ReadOptions,
) -> Result<Vec<TargetColumn>> {
    let mut given: Vec<Option<&Field>> = vec![None; names.len()];
    if let Some(types) = &options.types {
        let places = found(types, names).map_err(|e| e.with("--types"))?;
        for (place, field) in places.into_iter().zip(types.fields()) {
            given[place] = Some(field);
        }
    }
    let columns = names.iter().zip(given).enumerate();
    columns
        .map(|(place, (name, given))| match given {
            Some(field) => TargetColumn::try_new(place, field.clone(), options, false),
            None => {
                let field = Field::new(name, inference.data_type(place), true);
                TargetColumn::try_new(place, field, options, true)
            }
        })
        .collect()
}

/// The positions of a schema's columns in the header.
fn places(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    let fields = schema.fields();
    if fields.len() == names.len() && fields.iter().zip(names).all(|(f, name)| f.name() == name) {
        return Ok((0..names.len()).collect());
    }
    let places = found(schema, names).map_err(|e| e.with("--schema and the header differ"))?;
    match (0..names.len()).find(|place| !places.contains(place)) {
        None => Ok(places),
        Some(place) => Err(Error::usage(format!(
            "--schema and the header differ: the header has a column \"{}\", --schema does not",
            escaped(&names[place])
        ))),
    }
}

/// The positions of a schema's columns among names, one for each.
fn found(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    let header: Vec<Field> =
        names.iter().map(|name| Field::new(name, DataType::Null, true)).collect();
    let wanted: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    find_columns(&Schema::new(header), &wanted)
}
