//! The choice of columns to dictionary-encode or run-end encode, made from footers before anything
//! is decoded, so that the schema is known before the first batch.

use super::column_counts::ColumnCounts;
use super::output_encoding::OutputEncoding;
use crate::error::{Error, Result};
use crate::schema::{Encoding, Kept, Projection, encoded_field, locate_columns};
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The columns to encode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EncodedColumns {
    /// No columns, unless the reader of the stream tells that it understands encodings.
    #[default]
    IfUnderstood,
    /// No columns.
    None,
    /// Those for which encoding saves at least half of the bytes.
    Auto,
    /// The output columns with these names.
    Named(Vec<String>),
}

impl EncodedColumns {
    /// Whether no column is encoded for a reader that is not known.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::IfUnderstood | Self::None)
    }

    /// The choice for a reader that understands encodings; `None` if the choice was made.
    pub(crate) fn understood(&self) -> Option<Self> {
        match self {
            Self::IfUnderstood => Some(Self::Auto),
            Self::None => Some(Self::None),
            Self::Auto | Self::Named(_) => None,
        }
    }
}

/// Chooses the encoding of each output column. Returns the schema with the encoded columns marked,
/// and the encoding of each kept column, in the order of the file. `counts` are by column name; `is_constant` says
/// whether the column with an index in the schema has one value per file.
///
/// # Errors
/// A named column that is unknown, nested or already encoded.
pub(crate) fn encodings(
    projection: &Projection,
    dictionary: &EncodedColumns,
    runs: &EncodedColumns,
    counts: &BTreeMap<String, ColumnCounts>,
    is_constant: impl Fn(usize) -> bool,
) -> Result<(SchemaRef, Vec<OutputEncoding>)> {
    let schema = projection.schema();
    let mut output_encodings = vec![OutputEncoding::Plain; projection.kept().len()];
    if dictionary.is_none() && runs.is_none() {
        return Ok((schema.clone(), output_encodings));
    }
    let named_runs = named(schema, runs, "--runs")?;
    let named_dictionary = named(schema, dictionary, "--dictionary")?;
    if let Some(both) = named_runs.iter().find(|place| named_dictionary.contains(place)) {
        let name = escaped(schema.field(*both).name());
        let why =
            format!("column \"{name}\" is in both --runs and --dictionary: choose one of them");
        return Err(Error::usage(why));
    }
    let columns: Vec<usize> = projection.kept().keys().copied().collect();
    let mut fields: Vec<FieldRef> = schema.fields().to_vec();
    let nothing = ColumnCounts::default();
    for (place, field) in fields.iter_mut().enumerate() {
        let kept = projection.order().map_or(place, |order| order[place]);
        let column = columns[kept];
        let is_whole = projection.kept().get(&column) == Some(&Kept::Whole);
        // One value per file is one run, and a dictionary of one value: encoding always pays.
        let is_constant = is_constant(column);
        let known = counts.get(field.name()).filter(|_| !is_constant).unwrap_or(&nothing);
        let pays = |pays: bool| is_constant || pays;
        let shape = if named_runs.contains(&place) {
            OutputEncoding::Runs
        } else if named_dictionary.contains(&place) {
            OutputEncoding::Dictionary(known.key_type())
        } else if !is_whole || !can_be_encoded(field) {
            OutputEncoding::Plain
        } else if *runs == EncodedColumns::Auto && pays(known.runs_pay(field.data_type())) {
            OutputEncoding::Runs
        } else if *dictionary == EncodedColumns::Auto
            && pays(known.dictionary_pays(field.data_type()))
        {
            OutputEncoding::Dictionary(known.key_type())
        } else {
            OutputEncoding::Plain
        };
        let encoding = match &shape {
            OutputEncoding::Plain => continue,
            OutputEncoding::Runs => Encoding::Runs,
            OutputEncoding::Dictionary(key) => Encoding::Dictionary(key.clone()),
        };
        *field = Arc::new(encoded_field(field, &encoding));
        output_encodings[kept] = shape;
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    Ok((Arc::new(schema), output_encodings))
}

/// The indices of named columns.
fn named(schema: &Schema, columns: &EncodedColumns, option: &str) -> Result<Vec<usize>> {
    let EncodedColumns::Named(names) = columns else { return Ok(Vec::new()) };
    let places = locate_columns(schema, names).map_err(|error| error.with(option))?;
    for field in places.iter().map(|place| schema.field(*place)) {
        if !can_be_encoded(field) {
            let (name, data_type) = (escaped(field.name()), field.data_type());
            let what = field.extension_type_name().map_or_else(
                || data_type.to_string(),
                |extension| format!("{data_type} as {}", escaped(extension)),
            );
            return Err(Error::usage(format!(
                "{option}: column \"{name}\" is {what}: only columns that are neither nested nor \
                 already encoded can be encoded"
            )));
        }
    }
    Ok(places)
}

/// Excludes extension types: software that knows one knows its storage type, and refuses any other.
fn can_be_encoded(field: &Field) -> bool {
    use DataType as T;
    let is_plain = !matches!(field.data_type(), T::Dictionary(..) | T::RunEndEncoded(..) | T::Null);
    is_plain && !field.data_type().is_nested() && field.extension_type_name().is_none()
}
