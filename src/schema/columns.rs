//! Columns by name: their places in a schema, and what to say of a name that is none.

use super::unique_names::UNIQUE_NAMES;
use crate::error::{Error, Result};
use crate::text::{escaped, similar};
use arrow::datatypes::Schema;

/// The places of columns named exactly, in the order of the names.
///
/// # Errors
/// An unknown name (with those that resemble it), a name that two columns have, a name given twice.
/// All are faults of the command line.
pub fn find_columns(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let place = find_column(schema, name)?;
        if places.contains(&place) {
            return Err(Error::usage(format!("column \"{}\" is given twice", escaped(name))));
        }
        places.push(place);
    }
    Ok(places)
}

fn find_column(schema: &Schema, name: &str) -> Result<usize> {
    let places = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
    match places.map(|(place, _)| place).collect::<Vec<_>>()[..] {
        [place] => Ok(place),
        [] => Err(unknown_column(schema, name)),
        ref several => {
            let (name, count) = (escaped(name), several.len());
            Err(Error::usage(format!(
                "column \"{name}\" is ambiguous: {count} columns have this name ({UNIQUE_NAMES})"
            )))
        }
    }
}

fn unknown_column(schema: &Schema, name: &str) -> Error {
    let known = schema.fields().iter().map(|field| field.name().as_str());
    let near = similar(name, known).into_iter().map(|name| format!("\"{}\"", escaped(name)));
    let near = near.collect::<Vec<_>>().join(", ");
    let hint = match schema.fields().len() {
        _ if !near.is_empty() => format!("; similar: {near}"),
        // A few names are quickly read; of many, file-inspect --show schema tells all.
        1..=8 => {
            let all = schema.fields().iter().map(|field| format!("\"{}\"", escaped(field.name())));
            format!("; there are {}", all.collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    Error::usage(format!("no column \"{}\"{hint}", escaped(name)))
}
