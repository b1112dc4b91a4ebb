//! Finds columns by name: their positions in a schema, and errors for unknown names.

use super::unique_names::told_apart;
use crate::error::{Error, Result};
use crate::text::{did_you_mean, escaped, similar};
use arrow::datatypes::Schema;
use std::collections::HashSet;

/// The positions of columns by their exact names, or by number if no column has that name: `#2` is
/// the second column, whatever its name. In the order of the names.
///
/// # Errors
/// An unknown name (with similar ones), an ambiguous name, a name given twice. All are usage
/// errors.
pub fn locate_columns(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    distinct(names, |name| locate_column(schema, name))
}

/// The positions of columns by exact name, in the order of the names.
///
/// # Errors
/// Those of [`locate_columns`].
pub fn find_columns(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    distinct(names, |name| find_column(schema, name)?.ok_or_else(|| unknown_column(schema, name)))
}

/// The position of a column, as in [`locate_columns`].
///
/// # Errors
/// Those of [`locate_columns`].
pub(super) fn locate_column(schema: &Schema, name: &str) -> Result<usize> {
    if let Some(place) = find_column(schema, name)? {
        return Ok(place);
    }
    match column_number(name) {
        Some(number) => place_of_number(number, schema.fields().len()).map_err(Error::usage),
        None => Err(unknown_column(schema, name)),
    }
}

/// The number of a column written as `#2`.
pub(crate) fn column_number(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('#')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The position of a column by its number, starting with 1.
///
/// # Errors
/// A message: there are fewer columns.
pub(crate) fn place_of_number(number: usize, columns: usize) -> Result<usize, String> {
    let place = number.checked_sub(1).filter(|place| *place < columns);
    place.ok_or_else(|| format!("no column #{number}: columns are numbered from #1 to #{columns}"))
}

/// Finds distinct columns, one for each name.
fn distinct(names: &[String], find: impl Fn(&str) -> Result<usize>) -> Result<Vec<usize>> {
    let mut places = Vec::with_capacity(names.len());
    let mut found = HashSet::with_capacity(names.len());
    for name in names {
        let place = find(name)?;
        if !found.insert(place) {
            return Err(Error::usage(format!("column \"{}\" is given twice", escaped(name))));
        }
        places.push(place);
    }
    Ok(places)
}

fn find_column(schema: &Schema, name: &str) -> Result<Option<usize>> {
    let places = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
    match places.map(|(place, _)| place).collect::<Vec<_>>()[..] {
        [place] => Ok(Some(place)),
        [] => Ok(None),
        ref several => {
            let (name, count) = (escaped(name), several.len());
            Err(Error::usage(format!(
                "column \"{name}\" is ambiguous: {count} columns have this name ({})",
                told_apart(several)
            )))
        }
    }
}

fn unknown_column(schema: &Schema, name: &str) -> Error {
    let known = schema.fields().iter().map(|field| field.name().as_str());
    let near = similar(name, known).into_iter().map(|name| format!("\"{}\"", escaped(name)));
    let near = did_you_mean(near);
    let hint = match schema.fields().len() {
        _ if !near.is_empty() => near,
        // A few names are quickly read; for many, use `file-inspect --show schema`.
        1..=8 => {
            let all = schema.fields().iter().map(|field| format!("\"{}\"", escaped(field.name())));
            format!("; the columns are {}", all.collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    Error::usage(format!("unknown column \"{}\"{hint}", escaped(name)))
}
