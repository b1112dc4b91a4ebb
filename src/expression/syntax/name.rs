//! Finds the column that a name refers to.
//!
//! An unquoted name matches a column exactly, else the only column that matches regardless of case;
//! a quoted name matches exactly. A whole column name takes precedence over a dotted path into
//! structs.

use super::error_place::Source;
use crate::error::{Error, Result};
use crate::expression::values::kind::describe;
use crate::schema::{column_number, place_of_number, told_apart};
use crate::text::{did_you_mean, escaped, similar};
use arrow::datatypes::{DataType, Field, Fields, Schema};
use sqlparser::ast::Ident;

/// A column, or a field inside a struct column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The top-level column's index in the schema.
    pub(crate) column: usize,
    /// The path into structs: the index of the field at each level.
    pub(crate) path: Vec<usize>,
    /// The type of the column or field.
    pub(crate) data_type: DataType,
}

/// Resolves a name of one or more parts (`price`, `address.city`).
///
/// # Errors
/// An unknown or ambiguous name: exit status 2, with a caret and similar names.
pub(crate) fn resolve(source: &Source<'_>, parts: &[Ident], schema: &Schema) -> Result<Found> {
    if let Some(whole) = whole_name(source, parts, schema)? {
        return Ok(whole);
    }
    let Some((first, rest)) = parts.split_first() else {
        return Err(Error::usage("empty name"));
    };
    let column = field(source, schema.fields(), first, WayOut::Columns)?
        .ok_or_else(|| unknown(source, &joined(parts), schema.fields(), ("column", TEXT_HINT)))?;
    let mut data_type = schema.field(column).data_type();
    let mut path = Vec::with_capacity(rest.len());
    for part in rest {
        let DataType::Struct(fields) = data_type else {
            let message = format!(
                "unknown field \"{}\": {} is {}, not a struct",
                escaped(&part.value),
                escaped(&first.value),
                describe(data_type)
            );
            return Err(source.error_at(part.span, message));
        };
        let place = field(source, fields, part, WayOut::None)?
            .ok_or_else(|| unknown(source, part, fields, ("field", "")))?;
        path.push(place);
        data_type = fields[place].data_type();
    }
    Ok(Found { column, path, data_type: data_type.clone() })
}

/// The index of the field that a name refers to, among the fields of one level.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn place_of(source: &Source<'_>, fields: &Fields, name: &Ident) -> Result<usize> {
    field(source, fields, name, WayOut::Columns)?
        .ok_or_else(|| unknown(source, name, fields, ("column", "")))
}

/// The names, as the schema spells them, on the path to a column or field; None if it is not found.
pub(crate) fn own_names(parts: &[Ident], schema: &Schema) -> Option<Vec<String>> {
    let found = resolve(&Source::new(""), parts, schema).ok()?;
    let mut field = schema.field(found.column);
    let mut names = vec![field.name().clone()];
    for place in found.path {
        let DataType::Struct(children) = field.data_type() else { return None };
        field = &children[place];
        names.push(field.name().clone());
    }
    Some(names)
}

/// A column itself may be named `a.b`.
fn whole_name(source: &Source<'_>, parts: &[Ident], schema: &Schema) -> Result<Option<Found>> {
    if parts.len() > 1 && parts.iter().any(|part| part.quote_style.is_some()) {
        return Ok(None);
    }
    let whole = joined(parts);
    let Some(column) = field(source, schema.fields(), &whole, WayOut::Columns)? else {
        return Ok(None);
    };
    let data_type = schema.field(column).data_type().clone();
    Ok(Some(Found { column, path: Vec::new(), data_type }))
}

/// The parts as one name, at the place of the first.
fn joined(parts: &[Ident]) -> Ident {
    let names: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
    Ident { value: names.join("."), ..parts[0].clone() }
}

/// The advice that an error gives about a duplicate name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayOut {
    /// None: no option makes names inside structs unique.
    None,
    /// Columns have numbers, and tools can make their names unique.
    Columns,
}

/// The field with a name or a number: `#2` is the second one unless a field has that name.
fn field(
    source: &Source<'_>,
    fields: &Fields,
    name: &Ident,
    way_out: WayOut,
) -> Result<Option<usize>> {
    let places = |same: &dyn Fn(&Field) -> bool| -> Vec<usize> {
        fields.iter().enumerate().filter(|(_, field)| same(field)).map(|(i, _)| i).collect()
    };
    let exact = places(&|field| *field.name() == name.value);
    if let [place] = exact[..] {
        return Ok(Some(place));
    }
    if exact.len() > 1 {
        let hint = match way_out {
            WayOut::None => String::new(),
            WayOut::Columns => format!(" ({})", told_apart(&exact)),
        };
        let message = format!(
            "\"{}\" is ambiguous: {} columns have this name{hint}",
            escaped(&name.value),
            exact.len()
        );
        return Err(source.error_at(name.span, message));
    }
    if name.quote_style.is_some() {
        return Ok(None);
    }
    if let Some(number) = column_number(&name.value) {
        let place = place_of_number(number, fields.len());
        return place.map(Some).map_err(|message| source.error_at(name.span, message));
    }
    let lower = name.value.to_lowercase();
    let alike = places(&|field| field.name().to_lowercase() == lower);
    if alike.len() > 1 {
        let names: Vec<String> =
            alike.iter().map(|place| format!("\"{}\"", escaped(fields[*place].name()))).collect();
        let message = format!(
            "{} is ambiguous: it may be {}; quote the one you mean",
            escaped(&name.value),
            names.join(", ")
        );
        return Err(source.error_at(name.span, message));
    }
    Ok(alike.first().copied())
}

/// Where a value is allowed, an unknown name may be text without its quotes.
const TEXT_HINT: &str = "; write text in single quotes";

/// An unknown name: the kind of thing it should be, and the hint if no name is similar.
fn unknown(
    source: &Source<'_>,
    name: &Ident,
    fields: &Fields,
    (what, otherwise): (&str, &str),
) -> Error {
    let near = similar(&name.value, fields.iter().map(|field| field.name().as_str()));
    let mut message = format!("unknown {what} \"{}\"", escaped(&name.value));
    if near.is_empty() {
        message.push_str(otherwise)
    } else {
        let near = near.iter().map(|name| format!("\"{}\"", escaped(name)));
        message.push_str(&did_you_mean(near));
    }
    source.error_at(name.span, message)
}
