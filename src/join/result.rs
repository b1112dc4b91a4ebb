//! The columns of the result: their names and types.

use super::options::{How, JoinOptions};
use crate::error::{Error, Result};
use crate::expression::common_type;
use crate::schema::plain_type;
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use std::collections::HashSet;
use std::sync::Arc;

/// The names of the table's columns in the result.
///
/// # Errors
/// Names that the stream or another column has.
pub(super) fn named(
    options: &JoinOptions,
    columns: &[usize],
    stream: &Schema,
    table: &Schema,
) -> Result<Vec<(usize, String)>> {
    let own: HashSet<&str> = stream.fields().iter().map(|field| field.name().as_str()).collect();
    let JoinOptions { prefix, suffix, table_name, .. } = options;
    let name = |column: &usize| {
        let name = table.field(*column).name();
        let meets = own.contains(name.as_str());
        (*column, if meets { format!("{prefix}{name}{suffix}") } else { name.clone() })
    };
    let named: Vec<(usize, String)> = columns.iter().map(name).collect();
    let mut seen = own.clone();
    let met = named.iter().filter(|(_, name)| !seen.insert(name.as_str()));
    let met: Vec<String> = met.map(|(_, name)| format!("\"{}\"", escaped(name))).collect();
    if met.is_empty() {
        return Ok(named);
    }
    let (word, them, table) = match met.len() {
        1 => ("column", "it", escaped(table_name)),
        _ => ("columns", "them", escaped(table_name)),
    };
    let met = met.join(", ");
    Err(Error::usage(format!(
        "{word} {met} of {table} would be in the result twice; rename {them} with --prefix or \
         --suffix, or select other columns of {table} with -c"
    )))
}

/// A column of the stream in the result. Rows of the table without a partner have nulls in it, or
/// their keys.
pub(super) fn stream_field(
    options: &JoinOptions,
    pairs: &[(usize, usize)],
    place: usize,
    stream: &Schema,
    table: &Schema,
) -> Result<FieldRef> {
    let field = stream.fields()[place].clone();
    if options.how != How::Full {
        return Ok(field);
    }
    let Some((_, key)) = pairs.iter().find(|(own, _)| *own == place) else {
        return Ok(Arc::new(may_be_null(field.as_ref().clone())?));
    };
    let other = table.field(*key);
    let types = (plain_type(field.data_type()), plain_type(other.data_type()));
    let nullable = field.is_nullable() || other.is_nullable();
    let mut field = field.as_ref().clone().with_nullable(nullable);
    if types.0 != types.1
        && let Some(common) = common_type(types.0, types.1)
    {
        field = field.with_data_type(common);
    }
    Ok(Arc::new(field))
}

/// A column of the table in the result. Run-end encoded columns become plain: rows of the table
/// follow the order of the stream.
pub(super) fn table_field(field: Field, how: How) -> Result<Field> {
    let field = match field.data_type() {
        DataType::RunEndEncoded(_, values) => {
            let plain = values.data_type().clone();
            field.with_data_type(plain)
        }
        _ => field,
    };
    if how.keeps_stream() { may_be_null(field) } else { Ok(field) }
}

/// # Errors
/// A union, which has no nulls of its own.
fn may_be_null(field: Field) -> Result<Field> {
    if let DataType::Union(..) = field.data_type() {
        let name = escaped(field.name());
        return Err(Error::usage(format!(
            "column \"{name}\" is a union, which cannot be null in rows without a partner; leave it \
             out"
        )));
    }
    Ok(field.with_nullable(true))
}
